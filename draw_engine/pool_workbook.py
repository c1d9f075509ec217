"""Writes the import template and generated pools as workbooks and CSV.

The same content gives the same bytes: the date inside is fixed.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from string import ascii_uppercase
from typing import Any, BinaryIO, Final

import xlsxwriter

from draw_engine.core.pool_record import PoolRecord
from draw_engine.pool_cells import portions
from draw_engine.pool_columns import COLUMNS, RUNS_IN_A_SPREADSHEET
from draw_engine.pool_generate import MARK

SHEET: Final = "专家"
EXPLANATION: Final = "填写说明"
MADE_AT: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - the format has no zone
TEXT_ROWS: Final = 2000
FILLED: Final = "xl/worksheets/sheet1.xml"
TEXT_STYLE: Final = 2
"""Number of the text format in the template: the second after the default one."""
ROWS_AT_ONCE: Final = 1000

RULES: Final = (
    "一行一位专家；请勿改动表头。",
    "身份证号、手机号、信用代码列已设为文本格式；从别处粘贴时请选择“只粘贴值”。",
    "身份证号如显示为 1.10101E+17 或末尾变成 000，说明位数已丢失，须重新录入。",
    "不接受公式单元格；请先转为数值。",
    "评标专业使用《公共资源交易评标专家专业分类标准》2018 年版代码，例如 A080205;B03。",
    "任何一行有误，整个文件都不导入，并逐格列出原因；可选择只导入无误的行。",
    "姓名、身份证号、手机号导入后即加密保存，抽取过程中任何人都看不到。",
)


def template() -> bytes:
    """The empty template (导入模板) as an XLSX workbook: one sheet to fill, one that explains."""
    return _workbook()


def template_csv() -> bytes:
    """The empty template as CSV in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow(column.heading for column in COLUMNS)
    return out.getvalue().encode("utf-8-sig")


def pool_workbook(records: Iterable[PoolRecord]) -> bytes:
    """A filled template; what the import reads back is what was written."""
    out = io.BytesIO()
    _fill(out, records)
    return out.getvalue()


def write_pool(path: Path, records: Iterable[PoolRecord]) -> None:
    """A filled template at `path`, XLSX, or CSV where the name ends so."""
    if path.suffix.lower() != ".csv":
        with path.open("wb") as out:
            _fill(out, records)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.heading for column in COLUMNS)
        writer.writerows(map(harmless, map(_values, records)))


def harmless(values: Iterable[str]) -> list[str]:
    """Values that no spreadsheet runs: what begins like a formula gets an apostrophe first."""
    return [f"'{one}" if one.startswith(RUNS_IN_A_SPREADSHEET) else one for one in values]


def _fill(out: BinaryIO, records: Iterable[PoolRecord]) -> None:
    """The template with rows between its header and the end of its first sheet.

    A million rows cell by cell through a library of workbooks take minutes; as text that is
    all of one form they take seconds.
    """
    with (
        zipfile.ZipFile(io.BytesIO(_workbook(blank_rows=0))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as new,
    ):
        for part in old.infolist():
            if part.filename != FILLED:
                new.writestr(part, old.read(part), zipfile.ZIP_DEFLATED)
                continue
            head, end, rest = old.read(part).partition(b"</sheetData>")
            # rows follow that it does not know of
            head = re.sub(rb"<dimension [^>]*/>", b"", head)
            made = zipfile.ZipInfo(FILLED, part.date_time)
            made.compress_type = zipfile.ZIP_DEFLATED
            with new.open(made, "w", force_zip64=True) as sheet:
                sheet.write(head)
                for rows in portions(enumerate(records, 2), ROWS_AT_ONCE):
                    sheet.write("".join(_row(at, one) for at, one in rows).encode())
                sheet.write(end + rest)


def _row(number: int, record: PoolRecord) -> str:
    style = f'{number}" s="{TEXT_STYLE}" t="inlineStr"><is><t>'
    cells = "".join(
        f'<c r="{letter}{style}{escape(value)}</t></is></c>'
        for letter, value in zip(ascii_uppercase, _values(record), strict=False)
        if value
    )
    return f'<row r="{number}">{cells}</row>'


def _workbook(blank_rows: int = TEXT_ROWS) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": MADE_AT})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, 20, text)
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, column.heading + ("*" if column.required else ""), head)
    _text_cells(sheet, text, blank_rows)
    _explain(book, head)
    book.close()
    return out.getvalue()


def _text_cells(sheet: Any, text: Any, rows: int) -> None:
    # Some programs ignore a column's format where a cell has none of its own.
    for row in range(1, rows + 1):
        for place in range(len(COLUMNS)):
            sheet.write_blank(row, place, None, text)


def _explain(book: Any, head: Any) -> None:
    sheet = book.add_worksheet(EXPLANATION)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, 80)
    for place, heading in enumerate(("列", "必填", "说明")):
        sheet.write_string(0, place, heading, head)
    for row, column in enumerate(COLUMNS, 1):
        sheet.write_string(row, 0, column.heading)
        sheet.write_string(row, 1, "是" if column.required else "否")
        sheet.write_string(row, 2, column.about)
    for row, rule in enumerate(RULES, len(COLUMNS) + 2):
        sheet.write_string(row, 0, rule)


def _values(record: PoolRecord) -> Sequence[str]:
    return (
        record.name,
        record.id_number,
        record.phone,
        record.employer,
        record.unified_credit_code,
        record.group_credit_code,
        record.region,
        record.title,
        ";".join(record.codes),
        record.valid_to.isoformat(),
        MARK.strip("（）") if record.generated else "",
    )
