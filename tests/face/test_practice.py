"""The practice room by keyboard, on a toy project: nothing of it reaches the server."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.face.eyes import Watched
from tests.face.keys import Keys
from tests.face.row import OWNER
from tests.stories.browser.desk import PATIENCE_MS, SMALL, STEP_IN
from tests.stories.browser.words import word
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ODD = ("10", "17", "10", "30", "14.5", "5")
"""Marks of both bidders; the first is further from the others' than 30 % of the full mark."""
FULL = ("40", "20", "10", "40", "20", "10")


def test_a_practice_evaluation_by_keyboard_and_nothing_is_sent(
    browser: Browser, tmp_path: Path
) -> None:
    with (
        Server(tmp_path / "home", ("serve", "--demo")) as server,
        Watched(browser, server.url, tmp_path) as stage,
    ):
        page = stage.page()
        page.goto(SMALL)
        assert page.evaluate(STEP_IN, [OWNER, 0]) is not None
        page.goto("/my/evaluations")
        keys = Keys(page)
        keys.press("to-practice")
        expect(page.get_by_test_id("practice-mark")).to_be_visible(timeout=PATIENCE_MS)
        sent = listens(page)
        declares_and_votes(keys)
        scores_and_seals(keys)
        answers_and_signs(keys)
        kept = page.evaluate("Object.keys({...localStorage, ...sessionStorage})")
        keys.press("practice-again")
        expect(page.get_by_test_id("check-in")).to_be_visible(timeout=PATIENCE_MS)
        assert stage.faults == []
    assert keys.unseen == []
    assert [name for name in kept if "sheet" in name] == []
    assert sent == []


def listens(page: Page) -> list[str]:
    """Everything that leaves the browser from here on but files of the page itself."""
    sent: list[str] = []
    page.on("websocket", lambda socket: sent.append(socket.url))
    page.on(
        "request",
        lambda request: (
            sent.append(f"{request.method} {request.url}")
            if request.method != "GET" or "/api/" in request.url
            else None
        ),
    )
    return sent


def declares_and_votes(keys: Keys) -> None:
    """Check in, read and sign the undertaking, answer for each bidder, vote."""
    keys.press("check-in")
    keys.to("undertaking")
    keys.page.keyboard.press("End")
    keys.press("undertaking-read", "Space")
    keys.press("sign-undertaking")
    for bidder in ("a", "b"):
        keys.press(f"recusal-{bidder}-no", "Space")
    keys.press("declare")
    keys.press("vote-e1", "Space")
    keys.press("vote")


def scores_and_seals(keys: Keys) -> None:
    """Digits and Enter in the grid, a reason below the full mark; then the seal."""
    page = keys.page
    expect(page.get_by_test_id("pdf-canvas")).to_be_visible(timeout=PATIENCE_MS)
    keys.to("[role=gridcell]")
    reason = page.get_by_test_id("reason")
    for score, full in zip(ODD, FULL, strict=True):
        page.keyboard.type(score)
        page.keyboard.press("Enter")
        if score != full:
            expect(reason).to_be_focused(timeout=PATIENCE_MS)
            page.keyboard.insert_text("见投标文件第 1 页。")
            page.keyboard.press("Enter")
    expect(page.get_by_test_id("score-progress")).to_have_text("6 / 6", timeout=PATIENCE_MS)
    keys.press("seal-sheet")
    keys.confirm(word("room.sheet.word"))


def answers_and_signs(keys: Keys) -> None:
    """The odd mark is asked about and kept with a reason; the report is signed; it is over."""
    keys.write("flag-reason-a-plan", "工期过短，不可行。")
    keys.press("explain-a-plan")
    opened = keys.page.get_by_test_id("opened-sheets")
    expect(opened.or_(keys.page.get_by_test_id("report"))).to_be_visible(timeout=PATIENCE_MS)
    keys.press("sign-report")
    keys.confirm(word("room.report.word_sign"))
    expect(keys.page.get_by_test_id("closed")).to_be_visible(timeout=PATIENCE_MS)
