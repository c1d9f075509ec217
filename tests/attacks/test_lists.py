"""A6: who is convicted stays in the pool, or comes in after the check; found unless patched out."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from blacklist.core.errors import SamePerson
from blacklist.core.list_errors import MatchUndecided
from blacklist.core.outside_list import Match
from blacklist.list_crosscheck import CrossCheck
from blacklist.list_service import ListService
from blacklist.list_store import Which
from foundation.auth.roles import Role
from foundation.ids import AccountId, ExpertId
from tests.app.bench import Bench, a_bench
from tests.blacklist.lists.bench import ABOUT, a_file, a_row
from tests.draw_engine.pool.bench import generated

DEFENDED = pytest.mark.parametrize("defended", [True, False], ids=["defended", "patched out"])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A service whose clock stands where the lists' days lie behind it."""
    with a_bench(tmp_path / "home") as opened:
        yield opened


def a_day_passes(bench: Bench) -> None:
    """The timer of the next day, and what people then do with what was found by number."""
    bench.clock.advance(timedelta(days=1))
    bench.house.outside.desk.check_if_due(bench.clock.now())
    by, other = (bench.an_account(Role.SUPERVISOR).id for _ in range(2))
    lists = bench.house.outside.lists
    for one in lists.report(Which.WAITING):
        proposal = lists.propose(one.match.id, by).proposal
        bench.house.blacklist.confirm(proposal, other)


def drawable(bench: Bench, expert: ExpertId) -> bool:
    """Whether a draw that froze now could reach the expert."""
    return expert not in bench.house.blacklist.reasons()


@DEFENDED
def test_a6_a_convicted_expert_does_not_stay_in_the_pool(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    """R-EXIT-5: nobody looks, and the daily check finds the conviction all the same."""
    if not defended:
        monkeypatch.setattr(CrossCheck, "due", lambda *_: False)
    people = generated(3)
    convicted, *_ = bench.house.pool.importer.enrol(people, "acc")
    by = bench.an_account(Role.POOL_MANAGER).id
    bench.house.outside.lists.intake.take(a_file(a_row(people[0])), ABOUT, skip_bad=False, by=by)

    a_day_passes(bench)

    assert drawable(bench, convicted) is not defended


@DEFENDED
def test_a6_who_is_enrolled_after_the_check_is_checked_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    """A friend who waits until the list was checked comes in no cleaner, the same day."""
    people, house = generated(3), bench.house
    house.pool.importer.enrol(people[1:], "acc")
    by = bench.an_account(Role.POOL_MANAGER).id
    house.outside.lists.intake.take(a_file(a_row(people[0])), ABOUT, skip_bad=False, by=by)
    house.outside.desk.check_if_due(bench.clock.now())
    if not defended:
        monkeypatch.setattr(CrossCheck, "due", lambda *_: False)

    bench.clock.advance(timedelta(minutes=1))
    (late,) = house.pool.importer.enrol(people[:1], "acc")
    house.outside.desk.check_if_due(bench.clock.now())

    found = {one.match.expert_id for one in house.outside.lists.report()}
    assert (late in found) is defended


@DEFENDED
def test_a6_a_list_is_no_way_to_bar_a_namesake(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    """R-ELIG-6: a name without a number bars nobody whom no person has identified."""
    if not defended:
        monkeypatch.setattr(Match, "is_open", False)
        monkeypatch.setattr(Match, "is_same_person", True)
    people, house = generated(3), bench.house
    namesake, *_ = house.pool.importer.enrol(people, "acc")
    by = bench.an_account(Role.POOL_MANAGER).id
    lists: ListService = house.outside.lists
    lists.intake.take(a_file(a_row(people[0], number="")), ABOUT, skip_bad=False, by=by)
    lists.crosscheck.run()
    (found,) = lists.report()
    assert found.match.expert_id == namesake

    try:
        proposal = lists.propose(found.match.id, by).proposal
    except MatchUndecided:
        assert defended
    else:
        house.blacklist.confirm(proposal, bench.an_account(Role.SUPERVISOR).id)
    assert drawable(bench, namesake) is defended


@DEFENDED
def test_a6_who_hands_a_list_in_does_not_bar_by_it_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    """R-SOD-2: uploader, decider and proposer may be one person; who confirms is another."""
    people, house = generated(3), bench.house
    expert, *_ = house.pool.importer.enrol(people, "acc")
    by: AccountId = bench.an_account(Role.SUPERVISOR).id
    lists: ListService = house.outside.lists
    lists.intake.take(a_file(a_row(people[0])), ABOUT, skip_bad=False, by=by)
    lists.crosscheck.run(by)
    proposal = lists.propose(lists.report()[0].match.id, by).proposal
    if not defended:
        monkeypatch.setattr(type(house.blacklist), "_another", lambda *_: None)

    try:
        house.blacklist.confirm(proposal, by)
    except SamePerson:
        assert defended
    assert drawable(bench, expert) is defended
