"""Tables of the expert pool in the main database; not one column can hold a name of a person."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from foundation.db import UtcDateTime


class ExpertRow(SQLModel, table=True):
    """One expert, nameless; `grouped` is the parent group's credit code or the employer's."""

    __tablename__: ClassVar[str] = "expert"
    # Each ends with the id: a page of the list is then a range of one index.
    __table_args__ = (
        Index("ix_expert_region_id", "region", "expert_id"),
        Index("ix_expert_employer_id", "employer", "expert_id"),
    )

    expert_id: str = Field(primary_key=True)
    version: int
    region: int
    employer: str
    grouped: str
    title: str
    valid_to: date
    admitted_at: datetime = Field(sa_type=UtcDateTime)
    generated: bool


class ExpertBeforeRow(SQLModel, table=True):
    """The facts of an expert as they stood until an instant; `facts` is canonical JSON."""

    __tablename__: ClassVar[str] = "expert_before"

    expert_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    classification: str
    until: datetime = Field(sa_type=UtcDateTime, index=True)
    facts: str


class ExpertSpecialtyRow(SQLModel, table=True):
    """One expert knows one specialty, by code and version of the standard.

    `source` is the older version whose code became this one; empty where it was enrolled so.
    """

    __tablename__: ClassVar[str] = "expert_specialty"
    __table_args__ = (Index("ix_expert_specialty_code", "classification", "code", "expert_id"),)

    expert_id: str = Field(primary_key=True)
    classification: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    source: str = Field(default="", sa_column_kwargs={"default": ""})


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


class ImportRow(SQLModel, table=True):
    """One import of experts: what it was and how it ended, readable after any restart.

    While `state` is `running`, experts with ids from `floor` upward belong to it and are
    not in the pool yet.
    """

    __tablename__: ClassVar[str] = "pool_import"

    id: str = Field(primary_key=True)
    file: str
    by: str
    floor: str
    state: str = Field(index=True)
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    imported: int = 0
    skipped: int = 0
    problems: int = 0
    refusal: str = ""
