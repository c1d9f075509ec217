"""Two regions share a list through their pages: registered, read, put forward, confirmed, and a
log that forks is refused where everybody sees it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from blacklist.core.facts import Measure
from tests.app.regions import Region, a_region
from tests.stories.browser.desk import PATIENCE_MS, STEP_IN, Desk, Stage
from tests.stories.browser.words import word

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def north(tmp_path: Path) -> Iterator[Region]:
    with a_region(tmp_path, "north") as region:
        yield region


@pytest.fixture
def south(tmp_path: Path) -> Iterator[Region]:
    with a_region(tmp_path, "south") as region:
        yield region


def sits_at(stage: Stage, card: str, path: str) -> Desk:
    """Somebody of a card, with a page open."""
    desk = Desk(stage, stage.page())
    desk.goes_to("/api/meta")
    assert desk.page.evaluate(STEP_IN, [card, 0])
    desk.goes_to(path)
    return desk


def test_two_regions_share_a_list_and_a_forked_one_is_refused(
    browser: Browser, north: Region, south: Region, tmp_path: Path
) -> None:
    with Stage(browser, south.address, tmp_path) as stage:
        administrator = sits_at(stage, "administrator", "/shared")
        _registers(administrator, north)
        measure = _the_north_enters(administrator, north, south)

        # the pool manager puts forward what the north says of somebody of the own pool
        manager = sits_at(stage, "pool_manager", "/shared/people")
        manager.sees(word("feeds.people.lead_steps", n=1))
        manager.shot("shared-people")
        manager.presses(f"propose-{measure.id}")
        expect(manager.at(f"waiting-{measure.id}")).to_be_visible(timeout=PATIENCE_MS)
        assert south.bench.house.blacklist.reasons() == {}

        # a supervisor confirms; from now on no draw reaches the expert
        supervisor = sits_at(stage, "supervisor", "/shared/people")
        [proposal] = south.bench.house.blacklist.proposals()
        confirmed = supervisor.page.evaluate(CONFIRM, proposal.id)
        assert confirmed == 200, confirmed
        assert south.bench.house.blacklist.reasons() == {south.expert(3): 5}
        supervisor.goes_to("/shared/people")
        expect(supervisor.at(f"line-{measure.id}")).to_contain_text(
            word("feeds.step.adopted"), timeout=PATIENCE_MS
        )

        # the north corrects the term: two lines that differ stand side by side
        longer = north.correct(measure)
        north.publish()
        south.look()
        supervisor.goes_to("/shared/people")
        expect(supervisor.at("clash")).to_contain_text(word("feeds.clash.other_terms"))
        supervisor.shot("shared-conflict")
        supervisor.fills("clash-reason", "等待北方的决定书")
        supervisor.presses("clash-decide")
        expect(supervisor.at("clash-decided")).to_contain_text("等待北方的决定书")
        expect(supervisor.at(f"propose-{longer.id}")).to_be_visible()

        _the_north_forks(supervisor, north, south, tmp_path)
        assert stage.faults == []


def _registers(administrator: Desk, north: Region) -> None:
    """The administrator of the south pins the key of the north; a slip of the hand is caught."""
    line = north.bench.house.feeds.feeds.own.line
    administrator.sees(word("feeds.lead_none"))
    administrator.presses("add-peer")
    administrator.fills("peer-name", "北方")
    administrator.fills("peer-address", north.address)
    administrator.fills("peer-pin", line[:-1] + ("0" if line[-1] != "0" else "1"))
    administrator.presses("peer-submit")
    administrator.confirms()
    expect(administrator.page.get_by_role("alert")).to_contain_text("ledger.pin_unreadable")
    administrator.fills("peer-pin", line)
    administrator.shot("shared-register")
    administrator.presses("peer-submit")
    administrator.confirms()
    expect(administrator.at("peer-north.example/log")).to_contain_text(
        word("feeds.health.new"), timeout=PATIENCE_MS
    )


def _the_north_enters(administrator: Desk, north: Region, south: Region) -> Measure:
    """Read as soon as the north has registered the south too; before that it gets no body."""
    measure = north.bar(north.expert(3))
    north.publish()
    administrator.presses("to-north.example/log")
    administrator.presses("look")
    administrator.sees(word("feeds.health.silent"))
    north.follows(south)
    administrator.presses("look")
    expect(administrator.at("entry-1")).to_contain_text(measure.id, timeout=PATIENCE_MS)
    administrator.shot("shared-region")
    return measure


def test_a_file_of_the_data_standard_goes_from_one_region_to_another(
    browser: Browser, north: Region, south: Region, tmp_path: Path
) -> None:
    north.bar(north.expert(3))
    with Stage(browser, north.address, tmp_path) as stage:
        supervisor = sits_at(stage, "supervisor", "/shared/records")
        supervisor.fills("records-reason", "报送监督系统")
        with supervisor.saving(tmp_path / "credit.xml"):
            supervisor.presses("export-xml")
        expect(supervisor.at("exported")).to_be_visible()
        assert stage.faults == []
    with Stage(browser, south.address, tmp_path) as stage:
        manager = sits_at(stage, "pool_manager", "/shared/records")
        manager.at("records-file").set_input_files(tmp_path / "credit.xml")
        expect(manager.at("record-1")).to_contain_text(south.expert(3), timeout=PATIENCE_MS)
        manager.shot("shared-records")
        manager.presses("propose-record-1")
        expect(manager.at("record-proposed")).to_be_visible(timeout=PATIENCE_MS)
        [proposal] = south.bench.house.blacklist.proposals()
        assert proposal.expert_id == south.expert(3)
        assert south.bench.house.blacklist.reasons() == {}
        assert stage.faults == []


def _the_north_forks(supervisor: Desk, north: Region, south: Region, folder: Path) -> None:
    """Another past under the same key and name: refused, and everything taken stays."""
    keys = folder / "fork" / "north" / "keys"
    keys.mkdir(parents=True, mode=0o700)
    shutil.copy2(north.bench.house.settings.keys / "log.key", keys / "log.key")
    with a_region(folder / "fork", "north") as fork:
        fork.follows(south)
        for number in range(8):
            fork.bar(fork.expert(number))
        fork.publish()
        feeds = south.bench.house.feeds.feeds
        dial = feeds._dial
        feeds._dial = lambda _, origin: dial(fork.address, origin)
        supervisor.goes_to("/shared")
        supervisor.presses("to-north.example/log")
        supervisor.presses("look")
        expect(supervisor.at("refused")).to_contain_text("ledger.forked", timeout=PATIENCE_MS)
        expect(supervisor.at("alarm")).to_have_count(1)
        supervisor.shot("shared-forked")
        supervisor.goes_to("/shared")
        supervisor.sees(word("feeds.lead_odd", n=1))
        supervisor.shot("shared-odd")
    [state] = feeds.peers()
    assert state.taken == 2


CONFIRM = """async (id) => (await fetch(`/api/blacklist/proposals/${id}/confirm`, {
  method: 'POST',
  headers: {
    Authorization: `Bearer ${sessionStorage.getItem('expert-draw.tab-token')}`,
    'Content-Type': 'application/json',
  },
  body: '{}',
})).status"""
"""The page of the list has the button; this story is about the pages of sharing."""
