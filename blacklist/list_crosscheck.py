"""The cross-check (核查) of the whole pool against every outside list in force (R-EXIT-5).

Nothing is written before its end: a crash on the way leaves nothing, and the next run finds
the same. It looks and writes down; it bars nobody.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from blacklist import list_store as store
from blacklist.core import list_errors as errors
from blacklist.core.facts import china_day
from blacklist.core.list_matching import Matcher
from blacklist.core.outside_list import Check, How, ListEntry, OutsideList, check_of, matches_of
from blacklist.list_book import append, portions, silent
from blacklist.list_intake import OneAtATime, Progress
from foundation.clock import Clock
from foundation.ids import AccountId, ExpertId, milliseconds, new_id, new_id_at
from foundation.ledger.book import Book, Books

CHECKED_AT_ONCE: Final = 5_000
MOST_IN_AN_ENTRY: Final = 1_000
BY_ITSELF: Final = AccountId("")
"""Who runs the daily cross-check."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry in force that a number stands on."""

    list_id: str
    entry: ListEntry


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much a cross-check looked at, and what was too common to be matched."""

    in_force: Sequence[OutsideList]
    rows: int
    experts: int
    common: int


class CrossCheck:
    """Looks for the people of the lists in the pool.

    Args:
        experts: how many are in the pool.
    """

    def __init__(
        self,
        books: Books,
        clock: Clock,
        matcher: Matcher,
        alone: OneAtATime,
        *,
        experts: Callable[[], int],
    ) -> None:
        self._books = books
        self._clock = clock
        self._matcher = matcher
        self._alone = alone
        self._experts = experts

    def due(self, now: datetime) -> bool:
        """Is a cross-check to be run: none today yet, a new list, or other people in the pool?"""
        with self._books.read() as book:
            in_force = store.lists(book.db, in_force=True)
            last = next(iter(store.checks(book.db, 1)), None)
        if not in_force:
            return False
        if last is None or last.day < china_day(now) or last.experts != self._experts():
            return True
        return bool({one.id for one in in_force} - set(last.lists))

    def run(
        self,
        by: AccountId = BY_ITSELF,
        *,
        progress: Progress | None = None,
        stop: threading.Event | None = None,
    ) -> Check:
        """Check the whole pool against every list in force (R-EXIT-5).

        Nothing is written before the end: a crash on the way leaves nothing, and the next
        run finds the same.

        Raises:
            ListsBusy: a list is being taken, or another cross-check runs.
            ListInterrupted: `stop` was set.
        """
        tell = progress or silent
        with self._alone():
            now = self._clock.now()
            with self._books.read() as book:
                in_force = store.lists(book.db, in_force=True)
            total, experts = sum(one.rows for one in in_force), self._experts()
            tell("matching", 0, total)
            done, common = 0, 0
            new: list[tuple[str, int, ExpertId, How]] = []
            for one in in_force:
                for first in range(1, one.rows + 1, CHECKED_AT_ONCE):
                    if stop is not None and stop.is_set():
                        raise errors.ListInterrupted
                    last = min(first + CHECKED_AT_ONCE - 1, one.rows)
                    pairs, many = self._portion(one, first, last, china_day(now))
                    new += pairs
                    common += many
                    done += last - first + 1
                    tell("matching", done, total)
            tell("completing", total, total)
            with self._books.write() as book:
                extent = _Extent(in_force, total, experts, common)
                return _complete(book, by, extent, new)

    def hits(self, numbers: Iterable[str]) -> dict[str, list[Hit]]:
        """Those of the identity numbers that stand on a list in force today, and where."""
        today = china_day(self._clock.now())
        found: dict[str, list[Hit]] = {}
        with self._books.read() as book:
            in_force = {one.id for one in store.lists(book.db, in_force=True)}
        listed = self._matcher.listed(numbers) if in_force else {}
        with self._books.read() as book:
            for number, places in listed.items():
                for list_id, n in places:
                    if list_id not in in_force:
                        continue
                    entry = store.entries(book.db, list_id, [n])[n]
                    if entry.in_force(today):
                        found.setdefault(number, []).append(Hit(list_id, entry))
        return found

    def _portion(
        self, one: OutsideList, first: int, last: int, today: date
    ) -> tuple[list[tuple[str, int, ExpertId, How]], int]:
        found = self._matcher.matches(one.id, first, last)
        with self._books.read() as book:
            known = store.pairs(book.db, one.id)
            numbers = {n for n, _, _ in found.pairs} | found.common
            entries = store.entries(book.db, one.id, numbers)
        new = [
            (one.id, n, expert, how)
            for n, expert, how in sorted(found.pairs)
            if (n, expert) not in known and entries[n].in_force(today)
        ]
        return new, sum(entries[n].in_force(today) for n in found.common)


def _complete(
    book: Book,
    by: AccountId,
    extent: _Extent,
    new: Sequence[tuple[str, int, ExpertId, How]],
) -> Check:
    """Write what a cross-check found, in one commit."""
    id_ = new_id("ck", book.now)
    for some in portions(new, MOST_IN_AN_ENTRY):
        found = [[_match_id(book), list_id, n, who, how.value] for list_id, n, who, how in some]
        body: dict[str, Any] = {"check": id_, "matches": found}
        store.put_matches(book.db, matches_of(append(book, "blacklist.matches_found", body, by)))
    exact = sum(how is How.NUMBER for *_, how in new)
    done = {
        "id": id_,
        "day": china_day(book.now).isoformat(),
        "lists": [one.id for one in extent.in_force],
        "rows": extent.rows,
        "experts": extent.experts,
        "exact": exact,
        "near": len(new) - exact,
        "common": extent.common,
    }
    check = check_of(append(book, "blacklist.crosscheck_done", done, by))
    store.put_check(book.db, check)
    return check


def _match_id(book: Book) -> str:
    return new_id_at("om", milliseconds(book.now))
