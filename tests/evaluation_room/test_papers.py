"""Attendance by seat: times and log positions, no person; names are written by hand."""

from dataclasses import replace

from draw_engine.sheet_pdf import render
from evaluation_room.core import events as facts
from evaluation_room.papers import attendance_of
from tests.evaluation_room.bench import RoomBench


def test_an_attendance_sheet_tells_seats_times_and_positions(bench: RoomBench) -> None:
    bench.open()
    indices = {
        fact.event.seat: fact.index
        for fact in bench.rooms.hub.facts(bench.id)
        if isinstance(fact.event, facts.CheckedIn)
    }
    sheet = attendance_of(bench.room, indices)
    assert [row[0] for row in sheet.rows] == [seat.alias for seat in bench.room.all_seats]
    assert all(row[2].startswith("2026-03-02") for row in sheet.rows)
    assert [row[3] for row in sheet.rows] == [f"#{indices[s.id]}" for s in bench.room.all_seats]
    checkpoint = bench.books.checkpoint()
    at = bench.clock.now()
    one = render(sheet, checkpoint, at, demonstration=True)
    assert one.startswith(b"%PDF-")
    assert one == render(sheet, checkpoint, at, demonstration=True)
    assert one != render(sheet, checkpoint, at, demonstration=False)


def test_an_attendance_sheet_leaves_names_and_signatures_to_the_hand(bench: RoomBench) -> None:
    bench.open()
    sheet = attendance_of(bench.room, {})
    written = [at for at, column in enumerate(sheet.columns) if column in {"姓名（手写）", "签名"}]
    assert len(written) == 2
    assert {row[at] for row in sheet.rows for at in written} == {""}
    assert all(len(row) == len(sheet.columns) == len(sheet.widths) for row in sheet.rows)
    checkpoint, at = bench.books.checkpoint(), bench.clock.now()
    tall, low = (
        render(replace(sheet, by_hand=by_hand), checkpoint, at, demonstration=False)
        for by_hand in (True, False)
    )
    assert tall != low
