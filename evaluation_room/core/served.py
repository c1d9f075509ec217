"""How long a member worked: from check-in to the signed report, interruptions left out.

The times are those of the log; nobody types hours, and no amount follows from them here.

Source: RULES R-PAY-4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from evaluation_room.core.events import ReportDissented, ReportSigned, RoomEvent
from evaluation_room.core.room import Room
from evaluation_room.core.values import SeatId


class Fact(Protocol):
    """What is needed of a fact of the room."""

    @property
    def at(self) -> datetime: ...
    @property
    def event(self) -> RoomEvent: ...


@dataclass(frozen=True, slots=True)
class Served:
    """One member's part in one evaluation.

    Attributes:
        answered_at: when the member signed the report, or the dissent.
        paused: interruptions between the two.
    """

    evaluation_id: str
    place: str
    checked_in_at: datetime
    answered_at: datetime
    paused: timedelta

    @property
    def worked(self) -> timedelta:
        """What counts."""
        return self.answered_at - self.checked_in_at - self.paused


def served(room: Room, facts: Iterable[Fact], seat: SeatId) -> Served | None:
    """The part of the member at `seat`; None for one who did not come, or has not signed."""
    mine = next((one for one in room.all_seats if one.id == seat), None)
    answers = (
        fact.at
        for fact in facts
        if isinstance(fact.event, ReportSigned | ReportDissented) and fact.event.seat == seat
    )
    answered = next(answers, None)
    if mine is None or mine.checked_in_at is None or answered is None:
        return None
    begun = mine.checked_in_at
    inside = ((max(start, begun), min(end, answered)) for start, end in room.pauses)
    paused = sum((end - start for start, end in inside if end > start), timedelta(0))
    return Served(room.evaluation_id, room.place, begun, answered, paused)
