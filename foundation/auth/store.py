"""Rows of accounts, one-time links and sign-ins, and every query of them."""

from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from sqlmodel import Field, SQLModel, col, select

from foundation.auth import errors
from foundation.db import ReadSession, UtcDateTime, WriteSession
from foundation.ids import AccountId, ExpertId


class AccountRow(SQLModel, table=True):
    """An account. The display words may be a person's name, so they are sealed."""

    __tablename__: ClassVar[str] = "account"

    id: str = Field(primary_key=True)
    username: str = Field(unique=True)
    display: bytes
    role: str = Field(index=True)
    expert_id: str | None = Field(default=None, index=True)
    person: bytes | None = Field(default=None, index=True)
    password_hash: str | None = None
    signing_key: bytes
    public_key: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LinkRow(SQLModel, table=True):
    """A one-time link by the hash of its token: whoever reads the table can't use it."""

    __tablename__: ClassVar[str] = "account_link"

    digest: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInRow(SQLModel, table=True):
    """One sign-in, from its first token until it is over; what revocation acts on."""

    __tablename__: ClassVar[str] = "sign_in"

    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    role: str
    party: str | None = Field(default=None, index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refresh_id: str = ""
    former_refresh_id: str = ""
    refreshed_at: datetime = Field(sa_type=UtcDateTime)


def account_row(db: ReadSession | WriteSession, account_id: AccountId) -> AccountRow:
    """The row of an account; AccountUnknown where there is none."""
    row = db.get(AccountRow, account_id)
    if row is None:
        raise errors.AccountUnknown
    return row


def able_row(db: ReadSession | WriteSession, account_id: AccountId) -> AccountRow:
    """The row of an account that may act; AccountDisabled where it may not."""
    row = account_row(db, account_id)
    if row.disabled_at is not None:
        raise errors.AccountDisabled
    return row


def named(db: ReadSession | WriteSession, username: str) -> AccountRow | None:
    """The row with this username, if any."""
    return db.exec(select(AccountRow).where(AccountRow.username == username)).first()


def of_expert(db: ReadSession | WriteSession, expert_id: ExpertId) -> AccountRow | None:
    """The row of an expert's account that may act, if any."""
    return db.exec(
        select(AccountRow).where(
            AccountRow.expert_id == expert_id, col(AccountRow.disabled_at).is_(None)
        )
    ).first()


def open_link(db: ReadSession | WriteSession, token: str, now: datetime) -> LinkRow:
    """The row of a link that still works; LinkUnknown otherwise."""
    link = db.get(LinkRow, hashed(token))
    if link is None or link.closed_at is not None or link.expires_at <= now:
        raise errors.LinkUnknown
    return link


def close_links(db: WriteSession, account_id: str, now: datetime) -> None:
    """Close every open link of an account."""
    still_open = select(LinkRow).where(
        LinkRow.account_id == account_id, col(LinkRow.closed_at).is_(None)
    )
    for link in db.exec(still_open):
        link.closed_at = now
        db.add(link)


def hashed(token: str) -> str:
    """What is stored of a token."""
    return sha256(token.encode()).hexdigest()
