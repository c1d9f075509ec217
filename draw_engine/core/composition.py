"""Whether a committee (评标委员会) as requested may be drawn: one outcome for each rule.

A rule passes, fails, or is unverified: then a person must see to it, because the request
alone cannot show it. Counts of experts never appear here, only bands (R-NARROW-2).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from draw_engine.core.eligibility import Band, Funnel, PoolTooSmall
from draw_engine.core.region_rules import Supply, leaves_chance, of_any_kind, supply
from draw_engine.core.request import DrawRequest
from foundation.errors import Fact
from foundation.rulebook.overlay import Overlay
from foundation.rulebook.regimes import regime

PROVINCE: Final = 10_000


class Verdict(StrEnum):
    """What a rule says of a request."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One rule, its verdict, and what it rests on."""

    rule: str
    outcome: Verdict
    facts: Mapping[str, Fact]


def check_composition(
    request: DrawRequest,
    funnel: Funnel,
    banded: Sequence[tuple[Band, PoolTooSmall | None]],
    overlay: Overlay,
    kept: int = 0,
) -> list[RuleOutcome]:
    """Every rule on make-up and narrowness, in the order of the rule book.

    Args:
        funnel: what `screen` gave for the request's slots.
        banded: what `bands` gave for them.
        kept: members who keep their seats from the draw before; they count as experts.

    Raises:
        UnknownRegime: the request names a regime that the rule book does not have.
    """
    return [
        _size(request, kept),
        _bidders(request),
        _own_unit(request),
        _same_unit(request, funnel, overlay),
        _conditions(request),
        _narrowness(banded),
        _enough(banded, _random_regions(request, funnel, overlay, kept)),
    ]


def admissible(outcomes: Iterable[RuleOutcome]) -> bool:
    """No rule fails; an unverified one does not stop a request."""
    return all(one.outcome is not Verdict.FAIL for one in outcomes)


def _size(request: DrawRequest, kept: int) -> RuleOutcome:
    """Members odd and at least five, experts two thirds of them; all members accounted for."""
    of = regime(request.regime)
    members, experts = request.committee_size, request.seats + kept
    numerator, denominator = of.expert_share
    fits = (
        members >= of.least_members
        and members % 2 == 1
        and experts * denominator >= members * numerator
        and experts + len(request.owner_representatives) == members
    )
    facts: dict[str, Fact] = {
        "members": members,
        "experts": experts,
        "owner_representatives": len(request.owner_representatives),
        "least": of.least_members,
        "experts_needed": -(-members * numerator // denominator),
    }
    return RuleOutcome(of.size_rule, _verdict(fits), facts)


def _bidders(request: DrawRequest) -> RuleOutcome:
    """Before bid opening nobody may know the bidders; then this cannot be shown (R-REC-21)."""
    named = sum(party.kind == "bidder" for party in request.parties)
    return RuleOutcome("R-REC-1", Verdict.PASS if named else Verdict.UNVERIFIED, {"bidders": named})


def _own_unit(request: DrawRequest) -> RuleOutcome:
    """Own-unit experts can only be kept out where the procuring entity is named."""
    named = sum(party.kind == "procuring_entity" for party in request.parties)
    return RuleOutcome("R-REC-10", _verdict(named > 0), {"procuring_entities": named})


def _same_unit(request: DrawRequest, funnel: Funnel, overlay: Overlay) -> RuleOutcome:
    """Enough different units, for each slot and for all together, under the cap."""
    orgs = [np.unique(funnel.columns.org[rows]) for rows in funnel.eligible]
    together = np.unique(np.concatenate(orgs)) if orgs else np.empty(0)
    needs = [(len(of), slot.seats) for of, slot in zip(orgs, request.slots, strict=True)]
    fits = all(units * overlay.org_cap >= seats for units, seats in needs)
    fits = fits and len(together) * overlay.org_cap >= request.seats
    return RuleOutcome("R-UNIT-1", _verdict(fits), {"most_of_one_unit": overlay.org_cap})


def _conditions(request: DrawRequest) -> RuleOutcome:
    """Specialty and region are the only conditions there are.

    Regions must be provinces. That a slot's are the site's, and that a law or a regulation asks
    for a region rule of the committee, is for a person to see: a request holds words only. A
    second slot with the very same conditions is a split.
    """
    conditions = [(slot.bare_codes, tuple(sorted(slot.regions))) for slot in request.slots]
    regions = {region for slot in request.slots for region in slot.regions}
    facts: dict[str, Fact] = {
        "regions": len(regions),
        "split": len(set(conditions)) < len(conditions),
    }
    if request.region_rules:
        facts["region_rules"] = len(request.region_rules)
        regions |= {region for asked in request.region_rules for region in asked.regions}
    if facts["split"] or any(region % PROVINCE for region in regions):
        return RuleOutcome("R-NARROW-1", Verdict.FAIL, facts)
    return RuleOutcome("R-NARROW-1", Verdict.UNVERIFIED if regions else Verdict.PASS, facts)


def _narrowness(banded: Sequence[tuple[Band, PoolTooSmall | None]]) -> RuleOutcome:
    """Bands only; a slot with few asks the supervisor to look at the conditions."""
    few = any(band is Band.FEW for band, _ in banded)
    facts: dict[str, Fact] = {"bands": ", ".join(band for band, _ in banded)}
    return RuleOutcome("R-NARROW-2", Verdict.UNVERIFIED if few else Verdict.PASS, facts)


def _random_regions(request: DrawRequest, funnel: Funnel, overlay: Overlay, kept: int) -> bool:
    """Whether the region rules leave enough candidates wherever they force a seat."""
    if not (rules := request.committee_rules):
        return True
    found, members = supply_of(request, funnel), of_any_kind(rules, kept)
    return leaves_chance(rules, found, overlay.pool_least, members)


def supply_of(request: DrawRequest, funnel: Funnel) -> Supply:
    """The candidates of a request as its region rules see them."""
    return supply(request.committee_rules, request.asked, funnel.eligible, funnel.columns.region)


def _enough(banded: Sequence[tuple[Band, PoolTooSmall | None]], regions: bool) -> RuleOutcome:
    refused = [at for at, (_, refusal) in enumerate(banded) if refusal is not None]
    facts: dict[str, Fact] = {"slots": ", ".join(str(at) for at in refused)} if refused else {}
    if not regions:
        facts["region_rules"] = "narrow"
    return RuleOutcome("R-POOL-3", _verdict(not refused and regions), facts)


def _verdict(fits: bool) -> Verdict:
    return Verdict.PASS if fits else Verdict.FAIL
