"""An application from filing to the pool: two persons, evidence, and nothing half-done."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from classification.core.errors import UnknownCode
from draw_engine import appointment_store as store
from draw_engine.appointment_desk import Claim, Who
from draw_engine.core import appointment as core
from draw_engine.core import appointment_errors as errors
from draw_engine.core.appointment import Outcome, State, Verdict
from draw_engine.evidence import MOST_BYTES, Paper
from draw_engine.pool_records import ImportRunning
from foundation.errors import ServiceError
from foundation.ids import AccountId, ExpertId
from tests.attacks.rows import tables_with
from tests.draw_engine.appointment.bench import (
    APPROVER,
    BRIDGE,
    FILER,
    MEDICAL,
    NATIONAL,
    PDF,
    REVIEWER,
    ROAD,
    AppointmentBench,
    at_once,
    identity,
    somebody,
)

pytestmark = pytest.mark.both_engines


def refusal(act: Callable[[], object]) -> str:
    """The code, and of a field what is wrong with it."""
    with pytest.raises(ServiceError) as refused:
        act()
    return str(refused.value.facts.get("reason", refused.value.code))


def test_an_applicant_becomes_an_expert_by_filer_reviewer_and_approver(
    bench: AppointmentBench,
) -> None:
    found = bench.filed(0, ROAD, MEDICAL)
    assert (found.state, found.waits_for) == (State.FILED, "review")
    assert bench.of.pool.is_empty()

    bench.desk.review(found.id, ROAD, Verdict.ACCEPTED, "", REVIEWER)
    found = bench.desk.review(found.id, MEDICAL, Verdict.REJECTED, "not_proven", REVIEWER)
    assert found.waits_for == "approval"
    found = bench.desk.approve(found.id, APPROVER)

    (facts,) = bench.of.pool.facts()
    assert (found.state, found.expert_id, found.bases) == (
        State.APPROVED,
        facts.expert_id,
        ("ZB", "GP"),
    )
    assert (facts.codes, facts.title, facts.region) == (("A080205",), "高级职称", 110000)
    assert facts.admitted_at == bench.of.clock.now()
    assert bench.of.persons.get(facts.expert_id).name == somebody().name
    assert bench.applicants.ids() == set()
    assert bench.desk.counts() == {"approved": 1}


def test_every_item_has_its_paper_its_reviewer_and_its_day(bench: AppointmentBench) -> None:
    """R-PRIN-2: without a paper nobody reviews, without a review nobody approves."""
    found = bench.filed(0, items=(Claim(ROAD),))
    assert refusal(lambda: bench.desk.review(found.id, ROAD, Verdict.ACCEPTED, "", REVIEWER)) == (
        "appointment.evidence_missing"
    )
    assert refusal(lambda: bench.desk.approve(found.id, APPROVER)) == "appointment.not_reviewed"

    bench.desk.add_evidence(found.id, ROAD, (bench.paper(),), FILER)
    found = bench.desk.review(found.id, ROAD, Verdict.ACCEPTED, "", REVIEWER)
    (item,) = found.items
    assert item.review is not None
    assert (item.review.by, item.review.at) == (REVIEWER, bench.of.clock.now())
    assert [one.kind for one in item.documents] == ["title_certificate"]

    found = bench.desk.add_evidence(found.id, ROAD, (bench.paper(PDF + b"2"),), FILER)
    assert found.waits_for == "review", "new papers were not seen by anybody yet"


def test_r_sod_1_who_reviewed_an_item_never_approves(bench: AppointmentBench) -> None:
    found = bench.reviewed()
    assert bench.desk.has_reviewed(found, REVIEWER)
    for same in (REVIEWER, AccountId(f"{REVIEWER}2")):
        with pytest.raises(errors.ReviewerApproves) as refused:
            bench.desk.approve(found.id, same)
        assert refused.value.rule == "R-SOD-1"
    assert bench.of.pool.is_empty()
    assert bench.desk.approve(found.id, APPROVER).state is State.APPROVED


def test_two_approvals_at_once_make_one_expert(bench: AppointmentBench) -> None:
    found = bench.reviewed()
    out = at_once(
        lambda: bench.desk.approve(found.id, APPROVER),
        lambda: bench.desk.approve(found.id, AccountId("ac_third")),
    )
    assert sum(isinstance(one, errors.WrongState) for one in out) == 1, out
    assert len(bench.of.pool.ids()) == 1


def test_the_same_person_twice_is_one_application_and_one_expert(bench: AppointmentBench) -> None:
    found = bench.reviewed()
    again = bench.papers(MEDICAL)
    who = somebody()
    assert refusal(lambda: bench.desk.file(who, again, FILER)) == "appointment.already_filed"
    bench.desk.approve(found.id, APPROVER)
    assert refusal(lambda: bench.desk.file(who, again, FILER)) == "appointment.in_pool"
    other = replace(somebody(1), phone=who.phone)
    assert refusal(lambda: bench.desk.file(other, again, FILER)) == "pool.phone_in_pool"


def test_two_filings_of_one_person_at_once_leave_one(bench: AppointmentBench) -> None:
    papers = bench.papers()
    out = at_once(*[lambda: bench.desk.file(somebody(), papers, FILER)] * 2)
    assert sum(isinstance(one, errors.AlreadyFiled) for one in out) == 1, out
    assert len(bench.applicants.ids()) == 1


@pytest.mark.parametrize("standing", ["barred", "exited", "exit_pending"])
def test_who_was_removed_is_known_again_by_the_identity_number(
    bench: AppointmentBench, standing: str
) -> None:
    former = bench.appointed()
    bench.standings[former] = standing
    with pytest.raises(errors.FormerExpert) as refused:
        bench.desk.file(replace(somebody(), phone="15400009999"), bench.papers(), FILER)
    assert (refused.value.facts, refused.value.rule) == ({"standing": standing}, "R-ELIG-6")


def test_an_outside_list_refuses_the_approval_and_says_which(bench: AppointmentBench) -> None:
    found = bench.reviewed()
    assert bench.desk.show(found.id).outside is None, "no list is no clean record"
    bench.lists = {somebody().id_number: ["serious_dishonesty"]}
    bench.open()
    assert bench.desk.show(found.id).outside == ("serious_dishonesty",)
    with pytest.raises(errors.OnAList) as refused:
        bench.desk.approve(found.id, APPROVER)
    assert refused.value.facts == {"lists": "serious_dishonesty"}
    bench.lists = {}
    bench.open()
    assert bench.desk.show(found.id).outside == ()
    assert bench.desk.approve(found.id, APPROVER).state is State.APPROVED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unified_credit_code": "91110000GEN000013"}, "pool.credit_code_malformed"),
        ({"region": "110101"}, "pool.region_unknown"),
        ({"title": "教授"}, "pool.value_missing"),
        ({"valid_to": "2026-02-30"}, "pool.date_malformed"),
        ({"employer": ""}, "pool.value_missing"),
        ({"unit": "=1+1"}, "pool.begins_like_formula"),
        ({"items": ()}, "pool.value_missing"),
        ({"items": (Claim("2018:A089999"),)}, UnknownCode.code),
        ({"items": (Claim("2010:A080205"),)}, "classification.code_has_moved"),
        ({"items": (Claim("A080205"),)}, "classification.bad_form"),
        ({"items": (Claim(ROAD), Claim(ROAD))}, "appointment.item_twice"),
        ({"items": (Claim("title:教授"),)}, "appointment.unknown_item"),
        ({"items": (Claim(ROAD, (Paper("0" * 64, "degree"),)),)}, "appointment.document_unknown"),
        ({"items": (Claim(ROAD, (Paper("../../x", "degree"),)),)}, "appointment.document_unknown"),
    ],
)
def test_papers_that_cannot_be_taken_leave_nothing(
    bench: AppointmentBench, changes: dict[str, Any], code: str
) -> None:
    found = refusal(lambda: bench.filed(0, **changes))
    assert found == code or (code.endswith("moved") and found.startswith("classification."))
    assert bench.applicants.ids() == set()
    assert bench.desk.newest() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id_number": "110101197505019960"}, "pool.identity_check_digit"),
        ({"id_number": "11010119750501"}, "pool.identity_malformed"),
        ({"phone": "12345"}, "pool.phone_malformed"),
        ({"name": "赵1"}, "pool.name_malformed"),
    ],
)
def test_a_person_who_cannot_be_taken_is_told_by_field_and_never_repeated(
    bench: AppointmentBench, changes: dict[str, str], code: str
) -> None:
    who = replace(somebody(), **changes)
    with pytest.raises(errors.FieldUnfit) as refused:
        bench.desk.file(who, bench.papers(), FILER)
    assert refused.value.facts["reason"] == code
    assert not set(changes.values()) & set(map(str, refused.value.facts.values()))


def test_a_paper_is_pdf_or_picture_not_too_large_and_unreadable_on_disk(
    bench: AppointmentBench,
) -> None:
    evidence = bench.desk.evidence
    with pytest.raises(errors.DocumentUnfit):
        evidence.put(b"MZ a program")
    with pytest.raises(errors.DocumentTooLarge):
        evidence.put(PDF + bytes(MOST_BYTES))
    for data in (PDF, b"\xff\xd8\xff a photograph", b"\x89PNG\r\n\x1a\n a scan"):
        assert evidence.get(evidence.put(data)) == data
    found = bench.filed()
    (document,) = found.items[0].documents
    assert bench.desk.paper(found.id, document.sha256) == PDF
    with pytest.raises(errors.DocumentUnknown):
        bench.desk.paper(found.id, evidence.put(PDF + b"of somebody else"))
    files = [one for one in (bench.of.home / "evidence").rglob("*") if one.is_file()]
    assert not [one for one in files if PDF in one.read_bytes()]
    changed = next(one for one in files if one.name == document.sha256)
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    with pytest.raises(errors.DocumentUnknown):
        bench.desk.paper(found.id, document.sha256)


def test_returned_amended_and_the_verdict_on_the_same_papers_stays(
    bench: AppointmentBench,
) -> None:
    found = bench.reviewed(0, ROAD)
    assert refusal(lambda: bench.desk.return_(found.id, "because", APPROVER)) == (
        "appointment.unknown_reason"
    )
    found = bench.desk.return_(found.id, "papers_missing", APPROVER)
    assert (found.state, found.waits_for, found.reason) == (
        State.RETURNED,
        "filer",
        "papers_missing",
    )
    assert refusal(lambda: bench.desk.approve(found.id, APPROVER)) == "appointment.wrong_state"

    found = bench.desk.amend(found.id, bench.papers(ROAD, BRIDGE, years=9), FILER)

    verdicts = {one.claim: one.review is not None for one in found.items}
    assert (found.waits_for, found.years, verdicts) == ("review", 9, {ROAD: True, BRIDGE: False})


def test_papers_that_were_asked_for_take_it_up_again(bench: AppointmentBench) -> None:
    found = bench.reviewed(0, ROAD, MEDICAL)
    bench.desk.return_(found.id, "papers_missing", APPROVER)
    found = bench.desk.add_evidence(found.id, ROAD, (bench.paper(PDF + b"2"),), FILER)
    waiting = {one.claim: one.review is None for one in found.items}
    assert (found.state, found.waits_for, waiting) == (
        State.FILED,
        "review",
        {ROAD: True, MEDICAL: False},
    )


def test_a_refused_person_is_forgotten_and_may_apply_again(bench: AppointmentBench) -> None:
    found = bench.filed()
    assert bench.desk.person(found.id, APPROVER).name == somebody().name
    bench.desk.refuse(found.id, "conditions", APPROVER)
    with pytest.raises(errors.UnknownApplication):
        bench.desk.show("ap_none")
    assert bench.applicants.ids() == set()
    assert refusal(lambda: bench.desk.person(found.id, APPROVER)) == (
        "appointment.unknown_applicant"
    )
    assert refusal(lambda: bench.desk.refuse(found.id, "conditions", APPROVER)) == (
        "appointment.wrong_state"
    )
    assert bench.filed().state is State.FILED


def test_the_main_database_and_the_log_name_nobody(bench: AppointmentBench) -> None:
    expert = bench.appointed()
    bench.desk.person(bench.filed(1).id, REVIEWER)
    for n in (0, 1):
        who = somebody(n)
        words = [who.name, who.name.removesuffix("（生成）"), who.id_number, who.phone]
        if not bench.of.books.database.postgresql:
            assert tables_with(bench.of.books.database.path, words) == set()
            assert tables_with(bench.of.vault.path, words) == set()
    leaves = b"".join(bench.of.books.leaves(0, bench.of.books.size()))
    assert expert.encode() not in leaves
    assert who.id_number not in repr(who)


def test_the_rows_are_what_the_entries_add_up_to(bench: AppointmentBench) -> None:
    bench.appointed()
    bench.filed(1, ROAD, MEDICAL)
    returned = bench.reviewed(2)
    bench.desk.return_(returned.id, "facts_wrong", APPROVER)
    bench.desk.refuse(bench.filed(3).id, "withdrawn", APPROVER)
    with bench.of.books.read() as book:
        rows = {row.id: row for row in store.applications(book.db)}
        streams = book.streams("appointment:")
        assert {store.stream_of(one) for one in rows} == set(streams)
        for one, row in rows.items():
            entries = [(e.type, e.body) for e in book.entries(store.stream_of(one))]
            found = core.fold(entries)
            assert found is not None
            assert (row.state, row.waits_for, row.expert_id) == (
                found.state,
                found.waits_for,
                found.expert_id,
            )


def test_an_import_that_runs_would_take_the_expert_back_with_it(bench: AppointmentBench) -> None:
    found = bench.reviewed()
    with bench.of.importer.one_at_a_time, pytest.raises(ImportRunning):
        bench.desk.approve(found.id, APPROVER)
    assert bench.of.pool.is_empty()
    assert bench.desk.approve(found.id, APPROVER).state is State.APPROVED


class Killed(BaseException):
    """The process ends here."""


def killed(*_: object, **__: object) -> Any:
    raise Killed


@pytest.mark.parametrize("place", ["after the person", "in the commit", "after the commit"])
def test_a_kill_at_any_step_of_an_approval_leaves_an_applicant_or_an_expert(
    bench: AppointmentBench, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bench.reviewed()
    if place == "after the person":
        # a killed process cleans up nothing
        monkeypatch.setattr(bench.of.persons, "erase", killed)
        monkeypatch.setattr(bench.desk, "_enrol", killed)
    elif place == "in the commit":
        monkeypatch.setattr(bench.of.persons, "erase", killed)
        monkeypatch.setattr(store, "put", killed)
    else:
        monkeypatch.setattr(bench.applicants, "erase", killed)
    with pytest.raises(Killed):
        bench.desk.approve(found.id, APPROVER)
    monkeypatch.undo()

    bench.of.importer.clean_orphans()  # what a start does
    bench.open()
    bench.desk.clean()

    bench.nothing_half_done()
    (now,) = bench.desk.newest()
    if place == "after the commit":
        assert now.state is State.APPROVED
    else:
        assert now.state is State.FILED
        assert bench.desk.approve(found.id, APPROVER).state is State.APPROVED


def test_a_kill_between_the_vault_and_the_filing_leaves_nobody(
    bench: AppointmentBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = bench.papers()
    monkeypatch.setattr(bench.applicants, "erase", killed)
    monkeypatch.setattr(store, "put", killed)
    with pytest.raises(Killed):
        bench.desk.file(somebody(), papers, FILER)
    monkeypatch.undo()
    assert len(bench.applicants.ids()) == 1
    assert bench.desk.clean() == 1
    assert bench.filed().state is State.FILED


def test_the_age_is_told_as_yes_or_no(bench: AppointmentBench) -> None:
    born = date(1955, 5, 1)
    found = bench.desk.file(
        Who("赵老（生成）", identity(born), "15400000007"), bench.papers(), FILER
    )
    assert found.within_age == {"ZB": True, "GP": False}
    outcomes = {(one.rule, one.bases[0]): one.outcome for one in bench.desk.show(found.id).checks}
    assert outcomes["R-ELIG-3", core.Base.GP] is Outcome.FAIL
    with bench.of.books.read() as book:
        bodies = str([one.body for one in book.entries(store.stream_of(found.id))])
    assert "1955" not in bodies


def test_who_meets_the_conditions_of_one_trade_serves_in_that_one(
    bench: AppointmentBench,
) -> None:
    expert = bench.appointed(0, title="中级职称")
    assert bench.desk.newest()[0].bases == ("GP",)
    now = bench.of.clock.now()
    assert bench.marks.unfit(core.Base.ZB, now) == {expert}
    assert bench.marks.unfit(core.Base.GP, now) == set()
    assert bench.marks.unfit(core.Base.ZB, now - timedelta(seconds=1)) == set()


def test_who_meets_no_conditions_is_not_appointed(bench: AppointmentBench) -> None:
    found = bench.reviewed(0, title="中级职称", years=3)
    with pytest.raises(errors.ConditionsUnmet) as refused:
        bench.desk.approve(found.id, APPROVER)
    assert refused.value.facts == {"rule_unmet": "R-ELIG-1"}
    assert bench.of.persons.ids() == set()


def test_attack_a8_one_expert_claims_every_specialty(
    bench: AppointmentBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A8, R-ELIG-9: a second-level class more than the overlay allows is not approved."""
    claims = (ROAD, "2018:A0101", MEDICAL)
    bench.overlay = replace(NATIONAL, second_level_most=2, third_level_most=6)
    bench.open()
    found = bench.reviewed(0, *claims)
    with pytest.raises(errors.ConditionsUnmet) as refused:
        bench.desk.approve(found.id, APPROVER)
    assert refused.value.facts == {"rule_unmet": "R-ELIG-9"}
    # one class fewer, and the way by asking for more is shut as well
    bench.desk.refuse(found.id, "conditions", APPROVER)
    expert = bench.appointed(0, *claims[:2])
    asked = bench.desk.ask_more(expert, (Claim(MEDICAL, (bench.paper(),)),), AccountId("ac_x"))
    bench.desk.review(asked.id, MEDICAL, Verdict.ACCEPTED, "", REVIEWER)
    with pytest.raises(errors.ConditionsUnmet):
        bench.desk.approve(asked.id, APPROVER)

    monkeypatch.setattr(core, "_within", lambda _n, _most: True)
    bench.desk.approve(asked.id, APPROVER)
    (facts,) = bench.of.pool.facts([ExpertId(expert)])
    assert len(facts.codes) == 3, "without the limit the attack succeeds"


def test_attack_a6_one_manager_alone_pads_the_pool(
    bench: AppointmentBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A6: one person, under whatever account, brings nobody in."""
    found = bench.reviewed()
    with pytest.raises(errors.ReviewerApproves):
        bench.desk.approve(found.id, AccountId(f"{REVIEWER}2"))
    assert bench.of.pool.is_empty()

    monkeypatch.setattr(bench.desk, "_same_person", lambda _one, _other: False)
    bench.desk.approve(found.id, REVIEWER)
    assert len(bench.of.pool.ids()) == 1, "without the second person the attack succeeds"


def test_a_home_keeps_no_paper_in_the_clear(bench: AppointmentBench, tmp_path: Path) -> None:
    bench.filed()
    assert not [one for one in tmp_path.rglob("*") if one.is_file() and PDF in one.read_bytes()]
