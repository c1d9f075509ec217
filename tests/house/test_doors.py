"""Every door has a guard or a reason; the application won't start otherwise."""

from collections import Counter
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, WebSocket

import app.main
from app.doors import doors_of, openapi_of, refuse_unguarded, unguarded
from app.errors import DoorWithoutGuard
from app.main import create_app
from foundation.auth.guards import guards_of, public


def test_every_door_has_a_guard_or_a_reason() -> None:
    doors = doors_of(create_app())
    assert len(doors) >= 20, "the walk found no doors, so it would pass in the dark"
    assert [one.path for one in doors if not guards_of(getattr(one, "dependant", None))] == []


def silent(document: dict[str, Any]) -> list[str]:
    """Operations of the contract that do not say their guard."""
    return [
        f"{method} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "x-guard" not in operation
    ]


def twice(house: FastAPI) -> list[str]:
    """Doors with the path and method of another one."""
    doors = Counter(
        f"{method} {one.path}"
        for one in doors_of(house)
        for method in sorted(getattr(one, "methods", None) or {"WEBSOCKET"})
    )
    return [door for door, times in doors.items() if times > 1]


def test_every_operation_of_the_contract_says_its_guard() -> None:
    document = openapi_of(create_app())
    assert sum(len(path) for path in document["paths"].values()) >= 20
    assert silent(document) == []
    guard = document["paths"]["/api/accounts"]["post"]["x-guard"]
    assert guard == {"permissions": ["accounts.manage"]}
    assert "public" in document["paths"]["/api/sign-in"]["post"]["x-guard"]
    del document["paths"]["/api/accounts"]["post"]["x-guard"]
    assert silent(document) == ["post /api/accounts"]


def test_each_door_stands_once() -> None:
    assert twice(create_app()) == []


def test_a_door_that_hides_another_is_found() -> None:
    house = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for _ in range(2):
        house.include_router(_room(guarded=True))
    assert twice(house) == ["GET /api/open", "WEBSOCKET /ws/open"]


def _room(*, guarded: bool) -> APIRouter:
    room = APIRouter(dependencies=[public("a test of the walk")] if guarded else [])

    @room.get("/api/open")
    def door() -> str:
        return "open"

    @room.websocket("/ws/open")
    async def socket(socket: WebSocket) -> None:
        await socket.accept()

    return room


def test_an_unguarded_door_is_found_even_behind_two_routers() -> None:
    house, floor = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()
    floor.include_router(_room(guarded=False))
    house.include_router(floor)
    assert unguarded(house) == ["/api/open", "/ws/open"]
    with pytest.raises(DoorWithoutGuard, match="/ws/open"):
        refuse_unguarded(house)


def test_a_reason_given_for_a_whole_room_counts() -> None:
    house = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    house.include_router(_room(guarded=True))
    assert unguarded(house) == []


def test_doors_that_are_not_ours_are_found_too() -> None:
    assert "/docs" in unguarded(FastAPI())


def test_the_application_does_not_start_with_an_unguarded_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app.main, "ROUTERS", (*app.main.ROUTERS, _room(guarded=False)))
    with pytest.raises(DoorWithoutGuard):
        create_app()
