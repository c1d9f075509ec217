"""The import: every bad cell named in one pass, all rows or none."""

import csv
import io
import zipfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from draw_engine.pool_cells import Cell, FileTooLarge, Form, HeaderMissing, NotAWorkbook
from draw_engine.pool_columns import COLUMNS, Unfit, read_day, read_identity, read_phone
from draw_engine.pool_import import ImportRefused, NothingToImport
from draw_engine.pool_sheets import Source
from draw_engine.pool_workbook import pool_workbook, template, template_csv
from tests.draw_engine.pool.bench import PoolBench, generated, the_standard

HEADINGS = [column.heading for column in COLUMNS]
Row = dict[str, Any]


def good_rows(n: int) -> list[Row]:
    """Rows as text, without a fault."""
    text = csv.reader(io.StringIO(_csv_of(n)))
    return [dict(zip(HEADINGS, row, strict=True)) for row in list(text)[1:]]


def _csv_of(n: int) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for one in generated(n):
        writer.writerow(
            [
                *(one.name, one.id_number, one.phone, one.employer, one.unified_credit_code),
                *(one.group_credit_code, one.region, one.title, ";".join(one.codes)),
                *(one.valid_to.isoformat(), "生成"),
            ]
        )
    return out.getvalue()


def workbook(rows: list[Row], above: int = 0) -> bytes:
    """An XLSX of rows; a value may be text, a number, a date, or `=formula`."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": True})
    sheet = book.add_worksheet("专家")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(above, 0, HEADINGS)
    for number, row in enumerate(rows, above + 1):
        for place, heading in enumerate(HEADINGS):
            value = row[heading]
            sheet.write(number, place, value, day if isinstance(value, date) else None)
    book.close()
    return out.getvalue()


def text_file(rows: list[Row], encoding: str = "utf-8-sig") -> bytes:
    """A CSV of rows."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADINGS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def problems_of(bench: PoolBench, data: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(ImportRefused) as refused:
        bench.importer.run(data, skip_bad=False, by="acc")
    return [(one.row, one.column, one.code) for one in refused.value.problems]


def test_what_was_written_is_what_is_read(bench: PoolBench) -> None:
    records = generated(40)

    outcome = bench.importer.run(pool_workbook(records), skip_bad=False, by="acc")

    assert (outcome.imported, outcome.skipped, outcome.problems) == (40, 0, ())
    people = bench.persons.get_many(bench.pool.ids())
    assert {one.id_number for one in people.values()} == {one.id_number for one in records}
    assert all(one.generated for one in people.values())
    assert {one.employer for one in bench.pool.facts()} == {
        one.unified_credit_code for one in records
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_of_the_field(bench: PoolBench, encoding: str) -> None:
    rows = good_rows(3)
    rows[0]["姓名"] = "䶮𠮷（生成）"

    assert bench.importer.run(text_file(rows, encoding), skip_bad=False, by="a").imported == 3
    people = bench.persons.get_many(bench.pool.ids())
    assert "䶮𠮷（生成）" in {one.name for one in people.values()}


def test_every_bad_cell_is_named_in_one_pass_and_nothing_is_imported(bench: PoolBench) -> None:
    rows = good_rows(14)
    rows[0]["姓名"] = "A1"
    rows[1]["身份证号"] = rows[1]["身份证号"][:17]
    rows[2]["身份证号"] = _other_check_digit(rows[2]["身份证号"])
    rows[3]["手机号"] = "12345"
    rows[4]["工作单位"] = ""
    rows[5]["统一社会信用代码"] = "91110000GEN000001A"
    rows[6]["省份代码"] = "110101"
    rows[7]["评标专业"] = "A999999"
    rows[8]["评标专业"] = "A0101;2010:A010102"
    rows[9]["聘期至"] = "2027-02-30"
    rows[10]["生成标记"] = "是"
    rows[11] |= {"手机号": "1", "身份证号": rows[12]["身份证号"]}
    rows[13]["姓名"] = "=1+1"

    found = problems_of(bench, workbook(rows))

    assert found == [
        (2, "姓名", "pool.name_malformed"),
        (3, "身份证号", "pool.identity_malformed"),
        (4, "身份证号", "pool.identity_check_digit"),
        (5, "手机号", "pool.phone_malformed"),
        (6, "工作单位", "pool.value_missing"),
        (7, "统一社会信用代码", "pool.credit_code_malformed"),
        (8, "省份代码", "pool.region_unknown"),
        (9, "评标专业", "classification.unknown_code"),
        (10, "评标专业", found[8][2]),
        (11, "聘期至", "pool.date_malformed"),
        (12, "生成标记", "pool.mark_unknown"),
        (13, "手机号", "pool.phone_malformed"),
        (14, "身份证号", "pool.identity_other_name"),
        (15, "姓名", "pool.formula_cell"),
    ]
    assert found[8][2] in {"classification.wrong_version", "classification.code_has_moved"}
    assert bench.pool.ids() == set()
    assert bench.persons.ids() == set()


def test_skipping_takes_the_good_rows_and_still_names_the_bad(bench: PoolBench) -> None:
    rows = good_rows(5)
    rows[2]["手机号"] = "?"

    outcome = bench.importer.run(workbook(rows), skip_bad=True, by="acc")

    assert (outcome.imported, outcome.skipped, len(outcome.problems)) == (4, 1, 1)
    assert len(bench.pool.ids()) == len(bench.persons.ids()) == 4


def test_who_is_in_the_pool_is_not_imported_again(bench: PoolBench) -> None:
    bench.importer.run(workbook(good_rows(3)[:2]), skip_bad=False, by="acc")

    found = problems_of(bench, workbook(good_rows(3)))

    assert found == [
        (2, "身份证号", "pool.identity_in_pool"),
        (3, "身份证号", "pool.identity_in_pool"),
    ]


@pytest.mark.parametrize("write", [workbook, text_file])
def test_an_identity_number_that_was_a_number_has_lost_digits(bench: PoolBench, write: Any) -> None:
    rows = good_rows(3)
    eaten = (row["身份证号"][:15] + "000" for row in good_rows(30))
    rows[1]["身份证号"] = next(one for one in eaten if ric.calc_check_digit(one) != "0")
    as_number = float(rows[0]["身份证号"][:17] + "0")
    rows[0]["身份证号"] = as_number if write is workbook else "1.10101E+17"

    found = problems_of(bench, write(rows))

    assert found[:2] == [
        (2, "身份证号", "pool.identity_digits_lost"),
        (3, "身份证号", "pool.identity_digits_lost"),
    ]


def test_a_problem_shows_form_and_length_and_never_the_value(bench: PoolBench) -> None:
    rows = good_rows(2)
    rows[0] |= {"身份证号": "SECRET-NUMBER", "姓名": "SECRET9", "手机号": 138}

    with pytest.raises(ImportRefused) as refused:
        bench.importer.run(workbook(rows), skip_bad=False, by="acc")

    assert [one.value_hint for one in refused.value.problems] == ["text:7", "text:13", "number:3"]
    assert "SECRET" not in str(refused.value) + repr(refused.value.beside)


def test_one_employer_has_one_group(bench: PoolBench) -> None:
    rows = good_rows(3)
    other = next(
        r["统一社会信用代码"]
        for r in good_rows(60)
        if r["统一社会信用代码"] != rows[0]["统一社会信用代码"]
    )
    for row in rows:
        row |= {"统一社会信用代码": rows[0]["统一社会信用代码"], "上级集团信用代码": ""}
    rows[2]["上级集团信用代码"] = other

    assert problems_of(bench, workbook(rows)) == [(4, "上级集团信用代码", "pool.group_differs")]


def test_real_cells_of_a_workbook_are_understood(bench: PoolBench) -> None:
    rows = good_rows(2)
    rows[0] |= {
        "手机号": 13800000000,
        "省份代码": 110000,
        "聘期至": datetime(2027, 12, 31),  # noqa: DTZ001 - as a spreadsheet has it
        "评标专业": "a080205；2018:B03，A080205",
        "身份证号": f" {rows[0]['身份证号'].lower()} ",
    }

    bench.importer.run(workbook(rows, above=3), skip_bad=False, by="acc")

    one = next(x for x in bench.pool.facts() if x.codes == ("A080205", "B03"))
    assert (one.region, one.valid_to) == (110000, date(2027, 12, 31))
    assert bench.persons.get(one.expert_id).phone == "13800000000"


@pytest.mark.parametrize(
    "data",
    [b"\xd0\xcf\x11\xe0\0\0", b"PK\x03\x04 not a zip", b"\xff\xfe\0a", b"\x81\xff\xff", b"%PDF\0"],
)
def test_what_is_no_workbook_is_refused_as_such(bench: PoolBench, data: bytes) -> None:
    with pytest.raises(NotAWorkbook):
        bench.importer.run(data, skip_bad=True, by="acc")


def test_a_zip_of_something_else_is_no_workbook(bench: PoolBench) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(NotAWorkbook):
        bench.importer.run(out.getvalue(), skip_bad=True, by="acc")


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_our_own_words(data: bytes) -> None:
    for some in (data, b"PK\x03\x04" + data, workbook([])[:-1] + data[:1]):
        with suppress(NotAWorkbook, HeaderMissing):
            assert list(Source(io.BytesIO(some), HEADINGS, HEADINGS[:3]).lines()) == []


def test_a_file_without_the_headings_is_told_which_are_missing(bench: PoolBench) -> None:
    with pytest.raises(HeaderMissing) as refused:
        bench.importer.run("甲,乙\n1,2\n".encode(), skip_bad=False, by="acc")
    assert "身份证号" in str(refused.value.facts["columns"])


def test_too_large_a_file_is_refused_before_it_is_read(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("draw_engine.pool_sheets.MOST_BYTES", 100)
    with pytest.raises(FileTooLarge):
        bench.importer.run(workbook(good_rows(1)), skip_bad=False, by="acc")
    monkeypatch.undo()
    monkeypatch.setattr("draw_engine.pool_xlsx.MOST_UNPACKED_BYTES", 100)
    with pytest.raises(FileTooLarge):
        bench.importer.run(workbook(good_rows(1)), skip_bad=False, by="acc")


@pytest.mark.parametrize("data", [template(), template_csv()])
def test_the_empty_template_is_read_and_holds_nobody(bench: PoolBench, data: bytes) -> None:
    with pytest.raises(NothingToImport):
        bench.importer.run(data, skip_bad=False, by="acc")


def test_the_template_in_the_examples_is_the_one_the_service_hands_out() -> None:
    examples = Path(__file__).parents[3] / "examples"
    assert (examples / "pool-template.xlsx").read_bytes() == template()
    assert (examples / "pool-template.csv").read_bytes() == template_csv()


digits = st.text("0123456789", min_size=17, max_size=17)


@given(digits)
def test_an_identity_number_needs_its_check_digit_and_a_day_that_exists(body: str) -> None:
    right = body + ric.calc_check_digit(body + "0")
    try:
        ric.get_birth_date(right)
        exists = True
    except ric.ValidationError:
        exists = False

    if exists:
        assert read_identity(Cell(Form.TEXT, right), the_standard()) == right
    else:
        with pytest.raises(Unfit, match=r"pool\.identity_malformed"):
            read_identity(Cell(Form.TEXT, right), the_standard())


@given(st.text(max_size=20))
def test_a_telephone_is_eleven_digits_of_a_mobile_or_unfit(text: str) -> None:
    try:
        number = read_phone(Cell(Form.TEXT, text), the_standard())
    except Unfit:
        return
    assert len(number) == 11
    assert number.startswith("1")


@given(st.dates(min_value=date(1990, 1, 1)))
def test_days_are_read_in_all_the_ways_they_are_written(day: date) -> None:
    for text in (
        f"{day:%Y-%m-%d}",
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert read_day(Cell(Form.TEXT, text), the_standard()) == day


def _other_check_digit(number: str) -> str:
    return number[:17] + ("1" if number[17] != "1" else "2")
