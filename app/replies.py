"""A refusal as an HTTP answer: one table of statuses, one shape of body."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from app import errors
from foundation.errors import Kind, ServiceError

STATUS: Final[Mapping[Kind, int]] = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.TOO_LARGE: 413,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
}

OWN_STATUS: Final[Mapping[str, int]] = {
    errors.WrongMethod.code: 405,
    errors.Unforeseen.code: 500,
}
"""The two refusals whose status HTTP itself has fixed."""

FROM_STATUS: Final[Mapping[int, type[ServiceError]]] = {
    404: errors.NoSuchDoor,
    405: errors.WrongMethod,
    413: errors.BodyTooLarge,
}
"""What the framework says with a bare number, as a refusal of ours."""

MAX_FIELDS: Final = 20
POLICY_VIOLATION: Final = 1008


def status_of(refusal: ServiceError) -> int:
    """The HTTP status of a refusal."""
    return OWN_STATUS.get(refusal.code, STATUS[refusal.kind])


def body_of(refusal: ServiceError, request_id: str) -> dict[str, Any]:
    """The wire form of a refusal; `beside` of a refusal stands next to `error`."""
    error = {
        "code": refusal.code,
        "rule": refusal.rule,
        "facts": refusal.facts,
        "request_id": request_id,
    }
    return {"error": error, **getattr(refusal, "beside", {})}


def reply(refusal: ServiceError, scope: Mapping[str, Any]) -> JSONResponse:
    """The whole answer."""
    headers = {}
    if "wait_seconds" in refusal.facts:
        headers["Retry-After"] = str(refusal.facts["wait_seconds"])
    body = body_of(refusal, scope.get("request_id", ""))
    return JSONResponse(body, status_of(refusal), headers)


def install(app: FastAPI) -> None:
    """Have every refusal of `app` answered from the table."""
    app.add_exception_handler(ServiceError, _refused)
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(WebSocketRequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _bare)
    app.add_exception_handler(DataError, _unkeepable)


async def _refused(connection: HTTPConnection, exc: Exception) -> Response:
    assert isinstance(exc, ServiceError)  # noqa: S101 # registered for this class alone
    return await _answer(connection, exc)


async def _misshapen(connection: HTTPConnection, exc: Exception) -> Response:
    """Where the request is wrong, by field path; what stood there is never echoed."""
    assert isinstance(exc, RequestValidationError | WebSocketRequestValidationError)  # noqa: S101
    found = sorted({_path(error["loc"]) for error in exc.errors()})
    return await _answer(connection, errors.BadRequest(fields=", ".join(found[:MAX_FIELDS])))


async def _unkeepable(connection: HTTPConnection, _exc: Exception) -> Response:
    """Text or a number that the database can't hold, such as a zero byte in PostgreSQL."""
    return await _answer(connection, errors.BadRequest(fields="?"))


async def _bare(connection: HTTPConnection, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101 # registered for this class alone
    known = FROM_STATUS.get(exc.status_code)
    refusal = known() if known else errors.BadRequest(fields="body")
    answer = await _answer(connection, refusal)
    answer.headers.update(exc.headers or {})
    return answer


async def _answer(connection: HTTPConnection, refusal: ServiceError) -> Response:
    if isinstance(connection, WebSocket):
        await connection.close(POLICY_VIOLATION, refusal.code)
    assert isinstance(connection, Request | WebSocket)  # noqa: S101 # the two there are
    return reply(refusal, connection.scope)


def _path(location: tuple[Any, ...]) -> str:
    # keys of an unknown object come from the client: only identifiers of ours pass
    parts = [str(part) for part in location]
    return ".".join(part if part.isidentifier() or part.isdigit() else "?" for part in parts)
