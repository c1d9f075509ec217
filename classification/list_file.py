"""Reads a corrected list (XLSX or CSV) into rows as written, and writes the template of one.

A list of specialties has a few thousand rows: whatever is larger is something else.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from classification.core.catalogue import Catalogue
from classification.core.corrected import COLUMNS, Written
from classification.core.errors import ListTooLarge, ListUnreadable, ListWithFormulas

MOST_BYTES: Final = 4 * 2**20
MOST_UNPACKED_BYTES: Final = 64 * 2**20
MOST_ROWS: Final = 20_000
HEADER_WITHIN: Final = 10
MADE_AT: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - the format has no zone

UNREADABLE: Final = (
    *(CalamineError, zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, UnicodeError),
    # a compression that we lack, and a part that asks for a password
    *(NotImplementedError, RuntimeError),
)
FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")

Cells = list[str]


def read_rows(data: bytes) -> list[Written]:
    """Every row below the header that has something in it.

    Raises:
        ListTooLarge: over 4 MiB, 64 MiB unpacked, or 20 000 rows.
        ListWithFormulas: a sheet has computed cells.
        ListUnreadable: anything else, or no sheet with the headings 代码 and 名称.
    """
    if len(data) > MOST_BYTES:
        raise ListTooLarge(most_megabytes=MOST_BYTES // 2**20)
    tables = _workbook(data) if data[:4] == b"PK\x03\x04" else [_text(data)]
    required = {column.heading for column in COLUMNS if column.required}
    for rows in tables:
        heading = _heading(rows, required)
        if heading is not None:
            found = list(_below(rows, *heading))
            if len(found) > MOST_ROWS:
                raise ListTooLarge(most_megabytes=MOST_BYTES // 2**20)
            return found
    raise ListUnreadable(columns="、".join(_required()))


def template(catalogue: Catalogue | None = None) -> bytes:
    """The template as a workbook: empty, or holding a version that is to be corrected."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": MADE_AT})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet("专业")
    sheet.freeze_panes(1, 0)
    for place, (column, width) in enumerate(zip(COLUMNS, (14, 44, 14, 8, 44, 8), strict=True)):
        sheet.set_column(place, place, width, text)
        sheet.write_string(0, place, column.heading + ("*" if column.required else ""), head)
    for row, cells in enumerate(_cells(catalogue), 1):
        for place, cell in enumerate(cells):
            sheet.write_string(row, place, cell, text)
    about = book.add_worksheet("填写说明")
    about.set_column(0, 0, 16)
    about.set_column(1, 1, 80)
    for row, column in enumerate(COLUMNS):
        about.write_string(row, 0, column.heading, head)
        about.write_string(row, 1, column.about)
    about.write_string(len(COLUMNS) + 1, 0, "每个专业一行，须含全部专业；未列出的专业视为取消。")
    book.close()
    return out.getvalue()


def template_csv(catalogue: Catalogue | None = None) -> bytes:
    """The same as CSV in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(column.heading for column in COLUMNS)
    writer.writerows(_cells(catalogue))
    return out.getvalue().encode("utf-8-sig")


def _cells(catalogue: Catalogue | None) -> Iterator[Sequence[str]]:
    for line in catalogue or ():
        above = line.code.parent
        yield line.code.code, line.name, above.code if above else "", str(line.code.level), "", ""


def _heading(rows: Sequence[Cells], required: set[str]) -> tuple[int, Cells] | None:
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        names = [re.sub(r"[\s*＊]|（.*）|\(.*\)", "", cell) for cell in row]
        if required <= set(names):
            return at, names
    return None


def _below(rows: Sequence[Cells], at: int, names: Cells) -> Iterator[Written]:
    fields = {column.heading: column.field for column in COLUMNS}
    places = [(place, fields[name]) for place, name in enumerate(names) if name in fields]
    for number, row in enumerate(rows[at + 1 :], at + 2):
        cells = {field: row[place] for place, field in places if place < len(row)}
        if any(cell.strip() for cell in cells.values()):
            yield Written(number, cells)


def _workbook(data: bytes) -> Iterator[list[Cells]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            # A small file can unpack to more memory than the machine has.
            if sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
                raise ListTooLarge(most_megabytes=MOST_UNPACKED_BYTES // 2**20)
            sheets = [part for part in parts if part.filename.startswith("xl/worksheets/")]
            if any(FORMULA.search(archive.read(part)) for part in sheets):
                raise ListWithFormulas
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for name in book.sheet_names:
                yield _plain(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except UNREADABLE as bad:
        raise ListUnreadable(columns="、".join(_required())) from bad


def _plain(rows: Iterable[Sequence[object]]) -> list[Cells]:
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if value not in {None, ""} else ""


def _text(data: bytes) -> list[Cells]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
        try:
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error:
            break
    raise ListUnreadable(columns="、".join(_required()))


def _required() -> list[str]:
    return sorted(column.heading for column in COLUMNS if column.required)
