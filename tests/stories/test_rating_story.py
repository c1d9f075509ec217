"""Rating after an evaluation that leads to a warning: clerk, members, expert and supervisor.

One expert checks in late, which the log tells by itself; the clerk states a fact of another,
who explains, and the supervisor takes the points back. In one process, on a clock moved by hand.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from foundation.auth.principal import Principal
from tests.app.bench import a_bench
from tests.app.evaluated import EvaluatedHouse
from tests.app.serving import served
from tests.stories.browser.desk import SMALL, Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

STEP_IN = "token => sessionStorage.setItem('expert-draw.tab-token', token)"
MARKED = "第二次催促后仍未开始评分，评审因此延长。"
EXPLAINED = "当时在等待投标人的澄清答复，并非拖延。"


@pytest.fixture
def evaluated(tmp_path: Path) -> Iterator[EvaluatedHouse]:
    with a_bench(tmp_path / "home", demonstration=True) as bench:
        yield EvaluatedHouse(bench, tmp_path)


@pytest.fixture
def stage(browser: Browser, evaluated: EvaluatedHouse, tmp_path: Path) -> Iterator[Stage]:
    with (
        served(evaluated.day.bench.app) as address,
        Stage(browser, address, tmp_path) as stage,
    ):
        yield stage
    assert stage.faults == []


class Story:
    """Who sits in front of which page."""

    def __init__(self, evaluated: EvaluatedHouse, stage: Stage) -> None:
        self.evaluated, self.stage = evaluated, stage

    def at(self, who: Principal, path: str, *, phone: bool = False) -> Page:
        """A browser of somebody, at a page."""
        page = self.stage.page(phone=phone)
        page.goto(SMALL)
        page.evaluate(STEP_IN, self.evaluated.token(who))
        page.goto(path)
        return page

    def rates(self, who: Principal, *, phone: bool = False) -> Page:
        """Open the evaluation that waits to be rated."""
        page = self.at(who, "/ratings", phone=phone)
        self.stage.shot(page, f"ratings-{who.role.value}{'-phone' if phone else ''}")
        page.get_by_test_id(f"rate-{self.evaluated.id}").click()
        page.get_by_test_id("rating-submit").wait_for()
        return page

    def gives(self, page: Page, name: str) -> None:
        """Send the rating and see it taken."""
        page.get_by_test_id("rating-submit").click()
        self.stage.shot(page, f"{name}-confirm")
        page.get_by_role("dialog").locator("button.primary").click()
        page.get_by_test_id("rated").wait_for()


def marks_down(story: Story, page: Page) -> None:
    """The clerk states one fact of one member, shown by the log, with a reason."""
    page.get_by_test_id("add-e2").click()
    page.get_by_test_id("fact-choice").click()
    page.get_by_test_id("fact-stalled").click()
    assert page.get_by_test_id("entry-room.report_dissented").count() == 0
    page.get_by_test_id("entry-room.phase_entered").last.check()
    page.get_by_test_id("fact-reason").fill(MARKED)
    story.stage.shot(page, "rate-fact")
    page.get_by_test_id("fact-add").click()
    story.stage.shot(page, "rate-clerk")


def explains(story: Story, page: Page) -> None:
    """The expert sees the fact, not who stated it, and explains."""
    expect(page.get_by_test_id("point-stalled")).to_contain_text(MARKED)
    story.stage.shot(page, "my-points-proposed")
    page.get_by_test_id("explain-stalled").click()
    page.get_by_test_id("explain-text").fill(EXPLAINED)
    story.stage.shot(page, "my-points-explaining")
    page.get_by_test_id("explain-submit").click()
    expect(page.get_by_test_id("point-stalled")).to_contain_text(EXPLAINED)


def decides(story: Story, page: Page) -> None:
    """The supervisor reads the explanation first, and takes the points back."""
    expect(page.get_by_test_id("account")).to_have_count(4)
    page.get_by_test_id("dispute-decide").wait_for()
    expect(page.locator("a.case")).to_have_count(2)  # proposals for people, at once and of the year
    story.stage.shot(page, "accounts-supervisor")
    page.get_by_test_id("dispute-decide").click()
    page.get_by_test_id("decision-reason").fill("记录显示当时在等待澄清。")
    page.get_by_test_id("dispute-take-back").click()
    expect(page.get_by_test_id("dispute-decide")).to_have_count(0)
    page.get_by_test_id("rounds").get_by_role("button").first.click()
    page.get_by_test_id("account").first.get_by_role("button").click()
    story.stage.shot(page, "accounts-after")


def test_a_rating_leads_to_a_warning_and_an_explanation_takes_points_back(
    evaluated: EvaluatedHouse, stage: Stage
) -> None:
    """R-ASM-1, R-ASM-4."""
    story = Story(evaluated, stage)
    seats = evaluated.closed(late="e3", dissents=("e4",))

    page = story.rates(evaluated.clerk)
    marks_down(story, page)
    story.gives(page, "rate-clerk")
    stage.shot(page, "rated-clerk")
    page = story.rates(seats["e1"], phone=True)
    stage.shot(page, "rate-expert-phone")
    story.gives(page, "rate-expert")
    for seat in ("e2", "e3", "e4", "o1"):
        evaluated.give(seats[seat])
    evaluated.tick()

    late = story.at(seats["e3"], "/my/record")
    late.get_by_test_id("my-points").wait_for()
    expect(late.get_by_test_id("point-late")).to_have_count(0)  # the draw is sealed as yet
    evaluated.unsealed()
    late = story.at(seats["e3"], "/my/record", phone=True)
    expect(late.get_by_test_id("point-late")).to_be_visible()
    expect(late.get_by_test_id("points-lead")).to_contain_text("10")
    stage.shot(late, "my-points-warned-phone")

    marked = story.at(seats["e2"], "/my/record")
    explains(story, marked)
    decides(story, story.at(evaluated.supervisor, "/supervise/points"))
    marked.reload()
    expect(marked.get_by_test_id("points-lead")).to_contain_text("0")
    stage.shot(marked, "my-points-taken-back")
    expert = seats["e2"].expert_id
    assert expert is not None
    assert evaluated.ratings.accounts.account(expert).total == "0"
