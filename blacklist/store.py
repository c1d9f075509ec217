"""Rows of the stream `standing`: projections of its entries, and every query on them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, ClassVar, Final, TypeVar

from sqlalchemy import false, text
from sqlmodel import Field, Session, SQLModel, col, func, select

from blacklist.core.facts import (
    Act,
    Decision,
    Departure,
    ExitRequest,
    Fact,
    Measure,
    Outcome,
    Proposal,
)
from blacklist.core.grounds import ExitKind, Kind
from foundation.db import UtcDateTime, WriteSession
from foundation.digest import canon, parse_canon
from foundation.ids import ExpertId


class MeasureRow(SQLModel, table=True):
    """One entry of the list; never deleted."""

    __tablename__: ClassVar[str] = "blacklist_measure"

    id: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    kind: str
    ground: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None = None
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lifted_by: str = ""
    lift_ground: str = ""
    lift_basis: str = ""
    basis_sha256: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    origin: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    replaces: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    proposed_by: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    proposed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    urgent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    lift_proposed_by: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class ProposalRow(SQLModel, table=True):
    """What waits, or waited, for a second person; `terms` in canonical bytes."""

    __tablename__: ClassVar[str] = "blacklist_proposal"

    id: str = Field(primary_key=True)
    act: str
    expert_id: str = Field(index=True)
    terms: bytes
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    target: str = Field(index=True)
    urgent: bool
    lapses_on: date | None
    origin: str
    outcome: str = Field(index=True)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str
    reason: str


class ExitRow(SQLModel, table=True):
    """One request to leave; never deleted."""

    __tablename__: ClassVar[str] = "blacklist_exit"

    id: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    ground: str
    text: str
    asked_by: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    decision: str
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    release_on: date | None = None


class DepartureRow(SQLModel, table=True):
    """One exit that was not the own wish; never deleted."""

    __tablename__: ClassVar[str] = "blacklist_departure"

    id: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    kind: str
    ground: str
    basis: str
    deciding_body: str
    proposed_by: str
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    origin: str
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_by: str
    undone_basis: str


class ToldRow(SQLModel, table=True):
    """Of what had happened by itself people were told."""

    __tablename__: ClassVar[str] = "blacklist_told"

    id: str = Field(primary_key=True)


Row = MeasureRow | ProposalRow | ExitRow | DepartureRow
T = TypeVar("T", Measure, Proposal, ExitRequest, Departure)

ROWS: Final[Mapping[type, type[Any]]] = {
    Measure: MeasureRow,
    Proposal: ProposalRow,
    ExitRequest: ExitRow,
    Departure: DepartureRow,
}
NEWEST: Final[Mapping[type, str]] = {
    Measure: "recorded_at",
    Proposal: "proposed_at",
    ExitRequest: "asked_at",
    Departure: "recorded_at",
}


def put(db: WriteSession, value: Fact) -> None:
    """Write the row of a value, new or changed."""
    plain: dict[str, Any] = asdict(value)
    if isinstance(value, Proposal):
        plain["terms"] = canon(value.terms)
    db.merge(ROWS[type(value)](**plain))


def measures(db: Session, expert_id: ExpertId | None = None) -> list[Measure]:
    """All measures, newest first; of one expert where one is given."""
    return _all(db, Measure, expert_id)


def proposals(db: Session, expert_id: ExpertId | None = None) -> list[Proposal]:
    """All proposals, newest first; of one expert where one is given."""
    return _all(db, Proposal, expert_id)


def open_proposals(db: Session, expert_id: ExpertId | None = None) -> list[Proposal]:
    """Proposals on which nobody has acted, lapsed ones included, oldest first."""
    wanted = select(ProposalRow).where(ProposalRow.outcome == Outcome.OPEN)
    if expert_id is not None:
        wanted = wanted.where(ProposalRow.expert_id == expert_id)
    return [_value(Proposal, row) for row in db.exec(wanted.order_by(col(ProposalRow.id)))]


def open_on(db: Session, target: str) -> bool:
    """Whether a proposal about this entry waits already."""
    wanted = select(ProposalRow.id).where(
        ProposalRow.target == target, ProposalRow.outcome == Outcome.OPEN
    )
    return db.exec(wanted).first() is not None


def exits(db: Session, expert_id: ExpertId | None = None) -> list[ExitRequest]:
    """All requests to leave, newest first; of one expert where one is given."""
    return _all(db, ExitRequest, expert_id)


def departures(db: Session, expert_id: ExpertId | None = None) -> list[Departure]:
    """All departures, newest first; of one expert where one is given."""
    return _all(db, Departure, expert_id)


def facts_of(db: Session, expert_id: ExpertId | None = None) -> list[Fact]:
    """Everything that may count: of one expert, or of everybody on record.

    A proposal counts only where it is urgent and nobody has confirmed it: what was confirmed
    stands as a measure.
    """
    urgent = select(ProposalRow).where(
        col(ProposalRow.urgent).is_(True), ProposalRow.outcome != Outcome.CONFIRMED
    )
    if expert_id is not None:
        urgent = urgent.where(ProposalRow.expert_id == expert_id)
    waiting = [_value(Proposal, row) for row in db.exec(urgent)]
    rest: Iterable[Fact] = (
        *measures(db, expert_id),
        *exits(db, expert_id),
        *departures(db, expert_id),
    )
    return [*rest, *waiting]


def counts(db: Session) -> tuple[int, ...]:
    """How many rows of each kind there are."""
    return tuple(db.exec(select(func.count()).select_from(row)).one() for row in ROWS.values())


def measure(db: Session, id_: str) -> Measure | None:
    """The measure with this id."""
    return _one(db, Measure, id_)


def proposal(db: Session, id_: str) -> Proposal | None:
    """The proposal with this id."""
    return _one(db, Proposal, id_)


def exit_request(db: Session, id_: str) -> ExitRequest | None:
    """The request with this id."""
    return _one(db, ExitRequest, id_)


def departure(db: Session, id_: str) -> Departure | None:
    """The departure with this id."""
    return _one(db, Departure, id_)


def was_told(db: Session, id_: str) -> bool:
    """Whether people were told of what happened by itself."""
    return db.get(ToldRow, id_) is not None


def mark_told(db: WriteSession, id_: str) -> None:
    """People were told."""
    db.add(ToldRow(id=id_))


def _all(db: Session, kind: type[T], expert_id: ExpertId | None) -> list[T]:
    row = ROWS[kind]
    statement = select(row)
    if expert_id is not None:
        statement = statement.where(row.expert_id == expert_id)
    newest = statement.order_by(getattr(row, NEWEST[kind]).desc(), row.id.desc())
    return [_value(kind, one) for one in db.exec(newest)]


def _one(db: Session, kind: type[T], id_: str) -> T | None:
    row = db.get(ROWS[kind], id_)
    return None if row is None else _value(kind, row)


_READ: Final[Mapping[type, Mapping[str, Any]]] = {
    Measure: {"kind": Kind},
    Proposal: {"act": Act, "outcome": Outcome, "terms": parse_canon},
    ExitRequest: {"decision": Decision},
    Departure: {"kind": ExitKind},
}


def _value(kind: type[T], row: Row) -> T:
    plain: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(kind)}
    for name, read in _READ[kind].items():
        plain[name] = read(plain[name])
    return kind(**plain)
