"""Corrected lists for tests: the version in force with changes, and one with every fault."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter

from classification.catalogue_file import load_version
from classification.core.corrected import COLUMNS, Written

HEAD = [column.heading for column in COLUMNS]
FIELDS = [column.field for column in COLUMNS]
Line = dict[str, str]


def lines_of(version: str = "2018") -> list[Line]:
    """The lines of a packaged version as rows of the template."""
    return [
        dict.fromkeys(FIELDS, "") | {"code": line.code.code, "name": line.name}
        for line in load_version(version)
    ]


def changed(
    *,
    without: Iterable[str] = (),
    renamed: Mapping[str, str] | None = None,
    added: Mapping[str, str] | None = None,
    reused: Mapping[str, str] | None = None,
) -> list[Line]:
    """The 2018 list with lines taken out, renamed, added, or given another meaning."""
    out, names = set(without), dict(renamed or {}) | dict(reused or {})
    found = [line for line in lines_of() if line["code"] not in out]
    for line in found:
        line["name"] = names.get(line["code"], line["name"])
        if line["code"] in (reused or {}):
            line["reused"] = "是"
        elif line["code"] in (renamed or {}):
            line["reused"] = "否"
    for code, name in (added or {}).items():
        found.append(dict.fromkeys(FIELDS, "") | {"code": code, "name": name})
    return found


def as_csv(lines: Sequence[Mapping[str, str]]) -> bytes:
    """A CSV of the template."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEAD)
    writer.writerows([line.get(field, "") for field in FIELDS] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Sequence[Mapping[str, str]], formula: str = "") -> bytes:
    """The same as a workbook; `formula` stands in one cell more."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("专业")
    for place, heading in enumerate(HEAD):
        sheet.write_string(0, place, heading)
    for row, line in enumerate(lines, 1):
        for place, field in enumerate(FIELDS):
            sheet.write_string(row, place, line.get(field, ""))
    if formula:
        sheet.write_formula(len(lines) + 1, 1, formula)
    book.close()
    return out.getvalue()


def rows(*lines: Mapping[str, str]) -> list[Written]:
    """Rows as the reader gives them, the first in row 2."""
    return [Written(number, line) for number, line in enumerate(lines, 2)]


def every_bad_cell() -> list[Written]:
    """One row for each thing that can be wrong with a cell; `B` and `C` had other names."""
    return rows(
        {"code": "A", "name": "工程类"},
        {"code": "", "name": "无代码"},
        {"code": "a-1", "name": "写法"},
        {"code": "2010:A01", "name": "别的版本"},
        {"code": "A01", "name": ""},
        {"code": "A02", "name": "=1+1"},
        {"code": "A03", "name": "说明", "note": "@SUM(A1)"},
        {"code": "A04", "name": "级别", "level": "3"},
        {"code": "A05", "name": "改用", "reused": "也许"},
        {"code": "A05", "name": "重复"},
        {"code": "A06", "name": "绕圈甲", "parent": "A0601"},
        {"code": "A0601", "name": "绕圈乙", "parent": "A06"},
        {"code": "A07", "name": "上级不符", "parent": "B"},
        {"code": "A0801", "name": "孤儿"},
        {"code": "B", "name": "服务类"},
        {"code": "C", "name": "完全不同"},
    )
