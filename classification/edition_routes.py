"""Doors of versions and crosswalks: the pool manager prepares, a second person decides."""

from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile

from classification import shown
from classification.core.crosswalk import NEEDS_A_PERSON, Crosswalk, Kind, Row
from classification.core.errors import UnknownRow
from classification.edition_desk import EditionDesk
from classification.edition_schemas import (
    CrosswalkOut,
    DecisionIn,
    EditionOut,
    ProposalOut,
    ReasonIn,
    RowDetailOut,
    RowsOut,
)
from classification.list_file import MOST_BYTES, template, template_csv
from classification.routes import Classification
from classification.service import ClassificationService
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_PER_PAGE: Final = 100

router = APIRouter(prefix="/api/classification", tags=["classification"])

Reader = Annotated[Principal, requires(Permission.CLASSIFICATION_READ)]
Decider = Annotated[Principal, requires(Permission.CLASSIFICATION_DECIDE)]
Adopter = Annotated[Principal, requires(Permission.CLASSIFICATION_ADOPT)]


def desk_of(request: Request) -> EditionDesk:
    """The desk that app/wiring.py hung on the application."""
    return cast(EditionDesk, request.app.state.editions)


Desk = Annotated[EditionDesk, Depends(desk_of)]
Version = Annotated[str, Form(max_length=7)]


@router.get("/template.xlsx", response_class=Response)
def template_workbook(
    _: Reader, classification: Classification, *, filled: bool = False
) -> Response:
    """The template of a corrected list; `filled` holds the version in force."""
    data = template(classification.catalogue if filled else None)
    return _download(data, XLSX, _name(classification, filled, "xlsx"))


@router.get("/template.csv", response_class=Response)
def template_text(_: Reader, classification: Classification, *, filled: bool = False) -> Response:
    """The same as CSV."""
    data = template_csv(classification.catalogue if filled else None)
    return _download(data, "text/csv; charset=utf-8", _name(classification, filled, "csv"))


@router.post("/lists/check")
def look(
    _: Decider, desk: Desk, file: Annotated[UploadFile, File()], version: Version
) -> ProposalOut:
    """Check a list and compare it with the version in force; nothing is written.

    A refusal carries every bad cell beside it, in `problems`.
    """
    return ProposalOut.of(desk.look(_bytes(file), version))


@router.post("/lists", status_code=201)
def propose(
    who: Decider, desk: Desk, file: Annotated[UploadFile, File()], version: Version
) -> EditionOut:
    """Bring a list in, whole or not at all; it waits for a second person."""
    name = file.filename or "-"
    return EditionOut.of(desk.propose(_bytes(file), version, name, who.account_id))


@router.get("/editions")
def editions(_: Reader, classification: Classification) -> list[EditionOut]:
    """Every version that was imported, newest first."""
    return [
        EditionOut.of(one) for one in reversed(tuple(classification.editions.editions.values()))
    ]


@router.get("/editions/{version}")
def one_edition(version: str, _: Reader, desk: Desk) -> ProposalOut:
    """What an imported version changes."""
    return ProposalOut.of(desk.difference(version))


@router.post("/editions/{version}/refuse")
def refuse(version: str, body: ReasonIn, who: Adopter, desk: Desk) -> EditionOut:
    """Turn a proposal down; not by the person who brought it in (R-SOD-1)."""
    return EditionOut.of(desk.refuse(version, body.reason, who.account_id))


@router.get("/crosswalks")
def crosswalks(_: Reader, classification: Classification) -> list[CrosswalkOut]:
    """Every crosswalk with its progress, newest first."""
    held = classification
    return [CrosswalkOut.of(one, held.editions.of(one)) for one in reversed(held.crosswalks)]


@router.get("/crosswalks/{old}/{new}")
def rows(
    *,
    old: str,
    new: str,
    _: Reader,
    classification: Classification,
    state: Literal["needed", "open", "decided", "all"] = "open",
    kind: Kind | None = None,
    q: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
    size: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50,
) -> RowsOut:
    """Rows of a crosswalk by code.

    `needed` are the rows that a person must decide, `open` those of them that wait,
    `decided` those that a person has decided, `all` every row.
    """
    crosswalk = classification.crosswalk(old, new)
    fitting = [
        row
        for row in crosswalk
        if (kind is None or row.kind is kind) and _stands(row, crosswalk, classification, state)
    ]
    if q.strip():
        hits = classification.tree(old).search(q, len(crosswalk))
        named = {line.code.code for line in hits}
        fitting = [row for row in fitting if row.code in named]
    found = fitting[(page - 1) * size : page * size]
    return RowsOut(
        total=len(fitting), rows=[shown.row(one, crosswalk, classification) for one in found]
    )


@router.get("/crosswalks/{old}/{new}/{code}")
def one_row(
    old: str, new: str, code: str, _: Reader, classification: Classification, desk: Desk
) -> RowDetailOut:
    """A row with candidates and everything that was ever said on it."""
    return _detail(classification, desk, (old, new), code)


@router.post("/crosswalks/{old}/{new}/{code}")
def decide(
    *,
    old: str,
    new: str,
    code: str,
    body: DecisionIn,
    who: Decider,
    classification: Classification,
    desk: Desk,
) -> RowDetailOut:
    """Say what a code became, that it was given up, or that it is open again."""
    desk.decide(
        (old, new),
        code,
        body.outcome,
        body.heirs,
        reason=body.reason,
        seen=body.seen,
        by=who.account_id,
    )
    return _detail(classification, desk, (old, new), code)


def _detail(
    held: ClassificationService, desk: EditionDesk, pair: tuple[str, str], code: str
) -> RowDetailOut:
    crosswalk = held.crosswalk(*pair)
    row = crosswalk.get(code)
    if row is None:
        raise UnknownRow
    return shown.row_detail(row, crosswalk, held, desk.history(pair, code))


def _stands(row: Row, crosswalk: Crosswalk, held: ClassificationService, state: str) -> bool:
    if state == "all":
        return True
    decisions = held.editions.of(crosswalk)
    if state == "decided":
        return row.code in decisions
    needed = row.certainty in NEEDS_A_PERSON
    return needed and (state == "needed" or not crosswalk.fate(row.code, decisions).settled)


def _bytes(file: UploadFile) -> bytes:
    # One byte more than is taken, so that too large is told from just large enough.
    return file.file.read(MOST_BYTES + 1)


def _name(classification: ClassificationService, filled: bool, kind: str) -> str:
    version = classification.catalogue.version
    return f"specialties-{version}.{kind}" if filled else f"specialties-template.{kind}"


def _download(data: bytes, kind: str, name: str) -> Response:
    return Response(data, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, kind)
