"""A1, P14: asking again and again, until answers turn into counts or a friend passes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from draw_engine.core.coarse import coarse, told
from draw_engine.core.composition import RuleOutcome, Verdict, check_composition
from draw_engine.core.eligibility import Band, PoolTooSmall, Terms, band_of, bands, screen
from draw_engine.core.request import SlotRequest
from draw_engine.core.tally import CHECKS_AN_HOUR, REFUSED_AN_HOUR, AskedTooOften, Tally
from foundation.rulebook.overlay import load_overlay
from tests.draw_engine.draw_bench import DrawBench
from tests.draw_engine.pool.bench import TODAY, a_request, an_expert, columns, slot

OVERLAY = load_overlay("national")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def answers(experts: int, employers: int, exact: bool = False) -> list[Any]:
    """What a check tells of this pool, for every number of seats that can be asked."""
    pool = columns(
        *(
            an_expert(n, employer=f"E{n % employers}", group=f"E{n % employers}")
            for n in range(experts)
        )
    )
    found = []
    for seats in range(1, 26):
        request = a_request(slot("A08", seats=seats))
        funnel = screen(pool, request.slots, Terms(TODAY, TODAY))
        banded = bands(funnel, request.slots, OVERLAY)
        rules = check_composition(request, funnel, banded, OVERLAY)
        if not exact:
            banded, rules = coarse(request, funnel, banded, rules, OVERLAY)
        found.append((_plain(banded), rules))
    return found


def _plain(banded: Iterable[tuple[Band, PoolTooSmall | None]]) -> list[tuple[Band, Any]]:
    return [(band, one and dict(one.facts)) for band, one in banded]


@pytest.mark.parametrize(("fewer", "more"), [(1, 9), (10, 29), (30, 61)])
def test_r_narrow_2_no_number_of_seats_tells_two_pools_of_a_band_apart(
    fewer: int, more: int
) -> None:
    """R-NARROW-2: neither how many experts there are nor at how many employers."""
    assert answers(fewer, fewer) == answers(more, more)
    assert answers(more, fewer) == answers(more, more)
    assert answers(fewer, fewer, exact=True) != answers(more, more, exact=True)


@pytest.mark.parametrize("needed", [1, 8, 9, 10, 11, 29, 30, 31, 75])
def test_what_a_band_says_is_never_wrong(needed: int) -> None:
    for n in range(100):
        verdict = told(band_of(n), needed)
        assert verdict is Verdict.UNVERIFIED or (verdict is Verdict.PASS) == (n >= needed)


def test_r_pool_3_a_filing_is_judged_exactly_and_a_refused_one_is_counted(
    draws: DrawBench,
) -> None:
    """R-POOL-3: fifteen candidates for five seats: the check can't say, the filing does."""
    small = {"slots": (SlotRequest(("2018:B01",), 6),), "committee_size": 7}
    checked = draws.draws.check(draws.request(**small))
    assert _rule(checked.rules, "R-POOL-3").outcome is Verdict.UNVERIFIED
    assert [refusal for _, refusal in checked.slots] == [None]
    for _ in range(2):
        with pytest.raises(PoolTooSmall):
            draws.draws.file(draws.request(**small))

    draw = draws.draws.file(draws.request())
    seen = draws.rooms.supervision.look(draw.id).requester

    assert (seen.checks, seen.checks_in_all) == (1, 1)
    assert (seen.refused, seen.refused_in_all) == (2, 2)


def test_refusals_of_other_lots_are_counted_with_the_requester(draws: DrawBench) -> None:
    """P14: another M after a refusal is another try; each is kept with who asked."""
    draws.draws.check(draws.request(section="9"))
    for section in ("2", "3"):
        refused = draws.draws.file(draws.request(section=section))
        draws.draws.withdraw(refused.id, "act_applicant", "another try")
    draws.draws.check(draws.request(filed_by="act_somebody_else"))

    draw = draws.draws.file(draws.request())
    seen = draws.rooms.supervision.look(draw.id).requester

    assert (seen.checks, seen.checks_in_all, seen.aborted_in_all) == (0, 1, 2)


def test_a_refusal_at_the_freeze_counts_as_well(draws: DrawBench) -> None:
    draw = draws.draws.file(draws.request(slots=(SlotRequest(("2018:B01",), 4),)))
    draws.standings.update(dict.fromkeys(draws.pool.ids(), 3))
    draws.settle()

    seen = draws.rooms.supervision.look(draw.id).requester

    assert draws.draws.draw(draw.id).refused
    assert (seen.refused, seen.refused_in_all) == (1, 1)


def test_an_hour_s_checks_and_refusals_come_to_an_end() -> None:
    tally = Tally()
    for _ in range(CHECKS_AN_HOUR):
        tally = tally.checked(NOW)
    for _ in range(REFUSED_AN_HOUR):
        tally.require_filing(NOW)
        tally = tally.refused_once(NOW)
    with pytest.raises(AskedTooOften) as waiting:
        tally.checked(NOW)
    with pytest.raises(AskedTooOften):
        tally.require_filing(NOW)
    assert waiting.value.facts == {"wait_seconds": 1800}
    later = tally.checked(NOW + timedelta(seconds=1800))
    later.require_filing(NOW + timedelta(seconds=1800))
    assert (later.checks, later.refused) == (CHECKS_AN_HOUR + 1, REFUSED_AN_HOUR)


def test_over_the_limit_nothing_is_judged(draws: DrawBench, monkeypatch: Any) -> None:
    small = {"slots": (SlotRequest(("2018:B01",), 6),), "committee_size": 7}
    monkeypatch.setattr("draw_engine.core.tally.REFUSED_AN_HOUR", 1)
    monkeypatch.setattr("draw_engine.core.tally.CHECKS_AN_HOUR", 1)
    with pytest.raises(PoolTooSmall):
        draws.draws.file(draws.request(**small))
    with pytest.raises(AskedTooOften):
        draws.draws.file(draws.request(**small))
    draws.draws.check(draws.request())
    with pytest.raises(AskedTooOften):
        draws.draws.check(replace(draws.request(), section="another"))


def _rule(rules: Iterable[RuleOutcome], name: str) -> RuleOutcome:
    return next(one for one in rules if one.rule == name)
