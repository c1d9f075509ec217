"""Wire shapes of the blacklist."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from blacklist.core.facts import (
    Act,
    Decision,
    Departure,
    ExitRequest,
    Measure,
    Outcome,
    Proposal,
    china_day,
)
from blacklist.core.grounds import GROUNDS, ExitKind, Kind, Status
from blacklist.core.standing import Standing, Why
from blacklist.core.terms import Terms
from foundation.ids import ExpertId
from foundation.working_days import calendar

Words = Annotated[str, Field(min_length=1, max_length=500)]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
Id = Annotated[str, Field(min_length=1, max_length=60)]


def days_left(last: date | None, at: datetime) -> int | None:
    """Working days from the day of `at` to the last day; None where there is no such day."""
    return None if last is None else calendar().left(china_day(at), last)


class In(BaseModel):
    """What comes in; a member that the shape does not have is refused."""

    model_config = ConfigDict(extra="forbid")


class TermsIn(In):
    """The terms of a measure; the article of its ground is the service's."""

    kind: Kind
    ground: Code
    basis: Words
    basis_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    deciding_body: Words
    starts_on: date
    ends_on: date | None = None

    def terms(self) -> Terms:
        """The terms, not yet checked."""
        return Terms(
            kind=self.kind,
            ground=self.ground,
            basis=self.basis,
            deciding_body=self.deciding_body,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            basis_sha256=self.basis_sha256,
        )


class MeasureIn(TermsIn):
    """A measure to put forward; another person confirms it."""

    expert_id: Id
    urgent: bool = False


class LiftIn(In):
    """Why a measure should end before its day."""

    ground: Code
    basis: Words


class DepartureIn(In):
    """Why somebody should be out of the pool."""

    expert_id: Id
    kind: ExitKind
    ground: Code
    basis: Words
    deciding_body: Words


class ReasonIn(In):
    """Why a proposal goes back."""

    reason: Words


class LeaveIn(In):
    """An expert's own leave."""

    ground: Code
    starts_on: date
    ends_on: date


class ExitIn(In):
    """An expert's own request to leave the pool."""

    reason_code: Code
    text: Annotated[str, Field(max_length=500)] = ""


class DecisionIn(In):
    """What was decided on a request to leave."""

    decision: Literal["granted", "refused"]
    reason: Words

    def act(self) -> Decision:
        """The step of the machine."""
        return Decision(self.decision)


class MeasureOut(BaseModel):
    """One entry of the list."""

    id: str
    expert_id: ExpertId
    kind: Kind
    ground: str
    article: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    recorded_at: datetime
    lifted_at: datetime | None
    lift_ground: str
    in_force: bool
    origin: str
    replaces: str
    basis_sha256: str

    @classmethod
    def of(cls, one: Measure, at: datetime, today: date) -> Self:
        """Built from the measure as it stands at `at`."""
        return cls(
            id=one.id,
            expert_id=one.expert_id,
            kind=one.kind,
            ground=one.ground,
            article=GROUNDS[one.ground].article,
            basis=one.basis,
            deciding_body=one.deciding_body,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            recorded_at=one.recorded_at,
            lifted_at=one.lifted_at,
            lift_ground=one.lift_ground,
            in_force=one.in_force(at, today),
            origin=one.origin,
            replaces=one.replaces,
            basis_sha256=one.basis_sha256,
        )


class PublishedOut(BaseModel):
    """A measure as the public reads it: what was decided, and nobody's name or number."""

    id: str
    kind: Kind
    ground: str
    article: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    in_force: bool
    lift_ground: str

    @classmethod
    def of(cls, one: Measure, at: datetime, today: date) -> Self:
        """Built from the measure as it stands at `at`."""
        return cls(
            id=one.id,
            kind=one.kind,
            ground=one.ground,
            article=GROUNDS[one.ground].article,
            basis=one.basis,
            deciding_body=one.deciding_body,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            in_force=one.in_force(at, today),
            lift_ground=one.lift_ground,
        )


class PublishedListOut(BaseModel):
    """What the local rules make public; `kinds` empty says that they make nothing public."""

    kinds: list[Kind]
    entries: list[PublishedOut]


class ExitOut(BaseModel):
    """One request to leave."""

    id: str
    expert_id: ExpertId
    reason_code: str
    text: str
    asked_at: datetime
    decision: Literal["granted", "refused"] | None
    reason: str
    decided_at: datetime | None
    release_on: date | None
    status: Status

    @classmethod
    def of(cls, one: ExitRequest, at: datetime) -> Self:
        """Built from the request as it stands at `at`."""
        words: dict[Decision, Literal["granted", "refused"]] = {
            Decision.GRANT: "granted",
            Decision.REFUSE: "refused",
        }
        return cls(
            id=one.id,
            expert_id=one.expert_id,
            reason_code=one.ground,
            text=one.text,
            asked_at=one.asked_at,
            decision=words.get(one.decision),
            reason=one.reason,
            decided_at=one.decided_at,
            release_on=one.release_on,
            status=one.status(at),
        )


class DepartureOut(BaseModel):
    """One exit that was not the own wish."""

    id: str
    expert_id: ExpertId
    kind: ExitKind
    ground: str
    basis: str
    deciding_body: str
    recorded_at: datetime
    undone_at: datetime | None
    undone_basis: str

    @classmethod
    def of(cls, one: Departure) -> Self:
        """Built from the departure."""
        return cls(
            id=one.id,
            expert_id=one.expert_id,
            kind=one.kind,
            ground=one.ground,
            basis=one.basis,
            deciding_body=one.deciding_body,
            recorded_at=one.recorded_at,
            undone_at=one.undone_at,
            undone_basis=one.undone_basis,
        )


class ProposalOut(BaseModel):
    """What waits, or waited, for a second person.

    `may_act` says whether the asker is another person than the one who put it forward.
    `days_left`: working days until it lapses.
    """

    id: str
    act: Act
    expert_id: ExpertId
    target: str
    urgent: bool
    lapses_on: date | None
    days_left: int | None
    origin: str
    proposed_at: datetime
    outcome: Outcome
    lapsed: bool
    open: bool
    ended_at: datetime | None
    reason: str
    kind: str
    ground: str
    article: str
    basis: str
    basis_sha256: str
    deciding_body: str
    starts_on: date | None
    ends_on: date | None
    may_act: bool

    @classmethod
    def of(cls, one: Proposal, at: datetime, *, may_act: bool) -> Self:
        """Built from the proposal as it stands at `at`."""
        terms = one.terms
        ground = str(terms.get("ground", ""))
        return cls(
            id=one.id,
            act=one.act,
            expert_id=one.expert_id,
            target=one.target,
            urgent=one.urgent,
            lapses_on=one.lapses_on,
            days_left=days_left(one.lapses_on, at),
            origin=one.origin,
            proposed_at=one.proposed_at,
            outcome=one.outcome,
            lapsed=one.lapsed(at),
            open=one.is_open(at),
            ended_at=one.ended_at,
            reason=one.reason,
            kind=terms.get("kind", ""),
            ground=ground,
            article=GROUNDS[ground].article if ground in GROUNDS else "",
            basis=terms.get("basis", ""),
            basis_sha256=terms.get("basis_sha256", ""),
            deciding_body=terms.get("deciding_body", ""),
            starts_on=terms.get("starts_on") or None,
            ends_on=terms.get("ends_on") or None,
            may_act=may_act,
        )


class ProposalsOut(BaseModel):
    """Everything that was put forward, newest first."""

    proposals: list[ProposalOut]


class WhyOut(BaseModel):
    """One thing that stops an expert."""

    status: Status
    rule: str
    until: date | None
    ground: str
    source: str

    @classmethod
    def of(cls, one: Why) -> Self:
        """Built from the reason."""
        return cls(
            status=one.status,
            rule=one.rule,
            until=one.until,
            ground=one.ground,
            source=one.source,
        )


class StandingOut(BaseModel):
    """May the expert serve, and why not."""

    status: str
    may_serve: bool
    rule: str
    until: date | None
    whys: list[WhyOut]

    @classmethod
    def of(cls, one: Standing) -> Self:
        """Built from the standing."""
        return cls(
            status=one.status,
            may_serve=one.may_serve,
            rule=one.rule,
            until=one.until,
            whys=[WhyOut.of(why) for why in one.whys],
        )


class MeasuresOut(BaseModel):
    """The whole list, and the closed lists behind its forms."""

    entries: list[MeasureOut]
    grounds: dict[str, list[Kind]]
    lift_grounds: list[str]


class ExitsOut(BaseModel):
    """All requests to leave, and every other way out."""

    exits: list[ExitOut]
    departures: list[DepartureOut]
    departure_kinds: list[ExitKind]
    exit_grounds: list[str]


class MyStandingOut(BaseModel):
    """An expert's own standing and everything on record."""

    standing: StandingOut
    entries: list[MeasureOut]
    exits: list[ExitOut]
    departures: list[DepartureOut]
    exit_grounds: list[str]
    leave_grounds: list[str]
