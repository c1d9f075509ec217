"""What time itself gives cause to raise alarm for: a clock that was set, and a draw that is late.

After the seed is fixed lateness is an alarm and no reason to abort; a wall clock that leaves
the steady one by more than a minute stops the timers until a witness has given its own time.

Source: SPEC.md section 5, "Clocks".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from draw_engine.core.draw_state import Draw

JUMP: Final = timedelta(seconds=60)
CLOCK_JUMP: Final = "clock.jump"
DEADLINE: Final = "deadline"
PUBLISH: Final = "publish"


@dataclass(frozen=True, slots=True)
class Reading:
    """Both clocks at one moment: the wall's, and seconds of the one that nobody sets."""

    wall: datetime
    steady: float


def jumped(before: Reading, now: Reading) -> bool:
    """Whether the wall clock was set by more than a minute between two readings."""
    passed = timedelta(seconds=now.steady - before.steady)
    return abs(now.wall - before.wall - passed) > JUMP


def alarms_due(draw: Draw) -> dict[str, datetime]:
    """Code of each alarm that this draw will give cause for -> when, if it is not over by then.

    `deadline`: it is neither unsealed nor aborted that long after its freeze. `publish`: an
    evaluation holds it back that long after its unsealing was due.
    """
    if draw.logged is None or not draw.seed_fixed or draw.ended or draw.unsealed:
        return {}
    times = draw.policy["times"]
    due = {DEADLINE: draw.logged.at + timedelta(seconds=times["deadline"])}
    if draw.holds:
        due[PUBLISH] = draw.request.unseal_after + timedelta(seconds=times["publish"])
    return {code: at for code, at in due.items() if code not in draw.alarms}
