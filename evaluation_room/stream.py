"""An evaluation's stream in the ledger: how a fact stands there."""

from typing import Any, Final

from evaluation_room.core.events import EVENT, Recorded, RoomEvent
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
