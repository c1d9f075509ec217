"""Lists that were made carelessly or with intent: too large, runnable, one person twice."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli_pool import app
from app.opened import REFUSED
from draw_engine.pool_import import ImportRefused
from draw_engine.pool_workbook import harmless, pool_workbook, write_pool
from tests.draw_engine.pool.bench import PoolBench, generated
from tests.draw_engine.pool.test_import import good_rows, problems_of, text_file, workbook

FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@pytest.mark.parametrize("write", [workbook, text_file])
def test_one_person_under_two_spellings_is_seen_and_both_rows_are_named(
    bench: PoolBench, write: Any
) -> None:
    rows = good_rows(6)
    number, name = rows[0]["身份证号"], rows[0]["姓名"]
    for row in rows[1:4]:
        row["姓名"] = name
    rows[1]["身份证号"] = number.translate(FULL_WIDTH)
    rows[2]["身份证号"] = f"{number[:6]} {number[6:14]}\u3000{number[14:]}".lower()
    rows[3] |= {"身份证号": number, "姓名": f" {name[0]}\u3000{name[1:]}"}
    rows[4]["身份证号"] = number

    with pytest.raises(ImportRefused) as refused:
        bench.importer.run(write(rows), skip_bad=False, by="acc")

    told = [(one.row, one.code, one.facts["row"]) for one in refused.value.problems]
    assert told == [
        (3, "pool.identity_twice", 2),
        (4, "pool.identity_twice", 2),
        (5, "pool.identity_twice", 2),
        (6, "pool.identity_other_name", 2),
    ]


def test_the_same_person_in_two_portions_of_a_long_file_is_seen(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("draw_engine.pool_import.PORTION", 4)
    monkeypatch.setattr("draw_engine.pool_import.STEP", 3)
    rows = good_rows(20)
    rows[18] |= {"身份证号": rows[1]["身份证号"], "姓名": rows[1]["姓名"]}

    assert problems_of(bench, workbook(rows)) == [(20, "身份证号", "pool.identity_twice")]
    assert bench.pool.newest() == bench.persons.newest() == ""


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠"))
@pytest.mark.parametrize("column", ["姓名", "工作单位", "职称"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused(
    bench: PoolBench, sign: str, column: str
) -> None:
    rows = good_rows(2)
    rows[0][column] = f"{sign}HYPERLINK(甲)"

    assert problems_of(bench, text_file(rows)) == [(2, column, "pool.begins_like_formula")]


def test_what_we_write_holds_no_runnable_cell(tmp_path: Path) -> None:
    people = [replace(one, employer="=1+1", title="@x") for one in generated(2)]

    write_pool(tmp_path / "pool.csv", people)
    book = zipfile.ZipFile(io.BytesIO(pool_workbook(people)))

    assert ",'=1+1," in (tmp_path / "pool.csv").read_text("utf-8-sig")
    assert ",'@x," in (tmp_path / "pool.csv").read_text("utf-8-sig")
    assert harmless(["+1", "-1", "甲=1", ""]) == ["'+1", "'-1", "甲=1", ""]
    sheet = book.read("xl/worksheets/sheet1.xml")
    assert b'inlineStr"><is><t>=1+1<' in sheet
    assert b"<f" not in sheet


def test_a_file_of_300_mb_is_refused_by_its_size(tmp_path: Path) -> None:
    file = tmp_path / "large.xlsx"
    with file.open("wb") as hollow:
        hollow.truncate(300 * 2**20)

    result = CliRunner().invoke(app, ["import", str(file), "--home", str(tmp_path / "home")])

    assert result.exit_code == REFUSED
    assert "256 MB" in result.output


@pytest.fixture(autouse=True)
def _a_named_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPERT_DRAW_LOG_ORIGIN", "test.expert-draw.example/log")
