"""The machine of a standing (任职状态), and the fold of what is on record.

A standing is computed, never stored: measures (措施) have first and last days, so one that
is over has ended by itself and no clerk can forget to end it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from blacklist.core.errors import WrongStatus
from blacklist.core.grounds import EXIT_REASON, EXITED_REASON, KINDS, STATUS_GATE, Kind, Status
from foundation.ids import ExpertId
from foundation.instants import CHINA_STANDARD_TIME


class Act(StrEnum):
    """What moves the exit of an expert."""

    ASK = "ask"
    GRANT = "granted"
    REFUSE = "refused"


EXIT_STEPS: Final[Mapping[tuple[Status, Act], Status]] = {
    (Status.ACTIVE, Act.ASK): Status.EXIT_PENDING,
    (Status.EXIT_PENDING, Act.GRANT): Status.EXITED,
    (Status.EXIT_PENDING, Act.REFUSE): Status.ACTIVE,
}
"""The whole machine of leaving; what is not here is refused. Asking works under any
measure, since nobody is held in the pool: a suspended expert may leave, and stays on record."""


def step(status: Status, act: Act) -> Status:
    """Where `act` leads.

    Raises:
        WrongStatus: the machine has no such step.
    """
    try:
        return EXIT_STEPS[status, act]
    except KeyError as none:
        raise WrongStatus(status=status) from none


@dataclass(frozen=True, slots=True)
class Measure:
    """One entry of the list: in force from `starts_on` to `ends_on`, both inclusive.

    `ends_on` None has no end. Days are those of China Standard Time, instants are UTC.
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
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lift_ground: str = ""
    lift_basis: str = ""

    def in_force(self, at: datetime, day: date) -> bool:
        """Does it stand at the instant `at` for service on `day`?"""
        known = self.recorded_at <= at and (self.lifted_at is None or at < self.lifted_at)
        return known and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class ExitRequest:
    """One request to leave the pool, with what was decided."""

    id: str
    expert_id: ExpertId
    ground: str
    text: str
    asked_by: str
    asked_at: datetime
    decision: Act = Act.ASK
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None

    def status(self, at: datetime) -> Status:
        """What this request alone makes of the expert at an instant."""
        if at < self.asked_at:
            return Status.ACTIVE
        pending = step(Status.ACTIVE, Act.ASK)
        if self.decided_at is None or at < self.decided_at:
            return pending
        return step(pending, self.decision)


@dataclass(frozen=True, slots=True)
class Standing:
    """May the expert serve, and why not: status, rule, the protocol's reason number, last day."""

    status: Status
    rule: str = ""
    reason: int = 0
    until: date | None = None

    @property
    def may_serve(self) -> bool:
        """Only an active expert may be drawn."""
        return self.status is Status.ACTIVE


ACTIVE: Final = Standing(Status.ACTIVE)


def china_day(at: datetime) -> date:
    """The day in China Standard Time."""
    return at.astimezone(CHINA_STANDARD_TIME).date()


def may_serve(
    measures: Iterable[Measure],
    exits: Iterable[ExitRequest],
    at: datetime,
    day: date | None = None,
) -> Standing:
    """The standing of one expert.

    Args:
        measures, exits: everything on record about this expert.
        at: the instant of asking; a draw asks at its freeze, so a new entry counts from
            the next freeze on.
        day: day of the evaluation. A measure in force on the day of asking or on this
            one stops the expert.

    Returns:
        The standing with the lowest reason number that applies; the latest end of those.

    Source: RULES R-ELIG-5, R-ELIG-6, R-EXIT-6.
    """
    days = {china_day(at), day or china_day(at)}
    found = [
        Standing(rule.status, rule.rule, rule.reason, one.ends_on)
        for one in measures
        if any(one.in_force(at, on) for on in days)
        for rule in (KINDS[one.kind],)
    ]
    for status in (one.status(at) for one in exits):
        if status is Status.EXITED:
            found.append(Standing(status, STATUS_GATE, EXITED_REASON))
        elif status is Status.EXIT_PENDING:
            found.append(Standing(status, STATUS_GATE, EXIT_REASON))
    return min(found, key=lambda one: (one.reason, -_end(one)), default=ACTIVE)


def _end(standing: Standing) -> int:
    return (standing.until or date.max).toordinal()


@dataclass(frozen=True, slots=True)
class Register:
    """All measures and exits by id: the state of the stream."""

    measures: Mapping[str, Measure]
    exits: Mapping[str, ExitRequest]


def fold(facts: Iterable[tuple[str, Mapping[str, Any] | None]]) -> Register:
    """The register that the entries (type, body) of the stream `standing` add up to.

    An entry whose body was erased is passed over, and so is what came of it.
    """
    measures: dict[str, Measure] = {}
    exits: dict[str, ExitRequest] = {}
    for type_, body in facts:
        match type_:
            case _ if body is None:
                continue
            case "blacklist.recorded":
                measures[body["id"]] = measure_of(body)
            case "blacklist.lifted":
                if body["id"] in measures:
                    measures[body["id"]] = lifted(measures[body["id"]], body)
            case "blacklist.exit_asked":
                exits[body["id"]] = exit_of(body)
            case "blacklist.exit_decided":
                if body["id"] in exits:
                    exits[body["id"]] = decided(exits[body["id"]], body)
            case _:
                raise ValueError(f"the stream has no entry of type {type_}")
    return Register(measures, exits)


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
        ends_on=date.fromisoformat(body["ends_on"]) if body["ends_on"] else None,
        recorded_by=body["by"],
        recorded_at=datetime.fromisoformat(body["at"]),
    )


def lifted(measure: Measure, body: Mapping[str, Any]) -> Measure:
    """The measure after `blacklist.lifted`."""
    return replace(
        measure,
        lifted_at=datetime.fromisoformat(body["at"]),
        lifted_by=body["by"],
        lift_ground=body["ground"],
        lift_basis=body["basis"],
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
    )


def decided(request: ExitRequest, body: Mapping[str, Any]) -> ExitRequest:
    """The request after `blacklist.exit_decided`."""
    return replace(
        request,
        decision=Act(body["decision"]),
        reason=body["reason"],
        decided_by=body["by"],
        decided_at=datetime.fromisoformat(body["at"]),
    )
