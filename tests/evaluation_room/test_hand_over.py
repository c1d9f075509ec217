"""A room whose clerk is gone is given to another clerk by the supervisor."""

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app import replies
from evaluation_room import errors, gateway, routes
from evaluation_room.core import commands as wishes
from evaluation_room.core import report
from evaluation_room.core.errors import IsStopped, WrongPhase
from evaluation_room.core.events import HandedOver
from evaluation_room.core.values import PauseGround, Phase
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from tests.evaluation_room.bench import RoomBench

ILL = "原工作人员突发疾病"


@pytest.fixture
def other(bench: RoomBench) -> Principal:
    """A second clerk, who has nothing to do with the room yet."""
    return bench.person("clerk-2", Role.CLERK)


@pytest.fixture
def client(bench: RoomBench) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(routes.router)
    app.include_router(gateway.router)
    replies.install(app)
    app.state.rooms, app.state.accounts = bench.rooms, bench.accounts
    with TestClient(app) as client:
        yield client


def bearer(bench: RoomBench, who: Principal) -> dict[str, str]:
    token = bench.accounts.sign_ins.begin_tab(who.account_id, who.role).access
    return {"Authorization": f"Bearer {token}"}


def test_a_room_whose_clerk_is_disabled_goes_on_with_another(
    bench: RoomBench, other: Principal
) -> None:
    """R-SUP-2."""
    seats = bench.open()
    bench.score(seats)
    bench.accounts.disable(bench.clerk.account_id, "left", by=bench.supervisor.account_id)
    assert bench.rooms.hand_over.without_clerk() == {bench.id}
    assert bench.rooms.hand_over.clerks(bench.id).able is False
    with pytest.raises(errors.NotYourRoom):
        bench.rooms.viewer(bench.id, other)

    bench.rooms.hand_over.to(bench.id, other.account_id, ILL)

    assert bench.rooms.hand_over.without_clerk() == frozenset()
    assert [row.id for row, _ in bench.rooms.reading.all(by=other.account_id)] == [bench.id]
    bench.clerk = other
    bench.finish(seats)
    assert bench.phase() is Phase.CLOSED


def test_the_hand_over_stands_in_the_log_and_in_the_report_without_an_account(
    bench: RoomBench, other: Principal
) -> None:
    """R-SUP-2."""
    bench.open()
    bench.rooms.hand_over.to(bench.id, other.account_id, ILL)
    fact = bench.rooms.hub.facts(bench.id)[-1]
    key = bench.accounts.public_key(other.account_id)
    assert fact.event == HandedOver(by="supervisor", key=key, note=ILL)
    assert other.account_id not in fact.event.model_dump_json()
    (told,) = report.compose(bench.rooms.hub.facts(bench.id), fact.at)["interventions"]
    assert (told["what"], told["by"], told["note"]) == ("更换评标室工作人员", "监督人员", ILL)
    assert bench.rooms.reading.log(bench.id)[-1].type == "room.handed_over"


def test_only_another_open_account_of_a_clerk_takes_over(
    bench: RoomBench, other: Principal
) -> None:
    """R-SOD-1."""
    gone = bench.person("clerk-3", Role.CLERK)
    bench.accounts.disable(gone.account_id, "left", by=bench.supervisor.account_id)
    before = bench.room.seq
    for who in (bench.clerk, gone, bench.supervisor, bench.people["x1"]):
        with pytest.raises(errors.NotAClerk):
            bench.rooms.hand_over.to(bench.id, who.account_id, ILL)
    assert bench.room.seq == before
    assert [one.id for one in bench.rooms.hand_over.clerks(bench.id).others] == [other.account_id]


def test_what_is_over_is_not_handed_over(bench: RoomBench, other: Principal) -> None:
    seats = bench.open()
    bench.score(seats)
    bench.finish(seats)
    with pytest.raises(WrongPhase):
        bench.rooms.hand_over.to(bench.id, other.account_id, ILL)


def test_a_stopped_evaluation_is_not_handed_over(bench: RoomBench, other: Principal) -> None:
    bench.open()
    bench.act(bench.supervisor, wishes.Stop(ground=PauseGround.DOCUMENT_DEFECT, note="文件矛盾"))
    with pytest.raises(IsStopped):
        bench.rooms.hand_over.to(bench.id, other.account_id, ILL)
    # nobody is missing where nothing is left to do
    bench.accounts.disable(bench.clerk.account_id, "left", by=bench.supervisor.account_id)
    assert bench.rooms.hand_over.without_clerk() == frozenset()


def test_the_former_clerk_is_shown_out_and_may_do_nothing_more(
    bench: RoomBench, other: Principal, client: TestClient
) -> None:
    former = bench.clerk
    ticket, _ = bench.accounts.sign_ins.ticket(former, "room")
    with client.websocket_connect("/ws/room") as socket:
        socket.send_json({"type": "hello", "ticket": ticket, "evaluation_id": bench.id})
        while json.loads(socket.receive_text())["type"] != "presence":
            pass
        bench.rooms.hand_over.to(bench.id, other.account_id, ILL)
        frames = [json.loads(socket.receive_text())]
        while frames[-1]["type"] != "bye":
            frames.append(json.loads(socket.receive_text()))
        assert frames[-1]["error"]["code"] == "room.not_your_room"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 4403
    with pytest.raises(errors.NotYourRoom):
        bench.act(former, wishes.Pause(ground=PauseGround.OTHER))


def test_the_supervisor_alone_hands_over(
    bench: RoomBench, other: Principal, client: TestClient
) -> None:
    door = f"/api/evaluations/{bench.id}"
    body = {"account_id": other.account_id, "note": ILL}
    for who in (bench.clerk, other, bench.people["x1"]):
        head = bearer(bench, who)
        assert client.post(f"{door}/clerk", json=body, headers=head).status_code == 403
        assert client.get(f"{door}/clerks", headers=head).status_code == 403
    head = bearer(bench, bench.supervisor)
    looked = client.get(f"{door}/clerks", headers=head).json()
    assert looked["able"] is True
    assert looked["present"]["id"] == bench.clerk.account_id
    assert [one["id"] for one in looked["others"]] == [other.account_id]
    unfounded = client.post(f"{door}/clerk", json=body | {"note": " "}, headers=head)
    assert unfounded.status_code == 422
    given = client.post(f"{door}/clerk", json=body, headers=head)
    assert given.status_code == 200
    assert given.json()["present"]["id"] == other.account_id
    # pressed twice: the room is theirs already
    again = client.post(f"{door}/clerk", json=body, headers=head)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "room.not_a_clerk")
