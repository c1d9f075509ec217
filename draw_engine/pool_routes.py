"""Doors of the expert pool, for its manager: template, import, list, counts, snapshot."""

from collections import Counter
from pathlib import PurePosixPath
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile

from blacklist.core.grounds import Status
from blacklist.service import StandingService
from classification.service import ClassificationService
from draw_engine.expert_pool import ExpertPool
from draw_engine.freezing import LoggedSnapshot, SnapshotKeeper
from draw_engine.pool_desk import ImportDesk
from draw_engine.pool_list import MOST_PER_PAGE
from draw_engine.pool_list import Query as PoolQuery
from draw_engine.pool_records import State
from draw_engine.pool_schemas import (
    ExpertOut,
    ExpertsOut,
    ImportOut,
    ImportsOut,
    RegionCountOut,
    SnapshotOut,
    StandingCountOut,
    SummaryOut,
)
from draw_engine.pool_workbook import template, template_csv
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission

MOST_NAME_CHARACTERS: Final = 120
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter(prefix="/api/pool", tags=["pool"])

Reader = Annotated[Principal, requires(Permission.POOL_READ)]
Manager = Annotated[Principal, requires(Permission.POOL_MANAGE)]


def pool_of(request: Request) -> ExpertPool:
    """The pool that the application hung up."""
    return cast(ExpertPool, request.app.state.pool)


def desk_of(request: Request) -> ImportDesk:
    """The desk that runs imports."""
    return cast(ImportDesk, request.app.state.pool_desk)


def snapshots_of(request: Request) -> SnapshotKeeper:
    """The keeper of snapshots."""
    return cast(SnapshotKeeper, request.app.state.snapshots)


def blacklist_of(request: Request) -> StandingService:
    """Who may serve."""
    return cast(StandingService, request.app.state.blacklist)


def classification_of(request: Request) -> ClassificationService:
    """The standard and the regions."""
    return cast(ClassificationService, request.app.state.classification)


Pool = Annotated[ExpertPool, Depends(pool_of)]
Desk = Annotated[ImportDesk, Depends(desk_of)]
Snapshots = Annotated[SnapshotKeeper, Depends(snapshots_of)]
Blacklist = Annotated[StandingService, Depends(blacklist_of)]
Classification = Annotated[ClassificationService, Depends(classification_of)]


@router.get("/template.xlsx", response_class=Response)
def template_workbook(_: Reader) -> Response:
    """The import template as a workbook."""
    return _download(template(), XLSX, "pool-template.xlsx")


@router.get("/template.csv", response_class=Response)
def template_text(_: Reader) -> Response:
    """The import template as CSV."""
    return _download(template_csv(), "text/csv; charset=utf-8", "pool-template.csv")


@router.post("/import", status_code=202)
def import_experts(
    who: Manager,
    desk: Desk,
    file: Annotated[UploadFile, File()],
    skip_bad: Annotated[bool, Form()] = False,
) -> ImportOut:
    """Begin to import a filled template: all rows or none, unless bad ones are to be skipped.

    A file that cannot be read as a list is refused here. How the rows fare is asked of
    `/api/pool/imports/{id}`, which lists every bad cell of a refused import.
    """
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name[:MOST_NAME_CHARACTERS]
    one = desk.start(file.file, name, skip_bad=skip_bad, by=who.account_id)
    return ImportOut.of_running(one)


@router.get("/imports")
def imports(_: Reader, desk: Desk) -> ImportsOut:
    """The last imports and how they ended; also those that a restart cut off."""
    running = desk.running()
    shown = [
        ImportOut.of(one, desk.ended(one.id))
        for one in desk.records()
        if one.state is not State.RUNNING
    ]
    # the bad cells of one import are many; they are asked for by its id
    shown = [one.model_copy(update={"problems": []}) for one in shown]
    first = [] if running is None else [ImportOut.of_running(running)]
    return ImportsOut(imports=first + shown)


@router.get("/imports/{import_id}")
def one_import(_: Reader, desk: Desk, import_id: str) -> ImportOut:
    """How far an import is, or how it ended."""
    running = desk.running()
    if running is not None and running.id == import_id:
        return ImportOut.of_running(running)
    return ImportOut.of(desk.record(import_id), desk.ended(import_id))


@router.get("/summary")
def summary(
    _: Reader,
    pool: Pool,
    blacklist: Blacklist,
    classification: Classification,
    snapshots: Snapshots,
) -> SummaryOut:
    """The pool in counts, and its newest snapshot in the log."""
    counts, standings = pool.summary(), blacklist.standings()
    stopped = Counter(str(standings[one].status) for one in pool.among(standings))
    stopped[str(Status.ACTIVE)] = counts.experts - stopped.total()
    logged = snapshots.all()
    return SummaryOut(
        experts=counts.experts,
        generated=counts.generated,
        regions=[
            RegionCountOut(region=str(code), name=classification.regions.get(str(code)).name, n=n)
            for code, n in sorted(counts.regions.items())
        ],
        standings=[
            StandingCountOut(standing=one, n=stopped[one]) for one in Status if stopped[one]
        ],
        snapshot=_snapshot(logged[-1]) if logged else None,
    )


@router.get("/experts")
def experts(
    *,
    _: Reader,
    pool: Pool,
    blacklist: Blacklist,
    q: Annotated[str, Query(max_length=60)] = "",
    code: Annotated[str, Query(pattern=r"^([0-9]{4}(r[0-9]{1,2})?:)?([A-Z][0-9]{0,6})?$")] = "",
    region: Annotated[int, Query(ge=0, le=999_999)] = 0,
    after: Annotated[str, Query(max_length=40)] = "",
    before: Annotated[str, Query(max_length=40)] = "",
    last: bool = False,
    size: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50,
) -> ExpertsOut:
    """One page of experts by id; `q` is an id or part of an employer, never a name.

    A page begins behind the id `after` or ends ahead of `before`: those at the edges of the
    page that is shown. None of them: the first page; `last`: the last one.
    """
    narrowed = PoolQuery(
        text=q,
        code=code.rpartition(":")[2],
        region=region,
        after=after,
        before=before,
        last=last,
        size=size,
    )
    page = pool.search(narrowed)
    return ExpertsOut(
        total=page.total,
        at_least=page.at_least,
        has_earlier=page.has_earlier,
        has_later=page.has_later,
        experts=[
            ExpertOut.of(one, str(blacklist.standing(one.facts.expert_id).status))
            for one in page.lines
        ],
    )


@router.post("/snapshots", status_code=201)
def take_snapshot(_: Manager, snapshots: Snapshots) -> SnapshotOut:
    """Mask the pool as it is now and put the root into the log."""
    return _snapshot(snapshots.take())


def _snapshot(logged: LoggedSnapshot) -> SnapshotOut:
    taken = logged.taken
    return SnapshotOut(
        epoch=taken.epoch, n=taken.n, root=taken.root.hex(), at=taken.at, index=logged.index
    )


def _download(data: bytes, kind: str, name: str) -> Response:
    return Response(data, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, kind)
