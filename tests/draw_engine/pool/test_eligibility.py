"""Who may be drawn, rule by rule."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from draw_engine.core.columns import subtree
from draw_engine.core.eligibility import (
    Band,
    Funnel,
    Terms,
    band_of,
    bands,
    screen,
    widened,
)
from draw_engine.core.exclusions import Reason
from draw_engine.core.recusal import conflicts
from draw_engine.core.request import DrawRequest, Party, SlotRequest
from foundation.ids import ExpertId
from foundation.rulebook.overlay import load_overlay
from foundation.rulebook.rules import RULES
from tests.draw_engine.pool.bench import TODAY, an_expert, columns, slot

OVERLAY = load_overlay("national")


def terms(**changes: Any) -> Terms:
    return Terms(frozen_on=TODAY, day=TODAY, **changes)


def reasons(funnel: Funnel) -> dict[str, int]:
    return {str(one): int(reason) for one, reason in funnel.excluded_ids().items()}


def test_r_narrow_1_a_specialty_holds_for_everything_below_it_and_nothing_beside() -> None:
    pool = columns(
        an_expert(1, codes=("A08",)),
        an_expert(2, codes=("A0802",)),
        an_expert(3, codes=("A080205", "B01")),
        an_expert(4, codes=("A09",)),
        an_expert(5, codes=("A",)),
    )

    funnel = screen(pool, [slot("A08"), slot("A0802"), slot("B")], terms())

    assert funnel.ids(0) == ["ex_001", "ex_002", "ex_003"]
    assert funnel.ids(1) == ["ex_002", "ex_003"]
    assert funnel.ids(2) == ["ex_003"]
    assert funnel.excluded == {}


def test_r_narrow_1_no_region_means_anywhere_and_a_region_means_that_province() -> None:
    pool = columns(an_expert(1), an_expert(2, region=500000))

    funnel = screen(pool, [slot("A08"), slot("A08", regions=(500000,))], terms())

    assert funnel.ids(0) == ["ex_001", "ex_002"]
    assert funnel.ids(1) == ["ex_002"]


def test_r_prin_1_no_part_of_a_request_can_hold_an_expert() -> None:
    """The fields are the proof: none is an expert id, and the parties are units by credit code."""
    assert set(SlotRequest.__dataclass_fields__) == {"codes", "seats", "regions"}
    assert set(Party.__dataclass_fields__) == {"kind", "unified_credit_code", "name"}
    assert not [name for name in DrawRequest.__dataclass_fields__ if "expert" in name]


def test_a_party_that_is_called_like_an_expert_takes_nobody_out() -> None:
    pool = columns(an_expert(1), an_expert(2))
    named = [Party("bidder", "ex_001", "ex_001")]

    assert screen(pool, [slot("A08")], terms(conflicts=conflicts(named, {}))).excluded == {}


def test_new_experts_wait_out_the_quarantine() -> None:
    admitted = datetime(2026, 10, 26, tzinfo=UTC)
    pool = columns(an_expert(1, admitted_at=admitted), an_expert(2))

    waiting = screen(pool, [slot("A08")], terms(quarantine_days=30))
    admitted_now = screen(pool, [slot("A08")], terms(quarantine_days=29))

    assert reasons(waiting) == {"ex_001": Reason.QUARANTINE}
    assert reasons(admitted_now) == {}


def test_r_elig_5_an_appointment_must_last_to_the_day_of_the_evaluation() -> None:
    pool = columns(an_expert(1, valid_to=TODAY), an_expert(2, valid_to=TODAY - timedelta(days=1)))

    assert reasons(screen(pool, [slot("A08")], terms())) == {"ex_002": Reason.NOT_VALID}


def test_r_elig_5_and_r_elig_6_only_an_active_expert_may_be_drawn() -> None:
    pool = columns(*(an_expert(number) for number in range(1, 6)))
    standings = {ExpertId(f"ex_00{number}"): number for number in (2, 3, 4, 5)}

    funnel = screen(pool, [slot("A08")], terms(standings=standings))

    assert funnel.ids(0) == ["ex_001"]
    assert reasons(funnel) == {"ex_002": 2, "ex_003": 3, "ex_004": 4, "ex_005": 5}


def test_r_rec_1_the_people_of_a_bidder_and_of_its_group_stand_aside() -> None:
    pool = columns(
        an_expert(1, employer="BIDDER"),
        an_expert(2, employer="SISTER", group="PARENT"),
        an_expert(3, employer="OTHER"),
        an_expert(4, employer="CHILD", group="BIDDER"),
    )
    recused = conflicts([Party("bidder", "bidder ", "投标人")], {"BIDDER": "PARENT"})

    funnel = screen(pool, [slot("A08")], terms(conflicts=recused))

    assert funnel.ids(0) == ["ex_003"]
    assert set(reasons(funnel).values()) == {Reason.CONFLICT}


def test_r_rec_10_and_r_unit_1_the_owners_own_people_are_never_drawn() -> None:
    pool = columns(an_expert(1, employer="OWNER"), an_expert(2))
    parties = [Party("procuring_entity", "OWNER", "业主"), Party("bidder", "OWNER", "业主")]

    funnel = screen(pool, [slot("A08")], terms(conflicts=conflicts(parties, {})))

    assert funnel.ids(0) == ["ex_002"]
    own_unit = next(stage for stage in funnel.stages if stage.rule == "R-REC-10")
    assert own_unit.n == 1


def test_of_several_reasons_the_lowest_counts() -> None:
    pool = columns(an_expert(1, valid_to=date(2020, 1, 1), employer="BIDDER"))
    recused = conflicts([Party("bidder", "BIDDER", "投标人")], {})
    standings = {ExpertId("ex_001"): 5}

    funnel = screen(pool, [slot("A08")], terms(conflicts=recused, standings=standings))

    assert reasons(funnel) == {"ex_001": Reason.NOT_VALID}


def test_every_stage_of_the_funnel_names_a_rule_of_the_book() -> None:
    stages = screen(columns(an_expert(1)), [slot("A08")], terms()).stages

    assert {stage.rule for stage in stages} <= RULES.keys()


experts = st.builds(
    an_expert,
    st.integers(0, 999),
    codes=st.sets(st.sampled_from(["A08", "A0802", "A080205", "B01", "B"]), min_size=1).map(
        lambda codes: tuple(sorted(codes))
    ),
    region=st.sampled_from([110000, 500000]),
    valid_to=st.sampled_from([date(2020, 1, 1), date(2030, 1, 1)]),
)
slots = st.lists(
    st.builds(
        slot,
        st.sampled_from(["A", "A08", "A080205", "B01"]),
        seats=st.integers(1, 3),
        regions=st.sampled_from([(), (110000,)]),
    ),
    min_size=1,
    max_size=3,
)


@given(st.lists(experts, unique_by=lambda one: one.expert_id), slots, st.sets(st.integers(0, 999)))
def test_every_candidate_is_in_each_hat_that_fits_or_excluded_never_both(
    pool: list[Any], wanted: list[SlotRequest], stopped: set[int]
) -> None:
    standings = {ExpertId(f"ex_{number:03d}"): 4 for number in stopped}

    funnel = screen(columns(*pool), wanted, terms(standings=standings))

    for one in pool:
        fits = [
            any(code.startswith(want) for code in one.codes for want in conditions.bare_codes)
            and (not conditions.regions or one.region in conditions.regions)
            for conditions in wanted
        ]
        barred = one.valid_to < TODAY or one.expert_id in standings
        hats = [one.expert_id in funnel.ids(at) for at in range(len(wanted))]
        assert hats == [fit and not barred for fit in fits]
        assert (one.expert_id in funnel.excluded_ids()) == (any(fits) and barred)
    assert funnel.stages[-1].n == len({row for rows in funnel.eligible for row in rows.tolist()})


@given(st.lists(experts, unique_by=lambda one: one.expert_id), slots)
def test_screening_does_not_depend_on_how_the_pool_was_stored(
    pool: list[Any], wanted: list[SlotRequest]
) -> None:
    forth, back = (screen(columns(*some), wanted, terms()) for some in (pool, pool[::-1]))

    assert [forth.ids(at) for at in range(len(wanted))] == [
        back.ids(at) for at in range(len(wanted))
    ]


@given(st.from_regex(r"[A-Z]([0-9]{2}){0,3}", fullmatch=True), st.data())
def test_a_subtree_is_a_range_of_numbers(code: str, data: st.DataObject) -> None:
    other = data.draw(st.from_regex(r"[A-Z]([0-9]{2}){0,3}", fullmatch=True))
    start, end = subtree(code)

    assert (start <= subtree(other)[0] < end) == other.startswith(code)


def test_r_narrow_2_an_applicant_sees_three_bands_and_no_number() -> None:
    assert [band_of(n) for n in (0, 9, 10, 29, 30, 5000)] == [
        *(Band.FEW, Band.FEW, Band.SOME, Band.SOME, Band.AMPLE, Band.AMPLE)
    ]


def _banded(n: int, *wanted: SlotRequest) -> list[tuple[Band, Any]]:
    funnel = screen(columns(*(an_expert(number) for number in range(n))), wanted, terms())
    return bands(funnel, wanted, OVERLAY)


def test_r_pool_3_too_few_are_refused_with_what_is_needed_and_the_next_wider_class() -> None:
    seats = 5
    least = OVERLAY.pool_least(seats)

    (_, refusal), (_, none) = (
        _banded(n, slot("A080205", seats=seats))[0] for n in (least - 1, least)
    )

    assert none is None
    assert refusal.facts == {"slot": 0, "specialty": "2018:A080205", "needed": least}
    assert refusal.way_out_codes == ("2018:A0802",)


@given(st.integers(0, 40), st.integers(1, 8))
def test_r_pool_3_a_refusal_never_tells_how_many_there_are(n: int, seats: int) -> None:
    (_, refusal) = _banded(n, slot("A0802", seats=seats))[0]

    assert (refusal is not None) == (n < OVERLAY.pool_least(seats))
    if refusal is not None:
        assert refusal.facts["needed"] == OVERLAY.pool_least(seats)
        assert set(refusal.facts) == {"slot", "specialty", "needed"}


def test_r_pool_3_a_slot_split_into_many_needs_as_many_as_before() -> None:
    whole = _banded(14, slot("A08", seats=5))
    split = _banded(14, *(slot("A08", seats=1) for _ in range(5)))

    assert whole[0][1] is not None
    assert [refusal.facts["needed"] for _, refusal in split] == [OVERLAY.pool_least(5)] * 5


def test_the_ladder_ends_at_the_second_level() -> None:
    assert widened(["2018:A080205", "2018:A0802"]) == ("2018:A0802", "2018:A08")
    assert widened(["2018:A08"]) == ()
