"""Generated members bring a whole room to its end by their habits alone."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.demo.seat import next_wish, sheet_of
from evaluation_room.core import commands
from evaluation_room.core.scoring import sheet_faults
from evaluation_room.core.shown import RoomView
from evaluation_room.core.values import CriterionKind, Phase
from evaluation_room.core.view_fold import fold
from evaluation_room.core.views import Viewer, ViewerRole, view_stream
from foundation.auth.principal import Principal
from tests.evaluation_room.bench import RoomBench


def seen_by(bench: RoomBench, seat: str) -> RoomView:
    """What a member's screen shows now."""
    facts = bench.rooms.hub.facts(bench.id)
    return fold(view_stream(facts, Viewer(ViewerRole.SEAT, seat)))


def play(bench: RoomBench, seats: dict[str, Principal]) -> int:
    """Let every member act as long as anyone has a wish; how many acts that were."""
    acts = 0
    while wishes := [
        (who, wish)
        for seat, who in seats.items()
        if (wish := next_wish(seen_by(bench, seat), seat)) is not None
    ]:
        who, wish = wishes[0]
        bench.act(who, wish)
        bench.clock.advance(timedelta(seconds=2))
        acts += 1
        assert acts < 200, "the habits go round in circles"
    return acts


@pytest.fixture
def bench(tmp_path: Path) -> RoomBench:
    made = RoomBench(tmp_path, experts=4, owners=1)
    made.prepare()
    return made


def test_from_check_in_to_the_signed_report(bench: RoomBench) -> None:
    seats = bench.seated()
    assert play(bench, seats) == 5
    bench.act(bench.clerk, commands.Advance(leaving=Phase.CHECK_IN))
    play(bench, seats)
    assert seen_by(bench, "e1").phase is Phase.REPORT
    assert {one.signature for one in seen_by(bench, "e1").seats} == {"signed"}
    bench.act(bench.clerk, commands.Advance(leaving=Phase.REPORT))
    assert bench.room.phase is Phase.CLOSED
    assert play(bench, seats) == 0


def test_sheets_are_without_fault_and_agree_where_they_must(bench: RoomBench) -> None:
    bench.open()
    room = bench.room
    sheets = {one.id: sheet_of(seen_by(bench, one.id), one.id) for one in room.seats}
    for seat in room.seats:
        assert sheet_faults(room, seat, sheets[seat.id]) == ()
    kinds = {one.id: one.kind for one in (room.criteria.criteria if room.criteria else ())}
    for column in zip(*(sheet.marks for sheet in sheets.values()), strict=True):
        if kinds[column[0].criterion] is CriterionKind.OBJECTIVE:
            assert len({mark.score for mark in column}) == 1
    assert len({sheet.marks for sheet in sheets.values()}) > 1


def test_members_agree_on_an_objective_mark_and_explain_an_outlier(bench: RoomBench) -> None:
    seats = bench.open()
    cell = ("b1", "c3")
    for number, (seat, who) in enumerate(seats.items()):
        score = {cell: "5" if number == 0 else "10", ("b1", "c1"): "0" if number == 1 else "35"}
        bench.submit(seat, who, bench.sheet(seat, scores=score))
    assert len(seen_by(bench, "e1").open_flags) == 2
    play(bench, seats)
    after = seen_by(bench, "e1")
    assert after.open_flags == ()
    assert [(one.seat, one.after) for one in after.amended] == [("e1", "10")]
    assert [one.seat for one in after.explained] == ["e2"]


def test_a_paused_or_stopped_room_and_a_void_seat_have_no_wishes(bench: RoomBench) -> None:
    view = seen_by(bench, "e1")
    assert next_wish(view, "e1") == commands.CheckIn()
    assert next_wish(view, "e9") is None
    void = view.seats[0].model_copy(update={"void": True})
    assert next_wish(view.model_copy(update={"seats": (void, *view.seats[1:])}), "e1") is None
    bench.act(bench.clerk, commands.Pause(ground="technical_fault", note="a cable"))
    assert next_wish(seen_by(bench, "e1"), "e1") is None
