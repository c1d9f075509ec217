"""Anybody: no account, no key, a browser and a bundle."""

from pathlib import Path

from playwright.sync_api import expect

from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage
from tests.stories.browser.words import word
from tests.stories.office import until


class Outsider(Desk):
    """Checks a draw on their own machine."""

    @classmethod
    def arrives(cls, stage: Stage) -> "Outsider":
        """Open the public page."""
        page = stage.page()
        page.goto("/verify")
        return cls(stage, page)

    def saves_the_bundle(self, draw_id: str, path: Path) -> None:
        """Keep the bundle from the list of draws, as soon as a witness has signed for all of it."""
        self.goes_to("/draws")
        expect(self.at(f"published-{draw_id}")).to_be_visible(timeout=PATIENCE_MS)
        button = self.at(f"bundle-{draw_id}")
        expect(button).to_be_visible(timeout=PATIENCE_MS)
        self.shot("published")

        def kept() -> bool:
            with self.page.expect_response(f"**/draws/{draw_id}/bundle") as answer:
                button.click()
            return answer.value.ok

        with self.saving(path):
            until(kept, PATIENCE_MS / 1000, "the bundle is published")

    def sees_it_pass(self, bundle: Path) -> None:
        """Choose the file; every check is made in this browser, and none fails."""
        self.goes_to("/verify")
        self.page.locator("input[type=file]").first.set_input_files(bundle)
        verdict = self.page.locator("section.verdict")
        expect(verdict).to_have_class("verdict passed gap", timeout=2 * PATIENCE_MS)
        expect(verdict).to_contain_text(word("verify.verdict.passed"))
        expect(verdict).to_contain_text(word("verify.test"))
        expect(self.page.locator(".checks > li.fail")).to_have_count(0)
        expect(self.page.locator(".checks > li.ok").first).to_be_visible()
