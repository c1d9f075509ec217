"""The doors of the assessment: who may open which, and what crosses the wire."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import replies
from blacklist.rating_routes import router
from foundation.auth.roles import Role
from foundation.ids import ExpertId
from tests.app.bench import code_of
from tests.blacklist.bench import EXPERT
from tests.blacklist.drawn import CAME, DrawnBench
from tests.blacklist.test_routes import Doorman, as_
from tests.stores.places import Stores

RATERS = {Role.CLERK, Role.EXPERT, Role.OWNER_REPRESENTATIVE}
READERS = {Role.SUPERVISOR, Role.POOL_MANAGER}
SAID: dict[str, Any] = {"said": []}
WORDS = {"text": "请核对"}
DECISION = {"keep": True, "reason": "属实"}


@pytest.fixture
def drawn(stores: Stores) -> Iterator[DrawnBench]:
    bench = DrawnBench(stores, "demonstration")
    bench.drawn(one="late", other=CAME)
    bench.tick()
    yield bench
    bench.database.close()


@pytest.fixture
def client(drawn: DrawnBench) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router)
    replies.install(app)
    app.state.accounts, app.state.ratings = Doorman(), drawn.ratings
    with TestClient(app) as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "path", "body", "roles"),
    [
        ("GET", "/api/ratings", None, RATERS),
        ("GET", "/api/ratings/ev_none", None, RATERS),
        ("POST", "/api/ratings/ev_none", SAID, RATERS),
        ("GET", "/api/rating-rounds", None, READERS),
        ("GET", "/api/rating-rounds/ev_none", None, READERS),
        ("GET", "/api/points", None, READERS),
        ("GET", "/api/points/ex_one", None, READERS),
        ("GET", "/api/my/points", None, {Role.EXPERT}),
        ("POST", "/api/my/points/rp_none/dispute", WORDS, {Role.EXPERT}),
        ("GET", "/api/point-disputes", None, READERS),
        ("POST", "/api/point-disputes/rp_none/decide", DECISION, {Role.SUPERVISOR}),
        ("GET", "/api/rating-watch", None, {Role.SUPERVISOR}),
    ],
)
def test_each_door_opens_for_its_roles_only(
    client: TestClient, method: str, path: str, body: Any, roles: set[Role]
) -> None:
    for role in Role:
        answer = client.request(method, path, json=body, headers=as_(role.value))
        assert (answer.status_code != 403) is (role in roles), role
    assert client.request(method, path, json=body).status_code == 401


def test_an_expert_sees_and_disputes_the_own_account_only(
    client: TestClient, drawn: DrawnBench
) -> None:
    """R-ASM-1: fact, time, place, row and source; no rater and no project."""
    assert ExpertId("ex_one") == EXPERT
    mine = client.get("/api/my/points", headers=as_("expert")).json()
    [point] = mine["points"]
    assert (point["fact"], point["points"], point["from_log"]) == ("late", "10", True)
    assert point["source"]
    assert point["place"]
    assert not {"rater", "title", "evaluation_id", "draw_id", "seat"} & set(point)
    assert mine["account"]["reached"][0]["act"] == "warn"
    with_others = drawn.ratings.accounts.account(ExpertId("ex_other"))
    assert with_others.points == ()

    path = f"/api/my/points/{point['id']}/dispute"
    assert client.post(path, json=WORDS, headers=as_("expert")).json()["dispute"] == "请核对"
    again = client.post(path, json=WORDS, headers=as_("expert"))
    assert (again.status_code, code_of(again)) == (409, "blacklist.point_settled")
    [listed] = client.get("/api/point-disputes", headers=as_("pool_manager")).json()["disputes"]
    assert (listed["expert_id"], listed["dissented"]) == (EXPERT, False)
    decide = f"/api/point-disputes/{point['id']}/decide"
    kept = client.post(decide, json=DECISION, headers=as_("supervisor")).json()
    assert (kept["decision"], kept["taken_back_at"]) == ("kept", None)


def test_odd_requests_are_refused(client: TestClient) -> None:
    said = {"of": "e1", "fact": "stalled", "links": [], "reason": "因"}
    for body in (
        {},
        {"said": [{**said, "fact": "DROP TABLE"}]},
        {"said": [{**said, "links": [{"stream": "x", "seq": 0}]}]},
        {"said": [said] * 101},
        {"said": [{**said, "points": "99"}]},
    ):
        answer = client.post("/api/ratings/ev_none", json=body, headers=as_("clerk"))
        assert answer.status_code == 422
    unknown = client.post("/api/ratings/ev_none", json=SAID, headers=as_("clerk"))
    assert (unknown.status_code, code_of(unknown)) == (404, "blacklist.rating_unknown")
    nobody = client.get("/api/points/ex_nobody", headers=as_("supervisor"))
    assert nobody.json()["points"] == []
