"""A real service, for the tests that knock at every door."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.bench import Bench, a_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A service that is no demonstration."""
    with a_bench(tmp_path / "home") as made:
        yield made
