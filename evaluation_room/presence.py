"""Presence checks of every room: chance and clock for `core/presence.py`, facts for the ledger.

A check is a fact before it is asked, and its answer is one before anybody is told. After a
restart nothing is open: what was asked and not answered then stays unanswered in the log, and
is no miss of the member's.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from secrets import SystemRandom, token_hex
from typing import Final, Protocol

from evaluation_room.core.media_events import PresenceAsked, PresenceMissed, PresenceShown
from evaluation_room.core.presence import (
    CHECKED,
    Asked,
    Chance,
    Pace,
    State,
    Waiting,
    answer,
    turn,
    wake_at,
)
from evaluation_room.core.room import Room
from evaluation_room.core.values import SeatId
from evaluation_room.media_book import MediaBook
from foundation.rulebook.overlay import Overlay

Connected = Callable[[], Mapping[str, Collection[SeatId]]]
"""Evaluation -> seats that are connected now; asked from worker threads."""
Ask = Callable[[str, SeatId, str, int], None]
"""Bring a check to a member: evaluation, seat, ask, seconds; called from any thread."""


_CHANCE: Final = SystemRandom()


class Rooms(Protocol):
    """Where the rooms are."""

    def room(self, evaluation_id: str) -> Room:
        """The room as it now is."""
        ...


class PresenceChecks:
    """The checks of one process. `tick` is a job; the other methods come from anywhere."""

    def __init__(
        self,
        book: MediaBook,
        rooms: Rooms,
        overlay: Overlay,
        *,
        connected: Connected,
        ask: Ask,
        away: Callable[[str, SeatId, bool], None] = lambda *_: None,
        fraction: Callable[[], float] = _CHANCE.random,
    ) -> None:
        self._book = book
        self._rooms = rooms
        self._pace = Pace(overlay.presence_checks_an_hour, overlay.presence_answer_seconds)
        self._connected = connected
        self._ask = ask
        self._away = away
        self._fraction = fraction
        self._lock = threading.Lock()
        self._states: dict[tuple[str, SeatId], State] = {}

    def tick(self, now: datetime) -> datetime | None:
        """Ask what is due, note what was missed; when to be woken next."""
        if self._pace.an_hour == 0:
            return None
        with self._lock:
            here = {
                (evaluation_id, seat)
                for evaluation_id, seats in self._connected().items()
                for seat in self._askable(evaluation_id, seats)
            }
            for key in here | self._states.keys():
                self._turn(key, now, here=key in here)
            wakes = [at for one in self._states.values() if (at := wake_at(one)) is not None]
        return min(wakes, default=None)

    def answered(
        self, evaluation_id: str, seat: SeatId, ask: str, now: datetime, *, picture: bool
    ) -> bool:
        """Take a member's answer; False where nothing of this name is open any more.

        Args:
            picture: their camera is sending.
        """
        with self._lock:
            seconds = answer(self._states.get((evaluation_id, seat), Waiting()), ask, now)
            if seconds is None:
                return False
            self._states[evaluation_id, seat] = Waiting()
        shown = PresenceShown(seat=seat, ask=ask, seconds=seconds, picture=picture)
        self._book.note(evaluation_id, shown)
        self._away(evaluation_id, seat, False)
        return True

    def open_ask(self, evaluation_id: str, seat: SeatId, now: datetime) -> tuple[str, int] | None:
        """The check that a seat has open, and seconds left: to be shown again after a reload."""
        with self._lock:
            state = self._states.get((evaluation_id, seat))
        if not isinstance(state, Asked) or now >= state.until:
            return None
        return state.ask, int((state.until - now).total_seconds())

    def _turn(self, key: tuple[str, SeatId], now: datetime, *, here: bool) -> None:
        """One seat's turn; called with the lock held."""
        evaluation_id, seat = key
        before = self._states.get(key, Waiting())
        if isinstance(before, Asked) and self._is_over(evaluation_id, seat):
            before = Waiting()  # nobody can answer in a room that is over, and nobody missed it
        chance = Chance(self._fraction(), token_hex(8))
        after = turn(before, now, here=here, pace=self._pace, chance=chance)
        if isinstance(before, Asked) and after != before:
            noted = self._book.note(evaluation_id, PresenceMissed(seat=seat, ask=before.ask))
            noted.add_done_callback(partial(self._tell_away, evaluation_id, seat))
        if isinstance(after, Asked) and after != before:
            noted = self._book.note(evaluation_id, PresenceAsked(seat=seat, ask=after.ask))
            noted.add_done_callback(partial(self._bring, evaluation_id, seat, after.ask))
        if after == Waiting():
            self._states.pop(key, None)
        else:
            self._states[key] = after

    def _bring(self, evaluation_id: str, seat: SeatId, ask: str, noted: "Future[object]") -> None:
        if noted.exception() is None:
            self._ask(evaluation_id, seat, ask, self._pace.answer_seconds)

    def _tell_away(self, evaluation_id: str, seat: SeatId, noted: "Future[object]") -> None:
        if noted.exception() is None:
            self._away(evaluation_id, seat, True)

    def _askable(self, evaluation_id: str, seats: Collection[SeatId]) -> set[SeatId]:
        room = self._rooms.room(evaluation_id)
        if room.phase not in CHECKED or room.paused is not None or room.stopped is not None:
            return set()
        return {seat.id for seat in room.seats} & set(seats)

    def _is_over(self, evaluation_id: str, seat: SeatId) -> bool:
        room = self._rooms.room(evaluation_id)
        gone = seat not in {one.id for one in room.seats}
        return gone or room.stopped is not None or room.phase not in CHECKED
