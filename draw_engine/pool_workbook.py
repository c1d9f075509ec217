"""Writes the import template and generated pools as workbooks and CSV.

The same content gives the same bytes: the date inside is fixed.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from draw_engine.core.pool_record import PoolRecord
from draw_engine.pool_columns import COLUMNS
from draw_engine.pool_generate import MARK

SHEET: Final = "专家"
EXPLANATION: Final = "填写说明"
MADE_AT: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - the format has no zone
TEXT_ROWS: Final = 2000

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
    return _workbook(())


def template_csv() -> bytes:
    """The empty template as CSV in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow(column.heading for column in COLUMNS)
    return out.getvalue().encode("utf-8-sig")


def pool_workbook(records: Iterable[PoolRecord]) -> bytes:
    """A filled template; what the import reads back is what was written."""
    return _workbook(records)


def write_pool(path: Path, records: Iterable[PoolRecord]) -> None:
    """A filled template at `path`, XLSX, or CSV where the name ends so."""
    if path.suffix.lower() != ".csv":
        path.write_bytes(_workbook(records))
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.heading for column in COLUMNS)
        writer.writerows(map(_values, records))


def _workbook(records: Iterable[PoolRecord]) -> bytes:
    out = io.BytesIO()
    # Row by row: 100 000 experts would otherwise be held a second time, as cells.
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": MADE_AT})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, 20, text)
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, column.heading + ("*" if column.required else ""), head)
    written = 0
    for written, record in enumerate(records, 1):
        for place, value in enumerate(_values(record)):
            if value:
                sheet.write_string(written, place, value, text)
    if not written:
        _text_cells(sheet, text)
    _explain(book, head)
    book.close()
    return out.getvalue()


def _text_cells(sheet: Any, text: Any) -> None:
    # Some programs ignore a column's format where a cell has none of its own.
    for row in range(1, TEXT_ROWS + 1):
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
