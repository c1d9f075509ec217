"""Each test has a blacklist of its own; after it the rows must be what the stream says."""

from collections.abc import Iterator

import pytest

from tests.blacklist.bench import BlacklistBench, open_blacklist
from tests.stores.places import Stores


@pytest.fixture
def bench(stores: Stores) -> Iterator[BlacklistBench]:
    opened = open_blacklist(stores)
    yield opened
    opened.check()
    opened.books.database.close()
