"""What the facts still ask for outside a transaction: open envelopes, fill seats, make reports.

Each is asked for by the folded room and answered by a fact; a crash in between leaves the
room asking, and the next tick answers. Nothing here is refused to a person: a failure is
logged and tried again.
"""

import logging
from collections.abc import Callable

from evaluation_room import envelope, report_pdf
from evaluation_room.core import events as facts
from evaluation_room.core import report
from evaluation_room.core.follow import opening
from evaluation_room.core.room import Room, Seat
from evaluation_room.core.values import VACANCY, OpenedSheet, Phase, ReturnGround, SeatId, SeatKind
from evaluation_room.desk import Desk
from evaluation_room.recording import record
from evaluation_room.store import EvaluationRow, OpeningKeyRow, VacancyRow
from foundation.digest import canon
from foundation.ids import DrawId
from foundation.ledger.book import Book
from foundation.ledger.signer import Checkpoint

logger = logging.getLogger(__name__)

Effect = Callable[[Desk, Room], None]


def settle(desk: Desk, evaluation_id: str) -> None:
    """Do what the room asks for until it asks for nothing more."""
    with desk.settling:
        for _ in range(64):
            room = desk.hub.catch_up(evaluation_id)
            effect = _unheld(desk, room) or _wanted(room) or _parting(desk, room)
            if effect is None:
                return
            try:
                effect(desk, room)
            except Exception:
                # The command that led here is a fact already, whatever fails now (a full disk, a
                # font, the draw): the person is answered, and the next tick tries again.
                logger.exception("room effect failed: %s", effect.__name__)
                return


def hold_draw(desk: Desk, evaluation_id: str) -> None:
    """Keep the evaluation's draw from being opened while the evaluation is on.

    Raises:
        ServiceError: the draw is over.
    """
    desk.committee.hold(DrawId(desk.row(evaluation_id).draw_id), evaluation_id)
    desk.holding.add(evaluation_id)


def _unheld(desk: Desk, room: Room) -> Effect | None:
    """Once a process for each open room: the crash may have come between plan and hold."""
    ended = room.stopped is not None or room.phase is Phase.CLOSED
    return None if ended or not room.seq or room.evaluation_id in desk.holding else _hold


def _hold(desk: Desk, room: Room) -> None:
    if desk.committee.facts(DrawId(room.draw_id)).over:
        # Nothing is left to hold, and the room's other wants must not wait behind it.
        logger.error("the draw of an open room is over: %s", room.evaluation_id)
        desk.holding.add(room.evaluation_id)
    else:
        hold_draw(desk, room.evaluation_id)


def _wanted(room: Room) -> Effect | None:
    """What the room asks for now; a stopped room asks for nothing, a paused one only for people."""
    if room.stopped is not None:
        return None
    if room.phase is Phase.CLOSED:
        return _complete_report if room.completed is None else None
    if any(seat.kind is SeatKind.EXPERT for seat in room.vacant):
        return _fill_seat
    return None if room.paused is not None else _wanted_on(room)


def _wanted_on(room: Room) -> Effect | None:
    if room.all_sealed and any(seat.opened is None for seat in room.seats):
        return _open_sheets
    if room.phase is Phase.REPORT and room.report is None:
        return _issue_report
    return None


def _open_sheets(desk: Desk, room: Room) -> None:
    """The only place that touches an opening key; `all_sheets_sealed` is a fact here."""
    with desk.books.read() as book:
        row = book.db.get_one(OpeningKeyRow, room.evaluation_id)
    private = bytes.fromhex(desk.fields.open(row.sealed, context=f"opening/{room.evaluation_id}"))
    readings = {seat.id: _read(seat, private) for seat in room.seats if seat.opened is None}

    def open_all(book: Book, now: Room) -> Room:
        return record(book, now, opening(now, readings)) if now.seq == room.seq else now

    desk.write(room.evaluation_id, open_all)


def _read(seat: Seat, private: bytes) -> OpenedSheet | ReturnGround:
    if seat.sealed is None:
        return ReturnGround.UNREADABLE
    bound = bytes.fromhex(seat.sealed.commitment)
    try:
        salt, body = envelope.unseal(seat.sealed.envelope, bound, private)
    except envelope.Unreadable:
        return ReturnGround.UNREADABLE
    if envelope.commitment(salt, body) != bound:
        return ReturnGround.DOES_NOT_MATCH
    try:
        sheet = envelope.read(body)
    except envelope.Unreadable:
        return ReturnGround.INVALID
    return OpenedSheet(
        seat=seat.id,
        index=seat.sealed.index,
        commitment=seat.sealed.commitment,
        salt=salt.hex(),
        sheet=sheet,
    )


def _fill_seat(desk: Desk, room: Room) -> None:
    """Ask the draw for its next step, then set the new seat beside the void one (R-REP-1)."""
    gone = next(seat for seat in room.vacant if seat.kind is SeatKind.EXPERT)
    if gone.draw_seat is None or gone.void is None:
        raise ValueError(f"seat {gone.id} was not drawn")
    draw_id, number = DrawId(room.draw_id), gone.draw_seat
    step = desk.committee.step_of(draw_id, number)
    if step is not None and step == _step_left(desk, room.evaluation_id, gone.id, step):
        told = {"evaluation_id": room.evaluation_id, "seat": gone.id, "ground": gone.void.value}
        desk.committee.vacate(draw_id, number, VACANCY[gone.void].value, canon(told))

    def seat_newcomer(book: Book, now: Room) -> Room:
        if gone.id not in {seat.id for seat in now.vacant}:
            return now
        return record(book, now, (newcomer(now, gone),))

    desk.write(room.evaluation_id, seat_newcomer)


def _step_left(desk: Desk, evaluation_id: str, seat: SeatId, step: int) -> int:
    """The draw's step that had filled a void seat, as first seen."""
    with desk.books.write() as book:
        row = book.db.get(VacancyRow, (evaluation_id, seat))
        if row is None:
            row = VacancyRow(evaluation_id=evaluation_id, seat=seat, step=step)
            book.db.add(row)
        return row.step


def newcomer(room: Room, gone: Seat) -> facts.SeatReplaced:
    """The seat that takes the place of a void one: next number, next alias."""
    number = 1 + sum(1 for seat in room.all_seats if seat.kind is gone.kind)
    return facts.SeatReplaced(
        seat=seat_name(gone.kind, number),
        replaces=gone.id,
        alias=alias(gone.kind, number),
        kind=gone.kind,
        draw_seat=gone.draw_seat,
        may_lead=gone.may_lead,
    )


def seat_name(kind: SeatKind, number: int) -> SeatId:
    """The id of the `number`th seat of a kind, from 1."""
    return f"{'e' if kind is SeatKind.EXPERT else 'o'}{number}"


def alias(kind: SeatKind, number: int) -> str:
    """What members call each other: 专家A, 专家B, …; 代表1, …"""
    if kind is not SeatKind.EXPERT:
        return f"代表{number}"
    return f"专家{chr(64 + number)}" if number <= 26 else f"专家{number}"


def _issue_report(desk: Desk, room: Room) -> None:
    checkpoint, sha256 = _written(desk, room)

    def issue(book: Book, now: Room) -> Room:
        if now.seq != room.seq:
            return now
        event = facts.ReportIssued(sha256=sha256, size=checkpoint.size, root=checkpoint.root.hex())
        return record(book, now, (event,))

    desk.write(room.evaluation_id, issue)


def _written(desk: Desk, room: Room) -> tuple[Checkpoint, str]:
    """The report of the facts so far, on disk: the checkpoint it names and its SHA-256."""
    at, checkpoint = desk.books.clock.now(), desk.books.checkpoint()
    told = report.compose(desk.hub.facts(room.evaluation_id), at)
    pdf = report_pdf.render(told, checkpoint, at, demonstration=desk.demonstration)
    return checkpoint, desk.files.put(pdf)


def _complete_report(desk: Desk, room: Room) -> None:
    checkpoint, sha256 = _written(desk, room)

    def complete(book: Book, now: Room) -> Room:
        event = facts.ReportCompleted(
            sha256=sha256, size=checkpoint.size, root=checkpoint.root.hex()
        )
        return record(book, now, (event,)) if now.completed is None else now

    desk.write(room.evaluation_id, complete)


def _parting(desk: Desk, room: Room) -> Effect | None:
    over = room.stopped is not None or room.completed is not None
    return _finish if over and not desk.row(room.evaluation_id).over else None


def _finish(desk: Desk, room: Room) -> None:
    """An evaluation that is over lets its draw go; a crash before the row asks again."""
    desk.committee.release(DrawId(room.draw_id), room.evaluation_id)
    with desk.books.write() as book:
        row = book.db.get_one(EvaluationRow, room.evaluation_id)
        row.over = True
        book.db.add(row)
