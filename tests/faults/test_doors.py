"""Every door, every role: what is not granted is 403, nobody is 401, and nothing ever is 500."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.doors import doors_of, openapi_of
from app.main import create_app
from foundation.auth.guards import Guard, guards_of
from foundation.auth.roles import GRANTS, Permission, Role
from tests.app.bench import code_of
from tests.faults.conftest import Live, has_words

GUARDED = [
    (method, str(door.path), frozenset(guard.permissions))
    for door in doors_of(create_app())
    for guard in guards_of(getattr(door, "dependant", None))
    if isinstance(guard, Guard)
    for method in sorted((getattr(door, "methods", None) or set()) - {"HEAD"})
]
DOCUMENT = openapi_of(create_app())
EVERYBODY: tuple[Role | None, ...] = (*Role, None)
CHANGES_ELSEWHERE = {"/api/sign-out", "/api/accounts/{account_id}/disable"}
"""Doors that would put out the lights for the tests after this one."""


def filled(path: str, live: Live, odd: str = "") -> str:
    ids = {"draw_id": odd or live.draw_id, "evaluation_id": odd or "ev_1"}
    for part in path.split("{")[1:]:
        name = part.partition("}")[0]
        path = path.replace(f"{{{name}}}", ids.get(name, odd or "x1"))
    return path


@pytest.mark.parametrize("role", EVERYBODY)
def test_what_is_not_granted_is_refused(live: Live, role: Role | None) -> None:
    browser = live.as_(role)
    before = live.size()
    expected = (401, "accounts.not_signed_in") if role is None else (403, "accounts.not_permitted")
    granted: frozenset[Permission] = frozenset() if role is None else GRANTS[role]
    tried = 0
    for method, path, permissions in GUARDED:
        if granted & permissions:
            continue
        answer = browser.request(method, filled(path, live), json={})
        assert (answer.status_code, code_of(answer)) == expected, (method, path, answer.text)
        assert has_words(answer)
        tried += 1
    assert tried >= 25
    assert live.size() == before


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://testserver.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
    ],
)
def test_another_site_s_page_acts_in_nobody_s_name(live: Live, said: Mapping[str, str]) -> None:
    before = live.size()
    applicant = live.as_(Role.APPLICANT)
    for path in ("/api/draws", f"/api/draws/{live.draw_id}/withdraw", "/api/sign-out"):
        answer = applicant.post(path, json=live.request(), headers=said)
        assert (answer.status_code, code_of(answer)) == (403, "app.from_elsewhere")
    with pytest.raises(WebSocketDisconnect), applicant.websocket_connect("/ws/room", headers=said):
        pass
    assert live.size() == before


def values(schema: Any, chance: random.Random, depth: int = 0) -> Any:  # noqa: PLR0911 # a case a line
    """A value of a schema's shape, or quite another one now and then."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return values(DOCUMENT["components"]["schemas"][name], chance, depth)
    if depth > 6 or chance.random() < 0.12:
        return chance.choice(ODD)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return values(chance.choice(schema[choice]), chance, depth)
    if "enum" in schema or "const" in schema:
        return chance.choice(schema.get("enum") or [schema["const"]])
    match schema.get("type"):
        case "object":
            members = schema.get("properties", {})
            return {
                name: values(inner, chance, depth + 1)
                for name, inner in members.items()
                if name in schema.get("required", ()) or chance.random() < 0.7
            }
        case "array":
            return [values(schema["items"], chance, depth + 1) for _ in range(chance.randrange(3))]
        case "integer" | "number":
            least, most = schema.get("minimum", -1), schema.get("maximum", 2**40)
            return chance.choice([least, most, least - 1, most + 1, (least + most) // 2])
        case "boolean":
            return chance.random() < 0.5
        case "null":
            return None
        case _:
            return text(schema, chance)


ODD: list[Any] = [
    *(None, True, -1, 0, 2**31, 2**63, 2**64, 10**30, 1.5, 1e308, "", " ", "\0", "𠮷䶮", "%", "'"),
    *("a" * 3_000, [], {}, [[]], {"": ""}, "0001-01-01T00:00:00+14:00", "\u202e", "💥" * 40),
]
LIKELY = (
    *("2018:A08", "2018:A080205", "ZB", "GP-T", "EVALUATE", "centre", "own", "bidder", "ex_1"),
    *("110000", "suspended", "2027-01-01", "2026-11-23T03:00:00Z", "9999-12-31T23:59:59Z"),
    *("0" * 64, "ab" * 32, "0" * 128, "accept", "granted", "e1", "91110108551385082Q", "7.5"),
)


def text(schema: Any, chance: random.Random) -> str:
    size = min(schema.get("maxLength", 40), 300)
    among: list[str] = [*LIKELY, "建设" * (size // 2), "x" * size, "x" * (size + 1)]
    return chance.choice(among)


def requests(chance: random.Random) -> Iterator[tuple[str, str, Any]]:
    """Method, path and body for one round through every operation."""
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if path in CHANGES_ELSEWHERE:
                continue
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            query = {
                one["name"]: str(values(one["schema"], chance))
                for one in operation.get("parameters", ())
                if one["in"] == "query" and chance.random() < 0.8
            }
            yield (
                method,
                path,
                {
                    "params": query,
                    **({"json": values(schema, chance)} if schema else {"content": b"\0"}),
                },
            )


def sent(browser: TestClient, method: str, path: str, what: Any) -> Any:
    return browser.request(method.upper(), path, **what)


@pytest.mark.parametrize("role", EVERYBODY)
def test_whatever_is_sent_the_answer_was_foreseen(live: Live, role: Role | None) -> None:
    """Rounds through the whole contract with values of nearly the right shape."""
    chance = random.Random(str(role))
    browser, tried = live.as_(role), 0
    for _ in range(2):
        for method, path, what in requests(chance):
            odd = chance.choice(["", "", "%00", "x" * 300, "💥"])
            before = live.size()
            answer = sent(browser, method, filled(path, live, odd), what)
            assert answer.status_code < 500, (method, path, what, answer.text)
            if answer.status_code >= 400:
                assert has_words(answer), (method, path, answer.text)
                assert live.size() == before, (method, path, what, answer.text)
            tried += 1
    assert tried >= 100
