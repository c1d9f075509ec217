"""R-SOD-1 by person: no two accounts give one person two posts that exclude each other."""

from itertools import combinations, product
from pathlib import Path

import pytest
from sqlmodel import select
from stdnum.cn import ric

from draw_engine.persons import Person
from foundation.auth import errors
from foundation.auth.accounts import Account
from foundation.auth.roles import INCOMPATIBLE, Role, clash
from foundation.auth.store import AccountRow, account_row
from foundation.ids import AccountId, ExpertId
from tests.app.bench import Bench, a_bench, identity

BOSS = AccountId("ac_administrator")
HELD = [one for one in Role if one is not Role.CUSTODIAN]
"""Custodians have a key and no account."""
STAFF = [one for one in HELD if one is not Role.EXPERT]
PAIRS = list(combinations(HELD, 2))


def an_expert(bench: Bench, n: int) -> ExpertId:
    """Somebody in the vault with the n-th identity number."""
    expert = ExpertId(f"ex_person_{n}")
    bench.house.pool.persons.add_many([Person(expert, "甲", identity(n), f"138{n:08d}")])
    return expert


def opened(bench: Bench, role: Role, n: int, username: str = "") -> Account:
    """An account of the n-th person."""
    name = username or f"{role.value.replace('_', '-')}-of-{n}"
    if role is not Role.EXPERT:
        return bench.house.accounts.create(name, role, "x", by=BOSS, person_ref=identity(n))
    expert = an_expert(bench, n)
    return bench.house.accounts.create(name, role, "x", by=BOSS, expert_id=expert)


@pytest.mark.both_engines
def test_two_accounts_of_one_person_hold_no_pair_of_r_sod_1(bench: Bench) -> None:
    for n, (first, second) in enumerate([*PAIRS, *((two, one) for one, two in PAIRS)]):
        opened(bench, first, n)
        if not clash(first, second):
            assert opened(bench, second, n).role is second
            continue
        with pytest.raises(errors.RolesIncompatible) as refused:
            opened(bench, second, n)
        assert refused.value.rule == "R-SOD-1"
        assert refused.value.facts == {"held": first.value, "wanted": second.value}
        assert opened(bench, second, 1000 + n).role is second


def test_the_pairs_above_are_those_of_the_table() -> None:
    tried = {frozenset(pair) for pair in PAIRS if clash(*pair)}
    assert tried == {pair for pair in INCOMPATIBLE if Role.CUSTODIAN not in pair}
    assert len(tried) > 15


def test_a_post_in_a_real_service_says_whose_it_is(bench: Bench) -> None:
    for role, nothing in product(STAFF, (None, "")):
        with pytest.raises(errors.PersonMarkNeeded) as refused:
            bench.house.accounts.create("somebody", role, "x", by=BOSS, person_ref=nothing)
        assert (refused.value.rule, dict(refused.value.facts)) == ("R-SOD-1", {})
    assert bench.house.accounts.by_username("somebody") is None


def test_a_mark_that_is_no_identity_number_is_refused_and_never_repeated(bench: Bench) -> None:
    right = identity(1)
    check = "1" if right[-1] != "1" else "2"
    no_such_day = "11010119900230996"
    no_such_day += ric.calc_check_digit(f"{no_such_day}0")
    for text in ("staff 7", right[:17], right[:17] + check, no_such_day, f"{right}1"):
        with pytest.raises(errors.PersonMarkUnfit) as refused:
            bench.house.accounts.create("somebody", Role.CLERK, "x", by=BOSS, person_ref=text)
        assert (refused.value.rule, dict(refused.value.facts)) == ("R-SOD-1", {})
        assert text not in str(refused.value)


def test_another_spelling_of_the_number_is_the_same_person(bench: Bench) -> None:
    number = next(one for one in map(identity, range(200)) if one.endswith("X"))
    accounts = bench.house.accounts
    accounts.create("first", Role.CLERK, "x", by=BOSS, person_ref=number)
    wide = str.maketrans("0123456789X", "０１２３４５６７８９ｘ")
    for other in (number.lower(), f" {number[:6]} {number[6:]}", number.translate(wide)):
        with pytest.raises(errors.RolesIncompatible):
            accounts.create("second", Role.SUPERVISOR, "x", by=BOSS, person_ref=other)


def test_an_expert_s_mark_is_the_vault_s_whatever_is_said(bench: Bench) -> None:
    accounts, expert = bench.house.accounts, an_expert(bench, 5)
    made = accounts.create(
        "expert.5", Role.EXPERT, "x", by=BOSS, expert_id=expert, person_ref=identity(6)
    )
    staff = opened(bench, Role.CLERK, 6)
    assert made.person != staff.person
    with pytest.raises(errors.RolesIncompatible):
        opened(bench, Role.CLERK, 5, "clerk.5")


@pytest.mark.both_engines
def test_experts_accounts_of_an_older_version_are_marked_at_start(bench: Bench) -> None:
    made = opened(bench, Role.EXPERT, 3)
    with bench.house.database.write() as db:
        row = account_row(db, made.id)
        row.person = None
        db.add(row)
    unseen = opened(bench, Role.CLERK, 3)
    bench.house.accounts.disable(unseen.id, "moved to another office", by=BOSS)

    assert (bench.house.accounts.mark_experts(), bench.house.accounts.mark_experts()) == (1, 0)

    with pytest.raises(errors.RolesIncompatible):
        opened(bench, Role.CLERK, 3, "clerk.again")
    assert bench.house.accounts.get(made.id).person == made.person


def test_an_account_of_nobody_in_particular_takes_no_other_post(bench: Bench) -> None:
    made = opened(bench, Role.CLERK, 4)
    with bench.house.database.write() as db:
        row = account_row(db, made.id)
        row.person = None
        db.add(row)
    with pytest.raises(errors.PersonMarkNeeded):
        bench.house.accounts.change_role(made.id, Role.SUPERVISOR, by=BOSS)


def test_the_main_database_tells_no_identity_number_and_not_the_vault_s_index(
    bench: Bench,
) -> None:
    opened(bench, Role.EXPERT, 8)
    opened(bench, Role.CLERK, 9)
    persons = bench.house.pool.persons
    with bench.house.database.read() as db:
        marks = [row.person for row in db.exec(select(AccountRow))]
    assert persons.mark(identity(8)) in marks
    assert persons.mark(identity(9)) in marks
    assert not {persons.blind(identity(n)) for n in (8, 9)} & set(marks)
    assert persons.mark(identity(8)) not in {persons.blind_phone(identity(8)), identity(8).encode()}


def test_a_demonstration_needs_no_mark_and_takes_any_text(tmp_path: Path) -> None:
    with a_bench(tmp_path, demonstration=True) as bench:
        accounts = bench.house.accounts
        assert accounts.create("one", Role.CLERK, "x", by=BOSS).person is None
        accounts.create("two", Role.CLERK, "x", by=BOSS, person_ref="staff 7")
        with pytest.raises(errors.RolesIncompatible):
            accounts.create("three", Role.SUPERVISOR, "x", by=BOSS, person_ref="staff 7")
        assert accounts.mark_experts() == 0
