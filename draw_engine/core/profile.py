"""An expert's profile (个人信息): when it is due, and what a change of it does.

A profile that was not confirmed for the overlay's days keeps its expert out of draws until it
is confirmed (R-ELIG-10); so does a training that is overdue, where the overlay asks for one.
Both are computed from days and never stored, so nobody can forget to freeze or to release.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from draw_engine.core.eligibility import PROFILE
from foundation.rulebook.overlay import Overlay

TRAINING: Final = "R-ELIG-5"


@dataclass(frozen=True, slots=True)
class Due:
    """Until which days profile and training hold; None: nothing is asked.

    Args:
        counts_from: the day of admission, or the newest confirmation: an imported list, or an
            appointment, is a confirmation.
    """

    counts_from: date
    profile_until: date
    training_until: date | None

    def fault(self, day: date) -> tuple[str, date] | None:
        """The rule that keeps the expert out on a day, and since when; None: none does."""
        if day > self.profile_until:
            return PROFILE, self.profile_until + timedelta(days=1)
        if self.training_until is not None and day > self.training_until:
            return TRAINING, self.training_until + timedelta(days=1)
        return None


def due(admitted_on: date, days: Mapping[str, date], overlay: Overlay) -> Due:
    """When a profile is due.

    Args:
        days: the newest day `confirmed` and `trained`, where there is one.
    """
    confirmed = max(admitted_on, days.get("confirmed", admitted_on))
    trained = max(admitted_on, days.get("trained", admitted_on))
    return Due(
        confirmed,
        confirmed + timedelta(days=overlay.profile_days),
        trained + timedelta(days=overlay.training_days) if overlay.training_days else None,
    )
