"""The built page, its addresses, and the doors it must not cover."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import replies
from app.doors import doors_of
from app.main import ROUTERS
from app.pages import pages
from tests.app.bench import code_of


@pytest.fixture
def browser(tmp_path: Path) -> TestClient:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>the page</title>")
    (folder / "verifier.html").write_text("<title>the verifier</title>")
    (folder / "assets" / "main-1a2b.js").write_text("1")
    (tmp_path / "secret.key").write_text("secret")
    app = FastAPI(openapi_url=None)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(pages(doors_of(app), folder))
    replies.install(app)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/draws/dr_1", "/verify", "/api-handbook"])
def test_an_address_of_the_page_gives_the_page(browser: TestClient, path: str) -> None:
    assert "the page" in browser.get(path).text


def test_files_are_given_by_name_and_hashed_ones_are_kept(browser: TestClient) -> None:
    answer = browser.get("/assets/main-1a2b.js")
    assert answer.text == "1"
    assert "immutable" in answer.headers["cache-control"]
    assert browser.get("/assets/gone.js").status_code == 404


def test_the_off_line_verifier_may_talk_to_nobody_here_either(browser: TestClient) -> None:
    answer = browser.get("/verifier.html")
    assert "the verifier" in answer.text
    rules = answer.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in rules
    assert not [rule for rule in rules if rule.startswith("connect-src")]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/nowhere", "app.not_found"),
        ("GET", "/api", "app.not_found"),
        ("GET", "/ws/nowhere", "app.not_found"),
        ("GET", "/log/nowhere", "app.not_found"),
        ("GET", "/api/sign-in", "app.method_not_allowed"),
        ("DELETE", "/api/meta", "app.method_not_allowed"),
        ("POST", "/verify", "app.method_not_allowed"),
    ],
)
def test_the_page_never_answers_for_a_door(
    browser: TestClient, method: str, path: str, code: str
) -> None:
    answer = browser.request(method, path)
    assert code_of(answer) == code
    assert answer.status_code == (404 if code == "app.not_found" else 405)


@pytest.mark.parametrize(
    "path", ["/../secret.key", "/%2e%2e/secret.key", "/assets/../../secret.key"]
)
def test_nothing_outside_the_folder_is_given(browser: TestClient, path: str) -> None:
    assert "secret" not in browser.get(path).text
