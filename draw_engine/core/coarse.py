"""What an applicant is told before filing: a function of bands, and of nothing finer.

Exact judgements flip at exact numbers: whoever may ask as often as they like reads the size of
a small pool, or how many employers it has, from the flip. So a check answers from the band
alone: enough where the band holds at least what is needed, too few where it can't, and
otherwise "judged at filing", which leaves a trace (R-NARROW-2).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from draw_engine.core.composition import RuleOutcome, Verdict, supply_of
from draw_engine.core.eligibility import Band, Funnel, PoolTooSmall, band_of, needs
from draw_engine.core.region_rules import FAR, leaves_chance, of_any_kind
from draw_engine.core.request import DrawRequest
from foundation.errors import Fact
from foundation.rulebook.overlay import Overlay

LEAST: Final = {Band.FEW: 0, Band.SOME: 10, Band.AMPLE: 30}
MOST: Final = {Band.FEW: 9, Band.SOME: 29, Band.AMPLE: None}
"""Fewest and most that a band may stand for; None: no end."""


def told(band: Band, needed: int) -> Verdict:
    """Whether a number of this band is enough, as far as the band says."""
    most = MOST[band]
    if needed <= LEAST[band]:
        return Verdict.PASS
    return Verdict.FAIL if most is not None and needed > most else Verdict.UNVERIFIED


def coarse(
    request: DrawRequest,
    funnel: Funnel,
    banded: Sequence[tuple[Band, PoolTooSmall | None]],
    outcomes: Sequence[RuleOutcome],
    overlay: Overlay,
    *,
    kept: int = 0,
) -> tuple[list[tuple[Band, PoolTooSmall | None]], list[RuleOutcome]]:
    """Bands and outcomes as a check may tell them.

    Args:
        banded: what `bands` gave: exact refusals, of which only those the band shows stay.
        outcomes: what `check_composition` gave: R-UNIT-1 and R-POOL-3 are judged again.
        kept: members who keep their seats from the draw before.
    """
    enough = [
        told(band, needed)
        for (band, _), needed in zip(banded, needs(funnel, request.slots, overlay), strict=True)
    ]
    shown = [
        (band, refusal if verdict is Verdict.FAIL else None)
        for (band, refusal), verdict in zip(banded, enough, strict=True)
    ]
    regions = _regions(request, funnel, overlay, kept)
    again = {"R-UNIT-1": _units(request, funnel, overlay), "R-POOL-3": _worst([*enough, regions])}
    narrow = regions is Verdict.FAIL
    return shown, [_retold(one, again.get(one.rule), narrow) for one in outcomes]


def _retold(one: RuleOutcome, verdict: Verdict | None, narrow: bool) -> RuleOutcome:
    if verdict is None:
        return one
    facts: dict[str, Fact] = dict(one.facts) if one.rule == "R-UNIT-1" else {}
    if one.rule == "R-POOL-3" and narrow:
        facts["region_rules"] = "narrow"
    if verdict is Verdict.UNVERIFIED:
        facts["judged"] = "filing"
    return replace(one, outcome=verdict, facts=facts)


def _units(request: DrawRequest, funnel: Funnel, overlay: Overlay) -> Verdict:
    """R-UNIT-1 from the band of the number of different units."""
    orgs = [np.unique(funnel.columns.org[rows]) for rows in funnel.eligible]
    together = np.unique(np.concatenate(orgs)) if orgs else np.empty(0)
    wanted = [*(slot.seats for slot in request.slots), request.seats]
    counts = [*(len(of) for of in orgs), len(together)]
    return _worst(
        [
            told(band_of(units), -(-seats // overlay.org_cap))
            for units, seats in zip(counts, wanted, strict=True)
        ]
    )


def _regions(request: DrawRequest, funnel: Funnel, overlay: Overlay, kept: int) -> Verdict:
    """What region rules leave to chance, from the fewest and the most that bands stand for.

    More candidates never make it worse, so between these two lies every true answer.
    """
    if not (rules := request.committee_rules):
        return Verdict.PASS
    found, members = supply_of(request, funnel), of_any_kind(rules, kept)
    if leaves_chance(rules, found.seen_as(_least), overlay.pool_least, members):
        return Verdict.PASS
    most = leaves_chance(rules, found.seen_as(_most), overlay.pool_least, members)
    return Verdict.UNVERIFIED if most else Verdict.FAIL


def _least(n: int) -> int:
    return LEAST[band_of(n)]


def _most(n: int) -> int:
    most = MOST[band_of(n)]
    return FAR if most is None else most


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    order = (Verdict.FAIL, Verdict.UNVERIFIED, Verdict.PASS)
    return min(verdicts, key=order.index, default=Verdict.PASS)
