"""The pool manager and the supervisor at the pages of the standard."""

from pathlib import Path

from playwright.sync_api import expect

from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage, signs_in


class PoolManager(Desk):
    """Decides crosswalk rows and brings corrected lists in."""

    @classmethod
    def arrives(cls, stage: Stage) -> "PoolManager":
        """Sign in by the card."""
        return cls(stage, signs_in(stage, "pool_manager"))

    def opens_the_crosswalk(self, old: str, new: str) -> None:
        """Open a crosswalk; its first waiting row lies in hand."""
        self.goes_to(f"/standard/crosswalk/{old}/{new}")
        expect(self.at("in-hand")).to_have_attribute("data-ready", "true", timeout=PATIENCE_MS)

    def finds(self, text: str, code: str) -> None:
        """Type into the search of the crosswalk; the row comes into hand."""
        self.fills("walk-q", text)
        self.has_in_hand(code)

    def has_in_hand(self, code: str) -> None:
        """Wait until a row is in hand and read."""
        hand = self.at("in-hand")
        expect(hand).to_have_attribute("data-code", code, timeout=PATIENCE_MS)
        expect(hand).to_have_attribute("data-ready", "true", timeout=PATIENCE_MS)

    def chooses(self, file: Path) -> None:
        """Choose a list to look at."""
        self.goes_to("/standard/import")
        expect(self.at("list-version")).not_to_have_value("", timeout=PATIENCE_MS)
        self.at("list-file").set_input_files(file)


class Second(Desk):
    """The supervisor, who adopts or refuses what another person brought in."""

    @classmethod
    def arrives(cls, stage: Stage) -> "Second":
        """Sign in by the card."""
        return cls(stage, signs_in(stage, "supervisor"))

    def adopts(self, version: str, reason: str) -> None:
        """Read what changes, give a reason, type the word."""
        self.goes_to(f"/standard/versions/{version}")
        expect(self.at("foreseen").get_by_test_id("remap-report")).to_be_visible(
            timeout=PATIENCE_MS
        )
        self.fills("edition-reason", reason)
        self.shot("standard-review")
        self.presses("edition-adopt")
        self.confirms("standard.edition.word")
        expect(self.at("edition-why")).to_have_text(reason, timeout=2 * PATIENCE_MS)
