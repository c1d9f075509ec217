"""One test for each rule of the rule book that the room enforces."""

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from evaluation_room import envelope
from evaluation_room.core import commands as wishes
from evaluation_room.core import errors, report
from evaluation_room.core import events as facts
from evaluation_room.core.scoring import check_criteria, figure, ranking
from evaluation_room.core.values import Criteria, Phase, Purchase, RecusalAnswer, VoidGround
from evaluation_room.core.views import SUPERVISOR, Viewer, ViewerRole, view_stream
from evaluation_room.errors import NoPlace
from evaluation_room.preparing import plan_seats
from foundation.ids import DrawId
from foundation.rulebook.regimes import REGIMES
from tests.evaluation_room.bench import RoomBench, bidders, criteria

WRITTEN = "席对"
"""In every reason of the bench's sheets, and nowhere else."""


def test_r_rep_1_a_vacated_seat_is_filled_by_the_next_step_of_the_draw(bench: RoomBench) -> None:
    """R-REP-1."""
    seats = bench.open()
    bench.act(
        bench.supervisor,
        wishes.VoidSeat(seat="e2", ground=VoidGround.FOUND_CONFLICT, note="查明任职关系"),
    )
    assert bench.committee.vacated == [(1, "conflict")]
    assert [seat.id for seat in bench.room.seats] == ["e1", "e3", "o1", "e4"]
    with pytest.raises(errors.NotPermitted):
        bench.act(
            seats["e1"], wishes.VoidSeat(seat="e3", ground=VoidGround.LEFT, note="换一位试试")
        )


def test_r_rep_2_the_newcomer_starts_from_the_beginning_and_sees_no_sheet(
    bench: RoomBench,
) -> None:
    """R-REP-2."""
    seats = bench.open()
    bench.score(seats)
    assert bench.phase() is Phase.SUMMARY
    bench.act(
        bench.supervisor, wishes.VoidSeat(seat="e3", ground=VoidGround.HEALTH, note="突发疾病")
    )
    assert bench.phase() is Phase.SCORING
    assert bench.room.results is None

    bench.committee.experts[2] = bench.add_expert("late")
    late = bench.people["late"]
    bench.join(late)
    seen = "".join(
        one.model_dump_json()
        for one in view_stream(bench.rooms.hub.facts(bench.id), Viewer(ViewerRole.SEAT, "e4"))
    )
    assert WRITTEN not in seen
    bench.submit("e4", late)
    assert bench.phase() is Phase.SUMMARY
    first = bench.room.results
    assert first is not None
    assert [member.seat for member in first.totals[0].members] == ["e1", "e2", "o1", "e4"]


def test_r_rep_6_void_work_stays_in_the_archive_and_out_of_the_totals(bench: RoomBench) -> None:
    """R-REP-6."""
    seats = bench.open()
    bench.submit("e2", seats["e2"])
    kept = bench.room.seat("e2")
    assert kept is not None
    bench.act(bench.supervisor, wishes.VoidSeat(seat="e2", ground=VoidGround.LEFT, note="擅自离开"))
    void = bench.room.seat("e2")
    assert void is not None
    assert void.sealed == kept.sealed
    assert void.opened is None
    with pytest.raises(NoPlace):
        bench.act(seats["e2"], wishes.AskTime())


def test_r_eval_1_a_sheet_from_other_criteria_never_counts(bench: RoomBench) -> None:
    """R-EVAL-1."""
    seats = bench.open()
    other = bench.sheet("e1").model_copy(update={"criteria_sha256": "0" * 64})
    bench.submit("e1", seats["e1"], other)
    for seat in ("e2", "e3", "o1"):
        bench.submit(seat, seats[seat])
    assert bench.phase() is Phase.SCORING
    assert _last(bench, facts.SheetReturned).faults[0].code == "room.criteria_changed"


@pytest.mark.parametrize(
    ("cell", "score", "code"),
    [
        (("b1", "c1"), "41", "room.score_out_of_range"),
        (("b2", "c1"), "30.3", "room.score_off_step"),
    ],
)
def test_r_eval_1_range_and_step_are_those_of_the_signed_criteria(
    bench: RoomBench, cell: tuple[str, str], score: str, code: str
) -> None:
    """R-EVAL-1."""
    seats = bench.open()
    bench.submit("e1", seats["e1"], bench.sheet("e1", scores={cell: score}))
    for seat in ("e2", "e3", "o1"):
        bench.submit(seat, seats[seat])
    returned = _last(bench, facts.SheetReturned)
    assert [(f.code, f.bidder, f.criterion) for f in returned.faults] == [(code, *cell)]
    assert all(seat.opened is None for seat in bench.room.seats)
    bench.submit("e1", seats["e1"])
    assert bench.phase() is Phase.SUMMARY


def test_r_eval_3_more_than_a_third_is_told_and_once_is_enough(tmp_path: Path) -> None:
    """R-EVAL-3."""
    bench = RoomBench(tmp_path)
    bench.prepare()
    seats = bench.open()
    bench.act(seats["e1"], wishes.AskTime())
    assert bench.room.time_is_short is False  # one of three is no more than a third
    with pytest.raises(errors.AlreadyDone):
        bench.act(seats["e1"], wishes.AskTime())
    bench.act(seats["e3"], wishes.AskTime())
    assert bench.room.time_is_short is True
    told = report.compose(bench.rooms.hub.facts(bench.id), bench.clock.now())
    assert told["time_short"] == "专家A、专家C"


def test_r_eval_7_price_score_is_lowest_bid_over_bid_times_weight(bench: RoomBench) -> None:
    """R-EVAL-7."""
    bench.score(bench.open())
    results = bench.room.results
    assert results is not None
    base = min(bidder.price_fen for bidder in bench.room.bidders)
    assert results.base_fen == base
    for price, bidder in zip(results.prices, bench.room.bidders, strict=True):
        assert price.score == figure(Fraction(base, bidder.price_fen) * 30)
    assert [price.score for price in results.prices] == ["27.00", "22.50", "30.00"]


@pytest.mark.parametrize(
    ("regime", "purchase", "least"),
    [
        ("GP-T", None, 30),
        ("GP-T", Purchase.GOODS, 30),
        ("GP-T", Purchase.SERVICES, 10),
        ("ZB", None, 0),
    ],
)
def test_r_eval_7_price_weighs_thirty_for_goods_and_ten_for_services(
    regime: str, purchase: Purchase | None, least: int
) -> None:
    """R-EVAL-7."""

    def weighing(price: int) -> Criteria:
        line = criteria().criteria[0].model_copy(update={"max": str(100 - price), "step": "1"})
        return Criteria(price_weight=str(price), criteria=(line,), purchase=purchase)

    check_criteria(weighing(least), regime)
    if least:
        with pytest.raises(errors.PriceWeightTooLow) as low:
            check_criteria(weighing(least - 1), regime)
        assert low.value.facts == {"least": least}
        assert low.value.rule == "R-EVAL-7"


@pytest.mark.parametrize("regime", [*REGIMES, "UNKNOWN"])
def test_r_size_11_the_rule_book_says_which_representatives_may_lead(
    tmp_path: Path, regime: str
) -> None:
    """R-SIZE-11."""
    told = RoomBench(tmp_path, owners=1, regime=regime).committee.facts(DrawId("dr_1"))
    leads = {seat.seat: seat.may_lead for seat in plan_seats(told)}
    known = REGIMES.get(regime)
    assert leads["o1"] is (known is not None and known.owner_may_lead)
    assert leads["e1"] is True
    assert REGIMES["GP-T"].owner_may_lead is False


def test_r_eval_8_score_then_price_then_tie() -> None:
    """R-EVAL-8."""
    three = bidders(300, 200, 200)
    ranks = ranking({"b1": "90.00", "b2": "80.00", "b3": "80.00"}, three)
    assert [(r.bidder, r.rank, r.tied) for r in ranks] == [
        ("b1", 1, False),
        ("b2", 2, True),
        ("b3", 2, True),
    ]
    cheaper_first = ranking({"b1": "80.00", "b2": "80.00", "b3": "79.99"}, three)
    assert [r.bidder for r in cheaper_first] == ["b2", "b1", "b3"]


def test_r_eval_11_nobody_reads_a_sheet_before_all_are_sealed(bench: RoomBench) -> None:
    """R-EVAL-11."""
    seats = bench.open()
    for seat in ("e1", "e2", "e3"):
        bench.submit(seat, seats[seat])
    viewers = [Viewer(ViewerRole.SEAT, seat) for seat in seats] + [SUPERVISOR]
    for viewer in viewers:
        stream = view_stream(bench.rooms.hub.facts(bench.id), viewer)
        text = "".join(one.model_dump_json() for one in stream)
        assert WRITTEN not in text
        assert "ct" not in [key for one in stream for key in one.event.model_dump()]
    bench.submit("o1", seats["o1"])
    own = view_stream(bench.rooms.hub.facts(bench.id), viewers[0])
    assert WRITTEN in "".join(one.model_dump_json() for one in own)


def test_r_eval_12_dissent_is_signed_with_reasons_and_silence_is_consent_after_a_notice(
    bench: RoomBench,
) -> None:
    """R-EVAL-12."""
    seats = bench.open()
    bench.score(seats)
    bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    assert bench.room.report is not None
    sha256 = bench.room.report.sha256
    bench.act(seats["e1"], wishes.SignReport(report_sha256=sha256))
    bench.act(seats["e2"], wishes.DissentReport(report_sha256=sha256, reasons="业绩认定有误"))
    bench.act(seats["e3"], wishes.SignReport(report_sha256=sha256))

    bench.rooms.tick(bench.clock.now())
    with pytest.raises(errors.PhaseUnfinished) as unfinished:
        bench.act(bench.clerk, wishes.Advance(leaving=Phase.REPORT))
    assert unfinished.value.rule == "R-EVAL-12"
    assert bench.room.seats[3].asked_at is None
    bench.clock.advance(timedelta(seconds=bench.overlay.deemed_consent_seconds))
    bench.rooms.tick(bench.clock.now())
    assert bench.room.seats[3].asked_at is not None
    assert bench.room.seats[3].signature is None
    bench.clock.advance(timedelta(seconds=bench.overlay.deemed_consent_seconds))
    bench.rooms.tick(bench.clock.now())
    signed = [seat.signature for seat in bench.room.seats]
    assert signed == ["signed", "dissented", "signed", "deemed"]


def test_r_eval_15_prices_wait_for_the_sheets_and_objective_scores_must_agree(
    bench: RoomBench,
) -> None:
    """R-EVAL-15."""
    seats = bench.open()
    for seat, who in seats.items():
        given = {("b1", "c3"): "5"} if seat == "e2" else {}
        stream = view_stream(bench.rooms.hub.facts(bench.id), Viewer(ViewerRole.SEAT, "e1"))
        assert "price_fen" not in "".join(one.model_dump_json() for one in stream)
        bench.submit(seat, who, bench.sheet(seat, scores=given))
    assert bench.room.open_flags == ("objective_mismatch/b1/c3",)
    assert bench.room.results is None
    with pytest.raises(errors.PhaseUnfinished) as unfinished:
        bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    assert (unfinished.value.code, unfinished.value.rule) == ("room.phase_unfinished", "R-EVAL-15")
    with pytest.raises(errors.NotFlagged):
        bench.act(
            seats["e2"],
            wishes.AmendScore(bidder="b2", criterion="c3", score="5", reason="想改"),
        )
    bench.act(
        seats["e2"],
        wishes.AmendScore(bidder="b1", criterion="c3", score="10", reason="漏看一项业绩"),
    )
    results = bench.room.results
    assert results is not None
    assert results.totals[0].members[1].sum == "57"


def test_r_eval_13_an_outlier_is_a_question_and_never_averaged_away(tmp_path: Path) -> None:
    """R-EVAL-13."""
    bench = RoomBench(tmp_path)
    bench.prepare(objective=False)
    seats = bench.open()
    for seat, who in seats.items():
        given = {("b1", "c1"): "5"} if seat == "e3" else {}
        bench.submit(seat, who, bench.sheet(seat, scores=given))
    assert bench.room.open_flags == ("outlier/b1/c1/e3",)
    with pytest.raises(errors.PhaseUnfinished) as unfinished:
        bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    assert unfinished.value.rule == "R-EVAL-13"
    with pytest.raises(errors.NotFlagged):
        bench.act(seats["e1"], wishes.ExplainScore(bidder="b1", criterion="c1", reason="他低了"))
    bench.act(
        seats["e3"], wishes.ExplainScore(bidder="b1", criterion="c1", reason="方案缺少降水设计")
    )
    results = bench.room.results
    assert results is not None
    assert results.totals[0].members[2].sum == "31.5"


def test_r_rec_21b_an_answer_for_every_bidder_and_a_conflict_vacates(bench: RoomBench) -> None:
    """R-REC-21b, R-REC-21."""
    seats = bench.seated()
    for who in seats.values():
        bench.enter(who)
    bench.act(bench.clerk, wishes.Advance(leaving=Phase.CHECK_IN))
    for who in seats.values():
        bench.promise(who)
    assert bench.phase() is Phase.RECUSAL
    with pytest.raises(errors.WrongPhase):
        bench.act(seats["e1"], wishes.Vote(round=1, choice="e1"))
    some = (RecusalAnswer(bidder="b1", conflict=False),)
    with pytest.raises(errors.AnswersIncomplete):
        bench.act(seats["e1"], wishes.DeclareRecusal(answers=some))
    bench.declare(seats["e1"], conflict_with="b2")
    assert bench.committee.vacated == [(0, "conflict")]
    voided = bench.room.seat("e1")
    assert voided is not None
    assert voided.void is VoidGround.DECLARED_CONFLICT
    assert bench.phase() is Phase.RECUSAL


def test_r_rec_21b_nobody_scores_before_the_declaration(bench: RoomBench) -> None:
    """R-REC-21b: a newcomer in a scoring room has still to declare."""
    bench.open()
    void = wishes.VoidSeat(seat="e3", ground=VoidGround.HEALTH, note="突发疾病")
    bench.act(bench.supervisor, void)
    bench.committee.experts[2] = bench.add_expert("late")
    late = bench.people["late"]
    bench.enter(late)
    bench.promise(late)
    with pytest.raises(errors.StepMissing) as missing:
        bench.submit("e4", late)
    told = missing.value
    assert (told.code, told.rule) == ("room.step_missing", "R-REC-21b")
    assert told.facts == {"step": "recusal"}


def test_r_rep_4_absence_is_stated_only_after_its_time(bench: RoomBench) -> None:
    """R-REP-4."""
    seats = bench.seated()
    for seat in ("e1", "e2", "o1"):
        bench.enter(seats[seat])
    with pytest.raises(errors.NotLateYet):
        bench.act(bench.clerk, wishes.MarkAbsent(seat="e3"))
    with pytest.raises(errors.IsPresent):
        bench.act(bench.clerk, wishes.MarkAbsent(seat="e1"))
    bench.clock.advance(timedelta(seconds=bench.overlay.absent_seconds))
    bench.rooms.tick(bench.clock.now())
    assert bench.committee.vacated == [(2, "absent")]
    assert bench.room.seats[-1].replaces == "e3"


def test_r_size_11_the_owners_representative_may_not_lead_in_gp_t(bench: RoomBench) -> None:
    """R-SIZE-11."""
    seats = bench.seated()
    for who in seats.values():
        bench.enter(who)
    bench.act(bench.clerk, wishes.Advance(leaving=Phase.CHECK_IN))
    for who in seats.values():
        bench.promise(who)
    for who in seats.values():
        bench.declare(who)
    with pytest.raises(errors.NotElectable):
        bench.act(seats["e1"], wishes.Vote(round=1, choice="o1"))


def test_r_conf_6_before_check_in_a_member_knows_time_and_place_only(bench: RoomBench) -> None:
    """R-CONF-6."""
    stream = view_stream(bench.rooms.hub.facts(bench.id), Viewer(ViewerRole.SEAT, "e1"))
    text = "".join(one.model_dump_json() for one in stream)
    for secret in ("排水管网", "ZC-2026-001", "祥建设", "施工组织"):
        assert secret not in text
    assert "第三评标室" in text


def test_r_eval_10_fewer_than_three_bidders_are_not_evaluated(tmp_path: Path) -> None:
    """R-EVAL-10."""
    bench = RoomBench(tmp_path)
    prepare = bench.rooms.preparation
    bench.id = prepare.plan(DrawId("dr_2"), "两家", bench.clerk.account_id)
    prepare.list_bidders(bench.id, bidders()[:2])
    prepare.sign_criteria(bench.id, criteria(), bench.clerk.account_id)
    with pytest.raises(errors.TooFewBidders):
        prepare.make_ready(bench.id)


def test_a_sheet_that_is_not_the_committed_one_goes_back(bench: RoomBench) -> None:
    seats = bench.open()
    key = bytes.fromhex(bench.room.opening_key)
    _, sealed = envelope.seal(bench.sheet("e1"), key)
    bench.act(seats["e1"], wishes.SubmitSheet(commitment="ab" * 32, envelope=sealed))
    for seat in ("e2", "e3", "o1"):
        bench.submit(seat, seats[seat])
    assert _last(bench, facts.SheetReturned).seat == "e1"
    assert bench.phase() is Phase.SCORING
    bench.submit("e1", seats["e1"])
    assert bench.phase() is Phase.SUMMARY


def _last(bench: RoomBench, kind: type[facts.SheetReturned]) -> facts.SheetReturned:
    found = [one.event for one in bench.rooms.hub.facts(bench.id) if isinstance(one.event, kind)]
    return found[-1]
