"""The socket as a browser meets it: resume after a cut, two tabs, a sign-in that ends."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from evaluation_room import gateway
from evaluation_room.core.shown import RoomView, Shown
from evaluation_room.core.view_fold import fold
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.ids import AccountId
from tests.evaluation_room.bench import RoomBench

Frame = dict[str, Any]


@pytest.fixture
def deaf(bench: RoomBench) -> Iterator[TestClient]:
    """A gateway that nobody tells of sign-ins that end."""
    app = FastAPI()
    app.include_router(gateway.router)
    app.state.rooms, app.state.accounts = bench.rooms, bench.accounts
    with TestClient(app) as client:
        yield client


@pytest.fixture
def client(bench: RoomBench, deaf: TestClient) -> TestClient:
    bench.accounts.on_revoked(bench.rooms.hub.revoked)
    return deaf


@contextmanager
def entered(
    client: TestClient, bench: RoomBench, who: Principal, since: Frame | None = None
) -> Iterator[WebSocketTestSession]:
    ticket, _ = bench.accounts.sign_ins.ticket(who, "room")
    with client.websocket_connect("/ws/room") as socket:
        socket.send_json(
            {"type": "hello", "ticket": ticket, "evaluation_id": bench.id, "since": since}
        )
        yield socket


def until(socket: WebSocketTestSession, type_: str) -> list[Frame]:
    """Frames up to and with the first of a type."""
    frames: list[Frame] = []
    while not frames or frames[-1]["type"] != type_:
        frames.append(json.loads(socket.receive_text()))
    return frames


def wish(socket: WebSocketTestSession, id_: str, **command: Any) -> list[Frame]:
    socket.send_json({"type": "command", "id": id_, "command": command})
    frames: list[Frame] = []
    while not frames or frames[-1]["type"] not in ("done", "refused"):
        frames.append(json.loads(socket.receive_text()))
    return frames


def events(frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if frame["type"] == "event"]


def shown(frames: list[Frame]) -> list[Shown]:
    return [
        Shown.model_validate({key: frame[key] for key in ("seq", "at", "index", "event")})
        for frame in events(frames)
    ]


def test_hello_gives_a_snapshot_and_a_command_its_events_before_done(
    client: TestClient, bench: RoomBench
) -> None:
    with entered(client, bench, bench.people["x1"]) as socket:
        first = until(socket, "presence")
        assert [frame["type"] for frame in first[:3]] == ["welcome", "snapshot", "draft"]
        assert first[0]["viewer"] == {"role": "seat", "seat": "e1"}
        assert first[0]["resumed"] is False
        frames = wish(socket, "k1", type="room.check_in")
        told = events(frames)
        assert [one["event"]["type"] for one in told] == ["room.checked_in", "room.brief_shown"]
        assert frames[-1] == {"type": "done", "id": "k1", "seq": told[-1]["seq"]}
        again = wish(socket, "k1", type="room.check_in")
        assert again[-1]["type"] == "done"
        assert events(again) == []
        refused = wish(socket, "k2", type="room.check_in")[-1]
        assert refused["error"]["code"] == "room.already_done"


def test_after_a_cut_the_missing_events_follow_and_give_the_same_view(
    client: TestClient, bench: RoomBench
) -> None:
    with entered(client, bench, bench.people["x1"]) as socket:
        first = until(socket, "presence")
        view = RoomView.model_validate(first[1]["view"])
        stream, seq = first[0]["stream"], first[1]["seq"]
    bench.enter(bench.people["x2"])
    bench.enter(bench.people["x1"])
    since = {"stream": stream, "seq": seq}
    with entered(client, bench, bench.people["x1"], since) as socket:
        frames = until(socket, "presence")
        assert frames[0]["resumed"] is True
        assert all(frame["type"] != "snapshot" for frame in frames)
        resumed = fold(shown(frames), onto=view)
    with entered(client, bench, bench.people["x1"]) as socket:
        fresh = until(socket, "presence")[1]
    assert resumed == RoomView.model_validate(fresh["view"])
    stranger = {"stream": f"{bench.id}/clerk", "seq": 1}
    with entered(client, bench, bench.people["x1"], stranger) as socket:
        assert until(socket, "presence")[0]["resumed"] is False


def test_the_newer_of_two_tabs_speaks_and_the_older_only_reads(
    client: TestClient, bench: RoomBench
) -> None:
    with entered(client, bench, bench.people["x1"]) as older:
        until(older, "presence")
        with entered(client, bench, bench.people["x1"]) as newer:
            until(newer, "presence")
            told = until(older, "error")[-1]
            assert told["error"]["code"] == "room.seat_opened_elsewhere"
            refused = wish(older, "k1", type="room.check_in")[-1]
            assert refused["error"]["code"] == "room.seat_opened_elsewhere"
            assert wish(newer, "k2", type="room.check_in")[-1]["type"] == "done"
            assert until(older, "event")[-1]["event"]["type"] == "room.checked_in"


def test_a_draft_comes_back_on_another_browser_and_progress_goes_to_the_clerk(
    client: TestClient, bench: RoomBench
) -> None:
    seats = bench.open()
    save = {"type": "room.save_draft", "revision": 3, "done": 5, "draft": '{"b1/c1":"31"}'}
    with entered(client, bench, seats["e1"]) as socket:
        assert wish(socket, "k1", **save)[-1]["type"] == "done"
    with entered(client, bench, seats["e1"]) as socket:
        draft = until(socket, "draft")[-1]
        assert (draft["revision"], draft["draft"]) == (3, '{"b1/c1":"31"}')
        older = wish(socket, "k2", **{**save, "revision": 2})[-1]
        assert older["error"]["code"] == "room.draft_is_newer"
    with entered(client, bench, bench.clerk) as socket:
        presence = until(socket, "presence")[-1]
        assert presence["progress"] == [{"seat": "e1", "done": 5, "of": 9}]
    with entered(client, bench, seats["e2"]) as socket:
        assert until(socket, "presence")[-1]["progress"] == []
        assert until_draft_of(bench, "e2") is None


def test_a_sealed_seat_is_sent_no_draft_and_shown_its_seal_on_any_machine(
    client: TestClient, bench: RoomBench
) -> None:
    """R-EVAL-11."""
    seats = bench.open()
    save = {"type": "room.save_draft", "revision": 3, "done": 5, "draft": '{"b1/c1":"31"}'}
    with entered(client, bench, seats["e1"]) as socket:
        assert wish(socket, "k1", **save)[-1]["type"] == "done"
    bench.submit("e1", seats["e1"])
    with entered(client, bench, seats["e1"]) as elsewhere:
        frames = until(elsewhere, "presence")
    assert [frame["type"] for frame in frames] == ["welcome", "snapshot", "presence"]
    mine = next(one for one in frames[1]["view"]["seats"] if one["seat"] == "e1")
    assert mine["sealed_at"] is not None
    assert "b1/c1" not in json.dumps(frames)


def until_draft_of(bench: RoomBench, seat: str) -> str | None:
    return bench.rooms.draft(bench.id, seat)[1]


def test_a_sign_in_that_ends_ends_its_socket(client: TestClient, bench: RoomBench) -> None:
    who = bench.people["x1"]
    with entered(client, bench, who) as socket:
        until(socket, "presence")
        bench.accounts.sign_ins.end(who.sign_in_id)
        assert until(socket, "bye")[-1]["error"]["code"] == "room.sign_in_ended"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        assert closed.value.code == 4401


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"type":"command","id":"k","command":{"type":"room.open_sheets"}}', '"x"'],
)
def test_a_frame_that_is_not_of_the_protocol_changes_nothing(
    client: TestClient, bench: RoomBench, text: str
) -> None:
    with entered(client, bench, bench.people["x1"]) as socket:
        until(socket, "presence")
        before = bench.room
        socket.send_text(text)
        assert until(socket, "error")[-1]["error"]["code"] == "room.bad_message"
        socket.send_json({"type": "ping"})
        assert until(socket, "pong")
        assert bench.room == before


def test_a_command_that_cannot_be_read_is_named_in_the_error(
    client: TestClient, bench: RoomBench
) -> None:
    seats = bench.open()
    long = {"type": "room.save_draft", "revision": 1, "done": 0, "draft": "x" * (2**20 + 1)}
    with entered(client, bench, seats["e1"]) as socket:
        until(socket, "presence")
        socket.send_json({"type": "command", "id": "k7", "command": long})
        told = until(socket, "error")[-1]
        assert (told["id"], told["error"]["code"]) == ("k7", "room.bad_message")
        socket.send_json({"type": "command", "id": "x" * 41, "command": long})
        assert until(socket, "error")[-1]["id"] is None
        assert wish(socket, "k7", type="room.ask_time")[-1]["type"] == "done"


def test_every_command_asks_again_whether_the_sign_in_lives(
    deaf: TestClient, bench: RoomBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody tells the hub, and the watcher sleeps: the command alone finds out."""
    monkeypatch.setattr(gateway, "LIVENESS_SECONDS", 3600.0)
    who = bench.people["x1"]
    with entered(deaf, bench, who) as socket:
        until(socket, "presence")
        before = bench.room.seq
        bench.accounts.sign_ins.end(who.sign_in_id)
        socket.send_json({"type": "command", "id": "k1", "command": {"type": "room.check_in"}})
        frames: list[Frame] = []
        while not frames or frames[-1]["type"] not in ("done", "bye"):
            frames.append(json.loads(socket.receive_text()))
        assert frames[-1].get("error", {}).get("code") == "room.sign_in_ended"
    assert bench.room.seq == before


@pytest.mark.parametrize("act", ["disable", "change_role"])
def test_an_account_that_is_disabled_or_given_another_post_leaves_the_room(
    client: TestClient, bench: RoomBench, act: str
) -> None:
    """R-SOD-1."""
    boss = AccountId("ac_boss")
    with entered(client, bench, bench.clerk) as socket:
        until(socket, "presence")
        if act == "disable":
            bench.accounts.disable(bench.clerk.account_id, "left", by=boss)
        else:
            bench.accounts.change_role(bench.clerk.account_id, Role.APPLICANT, by=boss)
        assert until(socket, "bye")[-1]["error"]["code"] == "room.sign_in_ended"
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        assert closed.value.code == 4401
    with entered(client, bench, bench.clerk) as socket:
        assert until(socket, "bye")[-1]["error"]["code"] == "room.ticket_refused"


def test_without_hello_or_with_a_used_ticket_nobody_enters(
    client: TestClient, bench: RoomBench
) -> None:
    with client.websocket_connect("/ws/room") as socket:
        socket.send_json({"type": "ping"})
        assert until(socket, "bye")[-1]["error"]["code"] == "room.no_hello"
    ticket, _ = bench.accounts.sign_ins.ticket(bench.clerk, "room")
    hello = {"type": "hello", "ticket": ticket, "evaluation_id": bench.id}
    for expected in ("snapshot", "bye"):
        with client.websocket_connect("/ws/room") as socket:
            socket.send_json(hello)
            assert until(socket, expected)


def test_a_vacated_seat_is_told_and_shown_out(client: TestClient, bench: RoomBench) -> None:
    from evaluation_room.core.commands import VoidSeat
    from evaluation_room.core.values import VoidGround

    bench.enter(bench.people["x2"])
    with entered(client, bench, bench.people["x2"]) as socket:
        until(socket, "presence")
        void = VoidSeat(seat="e2", ground=VoidGround.LEFT, note="擅自离开")
        bench.act(bench.supervisor, void)
        frames = until(socket, "bye")
        assert events(frames)[0]["event"]["ground"] == "left"
        assert frames[-1]["error"]["code"] == "room.seat_is_void"
    with entered(client, bench, bench.people["x2"]) as socket:
        assert until(socket, "bye")[-1]["error"]["code"] == "room.no_place"
