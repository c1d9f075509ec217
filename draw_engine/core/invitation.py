"""The machine of one invitation: who may answer what, until when.

| from      | accept   | decline  | overdue    | replace  | release  | carry |
|-----------|----------|----------|------------|----------|----------|-------|
| invited   | accepted | declined | unanswered | -        | released | -     |
| accepted  | -        | declined | -          | replaced | released | kept  |
| declined  | -        | -        | -          | replaced | released | kept  |
| unanswered| -        | -        | -          | replaced | released | -     |
| replaced  | -        | -        | -          | -        | -        | kept  |
| released  | -        | -        | -          | -        | -        | kept  |
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final

from foundation.errors import Kind, ServiceError


class Status(StrEnum):
    """Where an invitation stands."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    REPLACED = "replaced"
    RELEASED = "released"
    KEPT = "kept"
    """The seat goes on in the next draw of the section, and so does what was answered."""


class Act(StrEnum):
    """What can happen to an invitation."""

    ACCEPT = "accept"
    DECLINE = "decline"
    OVERDUE = "overdue"
    REPLACE = "replace"
    RELEASE = "release"
    CARRY = "carry"


class DeclineReason(StrEnum):
    """Why an expert declines; a closed list, never free text about the project."""

    ILLNESS = "illness"
    DUTY = "duty"
    CONFLICT = "conflict"
    TRAVEL = "travel"
    OTHER = "other"


class InvitationClosed(ServiceError):
    """The invitation no longer takes this answer (R-REP-1)."""

    code = "draw.invitation_closed"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-REP-1"


MOVES: Final[Mapping[tuple[Status, Act], Status]] = MappingProxyType(
    {
        (Status.INVITED, Act.ACCEPT): Status.ACCEPTED,
        (Status.INVITED, Act.DECLINE): Status.DECLINED,
        (Status.INVITED, Act.OVERDUE): Status.UNANSWERED,
        (Status.ACCEPTED, Act.DECLINE): Status.DECLINED,
        (Status.ACCEPTED, Act.REPLACE): Status.REPLACED,
        (Status.INVITED, Act.REPLACE): Status.REPLACED,
        (Status.DECLINED, Act.REPLACE): Status.REPLACED,
        (Status.UNANSWERED, Act.REPLACE): Status.REPLACED,
        (Status.INVITED, Act.RELEASE): Status.RELEASED,
        (Status.ACCEPTED, Act.RELEASE): Status.RELEASED,
        (Status.DECLINED, Act.RELEASE): Status.RELEASED,
        (Status.UNANSWERED, Act.RELEASE): Status.RELEASED,
        (Status.ACCEPTED, Act.CARRY): Status.KEPT,
        (Status.DECLINED, Act.CARRY): Status.KEPT,
        (Status.REPLACED, Act.CARRY): Status.KEPT,
        (Status.RELEASED, Act.CARRY): Status.KEPT,
    }
)
"""The table above; what is not in it is refused."""

SEATED: Final = frozenset({Status.INVITED, Status.ACCEPTED})
"""Statuses that hold a seat and a window of time (R-ELIG-8)."""

CLASS_OF_REASON: Final[Mapping[str, str]] = MappingProxyType({DeclineReason.CONFLICT: "conflict"})
"""Decline class in the ledger where it is not plainly `refused`."""


def moved(status: Status, act: Act) -> Status:
    """The status after `act`.

    Raises:
        InvitationClosed: the table has no such move.
    """
    try:
        return MOVES[status, act]
    except KeyError:
        raise InvitationClosed(status=status.value) from None
