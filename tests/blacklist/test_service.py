"""The use cases: who may do what, and that nothing is ever deleted."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from blacklist.core import errors
from blacklist.core.grounds import Kind, Status
from blacklist.core.standing import Act
from blacklist.service import STREAM, BlacklistService
from foundation.ids import ExpertId
from foundation.ledger.store import LeafRow, OutboxRow
from tests.blacklist.bench import EXPERT, MANAGER, NOW, OTHER, SUPERVISOR, TODAY, BlacklistBench

pytestmark = pytest.mark.both_engines

DAY = timedelta(days=1)


def test_what_is_recorded_counts_from_now_and_not_before(bench: BlacklistBench) -> None:
    bench.record()

    assert bench.blacklist.reasons() == {EXPERT: 4}
    assert bench.blacklist.reasons(at=NOW - timedelta(seconds=1)) == {}


def test_a_suspension_is_over_the_day_after_without_anybody_doing_anything(
    bench: BlacklistBench,
) -> None:
    bench.record()
    bench.clock.advance(DAY)

    assert bench.blacklist.reasons() == {}
    assert len(bench.blacklist.measures()) == 1


def test_standings_hold_only_those_who_may_not_serve(bench: BlacklistBench) -> None:
    bench.record()
    bench.record(expert_id=ExpertId("ex_two"), starts_on=TODAY + 9 * DAY, ends_on=TODAY + 10 * DAY)

    assert set(bench.blacklist.standings()) == {EXPERT}
    assert set(bench.blacklist.standings(day=TODAY + 9 * DAY)) == {EXPERT, "ex_two"}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ground": "because"}, errors.UnknownGround),
        ({"ground": "bribery"}, errors.UnknownGround),
        ({"ends_on": None}, errors.TermUnfit),
        ({"ends_on": TODAY - DAY}, errors.TermUnfit),
        ({"kind": Kind.DISQUALIFIED, "ground": "bribery"}, errors.TermUnfit),
        ({"basis": "  "}, errors.WordsMissing),
        ({"deciding_body": "长" * 501}, errors.WordsMissing),
    ],
)
def test_a_measure_needs_a_ground_a_term_and_a_basis(
    bench: BlacklistBench, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        bench.record(**changes)
    assert bench.blacklist.measures() == []


def test_a_disqualification_has_no_end(bench: BlacklistBench) -> None:
    bench.record(kind=Kind.DISQUALIFIED, ground="bribery", ends_on=None)
    bench.clock.advance(40_000 * DAY)

    assert bench.blacklist.standing(EXPERT).status is Status.BARRED


def test_somebody_whom_the_pool_does_not_know_is_not_recorded(bench: BlacklistBench) -> None:
    strict = BlacklistService(bench.books, bench.clock, knows=lambda one: one == EXPERT)

    with pytest.raises(errors.UnknownExpert):
        strict.record(
            ExpertId("ex_nobody"),
            kind=Kind.SUSPENDED,
            ground="leak",
            basis="b",
            deciding_body="d",
            starts_on=TODAY,
            ends_on=TODAY,
            by=MANAGER,
        )


def test_r_sod_1_who_entered_a_measure_does_not_lift_it(bench: BlacklistBench) -> None:
    measure = bench.record(by=SUPERVISOR)

    with pytest.raises(errors.SamePerson):
        bench.blacklist.lift(measure.id, "overturned", "复议决定", SUPERVISOR)

    lifted = bench.blacklist.lift(measure.id, "overturned", "复议决定", OTHER)
    assert lifted.lifted_by == OTHER
    assert bench.blacklist.reasons() == {}


def test_a_lifted_measure_stays_on_record_and_is_not_lifted_twice(bench: BlacklistBench) -> None:
    measure = bench.record()
    bench.clock.advance(timedelta(minutes=1))
    bench.blacklist.lift(measure.id, "entered_wrongly", "更正单", SUPERVISOR)

    with pytest.raises(errors.AlreadyLifted):
        bench.blacklist.lift(measure.id, "entered_wrongly", "更正单", SUPERVISOR)
    assert [one.id for one in bench.blacklist.measures()] == [measure.id]
    assert bench.blacklist.reasons(at=NOW) == {EXPERT: 4}, "what counted at an earlier freeze"


@pytest.mark.parametrize(
    ("id_", "ground", "basis", "refusal"),
    [
        ("bl_none", "overturned", "b", errors.UnknownMeasure),
        ("bl_none", "friend", "b", errors.UnknownGround),
        ("bl_none", "overturned", " ", errors.WordsMissing),
    ],
)
def test_lifting_needs_an_entry_a_ground_and_a_basis(
    bench: BlacklistBench, id_: str, ground: str, basis: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        bench.blacklist.lift(id_, ground, basis, SUPERVISOR)


def test_an_expert_who_asks_to_leave_is_out_of_draws_at_once(bench: BlacklistBench) -> None:
    asked = bench.blacklist.exit_request(EXPERT, "age", "", OTHER)

    assert bench.blacklist.standing(EXPERT).status is Status.EXIT_PENDING
    with pytest.raises(errors.WrongStatus):
        bench.blacklist.exit_request(EXPERT, "age", "", OTHER)
    with pytest.raises(errors.SamePerson):
        bench.blacklist.exit_decide(asked.id, Act.GRANT, "同意", OTHER)

    bench.blacklist.exit_decide(asked.id, Act.GRANT, "同意", SUPERVISOR)

    assert bench.blacklist.standing(EXPERT).status is Status.EXITED
    assert bench.blacklist.reasons() == {EXPERT: 2}
    with pytest.raises(errors.WrongStatus):
        bench.blacklist.exit_decide(asked.id, Act.REFUSE, "反悔", SUPERVISOR)
    with pytest.raises(errors.WrongStatus):
        bench.blacklist.exit_request(EXPERT, "age", "", OTHER)


def test_who_was_refused_is_drawn_again_and_may_ask_again(bench: BlacklistBench) -> None:
    first = bench.blacklist.exit_request(EXPERT, "other", "理由", OTHER)
    bench.clock.advance(DAY)
    bench.blacklist.exit_decide(first.id, Act.REFUSE, "任务未完成", SUPERVISOR)

    assert bench.blacklist.reasons() == {}
    bench.clock.advance(DAY)
    bench.blacklist.exit_request(EXPERT, "other", "再次申请", OTHER)
    assert len(bench.blacklist.exits()) == 2


def test_a_suspended_expert_may_leave_and_the_suspension_stays_on_record(
    bench: BlacklistBench,
) -> None:
    """R-PRIN-6: leaving unsays nothing."""
    bench.record()
    bench.blacklist.exit_request(EXPERT, "health", "", OTHER)

    assert len(bench.blacklist.measures(EXPERT)) == len(bench.blacklist.exits(EXPERT)) == 1


def test_a_request_to_leave_needs_a_known_ground(bench: BlacklistBench) -> None:
    with pytest.raises(errors.UnknownGround):
        bench.blacklist.exit_request(EXPERT, "boredom", "", OTHER)
    with pytest.raises(errors.WordsMissing):
        bench.blacklist.exit_request(EXPERT, "age", "长" * 501, OTHER)
    with pytest.raises(errors.UnknownExit):
        bench.blacklist.exit_decide("xr_none", Act.GRANT, "同意", SUPERVISOR)


def test_the_public_leaf_names_no_expert_and_the_expert_is_told(bench: BlacklistBench) -> None:
    bench.record()

    with bench.books.read() as book:
        (leaf,) = book.db.exec(select(LeafRow.leaf).where(LeafRow.stream == STREAM))
        (notice,) = book.db.exec(select(OutboxRow))
    assert EXPERT.encode() not in leaf
    assert notice.recipient == EXPERT
