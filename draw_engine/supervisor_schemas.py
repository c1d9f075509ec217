"""Wire shapes for the supervisor: counts, chances and the trail; names through one door."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field

from draw_engine.core.admission import Admission
from draw_engine.persons import Person
from draw_engine.rebuild import Check
from draw_engine.schemas import DrawOut, Instant, Out
from draw_engine.standing_watch import Watched
from draw_engine.supervision import Requester, SeatOpened, Step, Supervised


class StageOut(Out):
    """How many candidates a stage of the screening left."""

    stage: str
    rule: str | None
    n: int


class HatChanceOut(Out):
    """A slot's hat: size, and one expert's chance of a seat in it."""

    slot: int
    n: int
    max: float


class RegionChanceOut(Out):
    """A province: its share of seats, and one expert's chance."""

    region: str
    share: float
    mean: float


class ChancesOut(Out):
    """What the admission test found, over all its attempts."""

    accepted: int
    of: int
    hats: list[HatChanceOut]
    regions: list[RegionChanceOut]

    @classmethod
    def of_run(cls, found: Admission, attempts: int) -> Self:
        """The wire form of a dry run."""
        accepted = found.accepted
        seats = sum(one.won for one in found.regions.values()) or 1
        return cls(
            accepted=accepted,
            of=attempts,
            hats=[
                HatChanceOut(slot=slot, n=one.experts, max=round(one.each(accepted), 6))
                for slot, one in found.hats.items()
            ],
            regions=[
                RegionChanceOut(
                    region=f"{region:06d}",
                    share=round(one.won / seats, 6),
                    mean=round(one.each(accepted), 6),
                )
                for region, one in found.regions.items()
            ],
        )


class StepOut(Out):
    """One entry of the trail."""

    index: int
    at: Instant
    type: str
    words_facts: dict[str, Any]

    @classmethod
    def of(cls, one: Step) -> Self:
        """The wire form."""
        return cls(index=one.index, at=one.at, type=one.type, words_facts=one.facts)


class DeclineOut(Out):
    """A seat that became vacant; the wire says `class`, a word Python keeps for itself."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    step: int
    seat: int
    cause: Annotated[str, Field(alias="class")]
    at: Instant
    index: int


class SeatOpenedOut(Out):
    """A final member under the draw's pseudonym, after unsealing."""

    slot: int
    position: int
    tag: str
    org: str
    region: str

    @classmethod
    def of(cls, one: SeatOpened) -> Self:
        """The wire form."""
        return cls(
            slot=one.slot,
            position=one.position,
            tag=one.member.tag.hex(),
            org=one.member.org.hex(),
            region=f"{one.member.region:06d}",
        )


class RequesterOut(Out):
    """How often the applicant asked and was refused: about this lot, and in all."""

    checks: int
    checks_in_all: int
    refused: int
    refused_in_all: int
    aborted_in_all: int

    @classmethod
    def of(cls, one: Requester) -> Self:
        """The wire form."""
        return cls(
            checks=one.checks,
            checks_in_all=one.checks_in_all,
            refused=one.refused,
            refused_in_all=one.refused_in_all,
            aborted_in_all=one.aborted_in_all,
        )


class SupervisedOut(Out):
    """A draw as its supervisor sees it."""

    draw: DrawOut
    request: dict[str, Any]
    funnel: list[StageOut]
    chances: ChancesOut | None
    trail: list[StepOut]
    declines: list[DeclineOut]
    committee: list[SeatOpenedOut] | None
    handle: str | None
    requester: RequesterOut
    may_set_aside: str | None
    recompute_ready: bool

    @classmethod
    def of(
        cls, seen: Supervised, draw: DrawOut, request: dict[str, Any], may_set_aside: str | None
    ) -> Self:
        """The wire form; `may_set_aside` says why the draw may be set aside now, if it may."""
        found, committee = seen.admission, seen.committee
        return cls(
            draw=draw,
            request=request,
            funnel=[StageOut(**stage) for stage in seen.draw.funnel],
            chances=ChancesOut.of_run(found, seen.attempts) if found else None,
            trail=[StepOut.of(step) for step in seen.trail],
            declines=[
                DeclineOut(
                    step=one.step,
                    seat=one.seat,
                    cause=one.cause,
                    at=one.mark.at,
                    index=one.mark.index,
                )
                for one in seen.draw.declines
            ],
            committee=None if committee is None else [SeatOpenedOut.of(one) for one in committee],
            handle=seen.draw.handle or None,
            requester=RequesterOut.of(seen.requester),
            may_set_aside=may_set_aside,
            recompute_ready=seen.draw.manifest is not None,
        )


class CheckOut(Out):
    """One check of the supervisor's recomputation."""

    name: str
    outcome: str
    detail: str


class RecomputeOut(Out):
    """All checks of a recomputation."""

    checks: list[CheckOut]

    @classmethod
    def of(cls, found: list[Check]) -> Self:
        """The wire form."""
        checks = [CheckOut(name=c.name, outcome=c.outcome, detail=c.detail) for c in found]
        return cls(checks=checks)


class StandingChangeOut(Out):
    """One act that stopped or freed an expert close to a freeze."""

    at: Instant
    expert_id: str
    stops: bool
    status: str
    ground: str
    source: str
    flip: bool
    candidate: bool


class StandingChangesOut(Out):
    """What changed around a freeze, oldest first."""

    since: Instant
    until: Instant
    frozen_at: Instant | None
    changes: list[StandingChangeOut]

    @classmethod
    def of(cls, found: Watched) -> Self:
        """The wire form."""
        return cls(
            since=found.since,
            until=found.until,
            frozen_at=found.frozen_at,
            changes=[
                StandingChangeOut(
                    at=one.change.at,
                    expert_id=one.change.expert_id,
                    stops=one.change.stops,
                    status=one.change.status,
                    ground=one.change.ground,
                    source=one.change.source,
                    flip=one.change.flip,
                    candidate=one.candidate,
                )
                for one in found.seen
            ],
        )


class NameOut(Out):
    """A member with a name: for the supervisor, after an entry said so."""

    seat: int
    expert_id: str
    name: str
    employer: str
    generated: bool

    @classmethod
    def of(cls, seat: int, person: Person, employer: str) -> Self:
        """The wire form."""
        return cls(
            seat=seat,
            expert_id=person.expert_id,
            name=person.name,
            employer=employer,
            generated=person.generated,
        )


class NamesOut(Out):
    """The members of a committee."""

    members: list[NameOut]
