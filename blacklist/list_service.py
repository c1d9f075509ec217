"""Outside lists: what people decide about matches, and what they are shown.

A match of numbers is found by the machine; whether a namesake is the same person, a person
says, with a reason. Neither bars anybody: a match becomes a proposal, and another person
records the measure (R-SOD-2).
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from blacklist import list_store as store
from blacklist.core import list_errors as errors
from blacklist.core.grounds import Kind
from blacklist.core.list_columns import Words
from blacklist.core.list_matching import Compared, Looked, Matcher
from blacklist.core.outside_list import (
    Check,
    Decision,
    ListEntry,
    Match,
    OutsideList,
    decided,
    proposed,
    withdrawn,
)
from blacklist.list_book import append, require_words
from blacklist.list_crosscheck import CrossCheck
from blacklist.list_intake import ListIntake, OneAtATime, Reader
from blacklist.list_store import Intake, Which
from foundation.clock import Clock
from foundation.errors import ServiceError
from foundation.ids import AccountId, ExpertId
from foundation.ledger.book import Book, Books, ReadBook

MOST_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Proposed:
    """A measure that a match leads to; `origin` is `list:<id>`, `document` the file's SHA-256."""

    expert_id: ExpertId
    kind: Kind
    ground: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    by: AccountId
    origin: str
    document: str


@dataclass(frozen=True, slots=True)
class Reported:
    """One line of the report: the match, its entry, and draws since the entry began."""

    match: Match
    entry: ListEntry
    source: OutsideList
    drawn_at: Sequence[datetime]


class ListService:
    """The lists of one service: `intake` takes them, `crosscheck` looks for their people.

    Args:
        matcher: keeps who the lists are about; the vault.
        read: opens a file.
        words: what kinds and grounds are called in a file.
        experts: how many are in the pool.
        propose: makes a proposal of a measure and answers its id.
        drawn_since: when an expert was drawn since a day, in draws that are unsealed.
    """

    def __init__(
        self,
        books: Books,
        clock: Clock,
        matcher: Matcher,
        *,
        read: Reader,
        words: Words,
        experts: Callable[[], int],
        propose: Callable[[Proposed], str],
        drawn_since: Callable[[ExpertId, date], Sequence[datetime]],
    ) -> None:
        self._books = books
        self._matcher = matcher
        self._propose = propose
        self._drawn_since = drawn_since
        self._alone, self._proposing = OneAtATime(), threading.Lock()
        self.intake = ListIntake(books, clock, matcher, self._alone, read=read, words=words)
        self.crosscheck = CrossCheck(books, clock, matcher, self._alone, experts=experts)

    def withdraw(self, list_id: str, reason: str, by: AccountId) -> OutsideList:
        """Put a list out of force and forget whom it was about.

        What it led to stays: a measure is lifted on its own, by two persons.

        Raises:
            UnknownList, ListWithdrawn, WordsMissing, ListsBusy.
        """
        require_words(reason)
        with self._alone():
            with self._books.write() as book:
                before = _list(book, list_id)
                if not before.in_force:
                    raise errors.ListWithdrawn
                body = {"id": list_id, "reason": reason.strip()}
                after = withdrawn(before, append(book, "blacklist.list_withdrawn", body, by))
                store.put(book.db, after)
            # A crash here leaves sealed names behind; `recover` forgets them at the next start.
            self._matcher.forget(list_id)
        return after

    def recover(self) -> list[Intake]:
        """At start: take back intakes that were cut off; forget whom withdrawn lists were about."""
        for one in self.lists():
            if not one.in_force:
                self._matcher.forget(one.id)
        return self.intake.recover()

    # -- what people do with a match

    def decide(self, match_id: str, decision: Decision, reason: str, by: AccountId) -> Match:
        """Say whether a near match is the same person; it is decided once.

        Raises:
            UnknownMatch, ListWithdrawn, MatchDecided, WordsMissing.
        """
        require_words(reason)
        with self._books.write() as book:
            before = _match(book, match_id)
            if not before.is_open:
                raise errors.MatchDecided
            body = {"id": match_id, "decision": decision.value, "reason": reason.strip()}
            after = decided(before, append(book, "blacklist.match_decided", body, by))
            store.put(book.db, after)
        return after

    def propose(self, match_id: str, by: AccountId) -> Match:
        """Propose the measure that the entry speaks of; another person records it (R-SOD-2).

        Raises:
            UnknownMatch, ListWithdrawn, MatchProposed.
            MatchUndecided: a namesake of whom nobody has said that it is the same person.
            Refusals of the proposal itself.
        """
        # Held, so that two persons at once make one proposal and not two.
        with self._proposing:
            with self._books.read() as book:
                match = _match(book, match_id)
                _proposable(match)
                source = _list(book, match.list_id)
                entry = store.entries(book.db, match.list_id, [match.n])[match.n]
            proposal = self._propose(_measure(match, source, entry, by))
            # A crash here leaves a proposal whose match says nothing of it; it names its list.
            with self._books.write() as book:
                again = _match(book, match_id)
                body = {"id": match_id, "proposal": proposal}
                after = proposed(again, append(book, "blacklist.match_proposed", body, by))
                store.put(book.db, after)
        return after

    def look(self, match_id: str, reason: str, by: AccountId) -> Looked:
        """Name and number on the list and in the pool; that they were looked at is an entry.

        Raises:
            UnknownMatch, ListWithdrawn, WordsMissing.
        """
        require_words(reason)
        with self._books.write() as book:
            match = _match(book, match_id)
            append(book, "blacklist.match_seen", {"id": match_id, "reason": reason.strip()}, by)
        # Only after the entry is there: nobody looks without a trace.
        return self._matcher.look(match.list_id, match.n, match.expert_id)

    def compare(self, match: Match) -> Compared | None:
        """In what entry and expert agree; None where one of them was forgotten."""
        try:
            return self._matcher.compare(match.list_id, match.n, match.expert_id)
        except (LookupError, ServiceError):
            return None

    # -- what is shown

    def lists(self) -> list[OutsideList]:
        """Every list that was taken, newest first."""
        with self._books.read() as book:
            return store.lists(book.db)

    def intakes(self) -> list[Intake]:
        """The last intakes and how they ended."""
        with self._books.read() as book:
            return store.intakes(book.db)

    def one_intake(self, id_: str) -> Intake:
        """One intake.

        Raises:
            UnknownList: none by this id.
        """
        with self._books.read() as book:
            found = store.intake(book.db, id_)
        if found is None:
            raise errors.UnknownList
        return found

    def checks(self) -> list[Check]:
        """The last cross-checks, newest first."""
        with self._books.read() as book:
            return store.checks(book.db)

    def counts(self) -> store.Counts:
        """How many matches wait for what."""
        with self._books.read() as book:
            return store.counts(book.db)

    def report(
        self, which: Which = Which.ALL, after: str = "", most: int = MOST_A_PAGE
    ) -> list[Reported]:
        """Who was found, why, since when, and in which draws since; a page by id of match."""
        with self._books.read() as book:
            found = store.matches(book.db, which, after=after, most=most)
            return self._reported(book, found)

    def reported(self, match_id: str) -> Reported:
        """One line of the report.

        Raises:
            UnknownMatch.
        """
        with self._books.read() as book:
            found = store.match(book.db, match_id)
            if found is None:
                raise errors.UnknownMatch
            return self._reported(book, [found])[0]

    def _reported(self, book: ReadBook, found: Sequence[Match]) -> list[Reported]:
        sources = {one.id: one for one in store.lists(book.db)}
        numbers: dict[str, set[int]] = {}
        for one in found:
            numbers.setdefault(one.list_id, set()).add(one.n)
        entries = {id_: store.entries(book.db, id_, some) for id_, some in numbers.items()}
        return [
            Reported(
                one, entry, sources[one.list_id], self._drawn_since(one.expert_id, entry.starts_on)
            )
            for one in found
            for entry in (entries[one.list_id][one.n],)
        ]


def _list(book: Book | ReadBook, list_id: str) -> OutsideList:
    found = store.one_list(book.db, list_id)
    if found is None:
        raise errors.UnknownList
    return found


def _match(book: Book | ReadBook, match_id: str) -> Match:
    found = store.match(book.db, match_id)
    if found is None:
        raise errors.UnknownMatch
    if not _list(book, found.list_id).in_force:
        raise errors.ListWithdrawn
    return found


def _measure(match: Match, source: OutsideList, entry: ListEntry, by: AccountId) -> Proposed:
    return Proposed(
        expert_id=match.expert_id,
        kind=entry.kind,
        ground=entry.ground,
        basis=f"{source.issuing_body} {source.dated_on.isoformat()} {entry.document}",
        deciding_body=source.issuing_body,
        starts_on=entry.starts_on,
        ends_on=entry.ends_on,
        by=by,
        origin=f"list:{source.id}",
        document=source.document,
    )


def _proposable(match: Match) -> None:
    if match.proposal:
        raise errors.MatchProposed
    if match.is_open:
        raise errors.MatchUndecided
    if not match.is_same_person:
        raise errors.MatchDecided
