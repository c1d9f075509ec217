"""Region rules of a committee as a whole: can they be kept together, and is it still chance?

A rule counts members from a set of provinces, over all seats. It must not become a way round
R-POOL-3: where the rules force seats into a few provinces, as many candidates must stand there
as a slot with so many seats needs in its hat.

Provinces that lie in the same sets are one *kind*. Only kinds matter to the rules, so the
arrangements of a committee are few, and all of them are looked at.

Source: SPEC.md section 3; rules R-NARROW-1 and R-POOL-3.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np

from draw_engine.core.selection import RegionRule
from draw_engine.core.texts import Ints, Longs
from foundation.errors import Kind as Refusal
from foundation.errors import ServiceError

MOST_RULES: Final = 3
"""Enough to state a regulation; with many rules each seat could be pinned to a province."""

FAR: Final = 1_000_000
"""More than any number of seats: an arrangement that there is not."""

Kind = tuple[bool, ...]
"""For each rule whether a province lies in its set."""

Kept = Sequence[Collection[Kind]]
"""For each member who keeps a seat from an earlier draw the kinds that may be theirs."""

Needed = Callable[[int], int]
"""Candidates that so many seats need (R-POOL-3)."""


class RegionRulesClash(ServiceError):
    """The region rules, and the regions that slots ask for, can't all be kept at once."""

    code = "draw.region_rules_clash"
    kind = Refusal.INVALID


class RegionRulesTooNarrow(ServiceError):
    """The region rules force seats into provinces with too few candidates for chance (R-POOL-3).

    Carries no number: which rule and how many would tell a count (R-NARROW-2).
    """

    code = "draw.region_rules_too_narrow"
    kind = Refusal.CONFLICT
    rule: ClassVar[str | None] = "R-POOL-3"


@dataclass(frozen=True, slots=True)
class Group:
    """Seats that are filled from the same candidates, and how many of these are of each kind."""

    seats: int
    of: Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class Supply:
    """Who may be drawn: slot by slot, and all slots together with each person counted once."""

    slots: tuple[Group, ...]
    together: Group

    def seen_as(self, told: Callable[[int], int]) -> "Supply":
        """The same as somebody sees it who is told another number for each."""
        slots = [_seen_as(group, told) for group in self.slots]
        return Supply(tuple(slots), _seen_as(self.together, told))


def kind_of(region: int, rules: Sequence[RegionRule]) -> Kind:
    """The kind of a province."""
    return tuple(region in rule.regions for rule in rules)


def supply(
    rules: Sequence[RegionRule],
    asked: Sequence[tuple[int, Collection[int]]],
    found: Sequence[Ints],
    region: Ints,
) -> Supply:
    """Count candidates by kind.

    Args:
        asked: of each slot its seats and the regions it asks for, none for any.
        found: of each slot its candidates, as places in `region`.
    """
    slots = [
        Group(seats, _counted(rules, of, region[rows]))
        for (seats, of), rows in zip(asked, found, strict=True)
    ]
    everybody = np.unique(np.concatenate(found)) if found else np.empty(0, np.int32)
    seats = sum(group.seats for group in slots)
    return Supply(tuple(slots), Group(seats, _counted(rules, (), region[everybody])))


def of_any_kind(rules: Sequence[RegionRule], members: int) -> Kept:
    """Kept members whose provinces are not known."""
    return [_kinds(rules, ())] * members


def require_together(
    rules: Sequence[RegionRule], asked: Sequence[tuple[int, Collection[int]]], kept: int = 0
) -> None:
    """Refuse rules that no committee could keep, whoever is in the pool.

    Args:
        kept: members who keep their seats from an earlier draw, of whatever province.

    Raises:
        RegionRulesClash: no arrangement of seats over provinces keeps them all.
    """
    slots = [Group(seats, dict.fromkeys(_kinds(rules, of), 1)) for seats, of in asked]
    if rules and fewest(rules, slots, (), kept=of_any_kind(rules, kept)) is None:
        raise RegionRulesClash


def leaves_chance(
    rules: Sequence[RegionRule], found: Supply, needed: Needed, kept: Kept = ()
) -> bool:
    """Whether seats that the rules force into some provinces still have enough candidates.

    Looked at are each kind, each rule's set and what lies outside it; for the whole committee
    and for each slot, since other slots may be unable to fill the places. More candidates
    never make it worse.
    """
    for within in _areas(rules, found.together.of):
        for at, group in enumerate((*found.slots, found.together)):
            only = at if at < len(found.slots) else None
            forced = fewest(rules, found.slots, within, only, kept)
            if forced is None:
                return False
            there = sum(n for kind, n in group.of.items() if kind in within)
            if forced and there < needed(forced):
                return False
    return True


def fewest(
    rules: Sequence[RegionRule],
    slots: Sequence[Group],
    within: Collection[Kind],
    only: int | None = None,
    kept: Kept = (),
) -> int | None:
    """Fewest drawn seats that fall on kinds `within` in any arrangement that keeps all rules.

    Args:
        slots: a kind of which a slot has no candidate can't sit there.
        only: count the seats of this slot alone.
        kept: members that the rules count and nobody draws.

    Returns:
        None where no arrangement keeps them.
    """
    # least[c] = fewest such seats among those given so far, with c members counted by each rule
    least = np.full([rule.high + 1 for rule in rules], FAR, np.int64)
    least[(0,) * len(rules)] = 0
    for kinds in kept:
        least = _seated(least, kinds, ())
    for at, slot in enumerate(slots):
        kinds = [kind for kind, n in slot.of.items() if n]
        for _ in range(slot.seats):
            least = _seated(least, kinds, within if only in {None, at} else ())
    lawful = least[tuple(slice(rule.low, None) for rule in rules)]
    best = int(lawful.min(initial=FAR))
    return best if best < FAR else None


def _seated(least: Longs, kinds: Collection[Kind], counted: Collection[Kind]) -> Longs:
    """`least` after one more member of one of these kinds; a `counted` kind adds one."""
    after = np.full_like(least, FAR)
    for kind in kinds:
        here = tuple(slice(int(inside), None) for inside in kind)
        before = tuple(slice(0, -1) if inside else slice(None) for inside in kind)
        after[here] = np.minimum(after[here], least[before] + int(kind in counted))
    return after


def _areas(rules: Sequence[RegionRule], kinds: Collection[Kind]) -> Iterator[frozenset[Kind]]:
    """Each kind, each rule's provinces and those outside it; never all there is."""
    areas = {frozenset({kind}) for kind in kinds}
    for at in range(len(rules)):
        inside = frozenset(kind for kind in kinds if kind[at])
        areas |= {inside, frozenset(kinds) - inside}
    # All candidates of a slot are judged by R-POOL-3 already.
    yield from (area for area in areas if 0 < len(area) < len(kinds))


def _kinds(rules: Sequence[RegionRule], regions: Collection[int]) -> set[Kind]:
    """Kinds that a slot may seat by what was asked; any province if it asks for none."""
    if regions:
        return {kind_of(region, rules) for region in regions}
    named = {region for rule in rules for region in rule.regions}
    return {kind_of(region, rules) for region in named} | {(False,) * len(rules)}


def _counted(
    rules: Sequence[RegionRule], asked: Collection[int], regions: Ints
) -> Mapping[Kind, int]:
    counts = Counter(dict.fromkeys(_kinds(rules, asked), 0))
    for region, n in zip(*np.unique(regions, return_counts=True), strict=True):
        counts[kind_of(int(region), rules)] += int(n)
    return counts


def _seen_as(group: Group, told: Callable[[int], int]) -> Group:
    return replace(group, of={kind: told(n) for kind, n in group.of.items()})
