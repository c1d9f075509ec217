"""decide(room, command, actor, at): the events that a wish makes true, or a refusal.

Pure. What follows by itself (a phase ends, ballots are counted, all sheets are sealed)
is decided in `follow.py`, and lands in the same transaction as its cause.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from evaluation_room.core import commands as wishes
from evaluation_room.core import errors, statements
from evaluation_room.core import events as facts
from evaluation_room.core.commands import TABLE, Who
from evaluation_room.core.events import RoomEvent
from evaluation_room.core.phases import STEPS
from evaluation_room.core.room import Room, Seat
from evaluation_room.core.scoring import cell_fault, open_mismatches
from evaluation_room.core.undertaking import SHA256
from evaluation_room.core.values import (
    Criterion,
    Flag,
    FlagKind,
    Mark,
    Phase,
    RecusalAnswer,
    SeatId,
    VoidGround,
)

Events = tuple[RoomEvent, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wishes: a seat, the clerk or the supervisor, with the account's public key.

    `sign` is the account's signature (hex) over bytes; the core asks for it and never sees a key.
    `confirm`, where the person showed a passkey, is what their device signed over the same bytes.
    """

    who: Who
    seat: SeatId | None
    key: str
    sign: Callable[[bytes], str]
    confirm: Callable[[bytes], facts.PasskeyConfirmation] | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Durations of the rule book's overlay, in seconds, and since when this process listens.

    While nobody listened nobody could check in or sign: waiting begins again at `awake_since`.
    """

    absent_seconds: int
    deemed_consent_seconds: int
    reading_seconds: int
    awake_since: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One wish before the bench."""

    room: Room
    actor: Actor
    at: datetime
    limits: Limits

    @property
    def by(self) -> facts.By:
        """The office as facts name it."""
        if self.actor.who is Who.CLERK:
            return "clerk"
        return "supervisor" if self.actor.who is Who.SUPERVISOR else "seat"

    def me(self) -> Seat:
        """The actor's own live seat.

        Raises:
            NotPermitted: no seat. SeatIsVoid: vacated.
        """
        seat = self.room.seat(self.actor.seat) if self.actor.seat else None
        if seat is None:
            raise errors.NotPermitted(needed=Who.SEAT.value)
        if seat.void is not None:
            raise errors.SeatIsVoid
        return seat

    def other(self, seat_id: SeatId) -> Seat:
        """A live seat that a command names.

        Raises:
            UnknownSeat: none, or void.
        """
        seat = self.room.seat(seat_id)
        if seat is None or seat.void is not None:
            raise errors.UnknownSeat
        return seat


def decide(
    room: Room, command: wishes.Command, actor: Actor, at: datetime, limits: Limits
) -> Events:
    """The events that `command` makes true.

    Raises:
        NotPermitted, WrongPhase, IsPaused, IsStopped: the table says no.
        ServiceError: the command's own rule says no.
    """
    row = TABLE[command.type]
    if room.stopped is not None:
        raise errors.IsStopped
    if actor.who not in _capacities(room, row.who, actor):
        raise errors.NotPermitted(needed=" ".join(sorted(row.who)))
    if room.phase not in row.phases:
        raise errors.WrongPhase(phase=room.phase.value)
    if room.paused is not None and not row.paused:
        raise errors.IsPaused(ground=room.paused.ground.value)
    return _DECIDE[command.type](Case(room, actor, at, limits), command)


def _capacities(room: Room, who: frozenset[Who], actor: Actor) -> frozenset[Who]:
    """The capacities that open a row to this actor; a seat leads only if it was elected."""
    leads = actor.seat is not None and actor.seat == room.leader
    return who | {Who.SEAT} if Who.LEADER in who and leads else who - {Who.LEADER}


def _check_in(case: Case, _: wishes.CheckIn) -> Events:
    seat = case.me()
    if seat.checked_in_at is not None:
        raise errors.AlreadyDone
    return (facts.CheckedIn(seat=seat.id),)


def _sign_undertaking(case: Case, wish: wishes.SignUndertaking) -> Events:
    seat = case.me()
    if seat.checked_in_at is None:
        raise errors.StepMissing(step="check_in")
    if seat.undertaken:
        raise errors.AlreadyDone
    if wish.text_sha256 != SHA256:
        raise errors.WrongText
    if case.at < seat.checked_in_at + timedelta(seconds=case.limits.reading_seconds):
        raise errors.TextNotRead(seconds=case.limits.reading_seconds)
    signed = case.actor.sign(statements.undertaking(case.room.evaluation_id, seat.id, SHA256))
    return (
        facts.UndertakingSigned(
            seat=seat.id, text_sha256=SHA256, signature=signed, key=case.actor.key
        ),
    )


def _declare(case: Case, wish: wishes.DeclareRecusal) -> Events:
    seat = case.me()
    if not seat.undertaken:
        raise errors.StepMissing(step="undertaking")
    if seat.declared:
        raise errors.AlreadyDone
    if sorted(a.bidder for a in wish.answers) != sorted(b.id for b in case.room.bidders):
        raise errors.AnswersIncomplete
    if any(answer.conflict and not answer.ground for answer in wish.answers):
        raise errors.GroundMissing
    declared = _declared(case, seat, wish.answers)
    if not any(answer.conflict for answer in wish.answers):
        return (declared,)
    return declared, _void(case, seat, VoidGround.DECLARED_CONFLICT)


def _recuse(case: Case, wish: wishes.Recuse) -> Events:
    seat = case.me()
    if not seat.undertaken:
        raise errors.StepMissing(step="undertaking")
    if wish.bidder not in {bidder.id for bidder in case.room.bidders}:
        raise errors.UnknownBidder
    answer = RecusalAnswer(bidder=wish.bidder, conflict=True, ground=wish.ground)
    declared = _declared(case, seat, (answer,))
    return declared, _void(case, seat, VoidGround.DECLARED_CONFLICT)


def _declared(case: Case, seat: Seat, answers: tuple[RecusalAnswer, ...]) -> facts.RecusalDeclared:
    statement = statements.recusal(case.room.evaluation_id, seat.id, answers)
    return facts.RecusalDeclared(
        seat=seat.id, answers=answers, signature=case.actor.sign(statement), key=case.actor.key
    )


def _vote(case: Case, wish: wishes.Vote) -> Events:
    seat, room = case.me(), case.room
    if not seat.declared:
        raise errors.DeclarationMissing
    if room.leader is not None or wish.round != room.round:
        raise errors.RoundMoved(round=room.round)
    if seat.id in room.ballots:
        raise errors.AlreadyDone
    if not case.other(wish.choice).may_lead:
        raise errors.NotElectable
    return (facts.BallotCast(seat=seat.id, round=wish.round, choice=wish.choice),)


def _submit(case: Case, wish: wishes.SubmitSheet) -> Events:
    seat = case.me()
    if not seat.declared:
        raise errors.DeclarationMissing
    if seat.sealed is not None:
        raise errors.AlreadyDone
    return (facts.SheetSealed(seat=seat.id, commitment=wish.commitment, envelope=wish.envelope),)


def _amend(case: Case, wish: wishes.AmendScore) -> Events:
    seat, room = case.me(), case.room
    flag = _flag_on(case, seat, wish.bidder, wish.criterion)
    criterion = _criterion(room, wish.criterion)
    before = room.score(seat, wish.bidder, wish.criterion)
    mark = Mark(bidder=wish.bidder, criterion=wish.criterion, score=wish.score, reason=wish.reason)
    match cell_fault(criterion, mark):
        case "room.score_out_of_range":
            raise errors.ScoreOutOfRange(max=criterion.max)
        case "room.score_off_step":
            raise errors.ScoreOffStep(step=criterion.step)
    if before is None or before == wish.score:
        raise errors.AlreadyDone
    cell = (seat.id, wish.bidder, wish.criterion)
    later = replace(room, amended={**room.amended, cell: wish.score})
    answered = {flag.id} - open_mismatches(later, room.flags)
    return (
        facts.ScoreAmended(
            seat=seat.id,
            bidder=wish.bidder,
            criterion=wish.criterion,
            before=before,
            after=wish.score,
            reason=wish.reason,
            open_flags=tuple(f for f in room.open_flags if f not in answered),
        ),
    )


def _explain(case: Case, wish: wishes.ExplainScore) -> Events:
    seat = case.me()
    flag = _flag_on(case, seat, wish.bidder, wish.criterion)
    if flag.kind is not FlagKind.OUTLIER:
        raise errors.NotFlagged
    return (
        facts.ScoreExplained(
            seat=seat.id,
            bidder=wish.bidder,
            criterion=wish.criterion,
            reason=wish.reason,
            open_flags=tuple(f for f in case.room.open_flags if f != flag.id),
        ),
    )


def _flag_on(case: Case, seat: Seat, bidder: str, criterion: str) -> Flag:
    """The open flag that lets `seat` touch this cell; nothing else may change (R-EVAL-13)."""
    for flag in case.room.flags:
        mine = flag.seat in (None, seat.id)
        here = (flag.bidder, flag.criterion) == (bidder, criterion)
        if mine and here and flag.id in case.room.open_flags:
            return flag
    raise errors.NotFlagged


def _criterion(room: Room, criterion: str) -> Criterion:
    for item in room.criteria.criteria if room.criteria else ():
        if item.id == criterion:
            return item
    raise errors.NotFlagged


def _advance(case: Case, wish: wishes.Advance) -> Events:
    room = case.room
    if wish.leaving is not room.phase:
        raise errors.PhaseMoved(phase=room.phase.value)
    step = STEPS[room.phase]
    led_by = Who.LEADER if case.actor.who is Who.SEAT else case.actor.who
    if step.led_by is not led_by:
        raise errors.NotPermitted(needed=step.led_by.value if step.led_by else "")
    if room.vacant:
        raise errors.SeatsAreReplaced
    if (objections := step.rule(room)) > 0:
        raise _unfinished(room)(phase=room.phase.value, open=objections)
    by: facts.By = "leader" if led_by is Who.LEADER else "clerk"
    return (facts.PhaseEntered(phase=step.to, by=by),)


def _unfinished(room: Room) -> type[errors.PhaseUnfinished]:
    """The refusal with the rule that keeps the room in its phase."""
    if room.phase is Phase.REPORT:
        return errors.SignaturesOpen
    kinds = {flag.kind for flag in room.flags if flag.id in room.open_flags}
    if FlagKind.OBJECTIVE_MISMATCH in kinds:
        return errors.MismatchesOpen
    return errors.OutliersOpen if kinds else errors.PhaseUnfinished


def report_statement(
    room: Room, seat: SeatId, wish: wishes.SignReport | wishes.DissentReport
) -> bytes:
    """The bytes that a member signs for this wish, as the stream stands now."""
    act, reasons = (
        ("sign", "") if isinstance(wish, wishes.SignReport) else ("dissent", wish.reasons)
    )
    return statements.report(
        act,
        room.evaluation_id,
        seat,
        report_sha256=wish.report_sha256,
        head=room.head.hex(),
        reasons=reasons,
    )


def _confirmed(case: Case, statement: bytes) -> facts.PasskeyConfirmation | None:
    return None if case.actor.confirm is None else case.actor.confirm(statement)


def _sign_report(case: Case, wish: wishes.SignReport) -> Events:
    seat, head = _signing(case, wish.report_sha256)
    statement = report_statement(case.room, seat.id, wish)
    return (
        facts.ReportSigned(
            seat=seat.id,
            report_sha256=wish.report_sha256,
            head=head,
            signature=case.actor.sign(statement),
            key=case.actor.key,
            passkey=_confirmed(case, statement),
        ),
    )


def _dissent(case: Case, wish: wishes.DissentReport) -> Events:
    seat, head = _signing(case, wish.report_sha256)
    statement = report_statement(case.room, seat.id, wish)
    return (
        facts.ReportDissented(
            seat=seat.id,
            report_sha256=wish.report_sha256,
            head=head,
            reasons=wish.reasons,
            signature=case.actor.sign(statement),
            key=case.actor.key,
            passkey=_confirmed(case, statement),
        ),
    )


def _signing(case: Case, report_sha256: str) -> tuple[Seat, str]:
    seat, room = case.me(), case.room
    if room.report is None:
        raise errors.ReportNotIssued
    if room.report.sha256 != report_sha256:
        raise errors.WrongReport
    if seat.signature is not None:
        raise errors.AlreadyDone
    return seat, room.head.hex()


def _ask_signature(case: Case, wish: wishes.AskSignature) -> Events:
    seat = case.other(wish.seat)
    if case.room.report is None:
        raise errors.ReportNotIssued
    if seat.signature is not None or seat.asked_at is not None:
        raise errors.AlreadyDone
    by: facts.By = "clerk" if case.actor.who is Who.CLERK else "leader"
    return (facts.SignatureAsked(seat=seat.id, by=by),)


def _mark_absent(case: Case, wish: wishes.MarkAbsent) -> Events:
    seat = case.other(wish.seat)
    if seat.checked_in_at is not None:
        raise errors.IsPresent
    due = late_after(case.room, seat, case.limits)
    if case.at < due:
        raise errors.NotLateYet(after=due.isoformat().replace("+00:00", "Z"))
    return (_void(case, seat, VoidGround.ABSENT),)


def late_after(room: Room, seat: Seat, limits: Limits) -> datetime:
    """From when a member who has not checked in counts as absent (R-REP-4).

    Nobody is late for a seat before the seat is there (a room may be made ready after its
    time), while the room stands still, or while no process could hear the check-in.
    """
    expected = max(room.starts_at or seat.since, seat.since, limits.awake_since)
    return room.after(expected, timedelta(seconds=limits.absent_seconds))


def _void_seat(case: Case, wish: wishes.VoidSeat) -> Events:
    if wish.ground is VoidGround.DECLARED_CONFLICT:
        raise errors.NotPermitted(needed=Who.SEAT.value)
    return (_void(case, case.other(wish.seat), wish.ground, wish.note),)


def _void(case: Case, seat: Seat, ground: VoidGround, note: str = "") -> facts.SeatVoided:
    return facts.SeatVoided(seat=seat.id, ground=ground, by=case.by, note=note)


def _pause(case: Case, wish: wishes.Pause) -> Events:
    return (facts.Paused(by=case.by, ground=wish.ground, note=wish.note),)


def _resume(case: Case, wish: wishes.Resume) -> Events:
    if case.room.paused is None:
        raise errors.NotPaused
    if case.room.paused.by == "supervisor" and case.actor.who is not Who.SUPERVISOR:
        raise errors.NotPermitted(needed=Who.SUPERVISOR.value)
    return (facts.Resumed(by=case.by, note=wish.note),)


def _stop(case: Case, wish: wishes.Stop) -> Events:
    return (facts.Stopped(by=case.by, ground=wish.ground, note=wish.note),)


def _ask_time(case: Case, _: wishes.AskTime) -> Events:
    seat = case.me()
    if seat.id in case.room.time_asked:
        raise errors.AlreadyDone
    return (facts.TimeAsked(seat=seat.id),)


def _interference(case: Case, wish: wishes.ReportInterference) -> Events:
    return (facts.InterferenceReported(seat=case.me().id, text=wish.text),)


def _draft(case: Case, _: wishes.SaveDraft) -> Events:
    """A draft makes nothing true; the service keeps it. The seat must still be scoring."""
    seat = case.me()
    if not seat.declared:
        raise errors.DeclarationMissing
    if seat.sealed is not None:
        raise errors.AlreadyDone
    return ()


_DECIDE: Final[Mapping[str, Callable[[Case, Any], Events]]] = {
    "room.check_in": _check_in,
    "room.sign_undertaking": _sign_undertaking,
    "room.declare_recusal": _declare,
    "room.recuse": _recuse,
    "room.vote": _vote,
    "room.save_draft": _draft,
    "room.submit_sheet": _submit,
    "room.amend_score": _amend,
    "room.explain_score": _explain,
    "room.advance": _advance,
    "room.sign_report": _sign_report,
    "room.dissent_report": _dissent,
    "room.ask_signature": _ask_signature,
    "room.mark_absent": _mark_absent,
    "room.void_seat": _void_seat,
    "room.pause": _pause,
    "room.resume": _resume,
    "room.stop": _stop,
    "room.ask_time": _ask_time,
    "room.report_interference": _interference,
}
