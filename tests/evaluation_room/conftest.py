"""Rooms ready made."""

from collections.abc import Iterator

import pytest

from tests.evaluation_room.bench import RoomBench
from tests.stores.places import Stores


@pytest.fixture
def bench(stores: Stores) -> Iterator[RoomBench]:
    """Three experts and an owner's representative, everything filed, check-in open."""
    room = RoomBench(stores.home, owners=1, stores=stores)
    room.prepare()
    yield room
    room.database.close()
