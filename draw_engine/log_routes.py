"""The log over HTTP for programs that are not ours: C2SP checkpoint and tlog-tiles.

The prefix of the log is `/log`. Nothing here knows who asks, so every answer may be cached
and read by pages of other sites.
"""

import gzip
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response
from fastapi.responses import PlainTextResponse

from draw_engine.desk import AtDesk
from foundation.auth.guards import public

FOR_ALL: Final = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
SECONDS: Final = {"Cache-Control": "public, max-age=2"}
BYTES: Final = "application/octet-stream"

router = APIRouter(
    prefix="/log",
    tags=["log"],
    dependencies=[public("whoever doubts the log reads it whole; it names nobody")],
)


@router.get("/checkpoint", response_class=PlainTextResponse)
def checkpoint(desk: AtDesk) -> PlainTextResponse:
    """The newest checkpoint that every required witness has cosigned, as a signed note."""
    return PlainTextResponse(desk.log.checkpoint().note, headers={**FOR_ALL, **SECONDS})


@router.get("/tile/{place:path}", response_class=Response)
def tile(
    place: str, desk: AtDesk, accept_encoding: Annotated[str, Header(max_length=200)] = ""
) -> Response:
    """A tile of hashes at `<L>/<N>[.p/<W>]`, or of entries at `entries/<N>[.p/<W>]`."""
    data = desk.log.tile(place)
    headers = {**FOR_ALL, **FOREVER}
    if place.startswith("entries/"):  # hashes do not shrink, entries do
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in accept_encoding:
            data = gzip.compress(data, mtime=0)
            headers["Content-Encoding"] = "gzip"
    return Response(data, media_type=BYTES, headers=headers)
