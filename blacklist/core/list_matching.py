"""What passes between the lists and whoever keeps their people (the vault)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from blacklist.core.outside_list import How
from foundation.ids import ExpertId

PLACE, BORN, ORDER = slice(0, 6), slice(6, 14), slice(14, 17)
SEX: Final = 16
"""The parts of an identity number: county, day of birth, order; an odd order is a man."""


@dataclass(frozen=True, slots=True)
class Named:
    """Who one entry is about."""

    n: int
    name: str
    number: str

    def __repr__(self) -> str:
        # A person in a log line or a traceback would be a leak.
        return f"Named({self.n})"


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs of entry and expert, and entries whose name too many bear."""

    pairs: list[tuple[int, ExpertId, How]]
    common: set[int]


@dataclass(frozen=True, slots=True)
class Looked:
    """Both persons of a match, for one who may see them."""

    listed_name: str
    listed_number: str
    name: str
    number: str

    def __repr__(self) -> str:
        return "Looked()"


@dataclass(frozen=True, slots=True)
class Compared:
    """In what two numbers agree: yes, no, or "" where the list does not show it.

    `shown` digits of the list's number can be seen, `agreeing` of them are the expert's.
    """

    place: str
    born: str
    sex: str
    shown: int
    agreeing: int


def compared(both: Looked) -> Compared:
    """Compare without telling."""
    listed, number = _in_places(both.listed_number), both.number

    def part(where: slice) -> str:
        one, other = listed[where], number[where]
        if any(a not in ("*", b) for a, b in zip(one, other, strict=True)):
            return "no"
        return "" if "*" in one else "yes"

    seen = [(a, b) for a, b in zip(listed, number, strict=True) if a != "*"]
    sex = ""
    if listed[SEX] != "*":
        sex = "yes" if int(listed[SEX]) % 2 == int(number[SEX]) % 2 else "no"
    agreeing = sum(a == b for a, b in seen)
    return Compared(part(PLACE), part(BORN), sex, len(seen), agreeing)


def _in_places(written: str) -> str:
    """A number with stars at its full length; what stands before them begins it."""
    if not written:
        return "*" * 18
    if len(written) == 18:
        return written
    before, _, rest = written.partition("*")
    end = rest.lstrip("*")
    return before + "*" * (18 - len(before) - len(end)) + end


class Matcher(Protocol):
    """Whoever keeps the people of the lists and of the pool apart from everything else."""

    def blind(self, text: str) -> bytes:
        """Keyed index of what tells one entry from another."""
        ...

    def stage(self, list_id: str, rows: Sequence[Named]) -> None:
        """Seal a portion of a list."""
        ...

    def forget(self, list_id: str) -> None:
        """Forget whom a list is about."""
        ...

    def matches(self, list_id: str, first: int, last: int) -> Found:
        """What the entries from `first` to `last` have in common with the pool."""
        ...

    def compare(self, list_id: str, n: int, expert_id: ExpertId) -> Compared:
        """In what an entry and an expert agree."""
        ...

    def look(self, list_id: str, n: int, expert_id: ExpertId) -> Looked:
        """Name and number of both."""
        ...

    def listed(self, numbers: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
        """Those of the identity numbers that stand on a list."""
        ...
