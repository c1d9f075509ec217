"""What each viewer sees: `project` turns one fact into shown events.

Projection depends on the fact, the room just after it and the viewer, on nothing else, so
a viewer's stream is the same whenever it is made, and its numbers never change.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from evaluation_room.core import shown, undertaking
from evaluation_room.core.events import Recorded, SheetsOpened
from evaluation_room.core.room import Room
from evaluation_room.core.room import apply as apply_fact
from evaluation_room.core.shown import Shown, ShownEvent
from evaluation_room.core.values import (
    BidderName,
    DocumentKind,
    Phase,
    SeatId,
)


class ViewerRole(StrEnum):
    """In what capacity somebody looks."""

    SEAT = "seat"
    CLERK = "clerk"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose eyes; `seat` is set for a seat."""

    role: ViewerRole
    seat: SeatId | None = None

    def stream(self, evaluation_id: str) -> str:
        """The name of this viewer's stream of an evaluation."""
        return f"{evaluation_id}/{self.seat or self.role.value}"


CLERK: Final = Viewer(ViewerRole.CLERK)
SUPERVISOR: Final = Viewer(ViewerRole.SUPERVISOR)
Given = tuple[ShownEvent, ...]


def view_stream(recorded: Iterable[Recorded], viewer: Viewer) -> list[Shown]:
    """The whole stream of one viewer."""
    room = Room()
    told: list[Shown] = []
    for fact in recorded:
        room = apply_fact(room, fact)
        told += number(fact, project(fact, room, viewer), len(told))
    return told


def number(fact: Recorded, events: Given, held: int) -> list[Shown]:
    """Shown events with the viewer's next numbers, after the `held` it has."""
    return [
        Shown(seq=held + place, at=fact.at, index=fact.index, event=event)
        for place, event in enumerate(events, start=1)
    ]


def project(fact: Recorded, after: Room, viewer: Viewer) -> Given:
    """What `viewer` is shown of a fact: whole, redacted, more than one event, or nothing.

    Args:
        after: the room with the fact applied.
    """
    rule = _PROJECT.get(fact.event.type, _whole)
    return rule(fact.event, after, viewer)


def _whole(event: Any, _room: Room, _viewer: Viewer) -> Given:
    return (event,)


def _office(event: Any, _room: Room, viewer: Viewer) -> Given:
    """Clerk and supervisor; a member learns it from the brief, when it is time."""
    return () if viewer.role is ViewerRole.SEAT else (event,)


def _after_opening(event: Any, room: Room, viewer: Viewer) -> Given:
    """Members see what stands on scores once their own sheet is open (R-EVAL-11, R-EVAL-15)."""
    if viewer.role is not ViewerRole.SEAT:
        return (event,)
    seat = room.seat(viewer.seat) if viewer.seat else None
    return (event,) if seat is not None and seat.opened is not None else ()


def _own(event: Any, viewer: Viewer) -> bool:
    return viewer.seat is not None and event.seat == viewer.seat


def _planned(event: Any, _room: Room, viewer: Viewer) -> Given:
    told = shown.PlannedShown(
        evaluation_id=event.evaluation_id, starts_at=event.starts_at, place=event.place
    )
    if viewer.role is ViewerRole.SEAT:
        return (told,)
    return (told.model_copy(update={"title": event.title, "project": event.project}),)


def _ready(event: Any, _room: Room, _viewer: Viewer) -> Given:
    seats = tuple(
        shown.SeatNamed(seat=s.seat, alias=s.alias, kind=s.kind, may_lead=s.may_lead)
        for s in event.seats
    )
    return (shown.MadeReadyShown(digest=event.digest, opening_key=event.opening_key, seats=seats),)


def _checked_in(event: Any, room: Room, viewer: Viewer) -> Given:
    if not _own(event, viewer) or room.project is None or room.criteria is None:
        return (event,)
    brief = shown.BriefShown(
        title=room.title,
        project=room.project,
        criteria=room.criteria,
        criteria_sha256=room.criteria_sha256,
        undertaking=undertaking.TEXT,
        undertaking_sha256=undertaking.SHA256,
    )
    return event, brief


def _undertaken(event: Any, room: Room, viewer: Viewer) -> Given:
    told = shown.UndertakingShown(seat=event.seat)
    if not _own(event, viewer):
        return (told,)
    names = tuple(BidderName(id=bidder.id, name=bidder.name) for bidder in room.bidders)
    return told, shown.BiddersShown(bidders=names)


def _declared(event: Any, room: Room, viewer: Viewer) -> Given:
    told = shown.RecusalShown(seat=event.seat)
    mine = _own(event, viewer)
    if mine or viewer.role is ViewerRole.SUPERVISOR:
        told = shown.RecusalShown(seat=event.seat, answers=event.answers)
    if not mine or any(answer.conflict for answer in event.answers):
        return (told,)
    return told, shown.DocumentsShown(documents=room.documents)


def _voided(event: Any, _room: Room, viewer: Viewer) -> Given:
    if viewer.role is ViewerRole.SEAT and not _own(event, viewer):
        return (shown.SeatVoidedShown(seat=event.seat),)
    return (shown.SeatVoidedShown(seat=event.seat, ground=event.ground, note=event.note),)


def _replaced(event: Any, _room: Room, _viewer: Viewer) -> Given:
    return (shown.SeatReplacedShown.model_validate(event.model_dump(exclude={"draw_seat"})),)


def _ballot(event: Any, _room: Room, viewer: Viewer) -> Given:
    choice = event.choice if _own(event, viewer) else None
    return (shown.BallotShown(seat=event.seat, round=event.round, choice=choice),)


def _sealed(event: Any, _room: Room, _viewer: Viewer) -> Given:
    return (shown.SheetSealedShown(seat=event.seat, commitment=event.commitment),)


def _returned(event: Any, _room: Room, viewer: Viewer) -> Given:
    full = _own(event, viewer) or viewer.role is ViewerRole.SUPERVISOR
    faults = event.faults if full else ()
    return (shown.SheetReturnedShown(seat=event.seat, ground=event.ground, faults=faults),)


def _opened(event: Any, room: Room, viewer: Viewer) -> Given:
    """To a newcomer whose sheet is among them: every live sheet, then what was amended since."""
    if viewer.seat is None or viewer.seat not in {sheet.seat for sheet in event.sheets}:
        return _after_opening(event, room, viewer)
    sheets = tuple(seat.opened for seat in room.seats if seat.opened is not None)
    live = {seat.id for seat in room.seats}
    later = (
        amended.model_copy(update={"open_flags": ()})
        for amended in room.amendments
        if amended.seat in live
    )
    return (SheetsOpened(sheets=sheets), *later)


def _signed(event: Any, _room: Room, _viewer: Viewer) -> Given:
    return (shown.ReportSignedShown(seat=event.seat),)


def _dissented(event: Any, room: Room, viewer: Viewer) -> Given:
    told = shown.ReportDissentedShown(seat=event.seat, reasons=event.reasons)
    return _after_opening(told, room, viewer)


def _alarm(event: Any, _room: Room, viewer: Viewer) -> Given:
    seen = viewer.role is ViewerRole.SUPERVISOR or _own(event, viewer)
    return (event,) if seen else ()


# What is not here is shown whole to everybody.
_PROJECT: Final[Mapping[str, Callable[[Any, Room, Viewer], Given]]] = {
    "room.planned": _planned,
    "room.bidders_listed": _office,
    "room.document_filed": _office,
    "room.criteria_signed": _office,
    "room.made_ready": _ready,
    "room.checked_in": _checked_in,
    "room.undertaking_signed": _undertaken,
    "room.recusal_declared": _declared,
    "room.seat_voided": _voided,
    "room.seat_replaced": _replaced,
    "room.ballot_cast": _ballot,
    "room.sheet_sealed": _sealed,
    "room.sheet_returned": _returned,
    "room.sheets_opened": _opened,
    "room.flags_raised": _after_opening,
    "room.score_amended": _after_opening,
    "room.score_explained": _after_opening,
    "room.results_computed": _after_opening,
    "room.report_issued": _after_opening,
    "room.report_signed": _signed,
    "room.report_dissented": _dissented,
    "room.handed_over": _office,
    "room.interference_reported": _alarm,
}


def may_read(room: Room, viewer: Viewer, document_id: str) -> bool:
    """Whether a viewer may open a document now: members after their recusal declaration."""
    document = next((d for d in room.documents if d.document_id == document_id), None)
    if document is None:
        return False
    if viewer.role is ViewerRole.CLERK:
        return True
    if viewer.role is ViewerRole.SUPERVISOR:
        return document.kind is DocumentKind.TENDER or room.phase is Phase.CLOSED or _open(room)
    seat = room.seat(viewer.seat) if viewer.seat else None
    return seat is not None and seat.void is None and seat.declared


def _open(room: Room) -> bool:
    return any(seat.opened is not None for seat in room.seats)
