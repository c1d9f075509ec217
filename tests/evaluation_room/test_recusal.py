"""The declaration of interests: signed, and never too late (R-REC-21b)."""

import io

import pypdf
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evaluation_room.core import commands as wishes
from evaluation_room.core import errors, statements
from evaluation_room.core import events as facts
from evaluation_room.core.values import PauseGround, Phase, RecusalAnswer, VoidGround
from foundation.auth.principal import Principal
from tests.evaluation_room.bench import RoomBench

LATE = wishes.Recuse(bidder="b2", ground="配偶在该公司任职")


def declarations(bench: RoomBench) -> list[facts.RecusalDeclared]:
    events = (one.event for one in bench.rooms.hub.facts(bench.id))
    return [one for one in events if isinstance(one, facts.RecusalDeclared)]


def signed_by(bench: RoomBench, who: Principal, told: facts.RecusalDeclared) -> bool:
    assert told.key == bench.accounts.public_key(who.account_id)
    statement = statements.recusal(bench.id, told.seat, told.answers)
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told.key))
        key.verify(bytes.fromhex(told.signature), statement)
    except InvalidSignature:
        return False
    return True


def test_every_declaration_is_signed_by_its_own_account(bench: RoomBench) -> None:
    """R-REC-21b."""
    seats = bench.open()
    bench.act(seats["e2"], LATE)
    told = declarations(bench)
    assert [one.seat for one in told] == ["e1", "e2", "e3", "o1", "e2"]
    assert all(signed_by(bench, seats[one.seat], one) for one in told)
    other = RecusalAnswer(bidder="b1", conflict=True, ground="另有其事")
    changed = told[0].model_copy(update={"answers": (other,)})
    assert not signed_by(bench, seats["e1"], changed)


def test_a_declaration_with_a_gap_names_its_rule(bench: RoomBench) -> None:
    """R-REC-21b."""
    seats = bench.seated()
    for who in seats.values():
        bench.enter(who)
    bench.act(bench.clerk, wishes.Advance(leaving=Phase.CHECK_IN))
    for who in seats.values():
        bench.promise(who)
    answers = [RecusalAnswer(bidder=one.id, conflict=False) for one in bench.room.bidders]
    with pytest.raises(errors.AnswersIncomplete) as gap:
        bench.act(seats["e1"], wishes.DeclareRecusal(answers=tuple(answers[:2])))
    groundless = RecusalAnswer(bidder="b3", conflict=True)
    with pytest.raises(errors.GroundMissing) as bare:
        bench.act(seats["e1"], wishes.DeclareRecusal(answers=(*answers[:2], groundless)))
    assert {gap.value.rule, bare.value.rule} == {"R-REC-21b"}


def test_who_notices_a_conflict_while_scoring_leaves_and_the_sealed_sheet_stays_shut(
    bench: RoomBench,
) -> None:
    """R-REC-21b, R-REP-6."""
    seats = bench.open()
    bench.submit("e2", seats["e2"])
    bench.act(seats["e2"], LATE)
    gone = bench.room.seat("e2")
    assert gone is not None
    assert gone.void is VoidGround.DECLARED_CONFLICT
    assert gone.sealed is not None
    assert bench.committee.vacated == [(1, "conflict")]

    for seat in ("e1", "e3", "o1"):
        bench.submit(seat, seats[seat])
    assert bench.phase() is Phase.SCORING  # the newcomer's sheet is awaited
    bench.committee.experts[1] = bench.add_expert("late")
    bench.join(bench.people["late"])
    bench.submit("e4", bench.people["late"])
    gone = bench.room.seat("e2")
    assert gone is not None
    assert gone.opened is None
    results = bench.room.results
    assert results is not None
    assert all("e2" not in [m.seat for m in total.members] for total in results.totals)


def test_in_the_summary_the_leaver_s_scores_leave_the_totals_and_the_report(
    bench: RoomBench,
) -> None:
    """R-REC-21b, R-REP-6."""
    bench.score(seats := bench.open())
    assert bench.room.results is not None
    bench.act(seats["e2"], LATE)
    assert bench.room.results is None
    assert bench.phase() is Phase.SCORING
    bench.committee.experts[1] = bench.add_expert("late")
    bench.join(bench.people["late"])
    bench.submit("e4", bench.people["late"])
    results = bench.room.results
    assert results is not None
    assert [m.seat for m in results.totals[0].members] == ["e1", "e3", "o1", "e4"]
    live = {seat: who for seat, who in seats.items() if seat != "e2"}
    bench.finish(live | {"e4": bench.people["late"]})
    _, pdf = bench.rooms.reading.report(bench.id, bench.rooms.viewer(bench.id, bench.clerk))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert "本人声明存在利害关系" in text
    assert LATE.ground not in text


def test_a_pause_keeps_nobody_with_a_conflict_in_the_seat(bench: RoomBench) -> None:
    """R-REC-21b."""
    seats = bench.open()
    bench.act(bench.clerk, wishes.Pause(ground=PauseGround.OVERNIGHT))
    bench.act(seats["e2"], LATE)
    gone = bench.room.seat("e2")
    assert gone is not None
    assert gone.void is VoidGround.DECLARED_CONFLICT
    assert bench.room.paused is not None
    assert [seat.id for seat in bench.room.seats] == ["e1", "e3", "o1", "e4"]


def test_nobody_leaves_over_a_bidder_that_is_not_there(bench: RoomBench) -> None:
    seats = bench.open()
    with pytest.raises(errors.UnknownBidder):
        bench.act(seats["e2"], wishes.Recuse(bidder="b9", ground="不在名单"))
    assert bench.committee.vacated == []
