"""A case file: no step by the person before, no decision unheard, every correction made."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from blacklist.case_service import MOST_BYTES, CaseService, Report, Ruling
from blacklist.case_store import row_of
from blacklist.core import errors
from blacklist.core.case import MOVES, Case, CaseAct, CaseStatus, Document, Link, Statement, fold
from blacklist.core.facts import Outcome
from blacklist.core.grounds import Kind, Status
from foundation.files import SealedFiles
from foundation.ids import AccountId, ExpertId
from foundation.rulebook.overlay import load_overlay
from tests.blacklist.bench import (
    CONFIRMER,
    EXPERT,
    MANAGER,
    NOW,
    OTHER,
    SUPERVISOR,
    TODAY,
    BlacklistBench,
    terms,
)

pytestmark = pytest.mark.both_engines

DAY = timedelta(days=1)
THEMSELVES, JUDGE = AccountId("acc_e"), AccountId("acc_j")
PDF = b"%PDF-1.7 made by a test"


@pytest.fixture
def cases(bench: BlacklistBench, tmp_path_factory: pytest.TempPathFactory) -> CaseService:
    files = SealedFiles(tmp_path_factory.mktemp("documents"), b"k" * 32)
    return CaseService(bench.books, bench.blacklist, load_overlay("national"), files)


def a_report(**changes: object) -> Report:
    words: dict[str, object] = {
        "expert_id": EXPERT,
        "ground": "private_contact",
        "text": "评标当日与投标人通话",
    }
    return Report(**(words | changes))  # type: ignore[arg-type]


def reported(cases: CaseService, **changes: object) -> Case:
    return cases.report(a_report(**changes), MANAGER)


def decided(cases: CaseService, **changes: object) -> Case:
    """Reported, answered and decided: a suspension of ninety days."""
    case = reported(cases, **changes)
    cases.answer(case.id, EXPERT, Statement("并非本人"), THEMSELVES)
    decision = terms(ground="private_contact", ends_on=TODAY + 90 * DAY)
    return cases.decide(case.id, Ruling.MEASURE, decision, "事实清楚", SUPERVISOR)


def in_force(cases: CaseService, **changes: object) -> Case:
    return cases.confirm(decided(cases, **changes).id, CONFIRMER)


def appealed(cases: CaseService, **changes: object) -> Case:
    case = in_force(cases, **changes)
    return cases.appeal(case.id, EXPERT, Statement("请求复核"), THEMSELVES)


def check_rows(bench: BlacklistBench, cases: CaseService) -> None:
    """Each row is what the stream of its case adds up to."""
    for row in cases.cases():
        with bench.books.read() as book:
            case = fold((one.type, one.body) for one in book.entries(f"case:{row.id}"))
        assert case is not None
        assert row.model_dump() == row_of(case).model_dump()


def test_r_appeal_1_from_report_to_restoration(bench: BlacklistBench, cases: CaseService) -> None:
    """R-APPEAL-1: notice, answer, decision, confirmation, appeal, each by another person."""
    case = appealed(cases)
    assert bench.blacklist.standing(EXPERT).status is Status.SUSPENDED

    overturned = cases.decide_appeal(case.id, overturned=True, text="证据不足", by=JUDGE)

    assert overturned.status is CaseStatus.OVERTURNED
    assert bench.blacklist.standing(EXPERT).may_serve
    (measure,) = bench.blacklist.measures()
    assert (measure.origin, measure.lift_ground) == (f"case:{case.id}", "overturned")
    assert [act.type for act in overturned.acts] == [
        "case.reported",
        "case.answered",
        "case.decided",
        "case.confirmed",
        "case.appealed",
        "case.appeal_decided",
    ]
    check_rows(bench, cases)


def test_an_appeal_that_is_upheld_leaves_the_measure(
    bench: BlacklistBench, cases: CaseService
) -> None:
    upheld = cases.decide_appeal(appealed(cases).id, overturned=False, text="维持", by=JUDGE)

    assert upheld.status is CaseStatus.UPHELD
    assert bench.blacklist.standing(EXPERT).status is Status.SUSPENDED
    with pytest.raises(errors.CaseNotThere):
        cases.appeal(upheld.id, EXPERT, Statement("再次"), THEMSELVES)


def test_nobody_decides_before_the_answer_or_the_end_of_the_time_to_answer(
    bench: BlacklistBench, cases: CaseService
) -> None:
    """Five working days after Tuesday the 24th end on Tuesday the 1st."""
    case = reported(cases)
    assert case.answer_by == TODAY + 7 * DAY

    def decide() -> Case:
        return cases.decide(case.id, Ruling.MEASURE, terms(), "事实清楚", SUPERVISOR)

    with pytest.raises(errors.AnswerFirst):
        decide()
    bench.clock.advance(7 * DAY)
    with pytest.raises(errors.AnswerFirst):
        decide()
    bench.clock.advance(DAY)
    with pytest.raises(errors.TooLate):
        cases.answer(case.id, EXPERT, Statement("太迟"), THEMSELVES)
    assert decide().status is CaseStatus.DECIDED


@pytest.mark.parametrize(
    ("until", "act", "by"),
    [
        (reported, lambda c, id_, by: c.decide(id_, Ruling.NONE, None, "无", by), (MANAGER,)),
        (decided, lambda c, id_, by: c.confirm(id_, by), (MANAGER, SUPERVISOR)),
        (decided, lambda c, id_, by: c.send_back(id_, "再议", by), (MANAGER, SUPERVISOR)),
        (
            appealed,
            lambda c, id_, by: c.decide_appeal(id_, overturned=True, text="无", by=by),
            (MANAGER, SUPERVISOR, CONFIRMER),
        ),
    ],
)
def test_no_step_is_taken_by_who_took_an_earlier_one(
    bench: BlacklistBench,
    cases: CaseService,
    until: Callable[[CaseService], Case],
    act: Callable[[CaseService, str, AccountId], Case],
    by: tuple[AccountId, ...],
) -> None:
    case = until(cases)
    if until is reported:
        cases.answer(case.id, EXPERT, Statement("并非本人"), THEMSELVES)
    for one in by:
        with pytest.raises(errors.CaseSamePerson):
            act(cases, case.id, one)
    act(cases, case.id, JUDGE)


def test_of_two_decisions_at_once_one_counts(bench: BlacklistBench, cases: CaseService) -> None:
    case = decided(cases)

    with pytest.raises(errors.CaseNotThere):
        cases.decide(case.id, Ruling.NONE, None, "不予处理", OTHER)
    cases.confirm(case.id, CONFIRMER)
    with pytest.raises(errors.CaseNotThere):
        cases.confirm(case.id, JUDGE)
    assert len(bench.blacklist.measures()) == 1


def test_a_decision_that_goes_back_is_decided_anew(
    bench: BlacklistBench, cases: CaseService
) -> None:
    case = cases.send_back(decided(cases).id, "期限过长", CONFIRMER)
    assert (case.status, dict(case.terms)) == (CaseStatus.ANSWERED, {})

    cases.decide(case.id, Ruling.NONE, None, "情节轻微", SUPERVISOR)
    dismissed = cases.confirm(case.id, CONFIRMER)

    assert dismissed.status is CaseStatus.DISMISSED
    assert bench.blacklist.measures() == []
    check_rows(bench, cases)


def test_a_removal_and_its_restoration(bench: BlacklistBench, cases: CaseService) -> None:
    case = reported(cases, ground="leak")
    cases.answer(case.id, EXPERT, Statement("并非本人"), THEMSELVES)
    cases.decide(case.id, Ruling.REMOVAL, terms(ground="leak"), "清退", SUPERVISOR)
    cases.confirm(case.id, CONFIRMER)
    assert bench.blacklist.standing(EXPERT).status is Status.EXITED

    cases.appeal(case.id, EXPERT, Statement("请求复核"), THEMSELVES)
    told: list[str] = []
    cases.restored.append(lambda _book, one: told.append(one.id))
    cases.decide_appeal(case.id, overturned=True, text="证据不足", by=JUDGE)

    assert bench.blacklist.standing(EXPERT).may_serve
    assert told == [case.id]


def test_a_case_may_begin_with_an_urgent_suspension_that_its_end_replaces(
    bench: BlacklistBench, cases: CaseService
) -> None:
    urgent = terms(ground="under_inquiry", ends_on=TODAY + 180 * DAY)
    case = reported(cases, urgent=urgent)
    assert bench.blacklist.standing(EXPERT).status is Status.SUSPENDED

    bench.blacklist.confirm(case.urgent, SUPERVISOR)
    cases.answer(case.id, EXPERT, Statement("并非本人"), THEMSELVES)
    decision = terms(kind=Kind.BARRED, ends_on=TODAY + 365 * DAY)
    cases.decide(case.id, Ruling.MEASURE, decision, "事实清楚", SUPERVISOR)
    bench.clock.advance(DAY)
    cases.confirm(case.id, CONFIRMER)

    (why,) = bench.blacklist.standing(EXPERT).whys
    assert why.status is Status.BARRED


@pytest.mark.parametrize("confirmed", [True, False])
def test_an_urgent_suspension_ends_with_the_case_that_is_dismissed(
    bench: BlacklistBench, cases: CaseService, confirmed: bool
) -> None:
    urgent = terms(ground="under_inquiry", ends_on=TODAY + 180 * DAY)
    case = reported(cases, urgent=urgent)
    if confirmed:
        bench.blacklist.confirm(case.urgent, SUPERVISOR)
    cases.answer(case.id, EXPERT, Statement("并非本人"), THEMSELVES)
    cases.decide(case.id, Ruling.NONE, None, "不成立", SUPERVISOR)
    bench.clock.advance(timedelta(minutes=1))
    cases.confirm(case.id, CONFIRMER)

    assert bench.blacklist.standing(EXPERT).may_serve
    outcome = bench.blacklist.proposal(case.urgent).outcome
    assert outcome is (Outcome.CONFIRMED if confirmed else Outcome.RETURNED)


def test_facts_are_entries_of_the_log_and_dissent_is_never_one(
    bench: BlacklistBench, cases: CaseService
) -> None:
    """R-EVAL-12: to dissent is a duty; nobody is asked to answer for it."""
    with bench.books.write() as book:
        late = book.append("room/x", "room.checked_in", {"seat": "A"})
        dissent = book.append("room/x", "room.report_dissented", {"seat": "A"})

    def linked(seq: int) -> Report:
        return a_report(links=[Link("room/x", seq, "late")])

    with pytest.raises(errors.UnknownLink):
        cases.report(linked(9), MANAGER)
    with pytest.raises(errors.DissentIsNoGround):
        cases.report(linked(dissent.seq), MANAGER)
    assert cases.report(linked(late.seq), MANAGER).links == (Link("room/x", late.seq, "late"),)


def test_a_case_is_its_own_expert_s_alone(cases: CaseService) -> None:
    case = reported(cases)
    other = ExpertId("ex_two")

    with pytest.raises(errors.UnknownCase):
        cases.case(case.id, other)
    with pytest.raises(errors.UnknownCase):
        cases.answer(case.id, other, Statement("x"), OTHER)
    with pytest.raises(errors.UnknownCase):
        cases.case("ca_none")
    assert [one.id for one in cases.cases(EXPERT)] == [case.id]
    assert cases.cases(other) == []


def test_documents_are_handed_in_named_by_their_hash_and_read_from_the_case(
    cases: CaseService,
) -> None:
    name = cases.hand_in(PDF, MANAGER)
    unnamed = cases.hand_in(PDF + b"2", MANAGER)
    case = reported(cases, documents=[Document("通话记录", name)])

    assert cases.document(case, name) == (PDF, "application/pdf")
    with pytest.raises(errors.DocumentUnfit):
        cases.document(case, unnamed)
    for odd in (b"", b"MZ a program", b"%PDF-" + b"x" * MOST_BYTES):
        with pytest.raises(errors.DocumentUnfit):
            cases.hand_in(odd, MANAGER)
    with pytest.raises(errors.DocumentUnfit):
        reported(cases, documents=[Document("没有", "0" * 64)])


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ground": "because"}, errors.UnknownGround),
        ({"text": "  "}, errors.WordsMissing),
        ({"text": "长" * 4001}, errors.WordsMissing),
        ({"urgent": terms(kind=Kind.BARRED)}, errors.UrgentUnfit),
    ],
)
def test_a_report_needs_a_ground_and_a_text_and_leaves_nothing_behind(
    bench: BlacklistBench,
    cases: CaseService,
    changes: dict[str, object],
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        reported(cases, **changes)
    assert cases.cases() == []
    assert bench.blacklist.proposals() == []


def test_the_expert_is_reminded_once_before_the_time_is_over(
    bench: BlacklistBench, cases: CaseService
) -> None:
    case = reported(cases)
    bench.clock.advance(5 * DAY)
    cases.tick(bench.clock.now())
    assert len(cases.case(case.id).acts) == 1

    bench.clock.advance(DAY)
    for _ in range(2):
        cases.tick(bench.clock.now())
    assert [act.type for act in cases.case(case.id).acts] == ["case.reported", "case.reminded"]
    check_rows(bench, cases)


def test_what_the_office_may_do_is_the_table_and_who_did_what(
    bench: BlacklistBench, cases: CaseService
) -> None:
    case, now = decided(cases), bench.clock.now()

    assert cases.may(case, MANAGER, now) == cases.may(case, SUPERVISOR, now) == set()
    assert cases.may(case, CONFIRMER, now) == {CaseAct.CONFIRM, CaseAct.RETURN}


@pytest.mark.parametrize("status", list(CaseStatus))
@pytest.mark.parametrize("act", list(CaseAct))
def test_what_is_not_in_the_table_is_refused(status: CaseStatus, act: CaseAct) -> None:
    case = Case(
        id="ca",
        expert_id=EXPERT,
        ground="leak",
        origin="",
        reported_by=MANAGER,
        reported_at=NOW,
        answer_by=TODAY,
        links=(),
        status=status,
        appeal_by=TODAY,
    )
    if act in MOVES[status] and (act, status) != (CaseAct.DECIDE, CaseStatus.NOTIFIED):
        case.may(act, NOW)
    else:
        with pytest.raises((errors.CaseNotThere, errors.AnswerFirst)):
            case.may(act, NOW)
