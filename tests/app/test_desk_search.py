"""The desk's search: by project, applicant, agency, procuring entity, expert; never across."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from classification.service import ClassificationService
from draw_engine import store
from draw_engine.pool_generate import generate
from draw_engine.record import stream_of
from foundation.auth.roles import Role
from tests.app.bench import Bench, a_bench
from tests.draw_engine.holder.test_http import Day

SEARCH = "/api/desk/search"
AGENCY = {"kind": "agency", "unified_credit_code": "91330100GENAAAA01F", "name": "演示代理机构"}
BIDDER = {"kind": "bidder", "unified_credit_code": "91330100GENBBBB02R", "name": "演示投标人"}


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with a_bench(tmp_path / "home", demonstration=True) as bench:
        people = generate(ClassificationService.load(), 300, 1, date(2026, 11, 23))
        bench.house.pool.importer.enrol(list(people), "act_pool")
        yield Day(bench, tmp_path)


def filed(day: Day) -> dict[str, Any]:
    """A draw with an agency and a bidder; its request and its id."""
    request = day.request()
    request["parties"] = [*request["parties"], AGENCY, BIDDER]
    answer = day.bench.signed_in(Role.APPLICANT).post("/api/draws", json=request)
    assert answer.status_code == 202, answer.text
    return {**request, "id": answer.json()["id"]}


def found(supervisor: TestClient, q: str) -> dict[str, Any]:
    answer = supervisor.get(SEARCH, params={"q": q})
    assert answer.status_code == 200, answer.text
    whole: dict[str, Any] = answer.json()
    return whole


def test_nobody_but_a_supervisor_searches(tmp_path: Path) -> None:
    with a_bench(tmp_path / "home") as bench:
        assert bench.browser().get(SEARCH, params={"q": "ex_1"}).status_code == 401
        for role in (Role.APPLICANT, Role.CLERK, Role.POOL_MANAGER, Role.ADMINISTRATOR):
            answer = bench.signed_in(role).get(SEARCH, params={"q": "ex_1"})
            assert answer.status_code == 403, role
        supervisor = bench.signed_in(Role.SUPERVISOR)
        assert supervisor.get(SEARCH, params={"q": "e"}).status_code == 422
        assert found(supervisor, "nobody") == {
            "draws": [],
            "cases": [],
            "experts": [],
            "more": False,
        }


def test_a_draw_is_found_by_project_agency_and_entity_and_never_by_a_bidder(day: Day) -> None:
    request, supervisor = filed(day), day.bench.signed_in(Role.SUPERVISOR)
    entity = next(one for one in request["parties"] if one["kind"] == "procuring_entity")

    def ways(q: str) -> list[Any]:
        return [one["by"] for one in found(supervisor, q)["draws"]]

    assert ways(request["project_code"].lower()) == [["project"]]
    assert ways(request["id"]) == [["project"]]
    assert ways(AGENCY["name"]) == [["agency"]]
    assert ways(AGENCY["unified_credit_code"]) == [["agency"]]
    assert ways(entity["name"]) == [["procuring_entity"]]
    assert ways("applicant-") == [["applicant"]]
    assert ways(BIDDER["name"]) == []


def test_an_expert_is_found_by_the_whole_number_and_by_a_part_once_on_record(day: Day) -> None:
    bench, supervisor = day.bench, day.bench.signed_in(Role.SUPERVISOR)
    one = bench.house.pool.pool.facts()[0].expert_id
    assert found(supervisor, one)["experts"] == [{"expert_id": one, "status": "active"}]
    assert found(supervisor, one[:-3])["experts"] == []
    reported = reports(bench, one)
    hit = found(supervisor, one[:-3])
    assert [each["id"] for each in hit["cases"]] == [reported["id"]]
    assert [each["expert_id"] for each in hit["experts"]] == [one]


def test_a_case_is_found_by_the_draw_that_it_names_only_once_that_is_unsealed(day: Day) -> None:
    bench, request = day.bench, filed(day)
    supervisor = bench.signed_in(Role.SUPERVISOR)
    link = {"stream": stream_of(request["id"]), "seq": 1, "word": "other"}
    reported = reports(bench, bench.house.pool.pool.facts()[0].expert_id, links=[link])
    hit = found(supervisor, request["project_code"])
    assert (len(hit["draws"]), hit["cases"], hit["experts"]) == (1, [], [])
    with bench.house.database.write() as db:
        row = store.row_of(db, request["id"])
        assert row is not None
        row.unsealed_at = bench.clock.now()
        db.add(row)
    hit = found(supervisor, request["project_code"])
    assert [each["id"] for each in hit["cases"]] == [reported["id"]]
    assert hit["experts"] == []


def reports(bench: Bench, expert_id: str, **more: Any) -> dict[str, Any]:
    """A case that the pool's manager opens."""
    body = {"expert_id": expert_id, "ground": "leak", "text": "事实", **more}
    answer = bench.signed_in(Role.POOL_MANAGER).post("/api/cases", json=body)
    assert answer.status_code == 201, answer.text
    opened: dict[str, Any] = answer.json()
    return opened
