"""SQLite as a calm place: one writer at a time, readers beside it, durable at commit.

`BEGIN IMMEDIATE` takes the write lock before the first read of a use case; with a deferred
transaction two use cases could decide on the same state and one would fail at commit.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NewType

from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from foundation.errors import Kind, ServiceError

ReadSession = NewType("ReadSession", Session)
WriteSession = NewType("WriteSession", Session)

BUSY_SECONDS = 20


class AlreadyServed(ServiceError):
    """Another process serves this folder; two would each believe they are the only writer."""

    code = "foundation.already_served"
    kind = Kind.CONFLICT


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite itself would drop the zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time has no place in the database")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class Database:
    """One SQLite file with a writing and a reading door.

    Args:
        path: the file; its folder is made if missing.
        metadata: tables to create where they are missing.
    """

    def __init__(self, path: Path, metadata: MetaData = SQLModel.metadata) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._metadata = metadata
        self._writers = threading.RLock()
        self._writing = threading.local()
        self._write_engine = _engine(path, "BEGIN IMMEDIATE")
        self._read_engine = _engine(path, "BEGIN")

    def create_tables(self) -> None:
        """Make what is missing; existing tables stay as they are."""
        self._metadata.create_all(self._write_engine)

    @contextmanager
    def write(self) -> Iterator[WriteSession]:
        """A transaction that holds the write lock from its first moment.

        Raises:
            RuntimeError: the thread is already inside one; nesting would hide a
                second fact inside the first.
        """
        if getattr(self._writing, "inside", False):
            raise RuntimeError("a write transaction inside a write transaction")
        with self._writers, Session(self._write_engine, expire_on_commit=False) as db:
            self._writing.inside = True
            try:
                yield WriteSession(db)
                db.commit()
            finally:
                self._writing.inside = False

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """A consistent view of the last commit."""
        with Session(self._read_engine, expire_on_commit=False) as db:
            yield ReadSession(db)

    def close(self) -> None:
        """Give the files back."""
        self._write_engine.dispose()
        self._read_engine.dispose()


class ServiceLock:
    """Held while one process serves a folder; the system drops it if the process dies."""

    def __init__(self, home: Path) -> None:
        self._path = home / "service.lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            AlreadyServed: another process holds it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            file.close()
            raise AlreadyServed from held
        self._file = file

    def release(self) -> None:
        """Let the next process in."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _engine(path: Path, begin: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
