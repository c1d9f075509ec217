"""Notices leave the outbox in their order, at least once, and no longer than it makes sense."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from foundation.clock import FixedClock
from foundation.db import Database
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from foundation.ledger.store import OutboxRow
from foundation.notify.outbox import FIRST_RETRY, LAST_RETRY, MAX_TRIES, Notice, Outbox
from tests.stores.places import Stores

pytestmark = pytest.mark.both_engines

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


class Line:
    """A way out that may be down."""

    def __init__(self) -> None:
        self.down = False
        self.taken: list[Notice] = []

    def deliver(self, notice: Notice) -> str:
        """Take it, where the line is up."""
        if self.down:
            raise OSError("line down")
        self.taken.append(notice)
        return "handed over"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def books(stores: Stores, clock: FixedClock) -> Iterator[Books]:
    database = Database(stores.main)
    database.create_tables()
    key = KeyRing(stores.home / "keys").signing("log")
    yield Books(database, clock, LogSigner("test.example/log", key))
    database.close()


def tell(books: Books, *kinds: str) -> None:
    with books.write() as book:
        for kind in kinds:
            book.tell("somebody", kind, {"place": "厅"})


def row(books: Books, number: int) -> OutboxRow:
    with books.database.read() as db:
        return db.get_one(OutboxRow, number)


def test_notices_go_out_once_and_in_order(books: Books) -> None:
    line, outbox = Line(), Outbox(books)
    tell(books, "first", "second")
    tell(books, "third")

    assert outbox.deliver(line) == 3
    assert outbox.deliver(line) == 0

    assert [one.kind for one in line.taken] == ["first", "second", "third"]
    assert [one.facts for one in line.taken] == [{"place": "厅"}] * 3
    done = row(books, line.taken[0].id)
    assert (done.done_at, done.outcome, done.tries) == (NOON, "handed over", 1)


def test_a_line_that_is_down_is_tried_again_later_and_given_up_in_the_end(
    books: Books, clock: FixedClock
) -> None:
    line, outbox = Line(), Outbox(books)
    line.down = True
    tell(books, "notice")
    [number] = [one.id for one in outbox.due()]

    assert outbox.deliver(line) == 0
    assert outbox.due() == [], "not before its time"
    assert row(books, number).next_try_at == NOON + FIRST_RETRY * 2
    for _ in range(MAX_TRIES - 1):
        clock.advance(LAST_RETRY + timedelta(seconds=1))
        assert len(outbox.due()) == 1
        outbox.deliver(line)

    clock.advance(timedelta(days=1))
    line.down = False
    assert outbox.deliver(line) == 0
    given_up = row(books, number)
    assert (given_up.outcome, given_up.tries) == ("undeliverable", MAX_TRIES)
