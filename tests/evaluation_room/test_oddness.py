"""Tails and bands against plain fractions; the board against what a person would say."""

from fractions import Fraction
from math import comb, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation_room.core.oddness import BANDS, bars, is_alarm, limits, pooled, tail
from evaluation_room.core.watching import Filings, Kind, Seen, Share, board

counts = st.integers(0, 60)
shares = st.integers(0, 100).map(lambda part: Fraction(part, 100))


def exact_tail(k: int, n: int, p: Fraction) -> Fraction:
    return sum((comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1)), Fraction(0))


@given(counts, counts, shares)
def test_a_tail_is_the_sum_of_exact_fractions(k: int, n: int, p: Fraction) -> None:
    assert isclose(tail(k, n, float(p)), exact_tail(k, n, p), rel_tol=1e-9, abs_tol=1e-300)


@given(st.integers(1, 60), shares, st.sampled_from(BANDS))
def test_a_band_leaves_at_most_its_tail_outside_and_is_the_narrowest_that_does(
    n: int, p: Fraction, each: float
) -> None:
    band = limits(n, float(p), each)
    low, high = round(band.low * n), round(band.high * n)
    slack = Fraction(1, 10**9)
    bound = Fraction(each)
    assert exact_tail(high + 1, n, p) <= bound + slack
    assert high == 0 or exact_tail(high, n, p) >= bound - slack
    assert 1 - exact_tail(low, n, p) <= bound + slack
    assert low == n or 1 - exact_tail(low + 1, n, p) >= bound - slack


def test_a_tail_of_large_counts_does_not_vanish() -> None:
    assert tail(600, 1000, 0.42) == pytest.approx(
        float(exact_tail(600, 1000, Fraction(42, 100))), rel=1e-9
    )
    assert tail(0, 0, 0.5) == 1
    with pytest.raises(ValueError, match="no binomial"):
        tail(1, 5, 1.5)


def test_bars_and_the_one_alarm() -> None:
    assert [bars(1 / n) for n in (10, 20, 45, 260, 420, 14_000)] == [0, 1, 2, 3, 4, 5]
    assert is_alarm(1 / 14_000, 212)
    assert not is_alarm(1 / 420, 212)


def seen(requester: str, n: int, invited: int, refused: int, *, fruitless: int = 0) -> list[Seen]:
    """`n` draws of a requester, each with so many invited and refused."""
    return [
        Seen(
            draw_id=f"{requester}-{i}",
            requester=requester,
            invited=invited,
            causes={"refused": refused} if refused else {},
            over=True,
            fruitless=i < fruitless,
        )
        for i in range(n)
    ]


USUAL = [*seen("a", 20, 6, 1), *seen("b", 20, 6, 1)]


def test_a_requester_like_the_others_is_nothing_rare() -> None:
    told = board(USUAL, {})
    assert told.odd == ()
    assert told.checks == 6  # two requesters, three counts of draws
    assert told.mean == Share(40, 240)
    assert [point.outside for point in told.points] == [False, False]


def test_the_rarest_comes_first_and_at_most_one_is_an_alarm() -> None:
    told = board([*USUAL, *seen("c", 20, 6, 3, fruitless=12)], {})
    first, second, *_ = told.odd
    assert {first.kind, second.kind} == {Kind.DECLINED, Kind.NO_COMMITTEE}
    assert (first.requester, second.requester) == ("c", "c")
    assert first.chance <= second.chance
    assert [odd.alarm for odd in told.odd] == [True] + [False] * (len(told.odd) - 1)
    declined = next(odd for odd in told.odd if odd.kind is Kind.DECLINED)
    assert (declined.share, declined.others) == (Share(60, 120), Share(40, 240))
    assert declined.chance == pytest.approx(tail(60, 120, pooled(40, 240)))
    assert len(declined.draws) == 20
    assert [p.requester for p in told.points if p.outside] == ["c"]


def test_nobody_is_compared_with_too_few_others() -> None:
    assert board(seen("c", 20, 6, 6), {}).odd == ()
    # 18 invitations and 3 draws of the only other one: c has no base, a has the 120 of c
    told = board([*seen("c", 20, 6, 6), *seen("a", 3, 6, 0)], {})
    assert (told.odd, told.checks) == ((), 3)
    assert board([], {}).points == ()


def test_filings_that_are_refused_at_once_are_counted_beside_draws() -> None:
    filings = {"a": Filings(40, 2), "b": Filings(40, 2), "c": Filings(5, 12)}
    first = board(USUAL, filings).odd[0]
    assert (first.kind, first.requester, first.share) == (Kind.REFUSED, "c", Share(12, 17))
    assert first.draws == ()


def test_bands_narrow_as_invitations_grow() -> None:
    bands = board([*USUAL, *seen("c", 200, 6, 1)], {}).bands
    widths = [band.outer.high - band.outer.low for band in bands]
    assert widths[-1] < widths[0] / 3
    assert all(b.outer.low <= b.inner.low <= b.inner.high <= b.outer.high for b in bands)
