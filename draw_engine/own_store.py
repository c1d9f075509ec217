"""Rows of consents and of requests about the own data: projections of their streams."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, Session, SQLModel, col, select

from draw_engine.core.consents import Consent, Purpose
from draw_engine.core.own_requests import Asked, Fact, Outcome, OwnRequest
from foundation.db import UtcDateTime, WriteSession
from foundation.ids import ExpertId


class ConsentRow(SQLModel, table=True):
    """The newest word of an expert on one purpose."""

    __tablename__: ClassVar[str] = "expert_consent"

    expert_id: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    version: str
    given: bool
    at: datetime = Field(sa_type=UtcDateTime)


class OwnRequestRow(SQLModel, table=True):
    """One request; `sealed` holds its words, which can name a person."""

    __tablename__: ClassVar[str] = "expert_request"

    id: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    asked: str
    fact: str
    words: str
    sealed: bytes
    document: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    outcome: str = Field(index=True)
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def put_consent(db: WriteSession, expert_id: ExpertId, one: Consent) -> None:
    """Write the newest word."""
    db.merge(
        ConsentRow(
            expert_id=expert_id,
            purpose=one.purpose.value,
            version=one.version,
            given=one.given,
            at=one.at,
        )
    )


def consents(db: Session, expert_id: ExpertId) -> dict[Purpose, Consent]:
    """The newest word of an expert on each purpose that was spoken of."""
    rows = db.exec(select(ConsentRow).where(ConsentRow.expert_id == expert_id))
    found = (Consent(Purpose(one.purpose), one.version, one.given, one.at) for one in rows)
    return {one.purpose: one for one in found}


def givers(db: Session, purpose: Purpose) -> list[tuple[ExpertId, Consent]]:
    """Everybody who spoke of a purpose, by ascending id."""
    wanted = select(ConsentRow).where(ConsentRow.purpose == purpose.value)
    rows = db.exec(wanted.order_by(col(ConsentRow.expert_id)))
    return [(ExpertId(r.expert_id), Consent(purpose, r.version, r.given, r.at)) for r in rows]


def add_request(db: WriteSession, one: OwnRequest, sealed: bytes) -> None:
    """Write a new request with its sealed words."""
    db.add(
        OwnRequestRow(
            id=one.id,
            expert_id=one.expert_id,
            asked=one.asked.value,
            fact=one.fact.value,
            words=one.words,
            sealed=sealed,
            document=one.document,
            asked_at=one.asked_at,
            outcome=one.outcome.value,
        )
    )


def put_answer(db: WriteSession, one: OwnRequest) -> None:
    """Write what was decided."""
    row = db.get_one(OwnRequestRow, one.id)
    row.outcome, row.reason = one.outcome.value, one.reason
    row.decided_by, row.decided_at = one.decided_by, one.decided_at
    db.add(row)


def forget_words(db: WriteSession, expert_id: ExpertId) -> None:
    """Drop the words of every request of somebody who was erased."""
    for row in db.exec(select(OwnRequestRow).where(OwnRequestRow.expert_id == expert_id)):
        row.sealed = b""
        db.add(row)


def request(db: Session, id_: str) -> OwnRequestRow | None:
    """One request."""
    return db.get(OwnRequestRow, id_)


def requests(db: Session, expert_id: ExpertId | None = None) -> list[OwnRequestRow]:
    """Requests of everybody or of one expert: the open ones first, the oldest of them on top."""
    wanted = select(OwnRequestRow)
    if expert_id is not None:
        wanted = wanted.where(OwnRequestRow.expert_id == expert_id)
    waits = col(OwnRequestRow.outcome) == Outcome.OPEN.value
    return list(db.exec(wanted.order_by(waits.desc(), col(OwnRequestRow.id))))


def request_of(row: OwnRequestRow) -> OwnRequest:
    """The value of a row."""
    return OwnRequest(
        id=row.id,
        expert_id=ExpertId(row.expert_id),
        asked=Asked(row.asked),
        fact=Fact(row.fact),
        words=row.words,
        document=row.document,
        asked_at=row.asked_at,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
