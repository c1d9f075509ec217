"""An expert's own record through the pages: leaving while invited, a case, the own look."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from blacklist.core.grounds import ExitKind
from classification.service import ClassificationService
from draw_engine.pool_generate import generate
from foundation.auth.roles import Role
from foundation.ids import ExpertId
from tests.app.bench import Bench, a_bench
from tests.app.serving import served
from tests.draw_engine.holder.test_http import Day
from tests.stories.browser.desk import PATIENCE_MS, SMALL, Desk, Stage
from tests.stories.browser.words import word
from tests.stories.paper import pdf_with

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

TAKE = "token => sessionStorage.setItem('expert-draw.tab-token', token)"


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with a_bench(tmp_path / "home", demonstration=True) as bench:
        # the page's own calendar ends today
        bench.clock.at = datetime.now(UTC)
        people = generate(ClassificationService.load(), 400, 1, date(2026, 11, 23))
        bench.house.pool.importer.enrol(list(people), "act_pool")
        yield Day(bench, tmp_path)


@pytest.fixture
def stage(browser: Browser, day: Day, tmp_path: Path) -> Iterator[Stage]:
    with served(day.bench.app) as url, Stage(browser, url, tmp_path) as stage:
        yield stage
        assert stage.faults == []


def arrives(stage: Stage, bench: Bench, expert_id: ExpertId) -> Desk:
    """An expert of the pool with a telephone."""
    account = bench.house.accounts.ensure_expert(expert_id)
    return _at_page(stage, bench, str(account.id), Role.EXPERT, phone=True)


def officer(stage: Stage, bench: Bench, card: str) -> Desk:
    """Somebody of the demonstration's office."""
    account = bench.house.demo.find(card)
    return _at_page(stage, bench, str(account.id), account.role, phone=False)


def _at_page(stage: Stage, bench: Bench, account: str, role: Role, *, phone: bool) -> Desk:
    accounts = bench.house.accounts
    found = next(one for one in accounts.all() if one.id == account)
    token = accounts.sign_ins.begin_tab(found.id, role).access
    page = stage.page(phone=phone)
    page.goto(SMALL)
    page.evaluate(TAKE, token)
    return Desk(stage, page)


def invited(day: Day) -> tuple[str, ExpertId]:
    """A draw under way, and one whom it invited."""
    filed = day.bench.signed_in(Role.APPLICANT).post("/api/draws", json=day.request())
    assert filed.status_code == 202, filed.text
    day.settle()
    day.bench.clock.advance(timedelta(minutes=6))
    day.settle()
    member = day.bench.house.draw.vault.demo_expert(0)
    assert member is not None
    return str(filed.json()["id"]), member


def test_r_exit_3_an_expert_leaves_by_own_wish_while_invited_to_a_draw(
    stage: Stage, day: Day, tmp_path: Path
) -> None:
    """R-EXIT-3: draws stop at once, the seat is drawn anew, the page tells the release day."""
    bench, house = day.bench, day.bench.house
    draw_id, member = invited(day)
    expert = arrives(stage, bench, member)
    expert.goes_to("/inbox")
    expert.presses("accept")
    expect(expert.at("calendar")).to_be_visible(timeout=PATIENCE_MS)

    expert.goes_to("/my/record")
    expert.presses("exit-open")
    expert.fills("exit-text", "年龄较大，视力下降。")
    expert.presses("exit-submit")
    expert.confirms("expert.exit.word")

    release = house.blacklist.exits(member)[0].release_on
    assert release is not None
    told = f"最迟 {release.year}年{release.month}月{release.day}日前办结"
    expect(expert.at("exit-release")).to_contain_text(told, timeout=PATIENCE_MS)
    expect(expert.at("why-exit_pending")).to_contain_text(told)
    expert.shot("record-exit-pending")

    house.draw.unfit.tick(bench.clock.now())
    day.settle()
    draw = house.draw.draws.draw(draw_id)
    (decline,) = draw.declines
    assert (decline.cause, decline.step) == ("unfit", 1)
    assert draw.seats[decline.seat].state == "invited"
    assert house.draw.vault.drawn(draw_id)[-1][1] != member
    expert.goes_to("/inbox")
    expect(expert.at("invitation-replaced")).to_be_visible(timeout=PATIENCE_MS)
    supervisor = officer(stage, bench, "supervisor")
    supervisor.goes_to(f"/supervise/draws/{draw_id}")
    supervisor.sees("不能履职")
    supervisor.shot("record-exit-vacated")

    bench.clock.advance(timedelta(days=11))
    house.blacklist.tick(bench.clock.now())
    gone = arrives(stage, bench, member)
    gone.goes_to("/my/record")
    expect(gone.at("exit-left")).to_be_visible(timeout=PATIENCE_MS)
    with gone.saving(tmp_path / "letter.pdf"):
        gone.presses("exit-letter")
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF-")
    gone.shot("record-exit-left")


def test_an_expert_checks_in_the_browser_where_the_draw_had_them(stage: Stage, day: Day) -> None:
    bench, house = day.bench, day.bench.house
    experts = sorted(one.expert_id for one in house.pool.pool.facts() if "A08" in str(one.codes))
    away = experts[0]
    today = (bench.clock.now() + timedelta(hours=8)).date()
    by = house.accounts.ensure_expert(away).id
    house.blacklist.take_leave(away, "illness", today, today + timedelta(days=3), by)
    draw_id, there = invited(day)
    for seat in range(4):
        member = house.draw.vault.demo_expert(seat)
        assert member is not None
        (invitation,) = house.draw.vault.seats.inbox(member)
        account = house.accounts.ensure_expert(member)
        house.draw.draws.answer(
            member,
            invitation.id,
            accept=True,
            reason="other",
            sign=partial(house.accounts.sign, account.id),
        )
    bench.clock.advance(timedelta(hours=4))
    for _ in range(3):
        day.settle()
        bench.clock.advance(timedelta(seconds=3))
    assert house.draw.draws.draw(draw_id).stage == "unsealed"

    one = arrives(stage, bench, there)
    one.goes_to("/my/draws")
    expect(one.at("own-hat")).to_be_visible(timeout=PATIENCE_MS)
    one.sees(word("record.draws.proved"))
    one.shot("record-draws-hat")
    other = arrives(stage, bench, away)
    other.goes_to("/my/draws")
    expect(other.at("own-out")).to_contain_text(word("record.draws.reason.3"), timeout=PATIENCE_MS)
    expect(other.at("own-odd")).to_have_count(0)
    other.shot("record-draws-out")


def test_a_case_is_answered_decided_and_appealed_on_the_pages_of_the_expert(
    stage: Stage, day: Day, tmp_path: Path
) -> None:
    bench = day.bench
    expert_id = sorted(bench.house.pool.pool.ids())[0]
    manager = bench.signed_in(Role.POOL_MANAGER)
    report = {"expert_id": expert_id, "ground": "left_post", "text": "评标期间两次离开评标室。"}
    case = manager.post("/api/cases", json=report).json()["id"]
    expert = arrives(stage, bench, expert_id)
    expert.goes_to("/my/record")
    expert.presses("case-waits")
    expect(expert.at("case-facts")).to_contain_text("两次离开", timeout=PATIENCE_MS)
    expert.shot("record-case-notified")
    paper = tmp_path / "illness.pdf"
    paper.write_bytes(pdf_with("illness"))
    expert.at("case-file").set_input_files(paper)
    expect(expert.page.get_by_text("illness.pdf")).to_be_visible(timeout=PATIENCE_MS)
    expert.fills("case-text", "当时突发低血糖，经工作人员同意离开五分钟。")
    expert.presses("case-submit")
    expect(expert.at("act-answered")).to_contain_text("低血糖", timeout=PATIENCE_MS)
    with expert.saving(tmp_path / "notice.pdf"):
        expert.presses("letter-notice")
    assert (tmp_path / "notice.pdf").read_bytes().startswith(b"%PDF-")

    decider, confirmer = (bench.signed_in(Role.SUPERVISOR) for _ in range(2))
    today = (bench.clock.now() + timedelta(hours=8)).date()
    terms = {"kind": "suspended", "ground": "left_post", "basis": "处理决定书 3 号"}
    terms |= {"deciding_body": "监督部门", "starts_on": today.isoformat()}
    terms |= {"ends_on": (today + timedelta(days=90)).isoformat()}
    ruling = {"ruling": "measure", "terms": terms, "text": "事实清楚。"}
    assert decider.post(f"/api/cases/{case}/decide", json=ruling).status_code == 200
    assert confirmer.post(f"/api/cases/{case}/confirm").status_code == 200
    expert.goes_to("/my/record")
    expect(expert.at("why-suspended")).to_be_visible(timeout=PATIENCE_MS)
    expert.shot("record-suspended")
    expert.goes_to(f"/my/cases/{case}")
    expert.fills("case-text", "请调取工作人员的记录。")
    expert.presses("case-submit")
    expect(expert.at("act-appealed")).to_be_visible(timeout=PATIENCE_MS)
    expert.shot("record-case-appealed")
    with expert.saving(tmp_path / "decision.pdf"):
        expert.presses("letter-decision")
    third = bench.signed_in(Role.SUPERVISOR)
    body = {"overturned": True, "text": "记录证明经同意离开。"}
    assert third.post(f"/api/cases/{case}/appeal/decide", json=body).status_code == 200
    expert.goes_to("/my/record")
    expect(expert.at("standing")).to_have_text("正常", timeout=PATIENCE_MS)


def test_leave_consent_correction_and_copy_on_the_pages(
    stage: Stage, day: Day, tmp_path: Path
) -> None:
    bench, house = day.bench, day.bench.house
    expert_id = sorted(house.pool.pool.ids())[0]
    expert = arrives(stage, bench, expert_id)
    today = (bench.clock.now() + timedelta(hours=8)).date()
    expert.goes_to("/my/record")
    expert.presses("leave-open")
    expert.fills("leave-from", today.isoformat())
    expert.fills("leave-to", (today + timedelta(days=5)).isoformat())
    expert.presses("leave-submit")
    expect(expert.at("why-leave")).to_be_visible(timeout=PATIENCE_MS)
    expert.shot("record-leave")
    expert.presses("leave-end")
    expect(expert.at("standing")).to_have_text("正常", timeout=PATIENCE_MS)

    expert.presses("to-data")
    expect(expert.at("no-biometrics")).to_be_visible(timeout=PATIENCE_MS)
    expect(expert.at("erasure-not-yet")).to_be_visible(timeout=PATIENCE_MS)
    expert.presses("consent-say")
    expect(expert.at("consent-given")).to_be_visible(timeout=PATIENCE_MS)
    assert house.record.consents.given(expert_id, "share_credentials")
    expert.fills("correct-text", "职称应为正高级工程师。")
    expert.presses("correct-submit")
    expect(expert.at("request-open")).to_be_visible(timeout=PATIENCE_MS)
    with expert.saving(tmp_path / "own.zip"):
        expert.presses("export")
    assert (tmp_path / "own.zip").read_bytes().startswith(b"PK")
    expert.shot("record-data")

    manager = officer(stage, bench, "pool_manager")
    manager.goes_to("/pool/requests")
    expect(manager.at("asked-open")).to_contain_text("正高级工程师", timeout=PATIENCE_MS)
    manager.presses("grant")
    manager.fills("reason", "已核对证书。")
    manager.shot("record-requests")
    manager.confirms()
    expect(manager.at("asked-granted")).to_be_visible(timeout=PATIENCE_MS)
    expert.goes_to("/my/data")
    expect(expert.at("request-granted")).to_contain_text("已核对证书", timeout=PATIENCE_MS)


def test_a_departed_expert_is_forgotten_on_the_own_wish(stage: Stage, day: Day) -> None:
    bench, house = day.bench, day.bench.house
    expert_id = sorted(house.pool.pool.ids())[0]
    by = [house.demo.find(card).id for card in ("pool_manager", "supervisor")]
    proposal = house.blacklist.propose_exit(
        expert_id,
        kind=ExitKind.CONDITIONS_LOST,
        ground="conditions_lost",
        basis="资格复核表",
        deciding_body="专家库管理单位",
        by=by[0],
    )
    house.blacklist.confirm(proposal.id, by[1])
    expert = arrives(stage, bench, expert_id)
    expert.goes_to("/my/data")
    expert.presses("erasure-ask")
    expert.shot("record-erasure")
    expert.confirms("record.erase.word")
    expect(expert.at("erasure-waits")).to_be_visible(timeout=PATIENCE_MS)
    manager = officer(stage, bench, "pool_manager")
    manager.goes_to("/pool/requests")
    manager.presses("grant")
    manager.fills("reason", "期限已满。")
    dialog = manager.page.get_by_role("dialog").locator("visible=true").last
    dialog.locator("form input").fill(word("record.erase.word"))
    dialog.get_by_role("button", name=re.compile(word("record.requests.answer"))).click()
    expect(manager.at("asked-granted")).to_be_visible(timeout=PATIENCE_MS)
    assert not house.pool.pool.has(expert_id)
