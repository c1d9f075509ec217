"""Signing in, staying signed in, and being put out."""

from datetime import timedelta

import jwt
import pytest
from sqlmodel import select

from foundation.auth.errors import NotSignedIn, TicketUnknown, WrongPassword
from foundation.auth.guards import ACCESS_COOKIE, REFRESH_COOKIE
from foundation.auth.roles import Role
from foundation.auth.sign_ins import ACCESS_LIFE, REFRESH_LIFE, SECOND_TAB, TICKET_LIFE
from foundation.auth.store import SignInRow
from foundation.ids import AccountId
from tests.app.bench import PASSWORD, Bench, code_of, identity
from tests.stores.stored import everything

pytestmark = pytest.mark.both_engines


def test_the_right_password_opens_and_cookies_are_out_of_reach_of_scripts(bench: Bench) -> None:
    account = bench.an_account(Role.SUPERVISOR)
    answer = bench.browser().post(
        "/api/sign-in", json={"username": account.username.upper(), "password": PASSWORD}
    )
    assert answer.json()["account"]["role"] == "supervisor"
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Secure" not in cookie


def test_over_tls_cookies_never_travel_in_the_clear(bench: Bench) -> None:
    account = bench.an_account()
    browser = bench.browser(base_url="https://testserver")
    answer = browser.post("/api/sign-in", json={"username": account.username, "password": PASSWORD})
    assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize("cause", ["unknown", "wrong", "no password yet", "disabled"])
def test_every_failure_sounds_the_same(bench: Bench, cause: str) -> None:
    account, username, password = bench.an_account(), "nobody-here", PASSWORD
    if cause != "unknown":
        username = account.username
    if cause == "wrong":
        password = "something else"
    elif cause == "no password yet":
        bench.house.accounts.reset(account.id, by=None)
    elif cause == "disabled":
        bench.house.accounts.disable(account.id, "left", by=AccountId("ac_other"))
    answer = bench.browser().post("/api/sign-in", json={"username": username, "password": password})
    assert (answer.status_code, code_of(answer)) == (401, "accounts.wrong_password")


def test_an_unknown_username_costs_one_hash_like_a_known_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, checked = bench.an_account(), []
    hasher = bench.house.accounts._hasher
    verify = type(hasher).verify

    def counting(self: object, password: str, hashed: str) -> bool:
        checked.append(hashed)
        return verify(hasher, password, hashed)

    monkeypatch.setattr(type(hasher), "verify", counting)
    for username in (account.username, "nobody-here"):
        with pytest.raises(WrongPassword):
            bench.house.accounts.check_password(username, "wrong password")
    assert len(checked) == 2
    assert checked[0].split("$")[:4] == checked[1].split("$")[:4]


def test_guessing_is_stopped_with_the_wait_and_only_for_that_place(bench: Bench) -> None:
    account = bench.an_account()
    guesser = bench.browser(client=("10.0.0.9", 1))
    wrong = {"username": account.username, "password": "wrong password"}
    answers = [guesser.post("/api/sign-in", json=wrong) for _ in range(7)]
    assert [one.status_code for one in answers] == [401] * 6 + [429]
    assert answers[-1].json()["error"]["facts"]["wait_seconds"] > 0
    assert int(answers[-1].headers["retry-after"]) > 0
    right = {"username": account.username, "password": PASSWORD}
    assert guesser.post("/api/sign-in", json=right).status_code == 429
    assert bench.browser(client=("10.0.0.1", 1)).post("/api/sign-in", json=right).status_code == 200


def test_the_access_token_lasts_ten_minutes_and_refresh_renews_it(bench: Bench) -> None:
    browser = bench.signed_in(Role.CLERK)
    bench.clock.advance(ACCESS_LIFE)
    assert browser.get("/api/me").status_code == 401
    assert browser.post("/api/tickets", json={}).status_code == 401
    assert browser.post("/api/refresh").status_code == 200
    assert browser.get("/api/me").json()["account"]["role"] == "clerk"
    bench.clock.advance(REFRESH_LIFE)
    assert browser.post("/api/refresh").status_code == 401


def test_a_refresh_token_used_twice_ends_the_sign_in_for_both(bench: Bench) -> None:
    account = bench.an_account()
    sign_ins = bench.house.accounts.sign_ins
    ended: list[str] = []
    sign_ins.on_revoked(ended.append)
    first = sign_ins.begin_browser(account.id, account.role)
    assert first.refresh is not None
    second = sign_ins.refresh(first.refresh)
    bench.clock.advance(SECOND_TAB + timedelta(seconds=1))
    with pytest.raises(NotSignedIn):
        sign_ins.refresh(first.refresh)
    assert ended == [first.sign_in_id]
    with pytest.raises(NotSignedIn):
        sign_ins.principal(second.access)
    with pytest.raises(NotSignedIn):
        sign_ins.refresh(second.refresh or "")


def test_a_second_tab_that_refreshes_in_the_same_moment_stays(bench: Bench) -> None:
    account = bench.an_account()
    sign_ins = bench.house.accounts.sign_ins
    first = sign_ins.begin_browser(account.id, account.role)
    one = sign_ins.refresh(first.refresh or "")
    other = sign_ins.refresh(first.refresh or "")
    assert sign_ins.principal(one.access) == sign_ins.principal(other.access)
    assert sign_ins.refresh(other.refresh or "").sign_in_id == first.sign_in_id


def test_signing_out_ends_the_token_itself_and_not_only_the_cookie(bench: Bench) -> None:
    browser = bench.signed_in(Role.CLERK)
    kept = browser.cookies[ACCESS_COOKIE]
    browser.post("/api/sign-out")
    assert ACCESS_COOKIE not in browser.cookies
    assert REFRESH_COOKIE not in browser.cookies
    thief = bench.browser(headers={"authorization": f"Bearer {kept}"})
    assert thief.get("/api/me").status_code == 401
    assert browser.get("/api/me").json()["account"] is None


@pytest.mark.parametrize(
    "change", ["alg none", "other key", "refresh as access", "other audience", "cut", "other type"]
)
def test_a_token_that_is_not_ours_is_nobody(bench: Bench, change: str) -> None:
    account = bench.an_account()
    issued = bench.house.accounts.sign_ins.begin_browser(account.id, account.role)
    token = issued.access
    claims = jwt.decode(token, options={"verify_signature": False})
    header = jwt.get_unverified_header(token)
    own_key = bench.house.keys.signing("tokens")
    other_key = bench.house.keys.signing("not-tokens")
    forged = {
        "alg none": lambda: jwt.encode(claims, "", "none", header | {"alg": "none"}),
        "other key": lambda: jwt.encode(claims, other_key, "EdDSA", header),
        "refresh as access": lambda: issued.refresh or "",
        "other audience": lambda: jwt.encode(claims | {"aud": "x"}, own_key, "EdDSA", header),
        "cut": lambda: token[:-4],
        "other type": lambda: jwt.encode(claims, own_key, "EdDSA", header | {"typ": "JWT"}),
    }[change]()
    assert bench.house.accounts.principal(token).account_id == account.id
    with pytest.raises(NotSignedIn):
        bench.house.accounts.principal(forged)


def test_a_ticket_opens_one_socket_once_within_thirty_seconds(bench: Bench) -> None:
    accounts, account = bench.house.accounts, bench.an_account(Role.EXPERT)
    who = accounts.principal(accounts.sign_ins.begin_tab(account.id, account.role).access)
    ticket, _ = accounts.sign_ins.ticket(who, "room")
    assert accounts.redeem_ticket(ticket) == who
    for spoilt in (ticket, "made up", accounts.sign_ins.ticket(who, "something else")[0]):
        with pytest.raises(TicketUnknown):
            accounts.redeem_ticket(spoilt)
    late, _ = accounts.sign_ins.ticket(who, "room")
    bench.clock.advance(TICKET_LIFE)
    with pytest.raises(TicketUnknown):
        accounts.redeem_ticket(late)
    revoked, _ = accounts.sign_ins.ticket(who, "room")
    accounts.sign_ins.end(who.sign_in_id)
    with pytest.raises(TicketUnknown):
        accounts.redeem_ticket(revoked)


def test_a_custodian_is_its_key_and_ends_with_it(bench: Bench) -> None:
    accounts = bench.house.accounts
    issued = accounts.issue_custodian_token("supervisor", "ab" * 32)
    who = accounts.principal(issued.access)
    assert (who.role, who.party) == (Role.CUSTODIAN, "supervisor")
    assert accounts.is_live(who)
    accounts.sign_ins.end_party("supervisor")
    assert not accounts.is_live(who)


def test_a_custodian_s_token_lasts_as_long_as_anybody_s_and_the_key_brings_another(
    bench: Bench,
) -> None:
    accounts = bench.house.accounts
    first = accounts.issue_custodian_token("supervisor", "ab" * 32)
    who = accounts.principal(first.access)
    assert first.refresh is None
    bench.clock.advance(ACCESS_LIFE - timedelta(seconds=1))
    assert accounts.principal(first.access) == who
    bench.clock.advance(timedelta(seconds=1))
    with pytest.raises(NotSignedIn):
        accounts.principal(first.access)
    assert not accounts.is_live(who)
    later = accounts.principal(accounts.issue_custodian_token("supervisor", "ab" * 32).access)
    assert (later.account_id, later.party) == (who.account_id, who.party)
    with bench.house.database.read() as db:
        kept = db.exec(select(SignInRow.id).where(SignInRow.party == "supervisor")).all()
    assert list(kept) == [later.sign_in_id]  # what is over is not kept for years


def test_a_tab_token_is_not_given_outside_a_demonstration(bench: Bench) -> None:
    account = bench.an_account()
    answer = bench.browser().post(
        "/api/sign-in", json={"username": account.username, "password": PASSWORD, "tab": True}
    )
    assert answer.json()["tab_token"] is None


def test_no_token_password_or_link_is_readable_in_the_database(bench: Bench) -> None:
    account = bench.an_account(username="somebody")
    issued = bench.house.accounts.sign_ins.begin_browser(account.id, account.role)
    link = bench.house.accounts.issue_link(account.id, by=None)
    bench.house.accounts.create(
        "other", Role.CLERK, "王某某的显示名", by=None, person_ref=identity(977)
    )
    stored = everything(bench.house.database)
    assert b"somebody" in stored
    for secret in (
        PASSWORD,
        link.token,
        issued.access,
        issued.refresh or "",
        "王某某",
        identity(977),
    ):
        assert secret.encode() not in stored
