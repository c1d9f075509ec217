"""What the page asks before anything else."""

from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from typing import Final, Literal, cast

from fastapi import APIRouter, Request
from pydantic import BaseModel

from draw_engine.core.demands import UNSEALED
from foundation.auth.guards import public
from foundation.clock import Clock
from foundation.ledger.book import Books
from foundation.rulebook.overlay import Overlay

PRODUCT: Final = "expert-draw"

Reach = Literal["secure", "this_machine", "plain_http"]

router = APIRouter(prefix="/api", tags=["meta"])


class CheckpointOut(BaseModel):
    """Size of the public log and the short form of its root."""

    size: int
    fingerprint: str


class MetaOut(BaseModel):
    """What this service is. `secure_hint` is "plain_http" where browsers deny the camera;
    `unsealed` says whether draws may be, or are, unsealed here; `media_mask` how members see
    each other's faces in the room."""

    product: str
    version: str
    demonstration: bool
    overlay: str
    overlay_version: str
    unsealed: Literal["never", "may", "always"]
    media_mask: Literal["none", "pixelated", "silhouette"]
    log_origin: str
    operator: str
    now: datetime
    secure_hint: Reach
    checkpoint: CheckpointOut | None


@router.get("/meta", dependencies=[public("the page must know what it is a page of")])
def meta(request: Request) -> MetaOut:
    """What this service is, what time it is, and how it is reached."""
    state = request.app.state
    books = cast(Books, state.books)
    newest = books.checkpoint() if books.size() else None
    return MetaOut(
        product=PRODUCT,
        version=product_version(),
        demonstration=state.demonstration,
        overlay=state.overlay.name,
        overlay_version=state.overlay.version,
        unsealed=_unsealed(state.overlay),
        media_mask=state.overlay.media_mask,
        log_origin=state.stamp.origin,
        operator=state.settings.operator or state.stamp.operator,
        now=cast(Clock, state.clock).now(),
        secure_hint=_reach(request),
        checkpoint=newest and CheckpointOut(size=newest.size, fingerprint=newest.fingerprint),
    )


def _unsealed(overlay: Overlay) -> Literal["never", "may", "always"]:
    """Whether a request may ask for an unsealed draw, or every draw is one."""
    if not overlay.unsealed_allowed:
        return "never"
    return "always" if UNSEALED in overlay.demands else "may"


def product_version() -> str:
    """The version of the installed distribution."""
    try:
        return version("expert-draw")
    except PackageNotFoundError:
        return "0"


def _reach(request: Request) -> Reach:
    """How the browser came: it gives camera and microphone to the first two only."""
    if request.url.scheme == "https":
        return "secure"
    name = request.url.hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return "this_machine"
    try:
        return "this_machine" if ip_address(name).is_loopback else "plain_http"
    except ValueError:
        return "plain_http"
