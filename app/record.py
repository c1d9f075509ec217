"""Request ids and log lines: JSON, one line each, without query strings, names or bodies.

The path is logged as the door's pattern (`/api/links/{token}`), since a path can hold a
secret. An error is logged by type and place, without values: a message could hold a name.
"""

import logging
import re
import secrets
import sys
import time
import traceback
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Unforeseen
from app.replies import reply

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
LAST_FRAMES: Final = 6
CHATTY: Final = ("uvicorn", "websockets", "httpx2", "httpcore2")
"""Libraries that write whole addresses into their lines."""

log = structlog.stdlib.get_logger("expert_draw")


def configure(level: str) -> None:
    """Have every logger write JSON lines to the error stream."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel("WARNING")


def place_of(error: BaseException) -> list[str]:
    """Where an error came from: file, line and function of its last frames, no values."""
    frames = traceback.extract_tb(error.__traceback__)[-LAST_FRAMES:]
    return [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames]


def log_failure(event: str, error: BaseException, **facts: Any) -> None:
    """One line about an error nobody foresaw: its type and place, never its message."""
    log.error(event, error=type(error).__name__, place=place_of(error), **facts)


class Record:
    """Gives each request an id, writes one line about it, and answers what nobody foresaw."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        scope["request_id"] = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = scope["request_id"]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:  # the last place where it can be answered
            log_failure("request_failed", error, request_id=scope["request_id"])
            if status == 0:
                await reply(Unforeseen(), scope)(scope, receive, send_with_id)
        finally:
            log.info(
                "request",
                method=scope["method"],
                door=door_of(scope),
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
                request_id=scope["request_id"],
            )


def door_of(scope: Scope) -> str:
    """The pattern of the door that answered; '-' where none did."""
    return str(getattr(scope.get("route"), "path", "-"))
