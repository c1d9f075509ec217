"""The bench that the tests of the service share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.draw_engine.draw_bench import DrawBench, a_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[DrawBench]:
    """A pool of sixty, registered holders, a snapshot."""
    with a_bench(tmp_path) as bench:
        yield bench
