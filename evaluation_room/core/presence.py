"""Is the member still there? Checks at random moments, one seat at a time (R-AV-4).

A machine of one seat: waiting -> asked -> waiting. It knows no clock and no chance; whoever
turns it gives both. A check that was asked runs on through pauses and lost connections until
it is answered or its time is over: the log says beside it what else was going on.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from evaluation_room.core.values import Phase

CHECKED: Final = frozenset({Phase.LEADER, Phase.SCORING, Phase.SUMMARY})
"""Phases in which members work alone and may be asked."""
LEAST_WAIT: Final = timedelta(seconds=60)
MOST_WAITS: Final = 3
"""Longest wait, in multiples of the mean one: nobody is left unasked by chance."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The overlay's values: checks an hour (0: none) and time to answer, seconds."""

    an_hour: int
    answer_seconds: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is asked; `due` None while the member can't be asked."""

    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A check is open."""

    ask: str
    at: datetime
    until: datetime


State = Waiting | Asked


@dataclass(frozen=True, slots=True)
class Chance:
    """What one turn may need of it: a fraction from 0 to below 1, and a name for a new check."""

    fraction: float
    ask: str


def wait(pace: Pace, fraction: float) -> timedelta:
    """How long until the next check: memoryless, so that no moment is likelier than another."""
    mean = timedelta(hours=1) / pace.an_hour
    drawn = -math.log(1 - fraction) * mean
    return max(LEAST_WAIT, min(drawn, MOST_WAITS * mean))


def turn(state: State, now: datetime, *, here: bool, pace: Pace, chance: Chance) -> State:
    """The state after the clock says `now`; a missed check is one that was `Asked` and is not.

    Args:
        here: the member is connected, in a phase of `CHECKED`, and the room is not paused.
    """
    if isinstance(state, Asked):
        if now < state.until:
            return state
        state = Waiting()
    if not here or pace.an_hour == 0:
        return Waiting()
    if state.due is None:
        return Waiting(now + wait(pace, chance.fraction))
    if now < state.due:
        return state
    return Asked(chance.ask, now, now + timedelta(seconds=pace.answer_seconds))


def answer(state: State, ask: str, now: datetime) -> int | None:
    """Seconds that an answer took; None where it answers nothing that is open."""
    if not isinstance(state, Asked) or state.ask != ask or now >= state.until:
        return None
    return max(int((now - state.at).total_seconds()), 0)


def wake_at(state: State) -> datetime | None:
    """When the clock next changes something by itself."""
    return state.until if isinstance(state, Asked) else state.due
