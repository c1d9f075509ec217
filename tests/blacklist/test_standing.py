"""May this expert serve, and why not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blacklist.core.errors import WrongStatus
from blacklist.core.facts import EXIT_STEPS, Decision, ExitRequest, Measure, china_day, step
from blacklist.core.grounds import GROUNDS, KINDS, Kind, Status, Term
from blacklist.core.register import Register, fold
from blacklist.core.standing import FROZEN_REASON, Standing, Why, may_serve
from foundation.rulebook.rules import RULES
from tests.blacklist.bench import EXPERT, NOW, TODAY

DAY = timedelta(days=1)


def a_measure(kind: Kind, starts_on: date = TODAY, ends_on: date | None = None) -> Measure:
    return Measure("bl", EXPERT, kind, "leak", "b", "d", starts_on, ends_on, "acc", NOW - DAY)


@pytest.mark.parametrize("kind", [Kind.LEAVE, Kind.SUSPENDED, Kind.FROZEN])
def test_r_elig_5_only_an_active_expert_serves(kind: Kind) -> None:
    found = may_serve([a_measure(kind)], NOW)

    assert not found.may_serve
    assert (found.rule, found.reason) == ("R-ELIG-5", 3 if kind is Kind.LEAVE else 4)


@pytest.mark.parametrize(
    "kind",
    [
        Kind.DISQUALIFIED,
        Kind.BARRED,
        Kind.BAD_RECORD,
        Kind.SERIOUS_DISHONESTY,
        Kind.CRIMINAL_PENALTY,
    ],
)
def test_r_elig_6_nobody_on_one_of_the_five_lists_serves(kind: Kind) -> None:
    found = may_serve([a_measure(kind)], NOW)

    assert (found.status, found.rule, found.reason) == (Status.BARRED, "R-ELIG-6", 5)


def test_nothing_on_record_means_active() -> None:
    assert may_serve([], NOW).may_serve


@given(st.integers(-5, 5), st.integers(0, 5), st.integers(-8, 12))
def test_a_measure_ends_by_itself_after_its_last_day(first: int, length: int, asked: int) -> None:
    starts = TODAY + first * DAY
    one = a_measure(Kind.SUSPENDED, starts, starts + length * DAY)
    day = TODAY + asked * DAY

    found = may_serve([one], NOW + asked * DAY, day)

    recorded = asked >= -1
    assert found.may_serve == (not (recorded and first <= asked <= first + length))


def test_a_measure_of_today_or_of_the_day_of_the_evaluation_stops() -> None:
    tomorrow = TODAY + DAY
    today_only = a_measure(Kind.SUSPENDED, TODAY, TODAY)
    tomorrow_only = a_measure(Kind.SUSPENDED, tomorrow, tomorrow)

    for one in (today_only, tomorrow_only):
        assert not may_serve([one], NOW, day=tomorrow).may_serve
    assert may_serve([tomorrow_only], NOW).may_serve


def test_the_day_is_that_of_china() -> None:
    assert china_day(datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) == TODAY
    assert china_day(datetime(2026, 11, 23, 15, 59, tzinfo=UTC)) == TODAY - DAY


def test_of_several_the_strictest_is_told_and_the_protocol_gets_its_lowest_number() -> None:
    several = [
        a_measure(Kind.DISQUALIFIED),
        a_measure(Kind.SUSPENDED, ends_on=TODAY),
        a_measure(Kind.SUSPENDED, ends_on=TODAY + DAY),
    ]

    found = may_serve(several, NOW)

    assert (found.status, found.reason, found.until) == (Status.BARRED, 4, None)
    assert [why.until for why in found.whys] == [None, TODAY + DAY, TODAY]
    assert may_serve(several[1:], NOW).until == TODAY + DAY


def test_who_asks_to_leave_is_out_at_once_and_who_has_left_stays_out() -> None:
    asked = ExitRequest("xr", EXPERT, "age", "", "acc", NOW)
    granted = replace(asked, decision=Decision.GRANT, decided_at=NOW + DAY)
    refused = replace(asked, decision=Decision.REFUSE, decided_at=NOW + DAY)
    released = replace(asked, release_on=TODAY)

    assert may_serve([asked], NOW - DAY).may_serve
    assert may_serve([asked], NOW).status is Status.EXIT_PENDING
    assert may_serve([granted], NOW).status is Status.EXIT_PENDING
    assert may_serve([granted], NOW + DAY).status is Status.EXITED
    assert may_serve([refused], NOW + DAY).may_serve
    assert may_serve([released], NOW).status is Status.EXIT_PENDING
    assert may_serve([released], NOW + DAY).status is Status.EXITED


@given(st.sampled_from(Status), st.sampled_from(Decision))
def test_the_machine_of_leaving_has_these_steps_and_no_others(
    status: Status, act: Decision
) -> None:
    """R-EXIT-6."""
    if (status, act) in EXIT_STEPS:
        assert step(status, act) is EXIT_STEPS[status, act]
    else:
        with pytest.raises(WrongStatus):
            step(status, act)


def test_every_kind_has_a_ground_a_rule_of_the_book_and_a_reason_of_the_protocol() -> None:
    carried = {kind for ground in GROUNDS.values() for kind in ground.kinds}

    assert carried == set(Kind) == KINDS.keys()
    assert {one.rule for one in KINDS.values()} <= RULES.keys()
    assert {one.reason for one in KINDS.values()} == {3, 4, 5}
    assert KINDS[Kind.DISQUALIFIED].term is Term.NEVER


def test_an_erased_entry_is_passed_over_with_what_came_of_it() -> None:
    register = fold(
        [
            ("blacklist.recorded", None),
            ("blacklist.lifted", {"id": "bl_1", "at": "", "by": "", "ground": "", "basis": ""}),
            ("blacklist.exit_asked", None),
            ("blacklist.exit_decided", {"id": "ex_1"}),
        ]
    )

    assert register == Register()


def test_a_profiles_freeze_keeps_out_of_draws_and_takes_no_seat_away() -> None:
    """R-ELIG-10: overdue is not drawn; whoever was seated before goes on."""
    overdue = Why(Status.FROZEN, "R-ELIG-10", FROZEN_REASON)
    measure = Why(Status.FROZEN, "R-ELIG-5", FROZEN_REASON, source="bl_1")
    assert not Standing((overdue,)).may_serve
    assert Standing((overdue,)).may_keep_seat
    assert not Standing((overdue, measure)).may_keep_seat
