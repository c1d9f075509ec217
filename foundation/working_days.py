"""Working days (工作日) by the State Council's yearly notices: a table, and counting on it.

A deadline of n working days ends with the n-th working day after the day on which it began;
the first day does not count. Source: holidays.toml; 民法典 201, 203.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any, Final

FIXED: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Days off that fall on the same date of every year (全国年节及纪念日放假办法); the rest of a
year without a notice is weekends alone, so its deadlines can only come out shorter."""

SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off and days worked instead; `years` are those with a notice."""

    off: frozenset[date]
    worked: frozenset[date]
    years: frozenset[int]

    def is_known(self, day: date) -> bool:
        """Whether a notice says which days of this year are off."""
        return day.year in self.years

    def is_working(self, day: date) -> bool:
        """Is this day a working day?"""
        if self.is_known(day):
            return day in self.worked or (day.weekday() < SATURDAY and day not in self.off)
        return day.weekday() < SATURDAY and (day.month, day.day) not in FIXED

    def after(self, day: date, n: int) -> date:
        """The n-th working day after `day`; the day itself for n = 0.

        Raises:
            ValueError: n is negative.
        """
        if n < 0:
            raise ValueError("working days count forwards")
        while n:
            day += timedelta(days=1)
            n -= self.is_working(day)
        return day

    def left(self, today: date, last: date) -> int:
        """How many working days come after `today` up to `last`.

        Below zero once `last` is over, on the day of rest after it too.
        """
        if last < today:
            return min(-1, -self.left(last, today))
        days = (today + timedelta(days=n + 1) for n in range((last - today).days))
        return sum(self.is_working(day) for day in days)


@cache
def calendar() -> Calendar:
    """The calendar that the program carries."""
    data = resources.files("foundation").joinpath("holidays.toml").read_text("utf-8")
    return read_calendar(tomllib.loads(data))


def read_calendar(table: Mapping[str, Any]) -> Calendar:
    """The calendar in a parsed file.

    Raises:
        ValueError: a day is not of its year, or is both off and worked.
    """
    off, worked = set[date](), set[date]()
    for year, notice in table.items():
        days = {one for span in notice["off"] for one in _days(span)}
        instead = {date.fromisoformat(one) for one in notice["worked"]}
        if days & instead or any(str(one.year) != year for one in days | instead):
            raise ValueError(f"the days of {year} do not fit")
        off |= days
        worked |= instead
    return Calendar(frozenset(off), frozenset(worked), frozenset(int(year) for year in table))


def _days(span: str) -> list[date]:
    first, _, last = span.partition("/")
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
