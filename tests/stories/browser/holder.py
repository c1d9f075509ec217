"""A share holder at the page /holder: makes the file, opens it, releases the share."""

import json
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import expect

from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage
from tests.stories.browser.words import word


@dataclass
class Holder(Desk):
    """One of the two whose shares lie outside the server."""

    file: Path
    passphrase: str = "a passphrase of nobody but me"

    @classmethod
    def arrives(cls, stage: Stage, file: Path) -> "Holder":
        """No sign-in: who holds the key is the holder."""
        page = stage.page()
        page.goto("/holder")
        return cls(stage, page, file)

    def makes_a_file(self) -> str:
        """Create, save and prove the file; the public key that the page shows."""
        self.page.get_by_role("button", name=word("holder.create.offer")).click()
        self.page.locator("#new-passphrase").fill(self.passphrase)
        self.page.locator("#repeated").fill(self.passphrase)
        with self.saving(self.file):
            self.page.get_by_role("button", name=word("holder.create.submit")).click()
        self._opens(word("holder.open.prove"))
        shown = self.page.locator("code").first.get_attribute("title", timeout=PATIENCE_MS)
        assert shown == json.loads(self.file.read_text())["key"]
        self.page.get_by_role("button", name=word("holder.register.work")).click()
        return str(shown)

    def goes_to_work(self) -> None:
        """Open the file; from here on the page answers while it stands open."""
        self._opens(word("holder.open.submit"))
        expect(self.page.get_by_text(word("holder.lead_working"))).to_be_visible(
            timeout=PATIENCE_MS
        )

    def admits_the_draw(self) -> None:
        """The hats handed over are those of the manifest and the test holds; press."""
        self._presses("holder.admit")

    def releases_the_share(self) -> None:
        """Every check of the page has passed; press the button."""
        self._presses("holder.release")

    def _presses(self, name: str) -> None:
        button = self.page.get_by_role("button", name=word(name))
        button.wait_for(timeout=2 * PATIENCE_MS)
        card = self.page.locator("section.card", has=button)
        expect(card.locator(".checks > li.ok").first).to_be_visible()
        expect(card.locator(".checks > li:not(.ok)")).to_have_count(0)
        button.click()
        expect(card.locator("button")).to_have_count(0, timeout=PATIENCE_MS)

    def has_answered(self, step: int) -> None:
        """The page gave the share of a supplementary step by itself."""
        card = self.page.locator("section.card", has_text=word("holder.task.step", j=step))
        expect(card.locator(".tag.ok")).to_have_text(
            word("holder.state.sent"), timeout=2 * PATIENCE_MS
        )

    def has_cosigned(self) -> None:
        """The page cosigned a checkpoint as a witness."""
        signed = word("holder.cosigned").split("{")[0]
        expect(self.page.locator("aside")).to_contain_text(signed, timeout=2 * PATIENCE_MS)

    def _opens(self, button: str) -> None:
        self.page.locator("input[type=file]").set_input_files(self.file)
        self.page.locator("#passphrase").fill(self.passphrase)
        self.page.get_by_role("button", name=button).click()
