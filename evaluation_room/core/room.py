"""A room as the sum of its facts: `apply` adds one, `fold` adds all.

Pure and total: a fact that is in the ledger happened; nothing here refuses.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from evaluation_room.core import events as facts
from evaluation_room.core.events import Recorded
from evaluation_room.core.values import (
    Bidder,
    Criteria,
    Document,
    Envelope,
    Flag,
    OpenedSheet,
    Phase,
    Project,
    Results,
    Score,
    SeatId,
    SeatKind,
    SeatPlan,
    VoidGround,
)


@dataclass(frozen=True, slots=True)
class SealedSheet:
    """What a seat submitted; `index` is the log index of the sealing."""

    commitment: str
    envelope: Envelope
    index: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """A member's place and how far the member has come; each seat on its own (R-REP-2)."""

    id: SeatId
    alias: str
    kind: SeatKind
    draw_seat: int | None
    may_lead: bool
    since: datetime
    replaces: SeatId | None = None
    replaced_by: SeatId | None = None
    void: VoidGround | None = None
    checked_in_at: datetime | None = None
    undertaken: bool = False
    declared: bool = False
    sealed: SealedSheet | None = None
    opened: OpenedSheet | None = None
    signature: str | None = None
    asked_at: datetime | None = None


Cell = tuple[SeatId, str, str]
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Room:
    """The state of one evaluation after `seq` facts."""

    seq: int = 0
    head: bytes = b""
    evaluation_id: str = ""
    draw_id: str = ""
    title: str = ""
    project: Project | None = None
    starts_at: datetime | None = None
    place: str = ""
    phase: Phase = Phase.PREPARING
    phase_at: datetime | None = None
    paused: facts.Paused | None = None
    paused_at: datetime | None = None
    pauses: tuple[Span, ...] = ()
    stopped: facts.Stopped | None = None
    bidders: tuple[Bidder, ...] = ()
    documents: tuple[Document, ...] = ()
    criteria: Criteria | None = None
    criteria_sha256: str = ""
    criteria_key: str = ""
    digest: str = ""
    opening_key: str = ""
    all_seats: tuple[Seat, ...] = ()
    leader: SeatId | None = None
    round: int = 1
    first_round: int = 1
    ballots: Mapping[SeatId, SeatId] = field(default_factory=dict)
    all_sealed: bool = False
    reviewed: bool = False
    flags: tuple[Flag, ...] = ()
    open_flags: tuple[str, ...] = ()
    amended: Mapping[Cell, Score] = field(default_factory=dict)
    amendments: tuple[facts.ScoreAmended, ...] = ()
    explanations: tuple[facts.ScoreExplained, ...] = ()
    dissents: tuple[facts.ReportDissented, ...] = ()
    counted: tuple[facts.BallotsCounted, ...] = ()
    time_asked: frozenset[SeatId] = frozenset()
    interventions: tuple[Recorded, ...] = ()
    results: Results | None = None
    report: facts.ReportIssued | None = None
    report_at: datetime | None = None
    report_index: int = 0
    completed: facts.ReportCompleted | None = None

    @property
    def seats(self) -> tuple[Seat, ...]:
        """The seats that count: not void."""
        return tuple(seat for seat in self.all_seats if seat.void is None)

    @property
    def vacant(self) -> tuple[Seat, ...]:
        """Void seats whose replacement has not been drawn yet."""
        return tuple(s for s in self.all_seats if s.void is not None and s.replaced_by is None)

    @property
    def time_is_short(self) -> bool:
        """Whether more than a third of the members say so: scoring is not hurried (R-EVAL-3)."""
        return 3 * sum(seat.id in self.time_asked for seat in self.seats) > len(self.seats)

    @property
    def agreed(self) -> bool | None:
        """Whether more than half of the members agree to the report (R-EVAL-12).

        Signed or deemed to consent is agreement; None while the rest could still decide it.
        """
        have = sum(seat.signature in ("signed", "deemed") for seat in self.seats)
        against = sum(seat.signature == "dissented" for seat in self.seats)
        if 2 * against >= len(self.seats) > 0:
            return False
        return True if 2 * have > len(self.seats) else None

    def seat(self, seat_id: SeatId) -> Seat | None:
        """A seat, void or not."""
        return next((seat for seat in self.all_seats if seat.id == seat_id), None)

    def of_draw_seat(self, number: int) -> Seat | None:
        """The live seat that the draw's seat `number` sits in now."""
        return next((seat for seat in self.seats if seat.draw_seat == number), None)

    def after(self, since: datetime, wait: timedelta) -> datetime:
        """When `wait` has gone by since `since`, pauses not counted: nobody can act in one."""
        end = since + wait
        for begun, ended in self.pauses:
            if begun < end and ended > since:
                end += ended - max(begun, since)
        return end

    def score(self, seat: Seat, bidder: str, criterion: str) -> Score | None:
        """The present score in a cell of an opened sheet: as amended, else as sealed."""
        if (later := self.amended.get((seat.id, bidder, criterion))) is not None:
            return later
        for mark in seat.opened.sheet.marks if seat.opened else ():
            if (mark.bidder, mark.criterion) == (bidder, criterion):
                return mark.score
        return None


def fold(recorded: Iterable[Recorded], onto: Room | None = None) -> Room:
    """The room after these facts."""
    room = onto or Room()
    for fact in recorded:
        room = apply(room, fact)
    return room


def apply(room: Room, fact: Recorded) -> Room:
    """The room after one more fact."""
    after = _APPLY[fact.event.type](room, fact, fact.event)
    return replace(after, seq=fact.seq, head=fact.leaf)


def _seat(room: Room, seat_id: SeatId, **changes: Any) -> Room:
    seats = tuple(
        replace(seat, **changes) if seat.id == seat_id else seat for seat in room.all_seats
    )
    return replace(room, all_seats=seats)


def _planned(room: Room, fact: Recorded, event: facts.Planned) -> Room:
    return replace(
        room,
        evaluation_id=event.evaluation_id,
        draw_id=event.draw_id,
        title=event.title,
        project=event.project,
        starts_at=event.starts_at,
        place=event.place,
        phase_at=fact.at,
    )


def _document(room: Room, _: Recorded, event: facts.DocumentFiled) -> Room:
    return replace(room, documents=(*room.documents, event.document))


def _ready(room: Room, fact: Recorded, event: facts.MadeReady) -> Room:
    seats = tuple(_new_seat(plan, fact.at) for plan in event.seats)
    return replace(room, digest=event.digest, opening_key=event.opening_key, all_seats=seats)


def _new_seat(plan: SeatPlan, at: datetime, replaces: SeatId | None = None) -> Seat:
    return Seat(plan.seat, plan.alias, plan.kind, plan.draw_seat, plan.may_lead, at, replaces)


def _voided(room: Room, fact: Recorded, event: facts.SeatVoided) -> Room:
    room = _unfinished(_intervened(_seat(room, event.seat, void=event.ground), fact))
    ballots = {s: c for s, c in room.ballots.items() if event.seat not in (s, c)}
    room = replace(room, ballots=ballots, all_sealed=False)
    if room.leader != event.seat:
        return room
    return replace(room, leader=None, round=room.round + 1, first_round=room.round + 1, ballots={})


def _unfinished(room: Room) -> Room:
    """Without whatever stood on the sheets of a committee that has changed."""
    seats = tuple(replace(seat, signature=None, asked_at=None) for seat in room.all_seats)
    return replace(
        room,
        all_seats=seats,
        reviewed=False,
        flags=(),
        open_flags=(),
        results=None,
        report=None,
        report_at=None,
        dissents=(),
    )


def _replaced(room: Room, fact: Recorded, event: facts.SeatReplaced) -> Room:
    plan = SeatPlan(
        seat=event.seat,
        alias=event.alias,
        kind=event.kind,
        draw_seat=event.draw_seat,
        may_lead=event.may_lead,
    )
    room = _seat(room, event.replaces, replaced_by=event.seat)
    return replace(room, all_seats=(*room.all_seats, _new_seat(plan, fact.at, event.replaces)))


def _ballot(room: Room, _: Recorded, event: facts.BallotCast) -> Room:
    return replace(room, ballots={**room.ballots, event.seat: event.choice})


def _counted(room: Room, _: Recorded, event: facts.BallotsCounted) -> Room:
    counted = (*room.counted, event)
    return replace(room, leader=event.elected, round=event.round + 1, ballots={}, counted=counted)


def _sealed(room: Room, fact: Recorded, event: facts.SheetSealed) -> Room:
    sheet = SealedSheet(event.commitment, event.envelope, fact.index, fact.at)
    return _seat(room, event.seat, sealed=sheet)


def _returned(room: Room, _: Recorded, event: facts.SheetReturned) -> Room:
    return replace(_seat(room, event.seat, sealed=None), all_sealed=False)


def _opened(room: Room, _: Recorded, event: facts.SheetsOpened) -> Room:
    for sheet in event.sheets:
        room = _seat(room, sheet.seat, opened=sheet)
    return room


def _flagged(room: Room, _: Recorded, event: facts.FlagsRaised) -> Room:
    ids = tuple(flag.id for flag in event.flags)
    return replace(room, flags=event.flags, open_flags=ids, reviewed=True)


def _amended(room: Room, _: Recorded, event: facts.ScoreAmended) -> Room:
    cell = (event.seat, event.bidder, event.criterion)
    amended = {**room.amended, cell: event.after}
    amendments = (*room.amendments, event)
    return replace(room, amended=amended, amendments=amendments, open_flags=event.open_flags)


def _issued(room: Room, fact: Recorded, event: facts.ReportIssued) -> Room:
    return replace(room, report=event, report_at=fact.at, report_index=fact.index)


def _dissented(room: Room, _: Recorded, event: facts.ReportDissented) -> Room:
    room = replace(room, dissents=(*room.dissents, event))
    return _seat(room, event.seat, signature="dissented")


def _resumed(room: Room, fact: Recorded, _: facts.Resumed) -> Room:
    pauses = room.pauses
    if room.paused_at is not None:
        pauses = (*pauses, (room.paused_at, fact.at))
    return _intervened(replace(room, paused=None, paused_at=None, pauses=pauses), fact)


def _intervened(room: Room, fact: Recorded) -> Room:
    """Every intervention of an office is in the report (R-SUP-2)."""
    return replace(room, interventions=(*room.interventions, fact))


# One line a fact. The keys are the union of core/events.py; a test compares the two.
_APPLY: Final[Mapping[str, Callable[[Room, Recorded, Any], Room]]] = {
    "room.planned": _planned,
    "room.bidders_listed": lambda room, _, e: replace(room, bidders=e.bidders),
    "room.document_filed": _document,
    "room.criteria_signed": lambda room, _, e: replace(
        room, criteria=e.criteria, criteria_sha256=e.sha256, criteria_key=e.key
    ),
    "room.made_ready": _ready,
    "room.phase_entered": lambda room, f, e: replace(room, phase=e.phase, phase_at=f.at),
    "room.checked_in": lambda room, f, e: _seat(room, e.seat, checked_in_at=f.at),
    "room.undertaking_signed": lambda room, _, e: _seat(room, e.seat, undertaken=True),
    "room.recusal_declared": lambda room, _, e: _seat(room, e.seat, declared=True),
    "room.seat_voided": _voided,
    "room.seat_replaced": _replaced,
    "room.ballot_cast": _ballot,
    "room.ballots_counted": _counted,
    "room.sheet_sealed": _sealed,
    "room.all_sheets_sealed": lambda room, _, e: replace(room, all_sealed=True),
    "room.sheet_returned": _returned,
    "room.sheets_opened": _opened,
    "room.flags_raised": _flagged,
    "room.score_amended": _amended,
    "room.score_explained": lambda room, _, e: replace(
        room, open_flags=e.open_flags, explanations=(*room.explanations, e)
    ),
    "room.results_computed": lambda room, _, e: replace(room, results=e.results),
    "room.report_issued": _issued,
    "room.report_signed": lambda room, _, e: _seat(room, e.seat, signature="signed"),
    "room.report_dissented": _dissented,
    "room.signature_asked": lambda room, f, e: _seat(room, e.seat, asked_at=f.at),
    "room.consent_deemed": lambda room, _, e: _seat(room, e.seat, signature="deemed"),
    "room.report_completed": lambda room, _, e: replace(room, completed=e),
    "room.paused": lambda room, f, e: _intervened(replace(room, paused=e, paused_at=f.at), f),
    "room.resumed": _resumed,
    "room.stopped": lambda room, f, e: _intervened(replace(room, stopped=e), f),
    "room.handed_over": lambda room, f, _: _intervened(room, f),
    "room.time_asked": lambda room, _, e: replace(room, time_asked=room.time_asked | {e.seat}),
    "room.interference_reported": lambda room, _, e: room,
}
