"""Evaluations over HTTP: the clerk prepares, members read documents, the supervisor the log."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from evaluation_room.core.values import DocumentKind
from evaluation_room.errors import FileTooLarge
from evaluation_room.preparing import MAX_PDF_BYTES
from evaluation_room.schemas import (
    BiddersIn,
    ClerksOut,
    CriteriaIn,
    CriteriaOut,
    DocumentOut,
    EvaluationIn,
    EvaluationOut,
    EvaluationsOut,
    HandOverIn,
    LogLineOut,
    LogOut,
    MyEvaluationOut,
    MyEvaluationsOut,
    MyTimeOut,
    MyTimesOut,
    RepresentativeIn,
)
from evaluation_room.service import RoomService
from foundation.auth.guards import requires
from foundation.auth.principal import Principal
from foundation.auth.roles import Permission, Role
from foundation.ids import AccountId, DrawId

router = APIRouter(prefix="/api", tags=["evaluations"])


def rooms_of(request: Request) -> RoomService:
    """The service that app/wiring.py hung on the application."""
    return cast(RoomService, request.app.state.rooms)


Rooms = Annotated[RoomService, Depends(rooms_of)]
Clerk = Annotated[Principal, requires(Permission.EVALUATION_PREPARE)]
Reader = Annotated[Principal, requires(Permission.EVALUATION_READ)]
Watcher = Annotated[Principal, requires(Permission.EVALUATION_SUPERVISE)]
Guest = Annotated[Principal, requires(Permission.ROOM_ENTER)]
Recorded = Annotated[Principal, requires(Permission.RECORD_READ)]


@router.post("/evaluations", status_code=201)
def plan(body: EvaluationIn, who: Clerk, rooms: Rooms) -> EvaluationOut:
    """Plan the evaluation of a draw; a second press gives the same one."""
    evaluation_id = rooms.preparation.plan(DrawId(body.draw_id), body.title, who.account_id)
    return EvaluationOut.of(*rooms.reading.one(evaluation_id))


@router.get("/evaluations")
def all_evaluations(who: Reader, rooms: Rooms) -> EvaluationsOut:
    """Every evaluation, newest first; of a clerk, the clerk's own."""
    found = rooms.reading.all(by=who.account_id if who.role is Role.CLERK else None)
    return EvaluationsOut(evaluations=[EvaluationOut.of(*one) for one in found])


@router.get("/my/evaluations")
def my_evaluations(who: Guest, rooms: Rooms) -> MyEvaluationsOut:
    """Where the account has a seat: time and place, never a project fact (R-CONF-6)."""
    return MyEvaluationsOut(evaluations=[MyEvaluationOut.of(*one) for one in rooms.mine(who)])


@router.get("/my/times")
def my_times(who: Recorded, rooms: Rooms) -> MyTimesOut:
    """How long the expert worked, evaluation by evaluation, from the log alone (R-PAY-4)."""
    return MyTimesOut(times=[MyTimeOut.of(one) for one in rooms.times(who)])


@router.get("/evaluations/{evaluation_id}")
def one_evaluation(evaluation_id: str, who: Reader, rooms: Rooms) -> EvaluationOut:
    """One evaluation; a clerk reads the own ones."""
    if who.role is Role.CLERK:
        rooms.clerks(evaluation_id, who.account_id)
    return EvaluationOut.of(*rooms.reading.one(evaluation_id))


@router.put("/evaluations/{evaluation_id}/bidders")
def list_bidders(evaluation_id: str, body: BiddersIn, who: Clerk, rooms: Rooms) -> EvaluationOut:
    """List the bidders with their opened prices."""
    rooms.clerks(evaluation_id, who.account_id)
    now = rooms.books.clock.now()
    rooms.preparation.list_bidders(evaluation_id, [one.to_bidder(now) for one in body.bidders])
    return EvaluationOut.of(*rooms.reading.one(evaluation_id))


@router.post("/evaluations/{evaluation_id}/documents", status_code=201)
def file_document(
    evaluation_id: str,
    who: Clerk,
    rooms: Rooms,
    *,
    file: Annotated[UploadFile, File()],
    kind: Annotated[DocumentKind, Form()],
    bidder_id: Annotated[str | None, Form(max_length=40)] = None,
    title: Annotated[str | None, Form(max_length=200)] = None,
) -> DocumentOut:
    """File a PDF of at most 50 MiB under its hash."""
    rooms.clerks(evaluation_id, who.account_id)
    data = file.file.read(MAX_PDF_BYTES + 1)
    if len(data) > MAX_PDF_BYTES:
        raise FileTooLarge(megabytes=MAX_PDF_BYTES // 2**20)
    words = title or (file.filename or "").removesuffix(".pdf") or kind.value
    return DocumentOut.of(
        rooms.preparation.file_document(evaluation_id, data, kind, words[:200], bidder_id)
    )


@router.put("/evaluations/{evaluation_id}/criteria")
def sign_criteria(evaluation_id: str, body: CriteriaIn, who: Clerk, rooms: Rooms) -> CriteriaOut:
    """Sign the criteria of the tender documents with the clerk's account key (R-EVAL-1)."""
    rooms.clerks(evaluation_id, who.account_id)
    return CriteriaOut.of(
        rooms.preparation.sign_criteria(evaluation_id, body.criteria, who.account_id)
    )


@router.post("/evaluations/{evaluation_id}/ready")
def make_ready(evaluation_id: str, who: Clerk, rooms: Rooms) -> EvaluationOut:
    """Hash everything into the ledger; check-in may begin."""
    rooms.clerks(evaluation_id, who.account_id)
    rooms.preparation.make_ready(evaluation_id)
    return EvaluationOut.of(*rooms.reading.one(evaluation_id))


@router.post("/evaluations/{evaluation_id}/representatives")
def appoint(evaluation_id: str, body: RepresentativeIn, who: Clerk, rooms: Rooms) -> EvaluationOut:
    """Give the vacated seat of an owner's representative to another authorised one."""
    rooms.clerks(evaluation_id, who.account_id)
    rooms.preparation.appoint(evaluation_id, body.seat, AccountId(body.account_id))
    return EvaluationOut.of(*rooms.reading.one(evaluation_id))


@router.get("/evaluations/{evaluation_id}/clerks")
def clerks(evaluation_id: str, _who: Watcher, rooms: Rooms) -> ClerksOut:
    """Who runs the room, and which clerks could take it over."""
    return ClerksOut.of(rooms.hand_over.clerks(evaluation_id))


@router.post("/evaluations/{evaluation_id}/clerk")
def hand_over(evaluation_id: str, body: HandOverIn, _who: Watcher, rooms: Rooms) -> ClerksOut:
    """Give the room to another clerk; the log and the report say so."""
    rooms.hand_over.to(evaluation_id, AccountId(body.account_id), body.note)
    return ClerksOut.of(rooms.hand_over.clerks(evaluation_id))


@router.get("/evaluations/{evaluation_id}/documents/{document_id}", response_class=Response)
def read_document(evaluation_id: str, document_id: str, who: Guest, rooms: Rooms) -> Response:
    """A filed PDF, for members after their declaration, clerk and supervisor."""
    viewer = rooms.viewer(evaluation_id, who)
    document, data = rooms.reading.document(evaluation_id, viewer, document_id)
    return _pdf(data, document.sha256)


@router.get("/evaluations/{evaluation_id}/report.pdf", response_class=Response)
def read_report(evaluation_id: str, who: Guest, rooms: Rooms) -> Response:
    """The newest evaluation report."""
    sha256, data = rooms.reading.report(evaluation_id, rooms.viewer(evaluation_id, who))
    return _pdf(data, sha256)


@router.get("/evaluations/{evaluation_id}/log")
def read_log(evaluation_id: str, who: Watcher, rooms: Rooms) -> LogOut:
    """Every entry, as the supervisor may see it."""
    return LogOut(entries=[LogLineOut.of(line) for line in rooms.reading.log(evaluation_id)])


@router.get("/evaluations/{evaluation_id}/export", response_class=Response)
def export(evaluation_id: str, who: Watcher, rooms: Rooms) -> Response:
    """Entries with payloads and proofs, to be rechecked without this service."""
    name = f'attachment; filename="{evaluation_id}.json"'
    return Response(
        rooms.reading.export(evaluation_id),
        media_type="application/json",
        headers={"Content-Disposition": name},
    )


def _pdf(data: bytes, sha256: str) -> Response:
    """Never cached by what stands between: it is for one reader."""
    headers = {"Cache-Control": "private, no-store", "X-Content-SHA256": sha256}
    return Response(data, media_type="application/pdf", headers=headers)
