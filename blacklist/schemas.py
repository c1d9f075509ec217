"""Wire shapes of the blacklist."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from blacklist.core.grounds import GROUNDS, Kind
from blacklist.core.standing import Act, ExitRequest, Measure, Standing
from foundation.ids import ExpertId

Words = Annotated[str, Field(min_length=1, max_length=500)]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
Id = Annotated[str, Field(min_length=1, max_length=60)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MeasureIn(_In):
    """A measure to put on record; the article of its ground is the service's."""

    expert_id: Id
    kind: Kind
    ground: Code
    basis: Words
    deciding_body: Words
    starts_on: date
    ends_on: date | None = None


class LiftIn(_In):
    """Why a measure ends before its day."""

    ground: Code
    basis: Words


class ExitIn(_In):
    """An expert's own request to leave the pool."""

    reason_code: Code
    text: Annotated[str, Field(max_length=500)] = ""


class DecisionIn(_In):
    """What was decided on a request to leave."""

    decision: Literal["granted", "refused"]
    reason: Words

    def act(self) -> Act:
        """The step of the machine."""
        return Act(self.decision)


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
        )


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

    @classmethod
    def of(cls, one: ExitRequest) -> Self:
        """Built from the request."""
        words: dict[Act, Literal["granted", "refused"]] = {
            Act.GRANT: "granted",
            Act.REFUSE: "refused",
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
        )


class StandingOut(BaseModel):
    """May the expert serve, and why not."""

    status: str
    may_serve: bool
    rule: str
    until: date | None

    @classmethod
    def of(cls, one: Standing) -> Self:
        """Built from the standing."""
        return cls(status=one.status, may_serve=one.may_serve, rule=one.rule, until=one.until)


class MeasuresOut(BaseModel):
    """The whole list, and the closed lists behind its forms."""

    entries: list[MeasureOut]
    grounds: dict[str, list[Kind]]
    lift_grounds: list[str]


class ExitsOut(BaseModel):
    """All requests to leave."""

    exits: list[ExitOut]


class MyStandingOut(BaseModel):
    """An expert's own standing and everything on record."""

    standing: StandingOut
    entries: list[MeasureOut]
    exits: list[ExitOut]
    exit_grounds: list[str]
