"""The doors: who may open which, and what crosses the wire."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import replies
from blacklist.routes import router
from foundation.auth.errors import NotSignedIn
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.ids import AccountId
from tests.blacklist.bench import EXPERT, BlacklistBench

A_MEASURE = {
    "expert_id": EXPERT,
    "kind": "suspended",
    "ground": "leak",
    "basis": "决定书 1 号",
    "deciding_body": "监督部门",
    "starts_on": "2026-11-24",
    "ends_on": "2026-12-24",
}


class Doorman:
    """Believes a bearer token that is `role` or `role.number`."""

    def principal(self, token: str) -> Principal:
        try:
            role = Role(token.partition(".")[0])
        except ValueError as unknown:
            raise NotSignedIn from unknown
        expert = EXPERT if role is Role.EXPERT else None
        return Principal(AccountId(token), role, expert, "si")


@pytest.fixture
def client(bench: BlacklistBench) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router)
    replies.install(app)
    app.state.accounts, app.state.blacklist = Doorman(), bench.blacklist
    app.state.clock = bench.clock
    with TestClient(app) as opened:
        yield opened


def as_(who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {who}"}


def test_a_measure_is_entered_by_one_and_lifted_by_another(client: TestClient) -> None:
    entered = client.post("/api/blacklist", json=A_MEASURE, headers=as_("pool_manager"))
    assert entered.status_code == 201
    body = entered.json()
    assert body["in_force"] is True
    assert body["article"].startswith("招标投标法")

    lifted = client.post(
        f"/api/blacklist/{body['id']}/lift",
        json={"ground": "overturned", "basis": "复议决定"},
        headers=as_("supervisor"),
    )
    assert lifted.status_code == 200
    (entry,) = client.get("/api/blacklist", headers=as_("supervisor")).json()["entries"]
    assert entry["in_force"] is False
    assert entry["lift_ground"] == "overturned"


def test_an_expert_asks_sees_the_standing_and_a_supervisor_decides(client: TestClient) -> None:
    asked = client.post("/api/my/exit", json={"reason_code": "age"}, headers=as_("expert"))
    assert asked.status_code == 201
    mine = client.get("/api/my/standing", headers=as_("expert")).json()
    assert mine["standing"] == {
        "status": "exit_pending",
        "may_serve": False,
        "rule": "R-ELIG-5",
        "until": None,
    }
    (request,) = client.get("/api/exits", headers=as_("supervisor")).json()["exits"]
    assert request["decision"] is None
    decided = client.post(
        f"/api/exits/{request['id']}/decide",
        json={"decision": "granted", "reason": "同意"},
        headers=as_("supervisor"),
    )
    assert decided.json()["decision"] == "granted"


def test_a_refusal_names_code_and_rule(client: TestClient) -> None:
    entered = client.post("/api/blacklist", json=A_MEASURE, headers=as_("supervisor")).json()

    refused = client.post(
        f"/api/blacklist/{entered['id']}/lift",
        json={"ground": "overturned", "basis": "b"},
        headers=as_("supervisor"),
    )

    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "blacklist.same_person"
    assert refused.json()["error"]["rule"] == "R-SOD-1"


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", "/api/blacklist", None, {"supervisor", "pool_manager"}),
        ("POST", "/api/blacklist", A_MEASURE, {"supervisor", "pool_manager"}),
        ("POST", "/api/blacklist/x/lift", {"ground": "a", "basis": "b"}, {"supervisor"}),
        ("GET", "/api/exits", None, {"supervisor", "pool_manager"}),
        ("POST", "/api/exits/x/decide", {"decision": "granted", "reason": "r"}, {"supervisor"}),
        ("POST", "/api/my/exit", {"reason_code": "age"}, {"expert"}),
        ("GET", "/api/my/standing", None, {"expert"}),
    ],
)
def test_each_door_opens_for_its_roles_only(
    client: TestClient, method: str, path: str, body: Any, allowed: set[str]
) -> None:
    for role in Role:
        status = client.request(method, path, json=body, headers=as_(role)).status_code
        assert (status != 403) == (role in allowed), role
    assert client.request(method, path, json=body).status_code == 401


def test_what_the_wire_does_not_know_is_refused(client: TestClient) -> None:
    for odd in (
        A_MEASURE | {"name": "x"},
        A_MEASURE | {"kind": "fired"},
        A_MEASURE | {"ground": "Not a code"},
    ):
        answer = client.post("/api/blacklist", json=odd, headers=as_("pool_manager"))
        assert answer.status_code == 422
