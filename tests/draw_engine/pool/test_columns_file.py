"""The file of columns is derived: stale, damaged or cut off, it is made anew from the rows."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from draw_engine.core.columns import ExpertFacts, PoolColumns
from draw_engine.core.texts import Names
from draw_engine.expert_pool import ExpertPool, Organisation
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.ids import ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def an_expert(number: int) -> ExpertFacts:
    return ExpertFacts(
        expert_id=ExpertId(f"ex_{number:04d}"),
        version=1,
        region=110000 + 10000 * (number % 3),
        employer=f"E{number % 7}",
        group=f"G{number % 3}",
        classification="2018",
        codes=("A080205", "B0101")[: 1 + number % 2],
        title="高级工程师",
        valid_to=date(2030, 1, 1 + number % 28),
        admitted_at=NOW,
    )


class Home:
    """A pool on disk that can be opened anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "pool.columns"
        self.statements: list[str] = []

    def pool(self) -> ExpertPool:
        database = Database(self.folder / "main.db")
        database.create_tables()
        signer = LogSigner("demo.draw.example/log", KeyRing(self.folder / "keys").signing("log"))
        return ExpertPool(Books(database, FixedClock(NOW), signer), columns_file=self.file)

    def enrol(self, *numbers: int) -> None:
        organisation = Organisation("E1", "Employer", "G1")
        self.pool().enrol([an_expert(number) for number in numbers], [organisation], "act_pool")


def same(one: PoolColumns, other: PoolColumns) -> bool:
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)]
    return all(a == b if isinstance(a, str | Names) else a.tolist() == b.tolist() for a, b in pairs)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.enrol(*range(60))
    return made


def test_the_file_holds_what_the_rows_say(home: Home) -> None:
    from_rows = home.pool().columns()
    assert home.file.stat().st_mode & 0o077 == 0

    from_file = home.pool().columns()

    assert same(from_file, from_rows)
    assert same(from_rows, PoolColumns.of("2018", [an_expert(number) for number in range(60)]))


def test_a_second_start_reads_the_file_and_not_the_rows(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = home.pool().columns()
    monkeypatch.setattr("draw_engine.expert_pool.batches", lambda *_: pytest.fail("rows were read"))
    assert same(home.pool().columns(), first)


def test_a_changed_pool_makes_the_file_stale(home: Home) -> None:
    home.pool().columns()
    home.enrol(100, 101)
    assert len(home.pool().columns()) == 62
    assert len(home.pool().columns()) == 62


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data[:40],
        lambda data: b"",
        lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: data + b"x",
    ],
)
def test_a_damaged_file_is_made_anew_and_never_trusted(
    home: Home, spoil: Callable[[bytes], bytes]
) -> None:
    """Whoever turns one bit of the file moves nobody into a hat or out of it."""
    whole = home.pool().columns()
    home.file.write_bytes(spoil(home.file.read_bytes()))

    assert same(home.pool().columns(), whole)
    assert same(home.pool().columns(), whole)


def test_a_file_of_another_database_with_as_many_changes_is_not_taken(
    home: Home, tmp_path: Path
) -> None:
    other = Home(tmp_path / "other")
    other.folder.mkdir()
    other.enrol(*range(200, 205))
    other.pool().columns()
    home.file.write_bytes(other.file.read_bytes())

    assert len(home.pool().columns()) == 60


def test_a_file_that_cannot_be_written_only_costs_time(home: Home) -> None:
    home.file.mkdir()
    assert len(home.pool().columns()) == 60
    assert [path.name for path in home.folder.glob("*.draft")] == []
