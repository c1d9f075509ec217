"""A blacklist to play with, and the few words its tests need."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from blacklist.core.grounds import Kind
from blacklist.core.standing import Measure, Register, fold
from blacklist.service import STREAM, BlacklistService
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.ids import AccountId, ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from tests.stores.places import Stores

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
EXPERT = ExpertId("ex_one")
MANAGER, SUPERVISOR, OTHER = (AccountId(f"acc_{who}") for who in ("m", "s", "o"))


@dataclass
class BlacklistBench:
    """The service, its ledger and its clock."""

    books: Books
    blacklist: BlacklistService
    clock: FixedClock

    def record(self, **changes: Any) -> Measure:
        """A suspension of today only, unless changed."""
        words: dict[str, Any] = {
            "kind": Kind.SUSPENDED,
            "ground": "not_recused",
            "basis": "决定书 1 号",
            "deciding_body": "监督部门",
            "starts_on": TODAY,
            "ends_on": TODAY,
            "by": MANAGER,
        }
        return self.blacklist.record(changes.pop("expert_id", EXPERT), **(words | changes))

    def folded(self) -> Register:
        """The state that the stream adds up to."""
        with self.books.read() as book:
            entries = book.entries(STREAM)
        return fold((one.type, one.body or {}) for one in entries)

    def check(self) -> None:
        """The rows are what the entries add up to."""
        register = self.folded()
        assert {one.id: one for one in self.blacklist.measures()} == register.measures
        assert {one.id: one for one in self.blacklist.exits()} == register.exits


def open_blacklist(stores: Stores) -> BlacklistBench:
    """A ledger in the main database of `stores`."""
    home = stores.home
    database, clock = Database(stores.main), FixedClock(NOW)
    database.create_tables()
    books = Books(
        database, clock, LogSigner("test.example/log", KeyRing(home / "keys").signing("log"))
    )
    return BlacklistBench(books, BlacklistService(books, clock), clock)
