"""A lost device: one vouches, another signs, and only both together make a new key."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from foundation.auth.accounts import STREAM, Account
from foundation.auth.passkey_errors import OwnLoss
from foundation.auth.passkey_losses import LINK_LIFE
from foundation.auth.roles import Role
from foundation.ids import AccountId
from tests.app.bench import Bench, code_of, identity
from tests.foundation.auth.device import Device
from tests.foundation.auth.test_passkeys import (
    at_home,
    enter,
    facts,
    register,
    with_password,
)

GROUNDS = {"ground": "lost", "identity": "id_card"}


@pytest.fixture
def person(bench: Bench) -> Account:
    """An expert whose device will be gone."""
    return bench.an_account(Role.EXPERT)


@pytest.fixture
def device(bench: Bench, person: Account) -> Device:
    """The expert's device."""
    made = Device()
    assert register(with_password(bench, person), made).status_code == 201
    return made


@pytest.fixture
def clerk(bench: Bench) -> TestClient:
    """The clerk at the desk."""
    return with_password(bench, bench.an_account(Role.CLERK, "clerk-one"))


@pytest.fixture
def supervisor(bench: Bench) -> TestClient:
    """The supervisor."""
    return with_password(bench, bench.an_account(Role.SUPERVISOR, "supervisor-one"))


def open_loss(clerk: TestClient, person: Account) -> Any:
    """What the service answers to a clerk who vouches."""
    return clerk.post("/api/passkey-losses", json={"username": person.username, **GROUNDS})


def decide(supervisor: TestClient, loss_id: str, *, signed: bool = True) -> Any:
    """What the service answers to the second signature."""
    return supervisor.post(f"/api/passkey-losses/{loss_id}/decision", json={"signed": signed})


def token_of(answer: Any) -> str:
    """The token in a link."""
    return str(answer.json()["link"]).rsplit("/", 1)[1]


def reissue(browser: TestClient, token: str, device: Device) -> Any:
    """What the service answers to who uses the link."""
    asked = browser.post(f"/api/passkey-links/{token}/registration")
    if asked.status_code != 200:
        return asked
    made = device.makes(asked.json()["public_key"])
    return browser.post(f"/api/passkey-links/{token}", json=made)


@pytest.mark.both_engines
def test_both_together_end_the_old_key_and_make_a_new_one(
    bench: Bench, person: Account, device: Device, clerk: TestClient, supervisor: TestClient
) -> None:
    thief = at_home(bench)
    assert enter(thief, device).status_code == 200
    loss = open_loss(clerk, person).json()["id"]
    assert thief.get("/api/passkeys").status_code == 200
    assert decide(supervisor, loss).json()["decision"] == "signed"
    assert thief.get("/api/passkeys").status_code == 401
    assert code_of(enter(at_home(bench), device)) == "passkeys.unknown"

    token = token_of(clerk.post(f"/api/passkey-losses/{loss}/link"))
    home, new = at_home(bench), Device()
    assert home.get(f"/api/passkey-links/{token}").json()["username"] == person.username
    assert reissue(home, token, new).status_code == 201
    assert enter(home, new).json()["account"]["id"] == person.id
    (listed,) = supervisor.get("/api/passkey-losses").json()["losses"]
    assert listed["used_at"] is not None
    assert facts(bench, person) == [
        *("registered", "signed_in", "loss_opened", "loss_signed", "revoked"),
        *("link_handed_over", "registered", "reissued", "signed_in"),
    ]


def test_the_entries_say_who_did_which_part(
    bench: Bench, person: Account, device: Device, clerk: TestClient, supervisor: TestClient
) -> None:
    decide(supervisor, open_loss(clerk, person).json()["id"])
    with bench.house.books.read() as book:
        said = {one.type: one.body for one in book.entries(STREAM) if one.body}
    by = {name: bench.house.accounts.by_username(f"{name}-one") for name in ("clerk", "supervisor")}
    assert by["clerk"]
    assert by["supervisor"]
    opened, signed = said["passkey.loss_opened"], said["passkey.loss_signed"]
    assert (opened["by"], signed["by"]) == (by["clerk"].id, by["supervisor"].id)
    assert (opened["ground"], opened["identity"]) == ("lost", "id_card")
    assert said["passkey.revoked"]["account_id"] == person.id


def test_no_part_is_done_out_of_turn(
    person: Account, device: Device, clerk: TestClient, supervisor: TestClient
) -> None:
    loss = open_loss(clerk, person).json()["id"]
    assert code_of(clerk.post(f"/api/passkey-losses/{loss}/link")) == "passkeys.loss_not_signed"
    assert code_of(open_loss(clerk, person)) == "passkeys.loss_open"
    assert code_of(decide(clerk, loss)) == "accounts.not_permitted"
    assert code_of(open_loss(supervisor, person)) == "accounts.not_permitted"
    refused = supervisor.post(f"/api/passkey-losses/{loss}/link")
    assert code_of(refused) == "accounts.not_permitted"
    assert code_of(decide(supervisor, "pl_none")) == "passkeys.loss_unknown"


def test_a_refused_request_leaves_the_key_and_gives_no_link(
    bench: Bench, person: Account, device: Device, clerk: TestClient, supervisor: TestClient
) -> None:
    loss = open_loss(clerk, person).json()["id"]
    assert decide(supervisor, loss, signed=False).json()["decision"] == "refused"
    assert code_of(decide(supervisor, loss)) == "passkeys.loss_settled"
    assert code_of(clerk.post(f"/api/passkey-losses/{loss}/link")) == "passkeys.loss_settled"
    assert enter(at_home(bench), device).status_code == 200


def test_nobody_vouches_or_signs_for_themselves(
    bench: Bench, clerk: TestClient, supervisor: TestClient
) -> None:
    own = bench.house.accounts.by_username("clerk-one")
    watcher = bench.house.accounts.by_username("supervisor-one")
    assert own
    assert watcher
    refused = open_loss(clerk, own)
    assert (refused.status_code, code_of(refused)) == (403, "passkeys.own_loss")
    loss = open_loss(clerk, watcher).json()["id"]
    refused = decide(supervisor, loss)
    assert (refused.status_code, code_of(refused)) == (403, "passkeys.own_loss")


def test_two_accounts_of_one_person_count_as_one(bench: Bench) -> None:
    accounts = bench.house.accounts
    one, other = (
        accounts.create(name, Role.CLERK, name, by=None, person_ref=identity(907))
        for name in ("first.clerk", "second.clerk")
    )
    with pytest.raises(OwnLoss):
        bench.house.losses.open(other.username, "lost", "id_card", by=one.id)


def test_the_link_is_shown_once_to_who_vouched_and_works_once_for_two_hours(
    bench: Bench, person: Account, device: Device, clerk: TestClient, supervisor: TestClient
) -> None:
    loss = open_loss(clerk, person).json()["id"]
    decide(supervisor, loss)
    colleague = with_password(bench, bench.an_account(Role.CLERK))
    assert code_of(colleague.post(f"/api/passkey-losses/{loss}/link")) == "passkeys.own_loss"
    token = token_of(clerk.post(f"/api/passkey-losses/{loss}/link"))
    assert code_of(clerk.post(f"/api/passkey-losses/{loss}/link")) == "passkeys.loss_settled"
    home = at_home(bench)
    assert reissue(home, token, Device()).status_code == 201
    again = reissue(home, token, Device())
    assert (again.status_code, code_of(again)) == (410, "passkeys.link_unknown")

    loss = open_loss(clerk, person).json()["id"]
    decide(supervisor, loss)
    token = token_of(clerk.post(f"/api/passkey-losses/{loss}/link"))
    bench.clock.advance(LINK_LIFE - timedelta(seconds=1))
    assert home.get(f"/api/passkey-links/{token}").status_code == 200
    bench.clock.advance(timedelta(seconds=1))
    assert code_of(reissue(home, token, Device())) == "passkeys.link_unknown"


def test_a_closed_account_gets_no_key(
    bench: Bench, person: Account, device: Device, clerk: TestClient, supervisor: TestClient
) -> None:
    loss = open_loss(clerk, person).json()["id"]
    decide(supervisor, loss)
    token = token_of(clerk.post(f"/api/passkey-losses/{loss}/link"))
    bench.house.accounts.disable(person.id, "left", by=AccountId("ac_other"))
    assert code_of(reissue(at_home(bench), token, Device())) == "passkeys.link_unknown"
    assert code_of(open_loss(clerk, person)) == "accounts.disabled"
