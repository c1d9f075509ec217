"""Accounts: one-time links, posts of one person, and what the ledger keeps."""

from datetime import timedelta
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from foundation.auth import errors
from foundation.auth.accounts import LINK_LIFE, STREAM
from foundation.auth.roles import GRANTS, INCOMPATIBLE, SEPARATE_POSTS, Permission, Role, clash
from foundation.ids import AccountId, ExpertId
from tests.app.bench import PASSWORD, Bench, code_of, identity

pytestmark = pytest.mark.both_engines

BOSS = AccountId("ac_administrator")


def test_a_link_works_once_and_not_after_48_hours(bench: Bench) -> None:
    accounts = bench.house.accounts
    account = accounts.create("clerk", Role.CLERK, "clerk", by=BOSS, person_ref=identity(900))
    late = accounts.issue_link(account.id, by=BOSS)
    bench.clock.advance(LINK_LIFE)
    with pytest.raises(errors.LinkUnknown):
        accounts.set_password(late.token, PASSWORD)
    link = accounts.issue_link(account.id, by=BOSS)
    accounts.set_password(link.token, PASSWORD)
    with pytest.raises(errors.LinkUnknown):
        accounts.set_password(link.token, "another password")
    assert accounts.check_password("clerk", PASSWORD).id == account.id


def test_a_newer_link_closes_the_older_one(bench: Bench) -> None:
    accounts = bench.house.accounts
    account = accounts.create("clerk", Role.CLERK, "clerk", by=BOSS, person_ref=identity(900))
    older, newer = (accounts.issue_link(account.id, by=BOSS) for _ in range(2))
    with pytest.raises(errors.LinkUnknown):
        accounts.look_at_link(older.token)
    assert accounts.look_at_link(newer.token)[0].id == account.id


@pytest.mark.parametrize("password", ["short", "x" * 201, "long.username"])
def test_a_weak_password_leaves_the_link_open(bench: Bench, password: str) -> None:
    accounts = bench.house.accounts
    account = accounts.create(
        "long.username", Role.CLERK, "clerk", by=BOSS, person_ref=identity(900)
    )
    link = accounts.issue_link(account.id, by=BOSS)
    with pytest.raises(errors.PasswordTooWeak):
        accounts.set_password(link.token, password)
    accounts.set_password(link.token, PASSWORD)


def test_posts_that_one_person_may_not_hold_are_refused_r_sod_1(bench: Bench) -> None:
    accounts = bench.house.accounts
    accounts.create("li.1", Role.POOL_MANAGER, "li", by=BOSS, person_ref=identity(907))
    with pytest.raises(errors.RolesIncompatible) as refused:
        accounts.create("li.2", Role.APPLICANT, "li", by=BOSS, person_ref=identity(907))
    assert refused.value.rule == "R-SOD-1"
    other = accounts.create("wu.1", Role.APPLICANT, "wu", by=BOSS, person_ref=identity(908))
    with pytest.raises(errors.RolesIncompatible):
        accounts.create("wu.2", Role.SUPERVISOR, "wu", by=BOSS, person_ref=identity(908))
    second = accounts.create(
        "wu.3", Role.OWNER_REPRESENTATIVE, "wu", by=BOSS, person_ref=identity(908)
    )
    with pytest.raises(errors.RolesIncompatible):
        accounts.change_role(second.id, Role.CLERK, by=BOSS)
    accounts.disable(other.id, "moved to another office", by=BOSS)
    assert accounts.change_role(second.id, Role.CLERK, by=BOSS).role is Role.CLERK


def test_the_table_separates_every_pair_of_posts_of_r_sod_1() -> None:
    for one, other in product(SEPARATE_POSTS, SEPARATE_POSTS):
        assert clash(one, other) is (one is not other)
    assert all(len(pair) == 2 for pair in INCOMPATIBLE)


def test_no_role_holds_acts_of_two_posts() -> None:
    assert GRANTS.keys() == set(Role)
    for mine, not_mine in [
        (Permission.DRAW_FILE, Permission.DRAW_SUPERVISE),
        (Permission.POOL_MANAGE, Permission.DRAW_FILE),
        (Permission.BLACKLIST_ENTER, Permission.BLACKLIST_DECIDE),
        (Permission.ACCOUNTS_MANAGE, Permission.POOL_READ),
        (Permission.HOLDER_ACT, Permission.HOLDER_REGISTER),
        (Permission.EVALUATION_PREPARE, Permission.EVALUATION_SUPERVISE),
    ]:
        assert not any({mine, not_mine} <= granted for granted in GRANTS.values())
    assert all(any(one in granted for granted in GRANTS.values()) for one in Permission)


def test_changing_the_role_puts_the_person_out_at_once(bench: Bench) -> None:
    accounts, account = bench.house.accounts, bench.an_account(Role.CLERK)
    who = accounts.principal(accounts.sign_ins.begin_tab(account.id, account.role).access)
    ended: list[str] = []
    accounts.on_revoked(ended.append)
    accounts.change_role(account.id, Role.SUPERVISOR, by=BOSS)
    assert ended == [who.sign_in_id]
    assert not accounts.is_live(who)


def test_experts_keep_their_role_and_custodians_have_no_account(bench: Bench) -> None:
    accounts, clerk, expert = (
        bench.house.accounts,
        bench.an_account(Role.CLERK),
        bench.an_account(Role.EXPERT),
    )
    with pytest.raises(errors.ExpertNeeded):
        accounts.change_role(clerk.id, Role.EXPERT, by=BOSS)
    with pytest.raises(errors.ExpertNeeded):
        accounts.change_role(expert.id, Role.CLERK, by=BOSS)
    with pytest.raises(errors.ExpertNeeded):
        accounts.create("no-expert", Role.EXPERT, "x", by=BOSS)
    with pytest.raises(errors.ExpertHasAccount):
        accounts.create("again", Role.EXPERT, "x", by=BOSS, expert_id=expert.expert_id)
    with pytest.raises(errors.KeyRole):
        accounts.create("holder", Role.CUSTODIAN, "x", by=BOSS)
    assert accounts.ensure_expert(expert.expert_id or ExpertId("")).id == expert.id


def test_nobody_changes_their_own_post(bench: Bench) -> None:
    administrator = bench.an_account(Role.ADMINISTRATOR)
    with pytest.raises(errors.OwnAccount):
        bench.house.accounts.change_role(administrator.id, Role.CLERK, by=administrator.id)
    with pytest.raises(errors.OwnAccount):
        bench.house.accounts.disable(administrator.id, "bored", by=administrator.id)


def test_the_account_key_signs_and_its_public_half_verifies(bench: Bench) -> None:
    account = bench.an_account(Role.EXPERT)
    signature = bytes.fromhex(bench.house.accounts.sign(account.id, b"expert-draw/test\0hello"))
    key = bytes.fromhex(bench.house.accounts.public_key(account.id))
    Ed25519PublicKey.from_public_bytes(key).verify(signature, b"expert-draw/test\0hello")


def test_the_ledger_says_who_changed_what_and_names_nobody(bench: Bench) -> None:
    accounts = bench.house.accounts
    account = accounts.create(
        "wang.xiaoming", Role.CLERK, "甲乙丙", by=BOSS, person_ref=identity(909)
    )
    accounts.reset(account.id, by=BOSS)
    accounts.change_role(account.id, Role.SUPERVISOR, by=BOSS)
    accounts.disable(account.id, "left the office", by=BOSS)
    with bench.house.books.read() as book:
        entries = book.entries(STREAM)
    assert [one.type for one in entries] == [
        "account.created",
        "account.reset",
        "account.link_issued",
        "account.role_changed",
        "account.disabled",
    ]
    assert all(one.body is not None and one.body["by"] == BOSS for one in entries)
    for word in ("甲乙丙", "wang", identity(909)):
        assert word not in str([one.body for one in entries])


def test_the_administrators_page_opens_an_account_whose_owner_then_signs_in(bench: Bench) -> None:
    administrator = bench.signed_in(Role.ADMINISTRATOR)
    body = {"username": "new.clerk", "role": "clerk", "display": "New clerk"}
    nobody_s = administrator.post("/api/accounts", json=body)
    assert (nobody_s.status_code, code_of(nobody_s)) == (422, "accounts.person_mark_needed")
    body["person_ref"] = identity(900)
    made = administrator.post("/api/accounts", json=body).json()
    owner = bench.browser()
    assert owner.get("/api" + made["link"]).json()["username"] == "new.clerk"
    assert owner.post("/api" + made["link"], json={"password": PASSWORD}).status_code == 200
    answer = owner.post("/api/sign-in", json={"username": "new.clerk", "password": PASSWORD})
    assert answer.json()["account"]["display"] == "New clerk"
    listed = administrator.get("/api/accounts").json()["accounts"]
    assert {one["username"]: one["has_password"] for one in listed}["new.clerk"] is True
    disabled = administrator.post(
        f"/api/accounts/{made['account']['id']}/disable", json={"reason": "left"}
    )
    assert disabled.json()["disabled_at"] is not None
    assert owner.get("/api/me").status_code == 401


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.CUSTODIAN])
def test_only_the_administrator_manages_accounts(bench: Bench, role: Role) -> None:
    browser = bench.signed_in(role)
    answer = browser.get("/api/accounts")
    if role is Role.ADMINISTRATOR:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, code_of(answer)) == (403, "accounts.not_permitted")


def test_the_clock_decides_when_a_sign_in_is_over(bench: Bench) -> None:
    accounts, account = bench.house.accounts, bench.an_account()
    who = accounts.principal(accounts.sign_ins.begin_tab(account.id, account.role).access)
    bench.clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    assert accounts.is_live(who)
    bench.clock.advance(timedelta(seconds=1))
    assert not accounts.is_live(who)
