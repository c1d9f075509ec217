"""D13, C15: the assessment against those who would use it, and those who choose their jobs.

Each attack is tried twice: against the defence, and with the defence taken out.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from blacklist.core import log_facts, rating
from blacklist.core.rating import Said
from blacklist.core.rating_errors import RightIsNoGround, TableUnusable
from blacklist.core.rating_tables import read_facts
from blacklist.rating_store import _bytes, _parsed
from foundation.auth.principal import Principal
from foundation.keys import FieldKey
from tests.attacks.rows import rows
from tests.blacklist.drawn import CAME, DrawnBench
from tests.blacklist.rated import RatedBench
from tests.stores.places import Stores


@pytest.fixture
def rated(tmp_path: Path) -> Iterator[RatedBench]:
    """A room that is open for check-in, on a real draw."""
    bench = RatedBench(tmp_path)
    yield bench
    bench.draw.stop()


def marked_down_for_dissent(bench: RatedBench) -> bool:
    """The clerk marks down the member who dissented, and shows the dissent for it."""
    dissent = bench.link("room.report_dissented", "e2")
    try:
        bench.give(bench.clerk, Said("e2", "stalled", (dissent,), "不同意多数意见"))
    except RightIsNoGround:
        return False
    return True


def test_d13_a_dissent_is_never_a_ground(
    rated: RatedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-EVAL-12."""
    rated.closed(dissents=("e2",))
    stalled = rated.ratings.facts["stalled"]
    wider = replace(stalled, shown_by=stalled.shown_by | {"room.report_dissented"})
    assert not marked_down_for_dissent(rated)

    # A table that names the dissent does not help: it is refused at the start, and here again.
    monkeypatch.setattr(rated.ratings, "facts", rated.ratings.facts | {"stalled": wider})
    assert not marked_down_for_dissent(rated)
    table = _parsed("facts", _bytes("facts"))
    table["stalled"]["shown_by"].append("room.report_dissented")
    with pytest.raises(TableUnusable):
        read_facts(table)

    monkeypatch.setattr(rating, "PROTECTED", frozenset())
    assert marked_down_for_dissent(rated)


def rated_down_by_the_clerk(bench: RatedBench) -> Principal:
    """The member who dissented is marked down on a lawful ground; nobody else is."""
    seats = bench.closed(dissents=("e2",))
    bench.everybody_rates(seats, bench.says("e2", "stalled"))
    return seats["e2"]


def test_d13_deductions_after_dissent_are_shown_with_numbers(rated: RatedBench) -> None:
    """The ground is lawful, the pattern is not hidden: who dissented, who was marked down."""
    member = rated_down_by_the_clerk(rated)

    patterns, base = rated.ratings.watch()
    clerk = next(one for one in patterns if one.party == "clerk")
    assert (clerk.dissenters, clerk.dissenters_deducted) == (1, 1)
    assert (clerk.others, clerk.others_deducted) == (3, 0)
    assert (clerk.chance, base.deducted) == (Fraction(1, 4), 1)
    assert str(rated.clerk.account_id) not in clerk.rater

    expert = member.expert_id
    assert expert is not None
    rated.unsealed()
    accounts, [point] = rated.ratings.accounts, rated.points(expert)
    accounts.dispute(expert, point.id, "因签署不同意见被扣分", member.account_id)
    [disputed] = accounts.disputes()
    assert accounts.occasion(disputed).dissented


def test_d13_without_the_watch_the_same_pattern_stays_unseen(
    rated: RatedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_facts, "dissenters", lambda _: frozenset())
    rated_down_by_the_clerk(rated)
    assert rated.ratings.watch()[0] == []


def test_d13_no_rating_is_readable_before_the_lock(
    rated: RatedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Back to back, for whoever reads the file as well (R-ASM-3)."""
    seats = rated.closed()
    secret = "only-the-clerk-knows"
    rated.give(rated.clerk, replace(rated.says("e2", "stalled"), reason=secret))
    file = rated.draw.home / "main.db"
    assert not any(secret in text for _, text in rows(file))

    monkeypatch.setattr(FieldKey, "seal", lambda _, plain, *, context: plain.encode())
    shown = (rated.link("room.recusal_declared", "e2"),)
    rated.give(seats["e1"], Said("e2", "not_recused", shown, secret))
    assert any(secret.encode().hex() in text for _, text in rows(file))


def chooses_jobs(bench: DrawnBench) -> list[str]:
    """An expert declines until a broker says "this one"; what the year's end puts on record."""
    for _ in range(4):
        bench.drawn(choosy="refused", good=CAME)
    bench.drawn(choosy=CAME, good=CAME)
    bench.tick()
    bench.clock.at = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)
    bench.tick()
    return bench.reached("choosy")


def test_c15_who_accepts_only_when_told_stands_out_by_the_year_s_end(stores: Stores) -> None:
    """R-EXIT-4: the rate stands beside everybody's, and a third is the least."""
    bench = DrawnBench(stores, "beijing")
    assert chooses_jobs(bench) == ["attendance"]
    choosy, good = bench.account("choosy"), bench.account("good")
    assert (choosy.attended, choosy.drawn) == (1, 5)
    assert (good.attended, good.drawn) == (5, 5)
    bench.database.close()


def test_c15_without_the_table_choosing_goes_unasked(stores: Stores) -> None:
    bench = DrawnBench(stores, "none")
    assert chooses_jobs(bench) == []
    bench.database.close()
