"""A real server: what its log may hold, and how soon a socket ends with its sign-in."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import websockets

from draw_engine.holder_file import HolderFile
from tests.apart import apart
from tests.stories.office import request_body
from tests.stories.server import Server

SECRETS = ("甲乙丙", "13800138000", "110101199001011234", "wrong-password-1", "searched-for")


CLIENTS: list[httpx.Client] = []


@pytest.fixture(autouse=True)
def _clients_are_closed() -> Iterator[None]:
    yield
    while CLIENTS:
        CLIENTS.pop().close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A demonstration whose holders stay out."""
    with Server(tmp_path_factory.mktemp("faults") / "home") as server:
        yield server


def signed_in(server: Server, role: str) -> tuple[httpx.Client, str]:
    """A client with a tab's token for the demonstration's account of a role."""
    browser = httpx.Client(base_url=server.url)
    CLIENTS.append(browser)
    accounts = browser.get("/api/demo/accounts").json()["accounts"]
    account = next(one for one in accounts if one["role"] == role)
    body = {"account_id": account["id"], "tab": True}
    token = browser.post("/api/demo/sign-in", json=body).json()["tab_token"]
    browser.headers["authorization"] = f"Bearer {token}"
    return browser, token


def test_the_log_holds_no_name_number_token_or_query(server: Server) -> None:
    manager, token = signed_in(server, "pool_manager")
    name, phone, number, password, query = SECRETS
    manager.get("/api/pool/experts", params={"q": query})
    manager.get(f"/api/draws/{name}")
    manager.get(f"/api/links/{token}")
    manager.get(f"/{phone}", params={"id": number})
    manager.post("/api/sign-in", json={"username": phone, "password": password})
    manager.post("/api/blacklist", json={"expert_id": number, "ground": name})
    csv = f"姓名,身份证号,手机号\n{name},{number},{phone}\n".encode()
    manager.post("/api/pool/import", files={"file": (f"{name}.csv", csv)})
    manager.get("/api/classification/search", params={"version": "2018", "q": query})
    ticket = manager.post("/api/tickets", json={"purpose": "room"}).json()["ticket"]

    async def knock() -> None:
        address = server.url.replace("http", "ws") + f"/ws/room?secret={query}"
        async with websockets.connect(address) as socket:
            hello = {"type": "hello", "ticket": ticket, "evaluation_id": name}
            await socket.send(json.dumps(hello))
            assert json.loads(await socket.recv())["type"] == "bye"

    apart(knock())
    time.sleep(0.2)
    log = server.log_path.read_text("utf-8")
    assert "/api/links/{token}" in log, "requests are logged by door"
    assert "/api/pool/import" in log
    found = [word for word in (*SECRETS, token, token[-40:], ticket) if word in log]
    assert found == []


def test_another_site_opens_no_socket_and_odd_addresses_no_file(server: Server) -> None:
    async def knock(origin: str) -> int:
        address = server.url.replace("http", "ws") + "/ws/room"
        try:
            async with websockets.connect(address, additional_headers={"Origin": origin}):
                return 101
        except websockets.InvalidStatus as refused:
            return refused.response.status_code

    assert apart(knock("http://evil.example")) == 403
    assert apart(knock(server.url)) == 101
    for path in ("/../../etc/passwd", "/assets/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"):
        answer = apart(raw(server, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
        assert "root:" not in answer
    assert " 400 " in apart(
        raw(server, "POST /api/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99x\r\n\r\n")
    )


async def raw(server: Server, text: str) -> str:
    """What the server answers to bytes that no client would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(text.encode())
    answer = await asyncio.wait_for(reader.read(2_000), 5)
    writer.close()
    await writer.wait_closed()
    return answer.decode("latin-1")


def test_pressed_twice_at_once_over_real_connections(server: Server) -> None:
    administrator, _ = signed_in(server, "administrator")
    body: dict[str, Any] = {"username": "pressed-twice", "role": "clerk", "display": "x"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: administrator.post("/api/accounts", json=body), range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]


def test_a_signed_out_person_s_request_and_ticket_are_worth_nothing(server: Server) -> None:
    clerk, _ = signed_in(server, "clerk")
    ticket = clerk.post("/api/tickets", json={"purpose": "room"}).json()["ticket"]
    assert clerk.post("/api/sign-out").status_code == 200
    assert clerk.get("/api/draws").status_code == 401

    async def knock() -> str:
        async with websockets.connect(server.url.replace("http", "ws") + "/ws/room") as socket:
            hello = {"type": "hello", "ticket": ticket, "evaluation_id": "ev_1"}
            await socket.send(json.dumps(hello))
            return str(json.loads(await socket.recv())["error"]["code"])

    assert apart(knock()) == "room.ticket_refused"


def test_a_socket_ends_within_five_seconds_of_the_revocation(
    server: Server, tmp_path: Path
) -> None:
    """An account that is closed, and a sign-in that is left, are out of the room at once."""
    administrator, _ = signed_in(server, "administrator")
    for party, witness in (("centre", ""), ("supervisor", "faults.example/w")):
        file = HolderFile.make(tmp_path / f"{party}.holder", party, "a passphrase of the test")
        body = {"party": party, "body": party, "home": "own", "key": file.public_key.hex()}
        registered = administrator.post("/api/holders", json=body | {"witness_name": witness})
        assert registered.status_code == 201
    applicant, _ = signed_in(server, "applicant")
    request = request_body("revoked", draw_in=3600, closes_in=7200)
    draw = applicant.post("/api/draws", json=request).json()["id"]
    clerk, _ = signed_in(server, "clerk")
    planned = {"draw_id": draw, "title": "技术评审（演示）"}
    evaluation = clerk.post("/api/evaluations", json=planned).json()["id"]

    def left_by(browser: httpx.Client, end: Callable[[], httpx.Response]) -> tuple[str, int]:
        ticket = browser.post("/api/tickets", json={"purpose": "room"}).json()["ticket"]
        return apart(out_of_the_room(server, ticket, evaluation, end))

    left = left_by(clerk, lambda: clerk.post("/api/sign-out"))
    assert left == ("room.sign_in_ended", 4401)

    watching, _ = signed_in(server, "supervisor")
    me = watching.get("/api/me").json()["account"]["id"]
    closing = f"/api/accounts/{me}/disable"
    closed = left_by(watching, lambda: administrator.post(closing, json={"reason": "left"}))
    assert closed == ("room.sign_in_ended", 4401)
    assert watching.post("/api/tickets", json={"purpose": "room"}).status_code == 401


async def out_of_the_room(
    server: Server, ticket: str, evaluation: str, end: Callable[[], httpx.Response]
) -> tuple[str, int]:
    """Sit in a room, have the sign-in ended; why and with which code the socket closes."""
    async with websockets.connect(server.url.replace("http", "ws") + "/ws/room") as socket:
        hello = {"type": "hello", "ticket": ticket, "evaluation_id": evaluation}
        await socket.send(json.dumps(hello))
        frame = json.loads(await socket.recv())
        assert frame["type"] == "welcome"
        answer = await asyncio.to_thread(end)
        assert answer.status_code == 200
        async with asyncio.timeout(5):
            while frame["type"] != "bye":
                frame = json.loads(await socket.recv())
            await socket.wait_closed()
        return frame["error"]["code"], socket.close_code or 0
