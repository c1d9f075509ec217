"""The fold of the stream `standing`: everything on record, by id."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from blacklist.core import facts
from blacklist.core.facts import Departure, ExitRequest, Measure, Outcome, Proposal


@dataclass(frozen=True, slots=True)
class Register:
    """All measures, proposals, requests to leave and departures: the state of the stream."""

    measures: dict[str, Measure] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    exits: dict[str, ExitRequest] = field(default_factory=dict)
    departures: dict[str, Departure] = field(default_factory=dict)


Body = Mapping[str, Any]


def fold(entries: Iterable[tuple[str, Body | None]]) -> Register:
    """The register that the entries (type, body) of the stream add up to.

    An entry whose body was erased is passed over, and so is what came of it.

    Raises:
        ValueError: an entry of a type that the stream does not have.
    """
    register = Register()
    for type_, body in entries:
        if body is None:
            continue
        if type_ not in STEPS:
            raise ValueError(f"the stream has no entry of type {type_}")
        STEPS[type_](register, body)
    return register


def _recorded(register: Register, body: Body) -> None:
    one = facts.measure_of(body)
    register.measures[one.id] = one
    if one.replaces in register.measures:
        before = register.measures[one.replaces]
        register.measures[before.id] = facts.replaced(before, one)
    _confirm(register, one.id, body)


def _lifted(register: Register, body: Body) -> None:
    if body["id"] in register.measures:
        register.measures[body["id"]] = facts.lifted(register.measures[body["id"]], body)
    _confirm(register, body.get("proposal", ""), body)


def _leave_taken(register: Register, body: Body) -> None:
    one = facts.leave_of(body)
    register.measures[one.id] = one


def _proposed(register: Register, body: Body) -> None:
    one = facts.proposal_of(body)
    register.proposals[one.id] = one


def _confirm(register: Register, id_: str, body: Body) -> None:
    if id_ in register.proposals:
        register.proposals[id_] = facts.ended(register.proposals[id_], Outcome.CONFIRMED, body)


def _end(outcome: Outcome) -> Callable[[Register, Body], None]:
    def ended(register: Register, body: Body) -> None:
        if body["id"] in register.proposals:
            before = register.proposals[body["id"]]
            register.proposals[body["id"]] = facts.ended(before, outcome, body)

    return ended


def _exit_asked(register: Register, body: Body) -> None:
    one = facts.exit_of(body)
    register.exits[one.id] = one


def _exit_decided(register: Register, body: Body) -> None:
    if body["id"] in register.exits:
        register.exits[body["id"]] = facts.decided(register.exits[body["id"]], body)


def _exited(register: Register, body: Body) -> None:
    one = facts.departure_of(body)
    register.departures[one.id] = one
    _confirm(register, one.id, body)


def _restored(register: Register, body: Body) -> None:
    if body["id"] in register.departures:
        register.departures[body["id"]] = facts.undone(register.departures[body["id"]], body)
    _confirm(register, body.get("proposal", ""), body)


def _told(_register: Register, _body: Body) -> None:
    """What had already happened by itself; the entry tells of it and changes nothing."""


STEPS: Final[Mapping[str, Callable[[Register, Body], None]]] = MappingProxyType(
    {
        "blacklist.proposed": _proposed,
        "blacklist.recorded": _recorded,
        "blacklist.lifted": _lifted,
        "blacklist.returned": _end(Outcome.RETURNED),
        "blacklist.withdrawn": _end(Outcome.WITHDRAWN),
        "blacklist.lapsed": _told,
        "blacklist.leave_taken": _leave_taken,
        "blacklist.leave_ended": _lifted,
        "blacklist.exit_asked": _exit_asked,
        "blacklist.exit_decided": _exit_decided,
        "blacklist.exit_released": _told,
        "blacklist.exited": _exited,
        "blacklist.restored": _restored,
    }
)
"""Every type of entry of the stream, and what it changes."""
