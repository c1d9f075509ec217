"""Time comes in by the door: services hold a Clock, cores get instants as arguments."""

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


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved; for tests and recomputation."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move on by `by`."""
        self.at += by
