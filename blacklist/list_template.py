"""The template of an outside list (外部名单导入模板), to be filled in a spreadsheet.

The same words give the same bytes: the date inside is fixed.
"""

import csv
import io
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from blacklist.core.list_columns import COLUMNS, HEADINGS, Words

SHEET: Final = "名单"
EXPLANATION: Final = "填写说明"
MADE_AT: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - the format has no zone
TEXT_ROWS: Final = 2000

RULES: Final = (
    "一行一条记录；请勿改动表头。",
    "身份证号列已设为文本格式；从别处粘贴时请选择“只粘贴值”。",
    "来源名单中打了星号的号码照原样填写，系统按姓名和可见的数字提示疑似，由人判断。",
    "不接受公式单元格；请先转为数值。",
    "任何一行有误，整个文件都不导入，并逐格列出原因；可选择只导入无误的行。",
    "姓名和身份证号导入后即加密保存，名单页面不显示。",
)


def template(words: Words) -> bytes:
    """The empty template: one sheet to fill, one that explains."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": MADE_AT})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, 22, text)
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, column.heading + ("*" if column.required else ""), head)
    # Some programs ignore a column's format where a cell has none of its own.
    for row in range(1, TEXT_ROWS + 1):
        for place in range(len(COLUMNS)):
            sheet.write_blank(row, place, None, text)
    _explain(book, head, words)
    book.close()
    return out.getvalue()


def template_csv() -> bytes:
    """The empty template as CSV in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow(HEADINGS)
    return out.getvalue().encode("utf-8-sig")


def _explain(book: Any, head: Any, words: Words) -> None:
    sheet = book.add_worksheet(EXPLANATION)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 80)
    lines: list[tuple[str, ...]] = [("列", "必填", "说明")]
    lines += [(one.heading, "是" if one.required else "否", one.about) for one in COLUMNS]
    lines += [("",)] + [(rule,) for rule in RULES]
    lines += [("",), ("类别", "代码")] + [(word, code) for word, code in words.kinds.items()]
    lines += [("",), ("事由", "代码")] + [(word, code) for word, code in words.grounds.items()]
    for row, line in enumerate(lines):
        for place, value in enumerate(line):
            sheet.write_string(row, place, str(value), *([head] if row == 0 else []))
