"""Tables of the expert pool in the main database; not one column can hold a name of a person."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel

from foundation.db import UtcDateTime


class ExpertRow(SQLModel, table=True):
    """One expert, nameless; `grouped` is the parent group's credit code or the employer's."""

    __tablename__: ClassVar[str] = "expert"

    expert_id: str = Field(primary_key=True)
    version: int
    region: int = Field(index=True)
    employer: str = Field(index=True)
    grouped: str
    title: str
    valid_to: date
    admitted_at: datetime = Field(sa_type=UtcDateTime)
    generated: bool


class ExpertSpecialtyRow(SQLModel, table=True):
    """One expert knows one specialty, by code and version of the standard.

    `source` is the older version whose code became this one; empty where it was enrolled so.
    """

    __tablename__: ClassVar[str] = "expert_specialty"

    expert_id: str = Field(primary_key=True)
    classification: str = Field(primary_key=True)
    code: str = Field(primary_key=True, index=True)
    source: str = Field(default="", sa_column_kwargs={"default": "", "server_default": ""})


class OrganisationRow(SQLModel, table=True):
    """An employer and the group that it belongs to."""

    __tablename__: ClassVar[str] = "organisation"

    unified_credit_code: str = Field(primary_key=True)
    name: str
    grouped: str = Field(index=True)


class PoolStateRow(SQLModel, table=True):
    """How often the pool has changed; a stale cache sees that it is one."""

    __tablename__: ClassVar[str] = "pool_state"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    changes: int
