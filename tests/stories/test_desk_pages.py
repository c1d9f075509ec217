"""The supervisor's desk through the pages, over days: a removal and its undoing, a suspension
that lapses. The service runs in this process, so that the clock can be moved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from blacklist.core.grounds import Kind
from blacklist.core.terms import Terms
from classification.service import ClassificationService
from draw_engine.pool_generate import generate
from foundation.auth.roles import Role
from foundation.ids import AccountId
from tests.app.bench import Bench, a_bench
from tests.app.serving import served
from tests.draw_engine.holder.test_http import Day
from tests.stories.browser.desk import PATIENCE_MS, SMALL, STEP_IN, Desk, Stage
from tests.stories.browser.words import word
from tests.stories.office import Person
from tests.stories.own_side import PASSWORD, OwnSide
from tests.stories.server import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

BODY, BASIS = "演示行政监督部门", "演监罚〔2026〕7 号"
EVIDENCE = ROOT / "docs" / "img" / "sign-in.png"


@dataclass
class Town:
    """One service whose clock is ours, its people and their browsers."""

    bench: Bench
    stage: Stage
    url: str

    @property
    def experts(self) -> list[str]:
        """Numbers of the pool."""
        return [one.expert_id for one in self.bench.house.pool.pool.facts()]

    def at(self, card: str, path: str) -> Desk:
        """A card of the demonstration, at a page; signs in anew, as after some days."""
        page = self.stage.page()
        page.goto(SMALL)
        assert page.evaluate(STEP_IN, [card, 0]) is not None
        desk = Desk(self.stage, page)
        desk.goes_to(path)
        return desk

    def administrator(self) -> Person:
        """Opens accounts."""
        return Person(self.url, "administrator").sign_in()

    def passes(self, **time: float) -> None:
        """Let time go by."""
        self.bench.clock.at += timedelta(**time)


@pytest.fixture
def town(browser: Browser, tmp_path: Path) -> Iterator[Town]:
    with a_bench(tmp_path / "home", demonstration=True) as bench:
        people = generate(ClassificationService.load(), 400, 1, date(2026, 11, 23))
        bench.house.pool.importer.enrol(list(people), "act_pool")
        with served(bench.app) as url, Stage(browser, url, tmp_path) as stage:
            yield Town(bench, stage, url)
            assert stage.faults == []


def chooses(desk: Desk, field: str, option: str) -> None:
    """Open a list and choose from it."""
    desk.at(field).click()
    options = desk.page.locator(".el-select-dropdown__item").locator("visible=true")
    options.filter(has_text=re.compile(f"^{re.escape(option)}$")).click()


def reports(desk: Desk, expert_id: str) -> None:
    """Fill in a report with evidence, and do not send it yet."""
    desk.presses("report-case")
    desk.fills("case-expert", expert_id)
    chooses(desk, "case-ground", "透露评标情况")
    desk.fills("case-text", "评标期间与投标人通话两次，内容涉及评审进度。")
    desk.at("evidence-file").set_input_files(EVIDENCE)
    expect(desk.at("evidence")).to_contain_text("sign-in.png", timeout=PATIENCE_MS)


def sends(desk: Desk) -> str:
    """Send the report; the case's address."""
    desk.presses("case-submit")
    desk.page.wait_for_url(re.compile(r"/supervise/cases/ca_"), timeout=PATIENCE_MS)
    return desk.page.url.removeprefix(desk.stage.url)


def stands(desk: Desk, status: str) -> None:
    """The case page says this status."""
    expect(desk.at("case-status")).to_have_attribute("data-status", status, timeout=PATIENCE_MS)


def third_supervisor(town: Town, path: str) -> Desk:
    """A supervisor without a card: an account of its own, at a page."""
    body = {"username": "third", "role": "supervisor", "display": "监督丙"}
    link = str(town.administrator().post("/api/accounts", body)["link"]).rsplit("/", 1)[1]
    Person(town.url, "").post(f"/api/links/{link}", {"password": PASSWORD})
    page = town.stage.page()
    page.goto("/sign-in")
    page.locator("#username").fill("third")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name=word("sign_in.submit"), exact=True).click()
    page.wait_for_url("**/supervise", timeout=PATIENCE_MS)
    desk = Desk(town.stage, page)
    desk.goes_to(path)
    return desk


def removes(desk: Desk) -> None:
    """Decide on removal; whoever decides may not confirm."""
    desk.presses("ruling-removal")
    desk.fills("measure-body", BODY)
    desk.fills("measure-basis", BASIS)
    expect(desk.at("decision-submit")).to_be_disabled()  # a decision without reasons is none
    desk.fills("decision-text", "通话属实，陈述不能解释第二次。")
    desk.presses("decision-submit")
    stands(desk, "decided")
    expect(desk.at("case-waits")).to_have_text(word("desk.acts.waits.another"))
    expect(desk.at("case-confirm")).to_have_count(0)


def test_a_removal_with_statement_decision_appeal_and_restoration(town: Town) -> None:
    expert_id = town.experts[0]
    own = OwnSide(town.url, town.administrator(), expert_id)
    manager = town.at("pool_manager", "/supervise/cases")
    reports(manager, expert_id)
    path = sends(manager)
    expect(manager.at("case-now")).to_contain_text("还有 5 个工作日", timeout=PATIENCE_MS)
    expect(manager.at("case-waits")).to_have_text(word("desk.acts.waits.expert"))
    with manager.saving(town.stage.folder / "evidence.png"):
        manager.presses("document")
    assert (town.stage.folder / "evidence.png").read_bytes() == EVIDENCE.read_bytes()

    own.answers(path.rsplit("/", 1)[1], "两次通话均为家事，有通话人证明。")
    manager.page.reload()
    expect(manager.at("case-waits")).to_have_text(word("desk.acts.waits.supervisor"))
    first = town.at("supervisor", path)
    first.sees("两次通话均为家事")
    removes(first)

    second = town.at("supervisor-2", path)
    second.presses("case-confirm")
    second.shot("case-confirm")
    second.confirms()
    stands(second, "in_force")
    second.goes_to(f"/supervise/experts/{expert_id}")
    expect(second.at("expert-standing")).to_have_text("已退出", timeout=PATIENCE_MS)
    while_out = town.bench.clock.now() + timedelta(minutes=1)

    town.passes(days=2)
    own.begin_again()
    own.appeals(path.rsplit("/", 1)[1], "决定未采信通话人证明，请重新审查。")
    second = town.at("supervisor-2", path)
    stands(second, "appealed")
    expect(second.at("case-waits")).to_have_text(word("desk.acts.waits.another"))
    third = third_supervisor(town, path)
    third.fills("case-appeal-text", "通话人证明属实，原决定撤销。")
    third.presses("case-overturn")
    third.confirms()
    stands(third, "overturned")
    expect(third.at("case-line").locator("li")).to_have_count(6)
    third.shot("case-overturned")

    third.goes_to(f"/supervise/experts/{expert_id}")
    expect(third.at("expert-standing")).to_have_text("正常", timeout=PATIENCE_MS)
    # the past is asked like the present: the browser stands in Lisbon, an instant is an instant
    field = third.page.locator("#as-of")
    field.fill(while_out.strftime("%Y-%m-%d %H:%M:%S"))
    field.press("Enter")
    expect(third.at("expert-standing")).to_have_text("已退出", timeout=PATIENCE_MS)
    third.shot("expert-as-of")


def test_an_urgent_suspension_that_nobody_confirms_lapses(town: Town) -> None:
    expert_id = town.experts[1]
    manager = town.at("pool_manager", "/supervise/cases")
    reports(manager, expert_id)
    manager.at("case-urgent").check()
    manager.fills("measure-body", BODY)
    manager.fills("measure-basis", BASIS)
    today = town.bench.clock.now().date()
    for field, day in (("from", today), ("to", today + timedelta(days=90))):
        manager.page.locator(f"#c-urgent-{field}").fill(day.isoformat())
        manager.page.locator(f"#c-urgent-{field}").press("Enter")
    path = sends(manager)
    expect(manager.at("case-lapses")).to_contain_text("还有 3 个工作日", timeout=PATIENCE_MS)

    # it counts at once, and the desk says by when somebody must act
    supervisor = town.at("supervisor", f"/supervise/experts/{expert_id}")
    expect(supervisor.at("expert-standing")).to_have_text("暂停", timeout=PATIENCE_MS)
    town.passes(days=2)
    supervisor = town.at("supervisor", "/supervise/standing")
    expect(supervisor.at("lapses")).to_contain_text("还有 1 个工作日", timeout=PATIENCE_MS)
    supervisor.goes_to("/supervise/cases")
    row = supervisor.page.locator("tr[data-testid^=case-]").first
    expect(row).to_contain_text(word("desk.cases.lapses"), timeout=PATIENCE_MS)
    supervisor.shot("case-about-to-lapse")

    # nobody confirms; the last working day goes by
    town.passes(days=2)
    supervisor = town.at("supervisor", "/supervise/standing")
    past = supervisor.page.locator("[data-testid^=past-]", has_text=expert_id)
    expect(past).to_contain_text(word("desk.outcome.lapsed"), timeout=PATIENCE_MS)
    expect(supervisor.at("confirm")).to_have_count(0)
    supervisor.goes_to(f"/supervise/experts/{expert_id}")
    expect(supervisor.at("expert-standing")).to_have_text("正常", timeout=PATIENCE_MS)
    supervisor.goes_to(path)
    supervisor.sees(word("desk.case.lapsed"))
    stands(supervisor, "notified")  # the case itself goes on


def test_a_flip_close_to_a_freeze_is_marked_beside_the_draw(town: Town, tmp_path: Path) -> None:
    bench, day = town.bench, Day(town.bench, tmp_path)
    request = day.request()
    where = [one for one in bench.house.pool.pool.facts() if "A08" in str(one.codes)]
    filed = bench.signed_in(Role.APPLICANT).post("/api/draws", json=request)
    assert filed.status_code == 202, filed.text
    day.settle()
    hidden = where[0].expert_id
    standing, one, two = bench.house.blacklist, AccountId("acc_one"), AccountId("acc_two")
    terms = Terms(
        kind=Kind.SUSPENDED,
        ground="leak",
        basis=BASIS,
        deciding_body=BODY,
        starts_on=date(2026, 11, 23),
        ends_on=date(2026, 12, 23),
    )
    entered = standing.confirm(standing.propose(hidden, terms, one).id, two)
    town.passes(minutes=3)
    lift = standing.propose_lift(entered.id, "entered_wrongly", BASIS, one)
    standing.confirm(lift.id, two)
    desk = town.at("supervisor", f"/supervise/draws/{filed.json()['id']}")
    card = desk.at("standing-changes")
    rows = card.locator("li")
    expect(rows).to_have_count(2, timeout=PATIENCE_MS)
    for row in rows.all():
        expect(row).to_contain_text(word("desk.changes.flip"))
        expect(row).to_contain_text(word("desk.changes.candidate"))
        expect(row).to_contain_text(hidden)
    card.scroll_into_view_if_needed()
    desk.shot("standing-changes")
