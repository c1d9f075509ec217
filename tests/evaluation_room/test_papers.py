"""Attendance by seat: times and log positions, no person; names are written by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

from draw_engine.core.draw_state import Draw
from draw_engine.sheet_pdf import render
from draw_engine.vault_seats import Told
from evaluation_room.core import events as facts
from evaluation_room.papers import attendance_of, notices_of
from foundation.ledger.entry import Entry
from tests.evaluation_room.bench import RoomBench

REQUEST = SimpleNamespace(
    project_name="",
    project_code="ZC-2026-001",
    section="01",
    place="第三评标室",
    starts_at=datetime(2026, 3, 2, 1, tzinfo=UTC),
)


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


def test_a_notice_list_leaves_out_a_repetition_that_an_answer_made_needless(
    bench: RoomBench,
) -> None:
    sent = bench.clock.now()
    draw = cast(Draw, SimpleNamespace(id="drw_1", request=REQUEST))
    told = [
        Told(0, 0, 0, sent, "inbox"),
        Told(0, 0, 1, None, ""),
        Told(1, 0, 0, None, ""),
    ]
    body = {"seat": 0, "step": 0}
    accepted = Entry(31, "draw/drw_1", 9, "draw.seat_accepted", sent, body, b"")
    rows = notices_of(draw, told, [accepted]).rows
    assert [(row[0], row[2], row[5]) for row in rows] == [("1", "1", "接受"), ("2", "1", "待答复")]
