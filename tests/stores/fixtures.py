"""`stores`: the two databases of a test, on the engine that it is run for.

A test or file marked `both_engines` runs once on SQLite and once on PostgreSQL; any other one
that asks for `stores` runs on SQLite. A server that can't start fails the test, and skips
nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.stores.places import ENGINES, POSTGRESQL, SQLITE, Cluster, Stores, in_files
from tests.stores.server import running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a marked test on both engines."""
    if "store_engine" not in metafunc.fixturenames:
        return
    if metafunc.definition.get_closest_marker("both_engines"):
        metafunc.parametrize("store_engine", ENGINES, indirect=True)


@pytest.fixture
def store_engine(request: pytest.FixtureRequest) -> str:
    """Which engine this run of the test is for."""
    return str(getattr(request, "param", SQLITE))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The PostgreSQL server of this worker, started when a test first needs it."""
    with running() as url:
        made = Cluster(url)
        yield made
        made.close()


@pytest.fixture
def stores(store_engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Two databases, empty but for their tables where a server keeps them."""
    with _stores(store_engine, tmp_path, request, tables=True) as made:
        yield made


@pytest.fixture
def blank(store_engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Two databases without any table."""
    with _stores(store_engine, tmp_path, request, tables=False) as made:
        yield made


@contextmanager
def _stores(
    engine: str, home: Path, request: pytest.FixtureRequest, *, tables: bool
) -> Iterator[Stores]:
    if engine != POSTGRESQL:
        yield in_files(home)
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    made = Stores(home, cluster.copy if tables else lambda _kind: cluster.empty())
    yield made
    for where in made.made.values():
        cluster.drop(where)
