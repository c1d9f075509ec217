"""HTTP of an expert's own data: consents, corrections, export, erasure, letters."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from blacklist.case_service import CaseService
from draw_engine.core.consents import TEXTS, Purpose
from draw_engine.core.own_requests import Asked, Fact, Outcome
from draw_engine.erasure import Erasure, ErasureNeedsExit, ErasureTooSoon
from draw_engine.letters import CaseLetter, Letters, To
from draw_engine.own_data import OwnData
from draw_engine.own_rights import Consents, OwnRequests
from draw_engine.own_schemas import (
    ConsentIn,
    ConsentOut,
    ConsentsOut,
    CorrectionIn,
    ErasureOut,
    OwnRequestDecisionIn,
    OwnRequestOut,
    OwnRequestsOut,
    SaidOut,
)
from draw_engine.vault_seats import InvitationUnknown
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission
from foundation.ids import ExpertId

router = APIRouter(prefix="/api", tags=["own data"])

Own = Annotated[Principal, requires(Permission.RECORD_READ)]
Speaker = Annotated[Principal, requires(Permission.RECORD_DISPUTE)]
Keeper = Annotated[Principal, requires(Permission.POOL_MANAGE)]
Writer = Annotated[Principal, requires(Permission.BLACKLIST_READ)]


class Rights:
    """The services behind one request."""

    def __init__(self, request: Request) -> None:
        self._state = request.app.state

    @property
    def consents(self) -> Consents:
        """Who has allowed what."""
        return cast(Consents, self._state.consents)

    @property
    def requests(self) -> OwnRequests:
        """Corrections and erasures."""
        return cast(OwnRequests, self._state.own_requests)

    @property
    def erasure(self) -> Erasure:
        """The one way to be forgotten."""
        return cast(Erasure, self._state.erasure)

    @property
    def data(self) -> OwnData:
        """The export."""
        return cast(OwnData, self._state.own_data)

    @property
    def letters(self) -> Letters:
        """Letters about cases and exits."""
        return cast(Letters, self._state.letters)

    @property
    def cases(self) -> CaseService:
        """Where documents lie."""
        return cast(CaseService, self._state.cases)


AtHand = Annotated[Rights, Depends(Rights)]


@router.get("/my/consents")
def my_consents(who: Own, rights: AtHand) -> ConsentsOut:
    """What may be allowed or not, and every word of the expert on it."""
    expert = _expert(who)
    said = rights.consents.of(expert)
    history = reversed(rights.consents.history(expert))
    return ConsentsOut(
        consents=[ConsentOut.of(purpose, said.get(purpose)) for purpose in TEXTS],
        history=[SaidOut.of(one) for one in history],
    )


@router.post("/my/consents/{purpose}")
def say(purpose: Purpose, body: ConsentIn, who: Speaker, rights: AtHand) -> ConsentsOut:
    """Give a consent, or take it back; each word is an entry."""
    expert = _expert(who)
    if body.given:
        rights.consents.give(expert, purpose, body.version, who.account_id)
    else:
        rights.consents.withdraw(expert, purpose, who.account_id)
    return my_consents(who, rights)


@router.get("/my/requests")
def my_requests(who: Own, rights: AtHand) -> OwnRequestsOut:
    """The expert's own requests and their answers."""
    found = rights.requests.of(_expert(who))
    return OwnRequestsOut(requests=[OwnRequestOut.of(one) for one in found])


@router.post("/my/requests", status_code=201)
def correct(body: CorrectionIn, who: Speaker, rights: AtHand) -> OwnRequestOut:
    """Ask that a fact be set right; the words are sealed."""
    asked = rights.requests.correct(
        _expert(who), Fact(body.fact), body.text, body.document, who.account_id
    )
    return OwnRequestOut.of(asked)


@router.get("/my/erasure")
def my_erasure(who: Own, rights: AtHand) -> ErasureOut:
    """Whether the expert may be erased now, and if not, why and until when."""
    expert = _expert(who)
    open_ = (one.request for one in rights.requests.of(expert))
    waits = any(r.asked is Asked.ERASURE and r.outcome is Outcome.OPEN for r in open_)
    try:
        rights.erasure.check(expert)
    except (ErasureNeedsExit, ErasureTooSoon) as refused:
        until = str(refused.facts.get("until", ""))
        return ErasureOut(
            possible=False, code=refused.code, rule=refused.rule or "", until=until, waits=waits
        )
    return ErasureOut(possible=True, code="", rule="", until="", waits=waits)


@router.post("/my/erasure", status_code=201)
def ask_erasure(who: Speaker, rights: AtHand) -> OwnRequestOut:
    """Ask to be erased; somebody who keeps the pool does it."""
    return OwnRequestOut.of(rights.requests.ask_erasure(_expert(who), who.account_id))


@router.post("/my/export", response_class=StreamingResponse)
def export(who: Own, rights: AtHand) -> StreamingResponse:
    """Everything that is known of the expert, as a ZIP: for programs, and to be read."""
    archive = rights.data.export(_expert(who), who.account_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{archive.name}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(archive.data, media_type="application/zip", headers=headers)


@router.get("/expert-requests")
def expert_requests(_: Keeper, rights: AtHand) -> OwnRequestsOut:
    """What experts ask about their own data, the open ones first."""
    return OwnRequestsOut(requests=[OwnRequestOut.of(one) for one in rights.requests.all()])


@router.post("/expert-requests/{id}/decide")
def decide(id: str, body: OwnRequestDecisionIn, who: Keeper, rights: AtHand) -> OwnRequestOut:
    """Answer with a reason; to grant an erasure is to erase."""
    done = rights.requests.decide(id, Outcome(body.outcome), body.reason, who.account_id)
    return OwnRequestOut.of(done)


@router.get("/expert-requests/{id}/document")
def document(id: str, _: Keeper, rights: AtHand) -> Response:
    """The document that proves a correction."""
    data, media_type = rights.cases.paper(rights.requests.document(id))
    headers = {"Content-Disposition": "attachment", "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)


@router.post("/cases/{id}/letters/{what}", response_class=Response)
def case_letter(id: str, what: CaseLetter, who: Writer, rights: AtHand) -> Response:
    """The letter about a case; an entry says who printed it."""
    return _pdf(id, rights.letters.of_case(id, what, who.account_id))


@router.post("/exits/{id}/letters/{to}", response_class=Response)
def exit_letter(id: str, to: To, who: Writer, rights: AtHand) -> Response:
    """The letter about an exit, to the expert or to the recommending unit."""
    return _pdf(id, rights.letters.of_exit(id, to, who.account_id))


@router.post("/my/cases/{id}/letters/{what}", response_class=Response)
def my_case_letter(id: str, what: CaseLetter, who: Own, rights: AtHand) -> Response:
    """The letter about one of the expert's own cases."""
    return _pdf(id, rights.letters.of_case(id, what, who.account_id, _expert(who)))


@router.post("/my/exits/{id}/letter", response_class=Response)
def my_exit_letter(id: str, who: Own, rights: AtHand) -> Response:
    """The letter about the expert's own exit."""
    return _pdf(id, rights.letters.of_exit(id, To.EXPERT, who.account_id, _expert(who)))


def _pdf(id_: str, data: bytes) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="letter-{id_}.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(data, media_type="application/pdf", headers=headers)


def _expert(who: Principal) -> ExpertId:
    if who.expert_id is None:
        raise InvitationUnknown
    return who.expert_id
