"""R-TIME-4: a timer runs the draw; what it may do depends on the hour, never on a click."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from draw_engine.core.checks.case import Asked
from draw_engine.core.draw_state import Stage
from draw_engine.core.manifest import handle, manifest_hash
from draw_engine.core.redraw import MembersNotAnswered
from draw_engine.core.verification import verify
from draw_engine.holder_file import HolderFile
from draw_engine.holder_work import Person, ShareHolder
from draw_engine.parties import Registered
from draw_engine.refusals import (
    NothingToSetAside,
    NotPublished,
    SectionAlreadyDrawn,
)
from foundation.clock import seconds
from tests.draw_engine.draw_bench import PASSPHRASE, WITNESS, DrawBench


def test_nothing_is_drawn_before_its_time(bench: DrawBench) -> None:
    draw = bench.draws.file(bench.request())
    bench.settle()

    before = bench.draws.draw(draw.id)
    bench.clock.advance(timedelta(minutes=5, seconds=1))
    bench.settle()

    assert not before.reveals
    assert bench.draws.draw(draw.id).stage is Stage.INVITING


def test_no_public_method_draws_now(bench: DrawBench) -> None:
    doors = {name for name in dir(bench.draws) if not name.startswith("_")}

    assert not {name for name in doors if "run" in name or "now" in name or "start" in name}


def test_a_draw_that_nobody_gave_tips_for_lapses(bench: DrawBench) -> None:
    bench.silent = {"centre", "supervisor"}
    draw = bench.draws.file(bench.request())
    bench.pass_time(minutes=31)

    ended = bench.draws.draw(draw.id)

    assert ended.stage is Stage.ABORTED
    assert ended.ended is not None
    assert ended.ended.reason == "missed_window"


def test_a_frozen_draw_found_after_its_latest_time_is_ended_by_the_supervisor(
    bench: DrawBench,
) -> None:
    draw = bench.draws.file(bench.request())
    bench.settle()
    assert bench.draws.draw(draw.id).stage is Stage.FROZEN
    bench.stop()
    bench.clock.advance(timedelta(minutes=31))
    bench.start()
    bench.settle()

    ended = bench.draws.draw(draw.id).ended

    assert ended is not None
    assert (ended.reason, ended.party) == ("missed_window", "")
    assert not bench.draws.draw(draw.id).reveals


def test_a_silent_holder_is_named(bench: DrawBench) -> None:
    draw = bench.draws.file(bench.request())
    bench.settle()
    bench.silent = {"centre"}
    bench.clock.advance(timedelta(minutes=5, seconds=1))
    bench.settle()
    bench.clock.advance(timedelta(seconds=bench.overlay.reveal_seconds + 1))
    bench.settle()

    ended = bench.draws.draw(draw.id).ended

    assert ended is not None
    assert (ended.reason, ended.party) == ("holder_silent", "centre")


def test_the_service_s_own_absence_is_not_the_holder_s_silence(bench: DrawBench) -> None:
    draw = bench.drawn()
    bench.answer(draw.id, 0, accept=False)
    bench.silent = {"centre"}
    bench.settle()
    bench.stop()
    bench.clock.advance(timedelta(seconds=bench.overlay.reveal_seconds + 1))
    bench.start()
    bench.tick()
    assert bench.draws.draw(draw.id).called is None

    bench.silent = set()
    bench.settle()

    assert 1 in bench.draws.draw(draw.id).results


def test_an_aborted_draw_is_opened_when_its_time_is_over(bench: DrawBench) -> None:
    """SPEC.md section 8: manifest and handle salt, so that everybody sees which lot it was."""
    draw = bench.draws.file(bench.request())
    bench.settle()
    bench.draws.withdraw(draw.id, "act_applicant", "changed")
    bench.settle()
    with pytest.raises(NotPublished):
        bench.rooms.publisher.opening(draw.id)
    bench.clock.advance(draw.request.unseal_after - bench.clock.now() + timedelta(seconds=1))
    bench.settle()

    opened = json.loads(bench.rooms.publisher.opening(draw.id))

    ended = bench.draws.draw(draw.id)
    assert ended.stage is Stage.ABORTED
    assert manifest_hash(opened["manifest"]).hex() == ended.M
    name = opened["manifest"]["draw"]
    salt = bytes.fromhex(opened["handle_salt"])
    logged = [e.protocol for e in bench.draws.record.entries(draw.id) if e.type == "manifest"]
    assert logged[0] is not None
    assert handle(salt, name["project"], name["section"]).hex() == logged[0]["handle"]
    assert set(opened) == {"manifest", "handle_salt"}


def test_a_draw_that_went_well_has_a_bundle_and_no_such_opening(bench: DrawBench) -> None:
    draw = bench.drawn()
    bench.accept_all(draw.id)
    bench.unseal(draw.id)
    with pytest.raises(NotPublished):
        bench.rooms.publisher.opening(draw.id)


def test_an_ended_draw_lets_its_members_go_and_the_next_one_says_so(bench: DrawBench) -> None:
    """A redraw is the next of its section; who was drawn before is not drawn again."""
    first = bench.drawn()
    before = set(bench.members(first.id).values())
    bench.silent = {"centre"}
    bench.answer(first.id, 0, accept=False)
    bench.settle()
    bench.clock.advance(timedelta(seconds=bench.overlay.reveal_seconds + 1))
    bench.settle()
    assert bench.draws.draw(first.id).stage is Stage.ABORTED
    bench.silent = set()
    with pytest.raises(MembersNotAnswered):
        bench.drawn()
    bench.draws.set_aside(first.id, "act_supervisor", "the committee is formed anew")

    second = bench.drawn()
    after = set(bench.members(second.id).values())

    assert second.draw["seq"] == 2
    assert second.draw["prev"] == first.M
    assert second.handle == first.handle
    assert not before & after
    bench.accept_all(second.id)
    bench.unseal(second.id)
    verdict = verify(bench.rooms.publisher.bundle(second.id), Asked(test=True))
    assert verdict.exit_code == 0


def test_the_supervisor_s_own_silence_is_shown_and_has_a_way_out(
    bench: DrawBench, tmp_path: Path
) -> None:
    """Who signs aborts is the silent party: another key, put in by another person, then the act."""
    first = bench.draws.file(bench.request())
    bench.settle()
    bench.silent = {"supervisor"}
    bench.clock.advance(timedelta(minutes=6))
    bench.settle()
    bench.pass_time(minutes=6)
    assert bench.draws.draw(first.id).called is not None
    assert bench.draws.silent() == []
    bench.pass_time(minutes=6)

    (blocked,) = bench.draws.silent()
    assert (blocked.id, blocked.ended) == (first.id, None)
    with pytest.raises(SectionAlreadyDrawn):
        bench.draws.file(bench.request())
    with pytest.raises(NothingToSetAside):
        bench.draws.set_aside(first.id, "act_supervisor", "alone")

    new = HolderFile.make(tmp_path / "new.holder", "supervisor", PASSPHRASE)
    body = "Body of the supervisor"
    bench.rooms.parties.register(
        Registered("supervisor", body, "own", new.public_key, WITNESS), "act_admin"
    )
    ended = bench.draws.set_aside(first.id, "act_supervisor", "the key is lost").ended
    assert ended is not None
    assert (ended.reason, ended.party) == ("supervisor_silent", "supervisor")
    person = Person(lambda _what, _shown: True, bench.told.append)
    bench.holders["supervisor"] = ShareHolder(
        new, person, lambda: seconds(bench.clock.now()), WITNESS
    )
    bench.silent = set()
    with pytest.raises(SectionAlreadyDrawn):
        bench.draws.file(bench.request())
    bench.clock.advance(first.request.unseal_after - bench.clock.now() + timedelta(seconds=1))
    bench.settle()
    assert bench.draws.draw(first.id).unsealed is not None

    second = bench.drawn()
    bench.accept_all(second.id)
    bench.unseal(second.id)
    assert second.draw["seq"] == 2
    verdict = verify(bench.rooms.publisher.bundle(second.id), Asked(test=True))
    assert verdict.exit_code == 0, verdict


def test_a_draw_that_goes_on_is_not_set_aside(bench: DrawBench) -> None:
    draw = bench.drawn()
    with pytest.raises(NothingToSetAside):
        bench.draws.set_aside(draw.id, "act_supervisor", "no reason")
    bench.accept_all(draw.id)
    bench.unseal(draw.id)
    with pytest.raises(NothingToSetAside):
        bench.draws.set_aside(draw.id, "act_supervisor", "no reason")


def test_a_hat_that_is_used_up_ends_the_draw(bench: DrawBench) -> None:
    from draw_engine.core.request import SlotRequest

    narrow = (SlotRequest(("2018:B01",), 1), SlotRequest(("2018:A0802",), 3))
    draw = bench.drawn(slots=narrow)
    for _ in range(20):
        if bench.draws.draw(draw.id).ended is not None:
            break
        bench.answer(draw.id, 0, accept=False)
        bench.settle()

    ended = bench.draws.draw(draw.id).ended

    assert ended is not None
    assert ended.reason == "hat_exhausted"
