"""Rows of sharing: peers, what they told, what was made of it, what we told.

All but `FeedWatchRow` are projections of entries; the watch row remembers what was seen of a
peer's log between two things worth an entry, so that a shortened log is noticed at once.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index
from sqlalchemy import select as select_columns
from sqlmodel import Field, Session, SQLModel, col, func, select

from foundation.db import UtcDateTime, WriteSession

PORTION = 500


class FeedPeerRow(SQLModel, table=True):
    """A service that is followed, and may follow."""

    __tablename__: ClassVar[str] = "feed_peer"

    id: str = Field(primary_key=True)
    name: str
    address: str
    pin: str
    registered_by: str
    registered_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_reason: str = ""


class FeedWatchRow(SQLModel, table=True):
    """How far a peer was followed, and what is in the way. `feed_seq` counts its stream `feed`."""

    __tablename__: ClassVar[str] = "feed_watch"

    peer_id: str = Field(primary_key=True)
    size: int = 0
    root: bytes = b""
    edge: bytes = b""
    feed_seq: int = 0
    note: str = ""
    noted_on: date | None = None
    tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    news_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trouble: str = ""
    trouble_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trouble_note: str = ""
    matched_seq: int = 0
    matched_person: str = ""


class FeedEntryRow(SQLModel, table=True):
    """One entry of a peer's feed; `body` is empty where it was withheld by the peer."""

    __tablename__: ClassVar[str] = "feed_entry"
    __table_args__ = (Index("ix_feed_entry_peer_entry", "peer_id", "entry_id"),)

    peer_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    position: int
    type: str
    entry_id: str
    act: str
    token: str = Field(index=True)
    said_at: datetime = Field(sa_type=UtcDateTime)
    unreadable: str
    body: bytes


class FeedMatchRow(SQLModel, table=True):
    """An entry of a peer about one of ours; `dismissed` says why nothing is made of it."""

    __tablename__: ClassVar[str] = "feed_match"

    peer_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    token: str
    found_at: datetime = Field(sa_type=UtcDateTime)
    dismissed: str = ""
    dismissed_by: str = ""


class FeedConflictRow(SQLModel, table=True):
    """What a person decided on a conflict; `key` names both sides as they stood then."""

    __tablename__: ClassVar[str] = "feed_conflict"

    key: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    reason: str
    decided_by: str
    decided_at: datetime = Field(sa_type=UtcDateTime)


class FeedOwnRow(SQLModel, table=True):
    """What this service published, by the measure or consent that it tells of."""

    __tablename__: ClassVar[str] = "feed_own"

    id: str = Field(primary_key=True)
    token: str
    seq: int
    act: str


def peers(db: Session) -> list[FeedPeerRow]:
    """Every peer that was ever registered, in that order."""
    order = (col(FeedPeerRow.registered_at), col(FeedPeerRow.id))
    return list(db.exec(select(FeedPeerRow).order_by(*order)))


def watch(db: Session, peer_id: str) -> FeedWatchRow:
    """The watch of a peer; a new one where nothing was seen yet."""
    return db.get(FeedWatchRow, peer_id) or FeedWatchRow(peer_id=peer_id)


def taken(db: Session, peer_id: str) -> int:
    """The newest number of a peer's feed that was taken."""
    statement = select(func.max(FeedEntryRow.seq)).where(FeedEntryRow.peer_id == peer_id)
    return db.exec(statement).one() or 0


def put_entries(db: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write new entries of a feed."""
    if rows:
        db.connection().execute(_ENTRIES.insert(), list(rows))


def newest(db: Session, peer_id: str, limit: int) -> list[FeedEntryRow]:
    """The newest entries of a peer."""
    order = col(FeedEntryRow.seq).desc()
    statement = select(FeedEntryRow).where(FeedEntryRow.peer_id == peer_id)
    return list(db.exec(statement.order_by(order).limit(limit)))


def after(db: Session, peer_id: str, seq: int, limit: int = PORTION) -> list[FeedEntryRow]:
    """Entries of a peer behind a number, ascending."""
    statement = (
        select(FeedEntryRow)
        .where(FeedEntryRow.peer_id == peer_id, FeedEntryRow.seq > seq)
        .order_by(col(FeedEntryRow.seq))
        .limit(limit)
    )
    return list(db.exec(statement))


def tokens_after(db: Session, peer_id: str, seq: int) -> list[tuple[int, str, str, str]]:
    """Number, type, entry and token of what lies behind a number, ascending, some at a time."""
    columns = (_ENTRIES.c.seq, _ENTRIES.c.type, _ENTRIES.c.entry_id, _ENTRIES.c.token)
    statement = (
        select_columns(*columns)
        .where(_ENTRIES.c.peer_id == peer_id, _ENTRIES.c.seq > seq)
        .order_by(_ENTRIES.c.seq)
        .limit(10 * PORTION)
    )
    return [tuple(row) for row in db.connection().execute(statement)]


def about(db: Session, tokens: Iterable[str]) -> list[FeedEntryRow]:
    """What any peer said about some persons, in the order of the saying."""
    wanted, found = sorted(set(tokens) - {""}), list[FeedEntryRow]()
    for at in range(0, len(wanted), PORTION):
        some = col(FeedEntryRow.token).in_(wanted[at : at + PORTION])
        order = (col(FeedEntryRow.peer_id), col(FeedEntryRow.seq))
        found += db.exec(select(FeedEntryRow).where(some).order_by(*order))
    return found


def of_entry(db: Session, peer_id: str, entry_id: str) -> list[FeedEntryRow]:
    """Everything that a peer said of one entry of its list, in order."""
    statement = select(FeedEntryRow).where(
        FeedEntryRow.peer_id == peer_id, FeedEntryRow.entry_id == entry_id
    )
    return list(db.exec(statement.order_by(col(FeedEntryRow.seq))))


def matches(db: Session) -> list[FeedMatchRow]:
    """Every match, the newest first."""
    order = (col(FeedMatchRow.found_at).desc(), col(FeedMatchRow.entry_id).desc())
    return list(db.exec(select(FeedMatchRow).order_by(*order)))


def match(db: Session, peer_id: str, entry_id: str) -> FeedMatchRow | None:
    """The match of one entry."""
    return db.get(FeedMatchRow, (peer_id, entry_id))


def decisions(db: Session) -> dict[str, FeedConflictRow]:
    """What was decided on conflicts, by their key."""
    return {one.key: one for one in db.exec(select(FeedConflictRow))}


def count(db: Session, peer_id: str) -> int:
    """Number of entries taken from a peer."""
    statement = select(func.count()).where(col(FeedEntryRow.peer_id) == peer_id)
    return db.exec(statement).one()


_ENTRIES = SQLModel.metadata.tables["feed_entry"]
