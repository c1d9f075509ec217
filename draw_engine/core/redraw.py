"""A redraw that keeps members: which seats stay taken, which are open, what must be as before.

Nobody names who is kept: it follows from the entries of the draw before. Who keeps a seat has
agreed to one time and one place, and was screened against these parties; so they stay.

Source: SPEC.md section 7.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from draw_engine.core.demands import UNSEALED
from draw_engine.core.draw_state import Draw, KeptSeat
from draw_engine.core.request import DrawRequest, SlotRequest
from foundation.errors import Kind, ServiceError

AS_BEFORE: Final = (
    "filed_by", "regime", "purpose", "committee_size", "region_rules", "parties", "starts_at",
    "place", "contact", "demands",
)  # fmt: skip
"""Members of the request that a redraw with kept members repeats; of the demands, the seal."""


class MembersNotAnswered(ServiceError):
    """Members of the ended draw have not said whether they come; until then nobody knows which
    seats are open (R-REP-1)."""

    code = "draw.members_not_answered"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-REP-1"


class RedrawDiffers(ServiceError):
    """A redraw that keeps members draws the open seats and no other, for the same evaluation;
    `member` says what differs (R-PRIN-1)."""

    code = "draw.redraw_differs"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-PRIN-1"

    def __init__(self, member: str) -> None:
        super().__init__(member=member)


@dataclass(frozen=True, slots=True)
class Redraw:
    """What the end of a draw leaves: taken seats, those still to answer, open slots."""

    kept: tuple[KeptSeat, ...]
    waiting: int
    slots: tuple[SlotRequest, ...]

    @property
    def open(self) -> int:
        """Seats that are to be drawn."""
        return sum(slot.seats for slot in self.slots)


def redraw_of(last: Draw) -> Redraw | None:
    """What a redraw after `last` keeps; None where it keeps nobody or `last` goes on."""
    if last.ended is None or not last.M or last.set_aside or not last.members_still_seated:
        return None
    seats = {number: last.seats.get(number) for number in last.seat_numbers}
    taken = [number for number, seat in seats.items() if seat and seat.state != "vacant"]
    waiting = sum(seat is not None and seat.state == "invited" for seat in seats.values())
    if 0 in last.results and not last.invited:
        waiting = last.request.seats  # drawn, and not asked yet
    conditions = _conditions(last)
    lost = Counter(conditions[number][1:] for number in seats if number not in taken)
    slots = tuple(SlotRequest(codes, seats, regions) for (codes, regions), seats in lost.items())
    open_ = sum(slot.seats for slot in slots)
    kept = tuple(
        KeptSeat(open_ + at, last.id, number, *conditions[number])
        for at, number in enumerate(taken)
    )
    return Redraw(kept, waiting, slots)


def require_same(request: DrawRequest, last: DrawRequest, redraw: Redraw) -> None:
    """Refuse a redraw that is another evaluation, or draws other seats than the open ones.

    Codes and regions of the open seats are the applicant's: a hat that is used up must be widened.

    Raises:
        MembersNotAnswered, RedrawDiffers.
    """
    if redraw.waiting:
        raise MembersNotAnswered
    for member in AS_BEFORE:
        if _plain(request, member) != _plain(last, member):
            raise RedrawDiffers(member=member)
    if request.seats != redraw.open:
        raise RedrawDiffers(member="slots")


def _conditions(draw: Draw) -> Mapping[int, tuple[int, tuple[str, ...], tuple[int, ...]]]:
    """Of each seat: the draw of the section that drew it, its codes, its regions."""
    seq = draw.draw["seq"]
    drawn = [slot for slot in draw.request.slots for _ in range(slot.seats)]
    found = {seat: (seq, slot.codes, slot.regions) for seat, slot in enumerate(drawn)}
    return found | {one.seat: (one.seq, one.codes, one.regions) for one in draw.kept}


def _plain(request: DrawRequest, member: str) -> object:
    if member == "parties":
        return {(one.kind, one.unified_credit_code.strip().upper()) for one in request.parties}
    if member == "demands":
        return UNSEALED in request.demands
    return getattr(request, member)
