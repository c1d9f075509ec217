"""The watch board over HTTP, for supervisors alone; polled, so its bytes change only with it."""

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from draw_engine.core.draw_state import Stage
from evaluation_room.core.oddness import Limits
from evaluation_room.core.values import Phase
from evaluation_room.core.watching import Kind, Odd, Share
from evaluation_room.papers import Papers
from evaluation_room.routes import Reader, Rooms
from evaluation_room.watch import Running, Watch, Watched
from foundation.auth.guards import requires
from foundation.auth.principal import Principal
from foundation.auth.roles import Permission, Role

router = APIRouter(prefix="/api", tags=["evaluations"])

Watcher = Annotated[Principal, requires(Permission.EVALUATION_SUPERVISE)]


def watch_of(request: Request) -> Watch:
    """The service that app/wiring.py hung on the application."""
    return cast(Watch, request.app.state.watch)


def papers_of(request: Request) -> Papers:
    """What prints, as app/wiring.py hung it on the application."""
    return cast(Papers, request.app.state.papers)


AtPress = Annotated[Papers, Depends(papers_of)]


class ShareOut(BaseModel):
    """`k` cases of `n`."""

    k: int
    n: int

    @classmethod
    def of(cls, share: Share) -> "ShareOut":
        """A share on the wire."""
        return cls(k=share.k, n=share.n)


class OddOut(BaseModel):
    """Something rare: one in `one_in` by chance alone, 0 to 5 bars, red or not."""

    kind: Kind
    requester: str
    share: ShareOut
    others: ShareOut
    one_in: int
    bars: int
    alarm: bool
    draws: list[str]

    @classmethod
    def of(cls, odd: Odd, names: dict[str, str]) -> "OddOut":
        """A rare thing on the wire."""
        return cls(
            kind=odd.kind,
            requester=names[odd.requester],
            share=ShareOut.of(odd.share),
            others=ShareOut.of(odd.others),
            one_in=rounded(1 / odd.chance) if odd.chance > 1 / MOST else MOST,
            bars=odd.bars,
            alarm=odd.alarm,
            draws=list(odd.draws),
        )


MOST = 10**9
"""Rarer than this is said as "rarer than one in a thousand million"."""


def rounded(value: float) -> int:
    """To two figures: a chance is no more exact than that."""
    return int(float(f"{value:.1e}"))


class RunningOut(BaseModel):
    """A project under way."""

    draw_id: str
    evaluation_id: str | None
    project_name: str
    project_code: str
    section: str
    stage: Stage
    phase: Phase | None
    percent: int | None
    next_at: datetime | None
    marks: list[str]

    @classmethod
    def of(cls, one: Running) -> "RunningOut":
        """A project on the wire."""
        plain = {name: getattr(one, name) for name in cls.model_fields}
        return cls(**plain | {"marks": list(one.marks)})


class BandOut(BaseModel):
    """Both bands at `n` invitations, as shares."""

    n: int
    inner: tuple[float, float]
    outer: tuple[float, float]


class PointOut(BaseModel):
    """A requester's declines; `outside` the wider band."""

    requester: str
    share: ShareOut
    outside: bool


class WatchOut(BaseModel):
    """The board. No name of an expert, no score, no content of a room."""

    days: int
    checks: int
    running: list[RunningOut]
    odd: list[OddOut]
    mean: ShareOut
    points: list[PointOut]
    bands: list[BandOut]

    @classmethod
    def of(cls, seen: Watched, days: int) -> "WatchOut":
        """A board on the wire."""
        found = seen.board
        return cls(
            days=days,
            checks=found.checks,
            running=[RunningOut.of(one) for one in seen.running],
            odd=[OddOut.of(one, seen.names) for one in found.odd],
            mean=ShareOut.of(found.mean),
            points=[
                PointOut(
                    requester=seen.names[one.requester],
                    share=ShareOut.of(one.share),
                    outside=one.outside,
                )
                for one in found.points
            ],
            bands=[
                BandOut(n=one.n, inner=_pair(one.inner), outer=_pair(one.outer))
                for one in found.bands
            ],
        )


@router.get("/supervisor/watch")
def watch(_: Watcher, board: Annotated[Watch, Depends(watch_of)]) -> WatchOut:
    """Projects now, and what is rare, with how rare it is by chance alone."""
    return WatchOut.of(board.look(), board.days)


@router.get("/evaluations/{evaluation_id}/attendance.pdf", response_class=Response)
def attendance(evaluation_id: str, who: Reader, rooms: Rooms, papers: AtPress) -> Response:
    """The attendance sheet by seat; a clerk prints that of the own evaluations."""
    if who.role is Role.CLERK:
        rooms.clerks(evaluation_id, who.account_id)
    return _pdf(papers.attendance(evaluation_id))


@router.get("/supervisor/draws/{draw_id}/notices.pdf", response_class=Response)
def notices(draw_id: str, _: Watcher, papers: AtPress) -> Response:
    """When each seat was told and what came of it; no names."""
    return _pdf(papers.notices(draw_id))


def _pdf(data: bytes) -> Response:
    """Never cached by what stands between: it is for one reader."""
    headers = {"Cache-Control": "private, no-store"}
    return Response(data, media_type="application/pdf", headers=headers)


def _pair(limits: Limits) -> tuple[float, float]:
    return round(limits.low, 4), round(limits.high, 4)
