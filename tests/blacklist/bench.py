"""A blacklist to play with, and the few words its tests need."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from blacklist.core.facts import Measure, Proposal
from blacklist.core.grounds import Kind
from blacklist.core.register import Register, fold
from blacklist.core.terms import Terms
from blacklist.service import STREAM, StandingService
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.ids import AccountId, ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from foundation.rulebook.overlay import load_overlay
from tests.stores.places import Stores

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
EXPERT = ExpertId("ex_one")
MANAGER, SUPERVISOR, OTHER, CONFIRMER = (AccountId(f"acc_{who}") for who in ("m", "s", "o", "c"))


@dataclass
class BlacklistBench:
    """The service, its ledger and its clock."""

    books: Books
    blacklist: StandingService
    clock: FixedClock

    def propose(
        self,
        expert_id: ExpertId = EXPERT,
        by: AccountId = MANAGER,
        urgent: bool = False,
        **changes: Any,
    ) -> Proposal:
        """Put forward a suspension of today only, unless changed."""
        return self.blacklist.propose(expert_id, terms(**changes), by, urgent=urgent)

    def record(self, confirmed_by: AccountId = CONFIRMER, **changes: Any) -> Measure:
        """What `propose` puts forward, confirmed by another person."""
        proposal = self.blacklist.confirm(self.propose(**changes).id, confirmed_by)
        (measure,) = (one for one in self.blacklist.measures() if one.id == proposal.id)
        return measure

    def lift(self, measure_id: str, ground: str = "overturned", by: AccountId = OTHER) -> Measure:
        """End a measure: one puts it forward, another confirms."""
        proposal = self.blacklist.propose_lift(measure_id, ground, "复议决定", by)
        self.blacklist.confirm(proposal.id, CONFIRMER)
        (measure,) = (one for one in self.blacklist.measures() if one.id == measure_id)
        return measure

    def folded(self) -> Register:
        """The state that the stream adds up to."""
        with self.books.read() as book:
            entries = book.entries(STREAM)
        return fold((one.type, one.body or {}) for one in entries)

    def check(self) -> None:
        """The rows are what the entries add up to."""
        register = self.folded()
        assert {one.id: one for one in self.blacklist.measures()} == register.measures
        assert {one.id: one for one in self.blacklist.proposals()} == register.proposals
        assert {one.id: one for one in self.blacklist.exits()} == register.exits
        assert {one.id: one for one in self.blacklist.departures()} == register.departures


def terms(**changes: Any) -> Terms:
    """A suspension of today only, unless changed."""
    words: dict[str, Any] = {
        "kind": Kind.SUSPENDED,
        "ground": "not_recused",
        "basis": "决定书 1 号",
        "deciding_body": "监督部门",
        "starts_on": TODAY,
        "ends_on": TODAY,
    }
    return Terms(**(words | changes))


def open_blacklist(stores: Stores) -> BlacklistBench:
    """A ledger in the main database of `stores`."""
    home = stores.home
    database, clock = Database(stores.main), FixedClock(NOW)
    database.create_tables()
    books = Books(
        database, clock, LogSigner("test.example/log", KeyRing(home / "keys").signing("log"))
    )
    return BlacklistBench(books, StandingService(books, clock, load_overlay("national")), clock)
