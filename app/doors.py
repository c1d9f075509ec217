"""Every door has a guard or a reason, or the application does not start.

`app.routes` alone is a trap: an included router is one lazy object there, and a naive loop
finds no doors and passes. `iter_route_contexts` walks into them, sockets included.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts

from app.errors import DoorWithoutGuard
from foundation.auth.guards import Guard, Public, guards_of

CONVERTER: Final = re.compile(r":\w+(?=\})")
"""What the contract leaves out of a path: `{place:path}` is `{place}` there."""


def doors_of(app: FastAPI) -> list[RouteContext]:
    """Every HTTP and websocket door of the application."""
    return list(iter_route_contexts(app.routes))


def unguarded(app: FastAPI) -> list[str]:
    """Paths of the doors with neither guard nor public reason."""
    return [
        str(getattr(door, "path", "?"))
        for door in doors_of(app)
        if not guards_of(getattr(door, "dependant", None))
    ]


def refuse_unguarded(app: FastAPI) -> None:
    """Raise unless every door is guarded.

    Raises:
        DoorWithoutGuard: names the doors.
    """
    if found := unguarded(app):
        raise DoorWithoutGuard(f"doors without requires(...) or public(...): {', '.join(found)}")


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, each operation with its guard as `x-guard`."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    for path, method, guard in _operations(app):
        operation = document["paths"].get(path, {}).get(method)
        if operation is not None:
            operation["x-guard"] = guard
    return document


def _operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for door in doors_of(app):
        guards = guards_of(getattr(door, "dependant", None))
        for method in getattr(door, "methods", None) or ():
            path = CONVERTER.sub("", str(getattr(door, "path", "")))
            yield path, method.lower(), _words(guards)


def _words(guards: list[Guard | Public]) -> dict[str, Any]:
    permissions = [list(guard.permissions) for guard in guards if isinstance(guard, Guard)]
    if permissions:
        return {"permissions": sorted({one for some in permissions for one in some})}
    return {"public": next(guard.reason for guard in guards if isinstance(guard, Public))}
