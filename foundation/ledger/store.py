"""Tables of the ledger; nothing outside this folder reads them."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from foundation.db import UtcDateTime


class LeafRow(SQLModel, table=True):
    """Public half of an entry; `number` is the index of the leaf in the log."""

    __tablename__: ClassVar[str] = "ledger_leaf"
    __table_args__ = (UniqueConstraint("stream", "seq", name="uq_ledger_leaf_stream_seq"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    stream: str
    seq: int
    type: str
    at: datetime = Field(sa_type=UtcDateTime)
    leaf: bytes
    protocol: bool = False


class PayloadRow(SQLModel, table=True):
    """Private half of an entry; erasing drops the row and leaves the leaf."""

    __tablename__: ClassVar[str] = "ledger_payload"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    salt: bytes
    body: bytes


class CheckpointRow(SQLModel, table=True):
    """A signed size and root; `text` is the note without signature lines."""

    __tablename__: ClassVar[str] = "ledger_checkpoint"

    size: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    root: bytes
    text: str
    line: str
    at: datetime = Field(sa_type=UtcDateTime)


class CosignatureRow(SQLModel, table=True):
    """A witness's line under a checkpoint; the first one of a witness stays."""

    __tablename__: ClassVar[str] = "ledger_cosignature"

    size: int = Field(primary_key=True, foreign_key="ledger_checkpoint.size")
    name: str = Field(primary_key=True)
    line: str
    time: int = Field(sa_type=BigInteger)


class OutboxRow(SQLModel, table=True):
    """A notice written with the fact, sent later at least once."""

    __tablename__: ClassVar[str] = "outbox"

    id: int | None = Field(default=None, primary_key=True)
    recipient: str
    kind: str
    facts: bytes
    written_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = ""
