"""The clerk prepares over HTTP; doors open for whom they should, when they should."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app import replies
from evaluation_room import routes
from evaluation_room.core import commands as wishes
from evaluation_room.core.values import PauseGround
from evaluation_room.errors import NotYourRoom
from foundation.auth.roles import Role
from tests.evaluation_room.bench import CODES, PDF, RoomBench, criteria


@pytest.fixture
def empty(tmp_path: Path) -> RoomBench:
    return RoomBench(tmp_path)


@pytest.fixture
def client(empty: RoomBench) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(routes.router)
    replies.install(app)
    app.state.rooms, app.state.accounts = empty.rooms, empty.accounts
    with TestClient(app) as client:
        yield client


def bearer(bench: RoomBench, name: str) -> dict[str, str]:
    who = bench.people[name]
    token = bench.accounts.sign_ins.begin_tab(who.account_id, Role(who.role)).access
    return {"Authorization": f"Bearer {token}"}


def test_a_clerk_prepares_an_evaluation_and_members_read_bids_after_their_declaration(
    client: TestClient, empty: RoomBench
) -> None:
    clerk = bearer(empty, "clerk")
    planned = client.post(
        "/api/evaluations", json={"draw_id": "dr_1", "title": "演示评标"}, headers=clerk
    )
    assert planned.status_code == 201
    empty.id = planned.json()["id"]
    door = f"/api/evaluations/{empty.id}"
    listed = client.put(
        f"{door}/bidders",
        json={
            "bidders": [
                {"id": f"b{n}", "name": f"投标人{n}", "unified_credit_code": code, "price_fen": n}
                for n, code in enumerate(CODES, start=1)
            ]
        },
        headers=clerk,
    )
    assert listed.status_code == 200
    file = {"file": ("标书.pdf", PDF, "application/pdf")}
    tender = client.post(f"{door}/documents", data={"kind": "tender"}, files=file, headers=clerk)
    assert tender.status_code == 201
    assert tender.json()["pages"] == 1
    for n in (1, 2, 3):
        form = {"kind": "bid", "bidder_id": f"b{n}"}
        bid = client.post(f"{door}/documents", data=form, files=file, headers=clerk)
    early = client.post(f"{door}/ready", headers=clerk)
    assert early.json()["error"]["code"] == "room.not_complete"
    body = {"criteria": criteria().model_dump(mode="json")}
    assert client.put(f"{door}/criteria", json=body, headers=clerk).status_code == 200
    ready = client.post(f"{door}/ready", headers=clerk).json()
    assert ready["phase"] == "check_in"
    assert [seat["alias"] for seat in ready["seats"]] == ["专家A", "专家B", "专家C"]

    expert, bid_door = bearer(empty, "x1"), f"{door}/documents/{bid.json()['document_id']}"
    mine = client.get("/api/my/evaluations", headers=expert).json()["evaluations"]
    assert set(mine[0]) == {"evaluation_id", "starts_at", "place", "phase", "can_enter"}
    assert client.get(bid_door, headers=expert).status_code == 404
    empty.open()
    opened = client.get(bid_door, headers=expert)
    assert opened.content == PDF
    assert opened.headers["cache-control"] == "private, no-store"


def test_log_and_export_are_the_supervisors_and_preparing_is_the_clerks(
    client: TestClient, empty: RoomBench
) -> None:
    empty.prepare()
    door = f"/api/evaluations/{empty.id}"
    for path in (f"{door}/log", f"{door}/export"):
        assert client.get(path, headers=bearer(empty, "supervisor")).status_code == 200
        for other in ("clerk", "x1"):
            assert client.get(path, headers=bearer(empty, other)).status_code == 403
    for other in ("supervisor", "x1"):
        assert client.post(f"{door}/ready", headers=bearer(empty, other)).status_code == 403
    assert client.get(door, headers=bearer(empty, "x1")).status_code == 403
    assert client.get("/api/evaluations").status_code == 401


def test_a_clerk_acts_only_for_the_evaluations_the_clerk_planned(
    client: TestClient, empty: RoomBench
) -> None:
    """R-SOD-1: one clerk answers for a room."""
    empty.prepare()
    other = empty.person("other", Role.CLERK)
    headers, door = bearer(empty, "other"), f"/api/evaluations/{empty.id}"
    bidder = {"name": "x", "unified_credit_code": CODES[0], "price_fen": 1}
    file = {"file": ("x.pdf", PDF, "application/pdf")}
    answers = [
        client.get(door, headers=headers),
        client.put(f"{door}/bidders", json={"bidders": [bidder]}, headers=headers),
        client.post(f"{door}/documents", data={"kind": "tender"}, files=file, headers=headers),
        client.put(
            f"{door}/criteria",
            json={"criteria": criteria().model_dump(mode="json")},
            headers=headers,
        ),
        client.post(f"{door}/ready", headers=headers),
        client.post(
            f"{door}/representatives", json={"seat": "o1", "account_id": "ac_x"}, headers=headers
        ),
        client.get(f"{door}/report.pdf", headers=headers),
    ]
    refused = [(one.status_code, one.json()["error"]["code"]) for one in answers]
    assert refused == [(403, "room.not_your_room")] * len(answers)
    assert client.get("/api/evaluations", headers=headers).json()["evaluations"] == []
    before = empty.room.seq
    with pytest.raises(NotYourRoom) as refusal:
        empty.act(other, wishes.Pause(ground=PauseGround.OTHER))
    assert refusal.value.rule == "R-SOD-1"
    assert empty.room.seq == before
    own = client.get("/api/evaluations", headers=bearer(empty, "clerk")).json()["evaluations"]
    assert [one["id"] for one in own] == [empty.id]
