"""Each test has a pool of its own."""

from collections.abc import Iterator

import pytest

from tests.draw_engine.pool.bench import PoolBench, open_pool
from tests.stores.places import Stores


@pytest.fixture
def bench(stores: Stores) -> Iterator[PoolBench]:
    opened = open_pool(stores.home, stores)
    yield opened
    opened.close()
