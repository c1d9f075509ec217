"""What others say of our people: found by token, shown side by side, decided by persons.

An entry of a peer bars nobody here by itself. One person puts it forward, another confirms it
(R-SOD-2), as every entry of the list; what a peer has lifted is put forward to be lifted.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlmodel import Session

from blacklist import feed_store
from blacklist import store as list_store
from blacklist.core import feed_errors as errors
from blacklist.core.facts import Proposal, china_day
from blacklist.core.feed import LIST_ENTRY, ListEntry
from blacklist.core.feed_view import (
    Conflict,
    Line,
    State,
    conflicts,
    lines_of,
    origin_of,
    own_line,
)
from blacklist.core.grounds import GROUNDS, LIFT_GROUNDS, Kind
from blacklist.core.terms import MOST_CHARACTERS, Terms, check_words
from blacklist.feed_service import PEERS, stream_of
from blacklist.feed_store import FeedConflictRow, FeedEntryRow, FeedMatchRow, FeedPeerRow
from foundation.digest import parse_canon
from foundation.ids import AccountId, ExpertId
from foundation.ledger.book import Books

ELSEWHERE: Final = "barred_elsewhere"
"""The ground where the peer's own is none of ours."""


class Known(Protocol):
    """What the vault finds by tokens."""

    def index(self) -> int:
        """Give everybody a token who has none yet."""
        ...

    def experts(self, tokens: Iterable[str]) -> dict[str, ExpertId]:
        """Those of `tokens` that belong to one of ours."""
        ...

    def of_number(self, id_number: str) -> str:
        """The token of an identity number; "" without a key of a federation."""
        ...

    def newest(self) -> str:
        """The greatest id of our people; it tells that somebody has come."""
        ...


class Desk(Protocol):
    """Where two persons enter and lift (`StandingService`)."""

    def propose(
        self, expert_id: ExpertId, terms: Terms, by: AccountId, *, origin: str = ""
    ) -> Proposal:
        """Put a measure forward."""
        ...

    def propose_correction(
        self, measure_id: str, terms: Terms, by: AccountId, *, origin: str = ""
    ) -> Proposal:
        """Put forward what should stand in the place of a measure."""
        ...

    def propose_lift(
        self, measure_id: str, ground: str, basis: str, by: AccountId, origin: str = ""
    ) -> Proposal:
        """Put forward that a measure ends."""
        ...


@dataclass(frozen=True, slots=True)
class Match:
    """A line of a peer about one of ours, and how far it has come here.

    Args:
        step: `propose`, `lift`, `waiting` for a second person, `adopted`, `dismissed`, or
            `over`: there is nothing to do.
        measure_id: of the measure that follows it, or "".
        corrects: of the measure in whose place it would stand, for it corrects the entry
            which that one follows; or "".
    """

    expert_id: ExpertId
    line: Line
    step: str
    measure_id: str = ""
    proposal_id: str = ""
    dismissed: str = ""
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Everything that anybody says of one of our people."""

    expert_id: ExpertId
    own: tuple[Line, ...]
    matches: tuple[Match, ...]
    conflicts: tuple[Conflict, ...]
    decided: dict[str, FeedConflictRow]


class Matches:
    """Finds our people in what was taken, and takes what persons decide."""

    def __init__(self, books: Books, people: Known, desk: Desk) -> None:
        self._books = books
        self._people = people
        self._desk = desk
        self._one_at_a_time = threading.Lock()

    def find(self) -> int:
        """Look for our people in all that is new; answers how many entries were found.

        Who has joined the pool since is looked for in everything that was ever taken.
        """
        self._people.index()
        newest, found = self._people.newest(), 0
        with self._books.read() as book:
            peers = [one for one in feed_store.peers(book.db) if one.withdrawn_at is None]
        for peer in peers:
            found += self._find(peer, newest)
        return found

    def _find(self, peer: FeedPeerRow, newest: str) -> int:
        with self._books.read() as book:
            watch = feed_store.watch(book.db, peer.id)
            joined = newest != watch.matched_person
            seq, last = (0 if joined else watch.matched_seq), feed_store.taken(book.db, peer.id)
        if seq >= last and not joined:
            return 0
        found = 0
        while True:
            with self._books.read() as book:
                rows = feed_store.tokens_after(book.db, peer.id, seq)
            if not rows:
                break
            seq = rows[-1][0]
            ours = self._people.experts({token for *_, token in rows if token})
            hits = [
                (number, entry, token, ours[token])
                for number, type_, entry, token in rows
                if type_ == LIST_ENTRY and token in ours
            ]
            found += self._match(peer.id, hits)
        with self._books.write() as book:
            watch = feed_store.watch(book.db, peer.id)
            watch.matched_seq, watch.matched_person = seq, newest
            book.db.add(watch)
        return found

    def _match(self, peer_id: str, hits: Sequence[tuple[int, str, str, ExpertId]]) -> int:
        if not hits:
            return 0
        found = 0
        with self._books.write() as book:
            for seq, entry_id, token, expert_id in hits:
                if feed_store.match(book.db, peer_id, entry_id) is not None:
                    continue
                body = {
                    "entry_id": entry_id,
                    "seq": seq,
                    "expert_id": expert_id,
                    "token": token,
                    "at": book.now.isoformat(),
                }
                book.append(stream_of(peer_id), "feed.matched", body)
                book.db.add(
                    FeedMatchRow(
                        peer_id=peer_id,
                        entry_id=entry_id,
                        expert_id=expert_id,
                        token=token,
                        found_at=book.now,
                    )
                )
                found += 1
        return found

    def all(self, expert_id: ExpertId | None = None) -> list[Beside]:
        """Our people of whom others say something, those with conflicts first."""
        with self._books.read() as book:
            found = self._all(book.db, expert_id)
        return sorted(found, key=lambda one: (_settled(one), one.expert_id))

    def listed_elsewhere(self, token: str) -> list[Line]:
        """What followed peers say now of whoever has a token, known to the pool or not."""
        with self._books.read() as book:
            rows = feed_store.about(book.db, [token])
            gone = {one.id for one in feed_store.peers(book.db) if one.withdrawn_at}
        lines = _lines(rows, self._books.clock.now())
        return [one for one in lines if one.binding and one.who not in gone]

    def listed(self, id_numbers: Sequence[str]) -> dict[str, list[Kind]] | None:
        """Which kinds of entries peers have on some numbers; None where nobody is followed.

        An application for appointment asks this of its applicant.
        """
        with self._books.read() as book:
            following = any(one.withdrawn_at is None for one in feed_store.peers(book.db))
        if not following:
            return None
        found = {
            number: [line.kind for line in self.listed_elsewhere(self._people.of_number(number))]
            for number in id_numbers
        }
        return {number: kinds for number, kinds in found.items() if kinds}

    def propose(self, peer_id: str, entry_id: str, by: AccountId) -> Proposal:
        """Put forward here what a peer has on its list.

        Raises:
            MatchUnknown, MatchSettled; and as `StandingService.propose`.
        """
        with self._one_at_a_time:
            match, peer = self._match_of(peer_id, entry_id)
            if match.step != "propose":
                raise errors.MatchSettled
            line = match.line
            known = line.ground in GROUNDS and line.kind in GROUNDS[line.ground].kinds
            terms = Terms(
                kind=line.kind,
                ground=line.ground if known else ELSEWHERE,
                basis=_basis(peer, line),
                deciding_body=line.deciding_body or peer.name,
                starts_on=line.starts_on,
                ends_on=line.ends_on,
            )
            origin = origin_of(peer_id, entry_id)
            if match.corrects:
                return self._desk.propose_correction(match.corrects, terms, by, origin=origin)
            return self._desk.propose(match.expert_id, terms, by, origin=origin)

    def propose_lift(self, peer_id: str, entry_id: str, by: AccountId) -> Proposal:
        """Put forward that a measure ends here, because the peer whom it follows has ended it.

        Raises:
            MatchUnknown, MatchSettled; and as `StandingService.propose_lift`.
        """
        with self._one_at_a_time:
            match, peer = self._match_of(peer_id, entry_id)
            if match.step != "lift":
                raise errors.MatchSettled
            ground = match.line.ground
            ground = ground if ground in LIFT_GROUNDS else "entered_wrongly"
            origin = origin_of(peer_id, entry_id)
            basis = _basis(peer, match.line)
            return self._desk.propose_lift(match.measure_id, ground, basis, by, origin)

    def dismiss(self, peer_id: str, entry_id: str, reason: str, by: AccountId) -> None:
        """Decide that nothing is made of an entry here, and why.

        Raises:
            MatchUnknown, MatchSettled, WordsMissing.
        """
        check_words(reason)
        match, _ = self._match_of(peer_id, entry_id)
        if match.step != "propose":
            raise errors.MatchSettled
        with self._books.write() as book:
            row = feed_store.match(book.db, peer_id, entry_id)
            if row is None or row.dismissed:
                raise errors.MatchSettled
            body = {"entry_id": entry_id, "reason": reason.strip(), "by": by}
            book.append(stream_of(peer_id), "feed.dismissed", body)
            row.dismissed, row.dismissed_by = reason.strip(), by
            book.db.add(row)

    def decide(self, key: str, reason: str, by: AccountId) -> None:
        """Decide that two lines which do not agree stay as they are, and why.

        Raises:
            ConflictMoved: there is no such conflict any more; WordsMissing.
        """
        check_words(reason)
        with self._books.write() as book:
            found = [
                one
                for person in self._all(book.db, None)
                for one in person.conflicts
                if one.key == key and key not in person.decided
            ]
            if not found:
                raise errors.ConflictMoved
            body: dict[str, Any] = {
                "key": key,
                "expert_id": found[0].expert_id,
                "clash": found[0].clash.value,
                "sides": [[one.who, one.id] for one in (found[0].one, found[0].other)],
                "reason": reason.strip(),
                "by": by,
                "at": book.now.isoformat(),
            }
            book.append(PEERS, "feed.conflict_decided", body)
            book.db.add(
                FeedConflictRow(
                    key=key,
                    expert_id=found[0].expert_id,
                    reason=reason.strip(),
                    decided_by=by,
                    decided_at=book.now,
                )
            )

    def _match_of(self, peer_id: str, entry_id: str) -> tuple[Match, FeedPeerRow]:
        with self._books.read() as book:
            row = feed_store.match(book.db, peer_id, entry_id)
            peer = book.db.get(FeedPeerRow, peer_id)
            if row is None or peer is None:
                raise errors.MatchUnknown
            for person in self._all(book.db, ExpertId(row.expert_id)):
                for one in person.matches:
                    if (one.line.who, one.line.id) == (peer_id, entry_id):
                        return one, peer
        raise errors.MatchUnknown

    def _all(self, db: Session, expert_id: ExpertId | None) -> list[Beside]:
        now = self._books.clock.now()
        rows: defaultdict[ExpertId, list[FeedMatchRow]] = defaultdict(list)
        for one in feed_store.matches(db):
            if expert_id in {None, one.expert_id}:
                rows[ExpertId(one.expert_id)].append(one)
        decided = feed_store.decisions(db)
        told: defaultdict[str, list[FeedEntryRow]] = defaultdict(list)
        for entry in feed_store.about(db, (one.token for some in rows.values() for one in some)):
            told[entry.token].append(entry)
        found = []
        for who, matched in rows.items():
            lines = [
                line
                for token in {one.token for one in matched}
                for line in _lines(told[token], now)
            ]
            measures = [own_line(one, now) for one in list_store.measures(db, who)]
            proposals = list_store.proposals(db, who)
            known = {(one.peer_id, one.entry_id): one for one in matched}
            here = _Here(who, measures, [one for one in proposals if one.is_open(now)], lines)
            matches = tuple(
                here.match(line, known[line.who, line.id])
                for line in lines
                if (line.who, line.id) in known
            )
            against = conflicts(who, measures, lines)
            keys = {one.key for one in against}
            found.append(
                Beside(
                    who,
                    tuple(measures),
                    matches,
                    tuple(against),
                    {key: decided[key] for key in keys & decided.keys()},
                )
            )
        return found


def _lines(rows: Iterable[FeedEntryRow], now: datetime) -> list[Line]:
    """What each peer says now, from the rows of one person."""
    told: defaultdict[str, list[ListEntry]] = defaultdict(list)
    for row in rows:
        if row.type == LIST_ENTRY and row.body and not row.unreadable:
            body = parse_canon(row.body)
            if isinstance(body, dict):
                told[row.peer_id].append(ListEntry.read(body))
    day = china_day(now)
    return [line for peer, some in told.items() for line in lines_of(peer, some, day)]


@dataclass(frozen=True, slots=True)
class _Here:
    """What is known of one person: our lines, what waits, what others say."""

    expert_id: ExpertId
    own: Sequence[Line]
    waiting: Sequence[Proposal]
    theirs: Sequence[Line]

    def match(self, line: Line, row: FeedMatchRow) -> Match:
        """How far a line of a peer has come here."""
        origin = origin_of(line.who, line.id)
        waits = next((one for one in self.waiting if one.origin == origin), None)
        ours = self._following(line.who, line.id)
        measure_id = ours.id if ours else ""
        if waits is not None:
            return Match(self.expert_id, line, "waiting", measure_id, waits.id)
        if ours is not None:
            step = "lift" if ours.binding and self._ended(line) else "adopted"
            return Match(self.expert_id, line, step, measure_id)
        if row.dismissed:
            return Match(self.expert_id, line, "dismissed", dismissed=row.dismissed)
        before = self._following(line.who, line.replaces) if line.replaces else None
        corrects = before.id if before and before.binding else ""
        step = "propose" if line.binding else "over"
        return Match(self.expert_id, line, step, corrects=corrects)

    def _following(self, who: str, id_: str) -> Line | None:
        origin = origin_of(who, id_)
        return next((one for one in self.own if one.origin == origin), None)

    def _ended(self, line: Line) -> bool:
        """Whether the peer took it back, and has nothing in its place."""
        if line.state is State.CORRECTED:
            after = [one for one in self.theirs if (one.who, one.replaces) == (line.who, line.id)]
            return not any(one.binding for one in after)
        return line.state is State.LIFTED


def _settled(person: Beside) -> int:
    """Order of the page: conflicts to decide, then steps to take, then the rest."""
    if any(one.key not in person.decided for one in person.conflicts):
        return 0
    return 1 if any(one.step in {"propose", "lift"} for one in person.matches) else 2


def _basis(peer: FeedPeerRow, line: Line) -> str:
    """The basis of a measure that follows a peer: whose entry, and what that one stands on."""
    return f"{peer.name} {line.id}：{line.basis}"[:MOST_CHARACTERS]
