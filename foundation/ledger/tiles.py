"""The log as static files that any reader of C2SP tlog-tiles understands (SPEC.md section 6).

    tile/0/x001/x234/067        256 leaf hashes, 8192 bytes
    tile/1/000.p/17             17 hashes so far, each the root of a full tile of level 0
    tile/entries/000.p/112      112 leaves, each behind its length (u16)

A tile is named by level, index and width; its bytes never change. What is asked for beyond
the published size does not exist yet, whatever the database holds already.

Source: C2SP tlog-tiles.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from foundation.errors import Kind, ServiceError

WIDTH: Final = 256
HEIGHT: Final = 8
"""A tile spans eight levels of the binary tree."""

ENTRIES: Final = "entries"
MOST_LEVELS: Final = 63

_PLACE = re.compile(
    r"(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


class NoSuchTile(ServiceError):
    """The address is not that of a tile, in its one spelling."""

    code = "ledger.no_such_tile"
    kind = Kind.NOT_FOUND


class TileBeyondLog(ServiceError):
    """The tile reaches beyond the last published checkpoint; `size` is that checkpoint's."""

    code = "ledger.tile_beyond_log"
    kind = Kind.NOT_FOUND


class Leaves(Protocol):
    """What tiles are cut from."""

    def subtrees(self, level: int, start: int, end: int) -> list[bytes]:
        """Roots of complete subtrees of 2^level leaves."""
        ...

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Bytes of the leaves start..end-1."""
        ...


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's name: level (None: the entries themselves), index in its level, hashes in it."""

    level: int | None
    index: int
    width: int = WIDTH

    @classmethod
    def read(cls, place: str) -> "Tile":
        """The tile at `<L>/<N>[.p/<W>]`.

        Raises:
            NoSuchTile: another spelling, a level above 63, or a width of 256 written as partial.
        """
        found = _PLACE.fullmatch(place)
        if found is None:
            raise NoSuchTile
        level = None if found["level"] == ENTRIES else int(found["level"])
        index = int(found["index"].replace("x", "").replace("/", ""))
        width = int(found["width"] or WIDTH)
        tile = cls(level, index, width)
        # One tile, one address: x000/001 is not 001, and a full tile has no width in its name.
        if (level or 0) > MOST_LEVELS or width > WIDTH or tile.place != place:
            raise NoSuchTile
        return tile

    @property
    def place(self) -> str:
        """The address below `tile/`."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        level = ENTRIES if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{level}/{'/'.join(groups)}{partial}"

    @property
    def first(self) -> int:
        """Index of the first hash (or entry) in its level."""
        return self.index * WIDTH

    @property
    def end(self) -> int:
        """Index behind the last hash (or entry) in its level."""
        return self.first + self.width

    def within(self, size: int) -> bool:
        """Whether a log of `size` entries holds every hash of the tile."""
        return self.end <= size >> HEIGHT * (self.level or 0)


def cut(tile: Tile, log: Leaves, size: int) -> bytes:
    """The bytes of a tile of the log's first `size` entries.

    Raises:
        TileBeyondLog: the log does not reach so far.
    """
    if not tile.within(size):
        raise TileBeyondLog(size=size)
    if tile.level is None:
        return entry_bundle(log.leaves(tile.first, tile.end))
    return b"".join(log.subtrees(HEIGHT * tile.level, tile.first, tile.end))


def entry_bundle(leaves: Iterable[bytes]) -> bytes:
    """Leaves one after the other, each behind its length as u16, big-endian."""
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def entries_of(bundle: bytes) -> list[bytes]:
    """The leaves in an entry bundle.

    Raises:
        ValueError: it ends within a leaf.
    """
    found, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise ValueError("an entry bundle ends within an entry")
        found.append(bundle[at + 2 : end])
        at = end
    return found


def tiles_over(level: int | None, start: int, end: int, size: int) -> list[Tile]:
    """The tiles of a log of `size` that hold the hashes (or entries) start..end-1 of a level."""
    held = size >> HEIGHT * (level or 0)
    first, last = start // WIDTH, (end - 1) // WIDTH
    indices = range(first, last + 1) if start < end else range(0)
    return [Tile(level, index, min(WIDTH, held - index * WIDTH)) for index in indices]
