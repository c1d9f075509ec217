"""The draw certificate: what the paper says, what it never says, and that all copies are one."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import segno
from pypdf import PdfReader

from draw_engine.certificate import BANDS
from draw_engine.certificate_pdf import render
from draw_engine.core.request import SlotRequest
from draw_engine.refusals import NotPublished
from foundation.ledger.note import read_note
from foundation.ledger.signer import fingerprint_of
from tests.draw_engine.draw_bench import DrawBench, a_bench

ORIGIN = "https://draw.example"
VERIFIER = "0123456789abcdef" * 4
SLOTS = (SlotRequest(("2018:A0802",), 3), SlotRequest(("2018:B0101",), 1))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DrawBench]:
    with a_bench(tmp_path_factory.mktemp("certificate")) as bench:
        yield bench


@pytest.fixture(scope="module")
def draw_id(bench: DrawBench) -> str:
    """A draw with one decline, unsealed."""
    draw = bench.drawn(slots=SLOTS)
    with pytest.raises(NotPublished):
        bench.rooms.certificates.pdf(draw.id, ORIGIN, VERIFIER)
    bench.answer(draw.id, 1, accept=False)
    bench.settle()
    bench.accept_all(draw.id)
    with pytest.raises(NotPublished):
        bench.rooms.certificates.pdf(draw.id, ORIGIN, VERIFIER)
    bench.unseal(draw.id)
    return draw.id


@pytest.fixture(scope="module")
def pdf(bench: DrawBench, draw_id: str) -> bytes:
    return bench.rooms.certificates.pdf(draw_id, ORIGIN, VERIFIER)


def text_of(pdf: bytes) -> str:
    """The words of all pages, without any white space."""
    pages = PdfReader(BytesIO(pdf)).pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))


def test_it_says_what_was_drawn_and_how_to_check_it(
    bench: DrawBench, draw_id: str, pdf: bytes
) -> None:
    draw = bench.draws.draw(draw_id)
    last = bench.rooms.publisher.last_checkpoint(draw)
    fingerprint = fingerprint_of(read_note(last.note).checkpoint.root)
    said = text_of(pdf)

    manifest = draw.manifest or {}
    for fact in (
        "专家抽取凭证",
        draw_id,
        "Exampleroad,secondsection",
        "EX-2026-001",
        "市政工程",
        "A0802",
        "B0101",
        "充足（30人以上）",
        "一般（10至29人）",
        "补抽1次",
        f"检查点{last.size}",
        draw.M,
        manifest["policy"],
        VERIFIER,
        f"{ORIGIN}/verify?draw={draw_id}",
        "第1页，共1页",
        "经办",
        "监督",
    ):
        assert fact in said, fact
    assert said.count(fingerprint) >= 2, "large on the page and in the footer"


def test_it_names_no_expert_and_gives_no_count(bench: DrawBench, draw_id: str, pdf: bytes) -> None:
    told, _ = bench.rooms.certificates.told(draw_id, ORIGIN, VERIFIER)
    said = text_of(pdf)
    for expert in bench.pool.ids():
        person = bench.persons.get(expert)
        assert person.name not in said
        assert str(expert) not in said
    assert {slot["band"] for slot in told["slots"]} <= set(BANDS.values())
    assert {key for slot in told["slots"] for key in slot} == {"names", "codes", "seats", "band"}


def test_everybody_gets_the_same_bytes_whenever_they_ask(
    bench: DrawBench, draw_id: str, pdf: bytes
) -> None:
    bench.rooms.certificates._made.clear()
    bench.clock.at = bench.clock.at.replace(year=bench.clock.at.year + 1)
    assert bench.rooms.certificates.pdf(draw_id, ORIGIN, VERIFIER) == pdf


def test_it_is_an_archive_file_and_a_demonstration_says_so_across_the_page(
    bench: DrawBench, draw_id: str, pdf: bytes
) -> None:
    assert b"pdfaid:part>2" in pdf
    assert "演示环境生成" in text_of(pdf)
    assert "演示非正式文件" in text_of(pdf)
    told, at = bench.rooms.certificates.told(draw_id, ORIGIN, "")
    real = text_of(render({**told, "test": False}, at))
    assert "演示" not in real
    assert "本安装未附离线验证器" in real


def test_the_code_leads_to_the_verification_of_this_draw(bench: DrawBench, draw_id: str) -> None:
    told, _ = bench.rooms.certificates.told(draw_id, f"{ORIGIN}/", VERIFIER)
    assert told["link"] == f"{ORIGIN}/verify?draw={draw_id}"
    drawn = BytesIO()
    segno.make(told["link"], error="q", micro=False).save(
        drawn, kind="svg", border=0, xmldecl=False
    )
    assert told["qr"] == drawn.getvalue().decode()


def test_many_slots_go_on_to_a_second_page_with_the_same_foot(
    bench: DrawBench, draw_id: str
) -> None:
    told, at = bench.rooms.certificates.told(draw_id, ORIGIN, VERIFIER)
    long = render({**told, "slots": told["slots"] * 12, "operator": "生成" * 30}, at)
    said = text_of(long)
    pages = len(PdfReader(BytesIO(long)).pages)
    assert pages >= 2
    assert all(f"第{page}页，共{pages}页" in said for page in range(1, pages + 1))


def test_an_aborted_draw_has_none(tmp_path: Path) -> None:
    with a_bench(tmp_path) as bench:
        draw = bench.draws.file(bench.request())
        bench.settle()
        bench.draws.withdraw(draw.id, "act_applicant", "the tender was cancelled")
        bench.settle()
        with pytest.raises(NotPublished):
            bench.rooms.certificates.pdf(draw.id, ORIGIN, VERIFIER)
