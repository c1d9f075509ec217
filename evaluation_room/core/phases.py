"""The phase table: where a phase leads, who ends it, and what must be true first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from evaluation_room.core.commands import Who
from evaluation_room.core.room import Room, Seat
from evaluation_room.core.values import Phase

Rule = Callable[[Room], int]
"""How many seats or questions still object; 0 lets the room go on."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row: the next phase, who ends this one (None: it ends by itself), and the rule."""

    to: Phase
    led_by: Who | None
    rule: Rule


def _every_seat(test: Callable[[Seat], bool]) -> Rule:
    return lambda room: sum(1 for seat in room.seats if not test(seat)) + len(room.vacant)


every_seat_is_present = _every_seat(lambda seat: seat.checked_in_at is not None)
every_member_undertook = _every_seat(lambda seat: seat.undertaken)
every_member_declared = _every_seat(lambda seat: seat.declared)
every_sheet_is_opened = _every_seat(lambda seat: seat.opened is not None)
every_member_signed_or_dissented = _every_seat(lambda seat: seat.signature is not None)


def one_leader_is_chosen(room: Room) -> int:
    """A leader is elected, and no seat is empty."""
    return int(room.leader is None) + len(room.vacant)


def every_question_is_answered(room: Room) -> int:
    """No flag is open and results stand; a leader must be there to say so."""
    return len(room.open_flags) + int(room.results is None) + one_leader_is_chosen(room)


STEPS: Final[Mapping[Phase, Step]] = {
    Phase.CHECK_IN: Step(Phase.UNDERTAKING, Who.CLERK, every_seat_is_present),
    Phase.UNDERTAKING: Step(Phase.RECUSAL, None, every_member_undertook),
    Phase.RECUSAL: Step(Phase.LEADER, None, every_member_declared),
    Phase.LEADER: Step(Phase.SCORING, None, one_leader_is_chosen),
    Phase.SCORING: Step(Phase.SUMMARY, None, every_sheet_is_opened),
    Phase.SUMMARY: Step(Phase.REPORT, Who.LEADER, every_question_is_answered),
    Phase.REPORT: Step(Phase.CLOSED, Who.CLERK, every_member_signed_or_dissented),
}
"""`preparing` has no row: `room.made_ready` opens the room. `closed` leads nowhere."""
