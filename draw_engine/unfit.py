"""Seats whose experts may no longer serve are given up before the evaluation, and filled by a step.

The draw stays what it was: it used the lists of its freeze. What became true after it is told
beside the seat, as the evidence of the decline (class `unfit`). Who has checked in is not taken
out by a timer: the supervisor decides that in the room (R-SUP-2).

Source: R-ELIG-5, R-ELIG-6, R-REP-1.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from blacklist.core.standing import Standing
from draw_engine.refusals import SeatUnknown, TooLate
from draw_engine.screening import china_day
from draw_engine.service import DrawService
from foundation.digest import canon
from foundation.ids import ExpertId

UNFIT: Final = "unfit"

StandingOf = Callable[[ExpertId, datetime, date], Standing]
CheckedIn = Callable[[str, int], bool]
"""Draw and number of a seat -> whether its member has checked in."""


class Unfit:
    """Vacates seats of the future whose experts may not serve.

    Args:
        checked_in: whether somebody sits there already; wired once there are rooms.
    """

    def __init__(
        self, draws: DrawService, standing: StandingOf, checked_in: CheckedIn | None = None
    ) -> None:
        self._draws = draws
        self._standing = standing
        self.checked_in: CheckedIn = checked_in or (lambda _draw, _seat: False)

    def tick(self, now: datetime) -> None:
        """Give up every seat that is due; the same evidence twice changes nothing."""
        for held in self._draws.vault.seats.held_after(now):
            expert = ExpertId(held.expert_id)
            found = self._standing(expert, now, china_day(held.starts_at))
            if found.may_keep_seat or self.checked_in(held.draw_id, held.seat):
                continue
            why = next(one for one in found.whys if one.bars_a_seat)
            told = {
                "record": "standing",
                "status": why.status.value,
                "rule": why.rule,
                "source": why.source,
                "step": held.step,
            }
            try:
                self._draws.vacate(held.draw_id, held.seat, UNFIT, canon(told))
            except (SeatUnknown, TooLate):
                # The draw has ended, or somebody else was first: nothing is left to give up.
                continue
