"""Reads an uploaded workbook or CSV into lines of cells; knows nothing of experts.

A cell keeps how it was written: a number cell in the identity column has lost digits
before we ever saw it, and a formula's value depends on a program we did not run.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from foundation.errors import Kind, ServiceError

MOST_BYTES: Final = 32 * 2**20
MOST_UNPACKED_BYTES: Final = 400 * 2**20
MOST_ROWS: Final = 300_000
HEADER_WITHIN: Final = 10
CSV_SHEET: Final = "CSV"

UNREADABLE: Final = (
    *(CalamineError, zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, UnicodeError),
    # a compression that we lack, and a part that asks for a password
    *(NotImplementedError, RuntimeError),
)

_CELL_WITH_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?c\b[^<>]*?\br=\"([A-Z]{1,3})(\d+)\"[^<>]*>\s*<(?:\w+:)?f[\s/>]"
)
_SHEET: Final = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION: Final = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE: Final = re.compile(r"([\w:]+)=\"([^\"]*)\"")


class NotAWorkbook(ServiceError):
    """Neither an XLSX workbook nor a CSV text that we can read."""

    code = "pool.not_a_workbook"
    kind = Kind.INVALID


class FileTooLarge(ServiceError):
    """More bytes or rows than one import takes."""

    code = "pool.file_too_large"
    kind = Kind.TOO_LARGE


class HeaderMissing(ServiceError):
    """No sheet has the columns of the template in its first rows."""

    code = "pool.header_missing"
    kind = Kind.INVALID


class Form(StrEnum):
    """How a value was written."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DAY = "date"
    FORMULA = "formula"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as text; numbers without a fraction are written without one."""

    form: Form
    text: str
    day: date | None = None

    @property
    def hint(self) -> str:
        """How it was written and how long it is, such as `text:17`; never the value."""
        return f"{self.form}:{len(self.text)}"


EMPTY: Final = Cell(Form.EMPTY, "")


@dataclass(frozen=True, slots=True)
class Line:
    """One row below the header; `row` counts from 1 as the spreadsheet shows it."""

    sheet: str
    row: int
    cells: Mapping[str, Cell]

    def __getitem__(self, column: str) -> Cell:
        return self.cells.get(column, EMPTY)


def read_lines(data: bytes, columns: Sequence[str], required: Iterable[str]) -> list[Line]:
    """Every line that is not empty, over all sheets that carry the header.

    Args:
        columns: the headings to look for; others are passed over.
        required: headings without which a sheet is not one of ours.

    Raises:
        NotAWorkbook: cannot be read.
        FileTooLarge: over 32 MiB, 400 MiB unpacked, or 300 000 rows.
        HeaderMissing: read, but no sheet has the required headings.
    """
    if len(data) > MOST_BYTES:
        raise FileTooLarge(most_megabytes=MOST_BYTES // 2**20)
    tables = _workbook(data) if data[:4] == b"PK\x03\x04" else _text(data)
    wanted, lines, found = set(required), list[Line](), False
    for sheet, rows in tables:
        heading = _heading(rows, wanted)
        if heading is None:
            continue
        found = True
        at, names = heading
        places = [(place, name) for place, name in enumerate(names) if name in columns]
        for number, row in enumerate(rows[at + 1 :], at + 2):
            cells = {name: row[place] for place, name in places if place < len(row)}
            if any(cell.form is not Form.EMPTY for cell in cells.values()):
                lines.append(Line(sheet, number, cells))
    if not found:
        raise HeaderMissing(columns="、".join(required))
    if len(lines) > MOST_ROWS:
        raise FileTooLarge(most_rows=MOST_ROWS)
    return lines


def _heading(rows: Sequence[Sequence[Cell]], wanted: set[str]) -> tuple[int, list[str]] | None:
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        names = [re.sub(r"[\s*＊]|（.*）|\(.*\)", "", cell.text) for cell in row]
        if wanted <= set(names):
            return at, names
    return None


def _workbook(data: bytes) -> Iterator[tuple[str, list[list[Cell]]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # A small file can unpack to more memory than the machine has.
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise FileTooLarge(most_megabytes=MOST_UNPACKED_BYTES // 2**20)
            formulas = dict(_formulas(archive))
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for name in book.sheet_names:
                values = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                rows = [[_cell(value) for value in row] for row in values]
                for row, column in formulas.get(name, ()):
                    if row < len(rows) and column < len(rows[row]):
                        rows[row][column] = Cell(Form.FORMULA, rows[row][column].text)
                yield name, rows
    except UNREADABLE as bad:
        raise NotAWorkbook from bad


def _formulas(archive: zipfile.ZipFile) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Per sheet the places (row, column from 0) whose value a formula made."""
    book = archive.read("xl/workbook.xml").decode()
    links = archive.read("xl/_rels/workbook.xml.rels").decode()
    targets = {}
    for tag in _RELATION.findall(links):
        of = dict(_ATTRIBUTE.findall(tag))
        targets[of.get("Id")] = of.get("Target", "")
    for tag in _SHEET.findall(book):
        of = dict(_ATTRIBUTE.findall(tag))
        target = targets.get(of.get("r:id"), "").lstrip("/").removeprefix("xl/")
        path = f"xl/{target}"
        if target and path in archive.namelist():
            places = _CELL_WITH_FORMULA.findall(archive.read(path))
            yield of.get("name", ""), [(int(row) - 1, _column(letters)) for letters, row in places]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return Cell(Form.DAY, value.isoformat(), value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = float(value).is_integer() and abs(value) < 1e15
        return Cell(Form.NUMBER, str(int(value)) if whole else str(value))
    text = str(value or "").strip()
    if not text:
        return EMPTY
    return Cell(Form.TEXT if isinstance(value, str) else Form.OTHER, text)


def _text(data: bytes) -> Iterator[tuple[str, list[list[Cell]]]]:
    if b"\0" in data:
        raise NotAWorkbook
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as unreadable:
            raise NotAWorkbook from unreadable
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as bad:
        raise NotAWorkbook from bad
    yield CSV_SHEET, [[_cell(value.removeprefix("'")) for value in row] for row in rows]
