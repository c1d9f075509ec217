"""Each test has lists of its own; after it the rows must be what the stream says."""

from collections.abc import Iterator

import pytest

from tests.blacklist.lists.bench import ListBench, open_lists
from tests.stores.places import Stores


@pytest.fixture
def bench(stores: Stores) -> Iterator[ListBench]:
    opened = open_lists(stores.home, stores)
    yield opened
    opened.rows_are_the_fold()
    opened.close()
