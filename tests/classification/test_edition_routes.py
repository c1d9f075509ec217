"""Versions and crosswalks over HTTP: who may do what, and every refusal with its cells."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from classification.list_file import read_rows
from foundation.auth.roles import Role
from tests.app.bench import Bench, a_bench, code_of
from tests.classification.lists import as_csv, changed

WALK = "/api/classification/crosswalks/2010/2018"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with a_bench(tmp_path / "home") as made:
        yield made


def sent(browser: TestClient, path: str, data: bytes, version: str = "2018r1") -> Any:
    return browser.post(
        f"/api/classification/{path}",
        files={"file": ("corrected.csv", data)},
        data={"version": version},
    )


def decision(outcome: str, *heirs: str, seen: int = 0) -> dict[str, Any]:
    return {"outcome": outcome, "heirs": heirs, "reason": "names compared", "seen": seen}


def test_the_manager_decides_a_row_and_the_refusal_teaches_it_from_then_on(bench: Bench) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    row = manager.get(f"{WALK}/A010107").json()
    assert (row["how"], row["kind"], row["seen"]) == ("open", "same_code_other_name", 0)
    assert row["candidates"][0]["code"] == "2018:A010107"

    done = manager.post(f"{WALK}/A010107", json=decision("heirs", "A010109"))

    assert done.status_code == 200, done.text
    assert [one["code"] for one in done.json()["heirs"]] == ["2018:A010109"]
    assert done.json()["history"][0]["reason"] == "names compared"
    [walk] = manager.get("/api/classification/crosswalks").json()
    assert (walk["needed"], walk["decided"]) == (359, 1)
    public = bench.browser().get("/api/classification/2010/codes/A010107").json()["became"]
    assert public["how"] == "decided"

    late = manager.post(f"{WALK}/A010107", json=decision("none"))
    assert (late.status_code, code_of(late)) == (409, "classification.decided_meanwhile")
    unknown = manager.post(
        f"{WALK}/A010107", json=decision("heirs", "Z99", seen=done.json()["seen"])
    )
    assert code_of(unknown) == "classification.unknown_code"


def test_rows_are_filtered_by_state_kind_and_pinyin(bench: Bench) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)

    def total(**query: str) -> int:
        return int(manager.get(WALK, params=query).json()["total"])

    assert total() == total(state="needed") == 359
    assert (total(state="all"), total(state="decided")) == (1744, 0)
    kinds = manager.get("/api/classification/crosswalks").json()[0]["kinds"]
    assert {kind: total(kind=kind) for kind in kinds} == kinds
    found = manager.get(WALK, params={"kind": "same_code_other_name", "q": "hedian"}).json()
    assert "A010107" in [one["code"] for one in found["rows"]]
    assert 0 < found["total"] == len(found["rows"]) < 10
    assert manager.get(f"{WALK}?page=2&size=100").json()["rows"][0]["code"] > "A01"


def test_the_supervisor_reads_but_does_not_decide_and_the_manager_does_not_adopt(
    bench: Bench,
) -> None:
    manager, supervisor = (bench.signed_in(one) for one in (Role.POOL_MANAGER, Role.SUPERVISOR))
    data = as_csv(changed(without=["C14"]))
    assert supervisor.get(WALK).status_code == 200
    assert supervisor.post(f"{WALK}/A010107", json=decision("none")).status_code == 403
    assert sent(supervisor, "lists", data).status_code == 403
    assert sent(manager, "lists", data).status_code == 201
    for path in ("pool/classification/2018r1/adopt", "classification/editions/2018r1/refuse"):
        assert manager.post(f"/api/{path}", json={"reason": "why"}).status_code == 403

    seen = supervisor.get("/api/classification/editions/2018r1").json()
    assert seen["counts"]["removed"] == 1
    adopted = supervisor.post(
        "/api/pool/classification/2018r1/adopt", json={"reason": "gazette compared"}
    )

    assert adopted.status_code == 200, adopted.text
    assert manager.get("/api/classification/versions").json()[-1]["in_force"]
    [edition] = manager.get("/api/classification/editions").json()
    assert (edition["state"], edition["reason"]) == ("adopted", "gazette compared")
    assert edition["proposed_by"] != edition["decided_by"]


def test_looking_writes_nothing_and_a_refusal_lists_every_cell(bench: Bench) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    size = bench.house.books.size()
    looked = sent(manager, "lists/check", as_csv(changed(without=["C14"])))
    assert (looked.status_code, looked.json()["counts"]["removed"]) == (200, 1)

    for path in ("lists/check", "lists"):
        refused = sent(manager, path, as_csv(changed(without=["A0802"], added={"C9901": "孤儿"})))
        assert (refused.status_code, code_of(refused)) == (422, "classification.list_refused")
        problems = refused.json()["problems"]
        assert {one["code"] for one in problems} == {"classification.parent_missing"}
        assert {one["column"] for one in problems} == {"代码"}
        assert refused.json()["error"]["facts"]["problems"] == len(problems) == 16
    assert code_of(sent(manager, "lists/check", b"\x89PNG")) == "classification.list_unreadable"
    large = sent(manager, "lists/check", b"a" * (5 * 2**20))
    assert large.status_code == 413
    assert bench.house.books.size() == size


def test_the_template_comes_empty_or_with_the_version_in_force(bench: Bench) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    for kind in ("xlsx", "csv"):
        empty = manager.get(f"/api/classification/template.{kind}")
        filled = manager.get(f"/api/classification/template.{kind}?filled=true")
        assert read_rows(empty.content) == []
        assert len(read_rows(filled.content)) == 2143
        assert f"specialties-2018.{kind}" in filled.headers["content-disposition"]


def test_before_anybody_was_carried_over_the_report_says_so(bench: Bench) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    assert code_of(manager.get("/api/pool/remap")) == "pool.no_remapping"
    assert code_of(manager.post("/api/pool/remap")) == "pool.nothing_to_remap"
    assert manager.get("/api/pool/remap/list.csv").text == "expert_id,from,to,outcome\r\n"
    assert manager.get("/api/pool/remap/holders/2010").json() == {"holders": {}}
    assert manager.get("/api/pool/remap/preview/2018").json()["index"] == -1
    unknown = manager.get("/api/pool/remap/preview/2015")
    assert code_of(unknown) == "classification.unknown_version"
