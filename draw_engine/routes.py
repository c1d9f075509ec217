"""HTTP of draws for applicants, clerks and supervisors; translates, decides nothing.

A timer runs a draw; no door here starts one (R-TIME-4), and no door takes an expert as an
input (R-PRIN-1).
"""

from typing import Annotated

from fastapi import APIRouter, Response

from draw_engine import expert_routes, holder_routes, log_routes, public_routes
from draw_engine.desk import AtDesk
from draw_engine.schemas import (
    DrawCheckOut,
    DrawOut,
    DrawRequestIn,
    DrawsOut,
    NamesIn,
    RuleOut,
    SetAsideIn,
    SlotCheckOut,
    WithdrawIn,
)
from draw_engine.supervisor_schemas import (
    NameOut,
    NamesOut,
    RecomputeOut,
    StandingChangesOut,
    SupervisedOut,
)
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission, Role

JSON = "application/json"

own = APIRouter(prefix="/api", tags=["draws"])

Checker = Annotated[Principal, requires(Permission.DRAW_CHECK)]
Applicant = Annotated[Principal, requires(Permission.DRAW_FILE)]
Withdrawer = Annotated[Principal, requires(Permission.DRAW_WITHDRAW)]
Reader = Annotated[Principal, requires(Permission.DRAW_READ)]
Supervisor = Annotated[Principal, requires(Permission.DRAW_SUPERVISE)]
NameReader = Annotated[Principal, requires(Permission.DRAW_NAMES)]


@own.post("/draws/check")
def check(body: DrawRequestIn, who: Checker, desk: AtDesk) -> DrawCheckOut:
    """What the rule book says of a request, before it is filed."""
    found = desk.draws.check(body.to_request(who.account_id))
    return DrawCheckOut(
        admissible=found.admissible,
        slots=[SlotCheckOut.of(band, refusal) for band, refusal in found.slots],
        rules=[RuleOut.of(one) for one in found.rules],
    )


@own.post("/draws", status_code=202)
def file(body: DrawRequestIn, who: Applicant, desk: AtDesk) -> DrawOut:
    """File a draw request (抽取申请). A timer runs it; no person clicks "draw" (R-TIME-4)."""
    return desk.shown_as(desk.draws.file(body.to_request(who.account_id)))


@own.get("/draws")
def draws(who: Reader, desk: AtDesk) -> DrawsOut:
    """An applicant's own draws; all of them for clerks and supervisors."""
    own = who.account_id if who.role is Role.APPLICANT else None
    return DrawsOut(draws=[desk.shown_as(one) for one in desk.draws.draws(own)])


@own.get("/draws/{draw_id}")
def draw(draw_id: str, who: Reader, desk: AtDesk) -> DrawOut:
    """One draw."""
    desk.draws.require_reader(draw_id, who.account_id if who.role is Role.APPLICANT else None)
    return desk.shown(draw_id)


@own.get("/draws/{draw_id}/redraw")
def redraw(draw_id: str, who: Applicant, desk: AtDesk) -> DrawRequestIn:
    """The request for the open seats of an ended draw, to be filed with new times of drawing."""
    return DrawRequestIn.of(desk.draws.redraw(draw_id, who.account_id))


@own.post("/draws/{draw_id}/withdraw")
def withdraw(draw_id: str, body: WithdrawIn, who: Withdrawer, desk: AtDesk) -> DrawOut:
    """Take a request back; after the freeze the supervisor's signature is needed."""
    return desk.shown_as(desk.draws.withdraw(draw_id, who.account_id, body.reason))


@own.get("/supervisor/draws/{draw_id}")
def supervised(draw_id: str, _: Supervisor, desk: AtDesk) -> SupervisedOut:
    """A draw with counts, chances and its trail of entries; no names."""
    seen = desk.supervision.look(draw_id)
    request = DrawRequestIn.of(seen.draw.request).model_dump(mode="json")
    may_set_aside = desk.draws.why_set_aside(seen.draw)
    return SupervisedOut.of(seen, desk.shown_as(seen.draw), request, may_set_aside)


@own.get("/supervisor/draws/{draw_id}/standing-changes")
def standing_changes(draw_id: str, _: Supervisor, desk: AtDesk) -> StandingChangesOut:
    """Which standings people changed close to the freeze, and which of them touch this draw."""
    return StandingChangesOut.of(desk.standing_watch.look(draw_id))


@own.post("/supervisor/draws/{draw_id}/set-aside")
def set_aside(draw_id: str, body: SetAsideIn, who: Supervisor, desk: AtDesk) -> DrawOut:
    """Let an ended draw's members go, or end one whose abort a replaced key never signed."""
    return desk.shown_as(desk.draws.set_aside(draw_id, who.account_id, body.reason))


@own.post("/supervisor/draws/{draw_id}/recompute")
def recompute(draw_id: str, who: Supervisor, desk: AtDesk) -> RecomputeOut:
    """Rebuild everything the manifest commits to; an entry says it was done."""
    return RecomputeOut.of(desk.rebuilder.run(draw_id, who.account_id))


@own.post("/supervisor/draws/{draw_id}/names")
def names(draw_id: str, body: NamesIn, who: NameReader, desk: AtDesk) -> NamesOut:
    """The members by name, once every seat is taken; an entry says who asked and why."""
    people = desk.draws.names(draw_id, who.account_id, body.reason)
    facts = {one.expert_id: one for one in desk.pool.facts([p.expert_id for p in people.values()])}
    members = []
    for seat, person in sorted(people.items()):
        employer = desk.pool.organisation(facts[person.expert_id].employer)
        members.append(NameOut.of(seat, person, employer.name if employer else ""))
    return NamesOut(members=members)


@own.get("/supervisor/draws/{draw_id}/identities", response_class=Response)
def identities(draw_id: str, _: NameReader, desk: AtDesk) -> Response:
    """Identity openings of the final members; verified together with the bundle."""
    return Response(desk.publisher.identities(draw_id), media_type=JSON)


router = APIRouter()
for room in (
    own,
    expert_routes.router,
    holder_routes.router,
    public_routes.router,
    log_routes.router,
):
    router.include_router(room)
