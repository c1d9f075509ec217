"""An expert's own look at a draw that is over: the place in a hat, or the reason for none."""

from datetime import date
from typing import Any

import pytest

from draw_engine.core.entries import evidence_digest
from draw_engine.core.exclusions import Reason, exclusion_leaf
from draw_engine.core.manifest import Manifest
from draw_engine.core.snapshot import identity_hash, leaf_of, qualification_hash
from draw_engine.core.w256 import verify_proof
from draw_engine.own_hats import OwnDraw
from foundation.digest import canon
from foundation.ids import ExpertId
from tests.draw_engine.draw_bench import DrawBench


def over(bench: DrawBench) -> str:
    """A draw that everybody took part in to its end."""
    draw = bench.drawn()
    bench.accept_all(draw.id)
    bench.settle()
    bench.unseal(draw.id)
    return draw.id


def day_of(bench: DrawBench, draw_id: str) -> date:
    return date.fromisoformat(Manifest.read(bench.draws.draw(draw_id).manifest or {}).day)


def opens(one: OwnDraw) -> str:
    """What the answer proves under the manifest: a stranger could do this."""
    manifest = Manifest.read(one.manifest)
    assert manifest.m.hex() == one.M
    proven = ""
    for place in one.answer["hats"]:
        slot = manifest.slots[place["slot"]]
        leaf = leaf_of(
            f_id=identity_hash(bytes.fromhex(place["salt_id"]), canon(place["identity"])),
            f_q=qualification_hash(bytes.fromhex(place["salt_q"]), canon(place["qualification"])),
            salt_a=bytes.fromhex(place["salt_a"]),
            tag=bytes.fromhex(place["tag"]),
            org=bytes.fromhex(place["org"]),
            region=place["region"],
        )
        assert verify_proof(leaf, place["position"], slot.n, _proof(place), slot.hat)
        proven = "hat"
    for out in one.answer["exclusions"]:
        leaf = exclusion_leaf(bytes.fromhex(out["tag"]), out["reason"], bytes.fromhex(out["salt"]))
        head = manifest.exclusions
        assert verify_proof(leaf, out["index"], head.n, _proof(out), head.root)
        proven += "out"
    return proven


def _proof(opened: dict[str, Any]) -> list[list[bytes]]:
    return [[bytes.fromhex(node) for node in chunk] for chunk in opened["proof"]]


def test_everybody_whom_a_draw_asked_for_gets_one_answer_of_one_size(bench: DrawBench) -> None:
    left_out = sorted(bench.pool.ids())[:3]
    bench.standings.update(dict.fromkeys(left_out, int(Reason.LEAVE)))
    draw_id = over(bench)
    day = day_of(bench, draw_id)

    told = {one: bench.rooms.hats.on(one, day) for one in sorted(bench.pool.ids())}

    assert {len(found) for found in told.values()} == {1}
    proven = {one: opens(found[0]) for one, found in told.items()}
    assert {one for one, word in proven.items() if word == "out"} == set(left_out)
    assert set(proven.values()) == {"hat", "out"}
    assert len({len(canon(found[0].answer)) for found in told.values()}) == 1
    assert bench.rooms.hats.days(left_out[0]) == [day]


def test_the_answer_names_nobody_else(bench: DrawBench) -> None:
    draw_id = over(bench)
    ids = sorted(bench.pool.ids())

    (one,) = bench.rooms.hats.on(ids[0], day_of(bench, draw_id))

    text = canon(one.answer).decode()
    (own, *others) = (bench.persons.get(each) for each in ids)
    assert own.name in text
    assert not [each for each in others if each.name in text or each.id_number in text]


def test_nothing_is_told_before_the_draw_is_open(bench: DrawBench) -> None:
    draw = bench.drawn()
    day = day_of(bench, draw.id)
    who = sorted(bench.pool.ids())[0]
    assert bench.rooms.hats.on(who, day) == []
    bench.accept_all(draw.id)
    bench.settle()
    assert bench.draws.draw(draw.id).stage == "sealed"
    assert (bench.rooms.hats.on(who, day), bench.rooms.hats.days(who)) == ([], [])

    bench.draws.hold(draw.id)
    bench.unseal(draw.id)
    assert bench.rooms.hats.on(who, day) == []
    bench.draws.release(draw.id)
    bench.unseal(draw.id)

    assert len(bench.rooms.hats.on(who, day)) == 1


def test_a_stranger_to_the_pool_and_another_day_get_nothing(bench: DrawBench) -> None:
    day = day_of(bench, over(bench))

    assert bench.rooms.hats.on(ExpertId("ex_nobody"), day) == []
    assert bench.rooms.hats.days(ExpertId("ex_nobody")) == []
    assert bench.rooms.hats.on(sorted(bench.pool.ids())[0], date(2020, 1, 1)) == []


def test_a_decline_in_the_own_name_opens_the_entry_of_the_log(bench: DrawBench) -> None:
    draw = bench.drawn()
    who = bench.members(draw.id)[1]
    bench.answer(draw.id, 1, accept=False)
    bench.settle()
    bench.accept_all(draw.id)
    bench.settle()
    bench.unseal(draw.id)

    (one,) = bench.rooms.hats.on(who, day_of(bench, draw.id))

    (said,) = one.answer["declines"]
    digest = evidence_digest(bytes.fromhex(said["salt"]), bytes.fromhex(said["evidence"]))
    logged = [e.protocol or {} for e in bench.rooms.draws.record.entries(draw.id)]
    (entry,) = [e for e in logged if e.get("type") == "decline"]
    assert (entry["seat"], entry["class"], entry["evidence"]) == (1, "refused", digest.hex())
    assert said["seat"] == 1
    others = (other for other in sorted(bench.pool.ids()) if other != who)
    assert bench.rooms.hats.on(next(others), one_day(one))[0].answer["declines"] == []


def one_day(one: OwnDraw) -> date:
    return date.fromisoformat(one.manifest["day"])


@pytest.mark.parametrize("changed", ["reason", "index"])
def test_a_changed_answer_opens_nothing(bench: DrawBench, changed: str) -> None:
    who = sorted(bench.pool.ids())[0]
    other = sorted(bench.pool.ids())[1]
    bench.standings.update({who: int(Reason.SUSPENDED), other: int(Reason.LEAVE)})
    (one,) = bench.rooms.hats.on(who, day_of(bench, over(bench)))
    assert opens(one) == "out"

    one.answer["exclusions"][0][changed] += -1 if one.answer["exclusions"][0][changed] else 1

    with pytest.raises(AssertionError):
        opens(one)
