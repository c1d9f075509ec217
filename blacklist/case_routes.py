"""Doors of a case file: the office reports and decides, the expert answers and appeals."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile

from blacklist.case_schemas import (
    AppealRulingIn,
    CaseLineOut,
    CaseOut,
    CasesOut,
    HandedInOut,
    ReportIn,
    RulingIn,
    StatementIn,
    TextIn,
)
from blacklist.case_service import MOST_BYTES, CaseService
from blacklist.core.case import Case, CaseAct
from blacklist.core.errors import REFUSED_CASE_STEPS, DocumentUnfit, UnknownExpert
from blacklist.routes import Decider, Leaver, Now, Reader
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission
from foundation.clock import Clock
from foundation.ids import ExpertId

router = APIRouter(prefix="/api", tags=["cases"])

Reporter = Annotated[Principal, requires(Permission.CASE_REPORT)]
Answerer = Annotated[Principal, requires(Permission.CASE_ANSWER)]
Submitter = Annotated[Principal, requires(Permission.CASE_REPORT, Permission.CASE_ANSWER)]


def service_of(request: Request) -> CaseService:
    """The service that the application hung up."""
    return cast(CaseService, request.app.state.cases)


Cases = Annotated[CaseService, Depends(service_of)]


@router.get("/cases")
def cases(_: Reader, cases: Cases, clock: Now, expert: str = "") -> CasesOut:
    """Every case, or those of one expert; the one due first on top."""
    found = cases.cases(ExpertId(expert) if expert else None)
    return CasesOut(cases=[CaseLineOut.of(one, clock.now()) for one in found])


@router.post("/cases", status_code=201)
def report(body: ReportIn, who: Reporter, cases: Cases, clock: Now) -> CaseOut:
    """Open a case; the expert is told the facts and has days to answer (R-APPEAL-1)."""
    return _out(cases.report(body.report(), who.account_id), who, cases, clock)


@router.get("/cases/{id}")
def case(id: str, who: Reader, cases: Cases, clock: Now) -> CaseOut:
    """One case on one page."""
    return _out(cases.case(id), who, cases, clock)


@router.post("/cases/{id}/decide")
def decide(id: str, body: RulingIn, who: Decider, cases: Cases, clock: Now) -> CaseOut:
    """Decide after the answer, or once the time to answer is over; not by who reported."""
    terms = body.terms.terms() if body.terms else None
    return _out(cases.decide(id, body.ruling, terms, body.text, who.account_id), who, cases, clock)


@router.post("/cases/{id}/confirm")
def confirm(id: str, who: Decider, cases: Cases, clock: Now) -> CaseOut:
    """Make the decision true; by a third person (R-SOD-2)."""
    return _out(cases.confirm(id, who.account_id), who, cases, clock)


@router.post("/cases/{id}/return")
def send_back(id: str, body: TextIn, who: Decider, cases: Cases, clock: Now) -> CaseOut:
    """Return a decision with a reason."""
    return _out(cases.send_back(id, body.text, who.account_id), who, cases, clock)


@router.post("/cases/{id}/appeal/decide")
def decide_appeal(id: str, body: AppealRulingIn, who: Decider, cases: Cases, clock: Now) -> CaseOut:
    """Uphold, or overturn and restore; by somebody who had no part in it."""
    after = cases.decide_appeal(id, overturned=body.overturned, text=body.text, by=who.account_id)
    return _out(after, who, cases, clock)


@router.get("/cases/{id}/documents/{sha256}")
def document(id: str, sha256: str, _: Reader, cases: Cases) -> Response:
    """A document of a case."""
    return _file(cases.document(cases.case(id), sha256))


@router.post("/case-documents", status_code=201)
def hand_in(file: Annotated[UploadFile, File()], who: Submitter, cases: Cases) -> HandedInOut:
    """Hand in a document (PDF, JPEG or PNG); it is kept sealed."""
    data = file.file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise DocumentUnfit(most=MOST_BYTES // 2**20)
    return HandedInOut(sha256=cases.hand_in(data, who.account_id))


@router.get("/my/cases")
def my_cases(who: Leaver, cases: Cases, clock: Now) -> CasesOut:
    """The expert's own cases."""
    found = cases.cases(_expert(who))
    return CasesOut(cases=[CaseLineOut.of(one, clock.now()) for one in found])


@router.get("/my/cases/{id}")
def my_case(id: str, who: Leaver, cases: Cases, clock: Now) -> CaseOut:
    """One of the expert's own cases, with the facts and the evidence."""
    return _own(cases.case(id, _expert(who)), who, clock)


@router.post("/my/cases/{id}/answer")
def answer(id: str, body: StatementIn, who: Answerer, cases: Cases, clock: Now) -> CaseOut:
    """The expert's statement (陈述申辩)."""
    after = cases.answer(id, _expert(who), body.statement(), who.account_id)
    return _own(after, who, clock)


@router.post("/my/cases/{id}/appeal")
def appeal(id: str, body: StatementIn, who: Answerer, cases: Cases, clock: Now) -> CaseOut:
    """Ask another person to look again."""
    after = cases.appeal(id, _expert(who), body.statement(), who.account_id)
    return _own(after, who, clock)


@router.get("/my/cases/{id}/documents/{sha256}")
def my_document(id: str, sha256: str, who: Leaver, cases: Cases) -> Response:
    """A document of one of the expert's own cases."""
    return _file(cases.document(cases.case(id, _expert(who)), sha256))


def _file(found: tuple[bytes, str]) -> Response:
    data, media_type = found
    headers = {"Content-Disposition": "attachment", "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)


def _out(one: Case, who: Principal, cases: CaseService, clock: Clock) -> CaseOut:
    now = clock.now()
    return CaseOut.whole(one, who.account_id, cases.may(one, who.account_id, now), now)


def _own(one: Case, who: Principal, clock: Clock) -> CaseOut:
    """The expert's view: what the expert may do."""
    may = set()
    for act in (CaseAct.ANSWER, CaseAct.APPEAL):
        try:
            one.may(act, clock.now())
        except REFUSED_CASE_STEPS:
            continue
        may.add(act)
    return CaseOut.whole(one, who.account_id, frozenset(may), clock.now())


def _expert(who: Principal) -> ExpertId:
    if who.expert_id is None:
        raise UnknownExpert
    return who.expert_id
