"""One version of the standard as a tree, and the search in it."""

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from classification.core.code import SpecialtyCode
from classification.core.errors import (
    BrokenCatalogue,
    CodeHasMoved,
    UnknownCode,
    UnknownVersion,
    WrongVersion,
)


class Status(StrEnum):
    """How well a line of the data is attested; none was compared with the gazette."""

    CONFIRMED = "confirmed_2src"
    NAME_DIFFERS = "name_differs"
    ONE_SOURCE = "one_source"
    ONE_SOURCE_SECONDARY = "one_source_secondary"


@dataclass(frozen=True, slots=True)
class Specialty:
    """One line of the standard.

    Args:
        initials: per readable character of the name, the first letters of all its pinyin
            readings, separated by spaces: 重庆 is `cz q`.
    """

    code: SpecialtyCode
    name: str
    status: Status
    note: str
    initials: str


@dataclass(frozen=True, slots=True)
class FormerSpecialty:
    """What a code meant in an older version; `now` where the whole path of names lives on once."""

    code: SpecialtyCode
    name: str
    now: SpecialtyCode | None


class Catalogue:
    """All specialties (专业) of one version, parents above children.

    Args:
        former: what the codes of the version before meant, so that a refusal can teach.

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
        self._former = {one.code.code: one for one in former}

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
                CodeHasMoved where this version has the same specialty for certain.
            UnknownCode: no version has such a code; carries the closest ones.
            UnknownVersion: neither this version nor the one before it.
        """
        line = self._lines.get(code)
        if line is not None:
            return line
        if code.version not in {self.version, *(one.code.version for one in self._former.values())}:
            raise UnknownVersion(code.version, known=self.version)
        former = self._former.get(code.code)
        if former is None:
            raise UnknownCode(code.code, code.version, self._closest(code))
        meant = (code.code, former.name, former.code.version, self.version)
        raise CodeHasMoved(*meant, former.now.code) if former.now else WrongVersion(*meant)

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

    def search(self, text: str, limit: int = 50) -> tuple[Specialty, ...]:
        """The lines that `text` means, best first, at most `limit`.

        A code or its beginning (`A0802`, with or without version), or words that all stand
        in the path of names (施工 桥梁), the last of them in the name itself; a word of
        letters may also be initials of pinyin (`ql`).
        """
        words = _folded(text).split()
        if not words:
            return ()
        code = words[0].removeprefix(f"{self.version}:").upper()
        if (
            len(words) == 1
            and code
            and (found := [x for x in self if x.code.code.startswith(code)])
        ):
            return tuple(found[:limit])
        ranked = [
            (rank, line.code, line)
            for line in self
            if (rank := _rank(line, words[-1])) is not None and self._above(line, words[:-1])
        ]
        return tuple(line for _, _, line in sorted(ranked, key=lambda hit: hit[:2])[:limit])

    def _above(self, line: Specialty, words: list[str]) -> bool:
        path = self.path(line.code)
        return all(any(_rank(one, word) is not None for one in path) for word in words)

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


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    # Both sides of a comparison: names hold full-width brackets, keyboards may give either.
    return unicodedata.normalize("NFKC", text).casefold()


def _rank(line: Specialty, word: str) -> int | None:
    """0 the whole name, 1 its beginning, 2 within it, 3 its initials; None: not at all."""
    name = _folded(line.name)
    if word == name:
        return 0
    if name.startswith(word):
        return 1
    if word in name:
        return 2
    return 3 if _has_initials(line.initials.split(), word) else None


def _has_initials(readings: list[str], word: str) -> bool:
    starts = range(len(readings) - len(word) + 1)
    return any(all(letter in readings[at + i] for i, letter in enumerate(word)) for at in starts)
