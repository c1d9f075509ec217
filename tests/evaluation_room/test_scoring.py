"""Figures against plain fractions: nothing is lost before the one rounding."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from evaluation_room.core.scoring import cell_fault, exact, figure, price_score, ranking
from evaluation_room.core.values import Criterion, CriterionKind, Mark
from tests.evaluation_room.bench import bidders

prices = st.integers(1, 10**14)
positive = st.fractions(min_value=0, max_value=200)
halves = st.integers(0, 80).map(lambda n: Fraction(n, 2))


@given(positive)
def test_a_figure_is_the_fraction_rounded_half_up_to_hundredths(value: Fraction) -> None:
    shown = Fraction(figure(value))
    assert abs(shown - value) <= Fraction(1, 200)
    assert shown - value != Fraction(-1, 200)  # a half goes up
    assert figure(value)[-3] == "."


@given(st.integers(0, 10**7))
def test_a_finite_decimal_is_rounded_as_decimal_does(thousandths: int) -> None:
    rounded = (Decimal(thousandths) / 1000).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert figure(Fraction(thousandths, 1000)) == str(rounded)


@given(st.lists(prices, min_size=1, max_size=12), st.integers(1, 100))
def test_the_lowest_bid_gets_the_full_weight_and_nobody_more(bids: list[int], weight: int) -> None:
    base = min(bids)
    scores = [price_score(base, bid, Fraction(weight)) for bid in bids]
    assert max(scores) == weight
    assert scores == [Fraction(base * weight, bid) for bid in bids]
    order = sorted(range(len(bids)), key=lambda place: bids[place])
    assert [scores[place] for place in order] == sorted(scores, reverse=True)


@given(st.tuples(positive, positive, positive), st.tuples(prices, prices, prices))
def test_a_ranking_never_puts_less_before_more(
    totals: tuple[Fraction, Fraction, Fraction], bids: tuple[int, int, int]
) -> None:
    three = bidders(*bids)
    shown = {one.id: figure(value) for one, value in zip(three, totals, strict=True)}
    price = {one.id: one.price_fen for one in three}
    ranks = ranking(shown, three)
    keys = [(-Fraction(shown[one.bidder]), price[one.bidder]) for one in ranks]
    assert keys == sorted(keys)
    for one, key in zip(ranks, keys, strict=True):
        assert one.rank == 1 + sum(other < key for other in keys)
        assert one.tied == (keys.count(key) > 1)


@given(halves)
def test_an_exact_score_has_one_spelling(value: Fraction) -> None:
    assert Fraction(exact(value)) == value
    assert not exact(value).endswith(("0", ".")) or "." not in exact(value)


@given(st.integers(0, 130), st.sampled_from(["", "理由"]))
def test_a_cell_takes_multiples_of_its_step_up_to_its_maximum_and_asks_for_reasons(
    tenths: int, reason: str
) -> None:
    assume(tenths)
    item = Criterion(id="c", title="t", max="12", step="0.5", kind=CriterionKind.SUBJECTIVE)
    mark = Mark(bidder="b", criterion="c", score=exact(Fraction(tenths, 10)), reason=reason)
    fault = cell_fault(item, mark)
    if tenths > 120:
        assert fault == "room.score_out_of_range"
    elif tenths % 5:
        assert fault == "room.score_off_step"
    elif tenths < 120 and not reason:
        assert fault == "room.reason_missing"
    else:
        assert fault is None
