"""What is looked for on a page: axe, words, fonts, focus, width; each finding a sentence."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

from tests.stories.browser.desk import LANGUAGES, LAPTOP, PHONE, SPEAK, Stage
from tests.stories.server import ROOT

HERE: Final = Path(__file__).parent
AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
LOOK: Final = (HERE / "look.js").read_text("utf-8")
SIDEWAYS: Final = (HERE / "sideways.js").read_text("utf-8")
CONTRAST: Final = (HERE / "contrast.js").read_text("utf-8")
ZOOMED: Final = {"width": 911, "height": 512}
"""1366×768 at 150 %."""

LISTEN: Final = HERE / "listen.js"

RUN_AXE: Final = (HERE / "axe.js").read_text("utf-8")


class Watched(Stage):
    """A stage whose pages remember what the server said and carry axe."""

    def page(self, *, url: str = "", phone: bool = False) -> Page:
        """As on every stage, with the two scripts."""
        page = super().page(url=url, phone=phone)
        page.add_init_script(path=LISTEN)
        page.add_init_script(path=AXE)
        return page


@dataclass
class Eyes:
    """Looks at pages and keeps what it finds, and which characters were shown in which font."""

    found: list[str] = field(default_factory=list)
    shown: dict[str, set[str]] = field(default_factory=dict)
    album: Path | None = None
    thorough: bool = False
    looks: int = 0

    def look(self, page: Page, name: str, *, phone: bool = False) -> None:
        """Both languages at the office width; thoroughly also at 150 % and in high contrast.

        Args:
            phone: it is read on a telephone too, so a thorough look is taken there.
        """
        for number, lang in enumerate(LANGUAGES):
            page.evaluate(SPEAK, lang)
            focus = self.thorough and number == 0
            self._keep(f"{name} ({lang})", self._judge(page, lang, focus=focus))
            self._picture(page, name, lang)
            if not self.thorough:
                continue
            self._keep(f"{name} ({lang}, 150 %)", _sideways(page, ZOOMED))
            self._picture(page, name, f"{lang}-150")
            if phone:
                self._keep(f"{name} ({lang}, telephone)", _sideways(page, PHONE))
                self._picture(page, name, f"{lang}-phone")
            page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]
        page.evaluate(SPEAK, LANGUAGES[0])
        if self.thorough:
            self._keep(f"{name} (high contrast)", list(_contrast(page)))

    def note(self, name: str, problem: str) -> None:
        """Keep a finding that is not one of a look."""
        self._keep(name, [problem])

    def _judge(self, page: Page, lang: str, *, focus: bool) -> Iterator[str]:
        self.looks += 1
        if focus:
            page.keyboard.press("Shift")  # from here on it is the keyboard that leads
        seen: dict[str, Any] = page.evaluate(LOOK, {"lang": lang, "focus": focus})
        for font, text in seen["shown"].items():
            self.shown.setdefault(font, set()).update(text)
        yield from seen["problems"]
        yield from page.evaluate(SIDEWAYS)
        yield from page.evaluate(RUN_AXE)

    def _keep(self, name: str, problems: Iterator[str] | list[str]) -> None:
        self.found += (told := [f"{name}: {one}" for one in problems])
        if self.album is not None and told:
            self.album.mkdir(parents=True, exist_ok=True)
            with (self.album / "findings.txt").open("a", encoding="utf-8") as file:
                file.writelines(f"{one}\n" for one in told)

    def _picture(self, page: Page, name: str, kind: str) -> None:
        if self.album is not None:
            self.album.mkdir(parents=True, exist_ok=True)
            file = "-".join("".join(c if c.isalnum() else " " for c in name).split())
            page.screenshot(path=self.album / f"{file}-{kind}.png")

    def boxes(self, page: Page) -> list[str]:
        """Characters that were shown and that no bundled font draws."""
        wire = page.context.new_cdp_session(page)
        wire.send("DOM.enable")
        wire.send("CSS.enable")
        missing = []
        for style, characters in self.shown.items():
            family, _, weight = style.rpartition("|")
            page.evaluate(PUT, [family, weight, "".join(sorted(characters))])
            root = wire.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
            node = wire.send("DOM.querySelector", {"nodeId": root, "selector": "#every-character"})
            fonts = wire.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})["fonts"]
            strangers = [one for one in fonts if not one["isCustomFont"]]
            missing += [f"{style}: {json.dumps(one)}" for one in strangers]
            if strangers:
                missing += self._which(page, wire, family, weight, characters)
        return missing

    def _which(
        self, page: Page, wire: Any, family: str, weight: str, characters: set[str]
    ) -> list[str]:
        bad = []
        for one in sorted(characters):
            page.evaluate(PUT, [family, weight, one])
            root = wire.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
            node = wire.send("DOM.querySelector", {"nodeId": root, "selector": "#every-character"})
            fonts = wire.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})["fonts"]
            if any(not font["isCustomFont"] for font in fonts):
                bad.append(one)
        return [
            f"not in a bundled font ({family.split(',', maxsplit=1)[0]} {weight}): {' '.join(bad)}"
        ]


PUT: Final = """async ([family, weight, text]) => {
  document.querySelector('#every-character')?.remove()
  const place = document.createElement('p')
  place.id = 'every-character'
  place.style.fontFamily = family
  place.style.fontWeight = weight
  place.textContent = text
  document.body.append(place)
  place.getBoundingClientRect()
  await document.fonts.load(`${weight} 16px ${family}`, text)
  await document.fonts.ready
}"""


def _contrast(page: Page) -> Iterator[str]:
    """The system's own colours, then more contrast of ours; back to how it was."""
    page.emulate_media(forced_colors="active")
    yield from page.evaluate(CONTRAST, {"forced": True})
    seen: dict[str, Any] = page.evaluate(LOOK, {"lang": LANGUAGES[0], "focus": True})
    yield from (one for one in seen["problems"] if one.startswith("focus unseen"))
    page.emulate_media(forced_colors="none", contrast="more")
    yield from page.evaluate(CONTRAST, {"forced": False})
    page.emulate_media(contrast="no-preference")


def _sideways(page: Page, size: dict[str, int]) -> list[str]:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    found: list[str] = page.evaluate(SIDEWAYS)
    return found
