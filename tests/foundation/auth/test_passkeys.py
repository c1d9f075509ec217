"""Passkeys at the front door: registering, signing in, and everything that is refused."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from foundation.auth.accounts import STREAM, Account
from foundation.auth.challenges import CHALLENGE_LIFE, Challenges, Purpose
from foundation.auth.passkey_errors import (
    ChallengeUnknown,
    NoSite,
    TooManyChallenges,
)
from foundation.auth.passkey_site import Site, site_of
from foundation.auth.passkeys import MOST, mark
from foundation.auth.roles import Role
from foundation.ids import AccountId
from tests.app.bench import PASSWORD, Bench, code_of
from tests.foundation.auth.device import Device
from tests.stores.stored import everything

HOME = "http://localhost"


def at_home(bench: Bench) -> TestClient:
    """A browser on the machine itself."""
    return bench.browser(base_url=HOME)


def with_password(bench: Bench, account: Account) -> TestClient:
    """A browser of somebody who came in by password."""
    browser = at_home(bench)
    body = {"username": account.username, "password": PASSWORD}
    assert browser.post("/api/sign-in", json=body).status_code == 200
    return browser


def register(browser: TestClient, device: Device, label: str = "手机") -> Any:
    """What the service answers when a device is registered."""
    asked = browser.post("/api/passkeys/registration")
    assert asked.status_code == 200, asked.text
    return browser.post("/api/passkeys", json=device.makes(asked.json()["public_key"], label))


def question(browser: TestClient) -> Any:
    """A question for signing in."""
    asked = browser.post("/api/passkeys/question")
    assert asked.status_code == 200, asked.text
    return asked.json()["public_key"]


def enter(browser: TestClient, device: Device) -> Any:
    """What the service answers when a device is shown."""
    return browser.post("/api/passkeys/sign-in", json=device.agrees(question(browser)))


def facts(bench: Bench, account: Account) -> list[str]:
    """What the ledger says of an account's passkeys."""
    with bench.house.books.read() as book:
        return [
            one.type.removeprefix("passkey.")
            for one in book.entries(STREAM)
            if one.body is not None
            and one.body["account_id"] == account.id
            and one.type.startswith("passkey.")
        ]


@pytest.fixture
def account(bench: Bench) -> Account:
    """A supervisor with a password."""
    return bench.an_account(Role.SUPERVISOR)


@pytest.fixture
def device(bench: Bench, account: Account) -> Device:
    """A device that is registered for the supervisor."""
    made = Device()
    answer = register(with_password(bench, account), made)
    assert answer.status_code == 201, answer.text
    return made


@pytest.mark.both_engines
def test_a_registered_device_opens_its_owner_s_account_without_a_name(
    bench: Bench, account: Account, device: Device
) -> None:
    browser = at_home(bench)
    asked = question(browser)
    assert asked["userVerification"] == "required"
    assert asked["allowCredentials"] == []
    answer = browser.post("/api/passkeys/sign-in", json=device.agrees(asked))
    assert answer.json()["account"]["username"] == account.username
    assert all("HttpOnly" in cookie for cookie in answer.headers.get_list("set-cookie"))
    assert browser.get("/api/me").json()["account"]["id"] == account.id
    listed = browser.get("/api/passkeys").json()
    assert [one["label"] for one in listed["passkeys"]] == ["手机"]
    assert listed["passkeys"][0]["used_at"] is not None
    assert facts(bench, account) == ["registered", "signed_in"]


@pytest.mark.both_engines
def test_neither_the_rows_nor_the_ledger_tell_the_device_s_name(
    bench: Bench, account: Account
) -> None:
    browser = with_password(bench, account)
    assert register(browser, Device(), "张三的手机").status_code == 201
    assert "张三的手机".encode() not in everything(bench.house.database)
    assert browser.get("/api/passkeys").json()["passkeys"][0]["label"] == "张三的手机"


def test_an_answer_given_to_another_site_is_refused(bench: Bench, device: Device) -> None:
    browser = at_home(bench)
    for origin, rp_id in (
        ("https://1ocalhost.example", "localhost"),
        ("http://localhost:9999", "localhost"),
        (HOME, "1ocalhost.example"),
    ):
        device.origin, device.rp_id = origin, rp_id
        refused = enter(browser, device)
        assert (refused.status_code, code_of(refused)) == (403, "passkeys.wrong_site")
    assert browser.get("/api/me").json()["account"] is None


def test_a_key_made_on_another_site_is_not_taken(bench: Bench, account: Account) -> None:
    browser = with_password(bench, account)
    refused = register(browser, Device(origin="https://elsewhere.example", rp_id="elsewhere"))
    assert (refused.status_code, code_of(refused)) == (403, "passkeys.wrong_site")
    assert facts(bench, account) == []


def test_a_relay_that_says_another_host_finds_no_key(bench: Bench, device: Device) -> None:
    relay = bench.browser(base_url="https://relay.example")
    device.origin, device.rp_id = "https://relay.example", "relay.example"
    refused = enter(relay, device)
    assert (refused.status_code, code_of(refused)) == (401, "passkeys.unknown")


def test_a_device_that_did_not_ask_its_owner_is_refused(
    bench: Bench, account: Account, device: Device
) -> None:
    device.asks_owner = False
    refused = enter(at_home(bench), device)
    assert (refused.status_code, code_of(refused)) == (403, "passkeys.person_not_verified")
    refused = register(with_password(bench, account), Device(asks_owner=False))
    assert (refused.status_code, code_of(refused)) == (403, "passkeys.person_not_verified")


def test_an_answer_works_once(bench: Bench, device: Device) -> None:
    browser = at_home(bench)
    answer = device.agrees(question(browser))
    assert browser.post("/api/passkeys/sign-in", json=answer).status_code == 200
    again = bench.browser(base_url=HOME).post("/api/passkeys/sign-in", json=answer)
    assert (again.status_code, code_of(again)) == (410, "passkeys.challenge_unknown")


def test_a_refused_answer_uses_its_question_up(bench: Bench, device: Device) -> None:
    browser = at_home(bench)
    asked = question(browser)
    device.asks_owner = False
    assert browser.post("/api/passkeys/sign-in", json=device.agrees(asked)).status_code == 403
    device.asks_owner = True
    again = browser.post("/api/passkeys/sign-in", json=device.agrees(asked))
    assert code_of(again) == "passkeys.challenge_unknown"


def test_a_question_is_good_for_five_minutes(bench: Bench, device: Device) -> None:
    browser = at_home(bench)
    asked = question(browser)
    bench.clock.advance(CHALLENGE_LIFE)
    late = browser.post("/api/passkeys/sign-in", json=device.agrees(asked))
    assert code_of(late) == "passkeys.challenge_unknown"


def test_a_question_is_for_one_person_and_one_act(bench: Bench, account: Account) -> None:
    mine, other = with_password(bench, account), with_password(bench, bench.an_account())
    for asked in (
        other.post("/api/passkeys/registration").json()["public_key"],
        question(mine) | {"user": {"id": ""}},
    ):
        refused = mine.post("/api/passkeys", json=Device().makes(asked))
        assert (refused.status_code, code_of(refused)) == (410, "passkeys.challenge_unknown")


@pytest.mark.parametrize("cause", ["never registered", "removed", "closed account", "other owner"])
def test_a_key_that_opens_nothing_says_one_thing(
    bench: Bench, account: Account, device: Device, cause: str
) -> None:
    if cause == "never registered":
        device = Device()
    elif cause == "removed":
        browser = with_password(bench, account)
        assert browser.post(f"/api/passkeys/{device.id}/remove").json()["passkeys"] == []
    elif cause == "closed account":
        bench.house.accounts.disable(account.id, "left", by=AccountId("ac_other"))
    else:
        device.owner = "YWNfb3RoZXI"
    refused = enter(at_home(bench), device)
    assert (refused.status_code, code_of(refused)) == (401, "passkeys.unknown")


def test_a_signature_by_another_key_opens_nothing(bench: Bench, device: Device) -> None:
    forger = Device(raw_id=device.raw_id, owner=device.owner)
    refused = enter(at_home(bench), forger)
    assert (refused.status_code, code_of(refused)) == (422, "passkeys.unreadable")


def test_a_copy_of_a_device_that_counts_is_noticed(bench: Bench, account: Account) -> None:
    device = Device(count=7)
    assert register(with_password(bench, account), device).status_code == 201
    copy = Device(key=device.key, raw_id=device.raw_id, count=7, owner=device.owner)
    browser = at_home(bench)
    assert enter(browser, device).status_code == 200
    refused = enter(at_home(bench), copy)
    assert (refused.status_code, code_of(refused)) == (403, "passkeys.counter_went_back")
    assert facts(bench, account)[-1] == "counter_went_back"


@pytest.mark.parametrize("field", ["client_data", "authenticator_data", "signature"])
def test_rubbish_is_refused(bench: Bench, device: Device, field: str) -> None:
    browser = at_home(bench)
    answer = device.agrees(question(browser)) | {field: "AAAA"}
    refused = browser.post("/api/passkeys/sign-in", json=answer)
    assert (refused.status_code, code_of(refused)) == (422, "passkeys.unreadable")


def test_a_rubbish_key_is_refused(bench: Bench, account: Account) -> None:
    browser = with_password(bench, account)
    asked = browser.post("/api/passkeys/registration").json()["public_key"]
    refused = browser.post("/api/passkeys", json=Device().makes(asked) | {"attestation": "oA"})
    assert (refused.status_code, code_of(refused)) == (422, "passkeys.unreadable")


def test_one_device_is_registered_once_and_not_without_end(
    bench: Bench, account: Account, device: Device
) -> None:
    browser = with_password(bench, account)
    asked = browser.post("/api/passkeys/registration").json()["public_key"]
    assert [one["id"] for one in asked["excludeCredentials"]] == [device.id]
    assert code_of(register(browser, device)) == "passkeys.taken"
    for _ in range(MOST - 1):
        assert register(browser, Device()).status_code == 201
    assert code_of(browser.post("/api/passkeys/registration")) == "passkeys.too_many"


def test_trying_one_key_again_and_again_is_stopped_like_a_password(
    bench: Bench, device: Device
) -> None:
    browser, forger = at_home(bench), Device(raw_id=device.raw_id, owner=device.owner)
    codes = [code_of(enter(browser, forger)) for _ in range(7)]
    assert codes == ["passkeys.unreadable"] * 6 + ["accounts.too_many_attempts"]


def test_a_flood_of_questions_is_stopped(bench: Bench) -> None:
    browser = at_home(bench)
    codes = {browser.post("/api/passkeys/question").status_code for _ in range(121)}
    assert codes == {200, 429}


def test_a_stolen_password_opens_nothing_where_the_owner_asks_for_a_passkey(
    bench: Bench, account: Account, device: Device
) -> None:
    browser = at_home(bench)
    assert enter(browser, device).status_code == 200
    assert browser.post("/api/passkeys/only", json={"only": True}).json()["only"] is True
    thief, body = at_home(bench), {"username": account.username, "password": PASSWORD}
    refused = thief.post("/api/sign-in", json=body)
    assert (refused.status_code, code_of(refused)) == (403, "passkeys.required")
    assert not thief.cookies
    guess = thief.post("/api/sign-in", json=body | {"password": "a guess"})
    assert code_of(guess) == "accounts.wrong_password"
    assert enter(at_home(bench), device).status_code == 200
    last = browser.post(f"/api/passkeys/{device.id}/remove")
    assert (last.status_code, code_of(last)) == (409, "passkeys.last_one")
    assert browser.post("/api/passkeys/only", json={"only": False}).json()["only"] is False
    assert thief.post("/api/sign-in", json=body).status_code == 200
    assert facts(bench, account).count("required") == 1


def test_only_with_a_passkey_needs_one(bench: Bench, account: Account) -> None:
    refused = with_password(bench, account).post("/api/passkeys/only", json={"only": True})
    assert (refused.status_code, code_of(refused)) == (409, "passkeys.none_yet")


def test_nobody_removes_another_person_s_key(bench: Bench, device: Device) -> None:
    stranger = with_password(bench, bench.an_account())
    refused = stranger.post(f"/api/passkeys/{device.id}/remove")
    assert (refused.status_code, code_of(refused)) == (401, "passkeys.unknown")
    assert enter(at_home(bench), device).status_code == 200


def test_the_ledger_holds_a_mark_and_not_the_key(bench: Bench, device: Device) -> None:
    with bench.house.books.read() as book:
        bodies = [one.body for one in book.entries(STREAM) if one.type == "passkey.registered"]
    assert [body["passkey"] for body in bodies if body] == [mark(device.id)]
    assert device.id not in str(bodies)


@pytest.mark.parametrize(
    ("public_origin", "scheme", "host", "site"),
    [
        ("", "http", "localhost:8000", Site("http://localhost:8000", "localhost")),
        ("", "https", "draw.example", Site("https://draw.example", "draw.example")),
        ("https://a.example/", "http", "10.0.0.7:8000", Site("https://a.example", "a.example")),
        ("", "http", "draw.example", None),
        ("", "http", "127.0.0.1:8000", None),
        ("", "https", "192.0.2.7", None),
        ("", "https", "[::1]:8000", None),
        ("", "https", "", None),
    ],
)  # fmt: skip
def test_a_site_is_a_name_over_tls_or_this_machine(
    public_origin: str, scheme: str, host: str, site: Site | None
) -> None:
    if site is None:
        with pytest.raises(NoSite):
            site_of(public_origin, scheme, host)
    else:
        assert site_of(public_origin, scheme, host) == site


def test_open_questions_are_bounded_and_late_ones_make_room(bench: Bench) -> None:
    kept = Challenges(bench.clock, most=2)
    first = kept.ask(Purpose.SIGN_IN, None)
    kept.ask(Purpose.SIGN_IN, None)
    with pytest.raises(TooManyChallenges):
        kept.ask(Purpose.SIGN_IN, None)
    kept.spend(first, Purpose.SIGN_IN, None)
    kept.ask(Purpose.SIGN_IN, None)
    bench.clock.advance(CHALLENGE_LIFE + timedelta(seconds=1))
    late = kept.ask(Purpose.REGISTER, "ac_1")
    with pytest.raises(ChallengeUnknown):
        kept.spend(late, Purpose.REGISTER, "ac_2")
