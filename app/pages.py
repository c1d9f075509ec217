"""The built page: files by name, and the page itself for every address it knows alone."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.routing import RouteContext
from starlette.responses import FileResponse, Response
from starlette.routing import Match

from app.errors import NoSuchDoor, PageNotBuilt, WrongMethod
from foundation.auth.guards import public

STATIC: Final = Path(__file__).parent / "static"
FOREVER: Final = "public, max-age=31536000, immutable"
VERIFIER: Final = "verifier.html"
VERIFIER_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'unsafe-inline'",  # the file itself allows its one script and style by hash
        "style-src 'unsafe-inline'",
        "img-src data:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The off-line verifier is one file, and may talk to nobody, served from here or not."""

SERVICE_PREFIXES: Final = ("api/", "ws/", "log/")


def pages(doors: Sequence[RouteContext], folder: Path = STATIC) -> APIRouter:
    """The last router: what no other door answered.

    Args:
        doors: the doors before it, so that a GET on a door that only takes POST is told so
            and not given the page.
        folder: where the built page lies.
    """
    router = APIRouter(include_in_schema=False)

    @router.api_route(
        "/{path:path}", methods=["GET", "HEAD"], dependencies=[public("the page itself")]
    )
    def page(path: str, request: Request) -> Response:
        if f"{path}/".startswith(SERVICE_PREFIXES):
            known = any(_stands_at(door, request) for door in doors)
            raise WrongMethod if known else NoSuchDoor
        return _file(folder, path)

    return router


def _stands_at(door: RouteContext, request: Request) -> bool:
    match, _ = door.matches({**request.scope, "method": "POST"})
    return match is not Match.NONE


def _file(folder: Path, path: str) -> Response:
    root = folder.resolve()
    wanted = _wanted(root, path)
    if wanted is not None:
        # names under assets/ hold a hash of their content
        caching = FOREVER if path.startswith("assets/") else "no-cache"
        headers = {"Cache-Control": caching}
        if path == VERIFIER:
            headers["Content-Security-Policy"] = VERIFIER_POLICY
        return FileResponse(wanted, headers=headers)
    if path.startswith("assets/"):
        raise NoSuchDoor
    if not (root / "index.html").is_file():
        raise PageNotBuilt
    return FileResponse(root / "index.html", headers={"Cache-Control": "no-cache"})


def verifier_sha256(folder: Path = STATIC) -> str:
    """SHA-256 of the off-line verifier in hex; empty where the page is not built."""
    file = folder / VERIFIER
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _wanted(root: Path, path: str) -> Path | None:
    """The file below `root` that an address names, if there is one."""
    try:
        wanted = (root / path).resolve()
        return wanted if wanted.is_relative_to(root) and wanted.is_file() else None
    except (OSError, ValueError):  # longer than a name may be, or with a zero byte in it
        return None
