"""The bench that the tests of the service share."""

from collections.abc import Iterator

import pytest

from tests.draw_engine.draw_bench import DrawBench, a_bench
from tests.stores.places import Stores


@pytest.fixture
def bench(stores: Stores) -> Iterator[DrawBench]:
    """A pool of sixty, registered holders, a snapshot."""
    with a_bench(stores.home, stores=stores) as bench:
        yield bench
