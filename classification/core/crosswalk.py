"""From one version of the standard to the next: what a code became, how sure that is, who says so.

A row is what comparing the names found; a decision is a person's word on it and always wins.
The fate of a code is the fold of both. Only what is sure or decided moves an expert.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from classification.core.code import above_of
from classification.core.errors import BrokenCatalogue


class Kind(StrEnum):
    """What comparing the names of both versions found."""

    SAME = "same_code_same_name"
    RENAMED = "same_code_other_name"
    REUSED = "code_reused"
    MOVED_WITHIN = "name_moved_within_category"
    MOVED_AWAY = "name_moved_other_category"
    DROPPED = "dropped"


class Certainty(StrEnum):
    """How far the comparison alone can be trusted."""

    SURE = "sure"
    """The whole path of names, category to leaf, lives on and stands there once."""
    WITH_CLASS = "with_class"
    """Same code and name; a class above has another name, and a decision on it decides this."""
    LIKELY = "likely"
    DOUBTFUL = "doubtful"
    NONE = "none"
    """Nothing was found."""


class How(StrEnum):
    """Why a code has the fate it has."""

    SURE = "sure"
    DECIDED = "decided"
    WITH_CLASS = "with_class"
    OPEN = "open"


class Outcome(StrEnum):
    """What a person decides about a row."""

    HEIRS = "heirs"
    NO_HEIR = "none"
    OPEN = "open"
    """Undone: the row waits again."""


NEEDS_A_PERSON: Final = (Certainty.LIKELY, Certainty.DOUBTFUL, Certainty.NONE)


@dataclass(frozen=True, slots=True)
class Row:
    """One code of the older version. Codes are bare: the crosswalk knows both versions."""

    code: str
    kind: Kind
    certainty: Certainty
    heir: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on a row. `number` counts the entries of its stream; `at` is ISO 8601."""

    code: str
    outcome: Outcome
    heirs: tuple[str, ...]
    reason: str
    by: str
    at: str
    number: int


@dataclass(frozen=True, slots=True)
class Fate:
    """What a code became; `heirs` may be several, or none where it was given up."""

    how: How
    heirs: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Does somebody or something answer for it?"""
        return self.how is not How.OPEN


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows need a person, how many of them are decided, how many wait for a class."""

    needed: int
    decided: int
    with_class: int
    open_with_class: int
    sure: int


OPEN: Final = Fate(How.OPEN)

Decisions = Mapping[str, Decision]


class Crosswalk:
    """All rows from version `old` to version `new`, parents before children.

    Raises:
        BrokenCatalogue: a code twice.
    """

    def __init__(self, old: str, new: str, rows: Iterable[Row]) -> None:
        self.old = old
        self.new = new
        self._rows: dict[str, Row] = {}
        for row in sorted(rows, key=lambda one: one.code):
            if row.code in self._rows:
                raise BrokenCatalogue(f"{old}:{row.code}", "twice")
            self._rows[row.code] = row

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, code: str) -> Row | None:
        """The row of a code of the older version."""
        return self._rows.get(code)

    def fate(self, code: str, decisions: Decisions) -> Fate:
        """What became of `code`."""
        row, said = self._rows.get(code), decisions.get(code)
        if row is None:
            return OPEN
        if said is not None and said.outcome is not Outcome.OPEN:
            return Fate(How.DECIDED, said.heirs)
        if row.certainty is Certainty.SURE:
            return Fate(How.SURE, (row.heir,))
        if row.certainty is Certainty.WITH_CLASS:
            above = above_of(code)
            if self.fate(above, decisions).heirs == (above,):
                return Fate(How.WITH_CLASS, (row.heir,))
        return OPEN

    def fates(self, decisions: Decisions) -> dict[str, Fate]:
        """The fate of every code."""
        return {code: self.fate(code, decisions) for code in self._rows}

    def progress(self, decisions: Decisions) -> Progress:
        """How far persons have come."""
        needed = [row for row in self if row.certainty in NEEDS_A_PERSON]
        following = [row for row in self if row.certainty is Certainty.WITH_CLASS]
        return Progress(
            needed=len(needed),
            decided=sum(self.fate(row.code, decisions).settled for row in needed),
            with_class=len(following),
            open_with_class=sum(not self.fate(row.code, decisions).settled for row in following),
            sure=sum(row.certainty is Certainty.SURE for row in self),
        )

    def followers(self, code: str) -> int:
        """How many rows a decision on `code` may settle with it."""
        return sum(
            row.certainty is Certainty.WITH_CLASS and row.code.startswith(code)
            for row in self
            if row.code != code
        )


def chained(first: Fate, then: Iterable[Fate]) -> Fate:
    """The fate over two steps: `then` holds the fates of the heirs of `first`.

    It is open where any step is; sure only where every step is.
    """
    steps = [first, *then]
    if any(not one.settled for one in steps):
        return OPEN
    how = How.SURE if all(one.how is How.SURE for one in steps) else How.DECIDED
    heirs = sorted({heir for one in steps[1:] for heir in one.heirs})
    return Fate(how, tuple(heirs))
