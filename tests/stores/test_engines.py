"""What a use case may count on, whichever engine keeps the database."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import DatabaseError, StatementError
from sqlmodel import Session, col, func, select

from draw_engine.pool_tables import OrganisationRow, PoolStateRow
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.keys import KeyRing
from foundation.ledger.book import Books, LedgerHasAnotherWriter
from foundation.ledger.signer import LogSigner
from foundation.ledger.store import LeafRow, OutboxRow
from foundation.ledger.verify import verify_database
from tests.stores.places import Stores

pytestmark = pytest.mark.both_engines

Opened = Callable[[], Database]
NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
# Each looks as every other one under some rule of sorting, and none under the order of bytes.
WORDS = ("ex-1", "ex1", "EX_1", "ex_1", "ex_A", "ex_a", "ex_Ä", "ex_é", "ex_中", "ex_𠮷")


@pytest.fixture
def opened(stores: Stores) -> Iterator[Callable[[], Database]]:
    """Opens the main database, once for each process that the test plays."""
    made: list[Database] = []

    def once_more() -> Database:
        made.append(Database(stores.main))
        made[-1].create_tables()
        return made[-1]

    yield once_more
    for one in made:
        one.close()


def books_on(database: Database, stores: Stores) -> Books:
    key = KeyRing(stores.home / "keys").signing("log")
    return Books(database, FixedClock(NOON), LogSigner("test.example/log", key))


def an_organisation(code: str) -> OrganisationRow:
    return OrganisationRow(unified_credit_code=code, name=f"单位 {code}", grouped=code)


def a_notice(written_at: datetime) -> OutboxRow:
    facts = b"\x00\xff"
    return OutboxRow(recipient="r", kind="k", facts=facts, written_at=written_at, next_try_at=NOON)


def test_writers_of_two_processes_follow_one_another(opened: Opened) -> None:
    """Each reads, then writes what it has read plus one: a lost one would be missing at the end."""
    processes = [opened(), opened()]
    with processes[0].write() as db:
        db.add(PoolStateRow(id=1, changes=0))

    def count(turn: int) -> None:
        with processes[turn % 2].write() as db:
            row = db.get_one(PoolStateRow, 1)
            row.changes += 1
            db.add(row)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(count, range(60)))

    with processes[1].read() as now:
        assert now.get_one(PoolStateRow, 1).changes == 60


def test_a_ledger_that_grew_elsewhere_is_written_no_more(opened: Opened, stores: Stores) -> None:
    ours, theirs = opened(), opened()
    first, second = books_on(ours, stores), books_on(theirs, stores)
    with first.write() as book:
        book.append("room/1", "room.noted", {})
    before = first.checkpoint()
    public = KeyRing(stores.home / "keys").signing("log").public_key().public_bytes_raw()

    with pytest.raises(LedgerHasAnotherWriter), second.write() as book:
        book.append("room/2", "room.noted", {})

    assert first.checkpoint() == before
    with ours.read() as now:
        assert now.exec(select(LeafRow.number)).all() == [0]
    assert verify_database(ours, "test.example/log", public).sound


def test_a_reader_sees_one_commit_from_its_first_look_to_its_last(opened: Opened) -> None:
    database = opened()
    with database.write() as db:
        db.add(an_organisation("A"))

    def codes(db: Session) -> list[str]:
        return list(db.exec(select(OrganisationRow.unified_credit_code)))

    with database.read() as now:
        assert codes(now) == ["A"]
        with database.write() as other:
            other.add(an_organisation("B"))
        assert codes(now) == ["A"]
    with database.read() as now:
        assert sorted(codes(now)) == ["A", "B"]


def test_a_reader_can_write_nothing(opened: Opened) -> None:
    database = opened()
    insert = "INSERT INTO organisation VALUES ('A', '单位', 'A')"
    with pytest.raises(DatabaseError), database.read() as now:
        now.connection().exec_driver_sql(insert)
    with database.read() as now:
        assert now.exec(select(func.count()).select_from(OrganisationRow)).one() == 0


def test_a_scratch_holds_up_nobody_and_leaves_nothing(opened: Opened) -> None:
    database = opened()
    with database.write() as db:
        db.add(PoolStateRow(id=1, changes=7))
    with database.scratch() as db:
        db.connection().exec_driver_sql("CREATE TEMPORARY TABLE aside (n INTEGER)")
        db.connection().exec_driver_sql("INSERT INTO aside SELECT changes FROM pool_state")
        with database.write() as beside:
            beside.get_one(PoolStateRow, 1).changes = 8
        assert db.connection().exec_driver_sql("SELECT n FROM aside").scalar_one() == 7
        assert db.get_one(PoolStateRow, 1).changes == 7

    with database.read() as db, pytest.raises(DatabaseError):
        db.connection().exec_driver_sql("SELECT n FROM aside")
    with database.read() as db, pytest.raises(DatabaseError):
        db.connection().exec_driver_sql("DELETE FROM pool_state")
    with database.read() as db:
        assert db.get_one(PoolStateRow, 1).changes == 8


def test_a_writer_waits_for_the_one_before_and_sees_what_it_made(opened: Opened) -> None:
    first, second = opened(), opened()
    inside = threading.Event()
    seen: list[str] = []

    def follow() -> None:
        inside.wait(10)
        with second.write() as db:
            seen.extend(db.exec(select(OrganisationRow.unified_credit_code)))

    follower = threading.Thread(target=follow)
    follower.start()
    with first.write() as db:
        inside.set()
        follower.join(0.3)
        assert follower.is_alive(), "two writers at once"
        db.add(an_organisation("A"))
    follower.join(20)
    assert seen == ["A"]


def test_an_instant_comes_back_as_it_was_and_a_naive_one_is_refused(opened: Opened) -> None:
    database = opened()
    beijing = NOON.astimezone(timezone(timedelta(hours=8))) + timedelta(microseconds=7)
    with database.write() as db:
        row = a_notice(beijing)
        db.add(row)
        db.flush()
        number = row.id
    with database.read() as now:
        found = now.get_one(OutboxRow, number)
        assert (found.written_at, found.written_at.tzinfo) == (beijing, UTC)
        assert (found.facts, found.done_at) == (b"\x00\xff", None)
    with pytest.raises(StatementError, match="naive"), database.write() as db:
        db.add(a_notice(NOON.replace(tzinfo=None)))


def test_text_is_sorted_and_found_by_its_bytes(opened: Opened) -> None:
    """The order of ids goes into the proof of a draw; Python and the verifier sort bytes."""
    database = opened()
    with database.write() as db:
        db.add_all(an_organisation(one) for one in reversed(WORDS))
    code = col(OrganisationRow.unified_credit_code)
    with database.read() as now:
        assert list(now.exec(select(code).order_by(code))) == sorted(WORDS)
        for prefix in ("ex_", "ex", "EX", "ex_a", "ex_%", "ex_中"):
            found = set(now.exec(select(code).where(code.startswith(prefix, autoescape=True))))
            assert found == {one for one in WORDS if one.startswith(prefix)}, prefix
