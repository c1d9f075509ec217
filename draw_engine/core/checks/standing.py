"""Checks 19 to 21: what the draw may be called, who the members are, what may be left out."""

from itertools import pairwise
from typing import Any

from draw_engine.core import forms
from draw_engine.core.checks.case import Case, Fails, Outcome, PublicLog, Seen, ensure
from draw_engine.core.manifest import DiceInput, DrandInput
from draw_engine.core.snapshot import identity_hash, leaf_of, qualification_hash
from draw_engine.core.w256 import verify_proof
from foundation.digest import NotCanonical, canon, parse_canon
from foundation.ledger.note import NoteUnreadable, log_signed, read_note
from foundation.ledger.tree import leaf_hash, root_of_tail, verify_consistency

ASSURANCE = ("none", "basic", "full")
FULL_INPUTS = 3
FULL_BODIES = 2


def assurance_met(case: Case) -> None:
    """The label promises no more than the computed value."""
    case.assurance = computed_assurance(case)
    if not case.test:
        promised = ASSURANCE.index(case.policy.assurance)
        ensure(promised <= ASSURANCE.index(case.assurance), f"it is only {case.assurance}")


def computed_assurance(case: Case) -> str:
    """The highest line of SPEC.md section 5 that holds: none, basic or full."""
    if case.test or not _basic(case):
        return "none"
    return "full" if _full(case) else "basic"


def _basic(case: Case) -> bool:
    policy = case.policy
    bodies = {holder.body for holder in _chain_holders(case)}
    outside = any(w.required and w.body != policy.operator for w in policy.witnesses)
    return len(bodies) >= 2 and outside


def _full(case: Case) -> bool:
    manifest, policy = case.manifest, case.policy
    own = {holder.body for holder in _chain_holders(case) if holder.home == "own"}
    drand = any(isinstance(item, DrandInput) for item in manifest.inputs)
    dice = any(isinstance(item, DiceInput) for item in manifest.inputs)
    near = {"", policy.operator} | {w.body for w in policy.witnesses if w.required}
    return (
        len(own) + drand + dice >= FULL_INPUTS
        and (drand or bool(manifest.escrow))
        and (not manifest.seal_party or bool(manifest.escrow))
        and all(len(seen.bodies) >= FULL_BODIES and seen.bodies - near for seen in case.seen)
        and not case.beacon_unchecked
    )


def _chain_holders(case: Case) -> list[Any]:
    holders = (case.policy.holder(chain.party) for chain in case.manifest.chains)
    return [holder for holder in holders if holder is not None]


def member_named(case: Case) -> Outcome | None:
    """Given identities are those of the final members, from the snapshot, and fit their slots."""
    named = _joined(case)
    if case.asked.identities is not None:
        named += _separate(case, case.asked.identities)
    if not named:
        return Outcome.WITHHELD
    for member in named:
        _named(case, member)
    # One person under two pseudonyms would pass the rule on equal tags.
    indices = {(m["slot"], m["position"]): m["snapshot"]["index"] for m in named}
    ensure(len(set(indices.values())) == len(indices), "one expert in two seats")
    return None


def _separate(case: Case, data: bytes) -> list[dict[str, Any]]:
    try:
        file: Any = parse_canon(data)
    except NotCanonical as bad:
        raise Fails("the file of identities is not canonical") from bad
    ensure(forms.fits(forms.IDENTITIES, file), "the file of identities has another form")
    ensure(file["M"] == case.m.hex(), "identities of another draw")
    members: list[dict[str, Any]] = file["members"]
    places = [(member["slot"], member["position"]) for member in members]
    ensure(all(a < b for a, b in pairwise(places)), "members not ascending")
    return members


def _joined(case: Case) -> list[dict[str, Any]]:
    """All final members, taken out of a joined test bundle; its proofs stand in seat order."""
    proofs = {(proof["slot"], proof["position"]): proof for proof in case.bundle["snapshot_proofs"]}
    joined = [opening for opening in case.bundle["openings"] if "identity" in opening]
    if not proofs and not joined:
        return []
    ensure(list(proofs) == case.places, "snapshot proofs of other places than the seats")
    ensure(len(proofs) == len(case.bundle["snapshot_proofs"]), "a snapshot proof twice")
    ensure({(o["slot"], o["position"]) for o in joined} == proofs.keys(), "a snapshot proof")
    return [{**o, "snapshot": proofs[o["slot"], o["position"]]} for o in joined]


def _named(case: Case, member: dict[str, Any]) -> None:
    place = (member["slot"], member["position"])
    ensure(place in case.places, "an identity of somebody who is not a final member")
    identity, qualification = canon(member["identity"]), canon(member["qualification"])
    opening = next(o for o in case.bundle["openings"] if (o["slot"], o["position"]) == place)
    if "F_id" in opening:
        f_id = identity_hash(bytes.fromhex(member["salt_id"]), identity)
        f_q = qualification_hash(bytes.fromhex(member["salt_q"]), qualification)
        ensure(opening["F_id"] == f_id.hex(), f"identity of slot {place[0]} position {place[1]}")
        ensure(opening["F_q"] == f_q.hex(), f"qualification of slot {place[0]}")
    _in_snapshot(case, member["snapshot"], identity, qualification, opening["region"])
    codes, title = _codes_and_title(case, member["qualification"])
    holds = case.manifest.slots[place[0]].where.holds(codes, opening["region"], title)
    ensure(holds, f"a member of slot {place[0]} does not fit it")


def _in_snapshot(
    case: Case, inner: dict[str, Any], identity: bytes, qualification: bytes, region: int
) -> None:
    leaf = leaf_of(
        f_id=identity_hash(bytes.fromhex(inner["salt_id"]), identity),
        f_q=qualification_hash(bytes.fromhex(inner["salt_q"]), qualification),
        salt_a=bytes.fromhex(inner["salt_a"]),
        tag=bytes.fromhex(inner["tag"]),
        org=bytes.fromhex(inner["org"]),
        region=region,
    )
    proof = [[bytes.fromhex(node) for node in chunk] for chunk in inner["proof"]]
    head = case.manifest.snapshot
    ensure(verify_proof(leaf, inner["index"], head.n, proof, head.root), "not in the snapshot")


def _codes_and_title(case: Case, qualification: dict[str, Any]) -> tuple[list[str], str]:
    shape = forms.QUALIFICATION_TEST if case.test else forms.QUALIFICATION
    ensure(forms.fits(shape, qualification), "a qualification of another form")
    return qualification["codes"], qualification.get("title", "")


def log_complete(case: Case) -> Outcome | None:
    """On line: the log has grown from the bundle's last checkpoint, and hides nothing before it.

    A file proves what it holds, not what it leaves out: off line this stays open.
    """
    log = case.asked.log
    if log is None:
        return Outcome.NOT_CHECKED
    last = case.seen[-1]
    size = _grown(case, log, last)
    data = log.entries(case.freeze_index, last.size, size)
    freeze = next(e for e in case.bundle["entries"] if e["index"] == case.freeze_index)
    path = [bytes.fromhex(node) for node in freeze["path"]]
    root = root_of_tail([leaf_hash(one) for one in data], case.freeze_index, path)
    enough = len(data) == last.size - case.freeze_index
    ensure(enough and root == last.root, "the log gives other entries than were signed")
    held = {entry["index"] for entry in case.bundle["entries"]}
    for index, one in enumerate(data, start=case.freeze_index):
        ensure(index in held or not _ours(case, one), f"entry {index} is not in the bundle")
    return None


def _grown(case: Case, log: PublicLog, last: Seen) -> int:
    try:
        note = read_note(log.checkpoint())
        now = note.checkpoint
    except NoteUnreadable as bad:
        raise Fails("the log gives no checkpoint") from bad
    signed = log_signed(note, case.policy.origin, case.policy.log_key)
    ensure(now.origin == case.policy.origin and signed, "another log answers")
    ensure(now.size >= last.size, "the log is shorter than the bundle")
    proof = log.consistency(last.size, now.size)
    holds = verify_consistency(last.size, now.size, last.root, now.root, proof)
    ensure(holds, "the log is another than the one of the bundle")
    return now.size


def _ours(case: Case, leaf: bytes) -> bool:
    try:
        body = parse_canon(leaf)
    except NotCanonical as bad:
        raise Fails("an entry of the log is not canonical") from bad
    if not isinstance(body, dict):
        return False
    (_, freeze), *_ = case.entries("manifest")
    return body.get("M") == case.m.hex() or body.get("handle") == freeze["handle"]
