"""The pool's doors: for its manager, and without a name on the wire."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from time import sleep
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import replies
from blacklist.core.grounds import Kind
from blacklist.core.terms import Terms
from blacklist.service import StandingService
from draw_engine.freezing import LoggedSnapshot
from draw_engine.pool_desk import ImportDesk
from draw_engine.pool_routes import router
from draw_engine.pool_workbook import pool_workbook, template
from draw_engine.vault_snapshots import Taken
from foundation.auth.errors import NotSignedIn
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.ids import AccountId
from foundation.rulebook.overlay import load_overlay
from tests.draw_engine.pool.bench import NOW, PoolBench, generated, the_standard


class Doorman:
    """Believes a bearer token that is a role."""

    def principal(self, token: str) -> Principal:
        try:
            return Principal(AccountId("acc"), Role(token), None, "si")
        except ValueError as unknown:
            raise NotSignedIn from unknown


@dataclass
class Keeper:
    """Counts instead of masking; snapshots have tests of their own."""

    taken: list[LoggedSnapshot] = field(default_factory=list)

    def take(self) -> LoggedSnapshot:
        epoch = len(self.taken) + 1
        one = Taken(epoch, 5, bytes(32), bytes(32), bytes(64), NOW)
        self.taken.append(LoggedSnapshot(one, 41 + epoch))
        return self.taken[-1]

    def all(self) -> list[LoggedSnapshot]:
        return self.taken


MANAGER = {"Authorization": "Bearer pool_manager"}


@pytest.fixture
def client(bench: PoolBench) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router)
    replies.install(app)
    state = app.state
    state.accounts, state.pool = Doorman(), bench.pool
    state.pool_desk = desk = ImportDesk(bench.importer, bench.clock)
    state.blacklist = StandingService(bench.books, bench.clock, load_overlay("national"))
    state.classification, state.snapshots = the_standard(), Keeper()
    with TestClient(app, headers=MANAGER) as opened:
        yield opened
    desk.close()


def imported(client: TestClient, data: bytes, *, skip_bad: bool = False) -> dict[str, Any]:
    """Upload a file and ask until its import has ended."""
    files, form = {"file": ("专家.xlsx", data)}, {"skip_bad": str(skip_bad).lower()}
    begun = client.post("/api/pool/import", files=files, data=form)
    assert begun.status_code == 202, begun.text
    while True:
        told: dict[str, Any] = client.get(f"/api/pool/imports/{begun.json()['id']}").json()
        if told["state"] != "running":
            return told
        sleep(0.01)


def test_a_workbook_goes_in_and_facts_come_out_without_names(client: TestClient) -> None:
    people = generated(12)

    done = imported(client, pool_workbook(people))

    assert (done["state"], done["imported"], done["skipped"]) == ("completed", 12, 0)
    assert (done["file"], done["problems"], done["error"]) == ("专家.xlsx", [], None)
    listed = client.get("/api/pool/experts", params={"size": 5, "last": True})
    assert listed.json()["total"] == 12
    assert len(listed.json()["experts"]) == 5
    everything = client.get("/api/pool/experts").text + client.get("/api/pool/summary").text
    for one in people:
        assert one.name not in everything
        assert one.id_number not in everything
        assert one.phone not in everything


def test_a_refused_import_lists_every_bad_cell_beside_the_error(client: TestClient) -> None:
    text = "\n".join(
        (
            "姓名,身份证号,手机号,工作单位,统一社会信用代码,省份代码,职称,评标专业,聘期至",
            "甲,1.1E+17,138,单位,91,999999,高级,A0,昨天",
            "乙,,,,,,,,",
        )
    )

    body = imported(client, text.encode())

    assert (body["state"], body["imported"]) == ("refused", 0)
    assert body["error"]["code"] == "pool.import_refused"
    assert body["error"]["facts"]["rows"] == 2
    assert body["error"]["facts"]["problems"] == body["problem_count"] == len(body["problems"])
    assert [one["code"] for one in body["problems"] if one["row"] == 2] == [
        "pool.identity_digits_lost",
        "pool.phone_malformed",
        "pool.credit_code_malformed",
        "pool.region_unknown",
        "classification.bad_form",
        "pool.date_malformed",
    ]
    assert {one["code"] for one in body["problems"] if one["row"] == 3} == {"pool.value_missing"}


def test_bad_rows_may_be_skipped(client: TestClient) -> None:
    people = generated(3)
    people[1] = replace(people[1], phone="1")

    done = imported(client, pool_workbook(people), skip_bad=True)

    assert (done["state"], done["imported"], done["skipped"]) == ("completed", 2, 1)
    assert done["problems"][0]["value_hint"] == "text:1"


def test_the_summary_counts_regions_standings_and_the_newest_snapshot(
    client: TestClient, bench: PoolBench
) -> None:
    first, *_ = bench.enrol(10)
    blacklist = StandingService(bench.books, bench.clock, load_overlay("national"))
    today = date(2026, 11, 24)
    terms = Terms(Kind.SUSPENDED, "leak", "b", "d", today, today)
    proposal = blacklist.propose(first, terms, AccountId("acc"))
    blacklist.confirm(proposal.id, AccountId("acc_other"))
    assert client.get("/api/pool/summary").json()["snapshot"] is None

    taken = client.post("/api/pool/snapshots")
    summary = client.get("/api/pool/summary").json()

    assert taken.status_code == 201
    assert summary["snapshot"] == taken.json()
    assert taken.json()["root"] == "00" * 32
    assert (summary["experts"], summary["generated"]) == (10, 10)
    assert summary["standings"] == [
        {"standing": "active", "n": 9},
        {"standing": "suspended", "n": 1},
    ]
    assert sum(one["n"] for one in summary["regions"]) == 10
    assert all(one["name"] for one in summary["regions"])
    listed = client.get("/api/pool/experts", params={"q": first}).json()["experts"]
    assert [one["standing"] for one in listed] == ["suspended"]


def test_the_list_is_narrowed_by_code_with_or_without_its_version(
    client: TestClient, bench: PoolBench
) -> None:
    bench.enrol(40)
    code = bench.pool.facts()[0].codes[0]

    plain, versioned = (
        client.get("/api/pool/experts", params={"code": one}).json()["total"]
        for one in (code, f"2018:{code}")
    )

    assert plain == versioned > 0
    assert client.get("/api/pool/experts", params={"code": "x; drop"}).status_code == 422


def test_the_template_is_handed_out(client: TestClient) -> None:
    answer = client.get("/api/pool/template.xlsx")

    assert answer.content == template()
    assert "pool-template.xlsx" in answer.headers["content-disposition"]
    assert client.get("/api/pool/template.csv").content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/pool/template.xlsx"),
        ("GET", "/api/pool/template.csv"),
        ("POST", "/api/pool/import"),
        ("GET", "/api/pool/imports"),
        ("GET", "/api/pool/imports/im_none"),
        ("GET", "/api/pool/summary"),
        ("GET", "/api/pool/experts"),
        ("POST", "/api/pool/snapshots"),
    ],
)
def test_only_the_pool_manager_gets_in(client: TestClient, method: str, path: str) -> None:
    for role in Role:
        headers = {"Authorization": f"Bearer {role}"}
        status = client.request(method, path, headers=headers).status_code
        assert (status != 403) == (role is Role.POOL_MANAGER), role
