"""Checks 15 to 18: the opened positions, and that the rules chose exactly these."""

from itertools import pairwise
from typing import Any

from draw_engine.core.checks.case import Case, OpenedHat, ensure
from draw_engine.core.entries import result_digest
from draw_engine.core.manifest import Slot
from draw_engine.core.selection import Hat, Member, Seating, attempts, slot_of
from draw_engine.core.shares import extended, list_key, primary_key, step_key
from draw_engine.core.snapshot import identity_hash, leaf_of, qualification_hash
from draw_engine.core.w256 import WIDTH, chunks_of, parent, root_over, width_of
from foundation.digest import canon


def opening_included(case: Case) -> None:
    """Each opened position stands in its hat, and hats are in tag order."""
    openings, hats, slots = case.bundle["openings"], case.bundle["hats"], case.manifest.slots
    places = [(opening["slot"], opening["position"]) for opening in openings]
    ensure(all(a < b for a, b in pairwise(places)), "openings not ascending")
    ensure(all(slot < len(slots) for slot, _ in places), "an opening of no slot")
    ensure([hat["slot"] for hat in hats] == list(range(len(slots))), "hats of other slots")
    for number, (slot, hat) in enumerate(zip(slots, hats, strict=True)):
        opened = [opening for opening in openings if opening["slot"] == number]
        _included(number, slot, hat["chunks"], opened)
        members = {opening["position"]: _member(opening) for opening in opened}
        tags = [member.tag for member in members.values()]
        ensure(all(a < b for a, b in pairwise(tags)), f"tags of slot {number} not ascending")
        case.hats.append(Hat(OpenedHat(number, slot.n, members), slot.seats))


def _included(number: int, slot: Slot, given: list[Any], opened: list[Any]) -> None:
    """Check a hat's chunks once, all together; a proof for each opening would repeat them."""
    chunks = {
        (chunk["level"], chunk["chunk"]): [bytes.fromhex(node) for node in chunk["nodes"]]
        for chunk in given
    }
    for opening in opened:
        ensure(opening["position"] < slot.n, f"slot {number} has no such position")
    needed = chunks_of([opening["position"] for opening in opened], slot.n)
    # Exactly those needed: a chunk that nothing refers to could be altered unseen.
    in_order = [(chunk["level"], chunk["chunk"]) for chunk in given] == needed
    ensure(in_order, f"chunks of slot {number} are not the ones needed")
    for (level, at), nodes in chunks.items():
        ensure(len(nodes) == width_of(level, at, slot.n), f"chunk width in slot {number}")
    for opening in opened:
        at, place = divmod(opening["position"], WIDTH)
        holds = chunks[0, at][place] == _leaf(opening)
        ensure(holds, f"slot {number} position {opening['position']}")
    for level, at in needed:
        node, above = parent(level, chunks[level, at]), chunks.get((level + 1, at // WIDTH))
        holds = above[at % WIDTH] == node if above else root_over(slot.n, node) == slot.hat
        ensure(holds, f"chunk {level}/{at} of slot {number}")


def _leaf(opening: dict[str, Any]) -> bytes:
    if "identity" in opening:
        f_id = identity_hash(bytes.fromhex(opening["salt_id"]), canon(opening["identity"]))
        salt_q, qualification = opening["salt_q"], opening["qualification"]
        f_q = qualification_hash(bytes.fromhex(salt_q), canon(qualification))
    else:
        f_id, f_q = bytes.fromhex(opening["F_id"]), bytes.fromhex(opening["F_q"])
    tag, org, region = _member(opening)
    salt_a = bytes.fromhex(opening["salt_a"])
    return leaf_of(f_id=f_id, f_q=f_q, salt_a=salt_a, tag=tag, org=org, region=region)


def _member(opening: dict[str, Any]) -> Member:
    tag, org = bytes.fromhex(opening["tag"]), bytes.fromhex(opening["org"])
    return Member(tag, org, opening["region"])


def result_committed(case: Case) -> None:
    """The results are those that were committed in the log, each once."""
    results = case.bundle["results"]
    ensure([r["body"]["step"] for r in results] == list(range(len(results))), "steps have gaps")
    ensure(bool(results), "no result")
    committed = {body["step"]: body["digest"] for _, body in case.entries("result")}
    count = sum(1 for _ in case.entries("result"))
    ensure(count == len(committed) == len(results), "a step was not committed exactly once")
    for step, result in enumerate(results):
        ensure(result["body"]["M"] == case.m.hex(), f"result {step} of another draw")
        digest = result_digest(bytes.fromhex(result["salt"]), result["body"])
        ensure(committed.get(step) == digest.hex(), f"result {step} is not the committed one")


def attempt_first_feasible(case: Case) -> None:
    """Every attempt before was infeasible; this one is feasible and gives these positions."""
    rules, keep, sizes = case.manifest.rules, case.manifest.keep, case.manifest.sizes
    chosen = case.bundle["results"][0]["body"]["attempt"]
    ensure(chosen < rules.a_max, "attempt beyond a_max")
    total = case.manifest.seats + len(keep)
    key = primary_key(case.ikm, case.m)
    for number, positions in zip(range(chosen + 1), attempts(key, sizes), strict=False):
        if number == chosen:
            ensure(positions == case.positions, "the attempt gives other positions")
            members = Seating.first(case.hats, rules, positions, keep).members()
            ensure(rules.allow(members), "the attempt is not feasible")
        else:
            members = [*keep, *_open_members(case, positions)]
            ensure(rules.forbid(members, total), f"attempt {number} is not shown infeasible")


def _open_members(case: Case, positions: tuple[tuple[int, ...], ...]) -> list[Member]:
    """The members of an attempt that the bundle opens."""
    found = []
    for hat, row in zip(case.hats, positions, strict=True):
        if isinstance(hat.members, OpenedHat):
            found += [hat.members.members[at] for at in row if at in hat.members.members]
    return found


def step_next_feasible(case: Case) -> None:
    """Each decline was followed by its own step, and the step by the rule's next member."""
    manifest = case.manifest
    declines = [(body["step"], index, body["seat"]) for index, body in case.entries("decline")]
    steps = [step for step, _, _ in declines]
    ensure(steps == list(range(1, case.steps + 1)), "declines and steps do not match")
    ensure(case.steps <= manifest.max_steps, "more steps than allowed")
    seating = Seating.first(case.hats, manifest.rules, case.positions, manifest.keep)
    ikm = case.ikm
    for step, index, seat in declines:
        ensure(seat < manifest.seats, f"decline {step} of no seat")
        slot = slot_of(seat, [hat.seats for hat in case.hats])
        if manifest.mode == "step":
            _revealed_after(case, step, index)
            ys = [case.opened[chain.party, step].value for chain in manifest.chains]
            ikm = extended(ikm, ys)
            key = step_key(ikm, case.m, slot, step)
        else:
            key = list_key(case.ikm, case.m, slot)
        found = seating.replace(seat, key)
        body = case.bundle["results"][step]["body"]
        same = (body["seat"], body["position"]) == (seat, found.position)
        ensure(same, f"step {step} gives another member")
    case.places = seating.places


def _revealed_after(case: Case, step: int, decline: int) -> None:
    """No y_j was out before its decline was witnessed: else the next name was known."""
    witnessed = case.holding(decline).size
    # Shares too, and those that in the end were not needed: enough of them give the value.
    for kind in ("reveal", "share"):
        for index, body in case.entries(kind):
            early = body["j"] == step and index < witnessed
            ensure(not early, f"entry {index} of step {step} came before its decline")
