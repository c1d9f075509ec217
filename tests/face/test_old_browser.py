"""Who comes with an old browser is told so in plain words; the page is never blank."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.stories.browser.desk import PATIENCE_MS
from tests.stories.browser.words import word
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

NO_ED25519 = """
const make = crypto.subtle.generateKey.bind(crypto.subtle)
crypto.subtle.generateKey = (what, ...how) =>
  what === 'Ed25519'
    ? Promise.reject(new DOMException('', 'NotSupportedError'))
    : make(what, ...how)
"""
NO_NEW_WORDS = "delete Object.hasOwn; delete Array.prototype.at; delete window.structuredClone"


def test_an_old_browser_is_told_so_at_the_sign_in(browser: Browser, tmp_path: Path) -> None:
    with Server(tmp_path / "home", ("serve", "--demo")) as server:
        page = browser.new_page(base_url=server.url, locale="zh-CN")
        for spoil in (cannot_read_the_syntax, lacks_the_words):
            spoil(page)
            page.goto("/sign-in")
            is_told_in_both_languages(page)
            page.close()
            page = browser.new_page(base_url=server.url, locale="zh-CN")

        page.add_init_script(NO_ED25519)
        page.goto("/sign-in")
        expect(page.locator("p.notice")).to_have_text(word("shell.browser.too_old"))
        expect(page.locator("#username")).to_be_visible()
        page.close()

        page = browser.new_page(base_url=server.url, locale="zh-CN")
        page.goto("/sign-in")
        expect(page.locator("#username")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator("#too-old")).to_be_hidden()
        expect(page.locator("p.notice")).to_have_count(0)
        page.close()


def cannot_read_the_syntax(page: Page) -> None:
    """The page's own script is gibberish to it."""

    def gibberish(route: Route) -> None:
        route.fulfill(body="const it = a ?? = b", content_type="text/javascript")

    page.route(re.compile(r"/assets/index-[^/]*\.js$"), gibberish)


def lacks_the_words(page: Page) -> None:
    """It reads the script and then finds that words are missing, before anything is drawn."""
    page.add_init_script(NO_NEW_WORDS)
    page.route(re.compile(r"/assets/index-[^/]*\.js$"), lambda route: route.abort())


def is_told_in_both_languages(page: Page) -> None:
    """One heading and one way out, in Chinese and in English."""
    told = page.locator("#too-old")
    expect(told.get_by_role("heading", name="这个浏览器版本过旧")).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(told.get_by_role("heading", name="This browser is too old")).to_be_visible()
    for wanted in ("Chrome 137", "Firefox 129", "本单位管电脑的同事"):
        expect(told).to_contain_text(wanted)
