"""Takes notices out of the outbox one by one; a crash in between resends, never loses.

What a notice may say is decided where it is written; an invitation holds time, place and
contact and no fact of the project (R-CONF-3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from sqlmodel import col, select

from foundation.digest import parse_canon
from foundation.ledger.book import Books
from foundation.ledger.store import OutboxRow

FIRST_RETRY: Final = timedelta(seconds=5)
LAST_RETRY: Final = timedelta(minutes=10)
MAX_TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that is due: to whom (an opaque reference), of which kind, saying what."""

    id: int
    recipient: str
    kind: str
    facts: Mapping[str, Any]


class Channel(Protocol):
    """A way out of the house; raises OSError when it can't deliver now."""

    def deliver(self, notice: Notice) -> str:
        """Hand the notice over; the answer is kept as its outcome."""
        ...


class Outbox:
    """The queue of notices."""

    def __init__(self, books: Books) -> None:
        self._database = books.database
        self._clock = books.clock

    def due(self, limit: int = 100) -> list[Notice]:
        """Notices whose time has come, oldest first."""
        statement = (
            select(OutboxRow)
            .where(col(OutboxRow.done_at).is_(None), OutboxRow.next_try_at <= self._clock.now())
            .order_by(col(OutboxRow.id))
            .limit(limit)
        )
        with self._database.read() as db:
            return [_notice(row) for row in db.exec(statement)]

    def deliver(self, channel: Channel) -> int:
        """Send what is due; returns how many were handed over."""
        sent = 0
        for notice in self.due():
            try:
                outcome = channel.deliver(notice)
            except OSError:
                self._put_off(notice.id)
            else:
                # A crash before this line sends the notice again: at least once, never lost.
                self._finish(notice.id, outcome)
                sent += 1
        return sent

    def _finish(self, number: int, outcome: str) -> None:
        with self._database.write() as db:
            row = db.get_one(OutboxRow, number)
            row.done_at, row.outcome, row.tries = self._clock.now(), outcome, row.tries + 1
            db.add(row)

    def _put_off(self, number: int) -> None:
        with self._database.write() as db:
            row = db.get_one(OutboxRow, number)
            row.tries += 1
            row.next_try_at = self._clock.now() + min(FIRST_RETRY * 2**row.tries, LAST_RETRY)
            if row.tries >= MAX_TRIES:
                row.done_at, row.outcome = self._clock.now(), "undeliverable"
            db.add(row)


def _notice(row: OutboxRow) -> Notice:
    facts = parse_canon(row.facts)
    return Notice(row.id or 0, row.recipient, row.kind, facts if isinstance(facts, dict) else {})
