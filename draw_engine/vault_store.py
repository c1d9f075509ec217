"""Tables of the vault, in a database file of its own; nothing but the vault opens it.

What links an expert to a draw is sealed with a field key and found by a blind index;
snapshots and hats are sealed as a whole. The file alone tells nobody's name.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

from foundation.db import NAMES, UtcDateTime

VAULT_METADATA = MetaData(naming_convention=NAMES)


class VaultTable(SQLModel):
    """Base of the vault's tables, kept out of the main database."""

    metadata = VAULT_METADATA


class EpochRow(VaultTable, table=True):
    """A snapshot of the pool: public root, the authority's signature.

    Its experts stand in `EpochPartRow`; `rows` is empty, but for snapshots of older versions.
    """

    __tablename__: ClassVar[str] = "vault_epoch"

    epoch: int = Field(primary_key=True)
    n: int
    root: bytes
    changes: bytes
    authority: bytes
    at: datetime = Field(sa_type=UtcDateTime)
    rows: bytes


class EpochPartRow(VaultTable, table=True):
    """Some thousand experts of a snapshot, sealed; parts follow each other by expert id."""

    __tablename__: ClassVar[str] = "vault_epoch_part"

    epoch: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    part: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sealed: bytes


class FreezeRow(VaultTable, table=True):
    """What was frozen for a draw: the answer to `freeze`, for whoever asks again."""

    __tablename__: ClassVar[str] = "vault_freeze"

    draw_id: str = Field(primary_key=True)
    epoch: int
    draw: bytes
    handle_salt: bytes
    hats: bytes


class ResultRow(VaultTable, table=True):
    """A computed step; the digest is public, salt and body until unsealing are not."""

    __tablename__: ClassVar[str] = "vault_result"

    draw_id: str = Field(primary_key=True)
    step: int = Field(primary_key=True)
    salt: bytes
    digest: bytes
    sealed: bytes


class ReleaseRow(VaultTable, table=True):
    """A value of the vault's chain that was let go before unsealing, and for which manifest."""

    __tablename__: ClassVar[str] = "vault_release"

    draw_id: str = Field(primary_key=True)
    step: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    M: bytes


class InvitationRow(VaultTable, table=True):
    """One expert asked to one seat in one step."""

    __tablename__: ClassVar[str] = "vault_invitation"
    __table_args__ = (UniqueConstraint("draw_id", "seat", "step", name="uq_vault_seat_step"),)

    id: str = Field(primary_key=True)
    draw_id: str = Field(index=True)
    seat: int
    step: int
    slot: int
    position: int
    who: bytes = Field(index=True)
    expert: bytes
    status: str
    place: str
    contact: str
    starts_at: datetime = Field(sa_type=UtcDateTime)
    invited_at: datetime = Field(sa_type=UtcDateTime)
    reply_by: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
    cause: str = ""
    dispute: bytes = b""
    evidence_salt: bytes = b""
    evidence: bytes = b""


class NoticeRow(VaultTable, table=True):
    """A notice to an invited expert: time, place, contact, and nothing else (R-CONF-3)."""

    __tablename__: ClassVar[str] = "vault_notice"
    __table_args__ = (UniqueConstraint("invitation_id", "attempt", name="uq_vault_attempt"),)

    id: int | None = Field(default=None, primary_key=True)
    invitation_id: str = Field(index=True)
    attempt: int
    due_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = ""
