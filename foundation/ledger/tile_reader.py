"""Reads a log of C2SP tlog-tiles: entries and proofs, from whatever gives bytes by address.

Nothing it returns is believed by itself: entries are proved by a root that was signed, a
proof of consistency by both.

Source: C2SP tlog-tiles; RFC 9162 section 2.1.4.1.
"""

from collections.abc import Callable
from typing import Final

from foundation.ledger.tiles import WIDTH, Tile, entries_of, tiles_over
from foundation.ledger.tree import node_hash, split

HASH: Final = 32

MOST_BYTES: Final = WIDTH * (2 + 2**16)
"""No tile, bundle of entries or checkpoint is longer."""

Fetch = Callable[[str], bytes]
"""Address below the log's prefix -> bytes."""


class TileReader:
    """One look at a log; tiles are fetched once."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._tiles: dict[Tile, bytes] = {}

    def checkpoint(self) -> str:
        """The newest checkpoint, as a signed note.

        Raises:
            ValueError: not UTF-8.
        """
        return self._fetch("checkpoint").decode()

    def entries(self, start: int, end: int, size: int) -> list[bytes]:
        """Bytes of the entries start..end-1 of a log of `size`.

        Raises:
            ValueError: a bundle holds another number of entries than its name says.
        """
        found: list[bytes] = []
        for tile in tiles_over(None, start, end, size):
            entries = entries_of(self._bytes(tile))
            if len(entries) != tile.width:
                raise ValueError(f"entry bundle {tile.place} holds {len(entries)} entries")
            found += entries[max(0, start - tile.first) : end - tile.first]
        return found

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that a log of `new` entries begins with that of `old`, made from tiles."""
        return [] if old in (0, new) else self._subproof(old, 0, new, new, whole=True)

    def _subproof(self, old: int, start: int, end: int, size: int, *, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self._root(start, end, size)]
        middle = start + split(end - start)
        if old <= middle:
            lower = self._subproof(old, start, middle, size, whole=whole)
            return [*lower, self._root(middle, end, size)]
        upper = self._subproof(old, middle, end, size, whole=False)
        return [*upper, self._root(start, middle, size)]

    def _root(self, start: int, end: int, size: int) -> bytes:
        """Root over the entries start..end-1: the largest whole subtrees come from tiles."""
        level = 0
        width = end - start
        while width % WIDTH ** (level + 1) == 0 and start % WIDTH ** (level + 1) == 0:
            level += 1
        if width == WIDTH**level:
            return self._hash(level, start // WIDTH**level, size)
        middle = start + split(width)
        return node_hash(self._root(start, middle, size), self._root(middle, end, size))

    def _hash(self, level: int, index: int, size: int) -> bytes:
        (tile,) = tiles_over(level, index, index + 1, size)
        at = (index - tile.first) * HASH
        return self._bytes(tile)[at : at + HASH]

    def _bytes(self, tile: Tile) -> bytes:
        if tile not in self._tiles:
            data = self._fetch(f"tile/{tile.place}")
            if tile.level is not None and len(data) != tile.width * HASH:
                raise ValueError(f"tile {tile.place} has {len(data)} bytes")
            self._tiles[tile] = data
        return self._tiles[tile]
