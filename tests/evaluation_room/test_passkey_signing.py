"""The report signed with one's own device: over these very words, and again in the export."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app import cli_ledger, replies
from evaluation_room import signing_routes
from evaluation_room.confirmations import first_unconfirmed, holds
from evaluation_room.core import commands as wishes
from evaluation_room.core import events as facts
from evaluation_room.core import statements
from evaluation_room.core.values import Phase
from foundation.auth.passkey_schemas import NewKeyIn
from foundation.auth.passkey_site import Site
from foundation.auth.passkeys import Passkeys
from foundation.auth.principal import Principal
from foundation.ledger.verify_export import verify_export
from foundation.settings import Settings
from tests.app.bench import code_of
from tests.evaluation_room.bench import RoomBench
from tests.evaluation_room.test_report import report, words
from tests.foundation.auth.device import Device

HOME = "http://localhost"


@pytest.fixture
def passkeys(bench: RoomBench) -> Passkeys:
    return Passkeys(bench.books, bench.keys, bench.accounts)


@pytest.fixture
def client(bench: RoomBench, passkeys: Passkeys) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(signing_routes.router)
    replies.install(app)
    app.state.rooms, app.state.accounts = bench.rooms, bench.accounts
    app.state.passkeys, app.state.settings = passkeys, Settings()
    with TestClient(app, base_url=HOME) as made:
        yield made


@pytest.fixture
def seats(bench: RoomBench) -> dict[str, Principal]:
    """A room whose report waits to be signed."""
    bench.score(found := bench.open())
    bench.act(found["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    return found


def owned(passkeys: Passkeys, who: Principal, **more: Any) -> Device:
    """A device that is registered for this person."""
    device, site = Device(**more), Site(HOME, "localhost")
    made = NewKeyIn(**device.makes(passkeys.registration(who.account_id, site)))
    passkeys.register(who.account_id, made.plain(), made.label, site)
    return device


def wish(bench: RoomBench, reasons: str = "") -> dict[str, str]:
    assert bench.room.report is not None
    told = {"type": "room.sign_report", "report_sha256": bench.room.report.sha256}
    return told | {"type": "room.dissent_report", "reasons": reasons} if reasons else told


def headers(bench: RoomBench, who: Principal) -> dict[str, str]:
    token = bench.accounts.sign_ins.begin_tab(who.account_id, who.role).access
    return {"Authorization": f"Bearer {token}"}


def ask(client: TestClient, bench: RoomBench, who: Principal, wished: dict[str, str]) -> Any:
    door = f"/api/evaluations/{bench.id}/report/question"
    return client.post(door, json={"wish": wished}, headers=headers(bench, who))


def sign(client: TestClient, bench: RoomBench, who: Principal, told: dict[str, Any]) -> Any:
    door = f"/api/evaluations/{bench.id}/report/signature"
    return client.post(door, json={"id": "k-passkey"} | told, headers=headers(bench, who))


def confirmed(bench: RoomBench) -> list[facts.ReportSigned | facts.ReportDissented]:
    found = [one.event for one in bench.rooms.hub.facts(bench.id)]
    kinds = (facts.ReportSigned, facts.ReportDissented)
    return [one for one in found if isinstance(one, kinds) and one.passkey is not None]


@pytest.mark.parametrize("reasons", ["", "业绩认定有误"])
def test_a_device_signs_the_very_statement_and_the_export_shows_it(
    bench: RoomBench,
    client: TestClient,
    passkeys: Passkeys,
    seats: dict[str, Principal],
    reasons: str,
) -> None:
    who, wished = seats["e1"], wish(bench, reasons)
    device = owned(passkeys, who)
    asked = ask(client, bench, who, wished).json()["public_key"]
    assert [one["id"] for one in asked["allowCredentials"]] == [device.id]
    done = sign(client, bench, who, {"wish": wished, "passkey": device.agrees(asked)})
    assert done.status_code == 200, done.text

    [event] = confirmed(bench)
    assert event.passkey is not None
    act = "dissent" if reasons else "sign"
    told = statements.report(
        act, bench.id, "e1", report_sha256=event.report_sha256, head=event.head, reasons=reasons
    )
    assert holds(event.passkey, told)
    assert not holds(event.passkey, told + b" ")
    data = bench.rooms.reading.export(bench.id)
    assert verify_export(data, bench.rooms.log_key).sound
    assert first_unconfirmed(data) is None
    assert cli_ledger._of_export(data, bench.rooms.log_key).sound


def test_the_report_names_the_key_that_confirmed_a_signature(
    bench: RoomBench, client: TestClient, passkeys: Passkeys, seats: dict[str, Principal]
) -> None:
    who, wished = seats["e1"], wish(bench)
    device = owned(passkeys, who)
    asked = ask(client, bench, who, wished).json()["public_key"]
    sign(client, bench, who, {"wish": wished, "passkey": device.agrees(asked)})
    for other in (one for seat, one in seats.items() if seat != "e1"):
        bench.act(other, wishes.SignReport(report_sha256=wished["report_sha256"]))
    bench.act(bench.clerk, wishes.Advance(leaving=Phase.REPORT))

    [event] = confirmed(bench)
    assert event.passkey is not None
    told = "".join(words(report(bench)).split())
    assert told.count("本人通行密钥确认") == 1
    assert event.passkey.passkey in told


def test_a_confirmation_for_other_words_is_found_in_an_export(
    bench: RoomBench, client: TestClient, passkeys: Passkeys, seats: dict[str, Principal]
) -> None:
    who, wished = seats["e1"], wish(bench)
    device = owned(passkeys, who)
    asked = ask(client, bench, who, wished).json()["public_key"]
    assert sign(client, bench, who, {"wish": wished, "passkey": device.agrees(asked)}).is_success
    export = json.loads(bench.rooms.reading.export(bench.id))
    entry = export["entries"][-1]
    body = json.loads(bytes.fromhex(entry["body"]))
    for change in ({"seat": "e2"}, {"head": "00" * 32}, {"passkey": {"origin": HOME}}):
        entry["body"] = (
            json.dumps(body | change, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            .encode()
            .hex()
        )
        assert first_unconfirmed(json.dumps(export).encode()) == entry["index"]


def test_who_has_no_passkey_signs_as_before(
    bench: RoomBench, client: TestClient, seats: dict[str, Principal]
) -> None:
    who = seats["e1"]
    refused = ask(client, bench, who, wish(bench))
    assert (refused.status_code, code_of(refused)) == (409, "passkeys.none_yet")
    bench.act(who, wishes.SignReport(report_sha256=wish(bench)["report_sha256"]))
    assert confirmed(bench) == []
    assert first_unconfirmed(bench.rooms.reading.export(bench.id)) is None


@pytest.mark.parametrize(
    "case",
    [
        ("other words", "passkeys.statement_moved"),
        ("somebody signed", "passkeys.statement_moved"),
        ("other site", "passkeys.wrong_site"),
        ("owner not asked", "passkeys.person_not_verified"),
        ("other person", "passkeys.unknown"),
        ("copied", "passkeys.counter_went_back"),
    ],
    ids=lambda case: str(case[0]),
)
def test_a_confirmation_that_does_not_fit_signs_nothing(
    bench: RoomBench,
    client: TestClient,
    passkeys: Passkeys,
    seats: dict[str, Principal],
    case: tuple[str, str],
) -> None:
    fault, code = case
    who, wished = seats["e1"], wish(bench)
    device = owned(passkeys, who, count=5 if fault == "copied" else 0)
    asked = ask(client, bench, who, wished).json()["public_key"]
    match fault:
        case "other words":
            wished = wish(bench, "业绩认定有误")
        case "somebody signed":
            bench.act(seats["e2"], wishes.SignReport(report_sha256=wished["report_sha256"]))
        case "other site":
            device.origin = "https://elsewhere.example"
        case "owner not asked":
            device.asks_owner = False
        case "other person":
            device = owned(passkeys, seats["e2"])
        case "copied":
            device.count = 3
    refused = sign(client, bench, who, {"wish": wished, "passkey": device.agrees(asked)})
    assert code_of(refused) == code
    assert confirmed(bench) == []
    seat = bench.room.seat("e1")
    assert seat is not None
    assert seat.signature is None


def test_a_clerk_has_nothing_to_sign(
    bench: RoomBench, client: TestClient, seats: dict[str, Principal]
) -> None:
    assert code_of(ask(client, bench, bench.clerk, wish(bench))) == "room.no_place"
