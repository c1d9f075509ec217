"""Time comes in by the door: services hold a Clock, cores get instants as arguments."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from foundation.instants import CHINA_STANDARD_TIME, seconds

__all__ = ["CHINA_STANDARD_TIME", "Clock", "FixedClock", "SystemClock", "seconds"]


class Clock(Protocol):
    """Something that knows what time it is."""

    def now(self) -> datetime:
        """The present instant, UTC, aware."""
        ...

    def steady(self) -> float:
        """Seconds since some moment; runs on alike whatever is done to the wall clock."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def steady(self) -> float:
        # Counts while the machine sleeps: waking up is no jump of the clock.
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class FixedClock:
    """A clock that stands still until it is moved; for tests and recomputation."""

    at: datetime
    ran: float = 0.0

    def now(self) -> datetime:
        return self.at

    def steady(self) -> float:
        return self.ran

    def advance(self, by: timedelta) -> None:
        """Move on by `by`."""
        self.at += by
        self.ran += by.total_seconds()

    def jump(self, by: timedelta) -> None:
        """Be set by hand: the wall clock moves, no time passes."""
        self.at += by
