"""What everybody may read: the list of draws, bundles, the policy, and the log itself."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse

from draw_engine.desk import AtDesk
from draw_engine.refusals import NotPublished
from draw_engine.schemas import Instant, Out
from foundation.auth.guards import public
from foundation.digest import canon

JSON = "application/json"
MOST_ENTRIES = 1000

router = APIRouter(
    prefix="/api/public",
    tags=["public"],
    dependencies=[public("a draw that strangers can't check proves nothing; no name stands here")],
)

Index = Annotated[int, Query(ge=0, le=2**40)]


class PublicDrawOut(Out):
    """A draw whose freeze is in the log."""

    id: str
    M: str
    state: str
    unsealed_at: Instant | None


class PublicDrawsOut(Out):
    """All of them, newest first."""

    draws: list[PublicDrawOut]


class EntriesOut(Out):
    """Leaves of the log in hex, from `start`."""

    start: int
    entries: list[str]


class ProofOut(Out):
    """Audit path of a leaf in the tree of `size`."""

    index: int
    size: int
    path: list[str]


@router.get("/draws")
def draws(desk: AtDesk) -> PublicDrawsOut:
    """Every frozen draw; aborted ones stay visible for ever."""
    rows = desk.record.frozen()
    return PublicDrawsOut(
        draws=[
            PublicDrawOut(id=row.id, M=row.M, state=row.stage, unsealed_at=row.unsealed_at)
            for row in rows
        ]
    )


@router.get("/draws/{draw_id}/bundle", response_class=Response)
def bundle(draw_id: str, desk: AtDesk) -> Response:
    """The attribute bundle in canonical bytes, from unsealing on."""
    return Response(desk.publisher.bundle(draw_id), media_type=JSON)


@router.get("/draws/{draw_id}/opening", response_class=Response)
def opening(draw_id: str, desk: AtDesk) -> Response:
    """Manifest and handle salt of an aborted draw, canonical, from its time of unsealing on."""
    return Response(desk.publisher.opening(draw_id), media_type=JSON)


@router.get("/policy", response_class=Response)
def policy(desk: AtDesk) -> Response:
    """The policy in force, canonical."""
    return Response(canon(desk.parties.policy().as_object()), media_type=JSON)


@router.get("/log/checkpoint", response_class=PlainTextResponse)
def checkpoint(desk: AtDesk) -> PlainTextResponse:
    """The newest checkpoint with every signature so far; a cosigned one where there is one."""
    found = desk.record.newest_checkpoint()
    return PlainTextResponse(found.note)


@router.get("/log/entries")
def entries(desk: AtDesk, start: Index, end: Index) -> EntriesOut:
    """Leaves start..end-1, at most 1000."""
    stop = min(end, start + MOST_ENTRIES, desk.books.size())
    leaves = desk.books.leaves(start, stop) if start < stop else []
    return EntriesOut(start=start, entries=[leaf.hex() for leaf in leaves])


@router.get("/log/proof")
def proof(desk: AtDesk, index: Index, size: Index) -> ProofOut:
    """That a leaf is in the tree of a size."""
    if not index < size <= desk.books.size():
        raise NotPublished
    path = desk.books.inclusion(index, size)
    return ProofOut(index=index, size=size, path=[node.hex() for node in path])
