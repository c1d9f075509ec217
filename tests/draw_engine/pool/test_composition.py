"""A committee's make-up, rule by rule."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draw_engine.core.composition import RuleOutcome, Verdict, admissible, check_composition
from draw_engine.core.eligibility import Terms, bands, screen
from draw_engine.core.request import DrawRequest, Party, SlotRequest
from foundation.rulebook.overlay import load_overlay
from foundation.rulebook.regimes import UnknownRegime
from foundation.rulebook.rules import RULES
from tests.draw_engine.pool.bench import TODAY, a_request, an_expert, columns, slot

OVERLAY = load_overlay("national")


def outcomes(request: DrawRequest, **of_everybody: Any) -> dict[str, RuleOutcome]:
    pool = columns(*(an_expert(number, **of_everybody) for number in range(60)))
    funnel = screen(pool, request.slots, Terms(TODAY, TODAY))
    banded = bands(funnel, request.slots, OVERLAY)
    return {one.rule: one for one in check_composition(request, funnel, banded, OVERLAY)}


def sized(members: int, experts: int, owners: int | None = None) -> DrawRequest:
    own = members - experts if owners is None else owners
    return a_request(
        slot("A08", seats=experts),
        committee_size=members,
        owner_representatives=tuple(f"acc_{one}" for one in range(own)),
    )


@given(st.integers(1, 15), st.integers(1, 15))
def test_r_size_1_five_or_more_odd_and_two_thirds_experts(members: int, experts: int) -> None:
    right = members >= 5 and members % 2 == 1 and experts * 3 >= members * 2 and experts <= members

    found = outcomes(sized(members, experts, max(0, members - experts)))["R-SIZE-1"]

    assert found.outcome is (Verdict.PASS if right else Verdict.FAIL)


def test_r_size_1_the_usual_shapes_pass_and_one_expert_fewer_fails() -> None:
    for members, experts in ((5, 4), (7, 5), (9, 6), (11, 8)):
        assert outcomes(sized(members, experts))["R-SIZE-1"].outcome is Verdict.PASS
        assert outcomes(sized(members, experts - 1))["R-SIZE-1"].outcome is Verdict.FAIL


def test_r_size_1_every_member_is_either_drawn_or_an_owners_representative() -> None:
    assert outcomes(sized(5, 4, owners=0))["R-SIZE-1"].outcome is Verdict.FAIL


def test_r_unit_1_one_expert_to_a_unit_and_its_group() -> None:
    request = a_request()

    assert outcomes(request)["R-UNIT-1"].outcome is Verdict.PASS
    assert outcomes(request, group="ONE-GROUP")["R-UNIT-1"].outcome is Verdict.FAIL


def test_r_narrow_1_a_county_is_no_region_of_a_draw() -> None:
    found = outcomes(a_request(slot("A08", seats=4, regions=(110000, 110101))))

    assert found["R-NARROW-1"].outcome is Verdict.FAIL


def test_r_narrow_1_that_a_region_is_the_sites_is_for_a_person_to_see() -> None:
    found = outcomes(a_request(slot("A08", seats=4, regions=(110000,))))

    assert found["R-NARROW-1"].outcome is Verdict.UNVERIFIED
    assert outcomes(a_request())["R-NARROW-1"].outcome is Verdict.PASS


def test_r_narrow_1_the_same_conditions_twice_are_a_split_slot() -> None:
    twice = (slot("A08", seats=2), slot("A08", seats=2))

    assert outcomes(a_request(*twice))["R-NARROW-1"].outcome is Verdict.FAIL


def test_r_rec_10_without_the_procuring_entity_nothing_is_drawn() -> None:
    nobody = a_request(parties=(Party("bidder", "BIDDER", "投标人"),))

    assert outcomes(nobody)["R-REC-10"].outcome is Verdict.FAIL
    assert not admissible(outcomes(nobody).values())


def test_r_rec_1_before_bid_opening_the_bidders_are_unknown_and_that_is_said() -> None:
    early = a_request(parties=(Party("procuring_entity", "OWNER", "业主"),))

    assert outcomes(early)["R-REC-1"].outcome is Verdict.UNVERIFIED
    assert admissible(outcomes(early).values())


def test_r_narrow_2_and_r_pool_3_the_outcome_shows_bands_and_no_counts() -> None:
    few = outcomes(a_request(slot("A08", seats=4, regions=(820000,))))

    assert few["R-NARROW-2"].facts == {"bands": "few"}
    assert few["R-NARROW-2"].outcome is Verdict.UNVERIFIED
    assert few["R-POOL-3"].outcome is Verdict.FAIL
    assert few["R-POOL-3"].facts == {"slots": "0"}


def test_every_outcome_names_a_rule_of_the_book() -> None:
    assert outcomes(a_request()).keys() <= RULES.keys()


def test_a_regime_that_the_book_does_not_have_is_refused() -> None:
    with pytest.raises(UnknownRegime):
        outcomes(a_request(regime="XX"))


def test_an_ordinary_request_is_admissible() -> None:
    request: DrawRequest = a_request()
    wanted: tuple[SlotRequest, ...] = request.slots

    assert len(wanted) == 1
    assert admissible(outcomes(request).values())
