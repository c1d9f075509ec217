"""Checks the lines of a file of experts: each cell by its column, then each line by the others.

Lines come in portions and are forgotten. What must be remembered of a whole file, to see
the same person or the same telephone twice, is two keyed numbers of 128 bits a line.
"""

import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from classification.service import ClassificationService
from draw_engine.core.pool_record import PoolRecord
from draw_engine.pool_cells import Cell, Form, Line
from draw_engine.pool_columns import COLUMNS, Column, Unfit
from draw_engine.pool_generate import MARK
from foundation.errors import Fact

MOST_REMEMBERED: Final = 200_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell that cannot be taken. `value_hint` is form and length, never the value."""

    sheet: str
    row: int
    column: str
    code: str
    value_hint: str
    facts: dict[str, Fact]


@dataclass(slots=True)
class Checked:
    """A line: what could be read of it, and what could not."""

    line: Line
    values: dict[str, Any]
    problems: list[Problem]

    def object_to(self, column: str, code: str, facts: dict[str, Fact] | None = None) -> None:
        """Note a bad cell."""
        line, hint = self.line, self.line[column].hint
        self.problems.append(Problem(line.sheet, line.row, column, code, hint, facts or {}))

    def record(self) -> PoolRecord:
        """The expert of a line without problems."""
        return PoolRecord(**self.values)


class Known(Protocol):
    """What the check asks of those who are here already (`Persons`)."""

    def known_identities(self, id_numbers: Iterable[str]) -> set[str]:
        """Those of the numbers that somebody has."""
        ...

    def blind(self, id_number: str) -> bytes:
        """Keyed index of a number."""
        ...

    def known_phones(self, phones: Iterable[str]) -> dict[str, set[bytes]]:
        """Those of the telephones that somebody has, with the `blind` of each who has it."""
        ...

    def blind_phone(self, phone: str) -> bytes:
        """Keyed index of a telephone."""
        ...


class Checker:
    """Checks one file.

    Args:
        groups: credit code -> group of the employers in the pool; those of the file are added.
    """

    def __init__(
        self, classification: ClassificationService, known: Known, groups: dict[str, str]
    ) -> None:
        self._classification = classification
        self._known = known
        self._groups = groups
        self._sheets: list[str] = []
        # keyed index -> where it stood first (sheet and row) and a checksum of the name
        self._seen: dict[bytes, tuple[int, int]] = {}
        # keyed index of a telephone -> where it stood first, and whose it was (b"": unread)
        self._phones: dict[bytes, tuple[int, bytes]] = {}
        self._read: dict[tuple[str, Form, str], object] = {}

    def check(self, lines: Sequence[Line]) -> list[Checked]:
        """The lines with every problem they have, against the pool and all lines before."""
        rows = [self._cells(line) for line in lines]
        self._same_person(rows)
        self._same_phone(rows)
        for row in rows:
            self._same_group(row)
        return rows

    def _cells(self, line: Line) -> Checked:
        row = Checked(line, {}, [])
        for column in COLUMNS:
            try:
                row.values[column.field] = self._value(column, line[column.heading])
            except Unfit as unfit:
                row.object_to(column.heading, unfit.reason, unfit.facts)
        if str(row.values.get("name", "")).endswith(MARK):
            row.values["generated"] = True
        return row

    def _value(self, column: Column, cell: Cell) -> object:
        """What the cell says. Employers, codes and days repeat: they are read once."""
        if cell.form is Form.FORMULA:
            raise Unfit("pool.formula_cell")
        if cell.form is Form.EMPTY and column.required:
            raise Unfit("pool.value_missing")
        if column.personal or cell.day is not None:
            return column.read(cell, self._classification)
        key = (column.field, cell.form, cell.text)
        if key not in self._read:
            if len(self._read) > MOST_REMEMBERED:
                self._read.clear()
            self._read[key] = column.read(cell, self._classification)
        return self._read[key]

    def _same_person(self, rows: Sequence[Checked]) -> None:
        """The same identity number in the pool, or further up in the file, bad lines included."""
        numbered = [row for row in rows if "id_number" in row.values]
        numbers = {id(row): self._known.blind(row.values["id_number"])[:16] for row in numbered}
        new = [row for row in numbered if numbers[id(row)] not in self._seen]
        there = self._known.known_identities(row.values["id_number"] for row in new)
        for row in numbered:
            place = self._place(row.line)
            first, name = self._seen.setdefault(numbers[id(row)], (place, _name(row)))
            if first != place:
                sheet, number = self._sheets[first >> 32], first & 0xFFFFFFFF
                same = name == _name(row) or 0 in {name, _name(row)}
                code = "pool.identity_twice" if same else "pool.identity_other_name"
                row.object_to("身份证号", code, {"sheet": sheet, "row": number})
            elif row.values["id_number"] in there:
                row.object_to("身份证号", "pool.identity_in_pool")

    def _same_phone(self, rows: Sequence[Checked]) -> None:
        """Another expert's telephone, in the pool or further up in the file.

        Somebody's own telephone is no second fault: that the person is here is said already.
        """
        reached = [row for row in rows if "phone" in row.values]
        there = self._known.known_phones(row.values["phone"] for row in reached)
        for row in reached:
            number = row.values.get("id_number")
            own = self._known.blind(number) if number else b""
            index = self._known.blind_phone(row.values["phone"])[:16]
            place = self._place(row.line)
            first, who = self._phones.setdefault(index, (place, own[:16]))
            if first != place and not (own and who == own[:16]):
                sheet, at = self._sheets[first >> 32], first & 0xFFFFFFFF
                row.object_to("手机号", "pool.phone_twice", {"sheet": sheet, "row": at})
            elif there.get(row.values["phone"], set()) - {own}:
                row.object_to("手机号", "pool.phone_in_pool")

    def _place(self, line: Line) -> int:
        if line.sheet not in self._sheets:
            self._sheets.append(line.sheet)
        return self._sheets.index(line.sheet) << 32 | line.row

    def _same_group(self, row: Checked) -> None:
        """The same employer in another group would count as two units (R-UNIT-1)."""
        code, group = row.values.get("unified_credit_code"), row.values.get("group_credit_code")
        if not code or group is None:
            return
        if self._groups.setdefault(code, group or code) != (group or code):
            row.object_to("上级集团信用代码", "pool.group_differs")


def _name(row: Checked) -> int:
    """A checksum of the name as a reader sees it: width and blanks are no difference. 0: unread."""
    if "name" not in row.values:
        return 0
    plain = unicodedata.normalize("NFKC", str(row.values["name"]))
    return zlib.crc32("".join(plain.split()).encode())
