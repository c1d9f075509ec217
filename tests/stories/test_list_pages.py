"""A cross-check that finds four: three by number, one namesake whom a person decides."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from stdnum.cn import ric

from draw_engine.core.pool_record import PoolRecord
from tests.app.bench import Bench, a_bench
from tests.app.serving import served
from tests.blacklist.lists.bench import a_file, a_row, starred
from tests.draw_engine.pool.bench import generated
from tests.stories.browser.desk import PATIENCE_MS, Stage
from tests.stories.browser.lists import AtLists

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

COURT = "某市中级人民法院（演示）"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with a_bench(tmp_path / "home", demonstration=True) as opened:
        # the page's own calendar ends today
        opened.clock.at = datetime.now(UTC)
        opened.house.pool.importer.enrol(generated(12), "acc")
        yield opened


def elsewhere(person: PoolRecord) -> str:
    """The whole number of a namesake: another county, another day of birth."""
    plain = "110102195001019" + person.id_number[15:17]
    return plain + ric.calc_check_digit(f"{plain}0")


def test_a_cross_check_finds_four_and_a_person_decides_the_namesake(
    browser: Browser, bench: Bench, tmp_path: Path
) -> None:
    people = generated(12)
    with served(bench.app) as url, Stage(browser, url, tmp_path) as stage:
        manager, supervisor = AtLists.arrives(stage), AtLists.arrives(stage, "supervisor")
        is_refused_cell_by_cell_then_taken(manager, people, tmp_path)
        finds_four(manager)
        is_decided_by_a_person_who_has_looked(supervisor, people[3])
        are_proposed(manager)
        assert stage.faults == []

    # nobody is barred before another person has confirmed it
    house = bench.house
    assert house.blacklist.standings() == {}
    found = [one.match for one in house.outside.lists.report()]
    other = house.demo.find("supervisor").id
    for one in found:
        house.blacklist.confirm(one.proposal, other)
    assert house.blacklist.reasons() == {one.expert_id: 5 for one in found}


def is_refused_cell_by_cell_then_taken(
    manager: AtLists, people: Sequence[PoolRecord], folder: Path
) -> None:
    exact = [a_row(one, document=f"（2026）某刑初 {n} 号") for n, one in enumerate(people[:3])]
    near = a_row(people[3], number=starred(people[3].id_number), document="（2026）某执 4 号")
    stranger = a_row(people[4], number=elsewhere(people[4]), document="（2026）某执 5 号")
    bad, good = folder / "bad.csv", folder / "good.csv"
    good.write_bytes(a_file(*exact, near, stranger).read())
    wrong = (near | {"kind": "其他"}, stranger | {"starts_on": "2030-01-01"})
    bad.write_bytes(a_file(*exact, *wrong).read())

    manager.goes_to("/lists")
    expect(manager.at("no-lists")).to_be_visible(timeout=PATIENCE_MS)
    manager.shot("lists-empty")
    manager.hands_in(bad, COURT)
    expect(manager.at("problem")).to_have_count(2, timeout=PATIENCE_MS)
    for person in people[:5]:
        expect(manager.page.locator("body")).not_to_contain_text(person.id_number)
    manager.shot("lists-refused")
    manager.at("list-file").set_input_files(good)
    expect(manager.at("list-done")).to_be_visible(timeout=PATIENCE_MS)
    manager.shot("lists-taken")


def finds_four(manager: AtLists) -> None:
    manager.checks()
    expect(manager.match("starred")).to_be_visible(timeout=PATIENCE_MS)
    manager.shot("crosscheck-near")
    manager.presses("which-all")
    expect(manager.page.locator("li.match")).to_have_count(4, timeout=PATIENCE_MS)
    expect(manager.at("match-number")).to_have_count(3)
    manager.shot("crosscheck-all")


def is_decided_by_a_person_who_has_looked(supervisor: AtLists, person: PoolRecord) -> None:
    supervisor.goes_to("/lists/crosscheck")
    namesake = supervisor.match("starred")
    namesake.get_by_test_id("look").click()
    namesake.get_by_test_id("look-reason").fill("核对是否为同一人")
    namesake.get_by_test_id("look-submit").click()
    expect(namesake.get_by_test_id("both")).to_contain_text(person.id_number)
    supervisor.shot("crosscheck-looked")
    supervisor.says("starred", "same_person", "与法院核实，号码一致")
    expect(namesake.get_by_test_id("propose")).to_be_visible(timeout=PATIENCE_MS)


def are_proposed(manager: AtLists) -> None:
    manager.goes_to("/lists/crosscheck")
    manager.presses("which-waiting")
    manager.presses("propose-all")
    expect(manager.at("match-number")).to_have_count(0, timeout=PATIENCE_MS)
    manager.match("starred").get_by_test_id("propose").click()
    manager.presses("which-done")
    expect(manager.page.locator("li.match")).to_have_count(4, timeout=PATIENCE_MS)
    manager.shot("crosscheck-done")
