"""Working days: deadlines hold over the calendar of the yearly notices."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.working_days import SATURDAY, calendar, read_calendar

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 27), True),
        (date(2026, 11, 28), False),  # Saturday
        (date(2026, 2, 14), True),  # a Saturday worked instead
        (date(2026, 2, 20), False),  # Spring Festival
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2027, 10, 4), True),  # no notice for the year: weekends and fixed days alone
        (date(2027, 10, 1), False),
    ],
)
def test_a_day_is_worked_as_the_notice_says(day: date, works: bool) -> None:
    assert calendar().is_working(day) is works


def test_five_working_days_over_the_national_day() -> None:
    assert calendar().after(date(2026, 9, 29), 5) == date(2026, 10, 12)
    assert calendar().after(date(2026, 11, 27), 1) == date(2026, 11, 30)
    assert calendar().after(date(2026, 11, 28), 0) == date(2026, 11, 28)


@given(DAYS, st.integers(1, 40))
def test_the_last_day_of_a_deadline_is_worked_and_the_count_is_exact(day: date, n: int) -> None:
    last = calendar().after(day, n)

    between = [day + timedelta(days=k) for k in range(1, (last - day).days + 1)]
    assert calendar().is_working(last)
    assert sum(calendar().is_working(one) for one in between) == n


def test_a_year_without_a_notice_is_said_to_be_unknown() -> None:
    assert calendar().is_known(date(2026, 5, 1))
    assert not calendar().is_known(date(2031, 5, 1))


@given(DAYS)
def test_days_worked_instead_are_weekends(day: date) -> None:
    if day in calendar().worked:
        assert day.weekday() >= SATURDAY


def test_days_do_not_run_backwards_and_a_doctored_table_is_refused() -> None:
    with pytest.raises(ValueError, match="forwards"):
        calendar().after(date(2026, 1, 1), -1)
    with pytest.raises(ValueError, match="do not fit"):
        read_calendar({"2026": {"off": ["2026-01-01"], "worked": ["2026-01-01"]}})
    with pytest.raises(ValueError, match="do not fit"):
        read_calendar({"2026": {"off": ["2025-01-01"], "worked": []}})


@given(DAYS, st.integers(1, 40))
def test_the_days_left_are_those_that_a_deadline_was_given(day: date, n: int) -> None:
    last = calendar().after(day, n)
    assert calendar().left(day, last) == n
    assert calendar().left(last, last) == 0
    assert calendar().left(last + timedelta(days=1), last) < 0


def test_a_deadline_that_ended_on_friday_is_over_on_saturday() -> None:
    friday = date(2026, 11, 27)
    assert calendar().left(friday + timedelta(days=1), friday) == -1
    assert calendar().left(friday + timedelta(days=4), friday) == -2
