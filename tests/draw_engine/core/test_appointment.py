"""What the rules ask of an applicant, rule by rule."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draw_engine.core.appointment import (
    DECLARATIONS,
    RANKS,
    Application,
    Base,
    Check,
    Outcome,
    base_of,
    bases,
    checks,
    classes,
)
from draw_engine.core.eligibility import Terms, screen
from draw_engine.core.exclusions import Reason
from foundation.ids import ExpertId
from foundation.rulebook.overlay import load_overlay
from foundation.rulebook.rules import RULES, Mark
from tests.draw_engine.pool.bench import TODAY, an_expert, columns, slot

OVERLAY = load_overlay("national")
WHOLE = Application(
    id="ap_1",
    extends=False,
    region=110000,
    employer="U1",
    employer_name="",
    group="U1",
    title="高级职称",
    years=8,
    unit="",
    declared=frozenset(DECLARATIONS),
    within_age={"ZB": True, "GP": True},
    valid_to=date(2030, 1, 1),
    generated=True,
    items=(),
    filed_by="ac",
    filed_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def found(counts: tuple[int, int] = (1, 1), limits: Any = None, **changes: Any) -> list[Check]:
    return list(checks(replace(WHOLE, **changes), counts, limits or OVERLAY))


def failed(*args: Any, **changes: Any) -> set[tuple[str, str]]:
    """Rule and trade of what fails."""
    return {
        (one.rule, base.value)
        for one in found(*args, **changes)
        if one.outcome is Outcome.FAIL
        for base in one.bases
    }


def may(*args: Any, **changes: Any) -> tuple[Base, ...]:
    return bases(found(*args, **changes))


def test_who_meets_every_condition_may_serve_in_both_trades() -> None:
    assert failed() == set()
    assert may() == (Base.ZB, Base.GP)


def test_r_elig_1_eight_years_and_a_senior_title_or_an_equal_level() -> None:
    assert failed(years=7) == {("R-ELIG-1", "ZB")}
    assert failed(title="中级职称") == {("R-ELIG-1", "ZB")}
    assert failed(title="同等专业水平") == set()
    assert may(years=7) == (Base.GP,), "a senior title needs no years in government procurement"


@pytest.mark.parametrize("missing", DECLARATIONS[:4])
def test_r_elig_2_each_declaration_is_wanted(missing: str) -> None:
    assert failed(declared=frozenset(DECLARATIONS) - {missing}) == {("R-ELIG-2", "ZB")}


def test_r_elig_3_the_age_is_a_limit_of_the_trade() -> None:
    assert failed(within_age={"ZB": True, "GP": False}) == {("R-ELIG-3", "GP")}
    assert may(within_age={"ZB": False, "GP": False}) == ()


def test_r_elig_4_an_intermediate_title_with_eight_years_or_a_senior_one() -> None:
    assert may(title="中级职称", years=8) == (Base.GP,)
    assert ("R-ELIG-4", "GP") in failed(title="中级职称", years=7)
    assert ("R-ELIG-4", "GP") in failed(title="其他")
    assert failed(declared=frozenset(DECLARATIONS) - {"citizen"}) == {("R-ELIG-4", "GP")}


def test_r_elig_4b_decides_and_says_that_its_text_was_not_at_hand() -> None:
    assert RULES["R-ELIG-4b"].mark is Mark.KNOWN
    clause = next(one for one in found() if one.rule == "R-ELIG-4b")
    assert clause.outcome is Outcome.UNVERIFIED
    assert failed(declared=frozenset(DECLARATIONS) - {"clean_record"}) == {("R-ELIG-4b", "GP")}


def test_r_elig_9_no_more_classes_than_the_limit_and_none_where_it_is_nought() -> None:
    limits = replace(OVERLAY, second_level_most=2, third_level_most=6)
    assert failed((2, 6), limits) == set()
    assert failed((3, 3), limits) == {("R-ELIG-9", "ZB"), ("R-ELIG-9", "GP")}
    assert failed((2, 7), limits) == {("R-ELIG-9", "ZB"), ("R-ELIG-9", "GP")}
    assert failed((99, 99), replace(OVERLAY, second_level_most=0, third_level_most=0)) == set()


def test_who_claims_a_whole_class_claims_everything_in_it() -> None:
    below = {"A08": ["A0801", "A0802", "A0803"], "A": ["A0101", "A0801"]}
    assert classes(["A080205", "A0802", "B01"], lambda one: below.get(one, [])) == (2, 2)
    assert classes(["A08"], lambda one: below.get(one, [])) == (1, 3)
    assert classes(["A"], lambda one: below.get(one, [])) == (2, 2)


@given(
    st.sampled_from([*RANKS, "其他"]),
    st.integers(0, 70),
    st.frozensets(st.sampled_from(DECLARATIONS)),
    st.booleans(),
    st.booleans(),
)
def test_a_trade_is_open_exactly_where_no_rule_of_it_fails(
    title: str, years: int, declared: frozenset[str], zb: bool, gp: bool
) -> None:
    facts: dict[str, Any] = {
        "title": title,
        "years": years,
        "declared": declared,
        "within_age": {"ZB": zb, "GP": gp},
    }
    barred = {base for _, base in failed(**facts)}
    assert {one.value for one in may(**facts)} == {"ZB", "GP"} - barred
    assert {one.rule for one in found(**facts)} <= set(RULES)


def test_regimes_ask_for_the_base_of_their_law() -> None:
    assert [base_of(one) for one in ("ZB", "ZB-IN", "GP-T", "GP-C", "LAND", "SOE")] == [
        Base.ZB,
        Base.ZB,
        Base.GP,
        Base.GP,
        None,
        None,
    ]


def test_r_elig_1_who_was_appointed_for_another_trade_is_not_drawn() -> None:
    pool = columns(an_expert(1), an_expert(2))
    unfit = {ExpertId("ex_002"), ExpertId("ex_nobody")}
    terms = Terms(frozen_on=TODAY, day=TODAY, unfit=unfit)
    funnel = screen(pool, [slot("A08")], terms)
    assert funnel.ids(0) == ["ex_001"]
    assert {str(k): int(v) for k, v in funnel.excluded_ids().items()} == {
        "ex_002": Reason.NOT_VALID
    }
    assert ("base", "R-ELIG-1", 1) in {(one.stage, one.rule, one.n) for one in funnel.stages}
