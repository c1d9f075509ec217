"""Doors of the outside lists: taking them, the cross-check, and what people say of its matches."""

from datetime import date
from typing import Annotated, cast

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile

from blacklist.core.outside_list import Decision, Source
from blacklist.list_desk import CROSSCHECK, ListDesk
from blacklist.list_intake import About
from blacklist.list_schemas import (
    CheckOut,
    CrossCheckOut,
    IntakeOut,
    ListMatchesOut,
    ListMatchOut,
    ListReasonIn,
    LookedOut,
    MatchCountsOut,
    MatchDecisionIn,
    OutsideListOut,
    OutsideListsOut,
    WorkOut,
)
from blacklist.list_service import MOST_A_PAGE, ListService
from blacklist.list_store import Stage, Which
from blacklist.list_template import template, template_csv
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter(prefix="/api", tags=["outside lists"])

Reader = Annotated[Principal, requires(Permission.LISTS_READ)]
Importer = Annotated[Principal, requires(Permission.LISTS_IMPORT)]
Proposer = Annotated[Principal, requires(Permission.BLACKLIST_ENTER, Permission.BLACKLIST_DECIDE)]
NameReader = Annotated[Principal, requires(Permission.DRAW_NAMES)]


def lists_of(request: Request) -> ListService:
    """The service that the application hung up."""
    return cast(ListService, request.app.state.lists)


def desk_of(request: Request) -> ListDesk:
    """The desk that does long work."""
    return cast(ListDesk, request.app.state.list_desk)


Lists = Annotated[ListService, Depends(lists_of)]
Desk = Annotated[ListDesk, Depends(desk_of)]


@router.get("/outside-lists/template.xlsx", response_class=Response)
def list_template(_: Reader, lists: Lists) -> Response:
    """The template as a workbook."""
    return _download(template(lists.intake.words), XLSX, "outside-list.xlsx")


@router.get("/outside-lists/template.csv", response_class=Response)
def list_template_text(_: Reader) -> Response:
    """The template as CSV."""
    return _download(template_csv(), "text/csv; charset=utf-8", "outside-list.csv")


@router.post("/outside-lists", status_code=202)
def take_list(
    *,
    who: Importer,
    desk: Desk,
    file: Annotated[UploadFile, File()],
    source: Annotated[Source, Form()],
    issuing_body: Annotated[str, Form(max_length=200)],
    dated_on: Annotated[date, Form()],
    skip_bad: Annotated[bool, Form()] = False,
) -> IntakeOut:
    """Begin to take a list: all rows or none, unless bad ones are to be skipped.

    A file that cannot be read as a list is refused here. How the rows fare is asked of
    `/api/outside-lists/intakes/{id}`, which lists every bad cell of a refused one.
    """
    about = About(source, issuing_body, dated_on)
    return IntakeOut.of_running(desk.take(file.file, about, skip_bad=skip_bad, by=who.account_id))


@router.get("/outside-lists")
def outside_lists(_: Reader, lists: Lists, desk: Desk) -> OutsideListsOut:
    """Every list, and the intakes that took nothing."""
    running = desk.running()
    failed = [one for one in lists.intakes() if one.stage in {Stage.REFUSED, Stage.INTERRUPTED}]
    # the bad cells of one intake are many; they are asked for by its id
    shown = [IntakeOut.of(one, desk.ended(one.id)) for one in failed]
    return OutsideListsOut(
        lists=[OutsideListOut.of(one) for one in lists.lists()],
        failed=[one.model_copy(update={"problems": []}) for one in shown],
        running=None
        if running is None or running.id == CROSSCHECK
        else IntakeOut.of_running(running),
    )


@router.get("/outside-lists/intakes/{list_id}")
def one_intake(_: Reader, lists: Lists, desk: Desk, list_id: str) -> IntakeOut:
    """How far an intake is, or how it ended."""
    running = desk.running()
    if running is not None and running.id == list_id:
        return IntakeOut.of_running(running)
    return IntakeOut.of(lists.one_intake(list_id), desk.ended(list_id))


@router.post("/outside-lists/{list_id}/withdraw")
def withdraw_list(who: Importer, lists: Lists, list_id: str, body: ListReasonIn) -> OutsideListOut:
    """Put a list out of force; what it led to stays on record."""
    return OutsideListOut.of(lists.withdraw(list_id, body.reason, who.account_id))


@router.get("/crosscheck")
def crosscheck(_: Reader, lists: Lists, desk: Desk) -> CrossCheckOut:
    """Where the cross-check stands."""
    running = desk.running()
    return CrossCheckOut(
        checks=[CheckOut.of(one) for one in lists.checks()],
        counts=MatchCountsOut.of(lists.counts()),
        lists_in_force=sum(one.in_force for one in lists.lists()),
        work=WorkOut.of(running if running is not None and running.id == CROSSCHECK else None),
    )


@router.post("/crosscheck", status_code=202)
def run_crosscheck(who: Importer, desk: Desk) -> WorkOut:
    """Begin a cross-check now; otherwise it runs by itself once a day."""
    return WorkOut.of(desk.check(who.account_id))


@router.get("/crosscheck/matches")
def matches(
    _: Reader,
    lists: Lists,
    which: Which = Which.ALL,
    after: Annotated[str, Query(max_length=40)] = "",
) -> ListMatchesOut:
    """One page of the report: who, why, since when, drawn when since, and what was done."""
    found = lists.report(which, after)
    return ListMatchesOut(
        matches=[ListMatchOut.of(one, lists.compare(one.match)) for one in found],
        next=found[-1].match.id if len(found) == MOST_A_PAGE else "",
    )


@router.post("/crosscheck/matches/{match_id}/decide")
def decide_match(who: Importer, lists: Lists, match_id: str, body: MatchDecisionIn) -> ListMatchOut:
    """Say whether a near match is the same person."""
    lists.decide(match_id, Decision(body.decision), body.reason, who.account_id)
    return _shown(lists, match_id)


@router.post("/crosscheck/matches/{match_id}/propose")
def propose_match(who: Proposer, lists: Lists, match_id: str) -> ListMatchOut:
    """Propose the measure that the entry speaks of; another person records it."""
    lists.propose(match_id, who.account_id)
    return _shown(lists, match_id)


@router.post("/crosscheck/matches/{match_id}/look")
def look_at_match(who: NameReader, lists: Lists, match_id: str, body: ListReasonIn) -> LookedOut:
    """Name and number of both, for a supervisor; the look is an entry."""
    return LookedOut.of(lists.look(match_id, body.reason, who.account_id))


def _shown(lists: ListService, match_id: str) -> ListMatchOut:
    one = lists.reported(match_id)
    return ListMatchOut.of(one, lists.compare(one.match))


def _download(data: bytes, kind: str, name: str) -> Response:
    return Response(data, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, kind)
