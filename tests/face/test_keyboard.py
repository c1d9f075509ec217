"""A draw is filed, an expert accepts, scores, seals and signs: without a mouse.

Every step is a key. Tab must lead to what comes next, and where the focus stands is seen at
each stop. The office and four members act over HTTP; two people sit at keyboards.
"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.face.day import MARKS, Day
from tests.face.eyes import Watched
from tests.face.keys import Keys
from tests.face.row import Scene
from tests.stories.browser.applicant import CHINA, CONTACT, ENTITY, PLACE, PROJECT
from tests.stories.browser.desk import PATIENCE_MS, Stage
from tests.stories.browser.expert import Expert
from tests.stories.browser.wire import Wire
from tests.stories.browser.words import word
from tests.stories.office import BIDDERS, CRITERIA, until
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

DRAW_SECONDS, END_SECONDS = 25, 600


def test_a_whole_story_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    with (
        Server(tmp_path / "home", ("serve", "--demo")) as server,
        Watched(browser, server.url, tmp_path) as stage,
        Wire(server.port) as wire,
    ):
        day = Day(server, stage, wire, tmp_path, now=Scene.FILED)
        office = Keys(at_the_sign_in(stage, "applicant"))
        day.draw = files_a_draw(office)
        member = at_the_seat(day, stage)
        keys = Keys(member.page)
        keys.press("accept")
        expect(member.at("invitation-accepted")).to_be_visible(timeout=PATIENCE_MS)
        the_room_is_opened(day)
        goes_into_the_room(keys)
        declares_and_votes(keys, day)
        scores_and_seals(keys)
        answers_and_signs(keys, member)
        day.stop.set()
        assert stage.faults == []
    assert office.unseen + keys.unseen == []


def at_the_sign_in(stage: Stage, card: str) -> Page:
    """Open the sign-in page and step into a card with Tab and Enter."""
    page = stage.page()
    page.goto("/sign-in")
    Keys(page).press(f"enter-{card}")
    page.wait_for_url(lambda url: not url.endswith("/sign-in"), timeout=PATIENCE_MS)
    return page


def files_a_draw(keys: Keys) -> str:
    """Project, composition from the tree, parties, times, review, the word; the id."""
    keys.press("file-draw")
    keys.write("project-code", "DEMO-KEYS-1")
    keys.write("project-name", PROJECT)
    keys.press("next")
    for code, seats in (("A08", 3), ("A06", 2)):
        keys.write("tree-search", code)
        found = f"[data-testid=tree] input[data-key='2018:{code}'][tabindex='0']"
        keys.page.locator(found).wait_for()
        keys.to(found)
        keys.page.keyboard.press("Space")
        keys.write(f"[data-testid=slot-{code}] input", str(seats))
        keys.page.keyboard.press("Tab")
    keys.press("next")
    keys.write("party-name-procuring_entity-0", ENTITY[0])
    keys.write("party-code-procuring_entity-0", ENTITY[1])
    for at, (_, name, code, _) in enumerate(BIDDERS):
        if at:
            keys.press("add-bidder")
        keys.write(f"party-name-bidder-{at}", name)
        keys.write(f"party-code-bidder-{at}", code)
    keys.press("next")
    sets_the_times(keys)
    keys.press("next")
    keys.press("file")
    keys.confirm(word("applicant.file.word"))
    keys.page.wait_for_url("**/centre/draws/*", timeout=PATIENCE_MS)
    return keys.page.url.rsplit("/", 1)[1]


def sets_the_times(keys: Keys) -> None:
    """The last time first, so that each pair stays in order while it is typed."""
    now = datetime.now(CHINA)
    ends = dict.fromkeys(("unseal_after", "starts_at", "latest_draw_at"), END_SECONDS)
    for name, seconds in (ends | {"draw_at": DRAW_SECONDS}).items():
        at = now + timedelta(seconds=seconds)
        keys.write(f"#{name}", at.strftime("%Y-%m-%d %H:%M:%S"))
        keys.page.keyboard.press("Enter")
    keys.write("place", PLACE)
    keys.write("contact", CONTACT)


def at_the_seat(day: Day, stage: Stage) -> Expert:
    """The expert's card, as soon as somebody is invited."""
    page = stage.page()
    look = day.person("supervisor")
    until(
        lambda: look.get(f"/api/supervisor/draws/{day.draw}")["draw"]["state"] == "inviting",
        PATIENCE_MS / 1000,
        "invitations go out",
    )
    page.goto("/sign-in")
    Keys(page).press("enter-expert")
    page.wait_for_url("**/inbox", timeout=PATIENCE_MS)
    day.play()
    return Expert(stage, page, "")


def the_room_is_opened(day: Day) -> None:
    """The office: bidders, documents, criteria, ready."""
    day.sealed()
    for scene in (Scene.PREPARED, Scene.CHECK_IN):
        day.enact(scene)


def goes_into_the_room(keys: Keys) -> None:
    """From the inbox to the list of evaluations, and in."""
    keys.press("[href='/my/evaluations']")
    keys.press("[data-testid^=enter-]")
    keys.press("check-in")


def declares_and_votes(keys: Keys, day: Day) -> None:
    """The undertaking to its end, a tick; an answer for every bidder; a ballot."""
    keys.page.get_by_test_id("waiting").wait_for()
    day.go_on()
    keys.to("undertaking")
    keys.page.keyboard.press("End")
    keys.press("undertaking-read", "Space")
    onward = keys.page.get_by_test_id("declare")

    def signed() -> bool:
        # Whoever is told that this was too quick signs again.
        keys.press("sign-undertaking")
        refused = keys.page.locator(".refusal")
        expect(refused.or_(onward).first).to_be_visible(timeout=PATIENCE_MS)
        return bool(onward.count())

    until(signed, PATIENCE_MS / 1000, "the undertaking is signed", pause=1)
    for id_, _, _, _ in BIDDERS:
        keys.press(f"recusal-{id_}-no", "Space")
    keys.press("declare")
    keys.press("[name=leader]", "Space")
    keys.page.keyboard.press("ArrowDown")
    keys.press("vote")


def scores_and_seals(keys: Keys) -> None:
    """Digits, Enter, a reason, Enter; down the sheet; then the word."""
    keys.to("[role=gridcell]")
    reason = keys.page.get_by_test_id("reason")
    for _ in BIDDERS:
        for line in CRITERIA["criteria"]:
            keys.page.keyboard.type(MARKS[line["id"]])
            keys.page.keyboard.press("Enter")
            expect(reason).to_be_focused(timeout=PATIENCE_MS)
            keys.page.keyboard.insert_text("内容不够具体，见第 2 页。")
            keys.page.keyboard.press("Enter")
    keys.press("seal-sheet")
    keys.confirm(word("room.sheet.word"))


def answers_and_signs(keys: Keys, member: Expert) -> None:
    """Whatever the room asks this member is answered; the report is signed."""
    asked = keys.page.locator("article[data-testid^=flag-]")
    leads, report = member.at("advance-summary"), member.at("sign-report")

    def reported() -> bool:
        if report.count():
            return True
        if asked.count():
            before = asked.count()
            others = asked.first.locator(".values span:not(.me) b").first.inner_text()
            keys.write("input[data-testid^=amend-]", others)
            keys.page.keyboard.press("Tab")
            keys.page.keyboard.insert_text("漏看证明，改正。")
            keys.press("[data-testid^=amend-submit-]")
            expect(asked).not_to_have_count(before, timeout=PATIENCE_MS)
        elif leads.count() and leads.is_enabled():
            keys.press("advance-summary")
        return False

    until(reported, 2 * PATIENCE_MS / 1000, "the report is there")
    keys.press("sign-report")
    keys.confirm(word("room.report.word_sign"))
    expect(member.at("report-answered")).to_be_visible(timeout=PATIENCE_MS)
