"""The only two ways to hang a door: `requires(...)` and `public(...)`.

    who: Annotated[Principal, requires(Permission.DRAW_FILE)]        # any one of them suffices
    @router.get("/meta", dependencies=[public("the page must know where it is")])

The application refuses to start while a door, websocket doors included, has neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, cast

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from starlette.requests import HTTPConnection

from foundation.auth.errors import NotPermitted, NotSignedIn
from foundation.auth.principal import Principal
from foundation.auth.roles import Permission

__all__ = ["Guard", "Principal", "Public", "guards_of", "principal_of", "public", "requires"]

ACCESS_COOKIE = "expert_draw_access"
REFRESH_COOKIE = "expert_draw_refresh"


class Reader(Protocol):
    """What a guard needs of the accounts service."""

    def principal(self, token: str) -> Principal:
        """Who holds `token`, if it is ours and still live; NotSignedIn otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class Guard:
    """Opens for a live sign-in whose role grants any one of `permissions`."""

    permissions: tuple[Permission, ...]

    def __call__(self, connection: HTTPConnection) -> Principal:
        who = principal_of(connection)
        if who is None:
            raise NotSignedIn
        if not who.may(*self.permissions):
            raise NotPermitted
        return who


@dataclass(frozen=True, slots=True)
class Public:
    """Open to everybody, for a reason that is printed in the OpenAPI document."""

    reason: str

    def __call__(self) -> None:
        return None


# Any, as FastAPI's own Depends: the marker stands where a value of another type will be.
def requires(*permissions: Permission) -> Any:
    """A dependency that yields the Principal, granted any one of `permissions`.

    Raises:
        ValueError: no permission named; a door for everybody says `public(reason)`.
    """
    if not permissions:
        raise ValueError("a guard names at least one permission")
    return Depends(Guard(permissions))


def public(reason: str) -> Any:
    """A marker for a door without an account; `reason` is a sentence a reader can weigh."""
    if not reason.strip():
        raise ValueError("an open door gives its reason")
    return Depends(Public(reason))


def guards_of(dependant: Dependant | None) -> list[Guard | Public]:
    """Every guard and public reason in a route's tree of dependencies."""
    return list(_walk(dependant)) if dependant is not None else []


def principal_of(connection: HTTPConnection) -> Principal | None:
    """Who asks, or None. A tab's bearer token wins over the browser's cookie."""
    token = token_of(connection)
    if token is None:
        return None
    accounts = cast(Reader, connection.app.state.accounts)
    try:
        return accounts.principal(token)
    except NotSignedIn:
        return None


def token_of(connection: HTTPConnection) -> str | None:
    """The token that the connection shows, whatever it is worth."""
    return _bearer(connection) or connection.cookies.get(ACCESS_COOKIE)


def _bearer(connection: HTTPConnection) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _walk(dependant: Dependant) -> Iterator[Guard | Public]:
    if isinstance(dependant.call, Guard | Public):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _walk(inner)
