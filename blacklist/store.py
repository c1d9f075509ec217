"""Rows of measures and exits: projections of the stream `standing`, and every query on them."""

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import Field, Session, SQLModel, col, select

from blacklist.core.grounds import Kind
from blacklist.core.standing import Act, ExitRequest, Measure
from foundation.db import UtcDateTime, WriteSession
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


def put(db: WriteSession, value: Measure | ExitRequest) -> None:
    """Write the row of a value, new or changed."""
    row = MeasureRow if isinstance(value, Measure) else ExitRow
    plain: dict[str, Any] = asdict(value)
    db.merge(row(**plain))


def measures(db: Session, expert_id: ExpertId | None = None) -> list[Measure]:
    """All measures, newest first; of one expert where one is given."""
    statement = select(MeasureRow).order_by(
        col(MeasureRow.recorded_at).desc(), col(MeasureRow.id).desc()
    )
    if expert_id is not None:
        statement = statement.where(MeasureRow.expert_id == expert_id)
    return [_measure(row) for row in db.exec(statement)]


def exits(db: Session, expert_id: ExpertId | None = None) -> list[ExitRequest]:
    """All requests to leave, newest first; of one expert where one is given."""
    statement = select(ExitRow).order_by(col(ExitRow.asked_at).desc(), col(ExitRow.id).desc())
    if expert_id is not None:
        statement = statement.where(ExitRow.expert_id == expert_id)
    return [_exit(row) for row in db.exec(statement)]


def measure(db: Session, id_: str) -> Measure | None:
    """The measure with this id."""
    row = db.get(MeasureRow, id_)
    return None if row is None else _measure(row)


def exit_request(db: Session, id_: str) -> ExitRequest | None:
    """The request with this id."""
    row = db.get(ExitRow, id_)
    return None if row is None else _exit(row)


def _measure(row: MeasureRow) -> Measure:
    plain: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(Measure)}
    return Measure(**(plain | {"kind": Kind(row.kind)}))


def _exit(row: ExitRow) -> ExitRequest:
    plain: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(ExitRequest)}
    return ExitRequest(**(plain | {"decision": Act(row.decision)}))
