"""The choice follows the key and the rules, and nothing else."""

from collections import Counter
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draw_engine.core.admission import DRY_ATTEMPTS, _distinct, dry_key, dry_run
from draw_engine.core.errors import HatExhausted, NoFeasibleCommittee, NotAdmitted
from draw_engine.core.selection import (
    CommitteeRules,
    Hat,
    Keystream,
    Member,
    RegionRule,
    Seating,
    attempts,
    committee,
    members_at,
    pick_distinct,
    replacement,
    slot_of,
    ticket_order,
)

keys = st.binary(min_size=32, max_size=32)
words = st.integers(0, 2**128 - 1)


def member(number: int, org: int = 0, region: int = 0) -> Member:
    return Member(number.to_bytes(16, "big"), org.to_bytes(16, "big"), region)


def hat(numbers: range, seats: int, orgs: int = 1_000, regions: int = 4) -> Hat:
    return Hat([member(n, n % orgs, n % regions) for n in numbers], seats)


def plainly_allowed(rules: CommitteeRules, members: list[Member]) -> bool:
    """The rules said again, rule by rule."""
    return (
        len({m.tag for m in members}) == len(members)
        and all(n <= rules.org_cap for n in Counter(m.org for m in members).values())
        and all(
            r.low <= sum(m.region in r.regions for m in members) <= r.high for r in rules.regions
        )
    )


people = st.builds(member, st.integers(0, 8), st.integers(0, 3), st.integers(0, 3))
region_rules = st.builds(
    lambda regions, low, more: RegionRule(frozenset(regions), low, low + more),
    st.sets(st.integers(0, 3)),
    st.integers(0, 3),
    st.integers(0, 2),
)
some_rules = st.builds(
    lambda cap, regions: CommitteeRules(cap, tuple(regions)),
    st.integers(1, 3),
    st.lists(region_rules, max_size=2),
)


@given(st.lists(st.tuples(people, st.booleans()), max_size=7), some_rules)
def test_opened_members_forbid_only_what_the_rules_forbid(
    rows: list[tuple[Member, bool]], rules: CommitteeRules
) -> None:
    members = [m for m, _ in rows]
    opened = [m for m, is_open in rows if is_open]

    assert rules.allow(members) == plainly_allowed(rules, members)
    assert not (rules.forbid(opened, len(members)) and rules.allow(members))


@given(st.lists(words, min_size=1, max_size=6), st.integers(0, 20))
def test_positions_are_distinct_and_in_the_hat(row: list[int], more: int) -> None:
    size = len(row) + more
    picks = pick_distinct(row, size)

    assert len(set(picks)) == len(row)
    assert all(0 <= pick < size for pick in picks)


def test_a_pick_is_the_x_th_position_still_free() -> None:
    low, high = 0, 2**128 - 1

    assert pick_distinct([low, low, low], 5) == (0, 1, 2)
    assert pick_distinct([high, high, high], 5) == (4, 3, 2)
    assert pick_distinct([2**127, 0, high], 4) == (2, 0, 3)
    with pytest.raises(ValueError, match="as many members as seats"):
        pick_distinct([0, 0], 1)


@given(st.lists(st.lists(words, min_size=3, max_size=3), min_size=1, max_size=8), st.data())
def test_the_dry_run_picks_exactly_what_the_draw_would(
    rows: list[list[int]], data: st.DataObject
) -> None:
    size = data.draw(st.integers(3, 2**20))
    raw = b"".join(word.to_bytes(16, "big") for row in rows for word in row)
    limbs = np.frombuffer(raw, ">u4").astype(np.uint64).reshape(len(rows), 3, 4)

    assert _distinct(limbs, size).tolist() == [list(pick_distinct(row, size)) for row in rows]


def test_the_dry_run_counts_what_the_rules_allow() -> None:
    hats = [hat(range(30), 2, orgs=7), hat(range(20, 50), 2, orgs=7)]
    rules = CommitteeRules(1, (RegionRule(frozenset({0}), 1, 2),))
    keep = (member(99, 3, 1),)
    m = sha256(b"dry").digest()
    tried = zip(range(DRY_ATTEMPTS), attempts(dry_key(m), [(30, 2), (30, 2)]), strict=False)
    feasible = [p for _, p in tried if plainly_allowed(rules, [*keep, *members_at(hats, p)])]

    found = dry_run(m, hats, rules, keep)

    assert found.accepted == len(feasible)
    assert found.admitted
    seated = Counter(m.region for p in feasible for m in members_at(hats, p))
    assert {region: chance.won for region, chance in found.regions.items()} == seated
    assert sum(chance.won for chance in found.employers.values()) == 4 * len(feasible)
    assert sum(chance.experts for chance in found.employers.values()) == 50
    assert found.hats[0].each(found.accepted) == pytest.approx(2 / 30)


@pytest.mark.parametrize(
    ("hats", "rules", "tightest"),
    [
        ([hat(range(9), 3, orgs=2)], CommitteeRules(1), "org_cap"),
        (
            [hat(range(40), 3)],
            CommitteeRules(3, (RegionRule(frozenset({9}), 1, 3),)),
            "regions[0]",
        ),
        ([hat(range(1), 1), hat(range(1), 1)], CommitteeRules(9), "equal_tags"),
    ],
)
def test_a_request_nobody_can_satisfy_is_refused_with_its_tightest_rule(
    hats: list[Hat], rules: CommitteeRules, tightest: str
) -> None:
    found = dry_run(bytes(32), hats, rules)

    assert found.accepted == 0
    with pytest.raises(NotAdmitted) as refusal:
        found.require()
    assert refusal.value.facts == {"tightest": tightest}


@settings(max_examples=30)
@given(keys)
def test_the_committee_is_the_first_attempt_the_rules_allow(key: bytes) -> None:
    hats = [hat(range(12), 2, orgs=5), hat(range(6, 20), 1, orgs=5)]
    rules = CommitteeRules(1, (RegionRule(frozenset({0}), 1, 1),))

    drawn = committee(key, hats, rules)

    tried = zip(range(drawn.attempt + 1), attempts(key, [(12, 2), (14, 1)]), strict=False)
    allowed = [plainly_allowed(rules, members_at(hats, positions)) for _, positions in tried]
    assert allowed == [False] * drawn.attempt + [True]


@settings(max_examples=30)
@given(keys)
def test_a_decline_moves_one_seat_and_leaves_the_others_alone(key: bytes) -> None:
    hats = [hat(range(12), 2, orgs=5), hat(range(6, 20), 1, orgs=5)]
    rules = CommitteeRules(1)
    seating = Seating.first(hats, rules, committee(key, hats, rules).positions)
    before, drawn = list(seating.places), set(seating.drawn)

    found = seating.replace(1, sha256(key).digest())

    assert [seating.places[0], seating.places[2]] == [before[0], before[2]]
    taken = hats[0].members[found.position]
    assert taken.tag not in drawn
    assert rules.allow(seating.members())
    order = ticket_order(sha256(key).digest(), 12)
    passed = order[: order.index(found.position)]
    assert sorted(passed) == sorted([*found.drawn, *found.infeasible])


def test_tickets_are_the_blocks_of_the_cipher() -> None:
    key = sha256(b"tickets").digest()
    blocks = Keystream(key).next(50)

    assert ticket_order(key, 50) == sorted(range(50), key=lambda p: blocks[p])


def test_no_committee_and_no_replacement_are_refusals() -> None:
    small = [hat(range(3), 2, orgs=1)]
    with pytest.raises(NoFeasibleCommittee) as refusal:
        committee(bytes(32), small, CommitteeRules(1, a_max=64))
    assert refusal.value.facts == {"attempts": 64}
    rules, incumbents = CommitteeRules(1), [member(7, 0)]
    with pytest.raises(HatExhausted):
        replacement(bytes(32), small[0].members, incumbents, {member(0).tag}, rules)


def test_kept_members_count_for_the_rules() -> None:
    hats, rules = [hat(range(4), 1, orgs=2)], CommitteeRules(1)
    kept = (member(50, 0), member(51, 2))

    drawn = committee(bytes(32), hats, rules, kept)

    assert {m.org for m in members_at(hats, drawn.positions)} == {member(0, 1).org}


def test_seats_count_through_all_slots() -> None:
    assert [slot_of(seat, (2, 1, 3)) for seat in range(6)] == [0, 0, 1, 2, 2, 2]
    with pytest.raises(IndexError):
        slot_of(6, (2, 1, 3))
