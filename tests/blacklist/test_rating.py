"""A round from the closed room to the account: who rates, by what, and what comes of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from blacklist import rating_store as store
from blacklist.case_service import SERVICE, Ruling
from blacklist.core import rating_errors as errors
from blacklist.core.case import CaseStatus, Statement
from blacklist.core.facts import china_day
from blacklist.core.grounds import Kind
from blacklist.core.rating import Link, Said
from blacklist.core.terms import Terms
from evaluation_room.core import commands as wishes
from evaluation_room.core.values import PauseGround
from foundation.auth.roles import Role
from foundation.ids import AccountId
from foundation.working_days import calendar
from tests.blacklist.rated import RatedBench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[RatedBench]:
    opened = RatedBench(tmp_path)
    yield opened
    register = opened.folded()
    with opened.books.read() as book:
        assert {one.id: one for one in store.points(book.db)} == register.points
        assert {one.id: one for one in store.turns(book.db)} == register.turns
        assert {one.id: one for one in store.reached(book.db)} == register.reached
    opened.draw.stop()


def test_r_asm_1_a_round_opens_behind_the_room_and_ends_after_working_days(
    bench: RatedBench,
) -> None:
    """R-ASM-1."""
    assert bench.ratings.rounds() == []
    seats = bench.closed()
    [round_] = bench.ratings.rounds()
    today = china_day(bench.clock.now())
    assert round_.due_on == calendar().after(today, bench.overlay.rating_days)
    assert round_.raters == ("clerk", *sorted(seats))
    for who in (bench.clerk, *seats.values()):
        [(mine, rated)] = bench.ratings.mine(who)
        assert (mine.evaluation_id, rated) == (bench.id, False)
    stranger = bench.person("stranger", Role.CLERK)
    for who in (stranger, bench.supervisor):
        assert bench.ratings.mine(who) == []
        with pytest.raises(errors.NotARater):
            bench.give(who)


def test_r_asm_3_back_to_back_and_once_until_everybody_has_rated(bench: RatedBench) -> None:
    seats = bench.closed()
    bench.give(bench.clerk, bench.says("e2", "stalled"))
    with pytest.raises(errors.AlreadyRated):
        bench.give(bench.clerk)
    [round_] = bench.ratings.rounds()
    assert (round_.given, round_.locked_at, round_.missing) == (1, None, ())
    with pytest.raises(errors.RatingUnknown):
        bench.ratings.opened(bench.id)
    given = [one for one in bench.entries(f"rating/{bench.id}") if one.type == "rating.given"]
    assert "stalled" not in str([one.body for one in given])
    assert "stalled" not in str(bench.ratings.form(bench.id, seats["e1"]).round)

    for who in seats.values():
        bench.give(who)

    [round_] = bench.ratings.rounds()
    assert round_.locked_at is not None
    first = bench.ratings.opened(bench.id)[0]
    assert (first.rater.name, [said.fact for said in first.said]) == ("clerk", ["stalled"])
    with pytest.raises(errors.RatingLocked):
        bench.give(bench.clerk)


def test_r_asm_3_who_does_not_rate_is_on_record_as_missing_and_nothing_more(
    bench: RatedBench,
) -> None:
    seats = bench.closed()
    bench.give(seats["e1"])
    [round_] = bench.ratings.rounds()
    bench.clock.at = bench.clock.now().replace(
        year=round_.due_on.year, month=round_.due_on.month, day=round_.due_on.day
    )
    bench.tick()
    assert bench.ratings.rounds()[0].locked_at is None  # the last day counts
    bench.clock.advance(timedelta(days=1))
    with pytest.raises(errors.RatingLocked):
        bench.give(bench.clerk)
    bench.tick()

    [round_] = bench.ratings.rounds()
    assert round_.locked_at is not None
    assert round_.missing == ("clerk", "e2", "e3", "e4", "o1")
    bench.unsealed()
    assert all(bench.points(who.expert_id) == [] for who in seats.values() if who.expert_id)


def test_a_member_rates_the_clerk_and_no_account_comes_of_it(bench: RatedBench) -> None:
    seats = bench.closed()
    hinted = Said(
        "clerk", "hinted", (bench.link("room.phase_entered"),), "开场时介绍了某一投标人。"
    )
    bench.give(seats["e1"], hinted)
    bench.give(bench.clerk)
    for seat in ("e2", "e3", "e4", "o1"):
        bench.give(seats[seat])
    bench.unsealed()
    assert [one.said for one in bench.ratings.opened(bench.id) if one.said] == [(hinted,)]
    assert bench.folded().points == {}


def test_a_deduction_comes_onto_the_account_after_the_draw_is_opened(bench: RatedBench) -> None:
    """R-ASM-2, R-ASM-4: one fact, one row of the table, however many say it."""
    seats = bench.closed()
    expert = seats["e2"].expert_id
    assert expert is not None
    bench.give(seats["o1"], bench.says("e2", "stalled"))
    bench.give(bench.clerk, bench.says("e2", "stalled"), bench.says("e2", "took_material"))
    for seat in ("e1", "e2", "e3", "e4"):
        bench.give(seats[seat])
    bench.tick()
    assert bench.points(expert) == []  # locked, and the draw is still sealed

    bench.unsealed()

    found = {one.fact: one for one in bench.points(expert)}
    assert {fact: one.points for fact, one in found.items()} == {
        "stalled": "30",
        "took_material": "0",
    }
    about = bench.ratings.accounts.occasion(found["stalled"])
    assert (about.stated_by, len(about.reasons), about.seat) == (2, 2, "e2")
    assert about.links == (bench.link("room.phase_entered"),)
    account = bench.ratings.accounts.account(expert)
    assert (account.total, account.attended, account.drawn) == ("30", 1, 1)
    assert {one.threshold for one in account.reached} == {"once", "year", "near"}
    assert bench.notices("rating.threshold_reached").count(expert) == 3
    bench.begin()
    bench.tick()  # a start does it no second time
    assert len(bench.points(expert)) == 2


UNFIT: Any = [
    ({"fact": "late"}, errors.FactOfTheLog),
    ({"fact": "ugly"}, errors.FactUnfit),
    ({"fact": "hinted"}, errors.FactUnfit),
    ({"of": "e9"}, errors.FactUnfit),
    ({"of": "o1"}, errors.FactUnfit),
    ({"of": "clerk"}, errors.FactUnfit),
    ({"reason": "  "}, errors.ReasonMissing),
    ({"reason": "长" * 501}, errors.ReasonMissing),
    ({"links": ()}, errors.LinkUnfit),
    ({"links": (Link("evaluation/ev_other", 1),)}, errors.LinkUnfit),
    ({"links": (Link("standing", 1),)}, errors.LinkUnfit),
]


def test_r_asm_2_only_listed_facts_that_the_log_shows(bench: RatedBench) -> None:
    bench.closed()
    good = bench.says("e2", "stalled")
    beyond = replace(good, links=(*good.links, Link(f"evaluation/{bench.id}", 9999)))
    other = Said("e2", "not_recused", (bench.link("room.recusal_declared", "e3"),), "他人申报")
    for said, refusal in [
        *(((replace(good, **changes),), refusal) for changes, refusal in UNFIT),
        ((beyond,), errors.LinkUnfit),
        ((other,), errors.LinkUnfit),
        ((good, good), errors.FactUnfit),
        ((good, replace(good, fact="late")), errors.FactOfTheLog),
    ]:
        with pytest.raises(refusal):
            bench.give(bench.clerk, *said)
    [round_] = bench.ratings.rounds()
    assert round_.given == 0  # nothing half-done


def test_r_exit_4_the_log_tells_who_was_late_and_who_only_was_asked(bench: RatedBench) -> None:
    """R-EXIT-4, R-REP-4: late by the check-in itself, shown beside one who came in time."""
    seats = bench.closed(late="e3", silent="e4")
    bench.unsealed()
    by_seat = {seat: who.expert_id for seat, who in seats.items() if who.expert_id}
    facts = {seat: [one.fact for one in bench.points(id_)] for seat, id_ in by_seat.items()}
    assert facts == {"e1": [], "e2": [], "e3": ["late"], "e4": ["deemed_consent"]}
    [late] = bench.points(by_seat["e3"])
    about = bench.ratings.accounts.occasion(late)
    assert about.links[0] == bench.link("room.checked_in", "e3")
    assert bench.ratings.accounts.account(by_seat["e3"]).times["late"] == 1
    assert [one.act for one in bench.ratings.accounts.account(by_seat["e3"]).reached] == ["warn"]


def test_a_stopped_room_is_rated_as_well(bench: RatedBench) -> None:
    seats = bench.held()
    bench.act(bench.supervisor, wishes.Stop(ground=PauseGround.DISCIPLINE, note="停止"))
    bench.tick()
    [round_] = bench.ratings.rounds()
    assert len(round_.raters) == len(seats) + 1


def test_r_appeal_1_an_expert_explains_and_somebody_else_decides(bench: RatedBench) -> None:
    seats = bench.closed()
    expert, other = seats["e2"].expert_id, seats["e1"].expert_id
    assert expert is not None
    assert other is not None
    bench.everybody_rates(seats, bench.says("e2", "stalled"))
    bench.unsealed()
    accounts, by = bench.ratings.accounts, seats["e2"].account_id
    [point] = bench.points(expert)
    for refusal, words in (
        (errors.PointUnknown, (other, "不是我的")),
        (errors.ReasonMissing, (expert, " ")),
    ):
        with pytest.raises(refusal):
            accounts.dispute(words[0], point.id, words[1], by)
    with pytest.raises(errors.PointUnknown):
        accounts.decide(point.id, keep=True, reason="未经陈述", by=bench.supervisor.account_id)
    accounts.dispute(expert, point.id, "等待澄清答复，并非拖延。", by)
    with pytest.raises(errors.PointSettled):
        accounts.dispute(expert, point.id, "再说一次", by)
    assert [one.id for one in accounts.disputes()] == [point.id]

    accounts.decide(
        point.id, keep=False, reason="记录显示当时在等待澄清。", by=bench.supervisor.account_id
    )

    account = accounts.account(expert)
    assert account.total == "0"
    assert all(one.left_at is not None for one in account.reached)
    assert len(account.points) == 1  # nothing is deleted
    with pytest.raises(errors.PointSettled):
        accounts.decide(point.id, keep=True, reason="改主意", by=bench.supervisor.account_id)
    assert bench.notices("rating.dispute_decided") == [expert]


def test_points_go_back_after_an_appeal(bench: RatedBench) -> None:
    seats = bench.closed()
    expert = seats["e2"].expert_id
    assert expert is not None
    bench.everybody_rates(seats, bench.says("e2", "stalled"))
    bench.unsealed()
    [point] = bench.points(expert)
    with pytest.raises(errors.PointUnknown):
        bench.ratings.accounts.take_back(["rp_nobody"], "申诉成立", bench.supervisor.account_id)
    for _ in range(2):
        bench.ratings.accounts.take_back([point.id], "申诉成立", bench.supervisor.account_id)
    assert bench.ratings.accounts.account(expert).total == "0"
    assert bench.notices("rating.points_taken_back") == [expert]


def test_r_asm_4_a_proposal_becomes_a_case_and_never_a_punishment(bench: RatedBench) -> None:
    """PIPL 24: people decide; what a threshold does by itself is an entry, a notice, a case."""
    seats = bench.closed()
    expert = seats["e2"].expert_id
    assert expert is not None
    bench.everybody_rates(seats, bench.says("e2", "stalled"))
    bench.unsealed()
    bench.tick()  # a second time opens none
    cases = bench.cases.cases(expert)
    assert [one.status for one in cases] == [CaseStatus.NOTIFIED] * 2  # once, and the year
    assert bench.entries("standing") == []
    case = bench.cases.case(cases[0].id)
    assert case.reported_by == SERVICE
    assert [one.word for one in case.links] == ["stalled"]
    on_record = bench.ratings.accounts.account(expert).reached
    assert {one.case_id for one in on_record if one.act != "warn"} == {one.id for one in cases}


def test_an_appeal_that_overturns_takes_the_points_back(bench: RatedBench) -> None:
    seats = bench.closed()
    expert = seats["e2"].expert_id
    assert expert is not None
    bench.everybody_rates(seats, bench.says("e2", "stalled"))
    bench.unsealed()
    case_id = bench.cases.cases(expert)[0].id
    cases, today = bench.cases, china_day(bench.clock.now())
    cases.answer(case_id, expert, Statement("等待澄清答复"), seats["e2"].account_id)
    terms = Terms(Kind.SUSPENDED, "points_used_up", "考核办法", "监督部门", today, today)
    by = [AccountId(f"acc_{n}") for n in range(3)]
    cases.decide(case_id, Ruling.MEASURE, terms, "暂停", by[0])
    cases.confirm(case_id, by[1])
    assert bench.ratings.accounts.account(expert).total == "30"
    cases.appeal(case_id, expert, Statement("请重新审查"), seats["e2"].account_id)
    cases.decide_appeal(case_id, overturned=True, text="记录不支持", by=by[2])
    assert bench.ratings.accounts.account(expert).total == "0"


def test_no_table_no_points_but_the_facts_are_on_record(tmp_path: Path) -> None:
    bench = RatedBench(tmp_path, scheme="none")
    seats = bench.closed()
    expert = seats["e2"].expert_id
    assert expert is not None
    bench.everybody_rates(seats, bench.says("e2", "stalled"))
    bench.unsealed()
    [point] = bench.points(expert)
    assert (point.fact, point.points, point.scheme) == ("stalled", "0", "")
    assert bench.folded().reached == {}
    bench.draw.stop()
