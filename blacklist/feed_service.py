"""Following other regions: read their log, check it, take what it says, and never merge it.

    checkpoint by the pinned key -> every leaf since the last one -> the signed root
        -> the feed's numbers without a hole -> each body against its leaf -> taken

What is taken is an entry in our own stream `feed.<peer>`. Whatever does not fit is refused: an
alarm is an entry, nothing is taken, and the last good state stays. A peer that is silent
hurts nobody; the timer asks again.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlmodel import Session

from blacklist import feed_store
from blacklist.core import feed_errors as errors
from blacklist.core.facts import china_day
from blacklist.core.feed import CREDENTIAL, LIST_ENTRY, STREAM, Credential, ListEntry
from blacklist.feed_client import Payload, address_of, asker
from blacklist.feed_publisher import MOST_AT_ONCE
from blacklist.feed_store import FeedEntryRow, FeedPeerRow, FeedWatchRow
from foundation.digest import NotCanonical
from foundation.errors import ServiceError
from foundation.ids import AccountId, new_id
from foundation.ledger.book import Book, Books
from foundation.ledger.entry import BrokenEntry, header_of, instant, public_time, unseal
from foundation.ledger.following import HASH, LogPin, Seen
from foundation.ledger.note import CheckpointText

PEERS: Final = "feeds"
AT_ONCE: Final = 4096
"""Leaves in memory at a time, beside those of the feed itself."""
MOST_NEW: Final = 50_000_000
"""Leaves that one look may read: whoever claims more would keep us reading for ever."""

EVERY: Final = timedelta(minutes=5)
LATE_AFTER: Final = timedelta(hours=24)
MOST_CHARACTERS: Final = 500
NEWEST: Final = 50
LONGEST_NAME: Final = 60
Taken = tuple[dict[str, Any], bytes]
"""An entry of `feed.taken`, and its body in canonical bytes."""

_MARK: Final = b'"stream":"' + STREAM.encode() + b'"'


class Source(Protocol):
    """What is asked of a peer; nothing that it answers is believed by itself."""

    def checkpoint(self) -> str:
        """The newest signed note."""
        ...

    def leaves(self, start: int, end: int, size: int) -> list[bytes]:
        """Leaves start..end-1 of the log of `size`."""
        ...

    def payloads(self, since: int, limit: int) -> list[Payload]:
        """Bodies of the feed's entries behind `since`."""
        ...


@dataclass(frozen=True, slots=True)
class PeerState:
    """A peer as a person sees it.

    Args:
        taken: entries of its feed that were taken.
        trouble: code of what is in the way now, or "".
        late: for more than 24 hours its log showed nothing new.
    """

    peer: FeedPeerRow
    watch: FeedWatchRow
    taken: int
    late: bool

    @property
    def trouble(self) -> str:
        """What is in the way, or ""."""
        return self.watch.trouble


@dataclass(frozen=True, slots=True)
class _Header:
    """A leaf of the feed: its place in the log, its number in the feed, its bytes.

    `at` is the time that the leaf tells, `version` its form.
    """

    index: int
    seq: int
    type: str
    at: int
    version: str
    leaf: bytes


class FeedService:
    """Peers, and what was taken from them.

    Args:
        own: this service's own log, by which it is known to others.
        dial: opens a peer by its address and its log's origin.
    """

    def __init__(self, books: Books, own: LogPin, dial: Callable[[str, str], Source]) -> None:
        self._books = books
        self._dial = dial
        self._one_at_a_time = threading.Lock()
        self.own = own

    def register(self, name: str, pin_line: str, address: str, by: AccountId) -> FeedPeerRow:
        """Follow a service from now on, and let it follow; its key is pinned.

        Raises:
            PeerUnfit: name, address or log; `member` says which.
            PinUnreadable: the line of its key.
        """
        pin, where = LogPin.read(pin_line), address_of(address)
        if not 0 < len(name.strip()) <= LONGEST_NAME:
            raise errors.PeerUnfit("name")
        if where is None:
            raise errors.PeerUnfit("address")
        with self._books.write() as book:
            known = {LogPin.read(one.pin).origin for one in _following(book.db)}
            if pin.origin == self.own.origin or pin.key == self.own.key or pin.origin in known:
                raise errors.PeerUnfit("pin")
            body = {
                "id": new_id("pe", book.now),
                "name": name.strip(),
                "address": where,
                "pin": pin.line,
                "by": by,
                "at": book.now.isoformat(),
            }
            book.append(PEERS, "feed.peer_registered", body)
            row = peer_of(body)
            book.db.add(row)
        return row

    def withdraw(self, peer_id: str, reason: str, by: AccountId) -> FeedPeerRow:
        """Follow a peer no longer, and give it no bodies; what was taken stays on record.

        Raises:
            PeerUnknown, PeerUnfit: no reason.
        """
        if not 0 < len(reason.strip()) <= MOST_CHARACTERS:
            raise errors.PeerUnfit("reason")
        with self._books.write() as book:
            row = _peer(book.db, peer_id)
            body = {
                "id": peer_id,
                "reason": reason.strip(),
                "by": by,
                "at": book.now.isoformat(),
            }
            book.append(PEERS, "feed.peer_withdrawn", body)
            row.withdrawn_at, row.withdrawn_reason = book.now, reason.strip()
            book.db.add(row)
        return row

    def peers(self) -> list[PeerState]:
        """Every peer with its state; those that were withdrawn too."""
        now = self._books.clock.now()
        with self._books.read() as book:
            return [_state(book.db, one, now) for one in feed_store.peers(book.db)]

    def state(self, peer_id: str) -> PeerState:
        """One peer with its state, withdrawn or not.

        Raises:
            PeerUnknown.
        """
        with self._books.read() as book:
            if (row := book.db.get(FeedPeerRow, peer_id)) is None:
                raise errors.PeerUnknown
            return _state(book.db, row, self._books.clock.now())

    def newest(self, peer_id: str, limit: int = NEWEST) -> list[FeedEntryRow]:
        """The newest entries of a peer's feed."""
        with self._books.read() as book:
            return feed_store.newest(book.db, peer_id, limit)

    def alarms(self, peer_id: str) -> list[dict[str, Any]]:
        """What was refused of a peer, newest first: code, instant, both notes."""
        with self._books.read() as book:
            entries = book.entries(stream_of(peer_id))
        return [
            {**one.body, "at": one.at}
            for one in reversed(entries)
            if one.type == "feed.refused" and one.body is not None
        ]

    def may_read(self, header: str, path: str) -> str:
        """The registered peer that signed a request for bodies.

        Raises:
            NotAPeer.
        """
        with self._books.read() as book:
            pins = [LogPin.read(one.pin) for one in _following(book.db)]
        now = int(self._books.clock.now().timestamp())
        return asker(header, self.own.origin, path, now, {one.origin: one.key for one in pins})

    def follow_all(self) -> None:
        """Ask every peer once; trouble with one is no trouble for another."""
        with self._books.read() as book:
            ids = [one.id for one in _following(book.db)]
        for peer_id in ids:
            self.follow(peer_id)

    def follow(self, peer_id: str) -> PeerState:
        """Take what a peer has published since, if all of it holds.

        Raises:
            PeerUnknown.
        """
        # The timer and a person may ask in the same moment; a page is taken once.
        with self._one_at_a_time:
            self._follow(peer_id)
        with self._books.read() as book:
            return _state(book.db, _peer(book.db, peer_id), self._books.clock.now())

    def _follow(self, peer_id: str) -> None:
        with self._books.read() as book:
            peer, watch = _peer(book.db, peer_id), feed_store.watch(book.db, peer_id)
        note = ""
        try:
            pin = LogPin.read(peer.pin)
            source = self._dial(peer.address, pin.origin)
            note = source.checkpoint()
            self._take(peer, watch, source, note, pin.checkpoint(note))
        except errors.PeerSilent as silent:
            self._silent(peer_id, silent)
        except ServiceError as refusal:
            self._refuse(peer_id, refusal, note)

    def _take(
        self,
        peer: FeedPeerRow,
        watch: FeedWatchRow,
        source: Source,
        note: str,
        told: CheckpointText,
    ) -> None:
        """Check everything up to the checkpoint, then take the bodies, page by page.

        A crash between two pages is safe: each page is proved by a checkpoint, and the next
        call goes on behind the last one.
        """
        found: list[_Header] = []
        before = Seen(watch.size, watch.root, _cut(watch.edge)) if watch.size else Seen()
        if told.size - before.size > MOST_NEW:
            raise errors.PeerSilent(why="too far")
        seen = before.grown(told, _spans(source, before.size, told.size, found))
        for expected, header in enumerate(found, watch.feed_seq + 1):
            if header.seq != expected:
                raise errors.FeedGap(seq=expected)
        with self._books.read() as book:
            done = feed_store.taken(book.db, peer.id)
        rest = [one for one in found if one.seq > done]
        for at in range(0, len(rest), MOST_AT_ONCE):
            page = rest[at : at + MOST_AT_ONCE]
            taken = _checked(page, source.payloads(page[0].seq - 1, len(page)))
            with self._books.write() as book:
                self._record(book, peer.id, note, page, taken)
        last_seq = watch.feed_seq + len(found)
        self._saw(peer.id, seen, last_seq, note, grew=seen.size > before.size)

    def _record(
        self,
        book: Book,
        peer_id: str,
        note: str,
        page: Sequence[_Header],
        taken: Sequence[Taken],
    ) -> None:
        entries = [entry for entry, _ in taken]
        body = {"note": note, "first": page[0].seq, "last": page[-1].seq, "entries": entries}
        book.append(stream_of(peer_id), "feed.taken", body)
        feed_store.put_entries(book.db, [row_of(peer_id, *one) for one in taken])

    def _saw(self, peer_id: str, seen: Seen, feed_seq: int, note: str, *, grew: bool) -> None:
        """Remember the newest checkpoint; once a day it is an entry too.

        An entry for each would have two services that follow each other write for ever.
        """
        with self._books.write() as book:
            watch = feed_store.watch(book.db, peer_id)
            watch.tried_at = watch.answered_at = book.now
            watch.trouble, watch.trouble_at, watch.trouble_note = "", None, ""
            if grew or watch.news_at is None:
                watch.news_at = book.now
                watch.size, watch.root, watch.edge = seen.size, seen.root, b"".join(seen.edge)
                watch.feed_seq, watch.note = feed_seq, note
                today = china_day(book.now)
                if watch.noted_on != today:
                    watch.noted_on = today
                    book.append(stream_of(peer_id), "feed.seen", {"note": note, "seq": feed_seq})
            book.db.add(watch)

    def _silent(self, peer_id: str, silent: errors.PeerSilent) -> None:
        with self._books.write() as book:
            watch = feed_store.watch(book.db, peer_id)
            watch.tried_at = book.now
            # A log that was caught at something stays caught while it is silent.
            if not watch.trouble:
                watch.trouble, watch.trouble_at = silent.code, book.now
            book.db.add(watch)

    def _refuse(self, peer_id: str, refusal: ServiceError, note: str) -> None:
        """An alarm: an entry for each new thing that is wrong, not for each look at it."""
        with self._books.write() as book:
            watch = feed_store.watch(book.db, peer_id)
            watch.tried_at = watch.answered_at = book.now
            if (watch.trouble, watch.trouble_note) != (refusal.code, note):
                body = {"code": refusal.code, "note": note, "last_good": watch.note}
                book.append(stream_of(peer_id), "feed.refused", body)
                watch.trouble, watch.trouble_note = refusal.code, note
                watch.trouble_at = book.now
            book.db.add(watch)


def stream_of(peer_id: str) -> str:
    """The stream of what was taken from a peer."""
    return f"feed.{peer_id}"


def peer_of(body: dict[str, Any]) -> FeedPeerRow:
    """The row of `feed.peer_registered`."""
    return FeedPeerRow(
        id=body["id"],
        name=body["name"],
        address=body["address"],
        pin=body["pin"],
        registered_by=body["by"],
        registered_at=datetime.fromisoformat(body["at"]),
    )


def row_of(peer_id: str, one: dict[str, Any], raw: bytes) -> dict[str, Any]:
    """The row of one entry in `feed.taken`; what can't be read is kept and says so.

    `raw` is the body in canonical bytes, empty where there is none.
    """
    body, unreadable = one.get("body"), ""
    read: ListEntry | Credential | None = None
    if body is not None:
        try:
            if one["type"] == LIST_ENTRY:
                read = ListEntry.read(body)
            elif one["type"] == CREDENTIAL:
                read = Credential.read(body)
            else:
                unreadable = "type"
        except errors.EntryUnreadable as bad:
            unreadable = str(bad.facts["member"])
    return {
        "peer_id": peer_id,
        "seq": one["seq"],
        "position": one["index"],
        "type": one["type"],
        "entry_id": read.id if read else "",
        "act": read.act.value if read else "",
        "token": read.person_token if read else "",
        "said_at": datetime.fromisoformat(one["at"]),
        "unreadable": unreadable,
        "body": raw,
    }


def _spans(source: Source, start: int, end: int, found: list[_Header]) -> Iterator[list[bytes]]:
    """All leaves start..end-1, some thousand at a time; those of the feed are put into `found`."""
    at = start
    while at < end:
        until = min(end, at - at % AT_ONCE + AT_ONCE)
        leaves = source.leaves(at, until, end)
        if len(leaves) != until - at:
            raise errors.PeerSilent(why="leaves")
        found += (
            header
            for index, leaf in enumerate(leaves, at)
            if _MARK in leaf and (header := _header(index, leaf))
        )
        yield leaves
        at = until


def _header(index: int, leaf: bytes) -> _Header | None:
    try:
        told = header_of(index, leaf)
    except (BrokenEntry, NotCanonical):
        return None
    if told["stream"] != STREAM or type(told["seq"]) is not int:
        return None
    return _Header(index, told["seq"], str(told["type"]), told["at"], told["v"], leaf)


def _checked(page: Sequence[_Header], payloads: Sequence[Payload]) -> list[Taken]:
    """The entries of a page with the bytes of their bodies, each what its leaf commits to.

    Raises:
        FeedGap: one is missing, or another stands in its place.
        BrokenEntry: a body, salt or second that the leaf does not commit to.
    """
    found = []
    for number, header in enumerate(page):
        if number >= len(payloads) or payloads[number].index != header.index:
            raise errors.FeedGap(seq=header.seq)
        one = payloads[number]
        if header.at != public_time(header.version, one.at):
            raise BrokenEntry(index=header.index, why="at")
        entry: dict[str, Any] = {
            "seq": header.seq,
            "index": header.index,
            "type": header.type,
            "at": datetime_of(one.at),
        }
        if one.salt is not None and one.body is not None:
            entry["body"] = dict(unseal(header.index, header.leaf, one.at, one.salt, one.body))
        found.append((entry, one.body or b""))
    return found


def datetime_of(second: int) -> str:
    """An instant as bodies spell it.

    Raises:
        BrokenEntry: no instant of this calendar.
    """
    try:
        return instant(second).isoformat()
    except (ValueError, OverflowError, OSError) as beyond:
        raise BrokenEntry(why="at") from beyond


def _cut(edge: bytes) -> tuple[bytes, ...]:
    return tuple(edge[at : at + HASH] for at in range(0, len(edge), HASH))


def _following(db: Session) -> list[FeedPeerRow]:
    return [one for one in feed_store.peers(db) if one.withdrawn_at is None]


def _peer(db: Session, peer_id: str) -> FeedPeerRow:
    row = db.get(FeedPeerRow, peer_id)
    if row is None or row.withdrawn_at is not None:
        raise errors.PeerUnknown
    return row


def _state(db: Session, peer: FeedPeerRow, now: datetime) -> PeerState:
    watch = feed_store.watch(db, peer.id)
    since = watch.news_at or peer.registered_at
    late = peer.withdrawn_at is None and now - since > LATE_AFTER
    return PeerState(peer, watch, feed_store.count(db, peer.id), late)
