"""What profiles say to a draw, read as of an instant: overdue, worked there, may not serve here.

The newest days of everybody are one array beside the pool's columns, kept and brought up to
date with the entries that came since; the sparse answers are asked of the database each time.
"""

import threading
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Final

import numpy as np

from draw_engine import appointment_store as store
from draw_engine.core.appointment import Base
from draw_engine.core.columns import PoolColumns
from draw_engine.core.eligibility import Mask
from draw_engine.core.recusal import EMPLOYED_BY_BIDDER, Conflicts, look_back
from draw_engine.core.texts import Ints, Names
from foundation.ids import ExpertId
from foundation.instants import CHINA_STANDARD_TIME
from foundation.ledger.book import Books
from foundation.rulebook.overlay import Overlay

KINDS: Final = (store.CONFIRMED, store.TRAINED)


class ProfileMarks:
    """The profiles as screening reads them. Safe for many threads."""

    def __init__(self, books: Books, overlay: Overlay) -> None:
        self._books = books
        self._overlay = overlay
        self._lock = threading.Lock()
        self._kept: tuple[Names, int, dict[str, Ints]] | None = None

    def stale(self, columns: PoolColumns, at: datetime) -> Mask | None:
        """Row -> whether profile or training is overdue at an instant; None: nobody's is."""
        day = at.astimezone(CHINA_STANDARD_TIME).date().toordinal()
        overlay, found = self._overlay, np.zeros(len(columns), np.bool_)
        asked = ((store.CONFIRMED, overlay.profile_days), (store.TRAINED, overlay.training_days))
        for kind, most in asked:
            if most and (columns.admitted + most < day).any():
                days = np.maximum(columns.admitted, self.days(columns, at)[kind])
                found |= days + most < day
        return found if found.any() else None

    def days(self, columns: PoolColumns, at: datetime) -> dict[str, Ints]:
        """Of each kind the newest day by row, as an ordinal; 0 where there is none."""
        now = self._books.clock.now()
        if at < now:
            # The past is read as it was, apart from what is kept for the present.
            with self._books.read() as book:
                days = _empty(columns)
                _fold(columns, days, store.days_since(book.db, 0, at))
                return days
        with self._lock, self._books.read() as book:
            seq, days = 0, _empty(columns)
            if self._kept is not None:
                names, seq, before = self._kept
                days = before if names is columns.ids else _carried(names, before, columns)
            last = _fold(columns, days, store.days_since(book.db, seq))
            self._kept = (columns.ids, max(seq, last), days)
            return {kind: days[kind].copy() for kind in KINDS}

    def former(self, of: Conflicts, day: date, at: datetime) -> Collection[ExpertId]:
        """Who left a unit of the bidders or the agency less than three years before `day`."""
        employers, groups = of.under(EMPLOYED_BY_BIDDER)
        with self._books.read() as book:
            return store.worked_for(book.db, employers, groups, look_back(day), at)

    def unfit(self, base: Base, at: datetime) -> Collection[ExpertId]:
        """Whose appointment does not reach to a trade; who was imported may serve in all."""
        with self._books.read() as book:
            return store.without_base(book.db, base.value, at)


def _empty(columns: PoolColumns) -> dict[str, Ints]:
    return {kind: np.zeros(len(columns), np.int32) for kind in KINDS}


def _carried(names: Names, before: dict[str, Ints], columns: PoolColumns) -> dict[str, Ints]:
    """The days kept, by the rows of a pool that has changed; who is new has entered none."""
    rows, days = columns.ids.rows_of(names.cells), _empty(columns)
    here = rows >= 0
    for kind in KINDS:
        days[kind][rows[here]] = before[kind][here]
    return days


def _fold(
    columns: PoolColumns, days: dict[str, Ints], news: Iterable[tuple[int, str, str, date]]
) -> int:
    """Put newer days into the arrays; answers the seq of the last entry, 0 for none."""
    found = list(news)
    for kind in KINDS:
        some = [(who, on) for _, who, which, on in found if which == kind]
        rows = columns.ids.find([who for who, _ in some])
        ons = np.fromiter((on.toordinal() for _, on in some), np.int32, len(some))
        here = rows >= 0
        np.maximum.at(days[kind], rows[here], ons[here])
    return found[-1][0] if found else 0
