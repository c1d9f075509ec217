"""Region rules of a committee: what is feasible together, and where they would point at people."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from draw_engine.core.region_rules import (
    Group,
    RegionRulesClash,
    fewest,
    kind_of,
    leaves_chance,
    require_together,
    supply,
)
from draw_engine.core.selection import RegionRule

PROVINCES = (11, 31, 51, 65)
regions = st.sampled_from(PROVINCES)
rule = st.builds(
    lambda names, low, more: RegionRule(frozenset(names), low, low + more),
    st.sets(regions, min_size=1),
    st.integers(0, 3),
    st.integers(0, 3),
)
rules = st.lists(rule, max_size=3)
asked = st.lists(
    st.tuples(st.integers(1, 2), st.sets(regions, max_size=2).map(tuple)), min_size=1, max_size=3
)


def kept(rules: list[RegionRule], committee: tuple[int, ...]) -> bool:
    """Whether a committee, given as provinces by seat, keeps every rule."""
    counts = [sum(region in rule.regions for region in committee) for rule in rules]
    return all(r.low <= n <= r.high for r, n in zip(rules, counts, strict=True))


def seats_of(asked: list[tuple[int, tuple[int, ...]]]) -> list[tuple[int, ...]]:
    """Of each seat the provinces it may come from; 99 stands for one that nobody names."""
    return [of or (*PROVINCES, 99) for seats, of in asked for _ in range(seats)]


@given(rules, asked)
def test_rules_clash_iff_no_committee_keeps_them_all(
    rules: list[RegionRule], asked: list[tuple[int, tuple[int, ...]]]
) -> None:
    possible = any(kept(rules, one) for one in product(*seats_of(asked)))

    if possible:
        require_together(rules, asked)
    else:
        with pytest.raises(RegionRulesClash):
            require_together(rules, asked)


@given(
    rules,
    asked,
    st.sets(regions, min_size=1),
    st.sampled_from((None, 0)),
    st.lists(regions, max_size=2).map(tuple),
)
def test_the_seats_that_must_fall_somewhere_are_counted_over_every_committee(
    rules: list[RegionRule],
    asked: list[tuple[int, tuple[int, ...]]],
    somewhere: set[int],
    only: int | None,
    keep: tuple[int, ...],
) -> None:
    within = {kind_of(region, rules) for region in somewhere}
    slots = [
        Group(seats, Counter(kind_of(region, rules) for region in of or (*PROVINCES, 99)))
        for seats, of in asked
    ]
    counted = range(sum(s for s, _ in asked) if only is None else asked[0][0])
    found = [
        sum(kind_of(one[seat], rules) in within for seat in counted)
        for one in product(*seats_of(asked))
        if kept(rules, (*one, *keep))
    ]
    members = [{kind_of(region, rules)} for region in keep]

    assert fewest(rules, slots, within, only, members) == min(found, default=None)


@given(rules, asked, st.integers(0, 2))
def test_of_kept_members_any_province_is_thought_possible(
    rules: list[RegionRule], asked: list[tuple[int, tuple[int, ...]]], keep: int
) -> None:
    """Who files a redraw does not know where the kept members come from."""
    everywhere = [(*PROVINCES, 99)] * keep
    possible = any(kept(rules, one) for one in product(*seats_of(asked), *everywhere))

    if possible:
        require_together(rules, asked, keep)
    else:
        with pytest.raises(RegionRulesClash):
            require_together(rules, asked, keep)


def a_pool(*people: tuple[int, int]) -> np.ndarray:
    """Provinces of the pool's experts: (province, how many) after each other."""
    return np.concatenate([np.full(n, region, np.int32) for region, n in people])


def chance(rules: list[RegionRule], pool: np.ndarray, *hats: tuple[int, slice]) -> bool:
    """Whether chance is left in slots of (seats, part of the pool)."""
    rows = [np.arange(len(pool), dtype=np.int32)[part] for _, part in hats]
    found = supply(rules, [(seats, ()) for seats, _ in hats], rows, pool)
    return leaves_chance(rules, found, lambda seats: max(3 * seats, seats + 7))


ALL = slice(None)


@pytest.mark.parametrize(("in_51", "fits"), [(8, False), (9, True)])
def test_r_pool_3_seats_forced_into_a_province_need_its_candidates(in_51: int, fits: bool) -> None:
    """R-POOL-3: two seats need nine, wherever a rule sends them."""
    pool = a_pool((11, 60), (51, in_51))

    assert chance([RegionRule(frozenset({51}), 2, 4)], pool, (4, ALL)) is fits


@pytest.mark.parametrize(("outside", "fits"), [(8, False), (9, True)])
def test_r_pool_3_a_rule_of_at_most_forces_the_others_outside(outside: int, fits: bool) -> None:
    """R-POOL-3: at most two of four from 51 means at least two from elsewhere."""
    pool = a_pool((51, 60), (11, outside))

    assert chance([RegionRule(frozenset({51}), 0, 2)], pool, (4, ALL)) is fits


def test_r_pool_3_two_wide_rules_do_not_make_a_narrow_one() -> None:
    """R-POOL-3: four from 51 and 65, none from 65: that is four from 51, where six are."""
    pool = a_pool((51, 6), (65, 60), (11, 60))
    wide = RegionRule(frozenset({51, 65}), 4, 4)
    none = RegionRule(frozenset({65}), 0, 0)

    assert chance([wide], pool, (4, ALL))
    assert chance([none], pool, (4, ALL))
    assert not chance([wide, none], pool, (4, ALL))


def test_r_pool_3_a_slot_whose_neighbours_can_not_help_is_looked_at_alone() -> None:
    """R-POOL-3: sixty of 51 in one slot's hat, three in the other's: its seat would be theirs."""
    pool = a_pool((51, 60), (51, 3), (11, 60))
    rules = [RegionRule(frozenset({51}), 3, 3)]

    assert chance(rules, pool, (2, ALL), (1, ALL))
    assert not chance(rules, pool, (2, slice(0, 60)), (1, slice(60, None)))


def test_a_person_in_two_hats_counts_once() -> None:
    pool = a_pool((51, 11), (11, 60))
    rules = [RegionRule(frozenset({51}), 4, 4)]

    assert not chance(rules, pool, (2, ALL), (2, ALL))


@given(rules, st.lists(st.tuples(regions, st.integers(0, 12)), min_size=1, max_size=4), st.data())
def test_more_candidates_never_make_it_worse(
    rules: list[RegionRule], people: list[tuple[int, int]], data: st.DataObject
) -> None:
    """What a check concludes from bands rests on this."""
    more = [(region, n + data.draw(st.integers(0, 9))) for region, n in people]

    if chance(rules, a_pool(*people), (2, ALL), (1, ALL)):
        assert chance(rules, a_pool(*more), (2, ALL), (1, ALL))
