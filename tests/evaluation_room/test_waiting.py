"""Time that nobody could use counts against nobody: late rooms, pauses, a server that was down."""

from datetime import timedelta
from pathlib import Path

import pytest

from evaluation_room.core import commands as wishes
from evaluation_room.core import errors
from evaluation_room.core.values import PauseGround, Phase
from tests.evaluation_room.bench import START, RoomBench

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def tick(bench: RoomBench) -> None:
    bench.rooms.tick(bench.clock.now())


def voided(bench: RoomBench) -> list[str]:
    return [seat.id for seat in bench.room.all_seats if seat.void is not None]


def pause(bench: RoomBench, length: timedelta) -> None:
    """Stand still for `length`, ticking before, in and after it."""
    bench.act(bench.clerk, wishes.Pause(ground=PauseGround.TECHNICAL_FAULT))
    bench.clock.advance(length / 2)
    tick(bench)
    bench.clock.advance(length / 2)
    bench.act(bench.clerk, wishes.Resume())
    tick(bench)


def test_a_room_made_ready_after_its_time_waits_for_its_members(tmp_path: Path) -> None:
    """R-REP-4: nobody is late for a room that was not there."""
    bench = RoomBench(tmp_path)
    bench.clock.at = START + timedelta(minutes=20)
    bench.prepare(at=bench.clock.at)
    bench.clock.advance(SECOND)
    tick(bench)
    assert voided(bench) == []
    with pytest.raises(errors.NotLateYet):
        bench.act(bench.clerk, wishes.MarkAbsent(seat="e1"))
    bench.clock.advance(timedelta(seconds=bench.overlay.absent_seconds))
    tick(bench)
    assert voided(bench) == ["e1", "e2", "e3"]


def test_a_pause_in_check_in_makes_nobody_late(bench: RoomBench) -> None:
    """R-REP-4."""
    bench.clock.advance(SECOND)
    pause(bench, HOUR)
    assert voided(bench) == []
    pause(bench, HOUR)
    assert voided(bench) == []
    with pytest.raises(errors.NotLateYet):
        bench.act(bench.clerk, wishes.MarkAbsent(seat="e1"))
    bench.clock.advance(timedelta(seconds=bench.overlay.absent_seconds) - 2 * SECOND)
    tick(bench)
    assert voided(bench) == []
    bench.clock.advance(SECOND)
    tick(bench)
    assert voided(bench)[:2] == ["e1", "e2"]


def test_a_pause_after_the_notice_is_no_time_to_answer_in(bench: RoomBench) -> None:
    """R-EVAL-12: neither the notice nor consent falls due in a pause."""
    bench.score(seats := bench.open())
    bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    pause(bench, HOUR)
    assert all(seat.asked_at is None for seat in bench.room.seats)
    bench.act(bench.clerk, wishes.AskSignature(seat="e3"))
    bench.clock.advance(SECOND)
    pause(bench, HOUR)
    e3 = bench.room.seat("e3")
    assert e3 is not None
    assert e3.asked_at is not None
    assert e3.signature is None
    bench.clock.advance(timedelta(seconds=bench.overlay.deemed_consent_seconds))
    tick(bench)
    e3 = bench.room.seat("e3")
    assert e3 is not None
    assert e3.signature == "deemed"


def test_a_server_that_was_down_costs_nobody_the_seat(bench: RoomBench) -> None:
    """R-REP-4: while nothing listened nobody could check in."""
    bench.clock.at = START + HOUR
    bench.rooms = bench.service()
    tick(bench)
    assert voided(bench) == []
    bench.clock.advance(timedelta(seconds=bench.overlay.absent_seconds))
    tick(bench)
    assert voided(bench) != []


def test_a_server_that_was_down_deems_no_consent(bench: RoomBench) -> None:
    """R-EVAL-12."""
    bench.score(seats := bench.open())
    bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    bench.act(bench.clerk, wishes.AskSignature(seat="e3"))
    bench.clock.advance(HOUR)
    bench.rooms = bench.service()
    tick(bench)
    assert [seat.signature for seat in bench.room.seats] == [None] * 4
    assert [seat.asked_at is not None for seat in bench.room.seats] == [False, False, True, False]
