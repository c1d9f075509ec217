"""Demerit points (记分): a province's table, an expert's account as a fold, what a threshold asks.

Nothing here punishes. A threshold that is reached is a `Hit`: a warning, or a proposal that
people decide (PIPL 24). The year is the calendar year in China of the day on which a fact
happened; it rolls by itself, since totals are computed and never stored.

Source: RULES R-ASM-4, R-EXIT-4.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from blacklist.core.log_facts import COUNTED, Outcome


class Counts(StrEnum):
    """Whether points add up from nothing, or are taken off a score."""

    UP = "up"
    DOWN = "down"


class On(StrEnum):
    """What a threshold looks at."""

    ONCE = "once"
    """Points from one evaluation."""
    YEAR = "year"
    """The year's total, or what is left of the year's score."""
    TIMES = "times"
    """How often a fact of the log happened in the year."""
    SHARE = "share"
    """Attended turns among the times drawn, once the year is over."""


class Act(StrEnum):
    """What a threshold asks of people; `warn` asks nothing and tells the expert."""

    WARN = "warn"
    SUSPEND = "suspend"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Row:
    """Points for one fact; a row that is off counts nothing."""

    fact: str
    points: Decimal
    source: str
    source_en: str
    mark: str
    on: bool


@dataclass(frozen=True, slots=True)
class Threshold:
    """One line of the table that asks for something. `months` 0: the term is for people to set.

    `at` is reached from below where points count up, from above where they count down;
    `below` is the share that must not be undercut.
    """

    id: str
    on: On
    act: Act
    source: str
    source_en: str
    mark: str
    at: Decimal = Decimal(0)
    below: Fraction = Fraction(0)
    fact: str = ""
    months: int = 0
    published: bool = False


@dataclass(frozen=True, slots=True)
class Unsupported:
    """What the province also provides and this service does not do, with the reason."""

    what: str
    why_zh: str
    why_en: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A table of demerit points; `hash` is the SHA-256 of its file."""

    id: str
    version: str
    hash: str
    title_zh: str
    title_en: str
    demonstration: bool
    counts: Counts
    start: Decimal
    late_minutes: int
    rows: tuple[Row, ...]
    thresholds: tuple[Threshold, ...]
    unsupported: tuple[Unsupported, ...]

    def row(self, fact: str) -> Row | None:
        """The row of a fact that is on; None where the fact costs nothing here."""
        return next((one for one in self.rows if one.fact == fact and one.on), None)


@dataclass(frozen=True, slots=True)
class Point:
    """Points for one fact in one evaluation.

    `occasion` is a keyed index of the evaluation: equal for points of one evaluation, and
    nothing to anybody without the key. `sealed` tells the rest, hex, under the same key.
    """

    id: str
    expert_id: str
    fact: str
    points: str
    scheme: str
    happened_on: date
    occasion: str
    sealed: str
    given_at: datetime
    dispute: str = ""
    disputed_at: datetime | None = None
    decision: str = ""
    decision_reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    taken_back_at: datetime | None = None
    taken_back_reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether it still weighs."""
        return self.taken_back_at is None

    @property
    def worth(self) -> Decimal:
        """The points as a number."""
        return Decimal(self.points)


@dataclass(frozen=True, slots=True)
class Turn:
    """One time an expert was drawn, and how it ended. `occasion` and `sealed` as in `Point`."""

    id: str
    expert_id: str
    outcome: str
    late: bool
    happened_on: date
    occasion: str
    sealed: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """A threshold that an account reached in a period; `left_at` when it no longer holds."""

    id: str
    expert_id: str
    threshold: str
    year: int
    period: str
    act: str
    months: int
    total: str
    at: datetime
    case_id: str = ""
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """All accounts: the state of the stream `points`."""

    points: Mapping[str, Point]
    turns: Mapping[str, Turn]
    reached: Mapping[str, Reached]


@dataclass(frozen=True, slots=True)
class Hit:
    """A threshold that holds now: in which period of the year, with what total."""

    threshold: Threshold
    year: int
    period: str
    total: str


def total(scheme: Scheme, points: Iterable[Point], year: int) -> Decimal:
    """The year's points, or what is left of the year's score."""
    lost = sum(
        (one.worth for one in points if one.counts and one.happened_on.year == year), Decimal(0)
    )
    return lost if scheme.counts is Counts.UP else scheme.start - lost


def share(turns: Iterable[Turn], year: int) -> tuple[int, int]:
    """Turns attended and times drawn in a year, those that count (R-EXIT-4)."""
    counted = [one for one in turns if one.happened_on.year == year and one.outcome in COUNTED]
    return sum(one.outcome == Outcome.ATTENDED for one in counted), len(counted)


def times(turns: Iterable[Turn], fact: str, year: int) -> int:
    """How often a fact of the log happened in a year: `absent`, `late`, an outcome's name."""
    of_year = [one for one in turns if one.happened_on.year == year]
    return sum(one.late if fact == "late" else one.outcome == fact for one in of_year)


def hits(
    scheme: Scheme, points: Sequence[Point], turns: Sequence[Turn], year: int, *, is_over: bool
) -> list[Hit]:
    """Thresholds that an account reaches in a year.

    Args:
        points, turns: of one expert.
        is_over: whether the year is; a share of turns is judged only then.
    """
    found = []
    for one in scheme.thresholds:
        match one.on:
            case On.ONCE:
                found += _once(one, points, year)
            case On.YEAR:
                if _reaches(scheme, one.at, whole := total(scheme, points, year)):
                    found.append(Hit(one, year, str(year), plain(whole)))
            case On.TIMES:
                if (count := times(turns, one.fact, year)) >= one.at:
                    found.append(Hit(one, year, str(year), str(count)))
            case On.SHARE:
                attended, drawn = share(turns, year)
                if is_over and drawn and Fraction(attended, drawn) < one.below:
                    found.append(Hit(one, year, str(year), f"{attended}/{drawn}"))
    return found


def _once(threshold: Threshold, points: Sequence[Point], year: int) -> list[Hit]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in points:
        if one.counts and one.happened_on.year == year:
            sums[one.occasion] += one.worth
    return [
        Hit(threshold, year, occasion, plain(found))
        for occasion, found in sums.items()
        if found >= threshold.at
    ]


def _reaches(scheme: Scheme, at: Decimal, found: Decimal) -> bool:
    return found >= at if scheme.counts is Counts.UP else found <= at


def news(
    found: Iterable[Hit], known: Iterable[Reached], year: int
) -> tuple[list[Hit], list[Reached]]:
    """Hits that are not on record yet, and records of this year that no longer hold."""
    open_ = [one for one in known if one.left_at is None and one.year == year]
    now = {(one.threshold.id, one.period): one for one in found}
    on_record = {(one.threshold, one.period) for one in open_}
    gone = [one for one in open_ if (one.threshold, one.period) not in now]
    return [one for key, one in now.items() if key not in on_record], gone


def nearness(scheme: Scheme, points: Sequence[Point], year: int) -> Fraction:
    """How much of the way to the nearest proposal of the year's total is gone; 1 is there."""
    ends = [one.at for one in scheme.thresholds if one.on is On.YEAR and one.act is not Act.WARN]
    if not ends:
        return Fraction(0)
    nearest = min(ends) if scheme.counts is Counts.UP else max(ends)
    gone, way = total(scheme, points, year) - scheme.start, nearest - scheme.start
    return Fraction(gone) / Fraction(way) if way else Fraction(1)


def plain(number: Decimal) -> str:
    """A number without trailing zeros or exponent."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def fold(facts: Iterable[tuple[str, Mapping[str, Any] | None]]) -> Register:
    """The accounts that the entries (type, body) of the stream `points` add up to.

    An entry whose body was erased is passed over, and so is what came of it.
    """
    register = Register({}, {}, {})
    for type_, body in facts:
        if body is not None:
            register = apply(register, type_, body)
    return register


def apply(register: Register, type_: str, body: Mapping[str, Any]) -> Register:
    """The accounts after one more entry."""
    points, turns = dict(register.points), dict(register.turns)
    reached = dict(register.reached)
    id_ = str(body["id"])
    match type_:
        case "rating.points_given":
            points[id_] = point_of(body)
        case "rating.turn_recorded":
            turns[id_] = turn_of(body)
        case "rating.points_disputed" | "rating.dispute_decided" | "rating.points_taken_back":
            if id_ in points:
                points[id_] = after(points[id_], type_, body)
        case "rating.threshold_reached":
            reached[id_] = reached_of(body)
        case "rating.threshold_left":
            if id_ in reached:
                reached[id_] = left(reached[id_], body)
        case "rating.case_opened":
            if id_ in reached:
                reached[id_] = with_case(reached[id_], body)
        case _:
            raise ValueError(f"the stream has no entry of type {type_}")
    return Register(points, turns, reached)


def point_of(body: Mapping[str, Any]) -> Point:
    """The point in the body of `rating.points_given`."""
    return Point(
        id=body["id"],
        expert_id=body["expert_id"],
        fact=body["fact"],
        points=body["points"],
        scheme=body["scheme"],
        happened_on=date.fromisoformat(body["happened_on"]),
        occasion=body["occasion"],
        sealed=body["sealed"],
        given_at=datetime.fromisoformat(body["at"]),
    )


def turn_of(body: Mapping[str, Any]) -> Turn:
    """The turn in the body of `rating.turn_recorded`."""
    return Turn(
        id=body["id"],
        expert_id=body["expert_id"],
        outcome=body["outcome"],
        late=body["late"],
        happened_on=date.fromisoformat(body["happened_on"]),
        occasion=body["occasion"],
        sealed=body["sealed"],
        recorded_at=datetime.fromisoformat(body["at"]),
    )


def reached_of(body: Mapping[str, Any]) -> Reached:
    """The record in the body of `rating.threshold_reached`."""
    return Reached(
        id=body["id"],
        expert_id=body["expert_id"],
        threshold=body["threshold"],
        year=body["year"],
        period=body["period"],
        act=body["act"],
        months=body["months"],
        total=body["total"],
        at=datetime.fromisoformat(body["at"]),
    )


def left(reached: Reached, body: Mapping[str, Any]) -> Reached:
    """The record after `rating.threshold_left`."""
    return replace(reached, left_at=datetime.fromisoformat(body["at"]))


def with_case(reached: Reached, body: Mapping[str, Any]) -> Reached:
    """The record after `rating.case_opened`."""
    return replace(reached, case_id=body["case_id"])


def after(point: Point, type_: str, body: Mapping[str, Any]) -> Point:
    """A point after what the expert or the reviewer said of it."""
    at = datetime.fromisoformat(body["at"])
    if type_ == "rating.points_disputed":
        return replace(point, dispute=body["text"], disputed_at=at)
    if type_ == "rating.points_taken_back":
        return replace(point, taken_back_at=at, taken_back_reason=body["reason"])
    return replace(
        point,
        decision=body["decision"],
        decision_reason=body["reason"],
        decided_by=body["by"],
        decided_at=at,
    )


def years_of(points: Iterable[Point], turns: Iterable[Turn]) -> Collection[int]:
    """Years in which an account has something."""
    found = {one.happened_on.year for one in points}
    return found | {one.happened_on.year for one in turns}
