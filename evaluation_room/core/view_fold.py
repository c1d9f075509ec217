"""The fold of a view stream: what a screen holds after each shown event.

Written with copies and one function an event, so that the browser's fold can be read
beside it line by line.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from evaluation_room.core.shown import (
    BidderView,
    Hold,
    Remark,
    ReportView,
    RoomView,
    SeatView,
    Shown,
)
from evaluation_room.core.values import SeatId


def fold(events: Iterable[Shown], onto: RoomView | None = None) -> RoomView:
    """The view after these events."""
    view = onto or RoomView()
    for event in events:
        view = apply(view, event)
    return view


def apply(view: RoomView, told: Shown) -> RoomView:
    """The view after one more event.

    Raises:
        ValueError: its number is not the next one.
    """
    if told.seq != view.seq + 1:
        raise ValueError(f"event {told.seq} after {view.seq}")
    after = _APPLY[told.event.type](view, told, told.event)
    return after.model_copy(update={"seq": told.seq})


def _set(view: RoomView, **changes: Any) -> RoomView:
    return view.model_copy(update=changes)


def _seat(view: RoomView, seat: SeatId, **changes: Any) -> RoomView:
    seats = tuple(one.model_copy(update=changes) if one.seat == seat else one for one in view.seats)
    return _set(view, seats=seats)


def _planned(view: RoomView, told: Shown, event: Any) -> RoomView:
    return _set(
        view,
        evaluation_id=event.evaluation_id,
        starts_at=event.starts_at,
        place=event.place,
        title=event.title,
        project=event.project,
        phase_at=told.at,
    )


def _bidders(view: RoomView, _: Shown, event: Any) -> RoomView:
    bidders = tuple(BidderView.model_validate(one.model_dump()) for one in event.bidders)
    return _set(view, bidders=bidders)


def _filed(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _set(view, documents=(*view.documents, event.document))


def _criteria(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _set(view, criteria=event.criteria, criteria_sha256=event.sha256)


def _ready(view: RoomView, _: Shown, event: Any) -> RoomView:
    seats = tuple(SeatView.model_validate(one.model_dump()) for one in event.seats)
    return _set(view, digest=event.digest, opening_key=event.opening_key, seats=seats)


def _brief(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _set(
        view,
        title=event.title,
        project=event.project,
        criteria=event.criteria,
        criteria_sha256=event.criteria_sha256,
        undertaking=event.undertaking,
        undertaking_sha256=event.undertaking_sha256,
    )


def _declared(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _seat(view, event.seat, declared=True, answers=event.answers)


def _voided(view: RoomView, _: Shown, event: Any) -> RoomView:
    """Whatever stood on the sheets of a committee that has changed is gone."""
    seats = tuple(
        one.model_copy(update={"signature": None, "asked_at": None}) for one in view.seats
    )
    view = _seat(_set(view, seats=seats), event.seat, void=True, void_ground=event.ground)
    view = _set(
        view,
        replacing=(*view.replacing, event.seat),
        flags=(),
        open_flags=(),
        results=None,
        report=None,
        dissents=(),
    )
    if view.leader != event.seat:
        return view
    return _set(view, leader=None, round=view.round + 1, my_choice=None)


def _replaced(view: RoomView, _: Shown, event: Any) -> RoomView:
    seat = SeatView(
        seat=event.seat,
        alias=event.alias,
        kind=event.kind,
        may_lead=event.may_lead,
        replaces=event.replaces,
    )
    waiting = tuple(one for one in view.replacing if one != event.replaces)
    return _set(view, seats=(*view.seats, seat), replacing=waiting)


def _ballot(view: RoomView, _: Shown, event: Any) -> RoomView:
    view = _seat(view, event.seat, voted_round=event.round)
    return view if event.choice is None else _set(view, my_choice=event.choice)


def _counted(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _set(
        view,
        counted=(*view.counted, event),
        leader=event.elected,
        round=event.round + 1,
        my_choice=None,
    )


def _sealed(view: RoomView, told: Shown, event: Any) -> RoomView:
    return _seat(
        view,
        event.seat,
        sealed_at=told.at,
        commitment=event.commitment,
        sheet_index=told.index,
        returned=None,
        faults=(),
    )


def _returned(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _seat(
        view,
        event.seat,
        sealed_at=None,
        commitment=None,
        sheet_index=None,
        returned=event.ground,
        faults=event.faults,
    )


def _opened(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _set(view, sheets=(*view.sheets, *event.sheets))


def _flagged(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _set(view, flags=event.flags, open_flags=tuple(flag.id for flag in event.flags))


def _amended(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _set(view, amended=(*view.amended, event), open_flags=event.open_flags)


def _explained(view: RoomView, _: Shown, event: Any) -> RoomView:
    return _set(view, explained=(*view.explained, event), open_flags=event.open_flags)


def _issued(view: RoomView, told: Shown, event: Any) -> RoomView:
    report = ReportView(
        sha256=event.sha256, size=event.size, root=event.root, at=told.at, index=told.index
    )
    return _set(view, report=report)


def _dissented(view: RoomView, told: Shown, event: Any) -> RoomView:
    remark = Remark(seat=event.seat, text=event.reasons, at=told.at)
    view = _set(view, dissents=(*view.dissents, remark))
    return _seat(view, event.seat, signature="dissented")


def _completed(view: RoomView, _: Shown, event: Any) -> RoomView:
    if view.report is None:
        return view
    return _set(view, report=view.report.model_copy(update={"completed_sha256": event.sha256}))


def _hold(told: Shown, event: Any) -> Hold:
    return Hold(by=event.by, ground=event.ground, note=event.note, at=told.at)


def _alarm(view: RoomView, told: Shown, event: Any) -> RoomView:
    remark = Remark(seat=event.seat, text=event.text, at=told.at)
    return _set(view, interference=(*view.interference, remark))


_APPLY: Final[Mapping[str, Callable[[RoomView, Shown, Any], RoomView]]] = {
    "room.planned": _planned,
    "room.bidders_listed": _bidders,
    "room.document_filed": _filed,
    "room.criteria_signed": _criteria,
    "room.made_ready": _ready,
    "room.phase_entered": lambda view, told, e: _set(view, phase=e.phase, phase_at=told.at),
    "room.checked_in": lambda view, told, e: _seat(view, e.seat, checked_in_at=told.at),
    "room.brief_shown": _brief,
    "room.undertaking_signed": lambda view, _, e: _seat(view, e.seat, undertaken=True),
    "room.bidders_shown": _bidders,
    "room.recusal_declared": _declared,
    "room.documents_shown": lambda view, _, e: _set(view, documents=e.documents),
    "room.seat_voided": _voided,
    "room.seat_replaced": _replaced,
    "room.ballot_cast": _ballot,
    "room.ballots_counted": _counted,
    "room.sheet_sealed": _sealed,
    "room.all_sheets_sealed": lambda view, _, e: view,
    "room.sheet_returned": _returned,
    "room.sheets_opened": _opened,
    "room.flags_raised": _flagged,
    "room.score_amended": _amended,
    "room.score_explained": _explained,
    "room.results_computed": lambda view, _, e: _set(view, results=e.results),
    "room.report_issued": _issued,
    "room.report_signed": lambda view, _, e: _seat(view, e.seat, signature="signed"),
    "room.report_dissented": _dissented,
    "room.signature_asked": lambda view, told, e: _seat(view, e.seat, asked_at=told.at),
    "room.consent_deemed": lambda view, _, e: _seat(view, e.seat, signature="deemed"),
    "room.report_completed": _completed,
    "room.paused": lambda view, told, e: _set(view, paused=_hold(told, e)),
    "room.resumed": lambda view, _, e: _set(view, paused=None),
    "room.handed_over": lambda view, _, e: view,
    "room.stopped": lambda view, told, e: _set(view, stopped=_hold(told, e)),
    "room.time_asked": lambda view, _, e: _seat(view, e.seat, time_asked=True),
    "room.interference_reported": _alarm,
}
