"""An evaluation's stream in the ledger: facts in, facts out."""

from collections.abc import Iterable
from typing import Any, Final

from evaluation_room.core import events as facts
from evaluation_room.core.events import EVENT, Recorded, RoomEvent
from evaluation_room.core.follow import follow_up
from evaluation_room.core.room import Room, apply
from evaluation_room.core.values import SeatId
from evaluation_room.store import drop_draft
from foundation.ledger.book import Book
from foundation.ledger.entry import Entry
from foundation.ledger.tree import leaf_hash

STREAM: Final = "evaluation/"


def stream_of(evaluation_id: str) -> str:
    """The ledger stream of an evaluation."""
    return STREAM + evaluation_id


def recorded(entry: Entry) -> Recorded:
    """The fact in a ledger entry.

    Raises:
        ValidationError: not a fact of a room, or erased.
    """
    body = {"type": entry.type, **(entry.body or {})}
    event = EVENT.validate_python(body)
    return Recorded(entry.seq, entry.index, entry.at, leaf_hash(entry.leaf), event)


def body_of(event: RoomEvent) -> dict[str, Any]:
    """What the ledger keeps of a fact beside its type."""
    return event.model_dump(mode="json", exclude={"type"}, exclude_none=True)


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
