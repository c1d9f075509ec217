"""Tables of the draws in the main database, and every query on them.

A row is a projection of the draw's stream, written in the transaction of the fact; it
tells where a draw stands, never who sits where.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, Session, SQLModel, col, select

from draw_engine.core.tally import Tally
from foundation.db import UtcDateTime, WriteSession


class DrawRow(SQLModel, table=True):
    """One draw as lists and timers need it."""

    __tablename__: ClassVar[str] = "draw"

    id: str = Field(primary_key=True)
    request_key: str = Field(unique=True)
    filed_by: str = Field(index=True)
    project_code: str = Field(index=True)
    section: str
    stage: str = Field(index=True)
    live: bool = Field(index=True)
    head: int
    M: str = Field(default="", index=True)
    filed_at: datetime = Field(sa_type=UtcDateTime)
    unsealed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DrawStepRow(SQLModel, table=True):
    """A step that was taken. Its key makes a second taker fail, whoever woke it (R-TIME-4)."""

    __tablename__: ClassVar[str] = "draw_step"

    draw_id: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class TallyRow(SQLModel, table=True):
    """What one requester asked about one lot; "" as lot: about all lots together."""

    __tablename__: ClassVar[str] = "draw_tally"

    requester: str = Field(primary_key=True)
    project_code: str = Field(primary_key=True)
    section: str = Field(primary_key=True)
    checks: int = 0
    refused: int = 0
    hour: int = 0
    checks_now: int = 0
    refused_now: int = 0


def tally(db: Session, requester: str, lot: tuple[str, str] = ("", "")) -> Tally:
    """What a requester asked about a lot, or about all."""
    row = db.get(TallyRow, (requester, *lot))
    if row is None:
        return Tally()
    return Tally(row.checks, row.refused, row.hour, row.checks_now, row.refused_now)


def keep_tally(db: WriteSession, requester: str, lot: tuple[str, str], found: Tally) -> None:
    """Write a tally down."""
    row = db.get(TallyRow, (requester, *lot))
    if row is None:
        row = TallyRow(requester=requester, project_code=lot[0], section=lot[1])
    for name, value in asdict(found).items():
        setattr(row, name, value)
    db.add(row)


def row_of(db: Session, draw_id: str) -> DrawRow | None:
    """The row of a draw."""
    return db.get(DrawRow, draw_id)


def by_request_key(db: Session, request_key: str) -> DrawRow | None:
    """The draw that a request key has filed before."""
    return db.exec(select(DrawRow).where(DrawRow.request_key == request_key)).first()


def of_section(db: Session, project_code: str, section: str) -> Sequence[DrawRow]:
    """Draws of one section, in the order in which they were filed."""
    statement = select(DrawRow).where(
        DrawRow.project_code == project_code, DrawRow.section == section
    )
    return db.exec(statement.order_by(col(DrawRow.filed_at), col(DrawRow.id))).all()


def live_ids(db: Session) -> list[str]:
    """Draws that a timer may still have to move."""
    statement = select(DrawRow.id).where(col(DrawRow.live).is_(True))
    return list(db.exec(statement.order_by(col(DrawRow.filed_at), col(DrawRow.id))))


def all_rows(db: Session, filed_by: str | None = None) -> Sequence[DrawRow]:
    """All draws, newest first; of one applicant where one is given."""
    statement = select(DrawRow).order_by(col(DrawRow.filed_at).desc(), col(DrawRow.id))
    if filed_by is not None:
        statement = statement.where(DrawRow.filed_by == filed_by)
    return db.exec(statement).all()


def frozen_rows(db: Session) -> Sequence[DrawRow]:
    """Draws with a manifest in the log, oldest first."""
    statement = select(DrawRow).where(DrawRow.M != "")
    return db.exec(statement.order_by(col(DrawRow.filed_at), col(DrawRow.id))).all()


def taken(db: Session, draw_id: str, step: str) -> bool:
    """Whether the step was claimed before."""
    return db.get(DrawStepRow, (draw_id, step)) is not None


def claim(db: WriteSession, draw_id: str, step: str, at: datetime) -> None:
    """Claim a step; IntegrityError where somebody has."""
    db.add(DrawStepRow(draw_id=draw_id, step=step, at=at))
    db.flush()


def unsealed(db: Session, draw_ids: Iterable[str]) -> set[str]:
    """Those of some draws that are unsealed."""
    wanted = select(DrawRow.id).where(
        col(DrawRow.id).in_(sorted(set(draw_ids))), col(DrawRow.unsealed_at).is_not(None)
    )
    return set(db.exec(wanted))
