"""Sheets, price scores, totals, ranking: exact fractions, one half-up rounding.

The score sheet is generated from the signed criteria and nothing else (R-EVAL-1). The
price score follows 87号令 art. 55 (R-EVAL-7); the ranking art. 57 (R-EVAL-8). No score is
averaged away, capped or dropped: what looks odd is a question (R-EVAL-13, R-EVAL-15).
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from statistics import median
from typing import Final

from evaluation_room.core.errors import CriteriaUnfit, PriceWeightTooLow
from evaluation_room.core.room import Room, Seat
from evaluation_room.core.values import (
    Bidder,
    Criteria,
    Criterion,
    CriterionKind,
    Figure,
    Flag,
    FlagKind,
    Mark,
    MemberSum,
    PriceScore,
    Purchase,
    Rank,
    Results,
    Score,
    SeatValue,
    Sheet,
    SheetFault,
    Total,
)

FULL: Final = 100
OUTLIER_SHARE: Final = Fraction(3, 10)
OUTLIER_LEAST_MEMBERS: Final = 3
GP_PRICE_LEAST: Final[Mapping[Purchase, int]] = {Purchase.GOODS: 30, Purchase.SERVICES: 10}
"""Least price weight in per cent (87号令 art. 55)."""


def check_criteria(criteria: Criteria, regime: str) -> None:
    """Refuse criteria that cannot make a score sheet.

    Raises:
        CriteriaUnfit: ids repeat, a maximum is zero or no multiple of its step, or maxima
            and price weight do not add up to 100.
        PriceWeightTooLow: in government procurement below 30 for goods, below 10 for
            services (R-EVAL-7).
    """
    ids = [item.id for item in criteria.criteria]
    if not ids:
        raise CriteriaUnfit(why="empty")
    if len(set(ids)) != len(ids):
        raise CriteriaUnfit(why="ids")
    for item in criteria.criteria:
        if not Fraction(item.step) or not Fraction(item.max):
            raise CriteriaUnfit(why="zero", criterion=item.id)
        if Fraction(item.max) % Fraction(item.step):
            raise CriteriaUnfit(why="step", criterion=item.id)
    weights = sum((Fraction(item.max) for item in criteria.criteria), Fraction(0))
    if weights + Fraction(criteria.price_weight) != FULL:
        raise CriteriaUnfit(why="sum")
    least = GP_PRICE_LEAST[criteria.purchase or Purchase.GOODS]
    if regime.startswith("GP") and Fraction(criteria.price_weight) < least:
        raise PriceWeightTooLow(least=least)


def cell_fault(criterion: Criterion, mark: Mark) -> str | None:
    """Why a mark cannot stand in a cell: the code of the refusal, or None."""
    score = Fraction(mark.score)
    if score > Fraction(criterion.max):
        return "room.score_out_of_range"
    if score % Fraction(criterion.step):
        return "room.score_off_step"
    if score < Fraction(criterion.max) and not mark.reason.strip():
        return "room.reason_missing"
    return None


def sheet_faults(room: Room, seat: Seat, sheet: Sheet) -> tuple[SheetFault, ...]:
    """Everything wrong with a sheet, in its order; empty when it may count."""
    criteria = room.criteria
    if criteria is None or sheet.criteria_sha256 != room.criteria_sha256:
        return (SheetFault(code="room.criteria_changed"),)
    if (sheet.evaluation_id, sheet.seat) != (room.evaluation_id, seat.id):
        return (SheetFault(code="room.sheet_not_yours"),)
    wanted = [(bidder.id, item.id) for bidder in room.bidders for item in criteria.criteria]
    given = [(mark.bidder, mark.criterion) for mark in sheet.marks]
    if given != wanted:
        missing = [cell for cell in wanted if cell not in set(given)]
        if not missing:
            return (SheetFault(code="room.sheet_out_of_order"),)
        return tuple(
            SheetFault(code="room.sheet_incomplete", bidder=bidder, criterion=criterion)
            for bidder, criterion in missing
        )
    known = {item.id: item for item in criteria.criteria}
    return tuple(
        SheetFault(code=code, bidder=mark.bidder, criterion=mark.criterion)
        for mark in sheet.marks
        if (code := cell_fault(known[mark.criterion], mark)) is not None
    )


def flags(room: Room) -> tuple[Flag, ...]:
    """What the opened sheets ask the committee, in bidder and criterion order."""
    return tuple(_flags(room))


def open_mismatches(room: Room, among: Sequence[Flag]) -> set[str]:
    """Ids of the objective mismatches whose members still differ."""
    return {
        flag.id
        for flag in among
        if flag.kind is FlagKind.OBJECTIVE_MISMATCH
        and len({value.score for value in _values(room, flag.bidder, flag.criterion)}) > 1
    }


def results(room: Room) -> Results:
    """Price scores, totals and ranking of a room whose live seats' sheets are all opened.

    Raises:
        ValueError: no bidders, no seats, or a sheet is not opened.
    """
    if room.criteria is None or not room.bidders or not room.seats:
        raise ValueError("nothing to score")
    base = min(bidder.price_fen for bidder in room.bidders)
    weight = Fraction(room.criteria.price_weight)
    prices = {b.id: price_score(base, b.price_fen, weight) for b in room.bidders}
    totals = tuple(_total(room, bidder, prices[bidder.id]) for bidder in room.bidders)
    return Results(
        base_fen=base,
        prices=tuple(
            PriceScore(bidder=b.id, price_fen=b.price_fen, score=figure(prices[b.id]))
            for b in room.bidders
        ),
        totals=totals,
        ranking=ranking({t.bidder: t.total for t in totals}, room.bidders),
    )


def price_score(base_fen: int, bid_fen: int, weight: Fraction) -> Fraction:
    """`base / bid x weight`, exact; base is the lowest valid bid (87号令 art. 55)."""
    return Fraction(base_fen, bid_fen) * weight


def ranking(totals: Mapping[str, Figure], bidders: Sequence[Bidder]) -> tuple[Rank, ...]:
    """Score descending, then price ascending, then tied (87号令 art. 57).

    The score compared is the published one, two digits: bidders whose published scores
    are equal are ordered by price, not by a fraction nobody can see.
    """
    keys = {bidder.id: (-Fraction(totals[bidder.id]), bidder.price_fen) for bidder in bidders}
    order = sorted(keys, key=lambda bidder: keys[bidder])
    return tuple(
        Rank(
            bidder=bidder,
            rank=1 + sum(1 for other in keys.values() if other < keys[bidder]),
            tied=sum(1 for other in keys.values() if other == keys[bidder]) > 1,
        )
        for bidder in order
    )


def figure(value: Fraction) -> Figure:
    """A non-negative fraction with two digits, half-up: the one place where we round."""
    hundredths = (value.numerator * 200 + value.denominator) // (2 * value.denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def exact(value: Fraction) -> Score:
    """The one spelling of a fraction that is a finite decimal.

    Raises:
        ValueError: it is not, within four digits.
    """
    scaled = value * 10_000
    if scaled.denominator != 1 or scaled < 0:
        raise ValueError(f"{value} is no decimal of four digits")
    whole, rest = divmod(scaled.numerator, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")


def _total(room: Room, bidder: Bidder, price: Fraction) -> Total:
    sums = {seat.id: member_sum(room, seat, bidder.id) for seat in room.seats}
    mean = sum(sums.values(), Fraction(0)) / len(sums)
    return Total(
        bidder=bidder.id,
        members=tuple(MemberSum(seat=seat, sum=exact(value)) for seat, value in sums.items()),
        mean=figure(mean),
        price=figure(price),
        total=figure(mean + price),
    )


def member_sum(room: Room, seat: Seat, bidder: str) -> Fraction:
    """What one member gave one bidder, over all criteria."""
    total = Fraction(0)
    for item in room.criteria.criteria if room.criteria else ():
        score = room.score(seat, bidder, item.id)
        if score is None:
            raise ValueError(f"seat {seat.id} has no score for {bidder}, {item.id}")
        total += Fraction(score)
    return total


def _flags(room: Room) -> Iterator[Flag]:
    for bidder in room.bidders:
        for item in room.criteria.criteria if room.criteria else ():
            values = _values(room, bidder.id, item.id)
            if item.kind is CriterionKind.OBJECTIVE:
                if len({value.score for value in values}) > 1:
                    yield _flag(FlagKind.OBJECTIVE_MISMATCH, bidder.id, item.id, values)
            else:
                for seat in _outliers(item, values):
                    yield _flag(FlagKind.OUTLIER, bidder.id, item.id, values, seat)


def _outliers(criterion: Criterion, values: Sequence[SeatValue]) -> Iterator[str]:
    """Seats further than 30 % of the full mark from the median of the members.

    The median of all, not of the others: with three members the others' median would be
    halfway to the odd score and flag everybody.
    """
    if len(values) < OUTLIER_LEAST_MEMBERS:
        return
    limit = Fraction(criterion.max) * OUTLIER_SHARE
    middle = median(Fraction(value.score) for value in values)
    for value in values:
        if abs(Fraction(value.score) - middle) > limit:
            yield value.seat


def _values(room: Room, bidder: str, criterion: str) -> tuple[SeatValue, ...]:
    return tuple(
        SeatValue(seat=seat.id, score=score)
        for seat in room.seats
        if (score := room.score(seat, bidder, criterion)) is not None
    )


def _flag(
    kind: FlagKind,
    bidder: str,
    criterion: str,
    values: tuple[SeatValue, ...],
    seat: str | None = None,
) -> Flag:
    parts = (kind.value, bidder, criterion, *([seat] if seat else []))
    return Flag(
        id="/".join(parts), kind=kind, bidder=bidder, criterion=criterion, seat=seat, values=values
    )
