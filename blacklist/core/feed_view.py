"""Our list beside those of others, person by person: what follows, and what contradicts.

Nothing is merged here. A line is what one service says of one entry now; two lines that do not
agree are a conflict, which stays until a person has decided on exactly these two.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import combinations
from typing import Final

from blacklist.core.facts import Measure, china_day
from blacklist.core.feed import SHARED, FeedAct, ListEntry
from blacklist.core.grounds import CORRECTED, Kind
from foundation.digest import canon, tagged
from foundation.ids import ExpertId

OWN: Final = ""
"""Who speaks in a line of ours."""

_TAKEN_BACK: Final = frozenset({"overturned", "entered_wrongly"})


class State(StrEnum):
    """What a service says of its entry now."""

    COMING = "coming"
    IN_FORCE = "in_force"
    LIFTED = "lifted"
    CORRECTED = "corrected"
    ENDED = "ended"


class Clash(StrEnum):
    """How two lines contradict each other."""

    LIFTED_THERE = "lifted_there"
    LIFTED_HERE = "lifted_here"
    PEERS_DISAGREE = "peers_disagree"
    OTHER_TERMS = "other_terms"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as one service has it now.

    Args:
        who: the peer's id; `OWN` for this service.
        origin: of a line of ours, where it came from: `feed:<peer>#<entry>`.
        replaces: the entry of the same service that this one corrects, or "".
    """

    who: str
    id: str
    kind: Kind
    ground: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    state: State
    origin: str = ""
    replaces: str = ""

    @property
    def binding(self) -> bool:
        """Whether it stops the expert, now or from a day to come."""
        return self.state in {State.IN_FORCE, State.COMING}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two lines about one person that do not agree; `key` names both as they stand."""

    expert_id: ExpertId
    clash: Clash
    one: Line
    other: Line

    @property
    def key(self) -> str:
        """Another key as soon as either side says something else; 64 hex digits."""
        sides = [_side(one) for one in (self.one, self.other)]
        return tagged("feed/conflict", canon([self.expert_id, self.clash.value, sides])).hex()


def origin_of(peer_id: str, entry_id: str) -> str:
    """How a measure of ours says that it follows an entry of a peer."""
    return f"feed:{peer_id}#{entry_id}"


def line_of(peer_id: str, told: Sequence[ListEntry], day: date) -> Line | None:
    """What a peer says of one entry now, from everything it said about it, in order.

    `told` holds entries that correct it too. None where it was never put on record.
    """
    recorded = [one for one in told if one.act is not FeedAct.LIFTED]
    own = [one for one in recorded if one.id == told[0].id] if told else []
    if not own:
        return None
    last = own[-1]
    lifts = [one for one in told if one.act is FeedAct.LIFTED and one.id == last.id]
    if any(one.replaces == last.id for one in recorded):
        state = State.CORRECTED
    elif lifts:
        state = State.LIFTED
    else:
        state = _on(day, last.starts_on, last.ends_on)
    said = lifts[-1] if lifts else last
    return Line(
        peer_id,
        last.id,
        last.kind,
        said.ground,
        said.basis,
        last.deciding_body,
        last.starts_on,
        last.ends_on,
        state,
        replaces=last.replaces,
    )


def lines_of(peer_id: str, told: Sequence[ListEntry], day: date) -> list[Line]:
    """The lines of one peer about one person, in the order in which they were recorded."""
    found: list[Line] = []
    for id_ in dict.fromkeys(one.id for one in told):
        mine = [one for one in told if one.id == id_]
        mine += [one for one in told if one.replaces == id_]
        if line := line_of(peer_id, mine, day):
            found.append(line)
    return found


def own_line(measure: Measure, at: datetime) -> Line:
    """A line of ours."""
    state = _on(china_day(at), measure.starts_on, measure.ends_on)
    if measure.lifted_at is not None:
        state = State.CORRECTED if measure.lift_ground == CORRECTED else State.LIFTED
    return Line(
        OWN,
        measure.id,
        measure.kind,
        measure.lift_ground if measure.lifted_at else measure.ground,
        measure.lift_basis if measure.lifted_at else measure.basis,
        measure.deciding_body,
        measure.starts_on,
        measure.ends_on,
        state,
        measure.origin,
    )


def conflicts(expert_id: ExpertId, own: Iterable[Line], theirs: Iterable[Line]) -> list[Conflict]:
    """Every pair of lines of two services about one person that do not agree.

    Source: R-ELIG-6 (lists are united, so that one in force anywhere is looked at here).
    """
    lines = [one for one in own if one.kind in SHARED]
    lines += [one for one in theirs if one.kind in SHARED]
    found = []
    for one, other in combinations(lines, 2):
        if one.who != other.who and (clash := _clash(one, other)):
            found.append(Conflict(expert_id, clash, one, other))
    return found


def _clash(one: Line, other: Line) -> Clash | None:
    """How two lines of different services contradict; `one` is ours where either is."""
    follows = one.who == OWN and one.origin == origin_of(other.who, other.id)
    if one.binding and other.binding:
        alike = (one.kind, one.ends_on) == (other.kind, other.ends_on)
        return None if alike else Clash.OTHER_TERMS
    if other.state is State.LIFTED and one.binding:
        if one.who != OWN:
            return Clash.PEERS_DISAGREE
        # What we hold because of that entry is no contradiction: its lifting is proposed.
        return None if follows else Clash.LIFTED_THERE
    if one.state is State.LIFTED and other.binding:
        if one.who != OWN:
            return Clash.PEERS_DISAGREE
        return Clash.LIFTED_HERE if follows or one.ground in _TAKEN_BACK else None
    return None


def _side(line: Line) -> list[str]:
    ends = line.ends_on.isoformat() if line.ends_on else ""
    return [line.who, line.id, line.kind, line.state, line.starts_on.isoformat(), ends]


def _on(day: date, starts_on: date, ends_on: date | None) -> State:
    if day < starts_on:
        return State.COMING
    return State.IN_FORCE if ends_on is None or day <= ends_on else State.ENDED
