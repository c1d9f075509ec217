"""Rows of cases and of the documents handed in; the whole case is the fold of its stream."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field, Session, SQLModel, col, select

from blacklist.core.case import Case
from foundation.db import UtcDateTime, WriteSession
from foundation.ids import ExpertId


class CaseRow(SQLModel, table=True):
    """Where a case stands and by when somebody must act."""

    __tablename__: ClassVar[str] = "blacklist_case"

    id: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    ground: str
    origin: str
    status: str = Field(index=True)
    due_on: date | None
    urgent: str
    reported_by: str
    reported_at: datetime = Field(sa_type=UtcDateTime)


class DocumentRow(SQLModel, table=True):
    """A document that was handed in, by the SHA-256 of its bytes."""

    __tablename__: ClassVar[str] = "blacklist_document"

    sha256: str = Field(primary_key=True)
    media_type: str
    size: int
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


def put(db: WriteSession, case: Case) -> None:
    """Write the row of a case, new or changed."""
    db.merge(row_of(case))


def row_of(case: Case) -> CaseRow:
    """The row of a case."""
    return CaseRow(
        id=case.id,
        expert_id=case.expert_id,
        ground=case.ground,
        origin=case.origin,
        status=case.status.value,
        due_on=case.due(),
        urgent=case.urgent,
        reported_by=case.reported_by,
        reported_at=case.reported_at,
    )


def rows(db: Session, expert_id: ExpertId | None = None) -> list[CaseRow]:
    """All cases, the one due first on top, those without a day last."""
    wanted = select(CaseRow)
    if expert_id is not None:
        wanted = wanted.where(CaseRow.expert_id == expert_id)
    first = (col(CaseRow.due_on).is_(None), col(CaseRow.due_on), col(CaseRow.id))
    return list(db.exec(wanted.order_by(*first)))


def document(db: Session, sha256: str) -> DocumentRow | None:
    """The document with this hash."""
    return db.get(DocumentRow, sha256)


def add_document(db: WriteSession, row: DocumentRow) -> None:
    """Remember that a document was handed in; the first one who did stays."""
    if db.get(DocumentRow, row.sha256) is None:
        db.add(row)
