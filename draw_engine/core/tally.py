"""How often somebody asked about a lot, and how often that is allowed.

A check tells bands only, a filing judges exactly; both are counted for the supervisor, and
both are limited by the hour, so that no patience turns answers into counts (R-NARROW-2).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from foundation.errors import Kind, ServiceError

HOUR: Final = 3600
CHECKS_AN_HOUR: Final = 300
REFUSED_AN_HOUR: Final = 20


class AskedTooOften(ServiceError):
    """Checks or refused filings of this hour are used up; `wait_seconds` until the next."""

    code = "draw.asked_too_often"
    kind = Kind.TOO_MANY
    rule: ClassVar[str | None] = "R-NARROW-2"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(wait_seconds=wait_seconds)


@dataclass(frozen=True, slots=True)
class Tally:
    """Checks and refused filings, of all time and of the hour that began at `hour` (Unix)."""

    checks: int = 0
    refused: int = 0
    hour: int = 0
    checks_now: int = 0
    refused_now: int = 0

    def at(self, now: datetime) -> "Tally":
        """The tally as this hour sees it."""
        hour = int(now.timestamp()) // HOUR * HOUR
        return self if hour == self.hour else replace(self, hour=hour, checks_now=0, refused_now=0)

    def checked(self, now: datetime) -> "Tally":
        """One check more; AskedTooOften where the hour's checks are used up."""
        tally = self.at(now)
        tally._require(tally.checks_now < CHECKS_AN_HOUR, now)
        return replace(tally, checks=tally.checks + 1, checks_now=tally.checks_now + 1)

    def require_filing(self, now: datetime) -> None:
        """AskedTooOften where the hour's refused filings are used up: nothing is judged then."""
        tally = self.at(now)
        tally._require(tally.refused_now < REFUSED_AN_HOUR, now)

    def refused_once(self, now: datetime) -> "Tally":
        """One refused filing more."""
        tally = self.at(now)
        return replace(tally, refused=tally.refused + 1, refused_now=tally.refused_now + 1)

    def _require(self, holds: bool, now: datetime) -> None:
        if not holds:
            raise AskedTooOften(self.hour + HOUR - int(now.timestamp()))
