"""The rows of a hat as the supervisor gets them: everything a leaf hashes, and no name.

A row is what its leaf hashes after the zero byte: F_id(32) F_q(32) salt_a(16) tag(16) org(16)
region(u32), 116 bytes; rows stand in tag order with nothing between them. A quarter of a
million candidates are 30 MB so, and a row is read without a parser.

Source: SPEC.md sections 2 and 3.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

from draw_engine.core.selection import Member
from draw_engine.core.snapshot import Pseudonym
from foundation.digest import sha256

ROW_BYTES: Final = 116
_TAG, _ORG, _REGION = slice(80, 96), slice(96, 112), slice(112, 116)


def packed(rows: Iterable[Pseudonym]) -> Iterator[bytes]:
    """Each row in its 116 bytes."""
    for one in rows:
        region = one.region.to_bytes(4, "big")
        yield one.f_id + one.f_q + one.salt_a + one.tag + one.org + region


class HatRows(Sequence[Member]):
    """Rows as they were handed over; what the rules see of each is read when looked at.

    Raises:
        ValueError: a piece of a row is left over.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) % ROW_BYTES:
            raise ValueError("rows of 116 bytes, and nothing else")
        self._data = data

    def __len__(self) -> int:
        return len(self._data) // ROW_BYTES

    @overload
    def __getitem__(self, position: int) -> Member: ...
    @overload
    def __getitem__(self, position: slice) -> list[Member]: ...
    def __getitem__(self, position: int | slice) -> Member | list[Member]:
        places = range(len(self))[position]
        if isinstance(places, range):
            return [_member(self._row(place)) for place in places]
        return _member(self._row(places))

    def leaves(self) -> Iterator[bytes]:
        """The leaves, 32 bytes each."""
        for place in range(len(self)):
            yield sha256(b"\0", self._row(place))

    def _row(self, place: int) -> bytes:
        return self._data[place * ROW_BYTES : (place + 1) * ROW_BYTES]


def _member(row: bytes) -> Member:
    return Member(row[_TAG], row[_ORG], int.from_bytes(row[_REGION], "big"))
