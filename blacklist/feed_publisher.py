"""What this service tells other regions: one entry of its feed for each entry of the list.

The feed is written in the transaction of the list's own entry (`StandingService.beside`): no
later job could forget it, and no use case needs to think of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from sqlmodel import col, select

from blacklist import store as list_store
from blacklist.core.facts import Measure, lifted, measure_of
from blacklist.core.feed import (
    CREDENTIAL,
    LIST_ENTRY,
    SHARED,
    STREAM,
    Credential,
    CredentialAct,
    told,
)
from blacklist.feed_store import FeedOwnRow
from foundation.ids import ExpertId
from foundation.ledger.book import Book, Books
from foundation.ledger.entry import Entry
from foundation.ledger.store import LeafRow, PayloadRow

MOST_AT_ONCE: Final = 1000
TEXTS: Final = ("basis", "deciding_body")


class People(Protocol):
    """What the vault tells of our people: tokens, never a name."""

    @property
    def key_id(self) -> str:
        """Which key of a federation is here; "" for none."""
        ...

    def token(self, expert_id: ExpertId) -> str:
        """The token of one of ours; "" where nobody knows any more who it was."""
        ...

    def told_by(self, expert_id: ExpertId, texts: Sequence[str]) -> list[bool]:
        """Whether each of some texts would tell who it is."""
        ...


@dataclass(frozen=True, slots=True)
class Qualification:
    """What a consent lets others know of an expert, as the pool has it now."""

    classification: str
    specialties: tuple[str, ...]
    title: str
    valid_to: date
    region: str


class Publisher:
    """Writes the feed, and gives its bodies to whoever may have them.

    Args:
        published: how many leaves of the log outsiders may see; what lies behind them is not
            given, for it could still be taken back.
    """

    def __init__(self, books: Books, people: People, published: Callable[[], int]) -> None:
        self._books = books
        self._people = people
        self._published = published
        self.qualified: Callable[[ExpertId], Qualification | None] = lambda _: None

    @property
    def federation(self) -> str:
        """Which key of a federation is here; "" for none."""
        return self._people.key_id

    def count(self) -> int:
        """Entries of the feed so far."""
        with self._books.read() as book:
            return book.head(STREAM)

    def backfill(self) -> int:
        """Tell what is in force and was put on record before this service joined a federation."""
        if not self._people.key_id:
            return 0
        done = 0
        with self._books.write() as book:
            published = set(book.db.exec(select(FeedOwnRow.id)))
            for measure in reversed(list_store.measures(book.db)):
                open_ = measure.lifted_at is None and measure.kind in SHARED
                if open_ and measure.id not in published:
                    self._tell(book, measure)
                    done += 1
        return done

    def credential(self, book: Book, expert_id: ExpertId, *, given: bool) -> None:
        """Tell what an expert allowed, or that it is withdrawn, inside the consent's transaction.

        A withdrawal goes out under the token of what was given, and holds nothing of it.
        """
        before = book.db.get(FeedOwnRow, expert_id)
        if not self._people.key_id or (not given and before is None):
            return
        known = self.qualified(expert_id) if given else None
        if given and known is None:
            return
        said = known or Qualification("-", (), "", date.min, "000000")
        entry = Credential(
            id=expert_id,
            act=CredentialAct.GIVEN if given else CredentialAct.WITHDRAWN,
            person_token=before.token if before else self._people.token(expert_id),
            key_id=self._people.key_id,
            classification=said.classification,
            specialties=said.specialties,
            title=said.title,
            valid_to=said.valid_to,
            region=said.region,
        )
        written = book.append(STREAM, CREDENTIAL, entry.to_body())
        row = FeedOwnRow(
            id=expert_id, token=entry.person_token, seq=written.seq, act=entry.act.value
        )
        book.db.merge(row)

    def backfill_credentials(self, givers: Iterable[ExpertId]) -> int:
        """Tell of consents that were given before this service joined a federation."""
        if not self._people.key_id:
            return 0
        with self._books.read() as book:
            told = {one.id for one in book.db.exec(select(FeedOwnRow)) if one.act == "given"}
        missing = [one for one in givers if one not in told]
        if not missing:
            return 0
        with self._books.write() as book:
            for expert_id in missing:
                self.credential(book, expert_id, given=True)
        return len(missing)

    def page(self, since: int, limit: int) -> list[tuple[LeafRow, PayloadRow | None]]:
        """Published entries of the feed behind `since`, ascending."""
        size = self._published()
        statement = (
            select(LeafRow, PayloadRow)
            .join(PayloadRow, col(PayloadRow.number) == col(LeafRow.number), isouter=True)
            .where(LeafRow.stream == STREAM, LeafRow.seq > since, LeafRow.number < size)
            .order_by(col(LeafRow.seq))
            .limit(min(limit, MOST_AT_ONCE))
        )
        with self._books.database.read() as db:
            return list(db.exec(statement))

    def own(self) -> list[FeedOwnRow]:
        """What was told, by what it tells of."""
        with self._books.read() as book:
            return list(book.db.exec(select(FeedOwnRow).order_by(col(FeedOwnRow.seq))))

    def beside(self, book: Book, type_: str, body: Mapping[str, Any]) -> None:
        """Tell of an entry of the list, inside its transaction."""
        if type_ == "blacklist.recorded":
            measure = measure_of(body)
        elif type_ == "blacklist.lifted" and (found := list_store.measure(book.db, body["id"])):
            measure = found if found.lifted_at else lifted(found, body)
        else:
            return
        if measure.kind in SHARED and self._people.key_id:
            self._tell(book, measure)

    def _tell(self, book: Book, measure: Measure) -> None:
        before = book.db.get(FeedOwnRow, measure.id)
        # Whoever was erased since keeps the token under which the entry was told.
        token = before.token if before else self._people.token(measure.expert_id)
        lifted = measure.lifted_at is not None
        texts = (measure.lift_basis if lifted else measure.basis, measure.deciding_body)
        hidden = dict(zip(TEXTS, self._people.told_by(measure.expert_id, texts), strict=True))
        entry = told(measure, token, self._people.key_id, hidden, measure.replaces)
        written = book.append(STREAM, LIST_ENTRY, entry.to_body())
        row = FeedOwnRow(id=measure.id, token=token, seq=written.seq, act=entry.act.value)
        book.db.merge(row)


def fold_own(entries: Sequence[Entry]) -> dict[str, FeedOwnRow]:
    """The rows of what was told, as the stream adds up to."""
    found: dict[str, FeedOwnRow] = {}
    for one in entries:
        if one.body is not None and one.type in {LIST_ENTRY, CREDENTIAL}:
            body = one.body
            found[body["id"]] = FeedOwnRow(
                id=body["id"], token=body["person_token"], seq=one.seq, act=body["act"]
            )
    return found
