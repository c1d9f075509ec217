"""Tables as data, totals that roll by themselves, thresholds that only ask; and the log's word."""

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blacklist.core import log_facts, retaliation
from blacklist.core.log_facts import Outcome, Place
from blacklist.core.points import (
    Act,
    On,
    Point,
    Reached,
    Scheme,
    Turn,
    hits,
    nearness,
    news,
    plain,
    share,
    total,
)
from blacklist.core.rating import PROTECTED, Logged, Source
from blacklist.core.rating_errors import TableUnusable
from blacklist.core.rating_tables import read_facts, read_scheme
from blacklist.core.retaliation import Weighed, chance_of
from blacklist.rating_service import RatingService
from blacklist.rating_store import _bytes, load_facts, load_scheme
from foundation.rulebook.overlay import load_overlay

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
PROVINCES = ("qinghai", "beijing", "hubei")


def scheme(name: str = "demonstration") -> Scheme:
    found = load_scheme(name)
    assert found is not None
    return found


def a_point(points: str, *, on: date = date(2026, 6, 1), occasion: str = "a") -> Point:
    return Point("rp", "ex_1", "stalled", points, "v", on, occasion, "", AT)


def a_turn(outcome: Outcome, *, late: bool = False, year: int = 2026) -> Turn:
    return Turn("rt", "ex_1", outcome, late, date(year, 6, 1), "a", "", AT)


def asked(found: Scheme, *points: Point, turns: tuple[Turn, ...] = (), over: bool = False) -> Any:
    """Threshold ids and acts that an account reaches in 2026."""
    return [
        (one.threshold.id, one.threshold.act.value, one.threshold.months)
        for one in hits(found, points, turns, 2026, is_over=over)
    ]


def test_r_asm_4_three_provinces_say_what_the_rule_book_says() -> None:
    """R-ASM-4."""
    qinghai, beijing, hubei = map(scheme, PROVINCES)
    assert asked(qinghai, a_point("14.9")) == [("near", "warn", 0)]
    assert asked(qinghai, a_point("15"))[0] == ("once", "suspend", 6)
    apart = [a_point("12", occasion="a"), a_point("13", occasion="b")]
    assert asked(qinghai, *apart) == [("year", "suspend", 6), ("near", "warn", 0)]
    assert all(one.published for one in qinghai.thresholds if one.act is Act.SUSPEND)
    assert asked(beijing, a_point("23")) == [("near", "warn", 0)]
    assert asked(beijing, a_point("24"))[0] == ("year", "suspend", 12)
    assert total(hubei, [a_point("41")], 2026) == Decimal(59)
    assert asked(hubei, a_point("29")) == []
    assert asked(hubei, a_point("30")) == [("near", "warn", 0)]
    assert asked(hubei, a_point("41")) == [("year", "suspend", 6), ("near", "warn", 0)]
    assert [one.what for one in hubei.unsupported] == ["higher_probability"]
    assert all(one.why_zh and one.why_en for one in hubei.unsupported)


def test_r_exit_4_absences_lateness_and_the_share_are_counted_from_the_log() -> None:
    """R-EXIT-4: the term is left to people, the share is judged when the year is over."""
    beijing = scheme("beijing")
    came, no = a_turn(Outcome.ATTENDED), a_turn(Outcome.DECLINED)
    assert asked(beijing, turns=(a_turn(Outcome.ABSENT), came)) == []
    twice = (a_turn(Outcome.ABSENT), a_turn(Outcome.ABSENT), came)
    assert asked(beijing, turns=twice) == [("no_show", "suspend", 0)]
    late = a_turn(Outcome.ATTENDED, late=True)
    assert asked(beijing, turns=(late, late)) == []
    assert asked(beijing, turns=(late, late, late)) == [("late", "suspend", 0)]
    assert asked(beijing, turns=(no, no, no, came)) == []
    assert asked(beijing, turns=(no, no, no, came), over=True) == [("attendance", "suspend", 0)]
    assert asked(beijing, turns=(no, no, came), over=True) == []  # a third is enough
    lawful = tuple(a_turn(one) for one in (Outcome.RECUSED, Outcome.EXCUSED, Outcome.RELEASED))
    assert share(lawful * 5 + (came,), 2026) == (1, 1)
    assert asked(beijing, turns=lawful * 5, over=True) == []


@pytest.mark.parametrize("name", [*PROVINCES, "demonstration"])
def test_no_row_of_unread_law_counts(name: str) -> None:
    found = scheme(name)
    assert all(not one.on for one in found.rows if one.mark == "K?")
    assert all(one.mark in {"V", "V2", "P"} for one in found.thresholds)
    assert all(one.act is Act.WARN for one in found.thresholds if one.mark == "P")
    if name in PROVINCES:
        assert [one for one in found.rows if one.on] == []


def table(name: str, **changes: Any) -> dict[str, Any]:
    return {**tomllib.loads(_bytes(name).decode()), **changes}


def row(**changes: Any) -> dict[str, Any]:
    same = {"source": "s", "source_en": "s", "mark": "V2", "on": True}
    return {"fact": "late", "points": "1", **same, **changes}


def line(**changes: Any) -> dict[str, Any]:
    same = {"source": "s", "source_en": "s", "mark": "V2"}
    return {"id": "a", "on": "year", "at": "5", "act": "warn", **same, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"counts": "sideways"},
        {"start": 0},
        {"start": "nan"},
        {"late_minutes": "15"},
        {"colour": "red"},
        {"points": [row(points=1.5)]},
        {"points": [row(points="-1")]},
        {"points": [row(points="x")]},
        {"points": [row(points="0")]},
        {"points": [row(fact="ugly")]},
        {"points": [row(fact="hinted")]},
        {"points": [row(), row()]},
        {"points": [row(mark="K?")]},
        {"points": [row(colour="red")]},
        {"thresholds": [line(on="moon")]},
        {"thresholds": [line(act="punish")]},
        {"thresholds": [line(below="1/3")]},
        {"thresholds": [line(fact="late")]},
        {"thresholds": [line(on="times", fact="stalled")]},
        {"thresholds": [line(months=-1)]},
        {"thresholds": [line(), line()]},
        {"thresholds": [{"id": "a"}]},
    ],
)
def test_a_malformed_table_is_refused(changes: dict[str, Any]) -> None:
    read_scheme("t", "", table("qinghai"), load_facts())
    with pytest.raises(TableUnusable):
        read_scheme("t", "", table("qinghai", **changes), load_facts())
    missing = table("qinghai")
    del missing["version"]
    with pytest.raises(TableUnusable):
        read_scheme("t", "", missing, load_facts())


def test_an_authority_switches_a_row_on_with_its_document() -> None:
    ordered = row(mark="K?", ordered_by="青财采〔2026〕1号")
    found = read_scheme("t", "", table("qinghai", points=[ordered]), load_facts())
    [one] = found.rows
    assert (one.on, one.source) == (True, "青财采〔2026〕1号")


@pytest.mark.parametrize("name", ["nowhere", "../overlays/national", "facts"])
def test_the_service_does_not_start_with_a_table_that_is_none(name: str) -> None:
    overlay = replace(load_overlay("demonstration"), rating_scheme=name)
    with pytest.raises(TableUnusable):
        RatingService(None, overlay, None, None)  # type: ignore[arg-type]


def test_the_table_for_demonstrations_is_for_demonstrations() -> None:
    overlay = replace(load_overlay("national"), rating_scheme="demonstration")
    with pytest.raises(TableUnusable):
        RatingService(None, overlay, None, None)  # type: ignore[arg-type]


def test_the_closed_list_rests_on_no_right_and_names_what_the_log_states() -> None:
    facts = load_facts()
    assert not any(one.shown_by & PROTECTED for one in facts.values())
    assert {c for c, one in facts.items() if one.source is Source.LOG} == log_facts.CODES
    whole = tomllib.loads(_bytes("facts").decode())
    changed: dict[str, Any] = {
        "stalled": {"shown_by": ["room.ballot_cast"]},
        "hinted": {"by": ["nobody"]},
        "late": {"source": "rater"},
        "took_material": {"of": []},
    }
    for code, changes in changed.items():
        with pytest.raises(TableUnusable):
            read_facts({**whole, code: {**whole[code], **changes}})


points_of_a_year = st.lists(
    st.builds(
        lambda worth, day, occasion: a_point(
            plain(Decimal(worth) / 2), on=date(2025, 1, 1) + timedelta(days=day), occasion=occasion
        ),
        st.integers(0, 60),
        st.integers(0, 1000),
        st.sampled_from("abc"),
    ),
    max_size=12,
)


@given(points_of_a_year, st.sampled_from([*PROVINCES, "demonstration"]))
def test_the_years_part_the_points_exactly(every: list[Point], name: str) -> None:
    found = scheme(name)
    lost = sum((abs(total(found, every, y) - found.start) for y in range(2025, 2028)), Decimal(0))
    assert lost == sum((one.worth for one in every), Decimal(0))


@given(points_of_a_year, st.sampled_from([*PROVINCES, "demonstration"]))
def test_a_point_more_never_takes_a_threshold_away(every: list[Point], name: str) -> None:
    found = scheme(name)
    before = {(one.threshold.id, one.period) for one in hits(found, every, (), 2026, is_over=True)}
    more = [*every, a_point("3")]
    after = {(one.threshold.id, one.period) for one in hits(found, more, (), 2026, is_over=True)}
    assert before <= after
    assert nearness(found, every, 2026) <= nearness(found, more, 2026)


@given(points_of_a_year)
def test_what_is_on_record_and_still_holds_is_no_news(every: list[Point]) -> None:
    found = hits(scheme(), every, (), 2026, is_over=False)
    known = [
        Reached(f"rr{n}", "ex_1", o.threshold.id, o.year, o.period, "warn", 0, o.total, AT)
        for n, o in enumerate(found)
    ]
    assert news(found, known, 2026) == ([], [])
    assert news(found, [], 2026)[0] == found
    assert news([], known, 2026)[1] == known
    assert news([], known, 2025) == ([], [])


def test_totals_are_exact() -> None:
    tenths = [a_point("0.1", occasion=str(n)) for n in range(100)]
    assert total(scheme(), tenths, 2026) == Decimal(10)
    assert plain(Decimal("10.0")) == "10"
    assert plain(Decimal("1E+1")) == "10"


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_chance_counts_every_way_to_spread_the_deductions(
    dissenters: int, hit: int, others: int, elsewhere: int
) -> None:
    hit, elsewhere = min(hit, dissenters), min(elsewhere, others)
    if not dissenters + others:
        return
    members = [1] * dissenters + [0] * others
    marked = hit + elsewhere
    sets = (
        {frozenset(one[:marked]) for one in permutations(range(len(members)), marked)}
        if len(members) <= 6
        else None
    )
    found = chance_of(dissenters, hit, others, elsewhere)
    assert 0 < found <= 1
    if sets is not None:
        as_bad = sum(sum(members[n] for n in one) >= hit for one in sets)
        assert found == Fraction(as_bad, len(sets))


def test_the_oddest_rater_stands_first() -> None:
    fair = [Weighed("fair", "clerk", n == 0, n == 2) for n in range(5)]
    foul = [Weighed("foul", "clerk", n == 0, n == 0) for n in range(5)]
    none = [Weighed("none", "clerk", False, True) for n in range(5)]
    assert [one.rater for one in retaliation.patterns([*fair, *none, *foul])] == ["foul", "fair"]


# --- what the log says


def entry(stream: str, place: int, type_: str, minute: int = 0, /, **facts: Any) -> Logged:
    return Logged(stream, place, place, AT + timedelta(minutes=minute), type_, facts)


def vacated(place: int, class_: str) -> Logged:
    return Logged(
        "d", place, place, AT, "draw.seat_vacated", {"seat": 1, "step": 1, "class": class_}
    )


def a_draw(*more: Logged) -> list[Logged]:
    """Seats 0 and 1 are asked and accept in step 0."""
    both = [entry("d", n + 1, "draw.invited", seat=n, step=0) for n in (0, 1)]
    both += [entry("d", n + 3, "draw.seat_accepted", seat=n, step=0) for n in (0, 1)]
    return [*both, *more]


def a_room(*more: Logged) -> list[Logged]:
    plans = [
        {"seat": f"e{n + 1}", "kind": "expert", "alias": f"专家{n}", "draw_seat": n} for n in (0, 1)
    ]
    return [
        entry("r", 10, "room.planned", -60, starts_at=AT.isoformat()),
        entry("r", 11, "room.made_ready", -30, seats=plans),
        *more,
    ]


def came(seat: str, minute: int, seq: int = 12) -> Logged:
    return entry("r", seq, "room.checked_in", minute, seat=seat)


def notes(told: log_facts.Told) -> list[tuple[int, str]]:
    return [(one.place.seat, one.fact) for one in told.noted]


def test_r_rep_4_late_is_who_came_late_where_another_came_in_time() -> None:
    """R-REP-4."""
    told = log_facts.read(a_draw(), a_room(came("e1", -5), came("e2", 15, 13)), 15)
    assert notes(told) == [(1, "late")]
    assert log_facts.read(a_draw(), a_room(came("e1", 0), came("e2", 14, 13)), 15).noted == ()
    both = a_room(came("e1", 20), came("e2", 30, 13))
    assert log_facts.read(a_draw(), both, 15).noted == ()  # the door may have been shut
    paused = [entry("r", 12, "room.paused", 1), entry("r", 13, "room.resumed", 11)]
    waited = a_room(came("e1", 0, 9), *paused, came("e2", 20, 14))
    assert log_facts.read(a_draw(), waited, 15).noted == ()


def test_a_newcomer_is_never_late_and_takes_the_seat_of_the_next_step() -> None:
    left = vacated(14, "absent")
    next_ = [
        entry("d", 15, "draw.invited", seat=1, step=1),
        entry("d", 16, "draw.seat_accepted", seat=1, step=1),
    ]
    room = a_room(
        came("e1", 0),
        entry("r", 13, "room.seat_voided", 30, seat="e2", ground="absent"),
        entry("r", 17, "room.seat_replaced", 31, seat="e3", replaces="e2", draw_seat=1),
        came("e3", 90, 18),
    )
    told = log_facts.read(a_draw(left, *next_), room, 15)
    assert notes(told) == [(1, "absent")]
    assert told.turns == {
        Place(0, 0): Outcome.ATTENDED,
        Place(1, 0): Outcome.ABSENT,
        Place(1, 1): Outcome.ATTENDED,
    }
    assert told.place_of["e3"] == Place(1, 1)


@pytest.mark.parametrize(
    ("class_", "outcome", "fact"),
    [
        ("refused", Outcome.DECLINED, "declined"),
        ("unreachable", Outcome.UNANSWERED, "unanswered"),
        ("conflict", Outcome.RECUSED, ""),
        ("unfit", Outcome.EXCUSED, ""),
    ],
)
def test_an_answer_is_a_fact_and_a_recusal_is_none(class_: str, outcome: Any, fact: str) -> None:
    left = vacated(5, class_)
    told = log_facts.read(a_draw(left), [], 15)
    assert told.turns == {Place(0, 0): Outcome.RELEASED, Place(1, 0): outcome}
    assert notes(told) == ([(1, fact)] if fact else [])


def test_a_kept_seat_counts_where_it_is_used() -> None:
    kept = [entry("d", 1, "draw.kept", seat=1, seq=1)]
    told = log_facts.read(kept, a_room(came("e2", 0)), 15)
    assert told.turns == {Place(1, 0): Outcome.ATTENDED}


def test_who_declares_a_conflict_or_falls_ill_is_not_counted() -> None:
    for ground, outcome in (
        ("declared_conflict", Outcome.RECUSED),
        ("health", Outcome.EXCUSED),
        ("left", Outcome.LEFT),
        ("misconduct", Outcome.ATTENDED),
    ):
        gone = entry("r", 13, "room.seat_voided", 30, seat="e1", ground=ground)
        told = log_facts.read(a_draw(), a_room(came("e1", 0), gone), 15)
        assert told.turns[Place(0, 0)] is outcome
        assert notes(told) == ([(0, "left_early")] if ground == "left" else [])


def test_on_is_closed() -> None:
    assert {one.on for name in PROVINCES for one in scheme(name).thresholds} == set(On)
