"""Every feasible committee is equally likely, and the test would notice if it were not."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from hashlib import sha256

import numpy as np
import pytest

from draw_engine.core.selection import CommitteeRules, Hat, Keystream, Member, RegionRule, committee
from draw_engine.core.uniformity import (
    ChiSquare,
    IntMatrix,
    chi_square,
    seat_frequency,
    upper_gamma,
)

KEYS = 60_000
SEATS = (1, 2)
NORTH, SOUTH = 110000, 450000

# Forty people in the first hat, ten in the second, eight of them in both; three employers.
PEOPLE = [(f"{n:032x}", n % 3, NORTH if n % 4 == 0 else SOUTH) for n in range(42)]
HATS = (tuple(range(40)), tuple(range(32, 42)))
ORG_CAP = 2
REGIONS = ((NORTH, 2, 2),)
RULES = ("distinct", "capped", "enough", "not too many")

Choice = tuple[tuple[int, ...], ...]


def feasible_committees(besides: str = "") -> list[Choice]:
    """All committees the rules allow, by trying every combination; shares no code with the draw.

    `besides` names one rule that is left out.
    """
    found: list[Choice] = []
    for first in itertools.combinations(HATS[0], SEATS[0]):
        for second in itertools.combinations(HATS[1], SEATS[1]):
            people = first + second
            orgs = Counter(PEOPLE[n][1] for n in people)
            within = [sum(PEOPLE[n][2] == region for n in people) for region, _, _ in REGIONS]
            holds = {
                "distinct": len(set(people)) == len(people),
                "capped": max(orgs.values()) <= ORG_CAP,
                "enough": all(n >= low for n, (_, low, _) in zip(within, REGIONS, strict=True)),
                "not too many": all(
                    n <= high for n, (_, _, high) in zip(within, REGIONS, strict=True)
                ),
            }
            if all(kept for rule, kept in holds.items() if rule != besides):
                found.append((first, second))
    return found


@cache
def cells() -> dict[Choice, int]:
    return {choice: number for number, choice in enumerate(feasible_committees())}


def key(number: int) -> bytes:
    return sha256(b"uniformity %d" % number).digest()


def judged(draw: Callable[[int], Choice]) -> ChiSquare:
    """The chi-square of KEYS draws over the feasible committees."""
    counts = np.zeros(len(cells()), np.int64)
    for number in range(KEYS):
        counts[cells()[draw(number)]] += 1
    return chi_square(counts)


def by_people(positions: Choice) -> Choice:
    rows = zip(HATS, positions, strict=True)
    return tuple(tuple(sorted(hat[at] for at in row)) for hat, row in rows)


def test_the_instance_is_neither_trivial_nor_vast() -> None:
    assert 100 <= len(cells()) <= 300
    assert any(set(first) & set(HATS[1]) for first, _ in cells()), "slots must overlap"


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_the_instance_binds(rule: str) -> None:
    """A draw that forgot the rule would make committees that the enumeration does not know."""
    assert set(feasible_committees(rule)) > set(cells())


@pytest.mark.slow
def test_every_feasible_committee_is_equally_likely() -> None:
    members = [Member(bytes.fromhex(t), bytes([o]) * 16, r) for t, o, r in PEOPLE]
    hats = [Hat([members[n] for n in hat], s) for hat, s in zip(HATS, SEATS, strict=True)]
    regions = tuple(RegionRule(frozenset({r}), low, high) for r, low, high in REGIONS)
    rules = CommitteeRules(ORG_CAP, regions)

    found = judged(lambda number: by_people(committee(key(number), hats, rules).positions))

    assert found.freedom == len(cells()) - 1
    assert found.p > 1e-4


def test_the_same_test_catches_a_greedy_choice_seat_by_seat() -> None:
    chance = random.Random(1)
    by_first: dict[tuple[int, ...], list[Choice]] = {}
    for choice in cells():
        by_first.setdefault(choice[0], []).append(choice)
    firsts = sorted(by_first)

    # Each pick is uniform among those that can still be completed: plausible, and unfair.
    found = judged(lambda _: chance.choice(by_first[chance.choice(firsts)]))

    assert found.p < 1e-6


@pytest.mark.slow
def test_the_same_test_catches_one_byte_modulo_the_size_of_the_hat() -> None:
    def draw(number: int) -> Choice:
        stream = Keystream(key(number))
        while True:
            positions: list[tuple[int, ...]] = []
            for hat, seats in zip(HATS, SEATS, strict=True):
                picks: list[int] = []
                for word in stream.next(seats):
                    free = [at for at in range(len(hat)) if at not in picks]
                    picks.append(free[(word & 0xFF) % len(free)])
                positions.append(tuple(picks))
            choice = by_people(tuple(positions))
            if choice in cells():
                return choice

    assert judged(draw).p < 1e-6


def test_frequencies_of_seats_sum_to_the_seats() -> None:
    drawn = np.array([[0, 2], [2, 3]], np.int64)

    assert seat_frequency(drawn, 4).tolist() == [0.5, 0.0, 1.0, 0.5]


@pytest.mark.parametrize("drawn", [np.zeros((0, 2), np.int64), np.array([[0, 4]], np.int64)])
def test_frequencies_refuse_what_was_never_a_candidate(drawn: IntMatrix) -> None:
    with pytest.raises(ValueError, match="indices"):
        seat_frequency(drawn, 4)


@pytest.mark.parametrize(
    ("freedom", "statistic", "p"),
    # Tables of the chi-square distribution: the 5 %, 1 % and 90 % points.
    [(1, 3.841459, 0.05), (10, 23.209251, 0.01), (100, 135.806723, 0.01), (2, 0.210721, 0.9)],
)
def test_the_chance_of_a_chi_square_agrees_with_the_tables(
    freedom: int, statistic: float, p: float
) -> None:
    assert upper_gamma(freedom / 2, statistic / 2) == pytest.approx(p, rel=1e-6)
