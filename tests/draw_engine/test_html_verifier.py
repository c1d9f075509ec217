"""The off-line verifier as a stranger uses it: one file from disk, the network off."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from foundation.digest import canon

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "app" / "static" / "verifier.html"
BUNDLE = ROOT / "tests" / "vectors" / "core_bundle.json"
PATIENCE_MS = 60_000

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The file opened from a folder of its own in a browser without a network."""
    shutil.copy(BUILT, tmp_path / "verifier.html")
    context = browser.new_context(locale="zh-CN", reduced_motion="reduce", offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(f"error: {error}"))
    address = (tmp_path / "verifier.html").as_uri()
    page.goto(address)
    yield page
    assert asked == [address]
    context.close()


def changed(change: Callable[[dict[str, Any]], None]) -> bytes:
    bundle = json.loads(BUNDLE.read_bytes())
    change(bundle)
    return canon(bundle)


def another_seat(bundle: dict[str, Any]) -> None:
    positions = bundle["results"][0]["body"]["positions"]
    positions[0][0] = (positions[0][0] + 1) % bundle["manifest"]["slots"][0]["n"]


def another_project(bundle: dict[str, Any]) -> None:
    bundle["manifest"]["draw"]["project"] += "x"


def another_signature(bundle: dict[str, Any]) -> None:
    sig = bundle["tips"][0]["sig"]
    bundle["tips"][0]["sig"] = ("0" if sig[0] != "0" else "1") + sig[1:]


def choose(page: Page, folder: Path, data: bytes) -> None:
    (folder / "bundle.json").write_bytes(data)
    page.locator("input[type=file]").first.set_input_files(folder / "bundle.json")


def test_it_verifies_a_bundle_and_refuses_altered_ones(page: Page, tmp_path: Path) -> None:
    page.get_by_role("radio", name="演示或测试").check()
    verdict = page.locator("section.verdict")

    choose(page, tmp_path, BUNDLE.read_bytes())
    expect(verdict).to_contain_text("验证通过", timeout=PATIENCE_MS)
    expect(page.locator(".checks > li.ok")).to_have_count(19)
    expect(page.locator(".checks > li.open").last).to_contain_text("没有遗漏")
    page.get_by_role("button", name="English").click()
    expect(verdict).to_contain_text("Verification passed")
    expect(page.locator(".limits")).to_contain_text("Who made up the expert pool")

    for change, name in (
        (another_seat, "result.committed"),
        (another_project, "entry.manifest"),
        (another_signature, "tip.signed"),
    ):
        choose(page, tmp_path, changed(change))
        expect(verdict).to_contain_text("Verification failed", timeout=PATIENCE_MS)
        failed = page.locator(".checks > li.fail")
        expect(failed).to_have_count(1)
        assert name in (failed.locator(".evidence").text_content() or "")

    choose(page, tmp_path, BUNDLE.read_bytes()[:-40])
    expect(page.locator(".checks > li.fail .evidence")).to_contain_text("bundle.form")


def test_a_real_draw_needs_the_policy_that_the_certificate_tells(
    page: Page, tmp_path: Path
) -> None:
    choose(page, tmp_path, BUNDLE.read_bytes())
    expect(page.locator("section.verdict")).to_contain_text("验证不通过", timeout=PATIENCE_MS)
    assert "policy.pinned" in (page.locator(".checks > li.fail .evidence").text_content() or "")


def test_its_own_policy_keeps_it_from_the_network_even_where_there_is_one(
    browser: Browser, tmp_path: Path
) -> None:
    heard: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Type", "text/html")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: tests are quiet."""

    shutil.copy(BUILT, tmp_path / "verifier.html")
    with ThreadingHTTPServer(("127.0.0.1", 0), Ear) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/heard"
        context = browser.new_context()
        page = context.new_page()
        page.goto((tmp_path / "verifier.html").as_uri())
        speak = """async (address) => {
            const image = new Image()
            const shown = new Promise((done) => { image.onload = image.onerror = done })
            image.src = address
            await shown
            return fetch(address).then(() => 'sent', () => 'refused')
        }"""
        assert page.evaluate(speak, address) == "refused"
        assert heard == []
        plain = context.new_page()
        plain.goto(address)
        assert plain.evaluate(speak, address) == "sent", "the ear hears nothing at all"
        context.close()
        server.shutdown()
        thread.join()
    assert len(heard) >= 3
