"""What stands before every door."""

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app import replies, shield
from app.shield import BodyLimit, OwnSiteOnly
from foundation.auth.roles import Role
from tests.app.bench import Bench, code_of

OWN = {"origin": "http://testserver"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (OWN, 401),
        ({**OWN, "sec-fetch-site": "same-origin"}, 401),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://testserver:81"}, 403),
        ({"origin": "http://evil.example", "sec-fetch-site": "same-origin"}, 403),
    ],
)
def test_only_pages_of_this_site_act(bench: Bench, headers: dict[str, str], status: int) -> None:
    answer = bench.browser().post("/api/tickets", json={}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert code_of(answer) == "app.from_elsewhere"


def test_behind_a_proxy_only_the_public_origin_acts() -> None:
    app = FastAPI()
    app.post("/act")(lambda: "done")
    app.add_middleware(OwnSiteOnly, public_origin="https://draw.example")
    browser = TestClient(app)
    assert browser.post("/act", headers={"origin": "https://draw.example"}).status_code == 200
    assert browser.post("/act", headers=OWN).status_code == 403


@pytest.fixture
def socket_app() -> TestClient:
    app = FastAPI()

    @app.websocket("/ws/echo")
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("here")
        await socket.close()

    app.add_middleware(OwnSiteOnly)
    return TestClient(app)


def test_another_sites_page_opens_no_socket(socket_app: TestClient) -> None:
    with socket_app.websocket_connect("/ws/echo", headers=OWN) as socket:
        assert socket.receive_text() == "here"
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        with (
            pytest.raises(WebSocketDisconnect),
            socket_app.websocket_connect("/ws/echo", headers=headers),
        ):
            pass


def test_every_answer_carries_the_headers_and_the_camera_stays_ours(bench: Bench) -> None:
    for path in ("/api/meta", "/api/nowhere", "/anything"):
        headers = bench.browser().get(path).headers
        assert "camera=(self), microphone=(self)" in headers["permissions-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert " 'unsafe-eval'" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in headers
        assert len(headers["x-request-id"]) >= 8


def test_a_long_body_is_refused_whether_it_says_so_or_not(bench: Bench) -> None:
    browser = bench.browser()
    long = b" " * (shield.USUAL_BODY + 1)
    said = browser.post("/api/sign-in", content=long)
    unsaid = browser.post("/api/sign-in", content=iter([long[:1000], long[1000:]]))
    assert [code_of(said), code_of(unsaid)] == ["app.body_too_large"] * 2
    assert said.status_code == 413


def test_files_are_taken_from_who_is_signed_in_only(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shield, "USUAL_BODY", 1000)
    guard = BodyLimit(bench.app)
    browser = bench.signed_in(Role.POOL_MANAGER)
    body = b"x" * 2000
    stranger = bench.browser().post("/api/pool/import", content=body)
    manager = browser.post("/api/pool/import", content=body)
    assert stranger.status_code == 413
    assert manager.status_code != 413
    assert guard.app is bench.app


def test_a_refusal_of_shape_names_fields_and_never_what_stood_there(bench: Bench) -> None:
    answer = bench.browser().post(
        "/api/sign-in", json={"username": "甲乙丙", "password": ["110101199001011234"]}
    )
    assert (answer.status_code, code_of(answer)) == (422, "app.bad_request")
    assert "body.password" in answer.json()["error"]["facts"]["fields"]
    assert "1101" not in answer.text
    odd = bench.browser().post("/api/sign-in", json={"13800138000 王": 1})
    assert "138" not in odd.text


def test_what_nobody_foresaw_is_answered_without_its_words(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("甲乙丙 110101199001011234")

    monkeypatch.setattr(bench.house.accounts, "look_at_link", broken)
    answer = bench.browser().get("/api/links/abc")
    assert (answer.status_code, code_of(answer)) == (500, "app.internal")
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]
    assert "王" not in answer.text
    assert "RuntimeError" not in answer.text


def test_every_kind_has_a_status() -> None:
    from foundation.errors import Kind

    assert replies.STATUS.keys() == set(Kind)
