"""What a generated member does next, from what its screen shows: pure, one table of habits.

A generated member declares no conflict, votes for the first who may lead, gives the same
objective marks as everybody and its own subjective ones, and signs. Marks come from a hash,
so that a demonstration can be played again and look the same.
"""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
from typing import Final

from evaluation_room import envelope
from evaluation_room.core import commands
from evaluation_room.core.scoring import exact
from evaluation_room.core.shown import RoomView, SeatView
from evaluation_room.core.values import (
    ORDER,
    Anchor,
    Criterion,
    CriterionKind,
    Flag,
    FlagKind,
    Mark,
    Phase,
    RecusalAnswer,
    SeatId,
    Sheet,
)

Wish = commands.Command
Habit = Callable[[RoomView, SeatView], Wish | None]

LEAST: Final = Fraction(7, 10)
MOST: Final = Fraction(9, 10)
REASON: Final = "演示生成的理由：响应内容较完整，细节略有不足。"
KEPT: Final = "演示生成的说明：已复核，维持原分。"
AGREED: Final = "演示生成的说明：客观分按多数意见改为一致。"


def next_wish(view: RoomView, seat: SeatId) -> Wish | None:
    """The member's next command, or None where there is nothing to do now."""
    me = next((one for one in view.seats if one.seat == seat), None)
    if me is None or me.void or view.paused or view.stopped:
        return None
    if view.phase in {Phase.PREPARING, Phase.CLOSED}:
        return None
    return next((wish for habit in HABITS if (wish := habit(view, me)) is not None), None)


def sheet_of(view: RoomView, seat: SeatId) -> Sheet:
    """A whole sheet: every bidder and criterion, in listed order."""
    items = view.criteria.criteria if view.criteria else ()
    return Sheet(
        evaluation_id=view.evaluation_id or "",
        seat=seat,
        criteria_sha256=view.criteria_sha256 or "",
        marks=tuple(
            _mark(view, seat, bidder.id, criterion)
            for bidder in view.bidders
            for criterion in items
        ),
    )


def _check_in(_: RoomView, me: SeatView) -> Wish | None:
    return None if me.checked_in_at else commands.CheckIn()


def _undertake(view: RoomView, me: SeatView) -> Wish | None:
    if me.undertaken or view.undertaking_sha256 is None or not _at(view, Phase.UNDERTAKING):
        return None
    return commands.SignUndertaking(text_sha256=view.undertaking_sha256)


def _declare(view: RoomView, me: SeatView) -> Wish | None:
    if me.declared or not me.undertaken or not view.bidders or not _at(view, Phase.RECUSAL):
        return None
    answers = tuple(RecusalAnswer(bidder=one.id, conflict=False) for one in view.bidders)
    return commands.DeclareRecusal(answers=answers)


def _vote(view: RoomView, me: SeatView) -> Wish | None:
    if view.leader or me.voted_round >= view.round or not _at(view, Phase.LEADER):
        return None
    able = [one.seat for one in view.seats if one.may_lead and not one.void]
    return commands.Vote(round=view.round, choice=able[0]) if able and me.declared else None


def _seal(view: RoomView, me: SeatView) -> Wish | None:
    if view.phase is not Phase.SCORING or me.sealed_at or not me.declared or not view.opening_key:
        return None
    sheet = sheet_of(view, me.seat)
    bound, sealed = envelope.seal(sheet, bytes.fromhex(view.opening_key))
    return commands.SubmitSheet(commitment=bound, envelope=sealed)


def _answer_flag(view: RoomView, me: SeatView) -> Wish | None:
    if view.phase is not Phase.SUMMARY:
        return None
    asked = [flag for flag in view.flags if flag.id in view.open_flags]
    return next((wish for flag in asked if (wish := _reply(view, me, flag)) is not None), None)


def _lead(view: RoomView, me: SeatView) -> Wish | None:
    if view.phase is not Phase.SUMMARY or view.leader != me.seat or view.results is None:
        return None
    return commands.Advance(leaving=Phase.SUMMARY)


def _sign(view: RoomView, me: SeatView) -> Wish | None:
    if view.phase is not Phase.REPORT or view.report is None or me.signature:
        return None
    return commands.SignReport(report_sha256=view.report.sha256)


HABITS: Final[tuple[Habit, ...]] = (
    _check_in,
    _undertake,
    _declare,
    _vote,
    _seal,
    _answer_flag,
    _lead,
    _sign,
)
"""In this order: the first that has a wish speaks."""


def _at(view: RoomView, phase: Phase) -> bool:
    """Whether the room is in `phase` or past it: a newcomer catches up."""
    return ORDER.index(view.phase) >= ORDER.index(phase)


def _reply(view: RoomView, me: SeatView, flag: Flag) -> Wish | None:
    if flag.kind is FlagKind.OUTLIER:
        if flag.seat != me.seat:
            return None
        return commands.ExplainScore(bidder=flag.bidder, criterion=flag.criterion, reason=KEPT)
    now = {value.seat: value.score for value in flag.values}
    for one in view.amended:
        if (one.bidder, one.criterion) == (flag.bidder, flag.criterion):
            now[one.seat] = one.after
    wanted = _most_common([value.score for value in flag.values])
    if now.get(me.seat) in {None, wanted}:
        return None
    return commands.AmendScore(
        bidder=flag.bidder, criterion=flag.criterion, score=wanted, reason=AGREED
    )


def _most_common(scores: list[str]) -> str:
    counted = Counter(scores)
    return min(counted, key=lambda score: (-counted[score], Fraction(score)))


def _mark(view: RoomView, seat: SeatId, bidder: str, criterion: Criterion) -> Mark:
    chosen = _score(view.evaluation_id or "", seat, bidder, criterion)
    bid = next((one for one in view.documents if one.bidder_id == bidder), None)
    return Mark(
        bidder=bidder,
        criterion=criterion.id,
        score=exact(chosen),
        reason="" if chosen == Fraction(criterion.max) else REASON,
        pages=() if bid is None else (Anchor(document_id=bid.document_id, page=1),),
    )


def _score(evaluation: str, seat: SeatId, bidder: str, criterion: Criterion) -> Fraction:
    """A multiple of the step between 70 % and 90 % of the maximum, or the nearest below."""
    whose = "" if criterion.kind is CriterionKind.OBJECTIVE else seat
    named = "\0".join((evaluation, whose, bidder, criterion.id)).encode()
    chance = Fraction(int.from_bytes(sha256(named).digest()[:4], "big"), 2**32)
    full, step = Fraction(criterion.max), Fraction(criterion.step)
    return full * (LEAST + (MOST - LEAST) * chance) // step * step
