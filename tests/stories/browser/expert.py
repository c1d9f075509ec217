"""An expert: at the inbox with a telephone, then at a seat of the room with a keyboard."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from playwright.sync_api import Page, WebSocket, expect

from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage, steps_in_as_expert
from tests.stories.browser.words import word
from tests.stories.office import BIDDERS, until

SEATS = 5
Cell = tuple[int, str]
"""A bidder by its place on the sheet (from 0) and a criterion by its id."""
Entry = tuple[Cell, str, str]
"""A cell, its score as typed, and the reason ("" for a full mark)."""


@dataclass
class Expert(Desk):
    """One of those drawn. `account` is all that this test knows about them."""

    account: str
    seat: str = ""
    typed: dict[Cell, Fraction] = field(default_factory=dict)
    frames: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def arrives(
        cls, stage: Stage, known: Iterable["Expert"], *, url: str = "", phone: bool = False
    ) -> "Expert":
        """Sign in by the card as an invited expert who is none of `known`.

        Args:
            url: the near end of a wire, where there is one between this browser and the server.
        """
        page = stage.page(url=url, phone=phone)
        frames = _frames_of(page)
        before = {one.account for one in known}
        account = steps_in_as_expert(page, lambda account: account not in before)
        return cls(stage, page, account, frames=frames)

    def on_another_machine(self) -> "Expert":
        """The same person at another browser; the first stays open behind them."""
        page = self.stage.page()
        frames = _frames_of(page)
        account = steps_in_as_expert(page, lambda account: account == self.account)
        return Expert(self.stage, page, account, self.seat, self.typed, frames)

    # --- the inbox

    def is_invited(self) -> str:
        """An invitation stands in the inbox; everything that is written there."""
        expect(self.at("invitation")).to_be_visible(timeout=PATIENCE_MS)
        return self.page.locator("main").inner_text()

    def accepts(self) -> None:
        """Take the seat."""
        self.presses("accept")
        expect(self.at("invitation-accepted")).to_be_visible(timeout=PATIENCE_MS)

    def declines(self, reason: str) -> None:
        """Say no with one of the coded reasons."""
        self.presses("decline")
        self.at(f"reason-{reason}").check()
        self.shot("decline-phone")
        self.presses("decline-submit")
        expect(self.at("invitation-declined")).to_be_visible(timeout=PATIENCE_MS)

    # --- the room

    def enters(self, evaluation_id: str) -> None:
        """Go to the room from the list of evaluations."""
        self.goes_to("/my/evaluations")
        self.presses(f"enter-{evaluation_id}")
        self.is_connected()

    def is_connected(self) -> None:
        """The socket is open and the room is known."""
        expect(self.at("room")).to_have_attribute("data-standing", "open", timeout=PATIENCE_MS)
        expect(self.at("connecting")).to_have_count(0, timeout=PATIENCE_MS)

    def is_cut_off(self) -> None:
        """The page says that the connection is gone."""
        expect(self.at("room")).to_have_attribute("data-standing", "offline", timeout=PATIENCE_MS)

    def has_resumed(self) -> None:
        """The socket that came back was given what was missed, and not the whole room again."""

        def welcomes() -> list[int] | None:
            self.page.wait_for_timeout(50)
            found = [at for at, one in enumerate(self.frames) if one["type"] == "welcome"]
            return found if len(found) > 1 else None

        first, *_, last = until(welcomes, PATIENCE_MS / 1000, "the second welcome")
        assert self.frames[first]["resumed"] is False
        assert self.frames[last]["resumed"] is True
        assert self.frames[last]["stream"] == self.frames[first]["stream"]
        assert [one for one in self.frames[last:] if one["type"] == "snapshot"] == []

    def checks_in(self) -> None:
        """Sit down."""
        expect(self.at("check-in")).to_be_enabled(timeout=PATIENCE_MS)
        self.shot("room-check-in")
        self.presses("check-in")
        self.waits_for("check_in")

    def waits_for(self, step: str) -> None:
        """Done with a step; the page says for how many it waits, not for whom."""
        expect(self.at("waiting")).to_have_attribute("data-step", step, timeout=PATIENCE_MS)

    def signs_the_undertaking(self) -> None:
        """Read to the end, then sign; whoever is told that this was too quick signs again."""
        paper = self.at("undertaking")
        paper.evaluate("paper => paper.scrollTo(0, paper.scrollHeight)")
        self.at("undertaking-read").check()
        paper.evaluate("paper => paper.scrollTo(0, paper.scrollHeight)")
        self.shot("room-undertaking")
        until(self._sign, PATIENCE_MS / 1000, "the undertaking is signed")

    def _sign(self) -> bool:
        self.presses("sign-undertaking")
        too_quick = self.page.locator(".refusal")
        onward = self.at("waiting").or_(self.at("declare"))
        expect(too_quick.or_(onward).first).to_be_visible(timeout=PATIENCE_MS)
        return bool(onward.count())

    def declares_no_interest(self) -> None:
        """Answer for every bidder."""
        answers = self.page.locator('[data-testid^="recusal-"][data-testid$="-no"]')
        expect(answers).to_have_count(3, timeout=PATIENCE_MS)
        for answer in answers.all():
            answer.check()
        self.shot("room-recusal")
        self.presses("declare")

    def votes_for(self, seat: str) -> None:
        """Cast the secret ballot; the own seat is the one marked so."""
        own = self.page.locator(".choices label", has_text=word("room.you"))
        said = own.locator("input").get_attribute("value", timeout=PATIENCE_MS)
        self.seat = str(said)
        self.at(f"vote-{seat}").check(timeout=PATIENCE_MS)
        self.shot("room-leader")
        self.presses("vote")

    def begins_to_score(self) -> None:
        """Put the keyboard into the first cell."""
        cell = self.at("score-grid").locator('[role=gridcell][tabindex="0"]')
        cell.focus(timeout=PATIENCE_MS)

    def moves(self, *, right: int, down: int) -> None:
        """Go to another cell by the arrow keys."""
        for key in ["ArrowRight"] * right + ["ArrowDown"] * down:
            self.page.keyboard.press(key)

    def comes_back_by_reload(self) -> None:
        """F5."""
        self.page.reload()
        self.is_connected()

    def is_seated_elsewhere(self) -> None:
        """Another browser of the same person speaks for the seat now."""
        expect(self.at("elsewhere")).to_be_visible(timeout=PATIENCE_MS)

    def scores(self, entries: Iterable[Entry]) -> None:
        """Type cells in the order of the sheet: score, Enter, a reason, Enter. No mouse."""
        for entry in entries:
            self.writes(entry)
            if entry[2]:
                self.page.keyboard.press("Enter")

    def writes(self, entry: Entry) -> None:
        """Type one cell; a full mark needs no reason and moves on at once."""
        cell, score, reason = entry
        keyboard = self.page.keyboard
        keyboard.type(score)
        keyboard.press("Enter")
        if reason:
            expect(self.at("reason")).to_be_focused(timeout=PATIENCE_MS)
            keyboard.insert_text(reason)
        self.typed[cell] = Fraction(score)

    def turns_to_page(self, number: int) -> None:
        """Open a page of the bid that lies beside the sheet, then take up the keyboard again."""
        expect(self.at("cite")).to_be_enabled(timeout=PATIENCE_MS)
        self.at("pdf-page").fill(str(number))
        self.at("pdf-page").press("Enter")
        self.begins_to_score()

    def cites_this_page(self, number: int) -> None:
        """P puts the page of the document that is open beside the score."""
        self.page.keyboard.press("p")
        chip = self.page.get_by_role("button", name=word("room.pdf.anchor", page=number))
        expect(chip.first).to_be_visible(timeout=PATIENCE_MS)

    def has_scored(self, done: int, of: int) -> None:
        """The count below the sheet."""
        expect(self.at("score-progress")).to_have_text(f"{done} / {of}", timeout=PATIENCE_MS)

    def is_saved(self) -> None:
        """The unfinished sheet lies on the server."""
        expect(self.at("saved")).to_have_attribute("data-saved", "saved", timeout=PATIENCE_MS)

    def keeps_it_here(self) -> None:
        """While there is no connection the page says that the sheet lies on this machine."""
        expect(self.at("saved")).to_have_attribute("data-saved", "waiting", timeout=PATIENCE_MS)

    def seals_the_sheet(self) -> None:
        """Type the word and seal; nobody reads it before all are sealed."""
        expect(self.at("seal-sheet")).to_be_enabled(timeout=PATIENCE_MS)
        self.presses("seal-sheet")
        expect(self.page.get_by_role("dialog").locator("visible=true").last).to_be_visible()
        self.shot("room-seal")
        self.confirms("room.sheet.word")

    def has_sealed(self) -> None:
        """The page says "sealed", wherever it is opened."""
        self.waits_for("scoring")
        self.sees(word("room.wait.scoring.title"))

    def answers_a_flag(self, cell: Cell, reason: str, amended: str = "") -> None:
        """Amend the own score, or keep it with a reason."""
        flag = self.page.locator(f'article[data-testid^="flag-"][data-testid$="-{cell[1]}"]')
        flag = flag.filter(has_text=BIDDERS[cell[0]][1])
        expect(flag).to_be_visible(timeout=PATIENCE_MS)
        flag.locator('[data-testid^="flag-reason-"]').fill(reason)
        if amended:
            flag.locator('input[data-testid^="amend-"]').fill(amended)
            flag.locator('[data-testid^="amend-submit-"]').click()
            self.typed[cell] = Fraction(amended)
        else:
            flag.locator('[data-testid^="explain-"]').click()
        expect(flag).to_have_count(0, timeout=PATIENCE_MS)

    def sees_totals(self) -> list[list[str]]:
        """The ranking as it stands on the screen, row by row."""
        rows = self.at("results").locator("tbody tr")
        expect(rows.first).to_be_visible(timeout=PATIENCE_MS)
        return [row.locator("td").all_inner_texts() for row in rows.all()]

    def closes_the_summary(self) -> None:
        """The leader has compared everything and lets the report be written."""
        self.presses("advance-summary")
        expect(self.at("sign-report")).to_be_visible(timeout=PATIENCE_MS)

    def reads_the_report(self) -> None:
        """The report itself stands on the page."""
        paper = self.at("pdf-canvas")
        expect(paper).to_be_visible(timeout=PATIENCE_MS)
        self.at("report").scroll_into_view_if_needed()

    def signs_the_report(self) -> None:
        """Agree."""
        self.presses("sign-report")
        self.confirms("room.report.word_sign")
        expect(self.at("report-answered")).to_be_visible(timeout=PATIENCE_MS)

    def dissents(self, reasons: str) -> None:
        """Disagree, with reasons that stand in the report."""
        self.presses("dissent-report")
        self.fills("dissent-reasons", reasons)
        dialog = self.page.get_by_role("dialog").locator("visible=true").last
        dialog.locator("form input").fill(word("room.report.word_dissent"))
        dialog.locator("form button[type=submit]").click()
        expect(self.at("report-answered")).to_be_visible(timeout=PATIENCE_MS)


def _frames_of(page: Page) -> list[dict[str, Any]]:
    """A list that grows with each frame a server sends to a socket of the page."""
    frames: list[dict[str, Any]] = []

    def follow(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: frames.append(json.loads(payload)))

    page.on("websocket", follow)
    return frames
