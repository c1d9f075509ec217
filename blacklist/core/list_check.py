"""Checks the lines of an outside list: each cell, then the line, then the columns as a whole.

Lines come in portions and are forgotten. To see the same entry twice, two keyed numbers a
line are remembered, never a name.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Final, Protocol

from blacklist.core.grounds import GROUNDS, Kind, Term, term_of
from blacklist.core.list_columns import (
    COLUMNS,
    ENDS,
    GROUND,
    NUMBER,
    STARTS,
    Cell,
    Column,
    Unfit,
    Words,
    is_whole,
)
from foundation.errors import Fact

PLACED_WRONGLY: Final = 0.5
"""Above this share of the lines, two columns are taken to be in each other's place."""


class Line(Protocol):
    """One row below the header, as the reader of files gives it."""

    @property
    def sheet(self) -> str:
        """Name of the sheet."""
        ...

    @property
    def row(self) -> int:
        """From 1, as the spreadsheet shows it."""
        ...

    def __getitem__(self, column: str) -> Cell: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell that cannot be taken. `value_hint` is form and length, never the value."""

    sheet: str
    row: int
    column: str
    code: str
    value_hint: str
    facts: dict[str, Fact]


@dataclass(frozen=True, slots=True)
class Row:
    """A line without a fault. Who it is about stays beside the vault's door and goes through it."""

    row: int
    name: str
    number: str
    kind: Kind
    ground: str
    document: str
    starts_on: date
    ends_on: date | None

    def __repr__(self) -> str:
        # A person in a log line or a traceback would be a leak.
        return f"Row({self.row})"


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

    def taken(self) -> Row:
        """The row of a line without problems."""
        return Row(row=self.line.row, **self.values)


class Checker:
    """Checks one file.

    Args:
        today: China day; no entry may start later.
        blind: keyed index of a text, at least 16 bytes.
    """

    def __init__(self, words: Words, today: date, blind: Callable[[str], bytes]) -> None:
        self._words = words
        self._today = today
        self._blind = blind
        self._entries: dict[bytes, tuple[str, int]] = {}
        self._names: dict[bytes, tuple[str, int, int]] = {}
        self._swapped = Counter[tuple[str, str]]()
        self.lines = 0

    def check(self, lines: Iterable[Line]) -> list[Checked]:
        """The lines with every problem they have, against all lines before."""
        rows = [self._cells(line) for line in lines]
        for row in rows:
            self.lines += 1
            self._term(row)
            self._same_person(row)
            self._same_entry(row)
            if row.problems:
                self._swapped.update(self._crossed(row))
        return rows

    def swapped(self) -> tuple[str, str, int] | None:
        """Two columns that most lines have in each other's place, and in how many."""
        for (first, second), rows in self._swapped.most_common(1):
            if rows > self.lines * PLACED_WRONGLY:
                return first, second, rows
        return None

    def _cells(self, line: Line) -> Checked:
        row = Checked(line, {}, [])
        for column in COLUMNS:
            try:
                row.values[column.field] = self._value(column, line[column.heading])
            except Unfit as unfit:
                row.object_to(column.heading, unfit.reason, unfit.facts)
        return row

    def _value(self, column: Column, cell: Cell) -> object:
        if cell.form == "formula":
            raise Unfit("pool.formula_cell")
        if cell.form == "empty" and column.required:
            raise Unfit("pool.value_missing")
        return column.read(cell, self._words)

    def _term(self, row: Checked) -> None:
        """Days in order, none of them ahead, and a term as kind and ground want it (R-REC-9)."""
        starts, ends = row.values.get("starts_on"), row.values.get("ends_on")
        if starts is not None and starts > self._today:
            row.object_to(STARTS, "blacklist.list_day_ahead")
        if starts is not None and ends is not None and ends < starts:
            row.object_to(ENDS, "blacklist.list_ends_early")
        kind, ground = row.values.get("kind"), row.values.get("ground")
        if kind is not None and ground is not None and kind not in GROUNDS[ground].kinds:
            row.object_to(GROUND, "blacklist.list_ground_unfit")
        if kind is not None and ground is not None and "ends_on" in row.values:
            term = term_of(kind, ground)
            if (term is Term.MUST and ends is None) or (term is Term.NEVER and ends is not None):
                row.object_to(ENDS, "blacklist.list_term_unfit")

    def _same_person(self, row: Checked) -> None:
        """One number under two names: one of the two lines is about somebody else."""
        number = row.values.get("number", "")
        if not is_whole(number) or "name" not in row.values:
            return
        name = zlib.crc32("".join(row.values["name"].split()).encode())
        here = (row.line.sheet, row.line.row, name)
        first = self._names.setdefault(self._blind(number)[:16], here)
        if first[2] != name:
            facts: dict[str, Fact] = {"sheet": first[0], "row": first[1]}
            row.object_to(NUMBER, "pool.identity_other_name", facts)

    def _same_entry(self, row: Checked) -> None:
        """The same person, kind, ground and document: the same entry twice."""
        parts = [row.values.get(one) for one in ("name", "number", "kind", "ground", "document")]
        if None in parts:
            return
        here = (row.line.sheet, row.line.row)
        first = self._entries.setdefault(self._blind("\x1f".join(map(str, parts)))[:16], here)
        if first != here:
            row.object_to(NUMBER, "blacklist.list_row_twice", {"sheet": first[0], "row": first[1]})

    def _crossed(self, row: Checked) -> list[tuple[str, str]]:
        """Pairs of columns whose cells fit each other's column, and not both their own."""
        bad = {one.heading for one in COLUMNS if one.field not in row.values}
        if any(one.code == "blacklist.list_ends_early" for one in row.problems):
            return [(STARTS, ENDS)]
        return [
            (one.heading, other.heading)
            for one, other in combinations(COLUMNS, 2)
            if {one.heading, other.heading} & bad
            and self._fits(one, row.line[other.heading])
            and self._fits(other, row.line[one.heading])
        ]

    def _fits(self, column: Column, cell: Cell) -> bool:
        if cell.form == "empty":
            return False
        try:
            self._value(column, cell)
        except Unfit as unfit:
            # a number with a wrong digit is a number still: it stands in the wrong column
            return unfit.reason == "pool.identity_check_digit"
        return True
