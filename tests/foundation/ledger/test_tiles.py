"""Tiles: one address each, bytes that never change, nothing beyond the published size."""

import contextlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.ledger.forest import Forest
from foundation.ledger.tiles import (
    WIDTH,
    NoSuchTile,
    Tile,
    TileBeyondLog,
    cut,
    entries_of,
    entry_bundle,
    tiles_over,
)


class Log:
    """A log of numbered entries."""

    def __init__(self, size: int) -> None:
        self.data = [f"entry {number}".encode() for number in range(size)]
        self.forest = Forest()
        for one in self.data:
            self.forest.append(one)

    def subtrees(self, level: int, start: int, end: int) -> list[bytes]:
        return self.forest.subtrees(level, start, end)

    def leaves(self, start: int, end: int) -> list[bytes]:
        return self.data[start:end]


LOG = Log(70_000)

NO_TILES = [
    "",
    "0",
    "0/",
    "0/1",
    "0/0001",
    "00/001",
    "-1/000",
    "64/000",
    "0/x000/001",
    "0/001/002",
    "0/001.p/0",
    "0/001.p/01",
    "0/001.p/256",
    "0/001.p/999",
    "0/001.p",
    "0/001.p/1/",
    "entries/1",
    "entries/000.p/300",
    "Entries/000",
    "0/../1/000",
    "0/00١",
    "0/" + "x001/" * 9 + "000",
]


@pytest.mark.parametrize(
    ("place", "tile"),
    [
        ("0/x001/x234/067", Tile(0, 1_234_067)),
        ("1/000.p/17", Tile(1, 0, 17)),
        ("entries/999.p/1", Tile(None, 999, 1)),
        ("63/000", Tile(63, 0)),
    ],
)
def test_a_place_names_one_tile_and_a_tile_one_place(place: str, tile: Tile) -> None:
    assert Tile.read(place) == tile
    assert tile.place == place


@pytest.mark.parametrize("place", NO_TILES)
def test_any_other_spelling_is_no_tile(place: str) -> None:
    with pytest.raises(NoSuchTile):
        Tile.read(place)


@given(st.text())
def test_whatever_is_asked_for_is_a_tile_or_refused(place: str) -> None:
    with contextlib.suppress(NoSuchTile):
        assert Tile.read(place).place == place


def test_a_log_of_70_000_has_the_tiles_that_the_specification_lists() -> None:
    whole = [len(tiles_over(level, 0, 70_000 >> 8 * level, 70_000)) for level in range(3)]
    assert whole == [274, 2, 1]
    assert [one.width for one in tiles_over(0, 0, 70_000, 70_000)][-2:] == [WIDTH, 112]
    assert tiles_over(1, 0, 273, 70_000)[-1] == Tile(1, 1, 17)
    assert tiles_over(2, 0, 1, 70_000) == [Tile(2, 0, 1)]
    assert tiles_over(0, 0, 256, 256) == [Tile(0, 0)]
    assert tiles_over(1, 0, 1, 256) == [Tile(1, 0, 1)]


def test_a_hash_of_a_higher_tile_is_the_root_of_the_full_tile_below() -> None:
    below = cut(Tile(0, 3), LOG, 70_000)
    nodes = [below[at : at + 32] for at in range(0, len(below), 32)]
    while len(nodes) > 1:
        nodes = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(nodes[::2], nodes[1::2], strict=True)
        ]
    assert cut(Tile(1, 0), LOG, 70_000)[3 * 32 : 4 * 32] == nodes[0]
    assert len(below) == 8192


@given(st.integers(0, 273), st.integers(1, 255), st.sampled_from([0, None]))
def test_a_partial_tile_is_the_beginning_of_the_full_one(
    index: int, width: int, level: int | None
) -> None:
    partial = Tile(level, index, width)
    if not partial.within(70_000):
        with pytest.raises(TileBeyondLog):
            cut(partial, LOG, 70_000)
        return
    full = Tile(level, index, WIDTH if Tile(level, index).within(70_000) else 112)
    assert cut(full, LOG, 70_000).startswith(cut(partial, LOG, 70_000))


@pytest.mark.parametrize(
    "tile",
    [Tile(0, 3), Tile(0, 3, 233), Tile(1, 0, 4), Tile(2, 0, 1), Tile(None, 4, 1), Tile(63, 0)],
)
def test_nothing_beyond_the_published_size_is_given_though_the_log_holds_it(tile: Tile) -> None:
    with pytest.raises(TileBeyondLog) as beyond:
        cut(tile, LOG, 1000)
    assert beyond.value.facts == {"size": 1000}


@given(st.lists(st.binary(max_size=300), max_size=40))
def test_an_entry_bundle_is_read_back_as_written(leaves: list[bytes]) -> None:
    bundle = entry_bundle(leaves)
    assert entries_of(bundle) == leaves
    if bundle:
        cut_short = bundle[:-1]
        with contextlib.suppress(ValueError):
            assert entries_of(cut_short) != leaves
