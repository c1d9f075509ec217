"""The yearly profile: overdue it keeps its expert out, confirmed it lets them in again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from draw_engine import appointment_store as store
from draw_engine.appointment_desk import Claim
from draw_engine.core import appointment_errors as errors
from draw_engine.core.appointment import Verdict
from draw_engine.core.eligibility import Terms, screen
from draw_engine.core.exclusions import Reason
from draw_engine.core.profile import due
from draw_engine.core.recusal import conflicts, look_back
from draw_engine.core.request import Party
from draw_engine.pool_generate import credit_code
from draw_engine.profile_desk import STREAM, Employer
from foundation.ids import AccountId, ExpertId
from foundation.instants import CHINA_STANDARD_TIME
from foundation.ledger.store import OutboxRow
from tests.draw_engine.appointment.bench import (
    APPROVER,
    BRIDGE,
    MEDICAL,
    NATIONAL,
    PDF,
    REVIEWER,
    ROAD,
    AppointmentBench,
    an_appointment,
)
from tests.draw_engine.pool.bench import slot
from tests.stores.places import Stores

pytestmark = pytest.mark.both_engines

EXPERT = AccountId("ac_expert")
OTHER = Employer("志远工程咨询有限公司（生成）", credit_code("110000", 2))


@pytest.fixture
def expert(bench: AppointmentBench) -> ExpertId:
    return bench.appointed(0, ROAD, MEDICAL)


def today(bench: AppointmentBench) -> date:
    return bench.of.clock.now().astimezone(CHINA_STANDARD_TIME).date()


def screened(bench: AppointmentBench, *bidders: str, code: str = "A08") -> dict[str, int]:
    """Who is out of a draw held now, and why."""
    now, pool = bench.of.clock.now(), bench.of.pool
    of = conflicts((Party("bidder", one, "") for one in bidders), pool.groups())
    terms = Terms(
        frozen_on=today(bench),
        day=today(bench),
        conflicts=of,
        stale=bench.marks.stale(pool.columns(), now),
        former=bench.marks.former(of, today(bench), now),
    )
    found = screen(pool.columns(), [slot(code)], terms)
    return {str(one): int(why) for one, why in found.excluded_ids().items()}


def test_r_elig_10_an_overdue_profile_is_not_drawn_until_it_is_confirmed(
    bench: AppointmentBench, expert: ExpertId
) -> None:
    bench.of.clock.advance(timedelta(days=NATIONAL.profile_days))
    assert screened(bench) == {}, "the last day still counts"
    assert bench.profiles.fault(expert, bench.of.clock.now()) is None

    bench.of.clock.advance(timedelta(days=1))
    assert screened(bench) == {expert: Reason.SUSPENDED}
    fault = bench.profiles.fault(expert, bench.of.clock.now())
    assert fault == ("R-ELIG-10", today(bench))
    assert bench.profiles.show(expert).fault == fault

    found = bench.profiles.confirm(expert, EXPERT)
    assert found.fault is None
    assert found.due.profile_until == today(bench) + timedelta(days=NATIONAL.profile_days)
    assert screened(bench) == {}


def test_the_past_is_read_as_it_was(bench: AppointmentBench, expert: ExpertId) -> None:
    bench.of.clock.advance(timedelta(days=NATIONAL.profile_days + 1))
    then = bench.of.clock.now()
    bench.of.clock.advance(timedelta(hours=1))
    bench.profiles.confirm(expert, EXPERT)
    columns = bench.of.pool.columns()
    stale = bench.marks.stale(columns, then)
    assert stale is not None
    assert stale.tolist() == [True]
    assert bench.marks.stale(columns, bench.of.clock.now()) is None
    assert bench.profiles.fault(expert, then) is not None
    assert bench.profiles.fault(expert, bench.of.clock.now()) is None


def test_the_mask_and_the_single_answer_agree_for_everybody(bench: AppointmentBench) -> None:
    experts = [bench.appointed(n, ROAD) for n in range(6)]
    for step in range(1, 14):
        bench.of.clock.advance(timedelta(days=40))
        bench.profiles.confirm(experts[step % 4], EXPERT)
        now, columns = bench.of.clock.now(), bench.of.pool.columns()
        stale = bench.marks.stale(columns, now)
        rows = [] if stale is None else stale.nonzero()[0].tolist()
        out = {columns.ids[row] for row in rows}
        assert out == {one for one in experts if bench.profiles.fault(one, now) is not None}


@pytest.fixture
def trained(stores: Stores) -> Iterator[AppointmentBench]:
    with an_appointment(stores, replace(NATIONAL, training_days=100)) as opened:
        yield opened


def test_a_training_overdue_keeps_out_where_the_overlay_asks_for_one(
    trained: AppointmentBench,
) -> None:
    bench, expert = trained, trained.appointed(0, ROAD)
    bench.of.clock.advance(timedelta(days=101))
    assert screened(bench) == {expert: Reason.SUSPENDED}
    assert bench.profiles.fault(expert, bench.of.clock.now()) == ("R-ELIG-5", today(bench))
    certificate = bench.desk.evidence.put(PDF)
    tomorrow = today(bench) + timedelta(days=1)
    with pytest.raises(errors.DaysUnfit):
        bench.profiles.record_training(expert, tomorrow, certificate, REVIEWER)
    found = bench.profiles.record_training(expert, today(bench), certificate, REVIEWER)
    assert (found.trained_on, found.fault) == (today(bench), None)
    assert screened(bench) == {}


def test_r_rec_1_a_former_employer_recuses_for_three_years_and_no_longer(
    bench: AppointmentBench, expert: ExpertId
) -> None:
    bidder = OTHER.unified_credit_code
    assert screened(bench, bidder) == {}
    left = today(bench) - timedelta(days=10)
    bench.profiles.declare_former(expert, [(OTHER, None, left)], EXPERT)
    assert screened(bench, bidder) == {expert: Reason.CONFLICT}
    assert screened(bench) == {}

    bench.of.clock.advance(timedelta(days=3 * 365 - 20))
    bench.profiles.confirm(expert, EXPERT)
    assert screened(bench, bidder) == {expert: Reason.CONFLICT}
    bench.of.clock.advance(timedelta(days=60))
    assert screened(bench, bidder) == {}


def test_r_rec_1_who_leaves_a_bidder_in_time_is_recused_all_the_same(
    bench: AppointmentBench, expert: ExpertId
) -> None:
    """The abuse: change the employer just before the draw. The one before goes on recusing."""
    before = bench.of.pool.facts()[0].employer
    assert screened(bench, before) == {expert: Reason.CONFLICT}
    found = bench.profiles.change_employer(expert, OTHER, today(bench), EXPERT)
    assert found.facts.employer == OTHER.unified_credit_code
    assert [one.unified_credit_code for one in found.former] == [before]
    assert screened(bench, before) == {expert: Reason.CONFLICT}
    assert screened(bench, OTHER.unified_credit_code) == {expert: Reason.CONFLICT}


def test_a_specialty_given_up_counts_at_once_and_the_last_one_stays(
    bench: AppointmentBench, expert: ExpertId
) -> None:
    assert bench.of.pool.columns().holders(["B"]).tolist() == [0]
    bench.profiles.give_up(expert, MEDICAL, EXPERT)
    assert bench.of.pool.columns().holders(["B"]).tolist() == []
    with pytest.raises(errors.LastSpecialty):
        bench.profiles.give_up(expert, ROAD, EXPERT)
    with pytest.raises(errors.SpecialtyNotHeld):
        bench.profiles.give_up(expert, MEDICAL, EXPERT)


def test_what_widens_waits_for_two_persons(bench: AppointmentBench, expert: ExpertId) -> None:
    with pytest.raises(errors.EvidenceMissing):
        bench.desk.ask_more(expert, (Claim(BRIDGE),), EXPERT)
    with pytest.raises(errors.ItemTwice):
        bench.desk.ask_more(expert, (Claim(ROAD, (bench.paper(),)),), EXPERT)
    claims = (BRIDGE, "title:正高级职称", "region:310000")
    items = tuple(Claim(one, (bench.paper(),)) for one in claims)
    asked = bench.desk.ask_more(expert, items, EXPERT)
    with pytest.raises(errors.AlreadyFiled):
        bench.desk.ask_more(expert, items, EXPERT)
    for claim in claims[:2]:
        bench.desk.review(asked.id, claim, Verdict.ACCEPTED, "", REVIEWER)
    bench.desk.review(asked.id, claims[2], Verdict.REJECTED, "not_proven", REVIEWER)
    assert bench.of.pool.facts()[0].codes == ("A080205", "B0101")
    with pytest.raises(errors.ReviewerApproves):
        bench.desk.approve(asked.id, REVIEWER)
    bench.desk.approve(asked.id, APPROVER)
    (facts,) = bench.of.pool.facts()
    assert facts.codes == ("A080205", "A080206", "B0101")
    assert (facts.title, facts.region, facts.version) == ("正高级职称", 110000, 2)


def test_an_older_draw_is_recomputed_from_the_facts_that_stood_then(
    bench: AppointmentBench, expert: ExpertId
) -> None:
    instants = [bench.of.clock.now()]
    bench.of.clock.advance(timedelta(hours=1))
    bench.profiles.give_up(expert, MEDICAL, EXPERT)
    instants.append(bench.of.clock.now())
    bench.of.clock.advance(timedelta(hours=1))
    bench.profiles.change_employer(expert, OTHER, today(bench), EXPERT)
    instants.append(bench.of.clock.now())
    pool = bench.of.pool
    seen = [pool.columns_then("2018", at) for at in instants]
    assert [len(one.holders(["B"])) for one in seen] == [1, 0, 0]
    employers = [one.employers[int(one.employer[0])] for one in seen]
    assert employers == [credit_code("110000", 1)] * 2 + [OTHER.unified_credit_code]


def test_the_telephone_is_the_vaults_and_the_entry_holds_hashes(
    bench: AppointmentBench, expert: ExpertId
) -> None:
    other = bench.appointed(1)
    taken = bench.of.persons.get(other).phone
    with pytest.raises(errors.FieldUnfit) as refused:
        bench.profiles.change_phone(expert, taken, EXPERT)
    assert refused.value.facts == {"field": "phone", "reason": "pool.phone_in_pool"}
    found = bench.profiles.change_phone(expert, "154 0000 1234", EXPERT)
    assert found.phone == "1234"
    assert bench.of.persons.get(expert).phone == "15400001234"
    assert bench.of.persons.known_phones(["15400001234"])
    with bench.of.books.read() as book:
        (entry,) = book.entries(STREAM)
    assert entry.body is not None
    assert entry.type == "profile.changed"
    assert "1234" not in str(entry.body).replace(entry.body["old"], "").replace(
        entry.body["new"], ""
    )


def test_a_telephone_whose_entry_fails_is_the_old_one_again(
    bench: AppointmentBench, expert: ExpertId, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bench.of.persons.get(expert).phone

    def full(*_: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(bench.profiles, "_entry", full)
    with pytest.raises(OSError, match="full"):
        bench.profiles.change_phone(expert, "15400001234", EXPERT)
    assert bench.of.persons.get(expert).phone == before


def test_each_expert_is_reminded_once_before_a_due_day(
    bench: AppointmentBench, expert: ExpertId
) -> None:
    def told() -> list[str]:
        with bench.of.books.read() as book:
            rows = book.db.exec(select(OutboxRow).where(OutboxRow.kind == "profile.due_soon"))
            return [row.recipient for row in rows]

    ahead = NATIONAL.profile_days - NATIONAL.profile_remind_days
    bench.of.clock.advance(timedelta(days=ahead - 1))
    bench.profiles.remind(bench.of.clock.now())
    assert told() == []
    bench.of.clock.advance(timedelta(days=1))
    again = bench.profiles.remind(bench.of.clock.now())
    assert again is not None
    assert again > bench.of.clock.now()
    bench.profiles.remind(bench.of.clock.now())
    assert told() == [expert]
    bench.profiles.confirm(expert, EXPERT)
    bench.of.clock.advance(timedelta(days=ahead))
    bench.profiles.remind(bench.of.clock.now())
    assert told() == [expert, expert]


def test_days_that_cannot_be_are_refused(bench: AppointmentBench, expert: ExpertId) -> None:
    later = today(bench) + timedelta(days=1)
    for from_on, to_on in ((None, later), (today(bench), today(bench) - timedelta(days=1))):
        with pytest.raises(errors.DaysUnfit):
            bench.profiles.declare_former(expert, [(OTHER, from_on, to_on)], EXPERT)
    with pytest.raises(errors.DaysUnfit):
        bench.profiles.change_employer(expert, OTHER, later, EXPERT)
    with pytest.raises(errors.NotAnExpert):
        bench.profiles.show(ExpertId("ex_nobody"))


def test_the_rows_are_what_the_entries_say(bench: AppointmentBench, expert: ExpertId) -> None:
    bench.profiles.confirm(expert, EXPERT)
    bench.profiles.declare_former(expert, [(OTHER, None, today(bench))], EXPERT)
    bench.profiles.record_training(expert, today(bench), "0" * 64, REVIEWER)
    with bench.of.books.read() as book:
        entries = book.entries(STREAM)
        days = {
            (seq, who, kind, on.isoformat()) for seq, who, kind, on in store.days_since(book.db, 0)
        }
        former = store.former_employers(book.db, expert)
    kinds = {"profile.confirmed": "confirmed", "profile.training_recorded": "trained"}
    bodies = [(one.seq, one.type, one.body or {}) for one in entries]
    assert days == {
        (seq, body["expert_id"], kinds[type_], body["on"])
        for seq, type_, body in bodies
        if type_ in kinds
    }
    assert [(one.seq, one.unified_credit_code, one.to_on.isoformat()) for one in former] == [
        (seq, told["code"], told["to_on"])
        for seq, type_, body in bodies
        if type_ == "profile.former_declared"
        for told in body["employers"]
    ]


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(0, 4000),
    st.integers(0, 4000),
)
def test_a_confirmation_never_shortens_what_holds(
    admitted: date, confirmed: int, asked: int
) -> None:
    days = {"confirmed": admitted + timedelta(days=confirmed)}
    before, after = due(admitted, {}, NATIONAL), due(admitted, days, NATIONAL)
    day = admitted + timedelta(days=asked)
    assert after.profile_until >= before.profile_until
    assert (after.fault(day) is None) or (before.fault(day) is not None)


def test_the_look_back_of_a_leap_day_ends_on_a_day_that_exists() -> None:
    assert look_back(date(2028, 2, 29)) == date(2025, 2, 28)
    assert look_back(date(2026, 11, 24)) == date(2023, 11, 24)
