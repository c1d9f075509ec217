"""Benches for the tests of the front door."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.bench import Bench, a_bench
from tests.stores.places import Stores


@pytest.fixture
def bench(stores: Stores) -> Iterator[Bench]:
    """A real service."""
    with a_bench(stores.home / "home", **stores.settings()) as made:
        yield made


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[Bench]:
    """A demonstration."""
    with a_bench(tmp_path / "home", demonstration=True) as made:
        yield made
