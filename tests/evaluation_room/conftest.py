"""Rooms ready made."""

from pathlib import Path

import pytest

from tests.evaluation_room.bench import RoomBench


@pytest.fixture
def bench(tmp_path: Path) -> RoomBench:
    """Three experts and an owner's representative, everything filed, check-in open."""
    room = RoomBench(tmp_path, owners=1)
    room.prepare()
    return room
