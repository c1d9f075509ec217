"""Search over named lines of a tree: by code, by words of the names, by pinyin; best first.

Used for the standard and for the regions. The order is stable: by how well a line fits,
then by code.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from classification.core.readings import Readings, rank_of_spelling, starts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Line(Generic[T]):
    value: T
    code: str
    name: str
    readings: Readings
    above: str


class Index(Generic[T]):
    """Lines ready for searching.

    Args:
        lines: value, code, name, readings of the name, and the code of the line above it,
            empty at the top; each line after the one above it.
    """

    def __init__(self, lines: Iterable[tuple[T, str, str, Readings, str]]) -> None:
        self._lines = [
            _Line(value, code, folded(name), readings, above)
            for value, code, name, readings, above in lines
        ]
        self._by_code = {line.code: line for line in self._lines}
        self._starting: dict[str, dict[str, None]] = {}
        for line in self._lines:
            for start in starts(line.readings):
                self._starting.setdefault(start, {})[line.code] = None

    def search(self, text: str, prefix: str, limit: int) -> Sequence[T]:
        """The best lines for `text`, at most `limit`; `prefix` may stand before a code."""
        words = folded(text).split()
        if not words:
            return ()
        if len(words) == 1 and (found := self._coded(words[0].removeprefix(folded(prefix)))):
            return found[:limit]
        last = self._ranked(words[-1])
        for word in words[:-1]:
            fitting = self._ranked(word)
            last = {
                code: rank
                for code, rank in last.items()
                if any(one.code in fitting for one in self._path(code))
            }
        ordered = sorted(last, key=lambda code: (last[code], code))
        return [self._by_code[code].value for code in ordered[:limit]]

    def _ranked(self, word: str) -> dict[str, int]:
        """Code -> rank of the lines that fit: 0 the whole name, 1 its beginning, 2 within it;
        then as `rank_of_spelling` says."""
        found = {
            line.code: 0 if word == line.name else 1 if line.name.startswith(word) else 2
            for line in self._lines
            if word in line.name
        }
        for code in self._starting.get(word[:2], ()):
            if code not in found and (rank := rank_of_spelling(self._by_code[code].readings, word)):
                found[code] = 2 + rank
        return found

    def _coded(self, code: str) -> list[T]:
        wanted = code.upper()
        return [x.value for x in self._lines if x.code.startswith(wanted)] if wanted else []

    def _path(self, code: str) -> Iterator[_Line[T]]:
        while code:
            line = self._by_code[code]
            yield line
            code = line.above


def folded(text: str) -> str:
    """Text for comparing: names hold full-width brackets, keyboards may give either."""
    return unicodedata.normalize("NFKC", text).casefold().replace("ü", "v")
