"""Rows of passkeys, of accounts that take nothing else, and of lost devices."""

from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from sqlmodel import Field, SQLModel, col, select

from foundation.db import ReadSession, UtcDateTime, WriteSession


class PasskeyRow(SQLModel, table=True):
    """A public key of a person's device. `rp_id` is the site that the device made it for."""

    __tablename__: ClassVar[str] = "passkey"

    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    rp_id: str
    public_key: bytes
    sign_count: int
    label: bytes
    synced: bool
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PasskeyOnlyRow(SQLModel, table=True):
    """An account whose owner said that a password alone opens nothing."""

    __tablename__: ClassVar[str] = "passkey_only"

    account_id: str = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)


class PasskeyLossRow(SQLModel, table=True):
    """A lost device: who vouches for the person, who signs as well, and the link that follows.

    `decision` is "", "signed" or "refused"; the link is kept as the hash of its token.
    """

    __tablename__: ClassVar[str] = "passkey_loss"

    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    ground: str
    identity: str
    opened_by: str
    opened_at: datetime = Field(sa_type=UtcDateTime)
    decision: str = ""
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    link: str | None = Field(default=None, unique=True)
    link_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    link_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def live_passkeys(db: ReadSession | WriteSession, account_id: str) -> list[PasskeyRow]:
    """The passkeys of an account that still open it, oldest first."""
    wanted = select(PasskeyRow).where(
        PasskeyRow.account_id == account_id, col(PasskeyRow.revoked_at).is_(None)
    )
    return list(db.exec(wanted.order_by(col(PasskeyRow.created_at), col(PasskeyRow.id))))


def losses(db: ReadSession | WriteSession) -> list[PasskeyLossRow]:
    """Every request for new keys, newest first."""
    return list(db.exec(select(PasskeyLossRow).order_by(col(PasskeyLossRow.id).desc())))


def open_losses(db: ReadSession | WriteSession, account_id: str) -> list[PasskeyLossRow]:
    """Requests of an account that nobody has decided."""
    wanted = select(PasskeyLossRow).where(
        PasskeyLossRow.account_id == account_id, PasskeyLossRow.decision == ""
    )
    return list(db.exec(wanted))


def loss_of_link(db: ReadSession | WriteSession, token: str) -> PasskeyLossRow | None:
    """The request whose link this token is, if any."""
    digest = sha256(token.encode()).hexdigest()
    return db.exec(select(PasskeyLossRow).where(PasskeyLossRow.link == digest)).first()
