"""Clerk, administrator and supervisor at their pages."""

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage, signs_in
from tests.stories.browser.words import word
from tests.stories.office import BIDDERS
from tests.stories.server import ROOT

EXAMPLES = ROOT / "examples"
CRITERIA = EXAMPLES / "criteria.json"
PAPERS = {"tender": "tender.pdf"} | {f"bid-{at}": f"bid-{at + 1}.pdf" for at in range(3)}


class Administrator(Desk):
    """Registers public keys; each registration makes a new policy."""

    @classmethod
    def arrives(cls, stage: Stage) -> "Administrator":
        """Sign in by the card."""
        return cls(stage, signs_in(stage, "administrator"))

    def looks_over_the_accounts(self) -> None:
        """Who may sign in, and as what."""
        self.goes_to("/admin")
        expect(self.at("accounts").locator("tbody tr").first).to_be_visible(timeout=PATIENCE_MS)

    def registers(self, party: str, body: str, key: str, witness: str = "") -> None:
        """Type a holder's key into the form and confirm it."""
        self.goes_to("/admin/holders")
        self.presses(f"register-{party}")
        self.fills("holder-text", f"Our public key: {key}")
        self.fills("holder-body", body)
        if witness:
            self.fills("holder-witness", witness)
        self.presses("holder-submit")
        self.confirms()
        row = self.at(f"holder-{party}")
        expect(row.locator("code")).to_have_attribute("title", key, timeout=PATIENCE_MS)


class Clerk(Desk):
    """Prepares the evaluation, opens and closes the room; sees no score before its time."""

    evaluation_id: str = ""

    @classmethod
    def arrives(cls, stage: Stage) -> "Clerk":
        """Sign in by the card."""
        return cls(stage, signs_in(stage, "clerk"))

    def begins(self, draw_id: str) -> str:
        """Take up a draw; the id of the evaluation."""
        self.goes_to("/evaluations")
        self.presses(f"create-{draw_id}")
        self.page.wait_for_url("**/evaluations/*", timeout=PATIENCE_MS)
        self.evaluation_id = self.page.url.rsplit("/", 1)[1]
        return self.evaluation_id

    def enters_the_bidders(self) -> None:
        """Names, codes and opened prices."""
        for at, (_, name, code, fen) in enumerate(BIDDERS):
            self.fills(f"bidder-name-{at}", name)
            self.fills(f"bidder-code-{at}", code)
            self.fills(f"bidder-price-{at}", f"{fen // 100}.{fen % 100:02d}")
        self.presses("bidders-save")
        expect(self.at(f"upload-bid-{len(BIDDERS) - 1}")).to_be_attached(timeout=PATIENCE_MS)

    def files_the_documents(self) -> None:
        """The tender documents and one bid of each bidder."""
        for key in ("tender", *(f"bid-{at}" for at in range(len(BIDDERS)))):
            chooser = self.at(f"upload-{key}")
            expect(chooser).to_be_enabled(timeout=PATIENCE_MS)
            chooser.set_input_files(EXAMPLES / PAPERS[key])
            row = self.page.locator("li", has=chooser)
            expect(row.locator(".file")).to_have_count(1, timeout=PATIENCE_MS)

    def signs_the_criteria(self) -> None:
        """Load the example criteria; they are signed with the clerk's key."""
        self.at("criteria-file").set_input_files(CRITERIA)
        expect(self.at("criteria-sum")).to_contain_text("100")
        self.presses("criteria-sign")
        self.confirms()
        self.sees(word("clerk.criteria.signed"))

    def lets_the_members_in(self) -> None:
        """From here on nothing of it can change."""
        expect(self.at("make-ready")).to_be_enabled(timeout=PATIENCE_MS)
        self.at("make-ready").scroll_into_view_if_needed()
        self.shot("clerk-prepare")
        self.presses("make-ready")
        self.confirms("clerk.prepare.word")
        self.presses("enter-room")
        expect(self.at("room")).to_have_attribute("data-phase", "check_in", timeout=PATIENCE_MS)

    def goes_on(self, to: str) -> None:
        """Everybody has done it: the clerk leaves the phase."""
        expect(self.at("advance")).to_be_enabled(timeout=PATIENCE_MS)
        self.presses("advance")
        expect(self.at("room")).to_have_attribute("data-phase", to, timeout=PATIENCE_MS)

    def sees_no_score(self) -> None:
        """Progress is shown to the clerk, results are not."""
        expect(self.at("results")).to_have_count(0)

    def saves_the_report(self, path: Path) -> None:
        """Download the report."""
        with self.saving(path):
            self.presses("report-download")


class Supervisor(Desk):
    """Reads the logs, has the draw computed again, exports."""

    @classmethod
    def arrives(cls, stage: Stage) -> "Supervisor":
        """Sign in by the card."""
        return cls(stage, signs_in(stage, "supervisor"))

    def reads_the_draw(self, draw_id: str) -> None:
        """Open the log of a draw from the list."""
        self.goes_to("/supervise")
        self.at(f"draw-{draw_id}").get_by_role("link").first.click()
        expect(self.at("recompute")).to_be_visible(timeout=PATIENCE_MS)

    def has_it_recomputed(self) -> None:
        """Every hidden input is rebuilt and every tick is green."""
        self.presses("recompute-run")
        card = self.at("recompute")
        expect(self.at("recompute-verdict")).to_have_text(
            word("supervisor.log.recompute_good"), timeout=2 * PATIENCE_MS
        )
        expect(card.locator(".checks > li.ok")).to_have_count(7)
        expect(card.locator(".checks > li:not(.ok)")).to_have_count(0)

    def reads_it_in_the_other_language(self) -> None:
        """Press the button that names the other language; the page says it at once."""
        before = self.page.locator("html").get_attribute("lang")
        self.page.locator("header button[lang]").click()
        expect(self.page.locator("html")).not_to_have_attribute("lang", str(before))

    def opens_the_names(self, reason: str) -> list[str]:
        """Ask who the committee is, with a reason that the log keeps."""
        self.presses("names-open")
        self.fills("names-reason", reason)
        self.presses("names-submit")
        rows = self.at("names").locator("li > span")
        expect(rows.first).to_be_visible(timeout=PATIENCE_MS)
        self.at("committee").scroll_into_view_if_needed()
        self.shot("names-opened")
        return [row.split()[0] for row in rows.all_inner_texts()]

    def reads_the_room(self, evaluation_id: str) -> None:
        """Open the log of a room."""
        self.goes_to(f"/supervise/rooms/{evaluation_id}")
        expect(self.at("room-log").locator("li[data-type]").first).to_be_visible(
            timeout=PATIENCE_MS
        )

    def saves_the_export(self, path: Path) -> dict[str, object]:
        """Download the room's entries with their proofs."""
        with self.saving(path):
            self.presses("export")
        found: dict[str, object] = json.loads(path.read_text("utf-8"))
        return found
