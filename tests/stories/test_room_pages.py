"""A room when something comes between, one situation each: a dispute, a pause, a clerk who is
gone, a conflict of interest. One draw and one room, whose other members play themselves."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from evaluation_room.core import commands
from evaluation_room.core.values import Phase
from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage, signs_in
from tests.stories.browser.expert import Expert
from tests.stories.browser.words import word
from tests.stories.holders import holders_at_work
from tests.stories.office import Person, prepare, request_body, until
from tests.stories.others import Others
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

SECONDS = 150


@dataclass
class Floor:
    """The server, its room in the phase of declarations, and three people with pages."""

    server: Server
    stage: Stage
    decliner: Expert
    member: Expert
    steady: Expert
    evaluation: str

    def office(self, card: str, path: str) -> Desk:
        """Somebody of the office at a page of the room."""
        desk = Desk(self.stage, signs_in(self.stage, card))
        desk.goes_to(path.format(self.evaluation))
        return desk


@pytest.fixture(scope="module")
def floor(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    folder = tmp_path_factory.mktemp("floor")
    with Server(folder / "home") as server, Stage(browser, server.url, folder) as stage:
        with holders_at_work(server, folder), Others(server.url) as others:
            yield settled(server, stage, others)
        assert stage.faults == []


def settled(server: Server, stage: Stage, others: Others) -> Floor:
    """File, invite, one declines, one accepts; the others play; the room asks for declarations."""
    applicant = Person(server.url, "applicant").sign_in()
    clerk = Person(server.url, "clerk").sign_in()
    body = request_body("floor", draw_in=2, closes_in=SECONDS)
    draw = applicant.post("/api/draws", body)["id"]

    def state(*wanted: str) -> bool:
        return applicant.get(f"/api/draws/{draw}")["state"] in wanted

    until(lambda: state("inviting", "sealed"), SECONDS, "invitations")
    decliner = Expert.arrives(stage, ())
    member = Expert.arrives(stage, (decliner,))
    steady = Expert.arrives(stage, (decliner, member))
    seated = (member, steady)
    others.leave_out(one.account for one in (decliner, *seated))
    decliner.is_invited()
    decliner.declines("travel")
    for one in seated:
        one.is_invited()
        one.accepts()
    others.begin()
    until(lambda: state("sealed"), SECONDS, "every seat taken")
    evaluation = prepare(clerk, draw)
    for one in seated:
        one.enters(evaluation)
        one.checks_in()

    def phase() -> str:
        return str(clerk.get(f"/api/evaluations/{evaluation}")["phase"])

    def go_on() -> bool:
        clerk.say(evaluation, commands.Advance(leaving=Phase.CHECK_IN), "leave-check-in")
        return phase() != "check_in"

    until(go_on, SECONDS, "all checked in", pause=1)
    for one in seated:
        one.signs_the_undertaking()
    until(lambda: phase() == "recusal", SECONDS, "all undertook")
    return Floor(server, stage, decliner, member, steady, evaluation)


def test_an_expert_disputes_an_entry_of_the_own_record(floor: Floor) -> None:
    desk = floor.decliner
    desk.goes_to("/my/record")
    entry = desk.at("record-declined")
    expect(entry).to_be_visible(timeout=PATIENCE_MS)
    entry.locator("[data-testid^=dispute-]").click()
    expect(desk.at("dispute-submit")).to_be_disabled()
    desk.fills("dispute-text", "当日已电话说明航班取消")
    desk.presses("dispute-submit")
    expect(entry).to_contain_text(word("expert.record.disputed"), timeout=PATIENCE_MS)
    expect(entry).to_contain_text("当日已电话说明航班取消")
    desk.page.reload()
    # beside the entry, which stays as it was, and once
    expect(entry).to_contain_text("当日已电话说明航班取消", timeout=PATIENCE_MS)
    expect(entry).to_contain_text(word("expert.record.kind.declined"))
    expect(entry.locator("[data-testid^=dispute-]")).to_have_count(0)


def test_a_pause_of_the_supervisor_stops_everybody_until_they_resume(floor: Floor) -> None:
    supervisor = floor.office("supervisor", "/room/{}")
    member, declare = floor.steady, floor.steady.at("declare")
    answers = member.page.locator('[data-testid^="recusal-"][data-testid$="-no"]')
    for answer in answers.all():
        answer.check()
    expect(declare).to_be_enabled(timeout=PATIENCE_MS)
    supervisor.presses("orders")
    supervisor.fills("order-pause-note", "核对到场人员")
    supervisor.presses("order-pause-submit")
    for desk in (member, supervisor):
        expect(desk.at("paused")).to_contain_text("核对到场人员", timeout=PATIENCE_MS)
    expect(declare).to_be_disabled()
    member.shot("room-paused")

    supervisor.presses("orders")
    supervisor.presses("order-resume")
    for desk in (member, supervisor):
        expect(desk.at("paused")).to_have_count(0, timeout=PATIENCE_MS)
    expect(declare).to_be_enabled()  # what was answered before the pause is still there


def test_a_declared_conflict_voids_the_seat_and_the_next_step_fills_it(floor: Floor) -> None:
    supervisor = floor.office("supervisor", "/supervise/rooms/{}")
    member = floor.member
    member.page.locator('[data-testid^="recusal-"][data-testid$="-yes"]').first.check()
    for answer in member.page.locator('[data-testid^="recusal-"][data-testid$="-no"]').all()[1:]:
        answer.check()
    member.page.locator('[data-testid$="-ground"]').fill("三年内在该投标人处任职")
    member.presses("declare")
    member.confirms("room.recusal.word")
    expect(member.at("seat-void")).to_be_visible(timeout=PATIENCE_MS)
    log = supervisor.at("room-log")
    expect(log.locator('li[data-type="room.seat_voided"]')).to_be_visible(timeout=PATIENCE_MS)
    expect(log.locator('li[data-type="room.seat_replaced"]')).to_be_visible(timeout=2 * PATIENCE_MS)
    supervisor.shot("seat-replaced")
    # the newcomer starts from check-in, and nobody who left or declined is asked again
    checked_in = log.locator('li[data-type="room.checked_in"]')
    expect(checked_in).to_have_count(6, timeout=2 * PATIENCE_MS)
    newcomer = Expert.arrives(floor.stage, ())
    assert newcomer.account not in {floor.decliner.account, member.account}
    # the seat stays shut to the one who left
    member.goes_to("/my/evaluations")
    expect(member.at(f"enter-{floor.evaluation}")).to_have_count(0)


def test_the_supervisor_hands_a_room_over_whose_clerk_is_gone(floor: Floor) -> None:
    administrator = Person(floor.server.url, "administrator").sign_in()
    new = {"username": "second.clerk", "role": "clerk", "display": "工作人员乙"}
    token = administrator.post("/api/accounts", new)["link"].rsplit("/", 1)[1]
    password = {"password": "a sentence of the second clerk"}
    Person(floor.server.url, "").post(f"/api/links/{token}", password)
    former = floor.office("clerk", "/room/{}")
    expect(former.at("office-lead")).to_be_visible(timeout=PATIENCE_MS)
    me = former.asks("/api/me")["account"]["id"]

    supervisor = floor.office("supervisor", "/supervise/rooms/{}")
    expect(supervisor.at("clerk")).to_have_attribute("data-able", "true", timeout=PATIENCE_MS)
    administrator.post(f"/api/accounts/{me}/disable", {"reason": "left"})
    supervisor.page.reload()
    expect(supervisor.at("clerk")).to_have_attribute("data-able", "false", timeout=PATIENCE_MS)
    supervisor.shot("clerk-gone")
    supervisor.presses("hand-over")
    supervisor.at("hand-over-who").click()
    supervisor.page.get_by_role("option", name="工作人员乙").click()
    expect(supervisor.at("hand-over-submit")).to_be_disabled()
    supervisor.fills("hand-over-note", "原工作人员离职")
    supervisor.shot("hand-over")
    supervisor.presses("hand-over-submit")
    expect(supervisor.at("clerk")).to_contain_text("工作人员乙", timeout=PATIENCE_MS)
    expect(supervisor.at("clerk")).to_have_attribute("data-able", "true")
    entry = supervisor.at("room-log").locator('li[data-type="room.handed_over"]')
    expect(entry).to_contain_text("原工作人员离职", timeout=PATIENCE_MS)

    page = floor.stage.page()
    page.goto("/sign-in")
    page.locator("#username").fill("second.clerk")
    page.locator("#password").fill(password["password"])
    page.get_by_role("button", name=word("sign_in.submit"), exact=True).click()
    page.wait_for_url("**/evaluations", timeout=PATIENCE_MS)
    page.goto(f"/room/{floor.evaluation}")
    expect(page.get_by_test_id("office-lead")).to_be_visible(timeout=PATIENCE_MS)
