"""One process serves a folder and its databases; the system drops the lock if it dies."""

import fcntl
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from foundation.engines import POSTGRESQL, SERVICE, DatabaseUnreachable, prepare_postgresql, url_of
from foundation.errors import Kind, ServiceError

# A server needs a moment to notice that the one before us was killed.
TRIES: Final = 15
PAUSE_SECONDS: Final = 0.2


class AlreadyServed(ServiceError):
    """Another process serves this folder or its databases; each would think itself alone."""

    code = "foundation.already_served"
    kind = Kind.CONFLICT


class ServiceLock:
    """Held while one process serves.

    Args:
        home: its folder, locked as a file.
        databases: URLs or files of its databases. A server's database is locked there too, so
            that a second machine with a folder of its own is refused.
    """

    def __init__(self, home: Path, *databases: Path | str) -> None:
        self._path = home / "service.lock"
        self._urls = [url_of(one) for one in databases]
        self._held = ExitStack()

    def take(self) -> None:
        """Take the lock.

        Raises:
            AlreadyServed: another process holds it.
            DatabaseUnreachable: a server does not answer.
        """
        with ExitStack() as held:
            self._lock_folder(held)
            for url in self._urls:
                if url.get_backend_name() == POSTGRESQL:
                    engine = prepare_postgresql(create_engine(url, poolclass=NullPool))
                    try:
                        connection = held.enter_context(
                            engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                        )
                    except OperationalError as away:
                        line = str(away.orig).strip().splitlines()[0]
                        raise DatabaseUnreachable(database=str(url.database), why=line) from away
                    _lock_database(connection)
            self._held = held.pop_all()

    def release(self) -> None:
        """Let the next process in."""
        self._held.close()

    def _lock_folder(self, held: ExitStack) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = held.enter_context(self._path.open("w"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as busy:
            raise AlreadyServed from busy


def _lock_database(connection: Connection) -> None:
    """Held by the connection itself, which does nothing else."""
    connection.exec_driver_sql("SET idle_session_timeout = 0")
    ask = f"SELECT pg_try_advisory_lock({SERVICE}, hashtext(current_schema()))"
    for _ in range(TRIES):
        if connection.exec_driver_sql(ask).scalar():
            return
        time.sleep(PAUSE_SECONDS)
    raise AlreadyServed
