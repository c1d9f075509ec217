"""Two supervisors open a recording for a case; every use of it is an entry."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from evaluation_room.archive import errors
from evaluation_room.core.media_events import (
    Exported,
    MediaEvent,
    OpeningConfirmed,
    OpeningProposed,
    Watched,
)
from evaluation_room.core.media_log import MediaLog, Opening
from evaluation_room.core.media_rules import Track
from evaluation_room.core.openings import LASTS, State, living, state
from evaluation_room.media_book import MediaBook
from foundation.auth.accounts import Account
from foundation.ids import AccountId, new_id
from foundation.ledger.book import Book


class People(Protocol):
    """The accounts service, as far as openings need it."""

    def public_key(self, account_id: AccountId) -> str:
        """The account's key, hex: how the log names who acted."""
        ...

    def all(self) -> list[Account]:
        """Every account."""
        ...

    def same_person(self, one: AccountId, other: AccountId) -> bool:
        """Whether two accounts are one person's (R-SOD-1)."""
        ...


class Openings:
    """Proposes, confirms, and asks whether somebody may watch now."""

    def __init__(self, book: MediaBook, people: People) -> None:
        self._book = book
        self._people = people

    def propose(
        self, evaluation_id: str, case: str, reason: str, by: AccountId, now: datetime
    ) -> Opening:
        """Ask that a recording be opened for a case; another supervisor confirms it.

        Raises:
            NothingRecorded. AlreadyAsked: this case has one that lives.
        """
        opening = new_id("op", now)
        key = self._people.public_key(by)

        def decide(log: MediaLog, _book: Book) -> Iterable[MediaEvent]:
            if not log.segments:
                raise errors.NothingRecorded
            if living(log.openings.values(), case, now) is not None:
                raise errors.AlreadyAsked
            yield OpeningProposed(opening=opening, by=key, case=case, reason=reason)

        self._book.write(evaluation_id, decide)
        return self._one(self._book.log(evaluation_id), opening)

    def confirm(self, evaluation_id: str, opening: str, by: AccountId, now: datetime) -> Opening:
        """Agree, as another person; from now on it is open for eight hours.

        Raises:
            UnknownOpening, AlreadyConfirmed, OpeningLapsed. SecondPersonNeeded (R-SOD-2).
        """
        key = self._people.public_key(by)

        def decide(log: MediaLog, _book: Book) -> Iterable[MediaEvent]:
            one = self._one(log, opening)
            if one.until is not None:
                raise errors.AlreadyConfirmed
            if state(one, now) is State.LAPSED:
                raise errors.OpeningLapsed
            if not self.may_confirm(one, by):
                raise errors.SecondPersonNeeded
            yield OpeningConfirmed(opening=opening, by=key, until=now + LASTS)

        self._book.write(evaluation_id, decide)
        return self._one(self._book.log(evaluation_id), opening)

    def may_confirm(self, one: Opening, by: AccountId) -> bool:
        """Whether an account is another person's than the one that asked."""
        asked = [each for each in self._people.all() if each.public_key == one.proposed_by]
        return bool(asked) and not any(self._people.same_person(each.id, by) for each in asked)

    def require(self, evaluation_id: str, opening: str, now: datetime) -> MediaLog:
        """The log of a recording that is open.

        Raises:
            UnknownOpening, NotOpen.
        """
        log = self._book.log(evaluation_id)
        if not self._one(log, opening).is_open(now):
            raise errors.NotOpen
        return log

    def watch(
        self, evaluation_id: str, opening: str, who: str, tracks: Sequence[Track], by: AccountId
    ) -> None:
        """Put on record that somebody watches these tracks of somebody; once for each set."""
        watched = Watched(
            opening=opening,
            by=self._people.public_key(by),
            who=who,
            tracks=tuple(sorted(set(tracks))),
        )

        def new(log: MediaLog) -> tuple[Watched, ...]:
            return () if any(one == watched for _, one in log.watched) else (watched,)

        # Most clips follow others of the same set: those need no writer.
        if new(self._book.log(evaluation_id)):
            self._book.write(evaluation_id, lambda log, _book: new(log))

    def exported(self, evaluation_id: str, opening: str, files: Sequence[str]) -> None:
        """Put on record that files were written, each by its SHA-256."""
        event = Exported(opening=opening, files=tuple(files))
        self._book.write(evaluation_id, lambda _log, _book: (event,))

    @staticmethod
    def _one(log: MediaLog, opening: str) -> Opening:
        found = log.openings.get(opening)
        if found is None:
            raise errors.UnknownOpening
        return found
