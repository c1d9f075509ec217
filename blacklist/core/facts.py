"""What is on record about an expert: measures, proposals, requests to leave, departures.

Each is a value built from the bodies of entries (SPEC.md section 2). Days are those of China
Standard Time, instants are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from blacklist.core.errors import WrongStatus
from blacklist.core.grounds import CORRECTED, ExitKind, Kind, Status
from foundation.ids import ExpertId
from foundation.instants import CHINA_STANDARD_TIME


def china_day(at: datetime) -> date:
    """The day in China Standard Time."""
    return at.astimezone(CHINA_STANDARD_TIME).date()


@dataclass(frozen=True, slots=True)
class Measure:
    """One entry of the list: in force from `starts_on` to `ends_on`, both inclusive.

    `ends_on` None has no end. `proposed_by` is empty where one person's act suffices: an
    expert's own leave, and entries from before two persons were asked.
    """

    id: str
    expert_id: ExpertId
    kind: Kind
    ground: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    recorded_by: str
    recorded_at: datetime
    basis_sha256: str = ""
    origin: str = ""
    replaces: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    urgent: bool = False
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lift_ground: str = ""
    lift_basis: str = ""
    lift_proposed_by: str = ""

    @property
    def counts_from(self) -> datetime:
        """An urgent suspension counts from its proposal, everything else once recorded."""
        return self.proposed_at if self.urgent and self.proposed_at else self.recorded_at

    def in_force(self, at: datetime, day: date) -> bool:
        """Does it stand at the instant `at` for service on `day`?"""
        known = self.counts_from <= at and (self.lifted_at is None or at < self.lifted_at)
        return known and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Act(StrEnum):
    """What a proposal asks a second person to confirm."""

    ENTER = "enter"
    CORRECT = "correct"
    LIFT = "lift"
    EXIT = "exit"


class Outcome(StrEnum):
    """How a proposal ended."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one person has put forward and another must confirm (R-SOD-2).

    Attributes:
        target: the measure to correct or lift, the departure to undo.
        terms: members of a measure's or a departure's body; of a lift ground and basis.
        lapses_on: last day on which an urgent suspension counts without confirmation.
    """

    id: str
    act: Act
    expert_id: ExpertId
    terms: Mapping[str, Any]
    proposed_by: str
    proposed_at: datetime
    target: str = ""
    urgent: bool = False
    lapses_on: date | None = None
    origin: str = ""
    outcome: Outcome = Outcome.OPEN
    ended_at: datetime | None = None
    ended_by: str = ""
    reason: str = ""

    def lapsed(self, at: datetime) -> bool:
        """Whether an urgent suspension has ended by itself, for nobody confirmed it in time."""
        unconfirmed = self.outcome is Outcome.OPEN or (self.ended_at or at) > at
        return unconfirmed and self.lapses_on is not None and china_day(at) > self.lapses_on

    def is_open(self, at: datetime) -> bool:
        """Whether a second person may still act on it."""
        return self.outcome is Outcome.OPEN and not self.lapsed(at)

    def in_force(self, at: datetime, day: date) -> bool:
        """Whether it stops draws at `at` although nobody has confirmed it yet."""
        if not self.urgent or self.act is not Act.ENTER or self.lapses_on is None:
            return False
        waits = self.proposed_at <= at and (self.ended_at is None or at < self.ended_at)
        return waits and china_day(at) <= self.lapses_on and self.measure.in_force(at, day)

    @property
    def measure(self) -> Measure:
        """The measure that it would become."""
        body = {**self.terms, "id": self.id, "expert_id": self.expert_id, "urgent": self.urgent}
        at = self.proposed_at.isoformat()
        return measure_of({**body, "by": "", "at": at, "proposed_at": at})


class Decision(StrEnum):
    """What is decided on a request to leave the pool."""

    ASK = "ask"
    GRANT = "granted"
    REFUSE = "refused"


EXIT_STEPS: Final[Mapping[tuple[Status, Decision], Status]] = {
    (Status.ACTIVE, Decision.ASK): Status.EXIT_PENDING,
    (Status.EXIT_PENDING, Decision.GRANT): Status.EXITED,
    (Status.EXIT_PENDING, Decision.REFUSE): Status.ACTIVE,
}
"""The whole machine of leaving by the own wish; what is not here is refused. Asking works under
any measure, since nobody is held in the pool: a suspended expert may leave, and stays on record."""


def step(status: Status, act: Decision) -> Status:
    """Where `act` leads.

    Raises:
        WrongStatus: the machine has no such step.
    """
    try:
        return EXIT_STEPS[status, act]
    except KeyError as none:
        raise WrongStatus(status=status) from none


@dataclass(frozen=True, slots=True)
class ExitRequest:
    """One request to leave the pool, with what was decided.

    `release_on` is the last day of the time in which it must be decided (R-EXIT-3): who is
    still waiting on the day after has left. None: from before there was such a day.
    """

    id: str
    expert_id: ExpertId
    ground: str
    text: str
    asked_by: str
    asked_at: datetime
    decision: Decision = Decision.ASK
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    release_on: date | None = None

    def released(self, at: datetime) -> bool:
        """Whether the time to decide is over without a decision."""
        waiting = self.decided_at is None or at < self.decided_at
        return waiting and self.release_on is not None and china_day(at) > self.release_on

    def status(self, at: datetime) -> Status:
        """What this request alone makes of the expert at an instant."""
        if at < self.asked_at:
            return Status.ACTIVE
        pending = step(Status.ACTIVE, Decision.ASK)
        if self.released(at):
            return step(pending, Decision.GRANT)
        if self.decided_at is None or at < self.decided_at:
            return pending
        return step(pending, self.decision)


@dataclass(frozen=True, slots=True)
class Departure:
    """An exit that was not the own wish: conditions lost, removed, deceased, incapacity."""

    id: str
    expert_id: ExpertId
    kind: ExitKind
    ground: str
    basis: str
    deciding_body: str
    proposed_by: str
    recorded_by: str
    recorded_at: datetime
    origin: str = ""
    undone_at: datetime | None = None
    undone_by: str = ""
    undone_basis: str = ""

    def in_force(self, at: datetime) -> bool:
        """Has the expert left by this at the instant `at`?"""
        return self.recorded_at <= at and (self.undone_at is None or at < self.undone_at)


Fact = Measure | Proposal | ExitRequest | Departure


def measure_of(body: Mapping[str, Any]) -> Measure:
    """The measure in the body of `blacklist.recorded`; an empty end is none."""
    return Measure(
        id=body["id"],
        expert_id=ExpertId(body["expert_id"]),
        kind=Kind(body["kind"]),
        ground=body["ground"],
        basis=body["basis"],
        deciding_body=body["deciding_body"],
        starts_on=date.fromisoformat(body["starts_on"]),
        ends_on=_day(body["ends_on"]),
        recorded_by=body["by"],
        recorded_at=datetime.fromisoformat(body["at"]),
        basis_sha256=body.get("basis_sha256", ""),
        origin=body.get("origin", ""),
        replaces=body.get("replaces", ""),
        proposed_by=body.get("proposed_by", ""),
        proposed_at=_instant(body.get("proposed_at", "")),
        urgent=body.get("urgent", False),
    )


def leave_of(body: Mapping[str, Any]) -> Measure:
    """The expert's own leave in the body of `blacklist.leave_taken`."""
    none = {"basis": "", "deciding_body": "", "kind": Kind.LEAVE.value}
    return measure_of(none | dict(body))


def lifted(measure: Measure, body: Mapping[str, Any]) -> Measure:
    """The measure after `blacklist.lifted` or `blacklist.leave_ended`."""
    return replace(
        measure,
        lifted_at=datetime.fromisoformat(body["at"]),
        lifted_by=body["by"],
        lift_ground=body.get("ground", ""),
        lift_basis=body.get("basis", ""),
        lift_proposed_by=body.get("proposed_by", ""),
    )


def replaced(measure: Measure, by: Measure) -> Measure:
    """The measure that a correction has taken the place of."""
    return replace(
        measure,
        lifted_at=by.recorded_at,
        lifted_by=by.recorded_by,
        lift_ground=CORRECTED,
        lift_basis=by.basis,
        lift_proposed_by=by.proposed_by,
    )


def proposal_of(body: Mapping[str, Any]) -> Proposal:
    """The proposal in the body of `blacklist.proposed`."""
    return Proposal(
        id=body["id"],
        act=Act(body["act"]),
        expert_id=ExpertId(body["expert_id"]),
        terms=body["terms"],
        proposed_by=body["by"],
        proposed_at=datetime.fromisoformat(body["at"]),
        target=body["target"],
        urgent=body["urgent"],
        lapses_on=_day(body["lapses_on"]),
        origin=body["origin"],
    )


def ended(proposal: Proposal, outcome: Outcome, body: Mapping[str, Any]) -> Proposal:
    """The proposal after somebody confirmed, returned or withdrew it."""
    return replace(
        proposal,
        outcome=outcome,
        ended_at=datetime.fromisoformat(body["at"]),
        ended_by=body["by"],
        reason=body.get("reason", ""),
    )


def exit_of(body: Mapping[str, Any]) -> ExitRequest:
    """The request in the body of `blacklist.exit_asked`."""
    return ExitRequest(
        id=body["id"],
        expert_id=ExpertId(body["expert_id"]),
        ground=body["ground"],
        text=body["text"],
        asked_by=body["by"],
        asked_at=datetime.fromisoformat(body["at"]),
        release_on=_day(body.get("release_on", "")),
    )


def decided(request: ExitRequest, body: Mapping[str, Any]) -> ExitRequest:
    """The request after `blacklist.exit_decided`."""
    return replace(
        request,
        decision=Decision(body["decision"]),
        reason=body["reason"],
        decided_by=body["by"],
        decided_at=datetime.fromisoformat(body["at"]),
    )


def departure_of(body: Mapping[str, Any]) -> Departure:
    """The departure in the body of `blacklist.exited`."""
    return Departure(
        id=body["id"],
        expert_id=ExpertId(body["expert_id"]),
        kind=ExitKind(body["kind"]),
        ground=body["ground"],
        basis=body["basis"],
        deciding_body=body["deciding_body"],
        proposed_by=body["proposed_by"],
        recorded_by=body["by"],
        recorded_at=datetime.fromisoformat(body["at"]),
        origin=body.get("origin", ""),
    )


def undone(departure: Departure, body: Mapping[str, Any]) -> Departure:
    """The departure after `blacklist.restored`."""
    return replace(
        departure,
        undone_at=datetime.fromisoformat(body["at"]),
        undone_by=body["by"],
        undone_basis=body["basis"],
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
