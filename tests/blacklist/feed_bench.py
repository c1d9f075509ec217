"""Two regions on two databases that follow each other, without a network between them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from blacklist import feed_store
from blacklist.core.facts import Measure
from blacklist.core.feed_errors import PeerSilent
from blacklist.core.grounds import Kind
from blacklist.core.terms import Terms
from blacklist.feed_client import Payload
from blacklist.feed_matches import Matches
from blacklist.feed_publisher import Publisher
from blacklist.feed_service import FeedService, PeerState, stream_of
from blacklist.feed_store import FeedEntryRow
from blacklist.service import StandingService
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.ids import AccountId, ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.entry import Entry
from foundation.ledger.following import LogPin
from foundation.ledger.signer import LogSigner
from foundation.rulebook.overlay import load_overlay
from tests.blacklist.bench import CONFIRMER, MANAGER, NOW, TODAY, terms

ADMIN = AccountId("acc_admin")
KEY_ID = "f00dfeed"


@dataclass
class Crowd:
    """Who is whose: an expert `ex_<name>` of any region is the person <name>."""

    key_id: str = KEY_ID
    gone: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)

    def token(self, expert_id: ExpertId) -> str:
        return "" if expert_id in self.gone else token_of(str(expert_id))

    def told_by(self, expert_id: ExpertId, texts: Sequence[str]) -> list[bool]:
        return [str(expert_id) in one for one in texts]

    def index(self) -> int:
        return 0

    def experts(self, tokens: Iterable[str]) -> dict[str, ExpertId]:
        wanted = set(tokens)
        return {token_of(one): ExpertId(one) for one in self.known if token_of(one) in wanted}

    def of_number(self, id_number: str) -> str:
        return token_of(id_number)

    def newest(self) -> str:
        return max(self.known, default="")


def token_of(person: str) -> str:
    return sha256(person.encode()).hexdigest()


@dataclass
class Direct:
    """A peer read straight from its books; a test may bend each answer."""

    books: Books
    publisher: Publisher
    bend_note: Callable[[str], str] = lambda note: note
    bend_leaves: Callable[[int, list[bytes]], list[bytes]] = lambda _, leaves: leaves
    bend_payloads: Callable[[list[Payload]], list[Payload]] = lambda some: some
    silent: bool = False
    asked: int = 0

    def checkpoint(self) -> str:
        self.asked += 1
        if self.silent:
            raise PeerSilent(why="away")
        return self.bend_note(self.books.checkpoint().note)

    def leaves(self, start: int, end: int, size: int) -> list[bytes]:
        assert 0 <= start < end <= size
        return self.bend_leaves(start, self.books.leaves(start, end))

    def payloads(self, since: int, limit: int) -> list[Payload]:
        found = self.publisher.page(since, limit)
        return self.bend_payloads(
            [
                Payload(
                    leaf.number,
                    int(leaf.at.timestamp()),
                    body.salt if body else None,
                    body.body if body else None,
                )
                for leaf, body in found
            ]
        )


class Region:
    """One service of the kind, as far as its lists go."""

    def __init__(self, home: Path, origin: str, clock: FixedClock) -> None:
        self.clock = clock
        self.database = Database(home / "main.db")
        self.database.create_tables()
        signer = LogSigner(origin, KeyRing(home / "keys").signing("log"))
        self.books = Books(self.database, clock, signer)
        self.blacklist = StandingService(self.books, clock, load_overlay("national"))
        self.people = Crowd()
        self.publisher = Publisher(self.books, self.people, self.books.size)
        self.blacklist.beside.append(self.publisher.beside)
        self.matches = Matches(self.books, self.people, self.blacklist)
        self.pin = LogPin(origin, signer.public_key)
        self.door = Direct(self.books, self.publisher)
        self.away: dict[str, Direct] = {}
        self.forged = False
        self.feeds = FeedService(self.books, self.pin, lambda _, origin: self.away[origin])

    def follows(self, other: "Region") -> str:
        """Register `other`; the id of the peer."""
        self.away[other.pin.origin] = other.door
        host = other.pin.origin.partition("/")[0]
        return self.feeds.register(host, other.pin.line, f"https://{host}", ADMIN).id

    def bar(self, person: str, **changes: Any) -> Measure:
        """An entry of the list that is shared, put forward and confirmed."""
        proposal = self.blacklist.propose(ExpertId(person), a_bar(**changes), MANAGER)
        self.blacklist.confirm(proposal.id, CONFIRMER)
        return self.measure(proposal.id)

    def correct(self, measure: Measure, **changes: Any) -> Measure:
        """Another measure in the place of one."""
        proposal = self.blacklist.propose_correction(measure.id, a_bar(**changes), MANAGER)
        self.blacklist.confirm(proposal.id, CONFIRMER)
        return self.measure(proposal.id)

    def lift(self, measure: Measure, ground: str = "overturned") -> None:
        """End a measure early."""
        proposal = self.blacklist.propose_lift(measure.id, ground, "复议决定 2 号", MANAGER)
        self.blacklist.confirm(proposal.id, CONFIRMER)

    def measure(self, id_: str) -> Measure:
        return next(one for one in self.blacklist.measures() if one.id == id_)

    def took(self, peer_id: str) -> list[FeedEntryRow]:
        """What was taken from a peer, in order."""
        with self.books.read() as book:
            return feed_store.after(book.db, peer_id, 0, 1_000_000)

    def entries(self, stream: str) -> list[Entry]:
        with self.books.read() as book:
            return book.entries(stream)

    def alarms(self, peer_id: str) -> list[str]:
        """Codes of the alarms about a peer."""
        found = [one for one in self.entries(stream_of(peer_id)) if one.type == "feed.refused"]
        return [str((one.body or {})["code"]) for one in found]

    def state(self, peer_id: str) -> PeerState:
        return next(one for one in self.feeds.peers() if one.peer.id == peer_id)

    def close(self) -> None:
        self.database.close()


def a_bar(**changes: Any) -> Terms:
    """Barred for a year."""
    words: dict[str, Any] = {"kind": Kind.BARRED, "ends_on": TODAY + timedelta(days=365)}
    return terms(**(words | changes))


def two_regions(home: Path) -> tuple[Region, Region]:
    """Regions a and b under one clock."""
    clock = FixedClock(NOW)
    return tuple(Region(home / name, f"{name}.example/log", clock) for name in "ab")  # type: ignore[return-value]
