"""Many short texts without an object for each: end to end, or in cells of equal width."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Byte strings end to end: text i is `data[at[i]:at[i + 1]]`; `at` has one more entry."""

    data: Bytes
    at: Longs

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> Self:
        """`texts` in their order."""
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        return cls(np.frombuffer(b"".join(texts), np.uint8), ends(lengths))

    def __len__(self) -> int:
        return len(self.at) - 1

    def __getitem__(self, index: int) -> bytes:
        return self.data[self.at[index] : self.at[index + 1]].tobytes()


class Names:
    """Distinct names in ascending order, such as expert ids; a row number stands for a name.

    `cells` holds them as bytes of one width (dtype `S`), as NumPy compares them; a name must
    not end with a zero byte.
    """

    __slots__ = ("_lengths", "cells")

    def __init__(self, cells: npt.NDArray[np.bytes_]) -> None:
        self.cells = np.ascontiguousarray(cells)
        self._lengths: Ints | None = None

    @classmethod
    def of(cls, ascending: Iterable[str]) -> Self:
        """Names that are distinct and ascending already."""
        return cls(cells_of(list(ascending)))

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, row: int) -> str:
        return bytes(self.cells[row]).decode()

    def __iter__(self) -> Iterator[str]:
        return (one.decode() for one in self.cells.tolist())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and int(self.find([name])[0]) >= 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Names) and bool(np.array_equal(self.cells, other.cells))

    __hash__ = None  # type: ignore[assignment]  # compared by content, hence no key

    def find(self, names: Iterable[str]) -> Ints:
        """The row of each name, -1 where there is none."""
        return self.rows_of(cells_of(list(names)))

    def rows_of(self, wanted: npt.NDArray[np.bytes_]) -> Ints:
        """As `find`, of cells."""
        if not len(self.cells):
            return np.full(len(wanted), -1, np.int32)
        place = np.searchsorted(self.cells, wanted)
        place[place == len(self.cells)] = 0
        place[self.cells[place] != wanted] = -1
        return place.astype(np.int32)

    @property
    def lengths(self) -> Ints:
        """The length of each name in bytes."""
        if self._lengths is None:
            self._lengths = np.char.str_len(self.cells).astype(np.int32)
        return self._lengths

    @property
    def bytes(self) -> Bytes:
        """The cells end to end, `width` bytes each."""
        return self.cells.view(np.uint8).reshape(-1)

    @property
    def width(self) -> int:
        """Bytes of a cell."""
        return self.cells.dtype.itemsize


def taken(table: Bytes, rows: npt.NDArray[Any]) -> Bytes:
    """Some rows of a table of bytes, as `table[rows]` but several times as fast."""
    width = table.shape[1]
    cells = np.ascontiguousarray(table).view(f"V{width}").reshape(-1)
    return np.take(cells, rows).view(np.uint8).reshape(-1, width)


def cells_of(texts: Sequence[str]) -> npt.NDArray[np.bytes_]:
    """Cells of one width; at least one byte wide."""
    return np.array([one.encode() for one in texts] or np.empty(0, "S1"), dtype=np.bytes_)


def ends(lengths: npt.NDArray[Any]) -> Longs:
    """0 and the running sums: where texts of these lengths begin, and the last one ends."""
    at = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=at[1:])
    return at
