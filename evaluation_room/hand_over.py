"""A room changes hands: the supervisor names another clerk, and the log and the report say so.

An account may be closed, or its owner fall ill, in the middle of an evaluation; without this
the room would have nobody to lead it on. Who handed over sees and says nothing more in it.
"""

from dataclasses import dataclass

from evaluation_room import errors
from evaluation_room.core import events as facts
from evaluation_room.core.errors import IsStopped, WrongPhase
from evaluation_room.core.room import Room
from evaluation_room.core.values import Phase
from evaluation_room.desk import Desk
from evaluation_room.recording import record
from evaluation_room.store import EvaluationRow, evaluations
from foundation.auth.accounts import Account
from foundation.auth.roles import Role
from foundation.ids import AccountId
from foundation.ledger.book import Book


@dataclass(frozen=True, slots=True)
class Clerks:
    """Who runs a room, whether that account may still act, and who could take over."""

    present: Account
    able: bool
    others: list[Account]


class HandOver:
    """The supervisor's part when a room needs another clerk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def clerks(self, evaluation_id: str) -> Clerks:
        """The clerk of a room and the able clerks beside.

        Raises:
            UnknownEvaluation: there is none.
        """
        clerk = self._desk.row(evaluation_id).created_by
        present = self._desk.accounts.get(AccountId(clerk))
        able = self._able()
        return Clerks(
            present=present,
            able=clerk in {one.id for one in able},
            others=[one for one in able if one.id != clerk],
        )

    def without_clerk(self) -> frozenset[str]:
        """Open evaluations whose clerk may not act any more."""
        able = {str(one.id) for one in self._able()}
        with self._desk.books.read() as book:
            return frozenset(
                row.id
                for row in evaluations(book.db)
                if not row.over and row.created_by not in able
            )

    def to(self, evaluation_id: str, account_id: AccountId, note: str) -> Room:
        """Give the room to another clerk; from the commit on the former one is out (R-SUP-2).

        Raises:
            UnknownEvaluation. NotAClerk: no open account of a clerk, or the present one.
            IsStopped, WrongPhase: the evaluation is over.
        """
        desk = self._desk
        desk.row(evaluation_id)

        def hand_over(book: Book, room: Room) -> Room:
            row = book.db.get_one(EvaluationRow, evaluation_id)
            if room.stopped is not None:
                raise IsStopped
            if room.phase is Phase.CLOSED:
                raise WrongPhase(phase=room.phase.value)
            new = next((one for one in self._able() if one.id == account_id), None)
            if new is None or new.id == row.created_by:
                raise errors.NotAClerk
            row.created_by = new.id
            book.db.add(row)
            event = facts.HandedOver(by="supervisor", key=new.public_key, note=note)
            return record(book, room, (event,))

        return desk.write(evaluation_id, hand_over)

    def _able(self) -> list[Account]:
        found = self._desk.accounts.all(Role.CLERK)
        return [one for one in found if one.disabled_at is None]
