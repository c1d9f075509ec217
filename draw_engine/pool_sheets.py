"""Reads a workbook or CSV into lines of cells, one after the other; knows nothing of experts.

Opening looks at the file as a whole (size, encoding, header, how many rows) and refuses
it there; lines then come as a stream.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO, Final

from draw_engine.pool_cells import (
    EMPTY,
    FileTooLarge,
    HeaderMissing,
    Line,
    NotAWorkbook,
    Row,
    text_cell,
)
from draw_engine.pool_xlsx import CHUNK, XlsxFile

MOST_BYTES: Final = 256 * 2**20
MOST_ROWS: Final = 1_048_575
HEADER_WITHIN: Final = 10
CSV_SHEET: Final = "CSV"
MEBIBYTE: Final = 2**20


class Source:
    """A file of experts, looked at and found readable.

    Args:
        file: open for reading at any place; stays open.
        columns: the headings to look for; others are passed over.
        required: headings without which a sheet is not one of ours.

    Raises:
        NotAWorkbook: cannot be read.
        FileTooLarge: over 256 MiB, 1 200 MiB unpacked, or 1 048 575 rows.
        HeaderMissing: read, but no sheet has the required headings.
    """

    def __init__(self, file: BinaryIO, columns: Sequence[str], required: Iterable[str]) -> None:
        self._columns, self._required = frozenset(columns), frozenset(required)
        if file.seek(0, io.SEEK_END) > MOST_BYTES:
            raise FileTooLarge(most_megabytes=MOST_BYTES // MEBIBYTE)
        file.seek(0)
        packed = file.read(4) == b"PK\x03\x04"
        self._tables: XlsxFile | _Text = XlsxFile(file) if packed else _Text(file)
        self.sheets = [name for name in self._tables.sheets if self._heading(name) is not None]
        if not self.sheets:
            raise HeaderMissing(columns="、".join(required))
        self.rows = sum(self._tables.count(name) for name in self.sheets)
        if self.rows > MOST_ROWS + HEADER_WITHIN * len(self.sheets):
            raise FileTooLarge(most_rows=MOST_ROWS)

    def lines(self) -> Iterator[Line]:
        """Every line that is not empty, over all sheets that carry the header.

        Raises:
            NotAWorkbook: the file is damaged further down.
        """
        for sheet in self.sheets:
            heading = self._heading(sheet)
            if heading is None:
                continue
            at, places = heading
            for number, row in self._tables.rows(sheet):
                if number > at:
                    cells = {name: row.get(place, EMPTY) for place, name in places.items()}
                    if any(cell is not EMPTY for cell in cells.values()):
                        yield Line(sheet, number, cells)

    def _heading(self, sheet: str) -> tuple[int, dict[int, str]] | None:
        """Row number of the header and the heading at each place."""
        for number, row in islice(self._tables.rows(sheet), HEADER_WITHIN):
            if number > HEADER_WITHIN:
                return None
            names = {place: _plain(cell.text) for place, cell in row.items()}
            if self._required <= set(names.values()):
                ours = {at: name for at, name in names.items() if name in self._columns}
                return number, ours
        return None


def _plain(heading: str) -> str:
    return re.sub(r"[\s*＊]|（.*）|\(.*\)", "", heading)


class _Text:
    """A CSV file as one sheet."""

    def __init__(self, file: BinaryIO) -> None:
        self.sheets = {CSV_SHEET: ""}
        self._file = file
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                self._lines = self._decoded(encoding)
            except UnicodeDecodeError:
                continue
            self._encoding = encoding
            return
        raise NotAWorkbook

    def count(self, _: str) -> int:
        return self._lines

    def rows(self, _: str) -> Iterator[tuple[int, Row]]:
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, self._encoding, newline="")
        try:
            first = text.readline()
            text.seek(0)
            reader = csv.reader(text, delimiter="\t" if "\t" in first else ",")
            for number, row in enumerate(reader, 1):
                cells = {
                    place: cell
                    for place, value in enumerate(row)
                    if (cell := text_cell(value.removeprefix("'"))) is not EMPTY
                }
                if cells:
                    yield number, cells
        except csv.Error as bad:
            raise NotAWorkbook from bad
        finally:
            text.detach()

    def _decoded(self, encoding: str) -> int:
        """Number of lines; fails where the bytes are no text in this encoding."""
        decoder, lines = codecs.getincrementaldecoder(encoding)(), 1
        self._file.seek(0)
        while chunk := self._file.read(CHUNK):
            if b"\0" in chunk:
                raise NotAWorkbook
            lines += chunk.count(b"\n")
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
        return lines
