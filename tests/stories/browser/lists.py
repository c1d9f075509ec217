"""The pool manager and the supervisor at the pages of the outside lists."""

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.stories.browser.desk import PATIENCE_MS, SMALL, STEP_IN, Desk, Stage


class AtLists(Desk):
    """Hands lists in, has the pool checked, says who is who."""

    @classmethod
    def arrives(cls, stage: Stage, card: str = "pool_manager") -> "AtLists":
        """Become a card."""
        page = stage.page()
        page.goto(SMALL)
        assert page.evaluate(STEP_IN, [card, 0]) is not None
        return cls(stage, page)

    def hands_in(self, file: Path, issuer: str) -> None:
        """Fill in whose list it is and choose its file."""
        self.goes_to("/lists")
        self.presses("take-list")
        self.fills("list-issuer", issuer)
        self.at("list-file").set_input_files(file)

    def checks(self) -> None:
        """Open the report and have the pool checked now."""
        self.goes_to("/lists/crosscheck")
        before = self.at("check-row").count()
        self.presses("run-check")
        expect(self.at("check-row")).to_have_count(before + 1, timeout=PATIENCE_MS)

    def match(self, how: str) -> Locator:
        """The first match of a kind that is shown."""
        return self.at(f"match-{how}").first

    def says(self, how: str, decision: str, reason: str) -> None:
        """Decide a near match."""
        one = self.match(how)
        one.get_by_test_id("decide").click()
        one.get_by_test_id(f"decision-{decision}").check()
        one.get_by_test_id("decision-reason").fill(reason)
        self.shot("lists-deciding")
        one.get_by_test_id("decision-submit").click()
