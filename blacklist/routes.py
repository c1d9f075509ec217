"""Doors of the blacklist: the pool manager enters, the supervisor decides, the expert asks."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from blacklist.core.errors import UnknownExpert
from blacklist.core.grounds import EXIT_GROUNDS, GROUNDS, LIFT_GROUNDS
from blacklist.core.standing import Measure, china_day
from blacklist.schemas import (
    DecisionIn,
    ExitIn,
    ExitOut,
    ExitsOut,
    LiftIn,
    MeasureIn,
    MeasureOut,
    MeasuresOut,
    MyStandingOut,
    StandingOut,
)
from blacklist.service import BlacklistService
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission
from foundation.clock import Clock
from foundation.ids import ExpertId

router = APIRouter(prefix="/api", tags=["blacklist"])

Reader = Annotated[Principal, requires(Permission.BLACKLIST_READ)]
Enterer = Annotated[Principal, requires(Permission.BLACKLIST_ENTER, Permission.BLACKLIST_DECIDE)]
Decider = Annotated[Principal, requires(Permission.BLACKLIST_DECIDE)]
Leaver = Annotated[Principal, requires(Permission.EXIT_ASK)]


def service_of(request: Request) -> BlacklistService:
    """The service that the application hung up."""
    return cast(BlacklistService, request.app.state.blacklist)


def clock_of(request: Request) -> Clock:
    """The application's clock."""
    return cast(Clock, request.app.state.clock)


Blacklist = Annotated[BlacklistService, Depends(service_of)]
Now = Annotated[Clock, Depends(clock_of)]


@router.get("/blacklist")
def entries(_: Reader, blacklist: Blacklist, clock: Now) -> MeasuresOut:
    """Everything on record, ended and lifted entries included."""
    return MeasuresOut(
        entries=[_out(one, clock) for one in blacklist.measures()],
        grounds={code: sorted(ground.kinds) for code, ground in GROUNDS.items()},
        lift_grounds=sorted(LIFT_GROUNDS),
    )


@router.post("/blacklist", status_code=201)
def record(body: MeasureIn, who: Enterer, blacklist: Blacklist, clock: Now) -> MeasureOut:
    """Put a measure on record. It counts from the next freeze of a draw on."""
    measure = blacklist.record(
        ExpertId(body.expert_id),
        kind=body.kind,
        ground=body.ground,
        basis=body.basis,
        deciding_body=body.deciding_body,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        by=who.account_id,
    )
    return _out(measure, clock)


@router.post("/blacklist/{id}/lift")
def lift(id: str, body: LiftIn, who: Decider, blacklist: Blacklist, clock: Now) -> MeasureOut:
    """End a measure early; not by the person who entered it (R-SOD-1)."""
    return _out(blacklist.lift(id, body.ground, body.basis, who.account_id), clock)


@router.get("/exits")
def exits(_: Reader, blacklist: Blacklist) -> ExitsOut:
    """All requests to leave the pool."""
    return ExitsOut(exits=[ExitOut.of(one) for one in blacklist.exits()])


@router.post("/exits/{id}/decide")
def decide(id: str, body: DecisionIn, who: Decider, blacklist: Blacklist) -> ExitOut:
    """Grant or refuse; the expert has been out of every draw since asking."""
    return ExitOut.of(blacklist.exit_decide(id, body.act(), body.reason, who.account_id))


@router.post("/my/exit", status_code=201)
def ask_to_leave(body: ExitIn, who: Leaver, blacklist: Blacklist) -> ExitOut:
    """Ask to leave the pool; no draw reaches the expert from now on."""
    asked = blacklist.exit_request(_expert(who), body.reason_code, body.text, who.account_id)
    return ExitOut.of(asked)


@router.get("/my/standing")
def my_standing(who: Leaver, blacklist: Blacklist, clock: Now) -> MyStandingOut:
    """The expert's own standing and all that is on record."""
    expert = _expert(who)
    return MyStandingOut(
        standing=StandingOut.of(blacklist.standing(expert)),
        entries=[_out(one, clock) for one in blacklist.measures(expert)],
        exits=[ExitOut.of(one) for one in blacklist.exits(expert)],
        exit_grounds=sorted(EXIT_GROUNDS),
    )


def _expert(who: Principal) -> ExpertId:
    if who.expert_id is None:
        raise UnknownExpert
    return who.expert_id


def _out(measure: Measure, clock: Clock) -> MeasureOut:
    now = clock.now()
    return MeasureOut.of(measure, now, china_day(now))
