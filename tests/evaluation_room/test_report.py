"""The report as a file and as a witness: archival form, stamp, majority, where figures rest."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import pypdf
import pytest

from evaluation_room.core import commands as wishes
from evaluation_room.core import events as facts
from evaluation_room.core.values import PauseGround, Phase
from foundation.auth.principal import Principal
from foundation.ledger.verify_export import verify_export
from tests.evaluation_room.bench import RoomBench

DEMONSTRATION = "演示数据"
NO_MAJORITY = "未形成多数意见"


def report(bench: RoomBench) -> pypdf.PdfReader:
    viewer = bench.rooms.viewer(bench.id, bench.clerk)
    return pypdf.PdfReader(io.BytesIO(bench.rooms.reading.report(bench.id, viewer)[1]))


def words(reader: pypdf.PdfReader) -> str:
    return "".join(page.extract_text() for page in reader.pages)


def reported(bench: RoomBench) -> dict[str, Principal]:
    """A room whose report waits to be signed."""
    bench.score(seats := bench.open())
    bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    return seats


def answer(bench: RoomBench, seats: dict[str, Principal], dissents: int) -> None:
    """The first `dissents` members dissent, the rest sign; then the clerk closes."""
    assert bench.room.report is not None
    sha256 = bench.room.report.sha256
    for place, who in enumerate(seats.values()):
        if place < dissents:
            bench.act(who, wishes.DissentReport(report_sha256=sha256, reasons="业绩认定有误"))
        else:
            bench.act(who, wishes.SignReport(report_sha256=sha256))
    bench.act(bench.clerk, wishes.Advance(leaving=Phase.REPORT))


def test_the_report_is_pdf_a_2b_with_every_font_inside(bench: RoomBench) -> None:
    reported(bench)
    reader = report(bench)
    pages: list[Any] = list(reader.pages)
    catalog: Any = reader.trailer["/Root"]
    xmp = catalog["/Metadata"].get_object().get_data().decode()
    found = dict(re.findall(r"<pdfaid:(part|conformance)>(\w+)<", xmp))
    assert found == {"part": "2", "conformance": "B"}
    [intent] = catalog["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert intent.get_object()["/DestOutputProfile"].get_object().get_data()
    fonts = {
        font.indirect_reference.idnum: font
        for page in pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())
    }
    assert fonts
    for font in fonts.values():
        [inner] = font["/DescendantFonts"]
        descriptor = inner.get_object()["/FontDescriptor"].get_object()
        files = [key for key in ("/FontFile", "/FontFile2", "/FontFile3") if key in descriptor]
        assert files, font["/BaseFont"]
        assert descriptor[files[0]].get_object().get_data()


@pytest.mark.parametrize("demonstration", [True, False])
def test_every_page_and_the_export_say_whether_this_is_a_demonstration(
    bench: RoomBench, *, demonstration: bool
) -> None:
    bench.rooms = bench.service(demonstration=demonstration)
    reported(bench)
    pages = [page.extract_text() for page in report(bench).pages]
    assert [page.count(DEMONSTRATION) >= 2 for page in pages] == [demonstration] * len(pages)
    assert (DEMONSTRATION in "".join(pages)) is demonstration
    export = bench.rooms.reading.export(bench.id)
    assert json.loads(export)["demonstration"] is demonstration
    assert verify_export(export, bench.rooms.log_key).sound


@pytest.mark.parametrize(("dissents", "agreed"), [(0, True), (1, True), (2, False), (4, False)])
def test_the_report_says_when_no_majority_agreed(
    bench: RoomBench, dissents: int, *, agreed: bool
) -> None:
    """R-EVAL-12: half of four is no majority."""
    answer(bench, reported(bench), dissents)
    assert bench.phase() is Phase.CLOSED
    assert bench.room.agreed is agreed
    assert (NO_MAJORITY in words(report(bench))) is not agreed


def test_while_members_are_silent_nobody_claims_a_majority(bench: RoomBench) -> None:
    """R-EVAL-12."""
    seats = reported(bench)
    assert bench.room.agreed is None
    assert NO_MAJORITY not in words(report(bench))
    assert bench.room.report is not None
    told = wishes.SignReport(report_sha256=bench.room.report.sha256)
    for seat in ("e1", "e2"):
        bench.act(seats[seat], told)
    assert bench.room.agreed is None
    bench.act(seats["e3"], told)
    assert bench.room.agreed is True


def test_an_amended_figure_points_at_its_amendment(bench: RoomBench) -> None:
    """R-EVAL-13: the sheet says another score than the table, and the table says why."""
    seats = bench.open()
    for seat, who in seats.items():
        given = {("b1", "c3"): "5"} if seat == "e2" else {}
        bench.submit(seat, who, bench.sheet(seat, scores=given))
    bench.act(
        seats["e2"],
        wishes.AmendScore(bidder="b1", criterion="c3", score="10", reason="漏看一项业绩"),
    )
    bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    [index] = [
        one.index
        for one in bench.rooms.hub.facts(bench.id)
        if isinstance(one.event, facts.ScoreAmended)
    ]
    text = words(report(bench))
    assert re.search(rf"10\s*#{index}\b", text)
    assert text.count(f"#{index}") >= 2  # beside the figure, and where the change is told
    assert "改分记录号" in text


def test_deemed_consent_names_the_notice_before_it(bench: RoomBench) -> None:
    """R-EVAL-12: silence counts only after a notice, and the report shows which."""
    seats = reported(bench)
    assert bench.room.report is not None
    for seat in ("e1", "e2", "o1"):
        bench.act(seats[seat], wishes.SignReport(report_sha256=bench.room.report.sha256))
    wait = timedelta(seconds=bench.overlay.deemed_consent_seconds)
    for _ in range(2):
        bench.clock.advance(wait)
        bench.rooms.tick(bench.clock.now())
    bench.act(bench.clerk, wishes.Advance(leaving=Phase.REPORT))
    [notice] = [
        one
        for one in bench.rooms.hub.facts(bench.id)
        if isinstance(one.event, facts.SignatureAsked)
    ]
    text = words(report(bench))
    assert re.search(rf"催签通知[^（）]*#{notice.index}）", text)
    assert "逾期未签，视为同意" in text


def test_every_order_of_an_office_stands_in_the_report_with_its_ground(bench: RoomBench) -> None:
    """R-SUP-2."""
    seats = bench.open()
    bench.act(bench.supervisor, wishes.Pause(ground=PauseGround.SUPERVISION_ORDER, note="核查"))
    bench.act(bench.supervisor, wishes.Resume())
    bench.score(seats)
    bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    text = words(report(bench))
    orders = bench.room.interventions
    assert len(orders) == 2
    assert all(f"#{one.index}" in text for one in orders)
    assert "暂停：监督部门决定" in text
    assert "核查" in text
