"""A corrected list through the pages: rows decided by keyboard, a list refused and mended,
adopted by a second person, and experts carried over."""

from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.classification.lists import as_csv, as_xlsx, changed
from tests.stories.browser.desk import PATIENCE_MS, Stage
from tests.stories.browser.standard import PoolManager, Second
from tests.stories.browser.words import word
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

REASON = "名称相近，范围一致"
NEXT = "2018r1"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("standard") / "home") as started:
        yield started


def became(server: Server, code: str) -> dict[str, object]:
    """What the service says that a 2010 code became."""
    found = httpx.get(f"{server.url}/api/classification/2010/codes/{code}").json()["became"]
    return {"how": found["how"], "heirs": [one["code"] for one in found["heirs"]]}


def test_a_person_decides_rows_by_keyboard_and_takes_a_decision_back(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    with Stage(browser, server.url, tmp_path) as stage:
        manager = PoolManager.arrives(stage)
        manager.opens_the_crosswalk("2010", "2018")
        progress = manager.at("walk-progress").get_by_role("progressbar")
        expect(progress).to_have_attribute("aria-valuemax", "359")
        expect(progress).to_have_attribute("aria-valuenow", "0")
        manager.shot("standard-crosswalk")

        # found by pinyin, decided without the mouse, the next row comes by itself
        manager.finds("jixie shebei", "B01")
        manager.fills("walk-reason", REASON)
        manager.page.keyboard.press("Alt+1")
        expect(manager.at("heir-B01")).to_be_checked()
        manager.page.keyboard.press("Control+Enter")
        expect(progress).to_have_attribute("aria-valuenow", "1", timeout=PATIENCE_MS)
        assert became(server, "B01") == {"how": "decided", "heirs": ["2018:B01"]}
        # what only waited for its class follows
        assert became(server, "B010102") == {"how": "with_class", "heirs": ["2018:B010102"]}

        # walking on with the arrows keeps the focus in the list
        manager.fills("walk-q", "")
        expect(manager.at("walk-rows").locator("li")).to_have_count(50, timeout=PATIENCE_MS)
        first, second = (manager.at("walk-rows").locator("button").nth(at) for at in (0, 1))
        first.click()
        manager.page.keyboard.press("ArrowDown")
        expect(second).to_be_focused()
        expect(second).to_have_attribute("aria-current", "true")

        # a decision is taken back by another one, and both stay
        manager.presses("state-decided")
        manager.has_in_hand("B01")
        manager.fills("walk-reason", "重新核对")
        manager.presses("undo")
        expect(manager.at("history").locator("li")).to_have_count(2, timeout=PATIENCE_MS)
        assert became(server, "B010102") == {"how": "open", "heirs": []}
        manager.shot("standard-undone")
        assert stage.faults == []


def test_a_list_is_refused_cell_by_cell_then_submitted_and_adopted_by_another(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.csv", tmp_path / "corrected.xlsx"
    bad.write_bytes(as_csv(changed(added={"C9901": "孤儿"}, without=["A0802"])))
    good.write_bytes(
        as_xlsx(changed(without=["C14"], added={"C98": "数据服务"}, reused={"B0810": "中药饮片"}))
    )
    with Stage(browser, server.url, tmp_path) as stage:
        manager = PoolManager.arrives(stage)
        manager.chooses(bad)
        problems = manager.at("cell-problem")
        expect(problems.first).to_be_visible(timeout=PATIENCE_MS)
        expect(manager.at("list-refusal")).to_contain_text("classification.list_refused")
        expect(problems.filter(has_text="C9901")).to_have_count(1)
        manager.shot("standard-refused")

        manager.at("list-file").set_input_files(good)
        expect(manager.at("diff-removed")).to_contain_text("1", timeout=PATIENCE_MS)
        expect(problems).to_have_count(0)
        manager.presses("diff-removed")
        expect(manager.at("difference")).to_have_count(1)
        expect(manager.at("difference")).to_contain_text("C14")
        manager.presses("diff-all")
        manager.shot("standard-diff")
        manager.presses("propose")
        manager.confirms()
        manager.page.wait_for_url(f"**/standard/versions/{NEXT}", timeout=PATIENCE_MS)
        expect(manager.at("edition-state")).to_have_text(word("standard.state.proposed"))
        # who brought it in finds no button to put it in force
        expect(manager.at("edition-adopt")).to_have_count(0)

        second = Second.arrives(stage)
        second.adopts(NEXT, "已与公布文本核对")
        expect(second.at("edition-state")).to_have_text(word("standard.state.adopted"))

        manager.goes_to("/standard")
        expect(manager.at(f"version-{NEXT}")).to_contain_text(word("standard.state.in_force"))
        expect(manager.at("remap-report")).to_contain_text(NEXT, timeout=PATIENCE_MS)
        manager.shot("standard-versions")
        with manager.saving(tmp_path / "experts.csv"):
            manager.presses("remap-list")
        assert stage.faults == []
    lines = (tmp_path / "experts.csv").read_text("utf-8").splitlines()
    assert lines[0] == "expert_id,from,to,outcome"
    assert all(one.split(",")[1:3] == ["2018", NEXT] for one in lines[1:])
    assert len(lines) > 100
