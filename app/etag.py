"""Lets a polling page hear "nothing new": an ETag on every JSON answer to a GET."""

from hashlib import sha256
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BYTES: Final = 4 * 2**20


class EntityTags:
    """Hashes small JSON answers; 304 where the page holds the same bytes already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"][:5] != "/api/":
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Tagger(scope, send).send)


class _Tagger:
    """Holds one answer back until its bytes are known."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._held = {
            tag.strip() for tag in Headers(scope=scope).get("if-none-match", "").split(",")
        }
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Pass on, or hold until the last part of a JSON answer."""
        if message["type"] == "http.response.start" and _is_fresh_json(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if message.get("more_body") and len(self._body) <= MAX_BYTES:
                return
            await self._finish(more=bool(message.get("more_body")))

    async def _finish(self, *, more: bool) -> None:
        start, self._start = self._start, None
        assert start is not None  # noqa: S101 # _finish follows a start that was held
        if not more:
            headers = MutableHeaders(scope=start)
            tag = f'"{sha256(self._body).hexdigest()[:32]}"'
            headers["ETag"] = tag
            if tag in self._held:
                start["status"], self._body = 304, b""
                del headers["Content-Length"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body, "more_body": more})


def _is_fresh_json(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return (
        start["status"] == 200
        and "etag" not in headers
        and headers.get("content-type", "").startswith("application/json")
    )
