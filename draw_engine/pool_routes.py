"""Doors of the expert pool, for its manager: template, import, list, counts, snapshot."""

from collections import Counter
from typing import Annotated, cast

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile

from blacklist.core.grounds import Status
from blacklist.service import BlacklistService
from classification.service import ClassificationService
from draw_engine.expert_pool import MOST_PER_PAGE, ExpertPool
from draw_engine.expert_pool import Query as PoolQuery
from draw_engine.freezing import LoggedSnapshot, SnapshotKeeper
from draw_engine.pool_import import PoolImport
from draw_engine.pool_schemas import (
    ExpertOut,
    ExpertsOut,
    ImportOut,
    RegionCountOut,
    SnapshotOut,
    StandingCountOut,
    SummaryOut,
)
from draw_engine.pool_sheets import MOST_BYTES
from draw_engine.pool_workbook import template, template_csv
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter(prefix="/api/pool", tags=["pool"])

Reader = Annotated[Principal, requires(Permission.POOL_READ)]
Manager = Annotated[Principal, requires(Permission.POOL_MANAGE)]


def pool_of(request: Request) -> ExpertPool:
    """The pool that the application hung up."""
    return cast(ExpertPool, request.app.state.pool)


def import_of(request: Request) -> PoolImport:
    """The import."""
    return cast(PoolImport, request.app.state.pool_import)


def snapshots_of(request: Request) -> SnapshotKeeper:
    """The keeper of snapshots."""
    return cast(SnapshotKeeper, request.app.state.snapshots)


def blacklist_of(request: Request) -> BlacklistService:
    """Who may serve."""
    return cast(BlacklistService, request.app.state.blacklist)


def classification_of(request: Request) -> ClassificationService:
    """The standard and the regions."""
    return cast(ClassificationService, request.app.state.classification)


Pool = Annotated[ExpertPool, Depends(pool_of)]
Importer = Annotated[PoolImport, Depends(import_of)]
Snapshots = Annotated[SnapshotKeeper, Depends(snapshots_of)]
Blacklist = Annotated[BlacklistService, Depends(blacklist_of)]
Classification = Annotated[ClassificationService, Depends(classification_of)]


@router.get("/template.xlsx", response_class=Response)
def template_workbook(_: Reader) -> Response:
    """The import template as a workbook."""
    return _download(template(), XLSX, "pool-template.xlsx")


@router.get("/template.csv", response_class=Response)
def template_text(_: Reader) -> Response:
    """The import template as CSV."""
    return _download(template_csv(), "text/csv; charset=utf-8", "pool-template.csv")


@router.post("/import")
def import_experts(
    who: Manager,
    importer: Importer,
    file: Annotated[UploadFile, File()],
    skip_bad: Annotated[bool, Form()] = False,
) -> ImportOut:
    """Import a filled template: all rows or none, unless bad ones are to be skipped.

    A refusal carries every bad cell beside it, in `problems`.
    """
    # One byte more than is taken, so that too large is told from just large enough.
    data = file.file.read(MOST_BYTES + 1)
    return ImportOut.of(importer.run(data, skip_bad=skip_bad, by=who.account_id))


@router.get("/summary")
def summary(
    _: Reader,
    pool: Pool,
    blacklist: Blacklist,
    classification: Classification,
    snapshots: Snapshots,
) -> SummaryOut:
    """The pool in counts, and its newest snapshot in the log."""
    counts, members = pool.summary(), pool.columns().rows
    stopped = Counter(
        str(one.status) for expert, one in blacklist.standings().items() if expert in members
    )
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
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50,
) -> ExpertsOut:
    """One page of experts by id; `q` is an id or part of an employer, never a name."""
    query = PoolQuery(q, code.rpartition(":")[2], region, page, size)
    total, found = pool.search(query)
    standings = blacklist.standings()
    shown = [
        ExpertOut.of(
            one,
            str(stopped.status)
            if (stopped := standings.get(one.facts.expert_id))
            else str(Status.ACTIVE),
        )
        for one in found
    ]
    return ExpertsOut(total=total, experts=shown)


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
