"""One broken room holds up no other, and a failing effect unsays no command."""

from datetime import timedelta

import pytest

from evaluation_room import effects, report_pdf
from evaluation_room.core import commands as wishes
from evaluation_room.core.values import Phase
from foundation.ids import DrawId
from tests.evaluation_room.bench import RoomBench


@pytest.fixture
def second(bench: RoomBench) -> str:
    """A later evaluation, which the tick meets beside the bench's own."""
    bench.clock.advance(timedelta(seconds=1))
    by = bench.clerk.account_id
    return str(bench.rooms.preparation.plan(DrawId("dr_2"), "另一个（演示）", by))


@pytest.mark.parametrize("broken_first", [True, False])
def test_a_room_whose_stream_is_broken_does_not_hold_up_another(
    bench: RoomBench, second: str, monkeypatch: pytest.MonkeyPatch, *, broken_first: bool
) -> None:
    broken, healthy = (second, bench.id) if broken_first else (bench.id, second)
    seen: list[str] = []
    hub = bench.rooms.hub
    read, settle = hub.catch_up, effects.settle

    def catch_up(evaluation_id: str) -> object:
        if evaluation_id == broken:
            raise ValueError("an entry of it cannot be read")
        return read(evaluation_id)

    def settled(desk: object, evaluation_id: str) -> None:
        seen.append(evaluation_id)
        settle(bench.rooms, evaluation_id)

    monkeypatch.setattr(hub, "catch_up", catch_up)
    monkeypatch.setattr(effects, "settle", settled)
    again = bench.rooms.tick(bench.clock.now())
    assert seen == [healthy]
    assert again is not None  # the broken one is looked at again


def test_absence_in_one_room_is_stated_although_another_is_broken(
    bench: RoomBench, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-REP-4."""
    read = bench.rooms.hub.catch_up

    def catch_up(evaluation_id: str) -> object:
        if evaluation_id == second:
            raise ValueError("an entry of it cannot be read")
        return read(evaluation_id)

    monkeypatch.setattr(bench.rooms.hub, "catch_up", catch_up)
    bench.clock.advance(timedelta(seconds=bench.overlay.absent_seconds))
    bench.rooms.tick(bench.clock.now())
    assert [seat.void is not None for seat in bench.room.all_seats][:3] == [True] * 3


def test_a_command_is_answered_although_the_report_cannot_be_set(
    bench: RoomBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.score(seats := bench.open())

    def fails(*_: object, **__: object) -> bytes:
        raise RuntimeError("no font")

    with monkeypatch.context() as broken:
        broken.setattr(report_pdf, "render", fails)
        bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    assert bench.phase() is Phase.REPORT
    assert bench.room.report is None
    bench.rooms.tick(bench.clock.now())
    assert bench.room.report is not None


def test_a_member_finds_the_own_room_beside_a_broken_one(
    bench: RoomBench, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = bench.rooms.hub.room

    def room(evaluation_id: str) -> object:
        if evaluation_id == second:
            bench.rooms.row("ev_nobody_knows")
        return read(evaluation_id)

    monkeypatch.setattr(bench.rooms.hub, "room", room)
    mine = bench.rooms.mine(bench.people["x1"])
    assert [room.evaluation_id for room, _ in mine] == [bench.id]
