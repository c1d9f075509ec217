"""One situation each, through the pages, on one server: accounts, standing, import, English."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.demo.stamp import DEMONSTRATION_OPERATOR
from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage, signs_in
from tests.stories.browser.words import word
from tests.stories.office import Person
from tests.stories.server import ROOT, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

CHINESE = re.compile(r"[\u3400-\u9fff]")
PASSWORD = "a sentence that only I know"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("pages") / "home") as started:
        yield started


@pytest.fixture
def stage(browser: Browser, server: Server, tmp_path: Path) -> Iterator[Stage]:
    with Stage(browser, server.url, tmp_path) as stage:
        yield stage
    assert stage.faults == []


def at(stage: Stage, card: str, path: str) -> Desk:
    """Somebody of the demonstration, at a page."""
    desk = Desk(stage, signs_in(stage, card))
    desk.goes_to(path)
    return desk


def picks(desk: Desk, field: str, option: str) -> None:
    """Open a list and choose from it."""
    desk.at(field).click()
    options = desk.page.locator(".el-select-dropdown__item").locator("visible=true")
    options.filter(has_text=re.compile(f"^{re.escape(option)}$")).click()


def expert_ids(stage: Stage) -> list[str]:
    """The first page of the pool, as its manager sees it."""
    desk = at(stage, "pool_manager", "/pool/experts")
    rows = desk.at("experts").locator("tbody tr code:first-child")
    expect(rows.first).to_be_visible(timeout=PATIENCE_MS)
    return [one for one in rows.all_inner_texts() if one.startswith("ex")]


def test_an_account_is_opened_given_another_post_and_closed(stage: Stage) -> None:
    desk = at(stage, "administrator", "/admin")
    desk.presses("new-account")
    desk.fills("account-username", "li.clerk")
    desk.fills("account-display", "工作人员丙")
    picks(desk, "account-role", word("shell.role.clerk"))
    desk.presses("account-submit")
    link = desk.at("link-text").input_value(timeout=PATIENCE_MS)
    owner = stage.page()
    owner.goto(link)
    owner.get_by_test_id("new-password").fill(PASSWORD)
    owner.get_by_test_id("repeat-password").fill(PASSWORD)
    owner.get_by_test_id("set-password").click()
    owner.get_by_test_id("to-sign-in").click(timeout=PATIENCE_MS)
    signs_in_by_password(owner, "li.clerk")
    expect(owner).to_have_url(re.compile("/evaluations$"), timeout=PATIENCE_MS)

    desk.presses("link-done")
    desk.presses("role-li.clerk")
    picks(desk, "new-role", word("shell.role.applicant"))
    desk.confirms()
    row = desk.at("account-li.clerk")
    expect(row).to_contain_text(word("shell.role.applicant"), timeout=PATIENCE_MS)
    # who signed in for the former post signs in again, for the new one
    owner.reload()
    owner.wait_for_url("**/sign-in**", timeout=PATIENCE_MS)
    signs_in_by_password(owner, "li.clerk")
    expect(owner).to_have_url(re.compile("/centre$"), timeout=PATIENCE_MS)

    desk.presses("disable-li.clerk")
    desk.fills("disable-reason", "调离")
    dialog = desk.page.get_by_role("dialog").locator("visible=true").last
    dialog.locator("form input").fill("li.clerk")
    dialog.locator("form button[type=submit]").click()
    expect(row).to_have_count(0, timeout=PATIENCE_MS)
    desk.at("accounts-closed").check()
    expect(row).to_contain_text(word("admin.accounts.state.closed"), timeout=PATIENCE_MS)
    owner.reload()
    owner.wait_for_url("**/sign-in**", timeout=PATIENCE_MS)
    signs_in_by_password(owner, "li.clerk")
    expect(owner.locator(".refusal")).to_be_visible(timeout=PATIENCE_MS)


def signs_in_by_password(page: Page, username: str) -> None:
    """Type both and press."""
    page.locator("#username").fill(username)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name=word("sign_in.submit"), exact=True).click()


def test_the_supervisor_decides_that_an_expert_may_leave(stage: Stage, server: Server) -> None:
    expert_id = expert_ids(stage)[0]
    opened = (
        Person(server.url, "administrator")
        .sign_in()
        .post(
            "/api/accounts",
            {"username": "leaver", "role": "expert", "display": "专家", "expert_id": expert_id},
        )
    )
    token = opened["link"].rsplit("/", 1)[1]
    Person(server.url, "").post(f"/api/links/{token}", {"password": PASSWORD})
    page = stage.page()
    page.goto("/sign-in")
    signs_in_by_password(page, "leaver")
    page.wait_for_url("**/inbox", timeout=PATIENCE_MS)
    expert = Desk(stage, page)
    expert.goes_to("/my/record")
    expert.presses("exit-open")
    picks(expert, "exit-reason", "年龄原因")
    expert.fills("exit-text", "年满七十")
    expert.presses("exit-submit")
    expert.confirms("expert.exit.word")
    expect(expert.at("exit-pending")).to_be_visible(timeout=PATIENCE_MS)

    supervisor = at(stage, "supervisor", "/supervise/standing/exits")
    row = supervisor.page.locator("[data-testid^=exit-]").filter(has_text=expert_id).first
    expect(row).to_contain_text("年满七十", timeout=PATIENCE_MS)
    row.locator("[data-testid^=exit-decide-]").click()
    expect(supervisor.at("exit-grant")).to_be_disabled()
    supervisor.fills("exit-decision-reason", "符合退出条件")
    supervisor.presses("exit-grant")
    granted = word("desk.exits.outcome.granted")
    expect(row).to_contain_text(granted, timeout=PATIENCE_MS)

    expert.page.reload()
    expect(expert.at("standing")).to_have_text("已退出", timeout=PATIENCE_MS)
    expect(expert.at("exit-open")).to_have_count(0)


def test_a_measure_counts_once_another_person_has_confirmed_it(stage: Stage) -> None:
    expert_id = expert_ids(stage)[1]
    end = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    desk = at(stage, "pool_manager", "/supervise/standing/list")
    desk.presses("enter-measure")
    desk.fills("measure-expert", expert_id)
    picks(desk, "measure-kind", "禁止一定期限")
    picks(desk, "measure-ground", "私下接触投标人")
    desk.fills("measure-body", "演示行政监督部门")
    desk.fills("measure-basis", "演监罚〔2026〕1 号")
    desk.page.locator("#m-to").fill(end)
    desk.page.locator("#m-to").press("Enter")
    desk.presses("measure-submit")
    expect(desk.at("proposed")).to_be_visible(timeout=PATIENCE_MS)
    desk.goes_to("/supervise/standing")
    own = desk.page.locator("[data-testid^=proposal-]", has_text=expert_id)
    expect(own).to_contain_text(word("desk.confirm.own"), timeout=PATIENCE_MS)
    expect(own.get_by_test_id("confirm")).to_have_count(0)
    desk.shot("measure-proposed")
    desk.goes_to(f"/pool/experts?q={expert_id}")
    listed = desk.at("expert").filter(has_text=expert_id)
    expect(listed).to_contain_text(word_of_standing("active"), timeout=PATIENCE_MS)

    supervisor = at(stage, "supervisor", "/supervise/standing")
    there = supervisor.page.locator("[data-testid^=proposal-]", has_text=expert_id)
    there.get_by_test_id("confirm").click()
    supervisor.confirms()
    expect(there).to_have_count(0, timeout=PATIENCE_MS)
    supervisor.goes_to("/supervise/standing/list")
    row = supervisor.page.locator("[data-testid^=measure-]", has_text=expert_id)
    expect(row).to_contain_text(f"– {end}", timeout=PATIENCE_MS)
    supervisor.shot("measure-in-force")
    desk.page.reload()
    expect(listed).not_to_contain_text(word_of_standing("active"), timeout=PATIENCE_MS)

    # and back again: the pool manager asks for the early end, the supervisor confirms it
    desk.goes_to("/supervise/standing/list")
    desk.page.locator("[data-testid^=lift-bl]").first.click()
    desk.fills("lift-basis", "演复决〔2026〕1 号")
    desk.presses("lift-submit")
    expect(desk.at("proposed")).to_be_visible(timeout=PATIENCE_MS)
    supervisor.goes_to("/supervise/standing")
    there.get_by_test_id("confirm").click()
    supervisor.confirms()
    desk.goes_to(f"/pool/experts?q={expert_id}")
    expect(listed).to_contain_text(word_of_standing("active"), timeout=PATIENCE_MS)


def word_of_standing(code: str) -> str:
    """What the pages call a standing."""
    path = ROOT / "app" / "locales" / "zh-CN" / "blacklist.json"
    return str(json.loads(path.read_text("utf-8"))["standing"][code])


def test_bad_rows_of_a_list_are_shown_by_row_and_column(stage: Stage, tmp_path: Path) -> None:
    head, *_ = (ROOT / "examples" / "pool-template.csv").read_text("utf-8-sig").splitlines()
    columns = head.split(",")
    path = tmp_path / "experts.csv"
    path.write_text(f"{head}\n" + ",".join("x" for _ in columns) + "\n", "utf-8-sig")
    desk = at(stage, "pool_manager", "/pool/import")
    desk.at("import-file").set_input_files(path)
    problems = desk.at("problem")
    expect(problems.first).to_be_visible(timeout=PATIENCE_MS)
    told = [row.locator("td").all_inner_texts() for row in problems.all()]
    assert {row for _, row, *_ in told} == {"2"}
    assert {column for _, _, column, *_ in told} <= set(columns)
    assert len({column for _, _, column, *_ in told}) > 3
    assert all("x" not in hint for _, _, _, hint, _ in told)  # never what stood in the cell
    expect(desk.at("import-refusal")).to_contain_text("pool.import_refused")
    with desk.saving(tmp_path / "problems.csv"):
        desk.presses("keep-problems")
    kept = (tmp_path / "problems.csv").read_text("utf-8-sig").splitlines()
    assert len(kept) == len(told) + 1
    before = len(told)
    # one reason alone
    chip = desk.page.locator("[data-testid^='reason-']").nth(1)
    chip.click()
    expect(problems).not_to_have_count(before)


def test_the_administrator_s_pages_speak_english_from_end_to_end(stage: Stage) -> None:
    desk = at(stage, "administrator", "/admin")
    desk.page.locator("header button[lang=en]").click()
    expect(desk.page.locator("html")).to_have_attribute("lang", "en")
    desk.presses("new-account")
    desk.fills("account-username", "smith.clerk")
    desk.fills("account-display", "Clerk Smith")
    picks(desk, "account-role", "Room clerk")
    form = desk.at("account-form").inner_text()
    desk.presses("account-submit")
    expect(desk.at("link-text")).to_be_visible(timeout=PATIENCE_MS)
    desk.fills("accounts-q", "smith")
    rows = desk.at("accounts").locator("tbody tr")
    expect(rows).to_have_count(1)
    desk.shot("admin-accounts-en")
    said = [form, desk.page.locator("main").inner_text()]
    for path, landmark in (("/admin/roles", "table"), ("/admin/holders", "[data-testid^=holder-]")):
        desk.goes_to(path)
        desk.page.locator("main").locator(landmark).first.wait_for(timeout=PATIENCE_MS)
        said.append(desk.page.locator("main").inner_text())
    desk.goes_to("/admin")
    desk.fills("accounts-q", "smith")
    expect(rows).to_have_count(1, timeout=PATIENCE_MS)
    desk.presses("disable-smith.clerk")
    said.append(desk.page.get_by_role("dialog").locator("visible=true").last.inner_text())
    assert all(len(one) > 20 for one in said)
    # the body that runs a demonstration is called in both languages, whatever the page's
    lines = [line.replace(DEMONSTRATION_OPERATOR, "") for one in said for line in one.splitlines()]
    assert [line for line in lines if CHINESE.search(line)] == []
