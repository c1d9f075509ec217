"""Who listens to which room. Rooms are kept folded in memory and follow the ledger.

The hub never takes a fact from a caller: `catch_up` reads what the ledger holds, so two
threads that commit at once cannot hand events over in the wrong order. A screen may lag,
never lead.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from evaluation_room.core.events import Recorded
from evaluation_room.core.room import Room, apply, fold
from evaluation_room.core.shown import Shown
from evaluation_room.core.values import SeatId
from evaluation_room.core.views import Viewer, ViewerRole, number, project, view_stream
from evaluation_room.stream import recorded, stream_of
from foundation.ledger.book import Books

QUEUE_SIZE: Final = 512


class Signal(StrEnum):
    """What a listener is told beside events."""

    PRESENCE = "presence"
    ELSEWHERE = "room.seat_opened_elsewhere"
    SIGN_IN_ENDED = "room.sign_in_ended"
    SEAT_IS_VOID = "room.seat_is_void"
    HANDED_OVER = "room.not_your_room"


News = Shown | Signal | BaseModel
"""An event, a signal, or a frame that is no fact (media)."""


@dataclass(eq=False)
class Listener:
    """One socket. `speaks` is lost when the seat is opened elsewhere."""

    evaluation_id: str
    viewer: Viewer
    sign_in_id: str
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[News] = field(default_factory=lambda: asyncio.Queue(QUEUE_SIZE))
    held: int = 0
    speaks: bool = True
    too_slow: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, news: News) -> None:
        """Hand over from any thread; a full queue drops the listener, it resumes later."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._put, news)

    def _put(self, news: News) -> None:
        try:
            self.queue.put_nowait(news)
        except asyncio.QueueFull:
            self.too_slow.set()


@dataclass
class _Kept:
    facts: list[Recorded] = field(default_factory=list)
    room: Room = field(default_factory=Room)
    listeners: list[Listener] = field(default_factory=list)
    progress: dict[SeatId, tuple[int, int]] = field(default_factory=dict)


class Hub:
    """Folded rooms and their listeners, for one process."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._lock = threading.RLock()
        self._rooms: dict[str, _Kept] = {}
        self._shown: list[Callable[[str], None]] = []

    def on_shown(self, told: Callable[[str], None]) -> None:
        """Have `told(evaluation_id)` called after each fact that is shown; be quick, any thread."""
        self._shown.append(told)

    def room(self, evaluation_id: str) -> Room:
        """The room as this process last saw it; empty (seq 0) when there is none."""
        return self._kept(evaluation_id).room

    def facts(self, evaluation_id: str) -> Sequence[Recorded]:
        """The facts behind `room`."""
        return tuple(self._kept(evaluation_id).facts)

    def catch_up(self, evaluation_id: str) -> Room:
        """Read on in the ledger, show what is new, answer the room as it now is."""
        with self._lock:
            kept = self._kept(evaluation_id)
            with self._books.read() as book:
                entries = book.entries(stream_of(evaluation_id), since=kept.room.seq)
            for entry in entries:
                self._show(kept, recorded(entry))
            return kept.room

    def attach(self, listener: Listener) -> list[Shown]:
        """Begin to listen; the whole view stream so far. An older tab of the seat falls silent."""
        with self._lock:
            kept = self._kept(listener.evaluation_id)
            stream = view_stream(kept.facts, listener.viewer)
            listener.held = len(stream)
            for other in kept.listeners if listener.viewer.seat is not None else ():
                if other.speaks and other.viewer == listener.viewer:
                    other.speaks = False
                    other.tell(Signal.ELSEWHERE)
            kept.listeners.append(listener)
            self._presence(kept)
        return stream

    def detach(self, listener: Listener) -> None:
        """Listen no more."""
        with self._lock:
            kept = self._kept(listener.evaluation_id)
            if listener in kept.listeners:
                kept.listeners.remove(listener)
                self._presence(kept)

    def revoked(self, sign_in_id: str) -> None:
        """A sign-in ended: its sockets are told to close."""
        with self._lock:
            for kept in self._rooms.values():
                for listener in kept.listeners:
                    if listener.sign_in_id == sign_in_id:
                        listener.tell(Signal.SIGN_IN_ENDED)

    def progressed(self, evaluation_id: str, seat: SeatId, done: int, of: int) -> None:
        """How far a seat's draft is."""
        with self._lock:
            kept = self._kept(evaluation_id)
            kept.progress[seat] = (done, of)
            self._presence(kept)

    def online(self, evaluation_id: str) -> tuple[SeatId, ...]:
        """Seats with a socket."""
        with self._lock:
            seats = {one.viewer.seat for one in self._kept(evaluation_id).listeners}
            return tuple(sorted(seat for seat in seats if seat is not None))

    def progress(self, evaluation_id: str, viewer: Viewer) -> Mapping[SeatId, tuple[int, int]]:
        """Progress that a viewer may see: all to clerk and supervisor, its own to a seat."""
        with self._lock:
            known = dict(self._kept(evaluation_id).progress)
        if viewer.role is not ViewerRole.SEAT:
            return known
        return {seat: value for seat, value in known.items() if seat == viewer.seat}

    def _kept(self, evaluation_id: str) -> _Kept:
        with self._lock:
            if evaluation_id not in self._rooms:
                with self._books.read() as book:
                    entries = book.entries(stream_of(evaluation_id))
                facts = [recorded(entry) for entry in entries]
                kept = _Kept(facts, fold(facts))
                if not facts:
                    return kept  # ids that nobody knows must not fill the memory
                self._rooms[evaluation_id] = kept
            return self._rooms[evaluation_id]

    def _show(self, kept: _Kept, fact: Recorded) -> None:
        kept.room = apply(kept.room, fact)
        kept.facts.append(fact)
        for listener in kept.listeners:
            told = number(fact, project(fact, kept.room, listener.viewer), listener.held)
            listener.held += len(told)
            for event in told:
                listener.tell(event)
            if fact.event.type == "room.seat_voided" and fact.event.seat == listener.viewer.seat:
                listener.tell(Signal.SEAT_IS_VOID)
            if fact.event.type == "room.handed_over" and listener.viewer.role is ViewerRole.CLERK:
                listener.tell(Signal.HANDED_OVER)
        for tell in self._shown:
            tell(kept.room.evaluation_id)

    def _presence(self, kept: _Kept) -> None:
        for listener in kept.listeners:
            listener.tell(Signal.PRESENCE)
