"""An evaluation keeps its draw: whatever crashes or comes too late, none is planned unheld."""

from pathlib import Path

import pytest

from draw_engine.refusals import TooLate
from evaluation_room import errors
from foundation.ids import DrawId
from tests.evaluation_room.bench import FakeCommittee, RoomBench

DRAW = DrawId("dr_1")


@pytest.fixture
def bench(tmp_path: Path) -> RoomBench:
    """People and a draw; nothing planned."""
    return RoomBench(tmp_path)


class Killed(BaseException):
    """The process dies here; nobody catches it."""


def killed_before_the_hold(bench: RoomBench, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(FakeCommittee, "hold", die)
        with pytest.raises(Killed):
            bench.rooms.preparation.plan(DRAW, "演示", bench.clerk.account_id)
    assert bench.committee.holds == set()
    bench.rooms = bench.service()


def test_a_crash_between_plan_and_hold_is_made_good_by_the_next_tick(
    bench: RoomBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-REP-1: an unheld draw would be opened under the evaluation."""
    killed_before_the_hold(bench, monkeypatch)
    bench.rooms.tick(bench.clock.now())
    [(row, _)] = bench.rooms.reading.all()
    assert bench.committee.holds == {row.id}


def test_asking_again_after_the_crash_holds_too(
    bench: RoomBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_before_the_hold(bench, monkeypatch)
    again = bench.rooms.preparation.plan(DRAW, "演示", bench.clerk.account_id)
    assert bench.committee.holds == {again}
    assert len(bench.rooms.reading.all()) == 1


def test_no_evaluation_is_planned_of_a_draw_that_is_over(bench: RoomBench) -> None:
    bench.committee.over = True
    before = bench.books.size()
    with pytest.raises(errors.DrawIsOver):
        bench.rooms.preparation.plan(DRAW, "演示", bench.clerk.account_id)
    assert bench.rooms.reading.all() == []
    assert bench.books.size() == before


def test_a_draw_that_ends_between_the_look_and_the_hold_never_gets_a_room(
    bench: RoomBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(*_: object) -> None:
        bench.committee.over = True
        raise TooLate

    monkeypatch.setattr(FakeCommittee, "hold", too_late)
    with pytest.raises(TooLate):
        bench.rooms.preparation.plan(DRAW, "演示", bench.clerk.account_id)
    [(row, _)] = bench.rooms.reading.all()
    bench.rooms.tick(bench.clock.now())
    with pytest.raises(errors.DrawIsOver):
        bench.rooms.preparation.make_ready(row.id)
