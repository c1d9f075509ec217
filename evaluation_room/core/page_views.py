"""What a member looked at while scoring: taken from their own page, so cut to what can be true."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from evaluation_room.core.media_events import PagesRead, PageView
from evaluation_room.core.room import Room
from evaluation_room.core.values import Phase
from evaluation_room.core.views import Viewer, may_read

PAGES_READ: Final = "media.pages_read"
LEAST_SECONDS: Final = 2
"""A page that was only turned over was not read."""
OLDEST: Final = timedelta(minutes=10)
"""Told once a minute, later after a cut; what is older was not told by this page."""


@dataclass(frozen=True, slots=True)
class Told:
    """A page that came on the screen `ago` seconds ago and stayed for `seconds`."""

    document: str
    page: int
    ago: int
    seconds: int


def pages_read(room: Room, viewer: Viewer, told: Iterable[Told], now: datetime) -> PagesRead | None:
    """The fact in what a page told; None where nothing of it can be true.

    Only members score, only in that phase, and only documents that they may read count.
    """
    if viewer.seat is None or room.phase is not Phase.SCORING:
        return None
    views = [
        PageView(
            document=one.document,
            page=one.page,
            from_at=now - timedelta(seconds=one.ago),
            seconds=min(one.seconds, one.ago),
        )
        for one in told
        if min(one.seconds, one.ago) >= LEAST_SECONDS
        and timedelta(seconds=one.ago - one.seconds) <= OLDEST
        and may_read(room, viewer, one.document)
    ]
    views.sort(key=lambda one: one.from_at)
    return PagesRead(seat=viewer.seat, views=tuple(views)) if views else None


def are_shown(room: Room) -> bool:
    """Whether a supervisor may see them: once the sheets are open, never while members judge."""
    opened = any(seat.opened is not None for seat in room.seats)
    return room.phase is Phase.CLOSED or room.stopped is not None or opened
