"""Each test has a pool of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.draw_engine.pool.bench import PoolBench, open_pool


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[PoolBench]:
    opened = open_pool(tmp_path)
    yield opened
    opened.close()
