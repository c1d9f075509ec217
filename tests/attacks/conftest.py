"""The draw and the room that the attacks are tried on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.draw_engine.draw_bench import DrawBench, a_bench
from tests.evaluation_room.bench import RoomBench


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
