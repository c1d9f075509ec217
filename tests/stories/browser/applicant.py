"""The applicant files a draw with the tree and the rule check, then sees a seal."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from playwright.sync_api import expect

from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage, signs_in
from tests.stories.office import BIDDERS

CHINA = timezone(timedelta(hours=8))
PROJECT = "城东片区排水管网改造工程（演示）"
PROJECT_CODE = "DEMO-2026-017"
ENTITY = ("演示招标人（生成）", "12330100GENENTTY06")
AGENCY = ("演示招标代理机构（生成）", "91330100GENAGNCY0U")
PLACE = "演示市公共资源交易中心三楼 302 室"
CONTACT = "0571-00000000"


@dataclass
class Windows:
    """When things happen, in seconds from the moment the times are typed."""

    draw: int
    latest: int


class Applicant(Desk):
    """Files, watches; never sees a count or a name."""

    draw_id: str = ""

    @classmethod
    def arrives(cls, stage: Stage) -> "Applicant":
        """Sign in by the card."""
        return cls(stage, signs_in(stage, "applicant"))

    def names_the_project(self) -> None:
        """First step."""
        self.goes_to("/centre/file")
        self.fills("project-code", PROJECT_CODE)
        self.fills("project-name", PROJECT)
        self.presses("next")

    def picks(self, code: str, seats: int) -> None:
        """Find a specialty by its code, tick it in the tree, say how many seats."""
        self.fills("tree-search", code)
        node = self.page.locator(".el-tree-node", has=self.page.locator(f'[data-code="{code}"]'))
        node.first.locator("input[type=checkbox]").first.check()
        number = self.at(f"slot-{code}").locator(".el-input-number input")
        number.fill(str(seats))
        number.press("Tab")
        self.fills("tree-search", "")

    def is_let_on(self) -> None:
        """The rule check has answered and nothing fails."""
        expect(self.at("rule-list").locator("li.pass").first).to_be_visible(timeout=PATIENCE_MS)
        expect(self.at("rule-list").locator("li.fail")).to_have_count(0, timeout=PATIENCE_MS)
        expect(self.at("next")).to_be_enabled(timeout=PATIENCE_MS)

    def names_the_parties(self) -> None:
        """Units whose people stand aside; the step is left when the codes are right."""
        self.presses("next")
        rows = [("procuring_entity", 0, *ENTITY), ("agency", 0, *AGENCY)]
        rows += [("bidder", at, name, code) for at, (_, name, code, _) in enumerate(BIDDERS)]
        for kind, at, name, code in rows:
            if kind == "bidder" and at:
                self.presses("add-bidder")
            self.fills(f"party-name-{kind}-{at}", name)
            self.fills(f"party-code-{kind}-{at}", code)
        self.presses("next")

    def sets_the_times(self, windows: Windows) -> None:
        """Type the four times into the pickers, then place and telephone."""
        now = datetime.now(CHINA)
        ends = {"draw_at": windows.draw}
        ends |= dict.fromkeys(("latest_draw_at", "starts_at", "unseal_after"), windows.latest)
        # The last first: each pair stays in order while it is typed.
        for name, seconds in reversed(ends.items()):
            picker = self.page.locator(f"#{name}")
            picker.fill((now + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S"))
            picker.press("Enter")
        self.fills("place", PLACE)
        self.fills("contact", CONTACT)
        self.presses("next")

    def may_file(self) -> None:
        """The last check has answered, with parties and times; the button lets go."""
        expect(self.at("file")).to_be_enabled(timeout=PATIENCE_MS)

    def files(self) -> str:
        """Type the word and file; the id of the draw."""
        self.presses("file")
        self.confirms("applicant.file.word")
        self.page.wait_for_url("**/centre/draws/*", timeout=PATIENCE_MS)
        self.draw_id = self.page.url.rsplit("/", 1)[1]
        return self.draw_id

    def sees_state(self, state: str) -> None:
        """The rail stands at a state."""
        expect(self.at("rail")).to_have_attribute("data-state", state, timeout=2 * PATIENCE_MS)

    def sees_a_seal(self) -> None:
        """The seal stands where a list of people would stand."""
        expect(self.at("seal-sealed")).to_be_visible(timeout=2 * PATIENCE_MS)
        expect(self.at("fingerprint")).to_be_visible(timeout=PATIENCE_MS)
