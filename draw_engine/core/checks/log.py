"""Checks 4 to 9: what the log and its witnesses say, and when they said it."""

from itertools import pairwise

from draw_engine.core.checks.case import Case, Fails, Seen, ensure
from draw_engine.core.forms import SAFE
from draw_engine.core.manifest import handle, manifest_hash
from foundation.digest import canon
from foundation.ledger.note import (
    NoteUnreadable,
    SignedNote,
    cosigned_at,
    log_signed,
    read_note,
)
from foundation.ledger.tree import leaf_hash, verify_consistency, verify_inclusion


def checkpoint_signed(case: Case) -> None:
    """Each note: our log's, signed by it, by every required witness and by enough of them."""
    ensure(bool(case.bundle["checkpoints"]), "no checkpoint")
    for number, checkpoint in enumerate(case.bundle["checkpoints"]):
        try:
            case.seen.append(_seen(case, read_note(checkpoint["note"])))
        except NoteUnreadable as bad:
            raise Fails(f"checkpoint {number}: {bad.facts['why']}") from bad
        except Fails as bad:
            raise Fails(f"checkpoint {number}: {bad}") from bad


def _seen(case: Case, note: SignedNote) -> Seen:
    policy, text = case.policy, note.checkpoint
    ensure(text.origin == policy.origin, "another origin")
    ensure(text.size <= SAFE, "a size beyond 2^53")
    ensure(log_signed(note, policy.origin, policy.log_key), "no signature of the log")
    counted = []
    for witness in policy.witnesses:
        at = cosigned_at(note, witness.name, witness.key)
        ensure(at is not None or not witness.required, f"{witness.name} did not cosign")
        if at is not None:
            ensure(at <= SAFE, "a time beyond 2^53")
            counted.append((at, witness.body))
    ensure(len(counted) >= policy.quorum, "too few cosignatures")
    # A line that nobody of the policy made could be altered unseen: bundles carry none.
    ensure(len(note.signatures) == 1 + len(counted), "a signature of nobody in the policy")
    times = tuple(at for at, _ in counted)
    return Seen(text.size, text.root, times, frozenset(body for _, body in counted))


def checkpoint_consistent(case: Case) -> None:
    """Each checkpoint extends the one before."""
    proofs = [[bytes.fromhex(h) for h in c["consistency"]] for c in case.bundle["checkpoints"]]
    ensure(not proofs[0], "the first checkpoint has nothing to be consistent with")
    pairs = zip(pairwise(case.seen), proofs[1:], strict=True)
    for number, ((old, new), proof) in enumerate(pairs, start=1):
        ensure(old.size < new.size, f"checkpoint {number} is not larger")
        holds = verify_consistency(old.size, new.size, old.root, new.root, proof)
        ensure(holds, f"checkpoint {number} does not extend the one before")


def entry_included(case: Case) -> None:
    """Each entry stands in the last checkpoint, at its index."""
    last = case.seen[-1]
    entries = case.bundle["entries"]
    ensure(all(a["index"] < b["index"] for a, b in pairwise(entries)), "indices not ascending")
    for entry in entries:
        leaf = leaf_hash(canon(entry["body"]))
        path = [bytes.fromhex(node) for node in entry["path"]]
        holds = verify_inclusion(leaf, entry["index"], last.size, path, last.root)
        ensure(holds, f"entry {entry['index']} is not in the log")


def entry_manifest(case: Case) -> None:
    """M stands in the log once, under the section's handle, and was not aborted."""
    found = list(case.entries("manifest"))
    ensure(len(found) == 1, "M is not in the log exactly once")
    index, body = found[0]
    ensure(body["handle"] == _handle(case), "the handle does not open")
    ensure(not list(case.entries("abort")), "the draw was aborted")
    case.freeze_index, case.freeze_size = index, case.holding(index).size


def draw_sequence(case: Case) -> None:
    """All earlier draws of the section are shown, linked, and ended."""
    before = case.bundle["draws_before"]
    draw = case.manifest.draw
    ensure(len(before) == draw.seq - 1, "draws before are missing")
    previous = ""
    for seq, manifest in enumerate(before, start=1):
        name = manifest["draw"]
        ensure(
            name
            == {"project": draw.project, "section": draw.section, "seq": seq, "prev": previous},
            f"draw {seq} is not linked",
        )
        digest = manifest_hash(manifest)
        _ended(case, seq, digest)
        previous = digest.hex()
    ensure(draw.prev.hex() == previous, "prev is another draw")


def _ended(case: Case, seq: int, m: bytes) -> None:
    shown = [body["handle"] for _, body in case.entries("manifest", m)]
    ensure(shown == [_handle(case)], f"draw {seq} is not in the log under this handle")
    aborts = [index for index, _ in case.entries("abort", m)]
    ensure(bool(aborts) or bool(list(case.entries("unseal", m))), f"draw {seq} did not end")
    for entry in case.bundle["entries"]:
        late = bool(aborts) and entry["index"] > aborts[0]
        if late and entry["body"].get("M") == m.hex():
            ensure(entry["body"]["type"] == "unseal", f"draw {seq} went on after its abort")


def snapshot_age(case: Case) -> None:
    """The snapshot was in the log long enough before the freeze."""
    head = case.manifest.snapshot
    found = [
        entry["index"]
        for entry in case.bundle["entries"]
        if entry["body"]["type"] == "snapshot"
        and (entry["body"]["n"], entry["body"]["root"]) == (head.n, head.root.hex())
    ]
    ensure(len(found) == 1, "the snapshot is not in the log exactly once")
    ready = case.newest(found[0]) + case.policy.times.cool
    ensure(ready <= case.oldest(case.freeze_index), "the snapshot was too young")


def _handle(case: Case) -> str:
    draw = case.manifest.draw
    salt = bytes.fromhex(case.bundle["handle_salt"])
    return handle(salt, draw.project, draw.section).hex()
