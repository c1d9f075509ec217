"""An expert's own data over HTTP: consents, corrections, export, erasure, letters."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.cli_ledger import recheck
from blacklist.core.facts import Decision
from classification.service import ClassificationService
from draw_engine.core import consents as words
from draw_engine.core.consents import Purpose, Text
from draw_engine.core.own_requests import Fact
from draw_engine.erasure import Ground
from draw_engine.own_rights import CONSENTS, REQUESTS
from draw_engine.pool_generate import generate
from foundation.auth.roles import Role
from foundation.clock import FixedClock
from foundation.ids import AccountId, ExpertId
from tests.app.bench import PASSWORD, Bench, a_bench, code_of
from tests.attacks.rows import tables_with

SUPERVISOR = AccountId("acc_supervisor")
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with a_bench(tmp_path / "home") as bench:
        people = generate(ClassificationService.load(), 20, 1, date(2026, 11, 23))
        bench.house.pool.importer.enrol(list(people), "act_pool")
        yield bench


def expert_of(bench: Bench, n: int = 0) -> tuple[ExpertId, TestClient]:
    """The n-th expert of the pool, signed in."""
    expert_id = sorted(bench.house.pool.pool.ids())[n]
    name = f"expert-of-pool-{n}"
    account = bench.house.accounts.create(name, Role.EXPERT, name, by=None, expert_id=expert_id)
    link = bench.house.accounts.issue_link(account.id, by=None)
    bench.house.accounts.set_password(link.token, PASSWORD)
    browser = bench.browser()
    answer = browser.post("/api/sign-in", json={"username": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return expert_id, browser


def leaves(bench: Bench, expert_id: ExpertId) -> str:
    register = bench.house.blacklist
    asked = register.exit_request(expert_id, "age", "", AccountId("acc_expert"))
    register.exit_decide(asked.id, Decision.GRANT, "as asked", SUPERVISOR)
    return asked.id


def bodies(bench: Bench, stream: str) -> list[dict[str, Any]]:
    with bench.house.books.read() as book:
        return [dict(one.body or {}) for one in book.entries(stream)]


def test_r_conf_7_a_consent_is_given_and_withdrawn_and_each_word_is_an_entry(bench: Bench) -> None:
    """R-CONF-7: asked for one by one, taken back as easily."""
    expert_id, browser = expert_of(bench)
    consents = bench.house.record.consents
    (shown,) = browser.get("/api/my/consents").json()["consents"]
    assert (shown["given"], shown["purpose"]) == (False, "share_credentials")
    assert not consents.given(expert_id, "share_credentials")

    path = "/api/my/consents/share_credentials"
    given = browser.post(path, json={"given": True, "version": shown["version"]})
    assert given.json()["consents"][0]["given"]
    assert consents.given(expert_id, "share_credentials")
    assert consents.givers("share_credentials") == [expert_id]
    again = browser.post(path, json={"given": True, "version": shown["version"]})
    assert len(again.json()["history"]) == 1
    browser.post(path, json={"given": False, "version": shown["version"]})

    assert not consents.given(expert_id, "share_credentials")
    assert consents.givers("share_credentials") == []
    every = bodies(bench, CONSENTS)
    assert [one["text"] for one in every] == [words.TEXTS[Purpose.SHARE_CREDENTIALS].hash] * 2
    assert [one["given"] for one in browser.get("/api/my/consents").json()["history"]] == [
        False,
        True,
    ]
    with bench.house.books.read() as book:
        folded = words.fold((one.type, one.body) for one in book.entries(CONSENTS))
    assert folded[expert_id][-1] == consents.of(expert_id)[Purpose.SHARE_CREDENTIALS]


def test_r_conf_7_another_wording_needs_another_consent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-CONF-7: what was agreed to is that wording."""
    expert_id, browser = expert_of(bench)
    path, purpose = "/api/my/consents/share_credentials", Purpose.SHARE_CREDENTIALS
    before = words.TEXTS[purpose]
    browser.post(path, json={"given": True, "version": before.version})

    after = Text("2027-01", before.basis, before.zh + "…", before.en + "…")
    monkeypatch.setattr("draw_engine.own_rights.TEXTS", {purpose: after})
    monkeypatch.setattr("draw_engine.own_schemas.TEXTS", {purpose: after})
    monkeypatch.setattr("draw_engine.core.consents.TEXTS", {purpose: after})

    assert not bench.house.record.consents.given(expert_id, purpose)
    assert code_of(browser.post(path, json={"given": True, "version": before.version})) == (
        "record.consent_changed"
    )
    browser.post(path, json={"given": True, "version": after.version})
    assert bench.house.record.consents.given(expert_id, purpose)


def test_r_conf_7_there_is_no_purpose_for_anything_of_the_body() -> None:
    """R-CONF-7: no face and no voice is measured, so there is nothing to agree to."""
    assert {one.value for one in Purpose} == {"share_credentials"}
    assert set(words.TEXTS) == set(Purpose)


def test_a_correction_is_asked_with_a_document_and_answered_once_with_a_reason(
    bench: Bench, tmp_path: Path
) -> None:
    expert_id, browser = expert_of(bench)
    manager = bench.signed_in(Role.POOL_MANAGER)
    file = {"file": ("proof.pdf", PDF, "application/pdf")}
    document = browser.post("/api/case-documents", files=file).json()["sha256"]
    body = {"fact": "phone", "text": "电话应为 13900001234", "document": document}

    asked = browser.post("/api/my/requests", json=body)
    assert asked.status_code == 201, asked.text
    assert code_of(browser.post("/api/my/requests", json=body)) == "record.request_waits"
    (seen,) = manager.get("/api/expert-requests").json()["requests"]
    assert (seen["text"], seen["expert_id"]) == ("电话应为 13900001234", expert_id)
    assert manager.get(f"/api/expert-requests/{seen['id']}/document").content == PDF
    path = f"/api/expert-requests/{seen['id']}/decide"
    done = manager.post(path, json={"outcome": "granted", "reason": "已核对，下次名单更正"})
    assert done.json()["outcome"] == "granted"
    assert code_of(manager.post(path, json={"outcome": "refused", "reason": "no"})) == (
        "record.request_decided"
    )

    (mine,) = browser.get("/api/my/requests").json()["requests"]
    assert (mine["outcome"], mine["reason"]) == ("granted", "已核对，下次名单更正")
    folded = bench.house.record.requests.folded()
    assert folded == {one.request.id: one.request for one in bench.house.record.requests.all()}
    # the words can name a person: no file holds them in the clear
    files = [*(tmp_path / "home").glob("*.db")]
    assert files
    assert [tables_with(file, ["13900001234"]) for file in files] == [set()] * len(files)


@pytest.mark.parametrize(
    "body",
    [
        {"fact": "phone", "text": "   "},
        {"fact": "phone", "text": "x", "document": "0" * 64},
    ],
)
def test_a_correction_without_words_or_with_a_paper_nobody_has_is_refused(
    bench: Bench, body: dict[str, str]
) -> None:
    _, browser = expert_of(bench)
    assert code_of(browser.post("/api/my/requests", json=body)) == "record.request_unfit"
    assert bodies(bench, REQUESTS) == []


def test_everything_known_of_an_expert_is_handed_over_and_nothing_of_it_stands_in_the_entry(
    bench: Bench,
) -> None:
    expert_id, browser = expert_of(bench)
    other = bench.house.pool.persons.get(sorted(bench.house.pool.pool.ids())[1])
    browser.post("/api/my/leave", json=a_leave())
    browser.post("/api/my/requests", json={"fact": "title", "text": "职称应为正高级工程师"})

    answer = browser.post("/api/my/export")

    assert answer.headers["content-type"] == "application/zip"
    assert expert_id not in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        told = json.loads(archive.read("own-data.json"))
        page = archive.read("own-data.html").decode()
    person = bench.house.pool.persons.get(expert_id)
    assert told["person"]["name"] == person.name
    assert told["standing"]["status"] == "leave"
    assert [one["text"] for one in told["requests"]] == ["职称应为正高级工程师"]
    assert set(told) == {
        *("person", "pool", "standing", "history", "cases", "answers"),
        *("consents", "requests", "draws"),
    }
    assert person.name in page
    assert "<script" not in page
    assert other.name not in page
    (entry,) = bodies(bench, "own-data")
    assert set(entry) == {"expert_id", "by", "at"}


def a_leave() -> dict[str, str]:
    return {"ground": "illness", "starts_on": "2026-11-23", "ends_on": "2026-12-20"}


def test_r_prin_6_an_exit_erases_nothing_and_erasure_has_its_day(bench: Bench) -> None:
    expert_id, browser = expert_of(bench)
    before = browser.get("/api/my/erasure").json()
    assert (before["possible"], before["code"], before["rule"]) == (
        False,
        "pool.erasure_needs_exit",
        "R-PRIN-6",
    )
    assert code_of(browser.post("/api/my/erasure")) == "pool.erasure_needs_exit"

    leaves(bench, expert_id)

    assert bench.house.pool.persons.get(expert_id).expert_id == expert_id
    assert bench.house.blacklist.standing(expert_id).status == "exited"
    assert browser.get("/api/my/erasure").json()["possible"]


def test_a_person_is_erased_on_the_own_wish_by_another_person(bench: Bench) -> None:
    expert_id, browser = expert_of(bench)
    browser.post("/api/my/requests", json={"fact": "name", "text": "我的名字写错了"})
    leaves(bench, expert_id)
    asked = browser.post("/api/my/erasure")
    assert asked.status_code == 201, asked.text
    assert browser.get("/api/my/erasure").json()["waits"]
    manager = bench.signed_in(Role.POOL_MANAGER)

    path = f"/api/expert-requests/{asked.json()['id']}/decide"
    done = manager.post(path, json={"outcome": "granted", "reason": "期限已满"})

    assert done.status_code == 200, done.text
    assert not bench.house.pool.pool.has(expert_id)
    every = manager.get("/api/expert-requests").json()["requests"]
    assert {one["text"] for one in every if one["expert_id"] == expert_id} == {""}
    assert bench.house.record.requests.folded()[asked.json()["id"]].outcome == "granted"
    assert recheck(bench.house.database, bench.house.settings, None).sound
    assert [one.expert_id for one in bench.house.blacklist.exits()] == [expert_id]


def test_an_erasure_that_crashed_behind_the_vault_is_ended_by_deciding_again(bench: Bench) -> None:
    expert_id, browser = expert_of(bench)
    leaves(bench, expert_id)
    id_ = browser.post("/api/my/erasure").json()["id"]
    manager = bench.signed_in(Role.POOL_MANAGER)
    bench.house.erasure.erase(expert_id, *erased_by())

    done = manager.post(
        f"/api/expert-requests/{id_}/decide", json={"outcome": "granted", "reason": "期限已满"}
    )

    assert done.json()["outcome"] == "granted"


def erased_by() -> tuple[Ground, str]:
    return Ground.ASKED, "acc_manager"


def test_the_letter_of_an_exit_is_printed_with_an_entry_and_no_name_outside_it(
    bench: Bench,
) -> None:
    expert_id, browser = expert_of(bench)
    supervisor = bench.signed_in(Role.SUPERVISOR)
    asked = bench.house.blacklist.exit_request(expert_id, "age", "", AccountId("acc_expert"))
    path = f"/api/exits/{asked.id}/letters"
    assert code_of(supervisor.post(f"{path}/unit")) == "record.letter_too_early"
    bench.house.blacklist.exit_decide(asked.id, Decision.GRANT, "as asked", SUPERVISOR)

    for answer in (
        supervisor.post(f"{path}/expert"),
        supervisor.post(f"{path}/unit"),
        browser.post(f"/api/my/exits/{asked.id}/letter"),
    ):
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(b"%PDF-")
        assert f'filename="letter-{asked.id}.pdf"' in answer.headers["content-disposition"]
    assert [one["what"] for one in bodies(bench, "letters")] == [
        *("exit_expert", "exit_unit", "exit_expert"),
    ]
    assert len({one["by"] for one in bodies(bench, "letters")}) == 2
    name = bench.house.pool.persons.get(expert_id).name
    assert name not in json.dumps(bodies(bench, "letters"), ensure_ascii=False)
    _, stranger = expert_of(bench, 1)
    assert code_of(stranger.post(f"/api/my/exits/{asked.id}/letter")) == "record.letter_unknown"


def test_letters_of_a_case_follow_its_steps(bench: Bench) -> None:
    expert_id, browser = expert_of(bench)
    manager = bench.signed_in(Role.POOL_MANAGER)
    report = {"expert_id": expert_id, "ground": "left_post", "text": "评标期间离开评标室。"}
    case = manager.post("/api/cases", json=report).json()["id"]
    own = f"/api/my/cases/{case}/letters"

    assert browser.post(f"{own}/notice").content.startswith(b"%PDF-")
    assert code_of(browser.post(f"{own}/decision")) == "record.letter_too_early"
    clock: FixedClock = bench.clock
    clock.advance(timedelta(days=12))
    decider, confirmer = bench.signed_in(Role.SUPERVISOR), bench.signed_in(Role.SUPERVISOR)
    decided = decider.post(f"/api/cases/{case}/decide", json=a_ruling())
    assert decided.status_code == 200, decided.text
    assert confirmer.post(f"/api/cases/{case}/confirm").status_code == 200
    browser = signed_in_again(bench)
    answer = browser.post(f"{own}/decision")
    assert answer.content.startswith(b"%PDF-"), answer.text
    assert confirmer.post(f"/api/cases/{case}/letters/decision").content.startswith(b"%PDF-")
    _, stranger = expert_of(bench, 1)
    assert stranger.post(f"{own}/notice").status_code == 404


def signed_in_again(bench: Bench) -> TestClient:
    browser = bench.browser()
    browser.post("/api/sign-in", json={"username": "expert-of-pool-0", "password": PASSWORD})
    return browser


def a_ruling() -> dict[str, Any]:
    terms = {
        "kind": "suspended",
        "ground": "left_post",
        "basis": "处理决定书 3 号",
        "deciding_body": "监督部门",
        "starts_on": "2026-12-05",
        "ends_on": "2027-03-05",
    }
    return {"ruling": "measure", "terms": terms, "text": "事实清楚。"}


OWN = [
    ("GET", "/api/my/consents"),
    ("POST", "/api/my/consents/share_credentials"),
    ("GET", "/api/my/requests"),
    ("POST", "/api/my/requests"),
    ("GET", "/api/my/erasure"),
    ("POST", "/api/my/erasure"),
    ("POST", "/api/my/export"),
    ("GET", "/api/my/hats"),
    ("POST", "/api/my/cases/ca_x/letters/notice"),
    ("POST", "/api/my/exits/xr_x/letter"),
]
KEPT = [("GET", "/api/expert-requests"), ("POST", "/api/expert-requests/rq_x/decide")]
WRITTEN = [("POST", "/api/cases/ca_x/letters/notice"), ("POST", "/api/exits/xr_x/letters/unit")]


def test_each_door_opens_for_whom_it_is_meant(bench: Bench) -> None:
    may = {
        Role.EXPERT: OWN,
        Role.POOL_MANAGER: KEPT + WRITTEN,
        Role.SUPERVISOR: WRITTEN,
        Role.APPLICANT: [],
        Role.ADMINISTRATOR: [],
    }
    for role, doors in may.items():
        browser = bench.signed_in(role)
        for method, path in OWN + KEPT + WRITTEN:
            shut = browser.request(method, path, json={}).status_code == 403
            assert shut is ((method, path) not in doors), (role, path)


def test_the_closed_list_of_facts_is_the_same_on_the_wire(bench: Bench) -> None:
    _, browser = expert_of(bench)
    for fact in Fact:
        answer = browser.post("/api/my/requests", json={"fact": fact.value, "text": "x"})
        assert (answer.status_code == 201) is (fact is not Fact.NONE), fact
