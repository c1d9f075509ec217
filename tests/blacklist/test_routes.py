"""The doors: who may open which, and what crosses the wire."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import replies
from blacklist.core.grounds import Kind
from blacklist.routes import router
from foundation.auth.errors import NotSignedIn
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.ids import AccountId, ExpertId
from foundation.rulebook.overlay import load_overlay
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


def test_a_measure_is_put_forward_by_one_and_confirmed_by_another(client: TestClient) -> None:
    proposal = client.post("/api/blacklist", json=A_MEASURE, headers=as_("pool_manager")).json()
    assert (proposal["open"], proposal["may_act"]) == (True, False)
    assert proposal["article"].startswith("招标投标法")
    assert client.get("/api/blacklist", headers=as_("supervisor")).json()["entries"] == []

    (waiting,) = client.get("/api/blacklist/proposals", headers=as_("supervisor")).json()[
        "proposals"
    ]
    assert (waiting["id"], waiting["may_act"]) == (proposal["id"], True)
    client.post(f"/api/blacklist/proposals/{proposal['id']}/confirm", headers=as_("supervisor"))
    (entry,) = client.get("/api/blacklist", headers=as_("supervisor")).json()["entries"]
    assert entry["in_force"] is True

    lift = client.post(
        f"/api/blacklist/{entry['id']}/lift",
        json={"ground": "overturned", "basis": "复议决定"},
        headers=as_("supervisor"),
    ).json()
    client.post(f"/api/blacklist/proposals/{lift['id']}/confirm", headers=as_("supervisor.2"))
    (entry,) = client.get("/api/blacklist", headers=as_("supervisor")).json()["entries"]
    assert entry["in_force"] is False
    assert entry["lift_ground"] == "overturned"


def test_a_standing_can_be_asked_for_any_past_instant(
    client: TestClient, bench: BlacklistBench
) -> None:
    bench.record()
    now = bench.clock.now().isoformat()
    before = (bench.clock.now() - timedelta(seconds=1)).isoformat()

    def asked(at: str) -> Any:
        answer = client.get(f"/api/standing/{EXPERT}", params={"at": at}, headers=as_("supervisor"))
        return answer.json()

    assert asked(before)["may_serve"] is True
    assert asked(now)["whys"][0]["ground"] == "not_recused"


def test_an_expert_asks_sees_the_standing_and_a_supervisor_decides(client: TestClient) -> None:
    asked = client.post("/api/my/exit", json={"reason_code": "age"}, headers=as_("expert"))
    assert asked.status_code == 201
    mine = client.get("/api/my/standing", headers=as_("expert")).json()
    assert mine["standing"] == {
        "status": "exit_pending",
        "may_serve": False,
        "rule": "R-ELIG-5",
        "until": None,
        "whys": [
            {
                "status": "exit_pending",
                "rule": "R-ELIG-5",
                "until": None,
                "ground": "age",
                "source": asked.json()["id"],
            }
        ],
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
        f"/api/blacklist/proposals/{entered['id']}/confirm", headers=as_("supervisor")
    )

    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "blacklist.same_person"
    assert refused.json()["error"]["rule"] == "R-SOD-2"


def test_who_reads_a_proposal_back_and_who_takes_it_back(client: TestClient) -> None:
    first, second = (
        client.post("/api/blacklist", json=A_MEASURE, headers=as_("pool_manager")).json()["id"]
        for _ in range(2)
    )
    door = "/api/blacklist/proposals"
    returned = client.post(
        f"{door}/{first}/return", json={"reason": "依据不足"}, headers=as_("supervisor")
    ).json()
    withdrawn = client.post(f"{door}/{second}/withdraw", headers=as_("pool_manager")).json()

    assert (returned["outcome"], returned["reason"]) == ("returned", "依据不足")
    assert withdrawn["outcome"] == "withdrawn"


def test_an_expert_takes_leave_and_comes_back(client: TestClient) -> None:
    leave = {"ground": "illness", "starts_on": "2026-11-24", "ends_on": "2026-11-30"}
    taken = client.post("/api/my/leave", json=leave, headers=as_("expert")).json()
    assert taken["in_force"] is True
    ended = client.post(f"/api/my/leave/{taken['id']}/end", headers=as_("expert")).json()
    assert ended["in_force"] is False


def test_another_way_out_is_put_forward_and_confirmed(client: TestClient) -> None:
    out = {
        "expert_id": EXPERT,
        "kind": "deceased",
        "ground": "other",
        "basis": "证明",
        "deciding_body": "专家库管理单位",
    }
    proposal = client.post("/api/exits", json=out, headers=as_("pool_manager")).json()
    client.post(f"/api/blacklist/proposals/{proposal['id']}/confirm", headers=as_("supervisor"))
    (departure,) = client.get("/api/exits", headers=as_("supervisor")).json()["departures"]
    assert departure["kind"] == "deceased"


A_LEAVE = {"ground": "illness", "starts_on": "2026-11-24", "ends_on": "2026-11-30"}
BOTH = {"supervisor", "pool_manager"}


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", "/api/blacklist", None, {"supervisor", "pool_manager"}),
        ("POST", "/api/blacklist", A_MEASURE, {"supervisor", "pool_manager"}),
        ("POST", "/api/blacklist/x/lift", {"ground": "a", "basis": "b"}, BOTH),
        ("POST", "/api/blacklist/x/correct", A_MEASURE | {"expert_id": None}, BOTH),
        ("GET", "/api/blacklist/proposals", None, BOTH),
        ("POST", "/api/blacklist/proposals/x/confirm", None, {"supervisor"}),
        ("POST", "/api/blacklist/proposals/x/return", {"reason": "r"}, {"supervisor"}),
        ("POST", "/api/blacklist/proposals/x/withdraw", None, BOTH),
        ("GET", "/api/standing/ex_one", None, BOTH),
        ("GET", "/api/exits", None, BOTH),
        ("POST", "/api/exits", {}, BOTH),
        ("POST", "/api/my/leave", A_LEAVE, {"expert"}),
        ("POST", "/api/my/leave/x/end", None, {"expert"}),
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


def test_what_local_rules_publish_names_nobody(client: TestClient, bench: BlacklistBench) -> None:
    """The national overlay publishes nothing; one that does tells the decision and no person."""
    bench.record()
    bench.record(kind=Kind.BARRED, expert_id=ExpertId("ex_two"))
    assert client.get("/api/public/measures").json() == {"kinds": [], "entries": []}

    bench.blacklist._overlay = replace(load_overlay("national"), publish_kinds=("barred",))
    told = client.get("/api/public/measures")

    (entry,) = told.json()["entries"]
    assert (entry["kind"], entry["deciding_body"], entry["in_force"]) == (
        "barred",
        "监督部门",
        True,
    )
    assert not {EXPERT, "ex_two", "acc_m"} & set(entry.values())
    assert "expert" not in told.text
