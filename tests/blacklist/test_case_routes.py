"""The doors of a case file: who may open which, and what crosses the wire."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import replies
from blacklist import case_routes
from blacklist.case_service import CaseService
from foundation.auth.roles import Role
from foundation.files import SealedFiles
from foundation.rulebook.overlay import load_overlay
from tests.blacklist.bench import EXPERT, BlacklistBench
from tests.blacklist.test_routes import Doorman, as_

A_REPORT = {"expert_id": EXPERT, "ground": "leak", "text": "评标情况外泄"}
A_RULING = {"ruling": "none", "text": "不成立"}
WORDS = {"text": "理由"}
BOTH = {"supervisor", "pool_manager"}
PDF = b"%PDF-1.7 made by a test"


@pytest.fixture
def client(bench: BlacklistBench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(case_routes.router)
    replies.install(app)
    files = SealedFiles(tmp_path_factory.mktemp("documents"), b"k" * 32)
    app.state.cases = CaseService(bench.books, bench.blacklist, load_overlay("national"), files)
    app.state.accounts, app.state.clock = Doorman(), bench.clock
    with TestClient(app) as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", "/api/cases", None, BOTH),
        ("POST", "/api/cases", A_REPORT, BOTH),
        ("GET", "/api/cases/x", None, BOTH),
        ("POST", "/api/cases/x/decide", A_RULING, {"supervisor"}),
        ("POST", "/api/cases/x/confirm", None, {"supervisor"}),
        ("POST", "/api/cases/x/return", WORDS, {"supervisor"}),
        ("POST", "/api/cases/x/appeal/decide", WORDS | {"overturned": True}, {"supervisor"}),
        ("GET", "/api/cases/x/documents/y", None, BOTH),
        ("POST", "/api/case-documents", None, BOTH | {"expert"}),
        ("GET", "/api/my/cases", None, {"expert"}),
        ("GET", "/api/my/cases/x", None, {"expert"}),
        ("POST", "/api/my/cases/x/answer", WORDS, {"expert"}),
        ("POST", "/api/my/cases/x/appeal", WORDS, {"expert"}),
        ("GET", "/api/my/cases/x/documents/y", None, {"expert"}),
    ],
)
def test_each_door_opens_for_its_roles_only(
    client: TestClient, method: str, path: str, body: Any, allowed: set[str]
) -> None:
    for role in Role:
        status = client.request(method, path, json=body, headers=as_(role)).status_code
        assert (status != 403) == (role in allowed), role
    assert client.request(method, path, json=body).status_code == 401


def test_a_case_from_report_to_decision_over_the_wire(client: TestClient) -> None:
    handed = client.post(
        "/api/case-documents", files={"file": PDF}, headers=as_("pool_manager")
    ).json()
    document = {"title": "通话记录", "sha256": handed["sha256"]}
    case = client.post(
        "/api/cases", json=A_REPORT | {"documents": [document]}, headers=as_("pool_manager")
    ).json()
    door, mine = f"/api/cases/{case['id']}", f"/api/my/cases/{case['id']}"

    seen = client.get(mine, headers=as_("expert")).json()
    assert seen["may"] == ["answer"]
    file = client.get(f"{mine}/documents/{handed['sha256']}", headers=as_("expert"))
    assert (file.content, file.headers["content-type"]) == (PDF, "application/pdf")
    assert file.headers["content-disposition"] == "attachment"

    early = client.post(f"{door}/decide", json=A_RULING, headers=as_("supervisor"))
    assert (early.status_code, early.json()["error"]["code"]) == (409, "case.answer_first")
    client.post(f"{mine}/answer", json={"text": "并非本人"}, headers=as_("expert"))
    decided = client.post(f"{door}/decide", json=A_RULING, headers=as_("supervisor")).json()
    assert (decided["status"], decided["may"]) == ("decided", [])
    again = client.get(door, headers=as_("supervisor.2")).json()
    assert again["may"] == ["confirm", "return"]
    assert [act["own"] for act in decided["acts"]] == [False, False, True]


def test_a_case_tells_nobody_s_account(client: TestClient) -> None:
    client.post("/api/cases", json=A_REPORT, headers=as_("pool_manager"))
    (line,) = client.get("/api/cases", headers=as_("supervisor")).json()["cases"]
    whole = client.get(f"/api/cases/{line['id']}", headers=as_("supervisor"))

    assert line["status"] == "notified"
    assert "pool_manager" not in whole.text
