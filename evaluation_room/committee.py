"""What a room needs of the draw: a port, and the draw service behind it.

The draw knows experts; the room knows seats. Between them stands a seat's number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from draw_engine.service import DrawService
from foundation.ids import AccountId, DrawId, ExpertId
from foundation.ledger.entry import StreamMoved

ATTEMPTS: Final = 8


@dataclass(frozen=True, slots=True)
class CommitteeFacts:
    """What a draw tells an evaluation. `seats` are the numbers of its seats, ascending: the drawn
    ones, then those that members keep from the draw before; `sealed` says that every one of them
    has accepted, `over` that the draw has ended."""

    draw_id: DrawId
    project_code: str
    project_name: str
    section: str
    regime: str
    starts_at: datetime
    place: str
    seats: tuple[int, ...]
    owner_representatives: tuple[AccountId, ...]
    sealed: bool
    over: bool


class Committee(Protocol):
    """The draw, as far as a room may know it."""

    def facts(self, draw_id: DrawId) -> CommitteeFacts:
        """Project, time, place, seat numbers. A ServiceError where there is no such draw."""
        ...

    def seat_of(self, draw_id: DrawId, expert_id: ExpertId) -> int | None:
        """The seat that an expert holds now, or None."""
        ...

    def step_of(self, draw_id: DrawId, seat: int) -> int | None:
        """The draw's step that filled a seat last; None while it is vacant."""
        ...

    def vacate(self, draw_id: DrawId, seat: int, class_: str, evidence: bytes) -> None:
        """Take a member out of a seat (conflict, absent, unfit) and draw the next (R-REP-1)."""
        ...

    def hold(self, draw_id: DrawId, by: str) -> None:
        """Evaluation `by` uses this committee: keep supplementary steps possible.

        Asked again it changes nothing. A ServiceError where the draw is over.
        """
        ...

    def release(self, draw_id: DrawId, by: str) -> None:
        """Evaluation `by` is over: the draw may be unsealed when its time has come."""
        ...


class DrawCommittee:
    """The port on the draw service of this installation."""

    def __init__(self, draws: DrawService) -> None:
        self._draws = draws

    def facts(self, draw_id: DrawId) -> CommitteeFacts:
        """See `Committee.facts`."""
        request = self._draws.facts(draw_id)
        seats, numbers = self._draws.seats(draw_id), self._draws.seat_numbers(draw_id)
        return CommitteeFacts(
            draw_id=draw_id,
            project_code=request.project_code,
            project_name=request.project_name,
            section=request.section,
            regime=request.regime,
            starts_at=request.starts_at,
            place=request.place,
            seats=numbers,
            owner_representatives=tuple(AccountId(one) for one in request.owner_representatives),
            sealed=len(seats) == len(numbers)
            and all(seat.state == "accepted" for seat in seats.values()),
            over=self._draws.is_over(draw_id),
        )

    def seat_of(self, draw_id: DrawId, expert_id: ExpertId) -> int | None:
        """See `Committee.seat_of`."""
        return self._draws.seat_of(draw_id, expert_id)

    def step_of(self, draw_id: DrawId, seat: int) -> int | None:
        """See `Committee.step_of`."""
        now = self._draws.seats(draw_id).get(seat)
        return None if now is None or now.state == "vacant" else now.step

    def vacate(self, draw_id: DrawId, seat: int, class_: str, evidence: bytes) -> None:
        """See `Committee.vacate`."""
        self._draws.vacate(draw_id, seat, class_, evidence)

    def hold(self, draw_id: DrawId, by: str) -> None:
        """See `Committee.hold`."""
        _again(lambda: self._draws.hold(draw_id, by))

    def release(self, draw_id: DrawId, by: str) -> None:
        """See `Committee.release`."""
        _again(lambda: self._draws.release(draw_id, by))


def _again(act: Callable[[], None]) -> None:
    """Do it on the draw as it now is, when the draw's own timer wrote in between."""
    for _ in range(ATTEMPTS - 1):
        try:
            return act()
        except StreamMoved:
            continue
    return act()
