"""A person's own browser: where they sign in, what they press, what stands on the screen."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect

from tests.stories.browser.words import word
from tests.stories.office import until

PATIENCE_MS = 40_000
LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
SHOTS = "EXPERT_DRAW_SHOTS"
SMALL = "/api/meta"
"""An address of the same origin that loads at once."""

SPEAK = """async (lang) => {
  if (document.documentElement.lang !== lang) document.querySelector('header button[lang]').click()
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  await document.fonts.ready
}"""
"""Presses the button of the page that changes its language, where another is spoken."""
LANGUAGES = ("zh-CN", "en")

STEP_IN = """async ([card, n]) => {
  const answer = await fetch('/api/demo/sign-in', {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({account_id: card, invitation: n, tab: true}),
  })
  if (!answer.ok) return null
  const { account, tab_token } = await answer.json()
  sessionStorage.setItem('expert-draw.tab-token', tab_token)
  return account.id
}"""
"""For tests of other pages: become a card without its button. The story presses it."""

ASK = """async (path) => (await fetch(path, {
  headers: {Authorization: `Bearer ${sessionStorage.getItem('expert-draw.tab-token')}`},
})).json()"""


@dataclass
class Stage:
    """The browser that all of them use, each in a context that knows nothing of the others."""

    browser: Browser
    url: str
    folder: Path
    faults: list[str] = field(default_factory=list)
    opened: list[BrowserContext] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)

    def page(self, *, url: str = "", phone: bool = False) -> Page:
        """A fresh browser; what goes wrong inside its pages is kept in `faults`."""
        context = self.browser.new_context(
            base_url=url or self.url,
            viewport=PHONE if phone else LAPTOP,  # type: ignore[arg-type]
            locale="zh-CN",
            timezone_id="Europe/Lisbon",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        self.opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        return page

    def shot(self, page: Page, name: str) -> None:
        """Keep a picture in each language, where pictures are wanted; of alike the first."""
        folder = os.environ.get(SHOTS)
        if folder and name not in self.shown:
            self.shown.add(name)
            spoken = page.evaluate("document.documentElement.lang")
            for language in LANGUAGES:
                page.evaluate(SPEAK, language)
                page.screenshot(path=Path(folder) / language / f"{name}.png")
            page.evaluate(SPEAK, spoken)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        for number, context in enumerate(self.opened):
            for page in context.pages if kind is not None else ():
                # What everybody saw when it went wrong, beside the other files of the test.
                page.screenshot(path=self.folder / f"last-{number:02d}.png", full_page=True)
            context.close()


@dataclass
class Desk:
    """Somebody at a page."""

    stage: Stage
    page: Page

    def goes_to(self, path: str) -> None:
        """Open an address, as a bookmark does."""
        self.page.goto(path)

    def sees(self, text: str) -> None:
        """Wait until a text stands on the page."""
        expect(self.page.locator("main")).to_contain_text(text, timeout=PATIENCE_MS)

    def at(self, testid: str) -> Locator:
        """A thing on the page by its test id."""
        return self.page.get_by_test_id(testid)

    def presses(self, testid: str) -> None:
        """Press a button as soon as it may be pressed."""
        self.at(testid).click()

    def fills(self, testid: str, text: str) -> None:
        """Type into a field."""
        self.at(testid).fill(text)

    def confirms(self, typed: str = "") -> None:
        """The dialog before an act that cannot be taken back: type its word, then do it."""
        dialog = self.page.get_by_role("dialog").locator("visible=true").last
        if typed:
            dialog.locator("form input").fill(word(typed))
        dialog.locator("form button[type=submit]").click()
        expect(dialog).to_be_hidden(timeout=PATIENCE_MS)

    def shot(self, name: str) -> None:
        """Keep a picture of the page as it stands."""
        self.stage.shot(self.page, name)

    def asks(self, path: str) -> Any:
        """What the server answers this person, beyond what the page shows of it."""
        return self.page.evaluate(ASK, path)

    @contextmanager
    def saving(self, path: Path) -> Iterator[None]:
        """Keep at `path` what the page hands out for saving in this block."""
        with self.page.expect_download(timeout=PATIENCE_MS) as download:
            yield
        download.value.save_as(path)


def signs_in(stage: Stage, card: str) -> Page:
    """Step into a card of the sign-in page, or into one of the further accounts below the cards."""
    page = stage.page()
    page.goto("/sign-in")
    own = page.get_by_test_id(f"enter-{card}")
    expect(own).to_be_attached(timeout=PATIENCE_MS)
    if card == "applicant":
        stage.shot(page, "sign-in")
    if not own.is_visible():
        page.locator("details summary").click()
    own.click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"), timeout=PATIENCE_MS)
    return page


def steps_in_as_expert(page: Page, wanted: Callable[[str], bool]) -> str:
    """Press the expert's card until it is the person wanted; the account's id.

    Each press makes this browser the next of the experts who hold an invitation now.

    Raises:
        NotYet: the person wanted never came.
    """

    def press() -> str | None:
        page.goto("/sign-in")
        # behind the last invitation the page begins again with the first by itself
        with page.expect_response(_is_answer, timeout=PATIENCE_MS) as answer:
            page.get_by_test_id("enter-expert").click()
        if not answer.value.ok:
            return None
        page.wait_for_url("**/inbox", timeout=PATIENCE_MS)
        account = str(page.evaluate(ASK, "/api/me")["account"]["id"])
        return account if wanted(account) else None

    return until(press, 2 * PATIENCE_MS / 1000, "the expert holds an invitation")


def _is_answer(response: Response) -> bool:
    """Somebody, or the word that nobody at all is invited; not that nobody has this number."""
    if not response.url.endswith("/api/demo/sign-in"):
        return False
    asked: Any = response.request.post_data_json
    return response.ok or asked["invitation"] == 0
