"""The doors of the outside lists on a whole service: who may open which, what crosses the wire."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from fastapi.testclient import TestClient

from blacklist.core.grounds import Status
from draw_engine.pool_generate import MARK
from draw_engine.pool_workbook import pool_workbook
from foundation.auth.roles import Role
from tests.app.bench import MORNING, Bench, a_bench, code_of
from tests.blacklist.lists.bench import a_file, a_row, starred
from tests.draw_engine.pool.bench import generated

LISTS, CHECK = "/api/outside-lists", "/api/crosscheck"
ABOUT = {"source": "court", "issuing_body": "某市中级人民法院", "dated_on": "2026-11-20"}
PATIENCE = 20.0


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with a_bench(tmp_path / "home") as opened:
        opened.house.pool.importer.enrol(generated(6), "acc")
        yield opened


def send(browser: TestClient, *rows: dict[str, str], **words: Any) -> Any:
    """Hand a list in and wait for its end."""
    answer = browser.post(
        LISTS, data=ABOUT | words, files={"file": ("名单.csv", a_file(*rows), "text/csv")}
    )
    if answer.status_code != 202:
        return answer
    id_, until = answer.json()["id"], monotonic() + PATIENCE
    while (told := browser.get(f"{LISTS}/intakes/{id_}")).json()["state"] == "running":
        assert monotonic() < until
        sleep(0.02)
    return told


def check(bench: Bench, browser: TestClient) -> dict[str, Any]:
    """Cross-check on demand, to its end."""
    assert browser.post(CHECK).status_code == 202
    until = monotonic() + PATIENCE
    while (told := browser.get(CHECK).json())["work"]["running"]:
        assert monotonic() < until
        sleep(0.02)
    return dict(told)


def test_a_list_goes_in_the_pool_is_checked_and_two_persons_record_the_measure(
    bench: Bench,
) -> None:
    """R-SOD-2: who proposes is not who confirms; R-EXIT-5: found by the cross-check."""
    manager, supervisor = bench.signed_in(Role.POOL_MANAGER), bench.signed_in(Role.SUPERVISOR)
    person, near = generated(6)[:2]
    rows = (a_row(person), a_row(near, number=starred(near.id_number), document="二"))
    taken = send(manager, *rows).json()
    assert (taken["state"], taken["imported"], taken["error"]) == ("taken", 2, None)

    told = check(bench, manager)
    assert (told["checks"][0]["exact"], told["checks"][0]["near"]) == (1, 1)
    assert told["counts"] == {"near_open": 1, "waiting": 1, "proposed": 0, "other_person": 0}

    matches = manager.get(f"{CHECK}/matches").json()["matches"]
    exact, alike = sorted(matches, key=lambda one: one["how"])
    assert (exact["how"], alike["how"]) == ("number", "starred")
    assert exact["article"]
    assert alike["compared"] == {"place": "", "born": "", "sex": "yes", "shown": 8, "agreeing": 8}
    text = manager.get(f"{CHECK}/matches").text + manager.get(LISTS).text
    for one in (person, near):
        assert one.name.removesuffix(MARK) not in text
        assert one.id_number not in text

    proposed = manager.post(f"{CHECK}/matches/{exact['id']}/propose").json()
    assert proposed["proposal"]
    undecided = manager.post(f"{CHECK}/matches/{alike['id']}/propose")
    assert code_of(undecided) == "blacklist.match_undecided"
    seen = supervisor.post(f"{CHECK}/matches/{alike['id']}/look", json={"reason": "核对"}).json()
    assert (seen["name"], seen["number"]) == (near.name, near.id_number)
    said = {"decision": "same_person", "reason": "核对一致"}
    assert manager.post(f"{CHECK}/matches/{alike['id']}/decide", json=said).status_code == 200
    again = supervisor.post(f"{CHECK}/matches/{alike['id']}/decide", json=said)
    assert code_of(again) == "blacklist.match_decided"

    standing = bench.house.blacklist
    assert standing.standing(exact["expert_id"]).may_serve
    standing.confirm(proposed["proposal"], bench.an_account(Role.SUPERVISOR).id)
    assert not standing.standing(exact["expert_id"]).may_serve
    (measure,) = standing.measures(exact["expert_id"])
    assert measure.basis_sha256 == manager.get(LISTS).json()["lists"][0]["document"]


PUNISHED = {"kind": "不良行为记录", "ground": "曾因招标投标违法受到处罚"}


def test_r_elig_7_r_rec_9_punished_for_tender_misconduct_bars_for_ever(bench: Bench) -> None:
    """R-ELIG-7, R-REC-9: a last day makes it no such entry; without one it bars for ever."""
    manager, person = bench.signed_in(Role.POOL_MANAGER), generated(6)[0]
    ended = send(manager, a_row(person, **PUNISHED, ends_on="2027-03-01")).json()
    assert [one["code"] for one in ended["problems"]] == ["blacklist.list_term_unfit"]
    assert send(manager, a_row(person, **PUNISHED)).json()["state"] == "taken"
    check(bench, manager)
    (match,) = manager.get(f"{CHECK}/matches").json()["matches"]
    proposal = manager.post(f"{CHECK}/matches/{match['id']}/propose").json()["proposal"]
    standing, expert = bench.house.blacklist, match["expert_id"]
    standing.confirm(proposal, bench.an_account(Role.SUPERVISOR).id)

    for years in (0, 10, 30):
        told = standing.standing(expert, MORNING + timedelta(days=365 * years))
        assert not told.may_serve
        assert (told.status, told.until) == (Status.BARRED, None)
        assert told.whys[0].ground == "punished_in_tendering"


def test_a_refused_list_names_row_column_and_reason_and_never_a_value(bench: Bench) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    bad = a_row(generated(1)[0], number="110101199001019999")
    told = send(manager, a_row(), bad)
    body = told.json()
    assert (body["state"], body["problem_count"]) == ("refused", 1)
    (problem,) = body["problems"]
    assert (problem["row"], problem["column"]) == (3, "身份证号")
    assert problem["code"] == "pool.identity_check_digit"
    assert "110101199001019999" not in told.text
    (failed,) = manager.get(LISTS).json()["failed"]
    assert failed["error"]["code"] == "blacklist.list_refused"
    assert send(manager, a_row(), bad, skip_bad="true").json()["skipped"] == 1


def test_a_file_that_is_no_list_is_refused_at_the_door(bench: Bench) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    files = {"file": ("x.csv", b"a,b\n1,2\n", "text/csv")}
    assert code_of(manager.post(LISTS, data=ABOUT, files=files)) == "pool.header_missing"
    assert code_of(send(manager, a_row(), dated_on="2027-01-01")) == "blacklist.list_dated_ahead"
    assert manager.post(LISTS, data=ABOUT | {"source": "rumour"}, files=files).status_code == 422
    assert send(manager, a_row()).json()["state"] == "taken"


def test_the_template_names_the_closed_lists(bench: Bench) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    assert manager.get(f"{LISTS}/template.xlsx").content[:2] == b"PK"
    assert "身份证号" in manager.get(f"{LISTS}/template.csv").text


def test_the_timer_checks_once_a_day_by_itself(bench: Bench) -> None:
    """R-EXIT-5: nobody has to think of it."""
    manager = bench.signed_in(Role.POOL_MANAGER)
    send(manager, a_row(generated(6)[0]))
    desk = bench.house.outside.desk
    desk.check_if_due(MORNING)
    desk.check_if_due(MORNING)
    (one,) = manager.get(CHECK).json()["checks"]
    assert (one["by_itself"], one["exact"]) == (True, 1)


READERS = {"supervisor", "pool_manager", "administrator"}
WRITERS = {"supervisor", "pool_manager"}
SAID = {"decision": "same_person", "reason": "r"}


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", LISTS, None, READERS),
        ("GET", f"{LISTS}/template.xlsx", None, READERS),
        ("GET", f"{LISTS}/template.csv", None, READERS),
        ("POST", LISTS, None, WRITERS),
        ("GET", f"{LISTS}/intakes/x", None, READERS),
        ("POST", f"{LISTS}/x/withdraw", {"reason": "r"}, WRITERS),
        ("GET", CHECK, None, READERS),
        ("POST", CHECK, None, WRITERS),
        ("GET", f"{CHECK}/matches", None, READERS),
        ("POST", f"{CHECK}/matches/x/decide", SAID, WRITERS),
        ("POST", f"{CHECK}/matches/x/propose", None, WRITERS),
        ("POST", f"{CHECK}/matches/x/look", {"reason": "r"}, {"supervisor"}),
    ],
)
def test_each_door_opens_for_its_roles_only(
    bench: Bench, method: str, path: str, body: Any, allowed: set[str]
) -> None:
    for role in Role:
        if role in {Role.CUSTODIAN}:
            continue
        browser = bench.signed_in(role)
        status = browser.request(method, path, json=body).status_code
        assert (status != 403) == (role in allowed), role
    assert bench.browser().request(method, path, json=body).status_code == 401


def test_an_import_says_who_of_those_enrolled_is_on_a_list_and_refuses_nobody(
    bench: Bench,
) -> None:
    """Enrolled all the same, named by row; the check that follows finds them."""
    manager, late = bench.signed_in(Role.POOL_MANAGER), generated(3, seed=9)
    send(manager, a_row(late[1]))
    bench.house.outside.desk.check_if_due(MORNING)
    bench.clock.advance(timedelta(minutes=1))

    files = {"file": ("名册.xlsx", pool_workbook(late))}
    id_ = manager.post("/api/pool/import", files=files).json()["id"]
    until = monotonic() + PATIENCE
    while (told := manager.get(f"/api/pool/imports/{id_}").json())["state"] == "running":
        assert monotonic() < until
        sleep(0.02)

    assert (told["state"], told["imported"], told["error"]) == ("completed", 3, None)
    assert [one["row"] for one in told["listed"]] == [3]
    bench.house.outside.desk.check_if_due(bench.clock.now())
    assert manager.get(CHECK).json()["checks"][0]["exact"] == 1
