"""Accounts over a year of draws: attendance, lateness, thresholds; on both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.blacklist.drawn import CAME, DrawnBench
from tests.stores.places import Stores

pytestmark = pytest.mark.both_engines

NEW_YEAR = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)


@pytest.fixture
def beijing(stores: Stores) -> Iterator[DrawnBench]:
    bench = DrawnBench(stores, "beijing")
    yield bench
    bench.check()
    bench.database.close()


def test_the_share_of_turns_is_judged_when_the_year_is_over(beijing: DrawnBench) -> None:
    """R-EXIT-4: who comes to less than a third; a lawful recusal is no time drawn."""
    for _ in range(3):
        beijing.drawn(choosy="refused", good=CAME, recused="conflict", mute="unreachable")
    beijing.drawn(choosy=CAME, good=CAME)
    beijing.tick()
    assert beijing.reached("choosy") == []
    found, base = beijing.ratings.accounts.accounts()
    assert {one.expert_id: (one.attended, one.drawn) for one in found} == {
        "ex_choosy": (1, 4),
        "ex_good": (4, 4),
        "ex_recused": (0, 0),
        "ex_mute": (0, 3),
    }
    assert base == (5, 11)

    beijing.clock.at = NEW_YEAR
    for _ in range(2):
        beijing.tick()
        beijing.begin()
    for name, asked in (("choosy", ["attendance"]), ("mute", ["attendance"]), ("good", [])):
        assert beijing.reached(name) == asked
    assert beijing.reached("recused") == []
    [record] = beijing.account("choosy").reached
    assert (record.act, record.months, record.total, record.case_id) == ("suspend", 0, "1/4", "")


def test_two_absences_and_three_late_arrivals_ask_at_once(beijing: DrawnBench) -> None:
    """R-EXIT-4."""
    for n in range(3):
        beijing.drawn(tardy="late", good=CAME, gone="absent" if n < 2 else CAME)
    beijing.tick()
    assert beijing.reached("tardy") == ["late"]
    assert beijing.reached("gone") == ["no_show"]
    assert beijing.reached("good") == []
    assert beijing.account("tardy").times == {
        "late": 3,
        "absent": 0,
        "declined": 0,
        "unanswered": 0,
    }
    assert [one.fact for one in beijing.account("tardy").points] == ["late"] * 3


def test_a_year_rolls_by_itself(stores: Stores) -> None:
    bench = DrawnBench(stores, "demonstration")
    bench.drawn(tardy="late", good=CAME)
    bench.clock.at = NEW_YEAR
    bench.drawn(tardy="late", good=CAME)
    bench.tick()
    assert [bench.account("tardy", year).total for year in (2026, 2027, 2028)] == ["10", "10", "0"]
    assert sorted(one.period for one in bench.account("tardy").reached) == ["2026", "2027"]
    bench.check()
    bench.database.close()


def test_no_row_and_no_entry_links_an_expert_with_an_evaluation_in_the_clear(
    beijing: DrawnBench,
) -> None:
    """B9: what binds them is sealed, also after the draw was opened."""
    draw = beijing.drawn(tardy="late", good=CAME)
    beijing.tick()
    with beijing.books.read() as book:
        bodies = [str(one.body) for one in book.entries("points")]
    assert len(bodies) >= 3
    assert not [one for one in bodies if draw in one or "第三评标室" in one]
    [point] = beijing.account("tardy").points
    about = beijing.ratings.accounts.occasion(point)
    assert (about.draw_id, about.place) == (draw, "第三评标室")
