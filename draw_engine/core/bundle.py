"""What is published of a draw: the attribute bundle, and apart from it the identities.

`build_bundle` is given whole hats and opens as little as proves the draw: every seated
position, every position a step passed over, and of each rejected attempt just enough members
to show that it was infeasible. No name ever stands in a bundle.

Source: SPEC.md section 9.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from draw_engine.core import masking
from draw_engine.core.checks.case import Asked, Case, Fails
from draw_engine.core.checks.opening import beacon_signed, reveal_chain
from draw_engine.core.errors import Misshapen
from draw_engine.core.manifest import Manifest
from draw_engine.core.policy import Policy
from draw_engine.core.selection import (
    CommitteeRules,
    Hat,
    Member,
    Positions,
    Seating,
    attempts,
    slot_of,
)
from draw_engine.core.shares import extended, list_key, primary_key, step_key
from draw_engine.core.snapshot import Pseudonym, tree_of
from draw_engine.core.w256 import Tree, chunks_of
from foundation.ledger.note import cosigned_at, log_signed, read_note

Place = tuple[int, int]
"""(slot, position)."""


class PublishedCheckpoint(NamedTuple):
    """A signed note, and its RFC 6962 consistency proof from the checkpoint before."""

    note: str
    consistency: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class PublishedEntry:
    """An entry of the log, and its RFC 6962 path in the last checkpoint of the bundle."""

    index: int
    body: Mapping[str, Any]
    path: Sequence[bytes]


class PublishedResult(NamedTuple):
    """The opening of a committed result: 16 bytes of salt, and `entries.result_body`'s object."""

    salt: bytes
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DrawRecord:
    """Everything that `build_bundle` needs of a finished draw.

    Args:
        policy, manifest: in their published form, as they were hashed.
        handle_salt: 16 bytes.
        draws_before: manifests of seq 1 … seq-1 of the section, in their published form.
        tips: (party, signature of 64 bytes) of every chain input, in manifest order.
        checkpoints: ascending by size: snapshot, freeze, reveals, around each step, unseal.
        entries: ascending by index: all of this M, of the draws before, and the snapshot's.
        hats: for each slot all experts under this draw's keys, in tag order.
        results: steps 0 … J.
        beacon: (input, signature of 48 bytes) for each drand input; none in core.
    """

    policy: Mapping[str, Any]
    manifest: Mapping[str, Any]
    handle_salt: bytes
    draws_before: Sequence[Mapping[str, Any]]
    tips: Sequence[tuple[str, bytes]]
    checkpoints: Sequence[PublishedCheckpoint]
    entries: Sequence[PublishedEntry]
    hats: Sequence[Sequence[Pseudonym]]
    results: Sequence[PublishedResult]
    beacon: Sequence[tuple[int, bytes]] = ()


@dataclass(frozen=True, slots=True)
class FinalMember:
    """One final member for IDENTITIES.json.

    `sealed` is the row of the hat, `pooled` the row of the snapshot at `index`, `identity`
    and `qualification` the objects whose canonical bytes were hashed in both.
    """

    slot: int
    position: int
    sealed: Pseudonym
    identity: Mapping[str, Any]
    qualification: Mapping[str, Any]
    index: int
    pooled: Pseudonym


def build_bundle(record: DrawRecord) -> dict[str, Any]:
    """The attribute bundle; `foundation.digest.canon` of it is the file.

    Cosignatures of witnesses outside the policy are left out of the notes: nothing checks
    them, so they could be altered unseen.

    Raises:
        Misshapen: the reveals in `entries` do not open the manifest's chains.
    """
    bundle: dict[str, Any] = {
        "v": "BDP1-bundle",
        "policy": record.policy,
        "manifest": record.manifest,
        "handle_salt": record.handle_salt.hex(),
        "draws_before": list(record.draws_before),
        "tips": [{"party": party, "sig": signature.hex()} for party, signature in record.tips],
        "checkpoints": [
            {"note": _counted_only(c.note, record.policy), "consistency": _hexes(c.consistency)}
            for c in record.checkpoints
        ],
        "entries": [
            {"index": entry.index, "body": entry.body, "path": _hexes(entry.path)}
            for entry in record.entries
        ],
        "beacon": [{"input": at, "signature": value.hex()} for at, value in record.beacon],
        "results": [{"salt": r.salt.hex(), "body": r.body} for r in record.results],
        "snapshot_proofs": [],
    }
    places = sorted(needed_openings(bundle, record.hats))
    bundle["openings"] = [_opening(place, record.hats) for place in places]
    bundle["hats"] = [_chunks(slot, hat, places) for slot, hat in enumerate(record.hats)]
    return bundle


def build_identities(m: bytes, members: Iterable[FinalMember], snapshot: Tree) -> dict[str, Any]:
    """IDENTITIES.json for some or all final members; `canon` of it is the file.

    Args:
        m: hash of the manifest, 32 bytes.
        members: final members only; those who declined are never named.
        snapshot: the tree of the snapshot that the manifest names.
    """
    ordered = sorted(members, key=lambda member: (member.slot, member.position))
    return {
        "v": "BDP1-identities",
        "M": m.hex(),
        "members": [_identity(member, snapshot) for member in ordered],
    }


def needed_openings(bundle: Mapping[str, Any], hats: Sequence[Sequence[Pseudonym]]) -> set[Place]:
    """The positions that prove the results of `bundle`, given the whole hats.

    Raises:
        Misshapen: the reveals do not open the chains.
    """
    case = _replay(bundle)
    manifest = Manifest.read(bundle["manifest"])
    whole = [
        Hat(_members(rows), slot.seats) for rows, slot in zip(hats, manifest.slots, strict=True)
    ]
    places = _steps(case, manifest, whole)
    chosen = bundle["results"][0]["body"]["attempt"]
    key = primary_key(case.ikm, case.m)
    rejected = zip(range(chosen), attempts(key, manifest.sizes), strict=False)
    for _, positions in rejected:
        places |= enough_to_reject(positions, whole, manifest.rules, manifest.keep, places)
    return places


def enough_to_reject(
    positions: Positions,
    hats: Sequence[Hat],
    rules: CommitteeRules,
    keep: Sequence[Member],
    already: Iterable[Place] = (),
) -> set[Place]:
    """The fewest further openings that show an infeasible attempt to be so.

    Equal costs go to the first reason (tags, employers, region rules) and the first seats.

    Raises:
        Misshapen: the attempt is feasible.
    """
    places = [(slot, at) for slot, row in enumerate(positions) for at in row]
    members = {place: hats[place[0]].members[place[1]] for place in places}
    is_open = set(already)
    shown_so_far = [member for place, member in members.items() if place in is_open]
    if rules.forbid([*keep, *shown_so_far], len(members) + len(keep)):
        return set()
    best: set[Place] | None = None
    for group, kept, enough in _reasons(members, rules, keep):
        shown = kept + sum(place in is_open for place in group)
        hidden = [place for place in group if place not in is_open]
        missing = max(0, enough - shown)
        if missing <= len(hidden) and (best is None or missing < len(best)):
            best = set(hidden[:missing])
    if best is None:
        raise Misshapen(wanted="an infeasible attempt")
    return best


def _reasons(
    members: Mapping[Place, Member], rules: CommitteeRules, keep: Sequence[Member]
) -> Iterable[tuple[list[Place], int, int]]:
    """Groups of places, how many kept members belong to each, and how many are too many."""
    total = len(members) + len(keep)
    for tag in dict.fromkeys(member.tag for member in members.values()):
        group = [place for place, member in members.items() if member.tag == tag]
        yield group, sum(member.tag == tag for member in keep), 2
    for org in dict.fromkeys(member.org for member in members.values()):
        group = [place for place, member in members.items() if member.org == org]
        yield group, sum(member.org == org for member in keep), rules.org_cap + 1
    for rule in rules.regions:
        inside = [place for place, member in members.items() if member.region in rule.regions]
        outside = [place for place in members if place not in inside]
        kept = sum(member.region in rule.regions for member in keep)
        yield inside, kept, rule.high + 1
        yield outside, len(keep) - kept, total - rule.low + 1


def _steps(case: Case, manifest: Manifest, hats: Sequence[Hat]) -> set[Place]:
    """All seated positions and those that a step passed over."""
    seating = Seating.first(hats, manifest.rules, case.positions, manifest.keep)
    places, ikm = set(seating.places), case.ikm
    for result in case.bundle["results"][1:]:
        step, seat = result["body"]["step"], result["body"]["seat"]
        slot = slot_of(seat, [hat.seats for hat in hats])
        if manifest.mode == "step":
            ys = [case.opened[chain.party, step].value for chain in manifest.chains]
            ikm = extended(ikm, ys)
            key = step_key(ikm, case.m, slot, step)
        else:
            key = list_key(case.ikm, case.m, slot)
        found = seating.replace(seat, key)
        passed = (*found.drawn, *found.infeasible, found.position)
        places |= {(slot, position) for position in passed}
    return places


def _replay(bundle: Mapping[str, Any]) -> Case:
    """The key material as the verifier will read it from the entries."""
    case = Case(b"", Asked(), bundle=dict(bundle))
    try:
        reveal_chain(case)
        beacon_signed(case)
    except Fails as failure:
        raise Misshapen(wanted=str(failure)) from failure
    return case


def _members(rows: Sequence[Pseudonym]) -> Sequence[Member]:
    if isinstance(rows, masking.Hat):
        return rows.members
    return [Member(row.tag, row.org, row.region) for row in rows]


def _counted_only(note: str, policy: Mapping[str, Any]) -> str:
    """The note without signatures of anybody outside the policy, and of nobody twice."""
    read, text = Policy.read(policy), read_note(note).text
    keys = {witness.name: witness.key for witness in read.witnesses}
    kept: dict[tuple[str, bool], str] = {}
    for line in note[len(text) + 1 :].splitlines(keepends=True):
        single = read_note(f"{text}\n{line}")
        name = single.signatures[0].name
        by_log = log_signed(single, name, read.log_key) and name == read.origin
        if by_log or (name in keys and cosigned_at(single, name, keys[name]) is not None):
            kept.setdefault((name, by_log), line)
    return f"{text}\n" + "".join(kept.values())


def _opening(place: Place, hats: Sequence[Sequence[Pseudonym]]) -> dict[str, Any]:
    slot, position = place
    row = hats[slot][position]
    return {
        "slot": slot,
        "position": position,
        "salt_a": row.salt_a.hex(),
        "tag": row.tag.hex(),
        "org": row.org.hex(),
        "region": row.region,
        "F_id": row.f_id.hex(),
        "F_q": row.f_q.hex(),
    }


def _chunks(slot: int, hat: Sequence[Pseudonym], places: Iterable[Place]) -> dict[str, Any]:
    tree = hat.tree if isinstance(hat, masking.Hat) else tree_of(hat)
    needed = chunks_of([position for at, position in places if at == slot], len(hat))
    return {
        "slot": slot,
        "chunks": [
            {"level": level, "chunk": number, "nodes": _hexes(tree.chunk(level, number))}
            for level, number in needed
        ],
    }


def _identity(member: FinalMember, snapshot: Tree) -> dict[str, Any]:
    sealed, pooled = member.sealed, member.pooled
    return {
        "slot": member.slot,
        "position": member.position,
        "salt_id": sealed.salt_id.hex(),
        "identity": member.identity,
        "salt_q": sealed.salt_q.hex(),
        "qualification": member.qualification,
        "snapshot": {
            "index": member.index,
            "salt_id": pooled.salt_id.hex(),
            "salt_q": pooled.salt_q.hex(),
            "salt_a": pooled.salt_a.hex(),
            "tag": pooled.tag.hex(),
            "org": pooled.org.hex(),
            "proof": [_hexes(chunk) for chunk in snapshot.proof(member.index)],
        },
    }


def _hexes(hashes: Iterable[bytes]) -> list[str]:
    return [item.hex() for item in hashes]
