"""Outside lists: taken whole or not at all, the pool checked, near matches left to people."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlmodel import select
from stdnum.cn import ric

from blacklist.core import errors as standing_errors
from blacklist.core import list_errors as errors
from blacklist.core.grounds import Kind
from blacklist.core.outside_list import Decision, EntriesHash, How, Source
from blacklist.list_intake import About
from blacklist.list_store import Stage, Which, each_entry
from foundation.ids import AccountId
from foundation.ledger.store import LeafRow
from tests.blacklist.lists.bench import (
    ABOUT,
    DECIDER,
    OTHER,
    TODAY,
    UPLOADER,
    ListBench,
    a_file,
    a_row,
    starred,
)

pytestmark = pytest.mark.both_engines

DAY = timedelta(days=1)


def another_number(number: str) -> str:
    """A whole number of the same day of birth in another county."""
    plain = ("110102" if number[:6] != "110102" else "110101") + number[6:17]
    return plain + ric.calc_check_digit(f"{plain}0")


def test_a_list_is_taken_and_its_people_stand_in_the_vault_alone(bench: ListBench) -> None:
    person = bench.people[0]
    taken = bench.take(a_row(person), a_row())

    assert (taken.rows, taken.skipped, taken.source) == (2, 0, Source.COURT)
    assert bench.matcher.staged(taken.id) == 2
    with bench.pool.books.read() as book:
        entries = list(each_entry(book.db, taken.id))
        leaves = b"".join(bytes(one) for one in book.db.exec(select(LeafRow.leaf)))
        bodies = repr([one.body for one in book.entries("lists")])
    digest = EntriesHash()
    digest.add(entries)
    assert digest.hex() == taken.entries
    for word in (person.name, person.id_number):
        assert word not in repr(entries)
        assert word not in bodies
        assert word.encode() not in leaves


def test_r_exit_5_the_cross_check_finds_by_number_and_asks_about_names(bench: ListBench) -> None:
    """R-EXIT-5, R-ELIG-6: three by number, near ones for a person, a namesake bars nobody."""
    by_number, by_stars, nameless, born, _, far = bench.people[:6]
    away = "110102195001019962"
    away = away[:17] + ric.calc_check_digit(away)
    bench.take(
        a_row(by_number),
        a_row(by_stars, number=starred(by_stars.id_number), document="二"),
        a_row(nameless, number="", document="三"),
        a_row(born, number=another_number(born.id_number), document="四"),
        a_row(far, number=away, document="五"),
        a_row(),
    )

    check = bench.check()

    found = {one.match.expert_id: one.match.how for one in bench.lists.report()}
    who = dict(zip((one.id_number for one in bench.people), bench.ids, strict=True))
    assert found == {
        who[by_number.id_number]: How.NUMBER,
        who[by_stars.id_number]: How.STARRED,
        who[nameless.id_number]: How.NO_NUMBER,
        who[born.id_number]: How.OTHER_NUMBER,
    }
    assert (check.exact, check.near, check.rows, check.experts) == (1, 3, 6, 12)
    assert bench.proposals == []


def test_a_starred_number_with_another_digit_is_somebody_else(bench: ListBench) -> None:
    person = bench.people[0]
    shown = starred(person.id_number)
    other = str((int(shown[3]) + 1) % 10)
    bench.take(a_row(person, number=shown[:3] + other + shown[4:]))

    assert bench.check().near == 0


def test_a_second_check_finds_nothing_twice_and_an_ended_entry_not_at_all(
    bench: ListBench,
) -> None:
    ended = a_row(
        bench.people[1],
        kind="禁止一定期限",
        ground="应当回避而不回避",
        ends_on=(TODAY - DAY).isoformat(),
    )
    bench.take(a_row(bench.people[0]), ended)

    assert bench.check().exact == 1
    assert bench.check().exact == 0
    assert len(bench.lists.report()) == 1


def test_who_is_enrolled_later_is_found_at_enrolment_and_by_the_next_check(
    bench: ListBench,
) -> None:
    from tests.draw_engine.pool.bench import generated

    late = generated(1, seed=9)[0]
    bench.take(a_row(late), a_row(bench.people[0], document="二"))
    bench.check()
    hits = bench.lists.crosscheck.hits([late.id_number, bench.people[3].id_number])
    assert {number: [one.entry.kind for one in some] for number, some in hits.items()} == {
        late.id_number: [Kind.CRIMINAL_PENALTY]
    }
    assert not bench.lists.crosscheck.due(bench.pool.clock.now())

    bench.pool.enrol(1, seed=9)
    bench.pool.clock.advance(timedelta(minutes=1))

    assert bench.lists.crosscheck.due(bench.pool.clock.now())
    assert bench.check().exact == 1


def test_it_is_due_once_a_day_and_for_a_new_list(bench: ListBench) -> None:
    clock, due = bench.pool.clock, bench.lists.crosscheck.due
    assert not due(clock.now())
    bench.take(a_row())
    assert due(clock.now())
    bench.check()
    assert not due(clock.now())
    clock.advance(timedelta(minutes=1))
    bench.take(a_row(document="另"))
    assert due(clock.now())
    bench.check()
    clock.advance(DAY)
    assert due(clock.now())


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"number": "110101199001019999"}, "身份证号", "pool.identity_check_digit"),
        ({"number": "11010119900101"}, "身份证号", "pool.identity_malformed"),
        ({"number": "1.10101E+17"}, "身份证号", "pool.identity_digits_lost"),
        ({"number": "110101199001010000"}, "身份证号", "pool.identity_digits_lost"),
        ({"number": "1******************"}, "身份证号", "blacklist.list_number_starred"),
        ({"name": "张3"}, "姓名", "pool.name_malformed"),
        ({"name": "=cmd()"}, "姓名", "pool.begins_like_formula"),
        ({"kind": "名声不好"}, "类别", "blacklist.list_kind_unknown"),
        ({"ground": "看着不像好人"}, "事由", "blacklist.list_ground_unknown"),
        ({"ground": "应当回避而不回避"}, "事由", "blacklist.list_ground_unfit"),
        ({"document": ""}, "文书号", "pool.value_missing"),
        ({"document": "@SUM(A1)"}, "文书号", "pool.begins_like_formula"),
        ({"starts_on": "2027-01-01"}, "起始日", "blacklist.list_day_ahead"),
        ({"starts_on": "2026-02-30"}, "起始日", "pool.date_malformed"),
        ({"ends_on": "2025-01-01"}, "截止日", "blacklist.list_ends_early"),
        (
            {"kind": "禁止一定期限", "ground": "应当回避而不回避"},
            "截止日",
            "blacklist.list_term_unfit",
        ),
        (
            {"kind": "取消资格", "ground": "应当回避而不回避", "ends_on": "2027-01-01"},
            "截止日",
            "blacklist.list_term_unfit",
        ),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_taken(
    bench: ListBench, changes: dict[str, str], column: str, code: str
) -> None:
    good, bad = a_row(bench.people[0]), a_row(bench.people[1], document="二") | changes
    with pytest.raises(errors.ListRefused) as refused:
        bench.take(good, bad, a_row(bench.people[2], document="三"))

    (problem,) = refused.value.problems
    assert (problem.row, problem.column, problem.code) == (3, column, code)
    assert re.fullmatch(r"[a-z]+:\d+", problem.value_hint)
    told = repr(refused.value.problems) + str(refused.value)
    assert bench.people[1].name not in told
    assert not changes.get("number") or changes["number"] not in told
    assert bench.lists.lists() == []
    (intake,) = bench.lists.intakes()
    assert (intake.stage, intake.skipped, intake.problems) == (Stage.REFUSED, 1, 1)
    assert bench.matcher.staged(intake.id) == 0


def test_the_good_rows_are_taken_where_a_person_says_so(bench: ListBench) -> None:
    bad = a_row(bench.people[1], kind="?", document="二")
    taken = bench.take(a_row(bench.people[0]), bad, skip_bad=True)

    assert (taken.rows, taken.skipped) == (1, 1)
    assert bench.check().exact == 1


def test_the_same_entry_twice_and_one_number_under_two_names_are_named(bench: ListBench) -> None:
    one = a_row(bench.people[0])
    with pytest.raises(errors.ListRefused) as refused:
        bench.take(one, one, one | {"name": "另一个", "document": "二"})
    codes = [(two.row, two.code) for two in refused.value.problems]
    assert codes == [(3, "blacklist.list_row_twice"), (4, "pool.identity_other_name")]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("name", "number", ("姓名", "身份证号")),
        ("kind", "ground", ("类别", "事由")),
        ("ground", "document", ("事由", "文书号")),
        ("starts_on", "ends_on", ("起始日", "截止日")),
    ],
)
def test_swapped_columns_are_told_as_such_even_where_bad_rows_may_be_skipped(
    bench: ListBench, first: str, second: str, told: tuple[str, str]
) -> None:
    rows = [
        a_row(one, document=f"（2026）{n} 号", ends_on="2028-01-01")
        for n, one in enumerate(bench.people)
    ]
    swapped = [row | {first: row[second], second: row[first]} for row in rows]
    for skip in (False, True):
        with pytest.raises(errors.ColumnsSwapped) as refused:
            bench.take(*swapped, a_row(), skip_bad=skip)
        assert (refused.value.facts["first"], refused.value.facts["second"]) == told
    assert bench.lists.lists() == []


def test_one_bad_row_is_no_swapped_column(bench: ListBench) -> None:
    rows = [a_row(one, document=f"{n}") for n, one in enumerate(bench.people)]
    rows[0] |= {"name": rows[0]["number"], "number": rows[0]["name"]}
    with pytest.raises(errors.ListRefused):
        bench.take(*rows)


def test_a_list_needs_an_issuer_a_day_that_has_come_and_is_taken_once(bench: ListBench) -> None:
    for about, refusal in (
        (About(Source.COURT, "  ", TODAY), errors.ListUnnamed),
        (About(Source.COURT, "法院", TODAY + DAY), errors.ListDatedAhead),
    ):
        with pytest.raises(refusal):
            bench.take(a_row(), about=about)
    first = bench.take(a_row())
    with pytest.raises(errors.ListTakenBefore):
        bench.take(a_row())
    bench.lists.withdraw(first.id, "用错文件", OTHER)
    assert bench.matcher.staged(first.id) == 0
    assert bench.take(a_row()).id != first.id
    with pytest.raises(errors.ListWithdrawn):
        bench.lists.withdraw(first.id, "再次", OTHER)
    with pytest.raises(errors.UnknownList):
        bench.lists.withdraw("ol_none", "没有", OTHER)


def test_an_empty_list_is_refused(bench: ListBench) -> None:
    with pytest.raises(errors.ListEmpty):
        bench.take()
    with pytest.raises(errors.ListEmpty):
        bench.take(a_row(kind="?"), skip_bad=True)


def one_match(bench: ListBench, **changes: str) -> str:
    """The id of the only match of a list with one row about the first person."""
    bench.take(a_row(bench.people[0], **changes))
    bench.check()
    return bench.lists.report()[0].match.id


def test_a_match_by_number_is_proposed_once_with_origin_and_document(bench: ListBench) -> None:
    match = one_match(bench)
    (source,) = bench.lists.lists()

    proposed = bench.lists.propose(match, DECIDER)

    (one,) = bench.proposals
    assert (one.kind, one.ground, one.by) == (Kind.CRIMINAL_PENALTY, "sentenced", DECIDER)
    assert (one.origin, one.document) == (f"list:{source.id}", source.document)
    assert (one.starts_on, one.ends_on) == (date(2026, 3, 1), None)
    assert proposed.proposal == "bl_1"
    with pytest.raises(errors.MatchProposed):
        bench.lists.propose(match, OTHER)
    with pytest.raises(errors.MatchDecided):
        bench.lists.decide(match, Decision.OTHER_PERSON, "不是", OTHER)


def test_r_elig_6_a_namesake_bars_nobody_before_a_person_has_said_so(bench: ListBench) -> None:
    match = one_match(bench, number="")

    with pytest.raises(errors.MatchUndecided):
        bench.lists.propose(match, DECIDER)
    assert bench.proposals == []
    with pytest.raises(standing_errors.WordsMissing):
        bench.lists.decide(match, Decision.SAME_PERSON, " ", DECIDER)

    bench.lists.decide(match, Decision.SAME_PERSON, "经法院核实", DECIDER)
    bench.lists.propose(match, DECIDER)
    assert len(bench.proposals) == 1


def test_another_person_is_another_person_for_good(bench: ListBench) -> None:
    match = one_match(bench, number=starred(bench.people[0].id_number))
    bench.lists.decide(match, Decision.OTHER_PERSON, "出生日期不同", DECIDER)

    with pytest.raises(errors.MatchDecided):
        bench.lists.decide(match, Decision.SAME_PERSON, "改主意", OTHER)
    with pytest.raises(errors.MatchDecided):
        bench.lists.propose(match, OTHER)
    assert bench.proposals == []
    assert bench.check().near == 0


def test_what_a_withdrawn_list_found_leads_no_further(bench: ListBench) -> None:
    match = one_match(bench)
    bench.lists.withdraw(bench.lists.lists()[0].id, "撤销", OTHER)

    for act in (bench.lists.propose, lambda id_, by: bench.lists.look(id_, "看", by)):
        with pytest.raises(errors.ListWithdrawn):
            act(match, DECIDER)
    assert not bench.lists.crosscheck.due(bench.pool.clock.now())


def test_numbers_are_compared_without_being_told_and_a_look_leaves_an_entry(
    bench: ListBench,
) -> None:
    person = bench.people[0]
    match = one_match(bench, number=starred(person.id_number))
    (reported,) = bench.lists.report()
    told = bench.lists.compare(reported.match)
    assert told is not None
    assert (told.place, told.born, told.sex, told.shown, told.agreeing) == ("", "", "yes", 8, 8)

    seen = bench.lists.look(match, "核对身份", OTHER)

    assert (seen.name, seen.number) == (person.name, person.id_number)
    assert person.name not in repr(seen)
    with bench.pool.books.read() as book:
        last = book.entries("lists")[-1]
    assert last.type == "blacklist.match_seen"
    assert last.body is not None
    assert last.body["by"] == OTHER
    assert person.name not in repr(last.body)


def test_the_report_says_when_somebody_was_drawn_since(bench: ListBench) -> None:
    bench.take(a_row(bench.people[0]))
    bench.check()
    expert = bench.lists.report()[0].match.expert_id
    at = bench.pool.clock.now()
    bench.drawn[expert] = [at - 400 * DAY, at]

    (line,) = bench.lists.report()

    assert list(line.drawn_at) == [at]
    assert (line.entry.starts_on, line.source.issuing_body) == (
        date(2026, 3, 1),
        "某市中级人民法院",
    )


def test_a_page_of_the_report_holds_what_was_asked_for(bench: ListBench) -> None:
    bench.take(
        a_row(bench.people[0]),
        a_row(bench.people[1], number="", document="二"),
        a_row(bench.people[2], document="三"),
    )
    bench.check()
    (near,) = bench.lists.report(Which.NEAR)
    waiting = bench.lists.report(Which.WAITING)
    assert near.match.is_open
    assert len(waiting) == 2
    bench.lists.propose(waiting[0].match.id, DECIDER)
    bench.lists.decide(near.match.id, Decision.OTHER_PERSON, "不是", DECIDER)
    counts = bench.lists.counts()
    assert (counts.near_open, counts.exact_waiting, counts.proposed, counts.other_person) == (
        0,
        1,
        1,
        1,
    )
    assert len(bench.lists.report(Which.DONE)) == 2
    first = bench.lists.report(most=1)
    assert bench.lists.report(after=first[0].match.id, most=1) != first


def test_only_one_thing_runs_at_a_time(bench: ListBench) -> None:
    def check_too(*_: Any) -> None:
        with pytest.raises(errors.ListsBusy):
            bench.check()

    bench.lists.intake.take(a_file(a_row()), ABOUT, skip_bad=False, by=UPLOADER, progress=check_too)


def test_progress_counts_rows_of_all(bench: ListBench) -> None:
    told: list[tuple[str, int, int]] = []
    rows = [a_row(one, document=f"{n}") for n, one in enumerate(bench.people)]
    bench.lists.intake.take(
        a_file(*rows), ABOUT, skip_bad=False, by=UPLOADER, progress=lambda *one: told.append(one)
    )
    bench.lists.crosscheck.run(progress=lambda *one: told.append(one))
    assert ("completing", 12, 12) in told
    assert ("matching", 12, 12) in told


def both_at_once(act: Callable[[AccountId], object]) -> list[object]:
    """Two persons do the same at the same moment; what each got."""
    gate, got = Barrier(2), list[object]()

    def one(who: AccountId) -> None:
        gate.wait()
        try:
            got.append(act(who))
        except Exception as refused:  # the test looks at what it was
            got.append(refused)

    threads = [Thread(target=one, args=(who,)) for who in (DECIDER, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_two_who_decide_one_near_match_at_once_decide_it_once(bench: ListBench) -> None:
    match = one_match(bench, number="")
    words = {DECIDER: Decision.SAME_PERSON, OTHER: Decision.OTHER_PERSON}

    got = both_at_once(lambda who: bench.lists.decide(match, words[who], "核对过", who))

    assert sorted(type(one).__name__ for one in got) == ["Match", "MatchDecided"]


def test_two_who_propose_one_match_at_once_make_one_proposal(bench: ListBench) -> None:
    match = one_match(bench)

    got = both_at_once(lambda who: bench.lists.propose(match, who))

    assert sorted(type(one).__name__ for one in got) == ["Match", "MatchProposed"]
    assert len(bench.proposals) == 1
