"""Writing facts of a room: each with what follows from it, in one transaction."""

from collections.abc import Iterable

from evaluation_room.core import events as facts
from evaluation_room.core.events import RoomEvent
from evaluation_room.core.follow import follow_up
from evaluation_room.core.room import Room, apply
from evaluation_room.core.values import SeatId
from evaluation_room.store import drop_draft
from evaluation_room.stream import body_of, recorded, stream_of
from foundation.ledger.book import Book


def record(book: Book, room: Room, events: Iterable[RoomEvent]) -> Room:
    """Append facts and everything that follows from them; the room as it then is.

    Raises:
        StreamMoved: somebody wrote first; decide again.
    """
    for event in events:
        room = _append(book, room, event)
    while following := follow_up(room):
        for event in following:
            room = _append(book, room, event)
    return room


def _append(book: Book, room: Room, event: RoomEvent) -> Room:
    stream = stream_of(room.evaluation_id or getattr(event, "evaluation_id", ""))
    entry = book.append(stream, event.type, body_of(event), after=room.seq)
    for seat in _finished(event):
        drop_draft(book.db, room.evaluation_id, seat)
    return apply(room, recorded(entry))


def _finished(event: RoomEvent) -> tuple[SeatId, ...]:
    """Seats whose draft has nothing left to become (R-EVAL-11, R-REP-6)."""
    match event:
        case facts.SheetSealed() | facts.SeatVoided():
            return (event.seat,)
        case facts.SheetsOpened():
            return tuple(sheet.seat for sheet in event.sheets)
        case _:
            return ()
