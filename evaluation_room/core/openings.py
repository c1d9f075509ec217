"""Opening a recording (media/SPEC.md section 4.3): how long it lasts and where it stands."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from evaluation_room.core.media_log import Opening

LASTS: Final = timedelta(hours=8)
"""From the confirmation."""
WAITS: Final = timedelta(hours=72)
"""A proposal that nobody confirms lapses."""


class State(StrEnum):
    """Where an opening stands."""

    PROPOSED = "proposed"
    LAPSED = "lapsed"
    OPEN = "open"
    OVER = "over"


def state(one: Opening, now: datetime) -> State:
    """Where an opening stands at an instant."""
    if one.until is not None:
        return State.OPEN if one.is_open(now) else State.OVER
    return State.PROPOSED if now < one.proposed_at + WAITS else State.LAPSED


def living(openings: Iterable[Opening], case: str, now: datetime) -> Opening | None:
    """The opening of a case that is proposed or open now."""
    alive = {State.PROPOSED, State.OPEN}
    return next((one for one in openings if one.case == case and state(one, now) in alive), None)
