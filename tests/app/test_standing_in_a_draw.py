"""The list and the draw are one service: the listed are left out, with the reason, and come back.

Source: R-ELIG-5, R-ELIG-6; DRAW_PROTOCOL section 3, reasons 4 and 5.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from blacklist.core.facts import Decision
from blacklist.core.grounds import EXIT_GROUNDS, GROUNDS, Kind
from blacklist.core.standing import lists_hash
from blacklist.core.terms import Terms
from classification.service import ClassificationService
from draw_engine.core.exclusions import Reason
from draw_engine.pool_generate import generate
from draw_engine.vault_freeze import Frozen
from draw_engine.vault_openings import SupervisorTable
from foundation.auth.roles import Role
from foundation.ids import AccountId, ExpertId
from foundation.instants import CHINA_STANDARD_TIME
from tests.app.bench import Bench, a_bench
from tests.draw_engine.holder.test_http import Day

MANAGER, SUPERVISOR = AccountId("acc_manager"), AccountId("acc_supervisor")


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with a_bench(tmp_path / "home", demonstration=True) as bench:
        people = generate(ClassificationService.load(), 400, 1, date(2026, 11, 23))
        bench.house.pool.importer.enrol(list(people), "act_pool")
        yield Day(bench, tmp_path)


def candidates(bench: Bench) -> list[ExpertId]:
    return [one.expert_id for one in bench.house.pool.pool.facts() if "A08" in str(one.codes)]


def drawn(day: Day, section: str) -> Frozen:
    """What the vault froze for a draw of this section."""
    return day.bench.house.draw.vault.frozen(filed_and_frozen(day, section))


def filed_and_frozen(day: Day, section: str) -> str:
    """The id of a draw of this section that has been frozen."""
    request: dict[str, Any] = {**day.request(), "request_key": f"key-{section}", "section": section}
    filed = day.bench.signed_in(Role.APPLICANT).post("/api/draws", json=request)
    assert filed.status_code == 202, filed.text
    day.settle()
    return str(filed.json()["id"])


def tags(bench: Bench, frozen: Frozen) -> dict[bytes, str]:
    """Whose tag is whose, under the keys of one draw."""
    snapshots = bench.house.draw.vault.snapshots
    table = SupervisorTable(snapshots, frozen, frozen.epoch, frozen.draw)
    ids = (one.expert_id for one in bench.house.pool.pool.facts())
    return {table.tag(one): str(one) for one in ids}


def reasons(bench: Bench, frozen: Frozen) -> dict[str, int]:
    names = tags(bench, frozen)
    return {names[one.tag]: one.reason for one in frozen.out}


def in_hats(bench: Bench, frozen: Frozen) -> set[str]:
    names = tags(bench, frozen)
    return {names[one.tag] for hat in frozen.members for one in hat}


def bar(bench: Bench, expert_id: ExpertId, kind: Kind, last_day: date) -> None:
    today = bench.clock.now().astimezone(CHINA_STANDARD_TIME).date()
    ground = next(code for code, one in GROUNDS.items() if kind in one.kinds)
    terms = Terms(
        kind=kind,
        ground=ground,
        basis="决定书 1 号",
        deciding_body="监督部门",
        starts_on=today,
        ends_on=last_day,
    )
    proposal = bench.house.blacklist.propose(expert_id, terms, MANAGER)
    bench.house.blacklist.confirm(proposal.id, SUPERVISOR)


def test_the_listed_are_left_out_of_the_next_freeze_and_come_back_when_it_ends(day: Day) -> None:
    bench = day.bench
    today = bench.clock.now().astimezone(CHINA_STANDARD_TIME).date()
    before = in_hats(bench, drawn(day, "before"))
    barred, suspended, leaving, other = sorted(before & set(candidates(bench)))[:4]
    bar(bench, ExpertId(barred), Kind.BARRED, today + timedelta(days=1))
    bar(bench, ExpertId(suspended), Kind.SUSPENDED, today + timedelta(days=1))
    ground = sorted(EXIT_GROUNDS)[0]
    bench.house.blacklist.exit_request(ExpertId(leaving), ground, "", AccountId("acc_expert"))

    listed = drawn(day, "listed")

    assert reasons(bench, listed) == {
        barred: Reason.BLACKLISTED,
        suspended: Reason.SUSPENDED,
        leaving: Reason.SUSPENDED,
        **{one: reason for one, reason in reasons(bench, listed).items() if one not in before},
    }
    assert other in in_hats(bench, listed)
    assert not {barred, suspended, leaving} & in_hats(bench, listed)

    [request] = [one for one in bench.house.blacklist.exits() if one.expert_id == leaving]
    bench.house.blacklist.exit_decide(request.id, Decision.REFUSE, "duty unfinished", SUPERVISOR)
    bench.clock.advance(timedelta(days=2))
    after = drawn(day, "after")

    assert {barred, suspended, leaving} <= in_hats(bench, after)


def test_r_elig_6_the_manifest_names_the_lists_of_its_freeze_and_they_are_rebuilt(day: Day) -> None:
    """R-ELIG-6: their hash and day; what is entered later changes neither."""
    bench = day.bench
    today = bench.clock.now().astimezone(CHINA_STANDARD_TIME).date()
    barred, later = candidates(bench)[:2]
    bar(bench, barred, Kind.BARRED, today + timedelta(days=9))
    draw_id = filed_and_frozen(day, "lists")
    supervisor = bench.signed_in(Role.SUPERVISOR)
    shown = supervisor.get(f"/api/draws/{draw_id}").json()

    assert shown["lists"]["day"] == today.isoformat()
    empty = lists_hash({}).hex()
    assert shown["lists"]["hash"] == lists_hash({barred: 5}).hex() != empty

    bench.clock.advance(timedelta(minutes=1))
    bar(bench, later, Kind.BARRED, today + timedelta(days=9))
    door = f"/api/supervisor/draws/{draw_id}"
    checks = supervisor.post(f"{door}/recompute").json()["checks"]
    assert {one["name"]: one["outcome"] for one in checks}["lists.rebuilt"] == "ok"
    changes = supervisor.get(f"{door}/standing-changes").json()["changes"]
    assert [(one["expert_id"], one["stops"], one["candidate"]) for one in changes] == [
        (barred, True, True),
        (later, True, True),
    ]


def test_lists_other_than_those_of_the_freeze_are_an_alarm(
    day: Day,
) -> None:
    """D14: an entry made to vanish behind the service's back does not match the manifest."""
    bench = day.bench
    today = bench.clock.now().astimezone(CHINA_STANDARD_TIME).date()
    bar(bench, candidates(bench)[0], Kind.BARRED, today + timedelta(days=9))
    draw_id = filed_and_frozen(day, "lists")
    with bench.house.database.write() as db:
        db.connection().exec_driver_sql("DELETE FROM blacklist_measure")

    checks = bench.house.draw.rebuilder.run(draw_id, "act_supervisor")

    found = {one.name: one.outcome for one in checks}
    assert (found["lists.rebuilt"], found["exclusion.rebuilt"]) == ("fail", "fail")
