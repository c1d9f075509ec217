"""What the log itself says of each invited expert: the turn it was, and the facts in it.

Pure: two streams in, facts out, each with the entries that show it. Nobody is named here:
an expert is the `Place` that a draw gave, and only the vault knows whose it is.

Lateness is a fact only where the log shows that the room could be entered in time, by
another member who did: a service that stood still makes nobody late.

Source: RULES R-ASM-2, R-REP-4, R-EVAL-12, R-EXIT-4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from blacklist.core.rating import Link, Logged, Party, Someone

LATE: Final = "late"
ABSENT: Final = "absent"
LEFT_EARLY: Final = "left_early"
DECLINED: Final = "declined"
UNANSWERED: Final = "unanswered"
DEEMED_CONSENT: Final = "deemed_consent"

CODES: Final = frozenset({LATE, ABSENT, LEFT_EARLY, DECLINED, UNANSWERED, DEEMED_CONSENT})
"""Every fact that only the log states."""


class Outcome(StrEnum):
    """How the turn of an invited expert ended."""

    ATTENDED = "attended"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    ABSENT = "absent"
    LEFT = "left"
    RECUSED = "recused"
    EXCUSED = "excused"
    RELEASED = "released"
    """The draw or the room ended before the expert's turn came, or nobody can tell."""


COUNTED: Final = frozenset(
    {Outcome.ATTENDED, Outcome.DECLINED, Outcome.UNANSWERED, Outcome.ABSENT, Outcome.LEFT}
)
"""Turns that count as times drawn (R-EXIT-4): who must not sit, or was let go, had none."""

_OF_CLASS: Final[Mapping[str, Outcome]] = {
    "refused": Outcome.DECLINED,
    "unreachable": Outcome.UNANSWERED,
    "conflict": Outcome.RECUSED,
    "absent": Outcome.ABSENT,
    "unfit": Outcome.EXCUSED,
}
_OF_GROUND: Final[Mapping[str, Outcome]] = {
    "declared_conflict": Outcome.RECUSED,
    "found_conflict": Outcome.RECUSED,
    "absent": Outcome.ABSENT,
    "left": Outcome.LEFT,
    "health": Outcome.EXCUSED,
    "misconduct": Outcome.ATTENDED,
}
"""Misconduct is no fact of the log: what follows from it is for people."""

_FACT_OF: Final[Mapping[Outcome, str]] = {
    Outcome.DECLINED: DECLINED,
    Outcome.UNANSWERED: UNANSWERED,
    Outcome.ABSENT: ABSENT,
    Outcome.LEFT: LEFT_EARLY,
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Whom a draw asked: the seat's number, and the step that filled it."""

    seat: int
    step: int


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact of the log about whoever held a place."""

    place: Place
    fact: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """All that the log says: how each turn ended, the facts, and which place each room seat is."""

    turns: Mapping[Place, Outcome]
    noted: tuple[Noted, ...]
    place_of: Mapping[str, Place]


@dataclass(slots=True)
class _RoomSeat:
    draw_seat: int | None
    since: datetime
    newcomer: bool
    place: Place | None = None
    outcome: Outcome | None = None
    checked_in: Logged | None = None


@dataclass(slots=True)
class _Draw:
    """The draw's part: who was asked to a seat when, and how that ended."""

    now: dict[int, Place] = field(default_factory=dict)
    accepted: dict[Place, int] = field(default_factory=dict)
    left: dict[Place, Logged] = field(default_factory=dict)
    turns: dict[Place, Outcome] = field(default_factory=dict)

    def read(self, log: Iterable[Logged]) -> None:
        for one in log:
            match one.type:
                case "draw.invited":
                    self._ask(Place(one.facts["seat"], one.facts["step"]))
                case "draw.kept":
                    kept = Place(one.facts["seat"], 0)
                    self._ask(kept)
                    self.accepted[kept] = one.index
                case "draw.seat_accepted":
                    self.accepted[Place(one.facts["seat"], one.facts["step"])] = one.index
                case "draw.seat_vacated" if one.facts["seat"] in self.now:
                    place = self.now[one.facts["seat"]]
                    self.left[place] = one
                    self.turns[place] = _OF_CLASS.get(one.facts["class"], Outcome.RELEASED)

    def _ask(self, place: Place) -> None:
        self.now[place.seat] = place
        self.turns[place] = Outcome.RELEASED

    def holder(self, seat: int | None, index: int) -> Place | None:
        """Who held a seat when the log had `index` entries."""
        held = [
            place
            for place, since in self.accepted.items()
            if place.seat == seat
            and since < index
            and (place not in self.left or self.left[place].index > index)
        ]
        return max(held, key=lambda place: self.accepted[place], default=None)


def read(draw_log: Iterable[Logged], room_log: Iterable[Logged], late_minutes: int) -> Told:
    """What the log says of everybody whom a draw asked.

    Args:
        draw_log: the entries `draw.…` of the draw's stream, in order.
        room_log: the stream of the evaluation's room; empty where there was none.
        late_minutes: from when a check-in is late (R-REP-4, a value of the overlay's table).
    """
    draw, room = _Draw(), list(room_log)
    draw.read(draw_log)
    seats, noted = _room(draw, room)
    for seat in seats.values():
        if seat.place is not None and seat.outcome is not None:
            draw.turns[seat.place] = seat.outcome
    shown: dict[Place, tuple[Link, ...]] = {
        place: (_link(entry),) for place, entry in draw.left.items()
    }
    shown |= {one.place: one.links for one in noted if one.fact in {ABSENT, LEFT_EARLY}}
    by_turn = [
        Noted(place, _FACT_OF[outcome], shown[place])
        for place, outcome in sorted(draw.turns.items())
        if outcome in _FACT_OF and place in shown
    ]
    others = [one for one in noted if one.fact not in {ABSENT, LEFT_EARLY}]
    late = _late(seats, room, timedelta(minutes=late_minutes))
    places = {name: seat.place for name, seat in seats.items() if seat.place is not None}
    return Told(draw.turns, (*by_turn, *late, *others), places)


def _room(draw: _Draw, room: Iterable[Logged]) -> tuple[dict[str, _RoomSeat], list[Noted]]:
    seats: dict[str, _RoomSeat] = {}
    noted: list[Noted] = []
    asked: dict[str, Logged] = {}
    for one in room:
        seat = seats.get(str(one.facts.get("seat", "")))
        match one.type:
            case "room.made_ready":
                for plan in one.facts["seats"]:
                    seats[plan["seat"]] = _RoomSeat(plan.get("draw_seat"), one.at, newcomer=False)
            case "room.seat_replaced":
                number = one.facts.get("draw_seat")
                seats[one.facts["seat"]] = _RoomSeat(number, one.at, newcomer=True)
            case "room.checked_in" if seat is not None:
                seat.place = draw.holder(seat.draw_seat, one.index)
                seat.outcome, seat.checked_in = Outcome.ATTENDED, one
            case "room.seat_voided" if seat is not None:
                seat.place = seat.place or draw.holder(seat.draw_seat, one.index)
                seat.outcome = _OF_GROUND.get(one.facts["ground"], Outcome.EXCUSED)
                fact = _FACT_OF.get(seat.outcome)
                if seat.place is not None and fact is not None:
                    noted.append(Noted(seat.place, fact, (_link(one),)))
            case "room.signature_asked":
                asked[one.facts["seat"]] = one
            case "room.consent_deemed" if seat is not None and seat.place is not None:
                shows = [_link(asked[one.facts["seat"]])] if one.facts["seat"] in asked else []
                noted.append(Noted(seat.place, DEEMED_CONSENT, (*shows, _link(one))))
    return seats, noted


def _late(
    seats: Mapping[str, _RoomSeat], room: Iterable[Logged], after: timedelta
) -> tuple[Noted, ...]:
    room = list(room)
    starts = _starts_at(room)
    came = [seat for seat in seats.values() if seat.checked_in is not None and not seat.newcomer]
    if starts is None or not came:
        return ()
    limit = _pauses_added(max(starts, came[0].since), after, room)
    first = min((one.checked_in for one in came if one.checked_in), key=lambda one: one.index)
    if first.at >= limit:
        return ()  # nobody came in time: then the log does not show that anybody could
    return tuple(
        Noted(seat.place, LATE, (_link(seat.checked_in), _link(first)))
        for seat in came
        if seat.place is not None and seat.checked_in is not None and seat.checked_in.at >= limit
    )


def _starts_at(room: Iterable[Logged]) -> datetime | None:
    planned = [one.facts["starts_at"] for one in room if one.type == "room.planned"]
    return instant(planned[0]) if planned else None


def _pauses_added(since: datetime, wait: timedelta, room: Iterable[Logged]) -> datetime:
    """`since` and `wait`, a room's pauses not counted."""
    end, begun = since + wait, None
    for one in room:
        if one.type == "room.paused":
            begun = one.at
        elif one.type == "room.resumed" and begun is not None:
            if begun < end and one.at > since:
                end += one.at - max(begun, since)
            begun = None
    return end


def _link(entry: Logged) -> Link:
    return Link(entry.stream, entry.seq)


def instant(text: Any) -> datetime:
    """An instant as an entry writes it."""
    return datetime.fromisoformat(str(text).replace("Z", "+00:00"))


def people_of(room: Iterable[Logged]) -> tuple[Someone, ...]:
    """Everybody of a room: the clerk, then every seat there was."""
    seats: dict[str, Someone] = {}
    for one in room:
        if one.type == "room.made_ready":
            for plan in one.facts["seats"]:
                seats[plan["seat"]] = Someone(plan["seat"], Party(plan["kind"]), plan["alias"])
        elif one.type == "room.seat_replaced":
            name = one.facts["seat"]
            seats[name] = Someone(name, Party(one.facts["kind"]), one.facts["alias"])
        elif one.type == "room.seat_voided":
            gone = seats[one.facts["seat"]]
            seats[gone.name] = Someone(gone.name, gone.party, gone.alias, void=True)
    return (Someone("clerk", Party.CLERK, ""), *seats.values())


def dissenters(room: Iterable[Logged]) -> frozenset[str]:
    """Seats that signed a dissent; it protects them, and is watched (ABUSE D13)."""
    return frozenset(one.facts["seat"] for one in room if one.type == "room.report_dissented")
