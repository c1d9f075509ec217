"""Wires sharing between regions: the feed, the peers, and the timer that asks them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from app.credit_records import CreditRecords
from app.wiring_pool import PoolParts
from blacklist.feed_client import dialler
from blacklist.feed_matches import Matches
from blacklist.feed_publisher import Publisher, Qualification
from blacklist.feed_routes import FeedDesk
from blacklist.feed_service import EVERY, FeedService
from blacklist.service import StandingService
from draw_engine.core.consents import Purpose
from draw_engine.own_rights import Consents
from draw_engine.person_tokens import PersonTokens
from foundation.digest import sha256
from foundation.ids import ExpertId
from foundation.ledger.book import Book, Books
from foundation.ledger.following import LogPin
from foundation.ledger.signer import LogSigner

FEDERATION: Final = "federation"
"""File of the federation's key, among the vault's; a person puts it there."""

FOR_DEMONSTRATION: Final = sha256(b"expert-draw/demonstration federation")
"""Known to everybody, for people who do not exist."""


def build_feeds(
    books: Books,
    signer: LogSigner,
    pool: PoolParts,
    standing: StandingService,
    published: Callable[[], int],
    *,
    demonstration: bool,
) -> FeedDesk:
    """Publisher, follower and matches over one pool.

    A real service without a key of a federation tells nobody anything, and recognises nobody.
    """
    key = FOR_DEMONSTRATION if demonstration else pool.vault_keys.given(FEDERATION)
    people = PersonTokens(pool.vault_database, pool.persons, key)
    publisher = Publisher(books, people, published)
    standing.beside.append(publisher.beside)
    publisher.qualified = partial(_qualified, pool)
    own = LogPin(signer.origin, signer.public_key)
    feeds = FeedService(books, own, dialler(signer.key, signer.origin, books.clock))
    return FeedDesk(feeds, publisher, Matches(books, people, standing))


def _qualified(pool: PoolParts, expert_id: ExpertId) -> Qualification | None:
    """What the pool has of an expert; None of whom it no longer has."""
    if not pool.pool.has(expert_id):
        return None
    [one] = pool.pool.facts([expert_id])
    return Qualification(
        one.classification, tuple(one.codes), one.title, one.valid_to, f"{one.region:06d}"
    )


def build_credit_records(books: Books, pool: PoolParts, standing: StandingService) -> CreditRecords:
    """Credit records over the same list and the same people."""

    def numbers(wanted: Iterable[ExpertId]) -> dict[ExpertId, str]:
        there = pool.persons.get_known(wanted)
        return {one.expert_id: one.id_number for one in there}

    return CreditRecords(books, standing.measures, numbers, pool.persons.by_numbers)


@dataclass(slots=True)
class FeedTimer:
    """Asks every peer now and then; a commit of ours is no reason to ask them earlier."""

    desk: FeedDesk
    givers: Callable[[], Iterable[ExpertId]] = tuple
    due: datetime | None = None

    def __call__(self, now: datetime) -> datetime:
        """Follow all who are due; answers when to come again."""
        if self.due is None or now >= self.due:
            self.desk.publisher.backfill()
            self.desk.publisher.backfill_credentials(self.givers())
            self.desk.feeds.follow_all()
            self.desk.matches.find()
            self.due = now + EVERY
        return self.due


def share_credentials(desk: FeedDesk, consents: Consents) -> FeedTimer:
    """Tell what experts allow in the transaction of their word; the timer that asks the peers."""

    def said(book: Book, expert_id: ExpertId, purpose: Purpose, given: bool) -> None:
        if purpose is Purpose.SHARE_CREDENTIALS:
            desk.publisher.credential(book, expert_id, given=given)

    consents.beside.append(said)
    return FeedTimer(desk, lambda: consents.givers(Purpose.SHARE_CREDENTIALS))
