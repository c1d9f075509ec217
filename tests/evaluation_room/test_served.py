"""R-PAY-4: time worked comes from the log, from check-in to the signed report."""

from datetime import timedelta

from evaluation_room.core import commands as wishes
from evaluation_room.core.values import PauseGround
from tests.evaluation_room.bench import RoomBench
from tests.evaluation_room.test_report import answer, reported


def test_r_pay_4_time_counts_from_check_in_to_the_signed_report_without_interruptions(
    bench: RoomBench,
) -> None:
    """R-PAY-4: a pause is left out, and who only dissents has worked as well."""
    seats = reported(bench)
    who = seats["e1"]
    assert bench.rooms.times(who) == []
    bench.clock.advance(timedelta(minutes=10))
    bench.act(bench.supervisor, wishes.Pause(ground=PauseGround.TECHNICAL_FAULT, note="断电"))
    bench.clock.advance(timedelta(minutes=45))
    bench.act(bench.supervisor, wishes.Resume())
    bench.clock.advance(timedelta(minutes=5))
    answer(bench, seats, 1)

    (mine,) = bench.rooms.times(who)

    began = mine.checked_in_at
    assert mine.paused == timedelta(minutes=45)
    assert mine.worked == mine.answered_at - began - timedelta(minutes=45)
    assert mine.worked >= timedelta(minutes=15)
    assert len(bench.rooms.times(seats["e2"])) == 1
    assert bench.rooms.times(bench.clerk) == []
