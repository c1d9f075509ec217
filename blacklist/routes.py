"""Doors of standing: one puts forward, another confirms; the expert asks and looks."""

from datetime import date, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from blacklist.core.errors import UnknownExpert
from blacklist.core.facts import ExitRequest, Measure, Proposal, china_day
from blacklist.core.grounds import (
    DEPARTURES,
    EXIT_GROUNDS,
    GROUNDS,
    LEAVE_GROUNDS,
    LIFT_GROUNDS,
)
from blacklist.schemas import (
    DecisionIn,
    DepartureIn,
    DepartureOut,
    ExitIn,
    ExitOut,
    ExitsOut,
    LeaveIn,
    LiftIn,
    MeasureIn,
    MeasureOut,
    MeasuresOut,
    MyStandingOut,
    ProposalOut,
    ProposalsOut,
    PublishedListOut,
    PublishedOut,
    ReasonIn,
    StandingOut,
    TermsIn,
)
from blacklist.service import StandingService
from foundation.auth.guards import Principal, public, requires
from foundation.auth.roles import Permission
from foundation.clock import Clock
from foundation.ids import ExpertId

router = APIRouter(prefix="/api", tags=["blacklist"])

Reader = Annotated[Principal, requires(Permission.BLACKLIST_READ)]
Enterer = Annotated[Principal, requires(Permission.BLACKLIST_ENTER, Permission.BLACKLIST_DECIDE)]
Decider = Annotated[Principal, requires(Permission.BLACKLIST_DECIDE)]
Leaver = Annotated[Principal, requires(Permission.EXIT_ASK)]


def service_of(request: Request) -> StandingService:
    """The service that the application hung up."""
    return cast(StandingService, request.app.state.blacklist)


def clock_of(request: Request) -> Clock:
    """The application's clock."""
    return cast(Clock, request.app.state.clock)


Blacklist = Annotated[StandingService, Depends(service_of)]
Now = Annotated[Clock, Depends(clock_of)]


@router.get("/blacklist")
def entries(_: Reader, blacklist: Blacklist, clock: Now, expert: str = "") -> MeasuresOut:
    """Everything on record or all of one expert, ended and lifted entries included."""
    return MeasuresOut(
        entries=[_out(one, clock) for one in blacklist.measures(_of(expert))],
        grounds={code: sorted(ground.kinds) for code, ground in GROUNDS.items()},
        lift_grounds=sorted(LIFT_GROUNDS),
    )


@router.post("/blacklist", status_code=201)
def propose(body: MeasureIn, who: Enterer, blacklist: Blacklist, clock: Now) -> ProposalOut:
    """Put a measure forward. It counts once another person has confirmed it (R-SOD-2); an urgent
    suspension counts at once, and lapses where nobody does."""
    proposal = blacklist.propose(
        ExpertId(body.expert_id), body.terms(), who.account_id, urgent=body.urgent
    )
    return _proposal(proposal, who, blacklist, clock)


@router.post("/blacklist/{id}/correct", status_code=201)
def correct(id: str, body: TermsIn, who: Enterer, blacklist: Blacklist, clock: Now) -> ProposalOut:
    """Put forward what should stand in the place of an entry, which stays on record."""
    proposal = blacklist.propose_correction(id, body.terms(), who.account_id)
    return _proposal(proposal, who, blacklist, clock)


@router.post("/blacklist/{id}/lift", status_code=201)
def lift(id: str, body: LiftIn, who: Enterer, blacklist: Blacklist, clock: Now) -> ProposalOut:
    """Put forward that an entry ends before its day."""
    proposal = blacklist.propose_lift(id, body.ground, body.basis, who.account_id)
    return _proposal(proposal, who, blacklist, clock)


@router.get("/blacklist/proposals")
def proposals(who: Reader, blacklist: Blacklist, clock: Now, expert: str = "") -> ProposalsOut:
    """What waits for a second person, and what became of the rest."""
    every = blacklist.proposals(_of(expert))
    return ProposalsOut(proposals=[_proposal(one, who, blacklist, clock) for one in every])


@router.post("/blacklist/proposals/{id}/confirm")
def confirm(id: str, who: Decider, blacklist: Blacklist, clock: Now) -> ProposalOut:
    """Make it true; not by the person who put it forward."""
    return _proposal(blacklist.confirm(id, who.account_id), who, blacklist, clock)


@router.post("/blacklist/proposals/{id}/return")
def send_back(
    id: str, body: ReasonIn, who: Decider, blacklist: Blacklist, clock: Now
) -> ProposalOut:
    """Send it back with a reason; an urgent suspension ends with it."""
    returned = blacklist.send_back(id, body.reason, who.account_id)
    return _proposal(returned, who, blacklist, clock)


@router.post("/blacklist/proposals/{id}/withdraw")
def withdraw(id: str, who: Enterer, blacklist: Blacklist, clock: Now) -> ProposalOut:
    """Take the own proposal back."""
    return _proposal(blacklist.withdraw(id, who.account_id), who, blacklist, clock)


@router.get(
    "/public/measures",
    dependencies=[public("local rules have decisions published; no name or number is in them")],
)
def published(blacklist: Blacklist, clock: Now) -> PublishedListOut:
    """Decisions that the overlay makes public, also those that ended or were lifted."""
    now = clock.now()
    return PublishedListOut(
        kinds=blacklist.public_kinds,
        entries=[PublishedOut.of(one, now, china_day(now)) for one in blacklist.published()],
    )


@router.get("/standing/{expert_id}")
def standing(
    expert_id: str,
    _: Reader,
    blacklist: Blacklist,
    at: datetime | None = None,
    day: date | None = None,
) -> StandingOut:
    """May this expert serve, and everything that says no: now, or at any past instant."""
    return StandingOut.of(blacklist.standing(ExpertId(expert_id), at, day))


@router.get("/exits")
def exits(_: Reader, blacklist: Blacklist, clock: Now, expert: str = "") -> ExitsOut:
    """All requests to leave the pool, and every other way out."""
    return ExitsOut(
        exits=[_exit(one, clock) for one in blacklist.exits(_of(expert))],
        departures=[DepartureOut.of(one) for one in blacklist.departures(_of(expert))],
        departure_kinds=sorted(DEPARTURES),
        exit_grounds=sorted(EXIT_GROUNDS),
    )


@router.post("/exits", status_code=201)
def propose_exit(body: DepartureIn, who: Enterer, blacklist: Blacklist, clock: Now) -> ProposalOut:
    """Put forward that somebody is out: conditions lost, removed, deceased, incapacity."""
    proposal = blacklist.propose_exit(
        ExpertId(body.expert_id),
        kind=body.kind,
        ground=body.ground,
        basis=body.basis,
        deciding_body=body.deciding_body,
        by=who.account_id,
    )
    return _proposal(proposal, who, blacklist, clock)


@router.post("/exits/{id}/decide")
def decide(id: str, body: DecisionIn, who: Decider, blacklist: Blacklist, clock: Now) -> ExitOut:
    """Grant or refuse; the expert has been out of every draw since asking."""
    return _exit(blacklist.exit_decide(id, body.act(), body.reason, who.account_id), clock)


@router.post("/my/exit", status_code=201)
def ask_to_leave(body: ExitIn, who: Leaver, blacklist: Blacklist, clock: Now) -> ExitOut:
    """Ask to leave the pool; no draw reaches the expert from now on."""
    asked = blacklist.exit_request(_expert(who), body.reason_code, body.text, who.account_id)
    return _exit(asked, clock)


@router.post("/my/leave", status_code=201)
def take_leave(body: LeaveIn, who: Leaver, blacklist: Blacklist, clock: Now) -> MeasureOut:
    """Be on leave from a day to a day, by the expert's own act."""
    leave = blacklist.take_leave(
        _expert(who), body.ground, body.starts_on, body.ends_on, who.account_id
    )
    return _out(leave, clock)


@router.post("/my/leave/{id}/end")
def end_leave(id: str, who: Leaver, blacklist: Blacklist, clock: Now) -> MeasureOut:
    """Come back early."""
    return _out(blacklist.end_leave(_expert(who), id, who.account_id), clock)


@router.get("/my/standing")
def my_standing(who: Leaver, blacklist: Blacklist, clock: Now) -> MyStandingOut:
    """The expert's own standing and all that is on record."""
    expert = _expert(who)
    return MyStandingOut(
        standing=StandingOut.of(blacklist.standing(expert)),
        entries=[_out(one, clock) for one in blacklist.measures(expert)],
        exits=[_exit(one, clock) for one in blacklist.exits(expert)],
        departures=[DepartureOut.of(one) for one in blacklist.departures(expert)],
        exit_grounds=sorted(EXIT_GROUNDS),
        leave_grounds=sorted(LEAVE_GROUNDS),
    )


def _expert(who: Principal) -> ExpertId:
    if who.expert_id is None:
        raise UnknownExpert
    return who.expert_id


def _of(expert: str) -> ExpertId | None:
    return ExpertId(expert) if expert else None


def _out(measure: Measure, clock: Clock) -> MeasureOut:
    now = clock.now()
    return MeasureOut.of(measure, now, china_day(now))


def _exit(one: ExitRequest, clock: Clock) -> ExitOut:
    return ExitOut.of(one, clock.now())


def _proposal(
    one: Proposal, who: Principal, blacklist: StandingService, clock: Clock
) -> ProposalOut:
    return ProposalOut.of(one, clock.now(), may_act=blacklist.may_act(one, who.account_id))
