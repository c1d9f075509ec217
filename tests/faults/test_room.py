"""The room against wrong frames, wrong scores, two presses at once, and sign-ins that are over."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from evaluation_room import gateway
from evaluation_room.core import commands as wishes
from foundation.auth.roles import Role
from foundation.auth.sign_ins import ACCESS_LIFE, REFRESH_LIFE
from foundation.errors import ServiceError
from tests.app.bench import PASSWORD, a_bench, code_of
from tests.evaluation_room.bench import RoomBench
from tests.evaluation_room.test_gateway import entered, until, wish


@pytest.fixture
def room(tmp_path: Path) -> RoomBench:
    bench = RoomBench(tmp_path)
    bench.prepare()
    return bench


@pytest.fixture
def client(room: RoomBench) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(gateway.router)
    app.state.rooms, app.state.accounts = room.rooms, room.accounts
    with TestClient(app) as client:
        yield client


def command(**fields: object) -> str:
    return json.dumps({"type": "command", "id": "k1", "command": fields})


BAD_FRAMES = [
    "[" * 100_000,
    '{"type":' * 5_000,
    '{"type":"ping","extra":1}',
    '{"type":"ping"}{"type":"ping"}',
    '{"type":"command","id":"a b","command":{"type":"room.check_in"}}',
    '{"type":"command","id":"' + "k" * 41 + '","command":{"type":"room.check_in"}}',
    '{"type":"command","id":"k1"}',
    '{"type":"hello","ticket":"x","evaluation_id":"y"}',
    command(type="room.check_in", seat="e2"),
    command(type="room.vote", round="one", choice="e1"),
    command(type="room.vote", round=1, choice="Robert'); DROP TABLE"),
    command(type="room.save_draft", revision=2**63, done=0, draft="{}"),
    command(type="room.save_draft", revision=-1, done=0, draft="{}"),
    command(type="room.save_draft", revision=1, done=0, draft="x" * (2**20 + 1)),
    '{"type":"command","id":"k1","command":{"type":"room.vote","round":NaN,"choice":"e1"}}',
    command(type="room.report_interference", text="\ud800"),
]


def test_no_wrong_frame_changes_anything_or_ends_the_socket(
    client: TestClient, room: RoomBench
) -> None:
    with entered(client, room, room.people["x1"]) as socket:
        until(socket, "presence")
        before = room.books.size()
        for frame in BAD_FRAMES:
            socket.send_text(frame)
            assert until(socket, "error")[-1]["error"]["code"] == "room.bad_message", frame[:80]
        socket.send_bytes(b"\x00\xff")
        assert until(socket, "error")[-1]["error"]["code"] == "room.bad_message"
        huge = wish(socket, "k9", type="room.vote", round=10**30, choice="e1")[-1]
        assert huge["type"] == "refused"
        socket.send_json({"type": "ping"})
        assert until(socket, "pong")
        assert room.books.size() == before


def test_a_sign_in_that_ends_unheard_still_ends_the_socket_within_five_seconds(
    client: TestClient, room: RoomBench
) -> None:
    """Nobody tells this hub of revocations: the socket itself must look."""
    who = room.people["x1"]
    with entered(client, room, who) as socket:
        until(socket, "presence")
        room.accounts.sign_ins.end(who.sign_in_id)
        ended = time.monotonic()
        assert until(socket, "bye")[-1]["error"]["code"] == "room.sign_in_ended"
        assert time.monotonic() - ended < 5


@pytest.mark.parametrize(
    ("score", "code"),
    [("40.5", "room.score_out_of_range"), ("9999", "room.score_out_of_range"),
     ("30.3", "room.score_off_step"), ("0.0001", "room.score_off_step")],
)  # fmt: skip
def test_a_sealed_score_that_cannot_be_comes_back_and_no_sheet_is_shown(
    room: RoomBench, score: str, code: str
) -> None:
    seats = room.open()
    wrong = room.sheet("e1", scores={("b1", "c1"): score})
    room.submit("e1", seats["e1"], wrong)
    for seat in ("e2", "e3"):
        room.submit(seat, seats[seat])
    types = [fact.event.type for fact in room.rooms.hub.facts(room.id)]
    assert "room.sheets_opened" not in types
    (returned,) = (
        fact.event
        for fact in room.rooms.hub.facts(room.id)
        if fact.event.type == "room.sheet_returned"
    )
    assert [(one.bidder, one.criterion, one.code) for one in returned.faults] == [
        ("b1", "c1", code)
    ]


@pytest.mark.parametrize(
    "score", ["-1", "07", "7.50", ".5", "1e3", "NaN", "٣", "7.12345", "", "99999"]
)
def test_a_score_has_one_spelling(score: str) -> None:
    with pytest.raises(ValueError, match="score"):
        wishes.AmendScore(bidder="b1", criterion="c1", score=score, reason="x")


def test_pressed_twice_at_once_a_command_is_one_fact(room: RoomBench) -> None:
    who = room.people["x1"]
    before = len(room.rooms.hub.facts(room.id))

    def press(_: int) -> str:
        try:
            room.rooms.handle(room.id, who, wishes.CheckIn(), "same-id")
        except ServiceError as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(press, range(6)))
    types = [fact.event.type for fact in room.rooms.hub.facts(room.id)[before:]]
    assert types.count("room.checked_in") == 1
    assert said == ["done"] * 6


def test_tokens_end_by_the_clock_and_others_are_none(tmp_path: Path) -> None:
    with a_bench(tmp_path / "home") as bench:
        browser = bench.signed_in(Role.CLERK)
        assert browser.get("/api/evaluations").status_code == 200
        bench.clock.advance(ACCESS_LIFE + timedelta(seconds=1))
        for path in ("/api/evaluations", "/api/me"):
            assert code_of(browser.get(path)) == "accounts.not_signed_in"
        assert browser.post("/api/refresh").status_code == 200
        assert browser.get("/api/evaluations").status_code == 200
        bench.clock.advance(REFRESH_LIFE + timedelta(seconds=1))
        assert code_of(browser.post("/api/refresh")) == "accounts.not_signed_in"
        deep = "eyJhIjo" + "W1tb" * 1_000
        for token in ("a.b.c", "..", "é.é.é", "x" * 5_000, f"{deep}.e30.AA", "e30.e30."):
            headers = {b"authorization": f"Bearer {token}".encode("latin-1")}
            answer = bench.browser().get("/api/evaluations", headers=headers)
            assert (answer.status_code, code_of(answer)) == (401, "accounts.not_signed_in")
        account, other = bench.an_account(Role.CLERK), bench.an_account(Role.ADMINISTRATOR)
        again = bench.browser()
        body = {"username": account.username, "password": PASSWORD}
        assert again.post("/api/sign-in", json=body).status_code == 200
        bench.house.accounts.disable(account.id, "left the house", by=other.id)
        assert code_of(again.get("/api/evaluations")) == "accounts.not_signed_in"
