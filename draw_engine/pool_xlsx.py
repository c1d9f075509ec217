"""Reads an XLSX workbook as a stream of rows: memory does not grow with the file.

A reader that builds whole sheets asks for as much memory as the farthest cell wants: one
stray value in XFD1048576 would end the service. Here a row is gone once it was looked at.
Entities and document types have no place in a workbook and are refused unread.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import IO, BinaryIO, Final
from xml.parsers import expat

from draw_engine.pool_cells import (
    EMPTY,
    Cell,
    FileTooLarge,
    Form,
    NotAWorkbook,
    Row,
    day_cell,
    number_cell,
    text_cell,
)

MOST_UNPACKED_BYTES: Final = 1200 * 2**20
MOST_COLUMNS: Final = 200
CHUNK: Final = 2**18

UNREADABLE: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, IndexError),
    # a compression that we lack, a part that asks for a password, a day out of range
    *(NotImplementedError, RuntimeError, OverflowError, expat.ExpatError),
)

_ROW: Final = re.compile(rb"<(?:\w+:)?row[\s/>]")
_PREFIXED: Final = re.compile(rb"<\w+:(worksheet|sst)\b")
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_FORMATS: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SINCE_1900: Final = date(1899, 12, 30)
_SINCE_1904: Final = date(1904, 1, 1)

Attributes = Mapping[str, str]


class XlsxFile:
    """An XLSX file that is open for reading.

    Raises:
        NotAWorkbook: not a zip archive, or one without a workbook inside.
        FileTooLarge: unpacks to more than 1 200 MiB. The archive's own word is enough:
            a part that holds more than it says is cut there and fails its checksum.
    """

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._archive = zipfile.ZipFile(file)
            if sum(part.file_size for part in self._archive.infolist()) > MOST_UNPACKED_BYTES:
                raise FileTooLarge(most_megabytes=MOST_UNPACKED_BYTES // 2**20)
            self.sheets, self._since = self._contents()
            self._days = self._styles()
            self._shared: Sequence[str] | None = None
        except UNREADABLE as bad:
            raise NotAWorkbook from bad

    def close(self) -> None:
        """Let go of the archive; the file itself stays open."""
        self._archive.close()

    def count(self, sheet: str) -> int:
        """How many rows a sheet has, header and blank ones included.

        Raises:
            NotAWorkbook: the part is damaged.
        """
        found, before = 0, b""
        try:
            with self._archive.open(self.sheets[sheet]) as part:
                while chunk := part.read(CHUNK):
                    text = before + chunk
                    last = 0
                    for match in _ROW.finditer(text):
                        found, last = found + 1, match.end()
                    # a tag cut in two is seen with the next piece, a whole one only once
                    before = text[max(last, len(text) - 32) :]
        except UNREADABLE as bad:
            raise NotAWorkbook from bad
        return found

    def rows(self, sheet: str) -> Iterator[tuple[int, Row]]:
        """The rows of a sheet that hold something, with the number the spreadsheet shows.

        Raises:
            NotAWorkbook: the part is damaged.
        """
        try:
            if self._shared is None:
                self._shared = self._strings()
            reader = _Rows(self._shared, self._days, self._since)
            with self._archive.open(self.sheets[sheet]) as part:
                yield from _parsed(part, reader)
        except UNREADABLE as bad:
            raise NotAWorkbook from bad

    def _contents(self) -> tuple[dict[str, str], date]:
        """Part of each sheet by its name, in order; and the day that dates count from."""
        targets: dict[str, str] = {}
        names: list[tuple[str, str]] = []
        since = [_SINCE_1900]

        def relation(name: str, of: Attributes) -> None:
            if name == "Relationship":
                targets[of["Id"]] = of["Target"].lstrip("/").removeprefix("xl/")

        def sheet(name: str, of: Attributes) -> None:
            if name == "sheet":
                link = next(value for key, value in of.items() if key.endswith(":id"))
                names.append((of["name"], link))
            elif name == "workbookPr" and of.get("date1904") in {"1", "true"}:
                since[0] = _SINCE_1904

        self._walk("xl/_rels/workbook.xml.rels", relation)
        self._walk("xl/workbook.xml", sheet)
        parts = {name: f"xl/{targets[link]}" for name, link in names}
        inside = set(self._archive.namelist())
        return {name: part for name, part in parts.items() if part in inside}, since[0]

    def _styles(self) -> list[bool]:
        """Per cell style: does it show a day?"""
        own: dict[str, str] = {}
        days: list[bool] = []
        within = [False]

        def style(name: str, of: Attributes) -> None:
            if name == "numFmt":
                own[of["numFmtId"]] = of["formatCode"]
            elif name in {"cellXfs", "cellStyleXfs", "cellStyles"}:
                within[0] = name == "cellXfs"
            elif name == "xf" and within[0]:
                number = of.get("numFmtId", "0")
                written = _QUOTED.sub("", own.get(number, "")).lower()
                days.append(int(number) in _DATE_FORMATS or bool(set(written) & set("ymdhs")))

        if "xl/styles.xml" in self._archive.namelist():
            self._walk("xl/styles.xml", style)
        return days

    def _strings(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self._archive.namelist():
            return []
        reader = _Strings()
        with self._archive.open("xl/sharedStrings.xml") as part:
            for _ in _parsed(part, reader):
                pass
        return reader.strings

    def _walk(self, part: str, start: Callable[[str, Attributes], None]) -> None:
        parser = _parser()
        parser.StartElementHandler = lambda name, of: start(name.rpartition(":")[2], of)
        with self._archive.open(part) as opened:
            while chunk := opened.read(CHUNK):
                parser.Parse(chunk)
            parser.Parse(b"", True)


class _Texts:
    """Gathers the text of `t` and `v`, but not how a name is to be spoken (`rPh`)."""

    def __init__(self) -> None:
        self.done: list[tuple[int, Row]] = []
        self.text: list[str] = []
        self.keeps = self.spoken = False

    def start(self, name: str, of: Attributes) -> None:
        """An element opens."""
        if name in {"t", "v"}:
            self.keeps = not self.spoken
        elif name == "rPh":
            self.spoken = True

    def end(self, name: str) -> None:
        """An element closes."""
        if name in {"t", "v"}:
            self.keeps = False
        elif name == "rPh":
            self.spoken = False

    def characters(self, text: str) -> None:
        """Text inside the element."""
        if self.keeps:
            self.text.append(text)

    def taken(self) -> str:
        """What was gathered; the next begins empty."""
        text = "".join(self.text)
        self.text.clear()
        if "_x" in text:
            return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        return text


class _Strings(_Texts):
    """The strings that cells share."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []

    def end(self, name: str) -> None:
        """A whole string, of one or several runs, ends with `si`."""
        if name == "si":
            self.strings.append(self.taken())
        else:
            super().end(name)


class _Rows(_Texts):
    """The rows of one sheet."""

    def __init__(self, shared: Sequence[str], days: Sequence[bool], since: date) -> None:
        super().__init__()
        self._shared, self._days, self._since = shared, days, since
        self._places: dict[str, int] = {}
        self._number = 0
        self._cells: dict[int, Cell] = {}
        self._place = -1
        self._of: Attributes = {}
        self._formula = False

    def start(self, name: str, of: Attributes) -> None:
        """Rows and cells may leave out where they are: then they follow the one before."""
        if name == "c":
            where = of.get("r")
            self._place = self._place + 1 if where is None else self._column(where)
            self._of, self._formula = of, False
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._number = int(of.get("r", self._number + 1))
            self._cells, self._place = {}, -1
        else:
            super().start(name, of)

    def end(self, name: str) -> None:
        """A cell is read when it closes, a row handed on when it does."""
        if name == "c":
            cell = self._cell(self.taken())
            if cell is not EMPTY and self._place < MOST_COLUMNS:
                self._cells[self._place] = cell
        elif name == "row":
            if self._cells:
                self.done.append((self._number, self._cells))
        else:
            super().end(name)

    def _cell(self, text: str) -> Cell:
        if self._formula:
            return Cell(Form.FORMULA, text.strip())
        kind = self._of.get("t", "n")
        if kind in {"inlineStr", "str"}:
            return text_cell(text)
        if not text:
            return EMPTY
        if kind == "s":
            return text_cell(self._shared[int(text)])
        return self._number_or_day(kind, text)

    def _number_or_day(self, kind: str, text: str) -> Cell:
        if kind == "d":
            return day_cell(datetime.fromisoformat(text).date())
        if kind != "n":
            return Cell(Form.OTHER, text)
        style = int(self._of.get("s", 0))
        if style < len(self._days) and self._days[style]:
            return day_cell(self._since + timedelta(days=int(float(text))))
        return number_cell(float(text))

    def _column(self, where: str) -> int:
        letters = where.rstrip("0123456789")
        place = self._places.get(letters)
        if place is None:
            place = 0
            for letter in letters:
                place = place * 26 + ord(letter.upper()) - 64
            self._places[letters] = place = place - 1
        return place


def _parsed(part: IO[bytes], reader: _Texts) -> Iterator[tuple[int, Row]]:
    parser = _parser()
    first = part.read(CHUNK)
    parser.CharacterDataHandler = reader.characters
    # Names with a prefix are rare, and cutting it off costs a call for each of millions.
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    if _PREFIXED.search(first):
        parser.StartElementHandler = lambda name, of: reader.start(name.rpartition(":")[2], of)
        parser.EndElementHandler = lambda name: reader.end(name.rpartition(":")[2])
    chunk = first
    while chunk:
        parser.Parse(chunk)
        yield from reader.done
        reader.done.clear()
        chunk = part.read(CHUNK)
    parser.Parse(b"", True)
    yield from reader.done


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise NotAWorkbook
