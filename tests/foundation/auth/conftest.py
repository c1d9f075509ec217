"""Benches for the tests of the front door."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.bench import Bench, a_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A real service."""
    with a_bench(tmp_path / "home") as made:
        yield made


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[Bench]:
    """A demonstration."""
    with a_bench(tmp_path / "home", demonstration=True) as made:
        yield made
