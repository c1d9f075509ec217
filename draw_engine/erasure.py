"""Erases who an expert is, where the law lets it: name, numbers and place in the pool.

What the expert did stays on record under the bare id (R-PRIN-6): the ledger verifies and
every state folds. Sealed snapshots of the vault keep the identity as long as draws that used
them can be contested; they are opened for nothing else.

Source: PIPL 47; RULES R-PRIN-6, R-EVAL-21.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Final

from draw_engine.expert_pool import ExpertPool
from draw_engine.persons import Persons
from draw_engine.vault_seats import Seats
from foundation.clock import Clock
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId

ANSWERABLE: Final = timedelta(days=30)
"""How long after an evaluation its members may still be asked to answer for it (R-EVAL-21)."""


class Ground(StrEnum):
    """Why a person is erased; a closed list."""

    ASKED = "asked"
    RETENTION_OVER = "retention_over"
    ENROLLED_WRONGLY = "enrolled_wrongly"


class ErasureNeedsExit(ServiceError):
    """Only who has left the pool can be erased: nobody vanishes while a draw may reach them."""

    code = "pool.erasure_needs_exit"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-PRIN-6"


class ErasureTooSoon(ServiceError):
    """The expert holds a seat, or may still be asked about an evaluation; `until` says how long."""

    code = "pool.erasure_too_soon"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-EVAL-21"


class Erasure:
    """The one way by which a person leaves for good.

    Args:
        has_left: whether the register of standing says that the expert has exited.
        forget: takes the mark of the person off the expert's account.
    """

    def __init__(
        self,
        pool: ExpertPool,
        persons: Persons,
        seats: Seats,
        clock: Clock,
        *,
        has_left: Callable[[ExpertId], bool],
        forget: Callable[[ExpertId], None],
    ) -> None:
        self._pool = pool
        self._persons = persons
        self._seats = seats
        self._clock = clock
        self._has_left = has_left
        self._forget = forget

    def check(self, expert_id: ExpertId) -> None:
        """Refuse where the law does not let the person be erased yet.

        Raises:
            UnknownExpert: the pool has no such expert.
            ErasureNeedsExit, ErasureTooSoon: not yet.
        """
        self._pool.facts([expert_id])
        if not self._has_left(expert_id):
            raise ErasureNeedsExit
        asked = [one.starts_at + ANSWERABLE for one in self._seats.inbox(expert_id)]
        if asked and max(asked) > self._clock.now():
            raise ErasureTooSoon(until=max(asked).date().isoformat())

    def erase(self, expert_id: ExpertId, ground: Ground, by: str) -> None:
        """Take the expert out of the pool and forget the person; refusals as `check`."""
        self.check(expert_id)
        # First, because only who is still in the pool can be erased once more after a crash.
        self._forget(expert_id)
        self._pool.erase(expert_id, ground.value, by)
        # A crash here leaves a person without an expert; `clean_orphans` ends it at the next start.
        self._persons.erase(expert_id)

    def erase_once(self, expert_id: ExpertId, ground: Ground, by: str) -> None:
        """`erase`, and nothing where it was done before."""
        if self._pool.has(expert_id):
            self.erase(expert_id, ground, by)
