"""The whole day over HTTP: applicant, two holders' programs, experts, supervisor, stranger."""

import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from classification.service import ClassificationService
from draw_engine.core.checks.case import Asked
from draw_engine.core.verification import verify
from draw_engine.holder import DeskRefused, DeskUnreachable, HttpDesk, Stop, main, only_one
from draw_engine.holder_file import HolderFile
from draw_engine.holder_work import Person, ShareHolder
from draw_engine.pool_generate import generate
from draw_engine.schemas import zulu
from draw_engine.verify_log import log_at
from foundation.auth.roles import Role
from foundation.auth.sign_ins import ACCESS_LIFE
from foundation.clock import seconds
from tests.app.bench import Bench, a_bench, code_of
from tests.app.serving import served

PASSPHRASE = "a long enough passphrase"
WITNESS = "supervisor.example/w"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with a_bench(tmp_path / "home", demonstration=True) as bench:
        people = generate(ClassificationService.load(), 400, 1, date(2026, 11, 23))
        bench.house.pool.importer.enrol(list(people), "act_pool")
        yield bench


def test_a_replaced_key_works_no_more_and_a_token_is_renewed_by_the_key(
    bench: Bench, tmp_path: Path
) -> None:
    day = Day(bench, tmp_path)
    desk = day.desks["centre"]
    desk.duties(None)
    bench.clock.advance(ACCESS_LIFE)
    desk.duties(None)  # the token is over; the program has signed in by its key again

    other = HolderFile.make(tmp_path / "other.holder", "centre", PASSPHRASE)
    body = {"party": "centre", "body": "Body of centre", "home": "own"}
    body |= {"key": other.public_key.hex()}
    administrator = bench.signed_in(Role.ADMINISTRATOR)
    former = day.files["centre"].public_key.hex()
    issued = bench.house.accounts.issue_custodian_token("centre", former)
    head = {"Authorization": f"Bearer {issued.access}"}
    stranger = bench.browser()
    assert stranger.get("/api/holders/duties", headers=head).status_code == 200
    assert administrator.post("/api/holders", json=body).status_code == 201
    assert stranger.get("/api/holders/duties", headers=head).status_code == 401
    with pytest.raises(DeskRefused):
        desk.duties(None)
    assert day.desks["supervisor"].duties(None)["tips"] == []


class Day:
    """People and programs around one service."""

    def __init__(self, bench: Bench, home: Path) -> None:
        self.bench = bench
        self.told: list[str] = []
        self.owner = bench.an_account(Role.OWNER_REPRESENTATIVE).id
        self.files = {
            party: HolderFile.make(home / f"{party}.holder", party, PASSPHRASE)
            for party in ("centre", "supervisor")
        }
        administrator = bench.signed_in(Role.ADMINISTRATOR)
        for party, file in self.files.items():
            body = {"party": party, "body": f"Body of {party}", "home": "own"}
            body |= {"key": file.public_key.hex()}
            body |= {"witness_name": WITNESS} if party == "supervisor" else {}
            assert administrator.post("/api/holders", json=body).status_code == 201
        self.desks = {party: HttpDesk(bench.browser(), file) for party, file in self.files.items()}
        person = Person(lambda *_: True, self.told.append)
        self.holders = {}
        for party, desk in self.desks.items():
            desk.sign_in()
            self.holders[party] = ShareHolder(
                self.files[party], person, lambda: seconds(bench.clock.now()), desk.witness
            )

    def settle(self) -> None:
        for _ in range(20):
            self.bench.house.draw.draws.take_snapshot(self.bench.clock.now())
            self.bench.house.draw.draws.tick(self.bench.clock.now())
            if not sum(self.holders[party].round(self.desks[party]) for party in self.holders):
                return

    def request(self) -> dict[str, Any]:
        now = self.bench.clock.now()
        return {
            "request_key": "a-key-of-the-page",
            "project_code": "EX-2026-001",
            "project_name": "Example road",
            "section": "1",
            "regime": "ZB",
            "purpose": "EVALUATE",
            "slots": [{"codes": ["2018:A08"], "seats": 4, "regions": []}],
            "committee_size": 5,
            "owner_representatives": [self.owner],
            "parties": [
                {
                    "kind": "procuring_entity",
                    "unified_credit_code": "91110000GEN99901X2",
                    "name": "Example entity",
                }
            ],
            "draw_at": zulu(now + timedelta(minutes=5)),
            "latest_draw_at": zulu(now + timedelta(minutes=30)),
            "starts_at": zulu(now + timedelta(hours=2)),
            "unseal_after": zulu(now + timedelta(hours=3)),
            "place": "Room 1",
            "contact": "Desk 1",
        }


def test_a_day_over_http(bench: Bench, tmp_path: Path) -> None:
    day = Day(bench, tmp_path)
    applicant, supervisor = bench.signed_in(Role.APPLICANT), bench.signed_in(Role.SUPERVISOR)
    checked = applicant.post("/api/draws/check", json=day.request()).json()
    assert checked["admissible"], checked
    assert set(checked["slots"][0]) == {"band", "refusal"}

    filed = applicant.post("/api/draws", json=day.request())
    assert filed.status_code == 202
    draw_id = filed.json()["id"]
    assert applicant.post("/api/draws", json=day.request()).json()["id"] == draw_id
    day.settle()
    bench.clock.advance(timedelta(minutes=6))
    day.settle()
    shown = applicant.get(f"/api/draws/{draw_id}").json()
    assert (shown["state"], day.told) == ("inviting", [])
    assert shown["checkpoint"]["cosigned"] == 1
    assert [one["given"] for one in shown["shares"]] == [False, True, True]
    for paper in ("bundle", "certificate"):
        refused = bench.browser().get(f"/api/public/draws/{draw_id}/{paper}")
        assert (refused.status_code, code_of(refused)) == (404, "draw.not_published")

    for n in range(4):
        expert = _expert(bench, n)
        (invitation,) = expert.get("/api/inbox").json()["invitations"]
        assert not {"project_name", "project_code", "section"} & set(invitation)
        path = f"/api/inbox/{invitation['id']}/answer"
        answered = expert.post(path, json={"answer": "accept"})
        assert answered.json()["invitations"][0]["state"] == "accepted"
    seen = supervisor.get(f"/api/supervisor/draws/{draw_id}").json()
    assert seen["draw"]["state"] == "sealed"
    assert seen["committee"] is None
    assert seen["funnel"][0]["n"] == 400
    recomputed = supervisor.post(f"/api/supervisor/draws/{draw_id}/recompute").json()
    assert {one["outcome"] for one in recomputed["checks"]} == {"ok"}
    names = supervisor.post(
        f"/api/supervisor/draws/{draw_id}/names", json={"reason": "check-in is complete"}
    ).json()["members"]
    assert len({one["expert_id"] for one in names}) == 4

    bench.clock.advance(timedelta(hours=4))
    for _ in range(3):
        day.settle()
        bench.clock.advance(timedelta(seconds=3))
    stranger = bench.browser()
    assert [one["state"] for one in stranger.get("/api/public/draws").json()["draws"]] == [
        "unsealed"
    ]
    bundle = stranger.get(f"/api/public/draws/{draw_id}/bundle").content
    supervisor = bench.signed_in(Role.SUPERVISOR)
    identities = supervisor.get(f"/api/supervisor/draws/{draw_id}/identities").content
    assert verify(bundle, Asked(test=True, identities=identities)).exit_code == 0
    assert not [one["name"] for one in names if one["name"].encode() in bundle]
    certificate = stranger.get(f"/api/public/draws/{draw_id}/certificate")
    assert certificate.headers["content-type"] == "application/pdf"
    assert certificate.content.startswith(b"%PDF-")
    with served(bench.app) as address:
        on_line = verify(bundle, Asked(test=True, log=log_at(f"{address}/log")))
    assert (on_line.word, on_line.rows[-1].outcome) == ("passed", "passed")


def test_an_applicant_sees_neither_names_nor_another_applicant_s_draw(
    bench: Bench, tmp_path: Path
) -> None:
    day = Day(bench, tmp_path)
    draw_id = bench.signed_in(Role.APPLICANT).post("/api/draws", json=day.request()).json()["id"]

    other = bench.signed_in(Role.APPLICANT)

    assert code_of(other.get(f"/api/draws/{draw_id}")) == "draw.not_yours"
    assert other.get("/api/draws").json() == {"draws": []}
    assert other.get(f"/api/supervisor/draws/{draw_id}").status_code == 403
    names = other.post(f"/api/supervisor/draws/{draw_id}/names", json={"reason": "curious"})
    assert names.status_code == 403


def test_a_challenge_serves_once_and_only_its_key(bench: Bench, tmp_path: Path) -> None:
    day = Day(bench, tmp_path)
    file, browser = day.files["centre"], bench.browser()
    key = file.public_key.hex()
    stranger = HolderFile.make(tmp_path / "x.holder", "centre", PASSPHRASE)
    asked = browser.post("/api/holders/challenge", json={"key": key}).json()["challenge"]
    signature = file.key.sign(b"BDP1-service/sign-in\0" + bytes.fromhex(asked)).hex()
    body = {"key": key, "challenge": asked, "signature": signature}

    first, second = (browser.post("/api/holders/sign-in", json=body) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 409)
    with pytest.raises(DeskRefused):
        HttpDesk(bench.browser(), stranger).sign_in()


def test_a_program_outlives_a_service_that_does_not_answer(bench: Bench, tmp_path: Path) -> None:
    day = Day(bench, tmp_path)

    class Dead(TestClient):
        def request(self, *_: Any, **__: Any) -> Any:
            import httpx2

            raise httpx2.ConnectError("nobody there")

    desk = HttpDesk(Dead(bench.app), day.files["centre"])

    with pytest.raises(DeskUnreachable):
        desk.duties(None)


def test_only_one_program_works_with_a_file(tmp_path: Path) -> None:
    file = HolderFile.make(tmp_path / "centre.holder", "centre", PASSPHRASE)
    entered = threading.Event()
    stop = Stop()

    def second() -> None:
        with only_one(file, stop):
            if not stop.is_set():
                entered.set()

    with only_one(file, Stop()):
        other = threading.Thread(target=second)
        other.start()
        assert not entered.wait(0.3)
        stop.set()
        other.join(5)
    assert not entered.is_set()


def test_a_signal_at_any_instruction_ends_the_program() -> None:
    """A handler may run in the middle of `wait`: with `threading.Event` this hangs in seconds."""
    before = signal.getsignal(signal.SIGALRM)
    try:
        for turn in range(5000):
            with closing(Stop()) as stop:
                signal.signal(signal.SIGALRM, lambda *_, asked=stop: asked.set())
                signal.setitimer(signal.ITIMER_REAL, (1 + turn % 97) * 1e-6)
                while not stop.is_set():
                    stop.wait(1e-6)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_init_prints_the_public_key_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    command = ["init", "--party", "centre", "--home", str(tmp_path)]
    command += ["--passphrase-file", str(tmp_path / "passphrase")]

    first = main(command)
    printed = capsys.readouterr().out.strip()

    assert first == 0
    assert printed == HolderFile.open(tmp_path / "centre.holder", PASSPHRASE).public_key.hex()
    assert main(command) == 2


def _expert(bench: Bench, n: int) -> TestClient:
    expert_id = bench.house.draw.vault.demo_expert(n)
    assert expert_id is not None
    account = bench.house.accounts.ensure_expert(expert_id)
    link = bench.house.accounts.issue_link(account.id, by=None)
    password = "correct horse battery"
    bench.house.accounts.set_password(link.token, password)
    browser = bench.browser()
    body = {"username": account.username, "password": password}
    assert browser.post("/api/sign-in", json=body).status_code == 200
    return browser
