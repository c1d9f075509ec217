"""One version of the standard as a tree, and the search in it."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self

from classification.core.code import SpecialtyCode
from classification.core.errors import (
    BrokenCatalogue,
    CodeHasMoved,
    CodeMayHaveMoved,
    UnknownCode,
    UnknownVersion,
    WrongVersion,
)
from classification.core.readings import Readings, initials, parse
from classification.core.search import Index


class Status(StrEnum):
    """How well a line of the data is attested; none was compared with the gazette."""

    CONFIRMED = "confirmed_2src"
    NAME_DIFFERS = "name_differs"
    ONE_SOURCE = "one_source"
    ONE_SOURCE_SECONDARY = "one_source_secondary"
    IMPORTED = "imported"
    """From a list that this installation imported; the ledger holds the hash of its file."""


@dataclass(frozen=True, slots=True)
class Specialty:
    """One line of the standard.

    Args:
        pinyin: per readable character of the name all its readings: 重庆 is
            `chong/tong/zhong qing`.
    """

    code: SpecialtyCode
    name: str
    status: Status
    note: str
    pinyin: str

    @property
    def readings(self) -> Readings:
        """The readings of the name, taken apart."""
        return parse(self.pinyin)

    @property
    def initials(self) -> str:
        """First letters of all readings per character, separated by spaces: `ctz q`."""
        return initials(self.readings)


@dataclass(frozen=True, slots=True)
class FormerSpecialty:
    """What a code meant in an older version.

    `now` where one heir in this version is settled, by itself or by a decision; `maybe`
    where one was found that nobody has confirmed.
    """

    code: SpecialtyCode
    name: str
    now: SpecialtyCode | None
    maybe: SpecialtyCode | None = None


class Catalogue:
    """All specialties (专业) of one version, parents above children.

    Args:
        former: what the codes of older versions meant, oldest version first, so that a
            refusal can teach.

    Raises:
        BrokenCatalogue: a code twice, of another version, or without its parent.
    """

    def __init__(
        self, version: str, lines: Iterable[Specialty], former: Iterable[FormerSpecialty] = ()
    ) -> None:
        self.version = version
        self._lines = _by_code(version, lines)
        self._children: dict[SpecialtyCode | None, list[Specialty]] = {}
        for line in self._lines.values():
            self._children.setdefault(line.code.parent, []).append(line)
        self._former: dict[str, FormerSpecialty] = {}
        self._older: dict[SpecialtyCode, FormerSpecialty] = {}
        self._remember(former)

    def taught(self, former: Iterable[FormerSpecialty]) -> Self:
        """The same version, knowing `former` of the older ones; the lines are shared."""
        one = type(self)(self.version, ())
        one._lines, one._children = self._lines, self._children
        one._remember(former)
        # the index is of the lines alone
        one.__dict__["index"] = self.index
        return one

    def _remember(self, former: Iterable[FormerSpecialty]) -> None:
        for one in former:
            self._older[one.code] = one
            # the newest version that knew a bare code has the last word on it
            self._former[one.code.code] = one

    def __iter__(self) -> Iterator[Specialty]:
        return iter(self._lines.values())

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, code: object) -> bool:
        return code in self._lines

    def get(self, code: SpecialtyCode) -> Specialty:
        """The line of `code`.

        Raises:
            WrongVersion: the code is of an older version, or only an older one knows it;
                CodeHasMoved where this version has the same specialty for certain,
                CodeMayHaveMoved where it probably has.
            UnknownCode: no version has such a code; carries the closest ones.
            UnknownVersion: neither this version nor the one before it.
        """
        line = self._lines.get(code)
        if line is not None:
            return line
        if code.version not in {self.version, *(one.version for one in self._older)}:
            raise UnknownVersion(code.version, known=self.version)
        former = self._older.get(code) or self._former.get(code.code)
        if former is None:
            raise UnknownCode(code.code, code.version, self._closest(code))
        meant = (code.code, former.name, former.code.version, self.version)
        if former.now:
            raise CodeHasMoved(*meant, former.now.code)
        if former.maybe:
            maybe = self._lines[former.maybe]
            raise CodeMayHaveMoved(*meant, maybe=maybe.code.code, maybe_name=maybe.name)
        raise WrongVersion(*meant)

    def children(self, code: SpecialtyCode | None = None) -> tuple[Specialty, ...]:
        """The lines one level below `code`; the categories where it is None."""
        return tuple(self._children.get(code, ()))

    def is_leaf(self, code: SpecialtyCode) -> bool:
        """Has the line nothing below it? Most leaves are of level 4, 84 of level 3, and C14."""
        return self.get(code).code not in self._children

    def subtree(self, code: SpecialtyCode) -> tuple[Specialty, ...]:
        """The line of `code` and all below it, in the order of the standard."""
        top = self.get(code)
        return tuple(line for line in self if top.code.covers(line.code))

    def path(self, code: SpecialtyCode) -> tuple[Specialty, ...]:
        """The lines from the category down to `code`."""
        line = self.get(code)
        above = self.path(line.code.parent) if line.code.parent else ()
        return (*above, line)

    @cached_property
    def index(self) -> Index[Specialty]:
        """Names and readings ready for searching, built once."""
        return Index(
            (line, line.code.code, line.name, line.readings, parent.code.code if parent else "")
            for line in self
            for parent in [self._lines.get(line.code.parent) if line.code.parent else None]
        )

    def search(self, text: str, limit: int = 50) -> tuple[Specialty, ...]:
        """The lines that `text` means, best first, at most `limit`.

        A code or its beginning (`A0802`, with or without version), or words that all stand
        in the path of names (施工 桥梁), the last of them in the name itself; a word of
        letters may also be pinyin: initials (`ql`), whole readings (`qiaoliang`), or both.
        """
        return tuple(self.index.search(text, f"{self.version}:", limit))

    def _closest(self, code: SpecialtyCode) -> str:
        """Up to three lines below the deepest class of `code` that there is, or that class."""
        above = code.parent
        while above is not None and above not in self:
            above = above.parent
        lines = self.children(above) or (self._lines[above],) if above else self.children()
        near = difflib.get_close_matches(code.code, [x.code.code for x in lines], n=3, cutoff=0)
        return ", ".join(f"{one} {self.get(SpecialtyCode(self.version, one)).name}" for one in near)


def _by_code(version: str, lines: Iterable[Specialty]) -> dict[SpecialtyCode, Specialty]:
    found: dict[SpecialtyCode, Specialty] = {}
    for line in sorted(lines, key=lambda one: one.code):
        if line.code.version != version:
            raise BrokenCatalogue(str(line.code), "version")
        if line.code in found:
            raise BrokenCatalogue(str(line.code), "twice")
        if line.code.parent is not None and line.code.parent not in found:
            raise BrokenCatalogue(str(line.code), "parent")
        found[line.code] = line
    return found
