"""Deductions after dissent (报复关注): numbers beside a base rate, for a person to weigh.

For each rater: how often they stated a deduction of members who had dissented in the same
evaluation, and how often of those who had not. `chance` is the share of all ways to spread
the same deductions over the same members that hit dissenters at least as often (Fisher's
exact test, one-sided); it says how odd the pattern is and never that somebody is guilty.

Source: ABUSE D13.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import comb


@dataclass(frozen=True, slots=True)
class Weighed:
    """One rater and one rated member of one evaluation. `rater` tells nobody who it is."""

    rater: str
    party: str
    dissented: bool
    deducted: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one rater's deductions fall on dissenters and on the others."""

    rater: str
    party: str
    dissenters: int
    dissenters_deducted: int
    others: int
    others_deducted: int
    chance: Fraction


@dataclass(frozen=True, slots=True)
class Base:
    """The base rate: deductions of all raters together."""

    rated: int
    deducted: int


def base(weighed: Iterable[Weighed]) -> Base:
    """How often anybody is marked down at all."""
    every = list(weighed)
    return Base(len(every), sum(one.deducted for one in every))


def patterns(weighed: Iterable[Weighed]) -> list[Pattern]:
    """Raters who rated at least one dissenter, the oddest first."""
    by_rater: defaultdict[str, list[Weighed]] = defaultdict(list)
    for one in weighed:
        by_rater[one.rater].append(one)
    found = [_pattern(ones) for ones in by_rater.values() if any(one.dissented for one in ones)]
    return sorted(found, key=lambda one: (one.chance, -one.dissenters_deducted, one.rater))


def _pattern(ones: list[Weighed]) -> Pattern:
    dissenters = [one for one in ones if one.dissented]
    others = [one for one in ones if not one.dissented]
    hit = sum(one.deducted for one in dissenters)
    elsewhere = sum(one.deducted for one in others)
    return Pattern(
        rater=ones[0].rater,
        party=ones[0].party,
        dissenters=len(dissenters),
        dissenters_deducted=hit,
        others=len(others),
        others_deducted=elsewhere,
        chance=chance_of(len(dissenters), hit, len(others), elsewhere),
    )


def chance_of(dissenters: int, hit: int, others: int, elsewhere: int) -> Fraction:
    """How often chance alone would hit at least `hit` of the dissenters.

    Args:
        dissenters, others: members rated, at least 0 each and 1 together.
        hit, elsewhere: how many of each were marked down.
    """
    members, marked = dissenters + others, hit + elsewhere
    ways = sum(
        comb(dissenters, k) * comb(others, marked - k)
        for k in range(hit, min(dissenters, marked) + 1)
        if marked - k <= others
    )
    return Fraction(ways, comb(members, marked))
