"""What stands before every door: headers, the cross-site guard, body limits.

Plain ASGI, because the websocket passes here too and a page of another site can open one.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import BodyTooLarge, FromElsewhere
from app.replies import reply
from foundation.auth.guards import principal_of

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE: Final = frozenset({"same-origin", "none"})

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",  # the PDF viewer's decoders are WebAssembly
        "style-src 'self' 'unsafe-inline'",  # components position themselves by style attributes
        "img-src 'self' data: blob:",
        "font-src 'self' data: blob:",  # fonts inside a PDF
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # the evaluation room needs camera and microphone; nothing else of the machine
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), "
    "fullscreen=(self), geolocation=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT: Final = "max-age=31536000"

KIB: Final = 1024
USUAL_BODY: Final = 512 * KIB
MOST_DIGITS: Final = 20
LARGE_BODIES: Final = (
    (re.compile(r"/api/pool/import"), 257 * KIB * KIB),
    (re.compile(r"/api/classification/lists(/check)?"), 5 * KIB * KIB),
    (re.compile(r"/api/dataspec/credit-records/check"), 16 * KIB * KIB),
    (re.compile(r"/api/case-documents"), 21 * KIB * KIB),
    (re.compile(r"/api/evaluations/[^/]+/documents"), 128 * KIB * KIB),
    (re.compile(r"/api/(appointments|my/profile)/documents"), 11 * KIB * KIB),
)
"""Doors that take files; only for who is signed in, since bodies are read before guards."""


class SecurityHeaders:
    """Puts the headers on every answer; strict transport only over TLS with a real certificate."""

    def __init__(self, app: ASGIApp, *, strict_transport: bool = False) -> None:
        self.app = app
        self.strict_transport = strict_transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self.strict_transport and scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = STRICT_TRANSPORT
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        if scope["type"] == "http":
            await self.app(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send)


class OwnSiteOnly:
    """Refuses what another site's page sends in the name of who uses this browser.

    Browsers say where a request comes from (Sec-Fetch-Site, or Origin over plain HTTP);
    programs say nothing and hold no cookie of ours by accident.
    """

    def __init__(self, app: ASGIApp, *, public_origin: str = "") -> None:
        self.app = app
        self.public_origin = public_origin.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        changes = scope["type"] == "websocket" or scope.get("method") not in SAFE_METHODS
        if scope["type"] == "lifespan" or not changes or self._is_own(Headers(scope=scope)):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": FromElsewhere.code})
        else:
            await reply(FromElsewhere(), scope)(scope, receive, send)

    def _is_own(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        site = headers.get("sec-fetch-site")
        if site is not None and site not in OWN_SITE:
            return False
        if origin is None:
            return True
        if self.public_origin:
            return origin == self.public_origin
        return urlsplit(origin).netloc == headers.get("host")


class BodyLimit:
    """Refuses bodies longer than the door takes, said in advance or found on the way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        limit = await self._limit(scope)
        said = Headers(scope=scope).get("content-length", "0")
        # more digits than any limit has are not even read: int() refuses very long ones
        if not said.isdecimal() or len(said) > MOST_DIGITS or int(said) > limit:
            await reply(BodyTooLarge(limit_bytes=limit), scope)(scope, receive, send)
            return
        received = 0

        async def receive_within() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_within, send)

    async def _limit(self, scope: Scope) -> int:
        for path, limit in LARGE_BODIES:
            if path.fullmatch(scope["path"]):
                who = await run_sync(principal_of, HTTPConnection(scope))
                return USUAL_BODY if who is None else limit
        return USUAL_BODY
