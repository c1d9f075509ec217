"""What everybody may read: the list of draws, bundles, the policy, a proof from the log."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from draw_engine.core.draw_state import Stage
from draw_engine.desk import AtDesk
from draw_engine.schemas import Instant, Out
from foundation.auth.guards import public
from foundation.digest import canon

JSON = "application/json"
PDF = "application/pdf"

router = APIRouter(
    prefix="/api/public",
    tags=["public"],
    dependencies=[public("a draw that strangers can't check proves nothing; no name stands here")],
)

Index = Annotated[int, Query(ge=0, le=2**40)]


class PublicDrawOut(Out):
    """A draw whose freeze is in the log; `sealed` while a seal is kept over its committee."""

    id: str
    M: str
    state: str
    sealed: bool
    unsealed_at: Instant | None


class PublicDrawsOut(Out):
    """All of them, newest first."""

    draws: list[PublicDrawOut]


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
            PublicDrawOut(
                id=row.id,
                M=row.M,
                state=row.stage,
                sealed=row.stage == Stage.SEALED and bool(desk.record.load(row.id).seal),
                unsealed_at=row.unsealed_at,
            )
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


@router.get("/draws/{draw_id}/certificate", response_class=Response)
def certificate(draw_id: str, desk: AtDesk) -> Response:
    """The draw certificate (抽取凭证) as PDF, from unsealing on; the same bytes for everybody."""
    data = desk.certificates.pdf(draw_id, desk.origin, desk.verifier_sha256)
    name = f"draw-certificate-{draw_id}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(data, media_type=PDF, headers=headers)


@router.get("/policy", response_class=Response)
def policy(desk: AtDesk) -> Response:
    """The policy in force, canonical."""
    return Response(canon(desk.parties.policy().as_object()), media_type=JSON)


@router.get("/log/proof")
def proof(desk: AtDesk, index: Index, size: Index) -> ProofOut:
    """That a leaf is in the tree of a published size; tiles give the same to any program."""
    path = desk.log.inclusion(index, size)
    return ProofOut(index=index, size=size, path=[node.hex() for node in path])
