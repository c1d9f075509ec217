"""What every use case of a room stands on: books, hub, files, keys, and one way to write."""

import threading
from collections.abc import Callable
from typing import Final, Protocol

from evaluation_room.committee import Committee
from evaluation_room.core.decide import Limits
from evaluation_room.core.room import Room
from evaluation_room.core.values import SeatId
from evaluation_room.errors import Busy, NotYourRoom, UnknownEvaluation
from evaluation_room.hub import Hub
from evaluation_room.store import EvaluationRow
from foundation.auth.accounts import Account
from foundation.auth.roles import Role
from foundation.files import Files
from foundation.ids import AccountId, ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Book, Books
from foundation.ledger.entry import StreamMoved
from foundation.rulebook.overlay import Overlay

ATTEMPTS: Final = 8

Unseen = Callable[[str, SeatId], float | None]
"""Seconds for which a seat's sound and picture have both been missing, 0 while one of them
arrives; None where there is no media to look at. Asked from worker threads, so be quick."""


class Signers(Protocol):
    """The accounts service, as far as the room needs it."""

    def sign(self, account_id: AccountId, message: bytes) -> str:
        """Signature in hex by the account's own key."""
        ...

    def public_key(self, account_id: AccountId) -> str:
        """Public half of that key, hex."""
        ...

    def get(self, account_id: AccountId) -> Account:
        """One account."""
        ...

    def all(self, role: Role | None = None) -> list[Account]:
        """Accounts, of one role where given."""
        ...

    def is_representative(self, account_id: str) -> bool:
        """Whether an open account of an owner's representative has this id."""
        ...


class Desk:
    """Holds the services and stores that the use cases share."""

    def __init__(
        self,
        books: Books,
        *,
        keys: KeyRing,
        accounts: Signers,
        committee: Committee,
        overlay: Overlay,
        files: Files,
        demonstration: bool = False,
        may_serve: Callable[[ExpertId], bool] = lambda _: True,
    ) -> None:
        self.books = books
        self.accounts = accounts
        self.committee = committee
        self.files = files
        self.demonstration = demonstration
        self.may_serve = may_serve
        self.unseen: Unseen = lambda _evaluation_id, _seat: None
        self.fields = keys.fields("rooms")
        self.log_key = keys.signing("log").public_key().public_bytes_raw()
        self.overlay = overlay
        self.hub = Hub(books)
        self.settling = threading.RLock()
        self.holding: set[str] = set()
        self.limits = Limits(
            overlay.absent_seconds,
            overlay.deemed_consent_seconds,
            overlay.undertaking_reading_seconds,
            awake_since=books.clock.now(),
        )

    def row(self, evaluation_id: str) -> EvaluationRow:
        """The row of an evaluation.

        Raises:
            UnknownEvaluation: there is none.
        """
        with self.books.read() as book:
            row = book.db.get(EvaluationRow, evaluation_id)
        if row is None:
            raise UnknownEvaluation
        return row

    def clerks(self, evaluation_id: str, who: AccountId) -> None:
        """Refuse a clerk whose room this is not.

        Raises:
            UnknownEvaluation. NotYourRoom: another clerk planned it, or has taken it over.
        """
        if self.row(evaluation_id).created_by != who:
            raise NotYourRoom

    def write(self, evaluation_id: str, make: Callable[[Book, Room], Room]) -> Room:
        """One transaction on the room as it is, again if somebody wrote first; then show it.

        Raises:
            Busy: it happened too often.
        """
        for _ in range(ATTEMPTS):
            room = self.hub.catch_up(evaluation_id)
            try:
                with self.books.write() as book:
                    after = make(book, room)
            except StreamMoved:
                continue
            self.hub.catch_up(evaluation_id)
            return after
        raise Busy
