"""Questions to a passkey device: asked once, answered once, for one person and one act.

In memory, as tickets are: one process serves, and after a restart the page asks again. A
flood is refused, so that nobody's open question is pushed out by a stranger.
"""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from foundation.auth.passkey_errors import ChallengeUnknown, TooManyChallenges
from foundation.clock import Clock

CHALLENGE_LIFE: Final = timedelta(minutes=5)
MOST_OPEN: Final = 10_000


class Purpose(StrEnum):
    """What an answer may be used for."""

    REGISTER = "register"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class _Open:
    purpose: Purpose
    account_id: str | None
    expires_at: datetime


class Challenges:
    """The open questions of this process."""

    def __init__(self, clock: Clock, most: int = MOST_OPEN) -> None:
        self._clock = clock
        self._most = most
        self._open: dict[bytes, _Open] = {}
        self._lock = threading.Lock()

    def ask(self, purpose: Purpose, account_id: str | None) -> bytes:
        """32 bytes of chance, good once within five minutes.

        Raises:
            TooManyChallenges: as many are open as are kept.
        """
        now = self._clock.now()
        challenge = secrets.token_bytes(32)
        with self._lock:
            if len(self._open) >= self._most:
                late = [one for one, what in self._open.items() if what.expires_at <= now]
                for one in late:
                    del self._open[one]
            if len(self._open) >= self._most:
                raise TooManyChallenges
            self._open[challenge] = _Open(purpose, account_id, now + CHALLENGE_LIFE)
        return challenge

    def spend(self, challenge: bytes, purpose: Purpose, account_id: str | None) -> None:
        """Use a question up, whatever becomes of its answer.

        Raises:
            ChallengeUnknown: never asked, used, late, another person's or for another act.
        """
        with self._lock:
            asked = self._open.pop(challenge, None)
        if asked is None or asked.expires_at <= self._clock.now():
            raise ChallengeUnknown
        if (asked.purpose, asked.account_id) != (purpose, account_id):
            raise ChallengeUnknown
