"""How often a password may be tried: by person and place, by person, by place.

The window moves. Person-and-place is narrow so that a guesser stops soon; person alone is
wide so that a stranger can't keep somebody out of their own account by guessing badly.
"""

import math
import time
from hashlib import sha256
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from foundation.auth.errors import TooManyAttempts

PERSON_AND_PLACE: Final = RateLimitItemPerMinute(6, 5, "person-and-place")
PERSON: Final = RateLimitItemPerMinute(30, 5, "person")
PLACE: Final = RateLimitItemPerMinute(120, 5, "place")
KNOCKS: Final = RateLimitItemPerMinute(120, 5, "knocks")


class Attempts:
    """Counts attempts in memory; one process serves, and a restart forgives."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def spend(self, username: str, address: str) -> None:
        """Count one attempt.

        Raises:
            TooManyAttempts: one of the three limits is used up; names the wait.
        """
        for limit, keys in _counted(username, address):
            self._hit(limit, keys)

    def knock(self, address: str) -> None:
        """Count one question from a place, before anybody has said who they are.

        Raises:
            TooManyAttempts: too many from there.
        """
        self._hit(KNOCKS, (address,))

    def forgive(self, username: str, address: str) -> None:
        """A right password clears what this person tried from this place."""
        limit, keys = _counted(username, address)[0]
        self._limiter.clear(limit, *keys)

    def _hit(self, limit: RateLimitItem, keys: tuple[str, ...]) -> None:
        if not self._limiter.hit(limit, *keys):
            reset = self._limiter.get_window_stats(limit, *keys).reset_time
            raise TooManyAttempts(max(1, math.ceil(reset - time.time())))


def _counted(username: str, address: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
    # hashed: a memory dump or a debugger shows no usernames beside addresses
    person = sha256(username.encode()).hexdigest()
    return [
        (PERSON_AND_PLACE, (person, address)),
        (PERSON, (person,)),
        (PLACE, (address,)),
    ]
