"""A clock that was set and a draw that is late are shown; neither changes a result."""

from datetime import UTC, datetime, timedelta

import pytest

from draw_engine.core.checks.case import Asked
from draw_engine.core.draw_state import Stage
from draw_engine.core.lateness import Reading, jumped
from draw_engine.core.verification import verify
from draw_engine.timeline import ALARMS
from tests.draw_engine.draw_bench import DrawBench

AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(("wall", "steady", "is_one"), [
    (0, 0, False), (60, 0, False), (61, 0, True), (-61, 0, True), (3600, 3600, False),
    (3600, 3539, True), (0, 61, True), (5, 65, False),
])  # fmt: skip
def test_more_than_a_minute_between_two_clocks_is_a_jump(
    wall: int, steady: int, is_one: bool
) -> None:
    assert (
        jumped(Reading(AT, 100.0), Reading(AT + timedelta(seconds=wall), 100.0 + steady)) is is_one
    )


def alarms(bench: DrawBench) -> list[str]:
    with bench.books.read() as book:
        return [str(e.protocol["code"]) for e in book.entries(ALARMS) if e.protocol]


@pytest.mark.parametrize("by", [timedelta(minutes=10), timedelta(minutes=-10)])
def test_a_clock_that_was_set_stops_the_timers_until_a_witness_has_signed(
    bench: DrawBench, by: timedelta
) -> None:
    draw = bench.draws.file(bench.request(latest_draw_at=bench.clock.now() + timedelta(hours=1)))
    bench.settle()
    bench.silent = {"centre", "supervisor"}
    bench.clock.jump(by)
    bench.tick()
    bench.clock.advance(timedelta(minutes=20))
    for _ in range(3):
        bench.settle()

    assert alarms(bench) == ["clock.jump"]
    assert bench.draws.draw(draw.id).stage is Stage.FROZEN
    assert bench.draws.draw(draw.id).called is None, "nobody is silent while timers rest"
    bench.silent = set()
    bench.settle()
    assert bench.draws.draw(draw.id).stage is Stage.INVITING
    assert alarms(bench) == ["clock.jump"]


def test_a_jump_is_not_forgotten_by_a_process_that_starts_anew(bench: DrawBench) -> None:
    draw = bench.draws.file(bench.request(latest_draw_at=bench.clock.now() + timedelta(hours=1)))
    bench.settle()
    bench.silent = {"centre", "supervisor"}
    bench.clock.jump(timedelta(minutes=10))
    bench.tick()
    bench.restart()
    bench.clock.advance(timedelta(minutes=20))
    bench.settle()

    assert bench.draws.draw(draw.id).called is None, "nobody is silent while timers rest"
    bench.silent = set()
    bench.settle()
    assert bench.draws.draw(draw.id).stage is Stage.INVITING
    bench.restart()
    assert not bench.draws.timeline.paused(), "what a witness has signed since is over"
    assert alarms(bench) == ["clock.jump"]


def test_time_that_passes_is_no_jump(bench: DrawBench) -> None:
    bench.drawn()
    bench.pass_time(days=3)
    assert alarms(bench) == []


def test_a_draw_held_back_too_long_is_an_alarm_and_still_proves_itself(bench: DrawBench) -> None:
    draw = bench.drawn()
    bench.accept_all(draw.id)
    bench.draws.hold(draw.id)
    times = draw.policy["times"]
    due = draw.request.unseal_after + timedelta(seconds=times["publish"])
    bench.clock.advance(due - bench.clock.now())
    assert bench.draws.tick(bench.clock.now()) is not None
    assert bench.draws.draw(draw.id).alarms == frozenset()
    bench.pass_time(seconds=1)
    assert bench.draws.draw(draw.id).alarms == {"publish"}
    bench.pass_time(seconds=times["deadline"])
    bench.settle()

    late = bench.draws.draw(draw.id)
    trail = bench.rooms.supervision.look(draw.id).trail

    assert late.alarms == {"publish", "deadline"}
    assert late.ended is None, "after the seed lateness is no reason to abort"
    assert [s.facts["code"] for s in trail if s.type == "alarm"] == ["publish", "deadline"]
    bench.draws.release(draw.id)
    bench.unseal(draw.id)
    verdict = verify(bench.rooms.publisher.bundle(draw.id), Asked(test=True))
    assert verdict.exit_code == 0, verdict


def test_a_draw_in_time_raises_no_alarm(bench: DrawBench) -> None:
    draw = bench.drawn()
    bench.accept_all(draw.id)
    assert bench.unseal(draw.id).alarms == frozenset()
