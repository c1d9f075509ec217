"""A person at a keyboard and nothing else: Tab, Enter, Space, arrows, digits."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.stories.browser.desk import PATIENCE_MS

MOST_TABS: Final = 90

HERE: Final = (Path(__file__).parent / "here.js").read_text("utf-8")


def css(name: str) -> str:
    """A selector; a bare name is a test id."""
    plain = name.replace("-", "").replace("_", "").isalnum()
    return f"[data-testid='{name}']" if plain else name


@dataclass
class Keys:
    """Hands on a keyboard; where the focus went and whether it could be seen is kept."""

    page: Page
    order: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    def to(self, selector: str) -> None:
        """Tab until a thing has the focus; fails where Tab does not lead there."""
        wanted = css(selector)
        self.page.locator(wanted).first.wait_for()
        for _ in range(MOST_TABS):
            if self._at(wanted):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {wanted}: {self.order[-MOST_TABS:]}")

    def press(self, selector: str, key: str = "Enter") -> None:
        """Go to a button or a tick and press it, once it may be pressed."""
        wanted = css(selector)
        self.page.locator(f"{wanted}:enabled, a{wanted}").first.wait_for(timeout=PATIENCE_MS)
        self.to(selector)
        self.page.keyboard.press(key)

    def write(self, selector: str, text: str) -> None:
        """Go to a field and type over what stands in it."""
        self.to(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def confirm(self, word: str) -> None:
        """The dialog has taken the focus to its field: type the word, Enter."""
        dialog = self.page.get_by_role("dialog").locator("visible=true").last
        dialog.locator("form input:focus").wait_for()
        self.page.keyboard.insert_text(word)
        self.page.keyboard.press("Enter")
        dialog.wait_for(state="hidden")

    def _at(self, selector: str) -> bool:
        here = self.page.evaluate(HERE, selector)
        self.order.append(here["name"])
        if not (here["seen"] and here["inside"]):
            self.unseen.append(f"{self.page.url.rsplit('/', 1)[-1]}: {here['name']}")
        return bool(here["there"])
