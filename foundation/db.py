"""The database as a calm place: one writer at a time, readers beside it, durable at commit.

A write transaction holds the write lock before its first read (`BEGIN IMMEDIATE` on SQLite,
an advisory lock on PostgreSQL); without it two use cases could decide on the same state and
one would fail at commit, or both would count from the same number.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NewType

from sqlalchemy import Connection, DateTime, MetaData, inspect
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel

from foundation.engines import (
    POSTGRESQL,
    DatabaseUnfit,
    DatabaseUnreachable,
    engines_of,
    unfit,
    url_of,
)

ReadSession = NewType("ReadSession", Session)
WriteSession = NewType("WriteSession", Session)

NAMES: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""How constraints are called, so that a later migration can name the one it changes."""

# Before the first table is declared: every module with tables imports this one.
SQLModel.metadata.naming_convention = NAMES


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite itself would drop the zone."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """With its zone where the database keeps one."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name == POSTGRESQL))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time has no place in the database")
        at = value.astimezone(UTC)
        return at if dialect.name == POSTGRESQL else at.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One database with a writing and a reading door.

    Args:
        where: a SQLite file, whose folder is made if missing, or a URL of SQLite or PostgreSQL.
        metadata: its tables.
    """

    def __init__(self, where: Path | str, metadata: MetaData = SQLModel.metadata) -> None:
        self.url = url_of(where)
        self._metadata = metadata
        self._writers = threading.RLock()
        self._writing = threading.local()
        self._engines = engines_of(self.url)
        if not self._engines.postgresql:
            self.path.parent.mkdir(parents=True, exist_ok=True)

    @property
    def path(self) -> Path:
        """The file of a SQLite database.

        Raises:
            LookupError: a server keeps it.
        """
        if self._engines.postgresql:
            raise LookupError(self.name)
        return Path(self.url.database or "")

    @property
    def name(self) -> str:
        """What it is called in words to people: no password, no file of somebody's home."""
        if self._engines.postgresql:
            return f"{self.url.host or 'local'}/{self.url.database}"
        return self.path.name

    @property
    def postgresql(self) -> bool:
        """Whether a server keeps it, and not a file."""
        return self._engines.postgresql

    def check(self) -> None:
        """Refuse a server's database that is away, or that can't be ours.

        Raises:
            DatabaseUnreachable: no connection.
            DatabaseUnfit: another encoding, another order of text, or no schema.
        """
        if not self.postgresql:
            return
        try:
            with self._engines.read.connect() as connection:
                why = unfit(connection)
        except OperationalError as away:
            line = str(away.orig).strip().splitlines()[0]
            raise DatabaseUnreachable(database=self.name, why=line) from away
        if why:
            raise DatabaseUnfit(database=self.name, why=why)

    def create_tables(self) -> None:
        """Make what is missing; existing tables stay as they are.

        For databases that live as long as one act. What lasts is made by migrations.
        """
        self._metadata.create_all(self._engines.write)

    @contextmanager
    def write(self) -> Iterator[WriteSession]:
        """A transaction that holds the write lock from its first moment.

        Raises:
            RuntimeError: the thread is already inside one; nesting would hide a
                second fact inside the first.
        """
        if getattr(self._writing, "inside", False):
            raise RuntimeError("a write transaction inside a write transaction")
        with self._writers, Session(self._engines.write, expire_on_commit=False) as db:
            self._writing.inside = True
            try:
                db.connection()  # begins: a session alone would wait for its first statement
                yield WriteSession(db)
                db.commit()
            finally:
                self._writing.inside = False

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """A consistent view of the last commit."""
        with Session(self._engines.read, expire_on_commit=False) as db:
            yield ReadSession(db)

    @contextmanager
    def scratch(self) -> Iterator[ReadSession]:
        """A view of the last commit with temporary tables beside it; all of it is rolled back.

        A reader may not write, and for both engines a temporary table is something written.
        No writer waits for it.
        """
        with Session(self._engines.read, expire_on_commit=False) as db:
            if self.postgresql:
                db.connection().exec_driver_sql("SET TRANSACTION READ WRITE")
                yield ReadSession(db)
                return
            db.connection().exec_driver_sql("PRAGMA query_only=OFF")
            try:
                yield ReadSession(db)
            finally:
                db.rollback()
                db.connection().exec_driver_sql("PRAGMA query_only=ON")

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """One writing transaction in which a migration may change tables."""
        with self._writers, self._engines.rebuild() as connection:
            yield connection

    def tables(self) -> set[str]:
        """Names of the tables that are there, ours or not."""
        with self.read() as db:
            return set(inspect(db.connection()).get_table_names())

    def close(self) -> None:
        """Give the files or connections back."""
        self._engines.dispose()
