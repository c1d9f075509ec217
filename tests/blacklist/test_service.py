"""The use cases: who may do what, and that nothing is ever deleted."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from blacklist.core import errors
from blacklist.core.facts import Decision, Outcome
from blacklist.core.grounds import CORRECTED, ExitKind, Kind, Status
from blacklist.service import STREAM, StandingService
from foundation.ids import ExpertId
from foundation.ledger.store import LeafRow, OutboxRow
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


def test_what_is_recorded_counts_from_now_and_not_before(bench: BlacklistBench) -> None:
    bench.record()

    assert bench.blacklist.reasons() == {EXPERT: 4}
    assert bench.blacklist.reasons(at=NOW - timedelta(seconds=1)) == {}


def test_a_suspension_is_over_the_day_after_without_anybody_doing_anything(
    bench: BlacklistBench,
) -> None:
    bench.record()
    bench.clock.advance(DAY)

    assert bench.blacklist.reasons() == {}
    assert len(bench.blacklist.measures()) == 1


def test_standings_hold_only_those_who_may_not_serve(bench: BlacklistBench) -> None:
    bench.record()
    bench.record(expert_id=ExpertId("ex_two"), starts_on=TODAY + 9 * DAY, ends_on=TODAY + 10 * DAY)

    assert set(bench.blacklist.standings()) == {EXPERT}
    assert set(bench.blacklist.standings(day=TODAY + 9 * DAY)) == {EXPERT, "ex_two"}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ground": "because"}, errors.UnknownGround),
        ({"ground": "bribery"}, errors.UnknownGround),
        ({"ends_on": None}, errors.TermUnfit),
        ({"ends_on": TODAY - DAY}, errors.TermUnfit),
        ({"kind": Kind.DISQUALIFIED, "ground": "bribery"}, errors.TermUnfit),
        ({"basis": "  "}, errors.WordsMissing),
        ({"deciding_body": "长" * 501}, errors.WordsMissing),
    ],
)
def test_a_measure_needs_a_ground_a_term_and_a_basis(
    bench: BlacklistBench, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        bench.record(**changes)
    assert bench.blacklist.measures() == []


def test_a_disqualification_has_no_end(bench: BlacklistBench) -> None:
    bench.record(kind=Kind.DISQUALIFIED, ground="bribery", ends_on=None)
    bench.clock.advance(40_000 * DAY)

    assert bench.blacklist.standing(EXPERT).status is Status.BARRED


def test_somebody_whom_the_pool_does_not_know_is_not_recorded(bench: BlacklistBench) -> None:
    strict = StandingService(
        bench.books, bench.clock, load_overlay("national"), knows=lambda one: one == EXPERT
    )

    with pytest.raises(errors.UnknownExpert):
        strict.propose(ExpertId("ex_nobody"), terms(), MANAGER)
    assert strict.propose(EXPERT, terms(), MANAGER).expert_id == EXPERT


def test_r_sod_2_a_measure_counts_once_a_second_person_confirms_it(bench: BlacklistBench) -> None:
    proposal = bench.propose(by=SUPERVISOR)

    assert bench.blacklist.reasons() == {}
    with pytest.raises(errors.SamePerson):
        bench.blacklist.confirm(proposal.id, SUPERVISOR)
    assert bench.blacklist.reasons() == {}

    bench.blacklist.confirm(proposal.id, OTHER)

    (measure,) = bench.blacklist.measures()
    assert (measure.proposed_by, measure.recorded_by) == (SUPERVISOR, OTHER)
    assert bench.blacklist.reasons() == {EXPERT: 4}
    with pytest.raises(errors.ProposalEnded):
        bench.blacklist.confirm(proposal.id, CONFIRMER)


def test_r_sod_2_goes_by_the_person_and_not_by_the_account(bench: BlacklistBench) -> None:
    one_person = {MANAGER, OTHER}
    strict = StandingService(
        bench.books,
        bench.clock,
        load_overlay("national"),
        same_person=lambda a, b: a == b or {a, b} == one_person,
    )
    proposal = strict.propose(EXPERT, terms(), MANAGER)

    with pytest.raises(errors.SamePerson):
        strict.confirm(proposal.id, OTHER)
    with pytest.raises(errors.SamePerson):
        strict.send_back(proposal.id, "无依据", OTHER)
    assert not strict.may_act(proposal, OTHER)
    assert strict.may_act(proposal, SUPERVISOR)


def test_a_returned_and_a_withdrawn_proposal_end_and_stay_on_record(bench: BlacklistBench) -> None:
    returned = bench.blacklist.send_back(bench.propose().id, "依据不足", SUPERVISOR)
    own = bench.propose()
    with pytest.raises(errors.NotTheirs):
        bench.blacklist.withdraw(own.id, OTHER)
    withdrawn = bench.blacklist.withdraw(own.id, MANAGER)

    assert (returned.outcome, returned.reason) == (Outcome.RETURNED, "依据不足")
    assert withdrawn.outcome is Outcome.WITHDRAWN
    for ended in (returned, withdrawn):
        with pytest.raises(errors.ProposalEnded):
            bench.blacklist.confirm(ended.id, SUPERVISOR)
    assert bench.blacklist.measures() == []
    assert len(bench.blacklist.proposals(EXPERT)) == 2


def test_r_appeal_1_an_urgent_suspension_stops_at_once_and_lapses_unconfirmed(
    bench: BlacklistBench,
) -> None:
    """R-APPEAL-1: it counts through the third working day; people are told once."""
    end = TODAY + 90 * DAY
    proposal = bench.propose(urgent=True, ends_on=end)
    friday = TODAY + 3 * DAY  # 2026-11-24 is a Tuesday

    assert proposal.lapses_on == friday
    assert bench.blacklist.standing(EXPERT).until == friday
    bench.clock.advance(3 * DAY)
    assert bench.blacklist.standing(EXPERT).status is Status.SUSPENDED
    bench.blacklist.tick(bench.clock.now())
    assert "blacklist.lapsed" not in types(bench)

    bench.clock.advance(DAY)

    assert bench.blacklist.standing(EXPERT).may_serve
    for _ in range(2):
        bench.blacklist.tick(bench.clock.now())
    assert types(bench).count("blacklist.lapsed") == 1
    with pytest.raises(errors.ProposalEnded):
        bench.blacklist.confirm(proposal.id, SUPERVISOR)
    assert bench.blacklist.reasons(at=NOW + DAY) == {EXPERT: 4}, "what counted stays what counted"


def test_an_urgent_suspension_that_is_confirmed_goes_on_without_a_gap(
    bench: BlacklistBench,
) -> None:
    proposal = bench.propose(urgent=True, ends_on=TODAY + 90 * DAY)
    bench.clock.advance(2 * DAY)
    bench.blacklist.confirm(proposal.id, SUPERVISOR)

    for passed in (0, 1, 2, 3, 10, 90):
        assert bench.blacklist.reasons(at=NOW + passed * DAY) == {EXPERT: 4}, passed
    assert bench.blacklist.reasons(at=NOW + 91 * DAY) == {}


def test_an_urgent_suspension_that_is_returned_ends_at_once(bench: BlacklistBench) -> None:
    proposal = bench.propose(urgent=True, ends_on=TODAY + 90 * DAY)
    bench.clock.advance(timedelta(hours=1))
    bench.blacklist.send_back(proposal.id, "无事实依据", SUPERVISOR)

    assert bench.blacklist.standing(EXPERT).may_serve
    assert bench.blacklist.reasons(at=NOW) == {EXPERT: 4}


def test_only_a_suspension_can_be_urgent(bench: BlacklistBench) -> None:
    with pytest.raises(errors.UrgentUnfit):
        bench.propose(urgent=True, kind=Kind.BARRED)
    with pytest.raises(errors.BasisUnfit):
        bench.propose(basis_sha256="no hash")


def test_r_sod_2_who_asks_to_lift_does_not_lift(bench: BlacklistBench) -> None:
    measure = bench.record()
    proposal = bench.blacklist.propose_lift(measure.id, "overturned", "复议决定", SUPERVISOR)

    assert bench.blacklist.reasons() == {EXPERT: 4}
    with pytest.raises(errors.SamePerson):
        bench.blacklist.confirm(proposal.id, SUPERVISOR)
    with pytest.raises(errors.AlreadyProposed):
        bench.blacklist.propose_lift(measure.id, "overturned", "复议决定", OTHER)

    bench.blacklist.confirm(proposal.id, OTHER)

    (lifted,) = bench.blacklist.measures()
    assert (lifted.lift_proposed_by, lifted.lifted_by) == (SUPERVISOR, OTHER)
    assert bench.blacklist.reasons() == {}


def test_a_lifted_measure_stays_on_record_and_is_not_lifted_twice(bench: BlacklistBench) -> None:
    measure = bench.record()
    bench.clock.advance(timedelta(minutes=1))
    bench.lift(measure.id, "entered_wrongly")

    with pytest.raises(errors.AlreadyLifted):
        bench.lift(measure.id)
    assert [one.id for one in bench.blacklist.measures()] == [measure.id]
    assert bench.blacklist.reasons(at=NOW) == {EXPERT: 4}, "what counted at an earlier freeze"


def test_a_correction_takes_the_place_and_what_it_replaced_stays(bench: BlacklistBench) -> None:
    wrong = bench.record(ends_on=TODAY + 365 * DAY)
    bench.clock.advance(timedelta(minutes=1))
    proposal = bench.blacklist.propose_correction(wrong.id, terms(), OTHER)
    bench.blacklist.confirm(proposal.id, CONFIRMER)

    right, before = bench.blacklist.measures()
    assert (right.replaces, before.lift_ground) == (wrong.id, CORRECTED)
    assert bench.blacklist.standing(EXPERT).until == TODAY
    assert bench.blacklist.standing(EXPERT, at=NOW).until == TODAY + 365 * DAY


def test_of_two_confirmations_of_one_correction_and_one_lift_one_counts(
    bench: BlacklistBench,
) -> None:
    """A measure that a case lifted meanwhile is not corrected any more."""
    measure = bench.record()
    proposal = bench.blacklist.propose_correction(measure.id, terms(), OTHER)
    with bench.books.write() as book:
        words = {"ground": "overturned", "basis": "复议决定", "proposed_by": OTHER, "origin": ""}
        bench.blacklist.lift_in(book, measure.id, words, SUPERVISOR)

    with pytest.raises(errors.AlreadyLifted):
        bench.blacklist.confirm(proposal.id, CONFIRMER)
    assert len(bench.blacklist.measures()) == 1


@pytest.mark.parametrize(
    ("id_", "ground", "basis", "refusal"),
    [
        ("bl_none", "overturned", "b", errors.UnknownMeasure),
        ("bl_none", "friend", "b", errors.UnknownGround),
        ("bl_none", "overturned", " ", errors.WordsMissing),
    ],
)
def test_lifting_needs_an_entry_a_ground_and_a_basis(
    bench: BlacklistBench, id_: str, ground: str, basis: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        bench.blacklist.propose_lift(id_, ground, basis, SUPERVISOR)


def test_an_expert_takes_leave_alone_and_comes_back(bench: BlacklistBench) -> None:
    leave = bench.blacklist.take_leave(EXPERT, "illness", TODAY, TODAY + 5 * DAY, OTHER)

    assert bench.blacklist.reasons() == {EXPERT: 3}
    with pytest.raises(errors.NotTheirs):
        bench.blacklist.end_leave(ExpertId("ex_two"), leave.id, OTHER)
    bench.clock.advance(DAY)
    bench.blacklist.end_leave(EXPERT, leave.id, OTHER)
    assert bench.blacklist.standing(EXPERT).may_serve
    with pytest.raises(errors.AlreadyLifted):
        bench.blacklist.end_leave(EXPERT, leave.id, OTHER)


def test_nobody_ends_as_leave_what_two_persons_entered(bench: BlacklistBench) -> None:
    measure = bench.record()

    with pytest.raises(errors.NotTheirs):
        bench.blacklist.end_leave(EXPERT, measure.id, OTHER)
    for ground, first, last in (
        ("leak", TODAY, TODAY),
        ("illness", TODAY, TODAY - DAY),
        ("illness", TODAY - 3 * DAY, TODAY - DAY),
    ):
        with pytest.raises((errors.UnknownGround, errors.TermUnfit)):
            bench.blacklist.take_leave(EXPERT, ground, first, last, OTHER)


def test_r_exit_2_who_lost_the_conditions_is_out_once_two_persons_say_so(
    bench: BlacklistBench,
) -> None:
    """R-EXIT-2."""
    words: dict[str, Any] = {
        "kind": ExitKind.CONDITIONS_LOST,
        "ground": "conditions_lost",
        "basis": "复核表",
        "deciding_body": "专家库管理单位",
    }
    proposal = bench.blacklist.propose_exit(EXPERT, **words, by=MANAGER)
    assert bench.blacklist.standing(EXPERT).may_serve
    with pytest.raises(errors.AlreadyProposed):
        bench.blacklist.propose_exit(EXPERT, **words, by=OTHER)

    bench.blacklist.confirm(proposal.id, SUPERVISOR)

    assert bench.blacklist.standing(EXPERT).status is Status.EXITED
    assert bench.blacklist.reasons() == {EXPERT: 2}
    with pytest.raises(errors.WrongStatus):
        bench.blacklist.propose_exit(EXPERT, **words, by=MANAGER)
    with pytest.raises(errors.WrongStatus):
        bench.blacklist.exit_request(EXPERT, "age", "", OTHER)
    with pytest.raises(errors.UnknownGround):
        bench.blacklist.propose_exit(
            ExpertId("ex_two"), **(words | {"kind": ExitKind.OWN_WISH}), by=MANAGER
        )


def test_a_removal_that_is_overturned_brings_the_expert_back(bench: BlacklistBench) -> None:
    proposal = bench.blacklist.propose_exit(
        EXPERT,
        kind=ExitKind.REMOVED,
        ground="leak",
        basis="决定书",
        deciding_body="监督部门",
        by=MANAGER,
    )
    bench.blacklist.confirm(proposal.id, SUPERVISOR)
    bench.clock.advance(DAY)
    with bench.books.write() as book:
        bench.blacklist.restore_in(book, proposal.id, "复议决定", OTHER, SUPERVISOR)

    assert bench.blacklist.standing(EXPERT).may_serve
    assert bench.blacklist.standing(EXPERT, at=NOW).status is Status.EXITED
    with pytest.raises(errors.UnknownExit), bench.books.write() as book:
        bench.blacklist.restore_in(book, proposal.id, "复议决定", OTHER, SUPERVISOR)


def test_r_exit_3_who_asked_to_leave_is_released_on_the_last_day_at_the_latest(
    bench: BlacklistBench,
) -> None:
    """R-EXIT-3."""
    asked = bench.blacklist.exit_request(EXPERT, "age", "", OTHER)
    assert asked.release_on == TODAY + 10 * DAY

    bench.clock.advance(10 * DAY)
    assert bench.blacklist.standing(EXPERT).status is Status.EXIT_PENDING
    bench.clock.advance(DAY)
    for _ in range(2):
        bench.blacklist.tick(bench.clock.now())

    assert bench.blacklist.standing(EXPERT).status is Status.EXITED
    assert types(bench).count("blacklist.exit_released") == 1
    with pytest.raises(errors.WrongStatus):
        bench.blacklist.exit_decide(asked.id, Decision.REFUSE, "反悔", SUPERVISOR)


def types(bench: BlacklistBench) -> list[str]:
    """Types of the entries of the stream."""
    with bench.books.read() as book:
        return [one.type for one in book.entries(STREAM)]


def test_an_expert_who_asks_to_leave_is_out_of_draws_at_once(bench: BlacklistBench) -> None:
    asked = bench.blacklist.exit_request(EXPERT, "age", "", OTHER)

    assert bench.blacklist.standing(EXPERT).status is Status.EXIT_PENDING
    with pytest.raises(errors.WrongStatus):
        bench.blacklist.exit_request(EXPERT, "age", "", OTHER)
    with pytest.raises(errors.SamePerson):
        bench.blacklist.exit_decide(asked.id, Decision.GRANT, "同意", OTHER)

    bench.blacklist.exit_decide(asked.id, Decision.GRANT, "同意", SUPERVISOR)

    assert bench.blacklist.standing(EXPERT).status is Status.EXITED
    assert bench.blacklist.reasons() == {EXPERT: 2}
    with pytest.raises(errors.WrongStatus):
        bench.blacklist.exit_decide(asked.id, Decision.REFUSE, "反悔", SUPERVISOR)
    with pytest.raises(errors.WrongStatus):
        bench.blacklist.exit_request(EXPERT, "age", "", OTHER)


def test_who_was_refused_is_drawn_again_and_may_ask_again(bench: BlacklistBench) -> None:
    first = bench.blacklist.exit_request(EXPERT, "other", "理由", OTHER)
    bench.clock.advance(DAY)
    bench.blacklist.exit_decide(first.id, Decision.REFUSE, "任务未完成", SUPERVISOR)

    assert bench.blacklist.reasons() == {}
    bench.clock.advance(DAY)
    bench.blacklist.exit_request(EXPERT, "other", "再次申请", OTHER)
    assert len(bench.blacklist.exits()) == 2


def test_a_suspended_expert_may_leave_and_the_suspension_stays_on_record(
    bench: BlacklistBench,
) -> None:
    """R-PRIN-6: leaving unsays nothing."""
    bench.record()
    bench.blacklist.exit_request(EXPERT, "health", "", OTHER)

    assert len(bench.blacklist.measures(EXPERT)) == len(bench.blacklist.exits(EXPERT)) == 1


def test_a_request_to_leave_needs_a_known_ground(bench: BlacklistBench) -> None:
    with pytest.raises(errors.UnknownGround):
        bench.blacklist.exit_request(EXPERT, "boredom", "", OTHER)
    with pytest.raises(errors.WordsMissing):
        bench.blacklist.exit_request(EXPERT, "age", "长" * 501, OTHER)
    with pytest.raises(errors.UnknownExit):
        bench.blacklist.exit_decide("xr_none", Decision.GRANT, "同意", SUPERVISOR)


def test_the_public_leaf_names_no_expert_and_the_expert_is_told(bench: BlacklistBench) -> None:
    bench.record()

    with bench.books.read() as book:
        leaves = list(book.db.exec(select(LeafRow.leaf).where(LeafRow.stream == STREAM)))
        (notice,) = book.db.exec(select(OutboxRow))
    assert len(leaves) == 2
    assert not any(EXPERT.encode() in leaf for leaf in leaves)
    assert notice.recipient == EXPERT
