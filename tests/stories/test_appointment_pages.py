"""Appointment through the pages: filed and reviewed by one manager, approved by another, drawn
after the waiting time; a profile that is overdue keeps its expert out until it is confirmed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import app.wiring
from classification.service import ClassificationService
from draw_engine.core.exclusions import Reason
from draw_engine.pool_generate import credit_code, generate
from foundation.auth.roles import Role
from foundation.ids import AccountId, ExpertId
from foundation.rulebook.overlay import Overlay, load_overlay
from tests.app.bench import Bench, a_bench
from tests.app.serving import served
from tests.app.test_standing_in_a_draw import candidates, drawn, in_hats, reasons
from tests.draw_engine.holder.test_http import Day
from tests.stories.appointment import NUMBER
from tests.stories.browser.desk import PATIENCE_MS, SMALL, STEP_IN, Desk, Stage
from tests.stories.paper import pdf_with

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

CODE = "A080205"
WAIT, HOLDS = timedelta(days=30), timedelta(days=60)


def short(_name: str) -> Overlay:
    """The demonstration, with a waiting time and a profile that a story can live through."""
    return replace(
        load_overlay("demonstration"),
        quarantine_days=WAIT.days,
        profile_days=HOLDS.days,
        profile_remind_days=10,
    )


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(app.wiring, "load_overlay", short)
    with a_bench(tmp_path / "home", demonstration=True) as opened:
        people = generate(ClassificationService.load(), 400, 1, date(2026, 11, 23))
        opened.house.pool.importer.enrol(list(people), "act_pool")
        opened.clock.advance(WAIT)
        yield opened


def at_the_desk(stage: Stage, card: str) -> Desk:
    """A browser in which a card of the demonstration has signed in."""
    page = stage.page()
    page.goto(SMALL)
    assert page.evaluate(STEP_IN, [card, 0]) is not None
    return Desk(stage, page)


def as_expert(stage: Stage, bench: Bench, expert: ExpertId) -> Desk:
    """The expert's own telephone."""
    account = bench.house.accounts.ensure_expert(expert)
    token = bench.house.accounts.sign_ins.begin_tab(account.id, Role.EXPERT).access
    page = stage.page(phone=True)
    page.goto(SMALL)
    page.evaluate("(token) => sessionStorage.setItem('expert-draw.tab-token', token)", token)
    return Desk(stage, page)


def picks(page: Page, testid: str, text: str) -> None:
    """Choose from a list that opens."""
    page.get_by_test_id(testid).click()
    page.get_by_role("option", name=text).locator("visible=true").first.click()


def files(manager: Desk, folder: Path) -> str:
    """Fill the form in from the papers; the application's id."""
    page = manager.page
    manager.goes_to("/pool/applications")
    manager.shot("appointment-none")
    manager.presses("new-application")
    for name, text in {
        "name": "赵明（生成）",
        "id_number": NUMBER,
        "phone": "15499990001",
        "employer": "文明建设有限公司（生成）",
        "unified_credit_code": credit_code("110000", 99_001),
        "unit": "演示推荐单位（生成）",
        "years": "12",
        "valid_to": "2030-12-31",
    }.items():
        manager.fills(f"file-{name}", text)
    picks(page, "file-region", "北京市")
    picks(page, "file-title", "正高级职称")
    for box in page.locator("[data-testid^=declared-]").all():
        box.check()
    page.locator("#pick-file").fill(CODE)
    page.locator(".suggestion").locator("visible=true").first.click()
    paper = folder / "paper.pdf"
    paper.write_bytes(pdf_with("A paper of nobody"))
    manager.at(f"paper-{CODE}").set_input_files(paper)
    expect(page.locator(f"[data-testid=item-{CODE}] li")).to_have_count(1, timeout=PATIENCE_MS)
    manager.shot("appointment-file")
    manager.presses("file-submit")
    page.wait_for_url("**/pool/applications/ap_*", timeout=PATIENCE_MS)
    return page.url.rsplit("/", 1)[1]


def test_an_applicant_is_filed_reviewed_approved_by_another_and_drawn_after_the_wait(
    browser: Browser, bench: Bench, tmp_path: Path
) -> None:
    day = Day(bench, tmp_path)
    with served(bench.app) as address, Stage(browser, address, tmp_path) as stage:
        first = at_the_desk(stage, "pool_manager")
        application = files(first, tmp_path)
        expect(first.at("approve")).to_have_count(0)
        first.shot("appointment-review")
        first.presses("show-person")
        expect(first.at("person")).to_contain_text("赵明")
        first.presses(f"accept-{CODE}")
        expect(first.at("approve")).to_be_disabled(timeout=PATIENCE_MS)
        first.shot("appointment-another")
        first.presses("return")
        picks(first.page, "decision-reason", "登记情况与材料不符")
        first.presses("decision-submit")
        first.presses("amend")
        first.fills("file-years", "15")
        first.shot("appointment-amend")
        first.presses("file-submit")
        expect(first.at("approve")).to_be_disabled(timeout=PATIENCE_MS)

        second = at_the_desk(stage, "pool_manager-2")
        second.goes_to("/pool/applications")
        expect(second.at("applications")).to_contain_text(application, timeout=PATIENCE_MS)
        second.shot("appointment-list")
        second.presses(f"open-{application}")
        second.presses("approve")
        second.confirms()
        expect(second.at("next")).to_contain_text("ex_", timeout=PATIENCE_MS)
        second.shot("appointment-approved")
        expert = ExpertId(second.at("next").locator("code").inner_text())

        assert reasons(bench, drawn(day, "waiting"))[expert] == Reason.QUARANTINE
        bench.clock.advance(WAIT)
        # everybody else keeps the profile; the new expert's holds since the appointment
        for one in candidates(bench):
            if one != expert:
                bench.house.appointment.profiles.confirm(one, AccountId("acc"))
        assert expert in in_hats(bench, drawn(day, "after the wait"))

        bench.clock.advance(HOLDS - WAIT + timedelta(days=1))
        assert reasons(bench, drawn(day, "overdue"))[expert] == Reason.SUSPENDED
        standing = bench.house.blacklist.standing(expert)
        assert (standing.status.value, standing.rule) == ("frozen", "R-ELIG-10")

        phone = as_expert(stage, bench, expert)
        phone.goes_to("/my/profile")
        expect(phone.at("profile-fault")).to_be_visible(timeout=PATIENCE_MS)
        phone.shot("profile-overdue")
        phone.presses("profile-confirm")
        expect(phone.at("profile-fault")).to_have_count(0, timeout=PATIENCE_MS)
        phone.shot("profile-confirmed")
        assert expert in in_hats(bench, drawn(day, "confirmed"))
        assert stage.faults == []


def test_an_expert_changes_the_employer_and_asks_for_a_specialty(
    browser: Browser, bench: Bench, tmp_path: Path
) -> None:
    expert = candidates(bench)[0]
    before = bench.house.pool.pool.facts([expert])[0]
    with served(bench.app) as address, Stage(browser, address, tmp_path) as stage:
        phone = as_expert(stage, bench, expert)
        phone.goes_to("/my/profile")
        phone.presses("edit-employer")
        phone.fills("employer-name", "志远工程咨询有限公司（生成）")
        phone.fills("employer-code", "91110000GEN0000000")
        phone.presses("employer-submit")
        expect(phone.page.locator(".refusal")).to_contain_text("统一社会信用代码")
        phone.shot("profile-refused")
        phone.fills("employer-code", credit_code("110000", 99_002))
        phone.presses("employer-submit")
        expect(phone.at("former")).to_be_visible(timeout=PATIENCE_MS)
        now = bench.house.pool.pool.facts([expert])[0]
        assert now.employer == credit_code("110000", 99_002)

        phone.presses("edit-more")
        phone.page.locator("#pick-more").fill("B0101")
        phone.page.locator(".suggestion").locator("visible=true").first.click()
        paper = tmp_path / "paper.pdf"
        paper.write_bytes(pdf_with("A paper of nobody"))
        phone.at("paper-more").set_input_files(paper)
        expect(phone.at("more-submit")).to_be_enabled(timeout=PATIENCE_MS)
        phone.shot("profile-more")
        phone.presses("more-submit")
        expect(phone.at("asked")).to_be_visible(timeout=PATIENCE_MS)
        assert bench.house.pool.pool.facts([expert])[0].codes == before.codes, "two persons first"
        (asked,) = bench.house.appointment.desk.newest(expert_id=expert)
        assert asked.waits_for == "review"
        assert stage.faults == []
