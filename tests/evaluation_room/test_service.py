"""Use cases with real books: whole evaluation, retries, crashes, two at once, export, report."""

import io
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evaluation_room import effects, errors
from evaluation_room.core import commands as wishes
from evaluation_room.core import errors as refusals
from evaluation_room.core import events as facts
from evaluation_room.core import report, statements
from evaluation_room.core.values import Criteria, DocumentKind, PauseGround, Phase, VoidGround
from evaluation_room.preparing import count_pages
from evaluation_room.report_pdf import render
from foundation.errors import ServiceError
from foundation.ids import DrawId
from foundation.ledger.verify_export import verify_export
from tests.evaluation_room.bench import PDF, RoomBench, criteria

pytestmark = pytest.mark.both_engines


def pages_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_a_whole_evaluation_ends_with_a_report_that_says_every_figure(bench: RoomBench) -> None:
    seats = bench.open()
    bench.score(seats)
    bench.finish(seats)
    room = bench.room
    assert room.phase is Phase.CLOSED
    assert room.completed is not None
    assert room.results is not None
    sha256, pdf = bench.rooms.reading.report(bench.id, bench.rooms.viewer(bench.id, bench.clerk))
    assert sha256 == room.completed.sha256
    assert b"pdfaid" in pdf
    text = pages_of(pdf)
    for total in room.results.totals:
        assert total.total in text
        assert total.price in text
    for member in room.seats:
        assert member.opened is not None
        assert f"#{member.opened.index}" in text
    assert "𠮷祥建设" in text
    assert "䶮达工程" in text
    assert bench.committee.holds == set()
    assert bench.rooms.tick(bench.clock.now()) is None


def test_preparing_the_same_again_changes_nothing(bench: RoomBench) -> None:
    desk, by = bench.rooms.preparation, bench.clerk.account_id
    again = desk.plan(DrawId("dr_2"), "再一次（演示）", by)
    sizes = []

    for _ in range(2):
        desk.list_bidders(again, bench.room.bidders)
        document = desk.file_document(again, PDF, DocumentKind.TENDER, "招标文件", None)
        desk.sign_criteria(again, criteria(), by)
        sizes.append(bench.books.size())

    assert sizes[0] == sizes[1]
    assert bench.rooms.hub.room(again).documents == (document,)


def test_a_character_no_font_holds_is_spelled_and_stops_nothing(bench: RoomBench) -> None:
    told = report.compose(bench.rooms.hub.facts(bench.id), bench.clock.now())
    told["title"] = "\U00020001字号"
    pdf = render(told, bench.books.checkpoint(), bench.clock.now(), demonstration=False)
    assert "U+20001" in pages_of(pdf)


def test_signatures_are_over_the_head_of_the_stream(bench: RoomBench) -> None:
    seats = bench.open()
    bench.score(seats)
    bench.finish(seats)
    known = bench.rooms.hub.facts(bench.id)
    signed = [one for one in known if isinstance(one.event, facts.ReportSigned)]
    assert len(signed) == 4
    for fact in signed:
        event = fact.event
        assert isinstance(event, facts.ReportSigned)
        assert event.head == known[fact.seq - 2].leaf.hex()
        told = statements.report(
            "sign", bench.id, event.seat, report_sha256=event.report_sha256, head=event.head
        )
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(event.key))
        key.verify(bytes.fromhex(event.signature), told)


def test_the_export_is_rechecked_off_line_and_a_changed_byte_is_found(bench: RoomBench) -> None:
    seats = bench.open()
    bench.score(seats)
    data = bench.rooms.reading.export(bench.id)
    verdict = verify_export(data, bench.rooms.log_key)
    assert verdict.sound
    assert verdict.entries == bench.room.seq
    assert verdict.erased == 4  # the secret ballots
    changed = json.loads(data)
    body = bytes.fromhex(changed["entries"][1]["body"]).replace(b"100000000", b"100000001")
    changed["entries"][1]["body"] = body.hex()
    assert not verify_export(json.dumps(changed).encode(), bench.rooms.log_key).sound


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda entries: entries[1].update(salt="", body=b"{}".hex()), "digest"),
        (lambda entries: entries[1].update(salt=None), "body"),
        (lambda entries: entries[1].update(body=None), "body"),
        (lambda entries: entries[1].update(at=entries[1]["at"] + 1), "digest"),
        (lambda entries: entries[1].update(at=entries[1]["at"] - 7200), "at"),
        (lambda entries: entries.pop(1), "seq"),
        (lambda entries: entries.pop(0), "seq"),
        (lambda entries: entries.insert(2, entries[1]), "index"),
        (lambda entries: entries.reverse(), "seq"),
        (lambda entries: entries[1].update(index=entries[1]["index"] + 1), "path"),
    ],
)
def test_an_export_that_was_tampered_with_is_refused(
    bench: RoomBench, change: Callable[[list[dict[str, Any]]], object], why: str
) -> None:
    bench.score(bench.open())
    export = json.loads(bench.rooms.reading.export(bench.id))
    change(export["entries"])
    verdict = verify_export(json.dumps(export).encode(), bench.rooms.log_key)
    assert (verdict.sound, verdict.why) == (False, why)


def test_the_log_never_tells_a_ballot_or_an_envelope(bench: RoomBench) -> None:
    bench.score(bench.open())
    lines = bench.rooms.reading.log(bench.id)
    assert [line.seq for line in lines] == list(range(1, bench.room.seq + 1))
    assert all("choice" not in line.facts for line in lines if line.type == "room.ballot_cast")
    assert all("envelope" not in line.facts for line in lines)


def test_a_repeated_command_is_answered_and_not_done_again(bench: RoomBench) -> None:
    who = bench.people["x1"]
    first = bench.act(who, wishes.CheckIn(), "same")
    assert bench.act(who, wishes.CheckIn(), "same") == first
    assert bench.room.seq == first
    with pytest.raises(refusals.AlreadyDone):
        bench.act(who, wishes.CheckIn(), "other")


def test_two_who_press_at_once_are_both_heard(bench: RoomBench) -> None:
    refused: list[ServiceError] = []

    def press(name: str) -> None:
        try:
            bench.rooms.handle(bench.id, bench.people[name], wishes.CheckIn(), f"k-{name}")
        except ServiceError as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=press, args=(name,)) for name in ("x1", "x2", "x3", "w1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert all(seat.checked_in_at is not None for seat in bench.room.seats)


def test_a_crash_before_the_opening_is_made_good_by_the_next_start(
    bench: RoomBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats = bench.open()
    monkeypatch.setattr(effects, "settle", lambda *_: None)
    bench.score(seats)
    assert bench.room.all_sealed
    assert bench.phase() is Phase.SCORING
    monkeypatch.undo()
    bench.rooms = bench.service()
    bench.rooms.tick(bench.clock.now())
    assert bench.phase() is Phase.SUMMARY


def test_a_crash_after_the_draw_was_asked_does_not_cost_the_newcomer_the_seat(
    bench: RoomBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.open()
    writes = bench.rooms.write
    monkeypatch.setattr(bench.rooms, "write", lambda *_: (_ for _ in ()).throw(errors.Busy()))
    with monkeypatch.context() as first:
        first.setattr(bench.rooms, "write", writes)
        first.setattr(effects, "newcomer", lambda *_: (_ for _ in ()).throw(errors.Busy()))
        void = wishes.VoidSeat(seat="e2", ground=VoidGround.LEFT, note="离开")
        bench.act(bench.supervisor, void)
    assert bench.committee.vacated == [(1, "absent")]
    assert len(bench.room.vacant) == 1
    bench.rooms = bench.service()
    bench.rooms.tick(bench.clock.now())
    assert bench.committee.vacated == [(1, "absent")]
    assert not bench.room.vacant
    assert bench.room.seats[-1].replaces == "e2"


def test_a_paused_room_stands_still_and_only_the_supervisor_lifts_a_supervisors_pause(
    bench: RoomBench,
) -> None:
    pause = wishes.Pause(ground=PauseGround.SUPERVISION_ORDER, note="文号 1")
    bench.act(bench.supervisor, pause)
    with pytest.raises(refusals.IsPaused):
        bench.act(bench.people["x1"], wishes.CheckIn())
    bench.clock.advance(timedelta(days=1))
    bench.rooms.tick(bench.clock.now())
    assert not bench.room.vacant
    with pytest.raises(refusals.NotPermitted):
        bench.act(bench.clerk, wishes.Resume())
    bench.act(bench.supervisor, wishes.Resume())
    bench.act(bench.people["x1"], wishes.CheckIn())


def test_a_seat_that_checked_in_is_nobody_elses(bench: RoomBench) -> None:
    bench.enter(bench.people["x1"])
    bench.committee.experts[0] = bench.add_expert("other")
    with pytest.raises(errors.NoPlace):
        bench.act(bench.people["other"], wishes.AskTime())


def test_the_leader_needs_a_majority_and_after_two_rounds_the_earliest_of_the_tied(
    bench: RoomBench,
) -> None:
    seats = bench.seated()
    for who in seats.values():
        bench.enter(who)
    bench.act(bench.clerk, wishes.Advance(leaving=Phase.CHECK_IN))
    for step in (bench.promise, bench.declare):
        for who in seats.values():
            step(who)
    for number in (1, 2):
        assert bench.room.leader is None
        for seat, choice in (("e1", "e3"), ("e2", "e3"), ("e3", "e2"), ("o1", "e2")):
            bench.act(seats[seat], wishes.Vote(round=number, choice=choice))
    assert bench.room.leader == "e2"
    assert bench.room.counted[-1].how == "seat_order"


def test_nothing_changes_once_everything_is_hashed(bench: RoomBench) -> None:
    prepare = bench.rooms.preparation
    with pytest.raises(refusals.NotPreparing):
        prepare.list_bidders(bench.id, bench.room.bidders[:3])
    with pytest.raises(refusals.NotPreparing):
        prepare.sign_criteria(bench.id, criteria(), bench.clerk.account_id)
    with pytest.raises(refusals.NotPreparing):
        prepare.make_ready(bench.id)


def test_criteria_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    bench = RoomBench(tmp_path)
    prepare = bench.rooms.preparation
    bench.id = prepare.plan(DrawId("dr_1"), "演示", bench.clerk.account_id)
    good = criteria()
    for wrong, refusal in (
        (good.model_copy(update={"price_weight": "31"}), refusals.CriteriaUnfit),
        (Criteria(price_weight="100", criteria=()), refusals.CriteriaUnfit),
        (
            Criteria(
                price_weight="5",
                criteria=(good.criteria[0].model_copy(update={"max": "95"}),),
            ),
            refusals.PriceWeightTooLow,
        ),
    ):
        with pytest.raises(refusal):
            prepare.sign_criteria(bench.id, wrong, bench.clerk.account_id)


def test_only_readable_pdfs_are_filed(bench: RoomBench) -> None:
    prepare = bench.rooms.preparation
    for data in (b"", b"hello", b"%PDF-1.7 nothing", PDF + b"/Encrypt 9 0 R"):
        with pytest.raises(errors.NotAPdf):
            prepare.file_document(bench.id, data, DocumentKind.TENDER, "x", None)
    told = report.compose(bench.rooms.hub.facts(bench.id), bench.clock.now())
    made = render(told, bench.books.checkpoint(), bench.clock.now(), demonstration=False)
    assert count_pages(made) == len(pypdf.PdfReader(io.BytesIO(made)).pages)
