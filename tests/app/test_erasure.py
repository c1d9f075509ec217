"""An erased person: nobody can be found, and everything that was done verifies and folds."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.cli_ledger import recheck
from blacklist.core.facts import Decision
from blacklist.core.grounds import EXIT_GROUNDS
from blacklist.core.register import fold
from blacklist.service import STREAM as STANDING
from classification.service import ClassificationService
from draw_engine.core.draw_state import Stage
from draw_engine.erasure import ErasureNeedsExit, ErasureTooSoon, Ground
from draw_engine.persons import Person, UnknownPerson
from draw_engine.pool_generate import generate
from foundation.auth.roles import Role
from foundation.auth.store import account_row
from foundation.ids import AccountId, DrawId, ExpertId
from tests.app.bench import Bench, a_bench
from tests.draw_engine.holder.test_http import Day

SUPERVISOR = AccountId("acc_supervisor")


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with a_bench(tmp_path / "home", demonstration=True) as bench:
        people = generate(ClassificationService.load(), 400, 1, date(2026, 11, 23))
        bench.house.pool.importer.enrol(list(people), "act_pool")
        yield Day(bench, tmp_path)


def leaves(bench: Bench, expert_id: ExpertId) -> None:
    """The expert asks to go and a supervisor grants it."""
    register = bench.house.blacklist
    ground = sorted(EXIT_GROUNDS)[0]
    asked = register.exit_request(expert_id, ground, "", AccountId("acc_expert"))
    register.exit_decide(asked.id, Decision.GRANT, "as asked", SUPERVISOR)


def a_member_of_a_draw(day: Day) -> tuple[DrawId, ExpertId]:
    """A draw under way, and one whom it invited."""
    filed = day.bench.signed_in(Role.APPLICANT).post("/api/draws", json=day.request())
    day.settle()
    day.bench.clock.advance(timedelta(minutes=6))
    day.settle()
    member = day.bench.house.draw.vault.demo_expert(0)
    assert member is not None
    return DrawId(filed.json()["id"]), member


def test_an_erased_person_leaves_a_log_that_verifies_and_folds(day: Day) -> None:
    bench, house = day.bench, day.bench.house
    draw_id, member = a_member_of_a_draw(day)
    who: Person = house.pool.persons.get(member)
    account = house.accounts.ensure_expert(member)
    with house.database.write() as db:
        row = account_row(db, account.id)
        row.person = house.draw.vault.mark_of(member)
        db.add(row)
    assert house.accounts.get(account.id).person
    leaves(bench, member)
    bench.clock.advance(timedelta(days=40))

    house.erasure.erase(member, Ground.ASKED, "acc_manager")

    with pytest.raises(UnknownPerson):
        house.pool.persons.get(member)
    assert not house.pool.pool.has(member)
    assert house.accounts.get(account.id).person is None
    assert len(house.pool.pool.columns()) == 399
    # what was done is there: the ledger verifies, every state folds
    assert recheck(house.database, house.settings, None).sound
    with house.books.read() as book:
        register = fold((one.type, one.body) for one in book.entries(STANDING))
        told = book.entries("pool")[-1]
    assert [one.expert_id for one in register.exits.values()] == [member]
    assert told.type == "pool.person_erased"
    assert not {who.name, who.phone, who.id_number} & set((told.body or {}).values())
    assert house.draw.draws.draw(draw_id).stage in Stage
    # and the work goes on: the next snapshot and the next draw do without the person
    assert house.draw.snapshots.take().taken.n == 399
    other = {**day.request(), "request_key": "another-key", "section": "2"}
    filed = bench.signed_in(Role.APPLICANT).post("/api/draws", json=other)
    assert filed.status_code == 202, filed.text
    day.settle()
    assert house.draw.draws.draw(filed.json()["id"]).M


def test_nobody_is_erased_who_may_be_drawn_or_asked(day: Day) -> None:
    """R-PRIN-6, R-EVAL-21: first the exit, then the time in which members answer."""
    house = day.bench.house
    _, member = a_member_of_a_draw(day)

    with pytest.raises(ErasureNeedsExit):
        house.erasure.erase(member, Ground.ASKED, "acc_manager")
    leaves(day.bench, member)
    with pytest.raises(ErasureTooSoon):
        house.erasure.erase(member, Ground.ASKED, "acc_manager")

    assert house.pool.persons.get(member).expert_id == member


def test_a_crash_between_the_two_files_is_ended_at_the_next_start(day: Day) -> None:
    house = day.bench.house
    gone = sorted(house.pool.pool.ids())[0]

    house.pool.pool.erase(gone, Ground.ASKED.value, "acc_manager")
    assert house.pool.persons.get(gone)
    house.pool.importer.clean_orphans()

    with pytest.raises(UnknownPerson):
        house.pool.persons.get(gone)
