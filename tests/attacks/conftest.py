"""The draw and the room that the attacks are tried on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.blacklist.bench import BlacklistBench, open_blacklist
from tests.draw_engine.draw_bench import DrawBench, a_bench
from tests.evaluation_room.bench import RoomBench
from tests.stores.places import in_files


class Lists(BlacklistBench):
    """A register of standings of its own."""

    def rule(self, draws: DrawBench) -> None:
        """Have the draws ask this register, under one clock."""
        self.clock = draws.clock
        self.books.clock = draws.clock
        self.blacklist._clock = draws.clock
        draws.ask(self.blacklist)


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[Lists]:
    """Nobody is on record."""
    opened = open_blacklist(in_files(tmp_path / "lists"))
    yield Lists(opened.books, opened.blacklist, opened.clock)
    opened.books.database.close()


@pytest.fixture
def draws(tmp_path: Path) -> Iterator[DrawBench]:
    """A pool of sixty, registered holders, a snapshot."""
    with a_bench(tmp_path / "draws") as bench:
        yield bench


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RoomBench]:
    """A room that is ready for check-in."""
    (tmp_path / "room").mkdir()
    bench = RoomBench(tmp_path / "room")
    bench.prepare()
    yield bench
    bench.database.close()
