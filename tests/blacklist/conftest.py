"""Each test has a blacklist of its own; after it the rows must be what the stream says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.blacklist.bench import BlacklistBench, open_blacklist


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[BlacklistBench]:
    opened = open_blacklist(tmp_path)
    yield opened
    opened.check()
    opened.books.database.close()
