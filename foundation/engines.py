"""Two engines behind one contract: SQLite in a file, PostgreSQL by its URL.

Both give a writing engine whose transactions follow one another, each seeing what the one
before it made, and a reading engine that sees one commit and changes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

from foundation.errors import Kind, ServiceError

BUSY_SECONDS: Final = 20
POSTGRESQL: Final = "postgresql"

WRITER: Final = 0x65_78_70_77
SERVICE: Final = 0x65_78_70_73
"""Classes of advisory locks; the second number is the schema, so that two databases of ours
in two schemas do not wait for each other."""

ONE_WRITER: Final = f"SELECT pg_advisory_xact_lock({WRITER}, hashtext(current_schema()))"

# A server that never hears of a dead client would keep its locks for hours.
_POSTGRESQL_SESSION: Final = f"""
    SET TIME ZONE 'UTC';
    SET tcp_keepalives_idle = {BUSY_SECONDS};
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET lock_timeout = '{BUSY_SECONDS}s';
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'
"""
_SQLITE_SESSION: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "case_sensitive_like=ON",  # as PostgreSQL compares; a prefix then finds its index
)
_ORDER: Final = "-0A_aé中"
"""Characters by their bytes; a dictionary has them in another order."""


class DatabaseUnreachable(ServiceError):
    """No connection to the database; `why` is the driver's own line."""

    code = "foundation.database_unreachable"
    kind = Kind.UNAVAILABLE


class DatabaseUnfit(ServiceError):
    """The database sorts or stores text differently from what a draw's proof counts on."""

    code = "foundation.database_unfit"
    kind = Kind.INVALID


@dataclass(frozen=True, slots=True)
class Engines:
    """What a database is worked with."""

    url: URL
    write: Engine
    read: Engine

    @property
    def postgresql(self) -> bool:
        """Whether a server keeps it, and not a file."""
        return self.url.get_backend_name() == POSTGRESQL

    def dispose(self) -> None:
        """Close every connection."""
        self.write.dispose()
        self.read.dispose()

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """One writing transaction in which tables may be made anew.

        SQLite changes a table by copying it; with foreign keys on, dropping the old one
        would take the rows that point at it along.
        """
        if self.postgresql:
            with self.write.begin() as connection:
                yield connection
            return
        engine = _sqlite(self.url, "BEGIN IMMEDIATE", "foreign_keys=OFF")
        try:
            with engine.begin() as connection:
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise RuntimeError(f"rows of {broken[0]} point at nothing")
        finally:
            engine.dispose()


def url_of(where: Path | str) -> URL:
    """The URL of a file, or the URL that `where` is.

    Raises:
        ValueError: neither SQLite nor PostgreSQL.
    """
    if isinstance(where, Path):
        return URL.create("sqlite", database=str(where))
    url = make_url(where.replace("postgres://", "postgresql://", 1))
    if url.get_backend_name() == POSTGRESQL:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername != "sqlite" or not url.database:
        raise ValueError(f"no database of ours: {url.drivername}")
    return url


def engines_of(url: URL) -> Engines:
    """The engines behind a URL of `url_of`; nothing is opened yet."""
    if url.get_backend_name() == POSTGRESQL:
        return Engines(url, _postgresql(url, writes=True), _postgresql(url, writes=False))
    return Engines(
        url,
        _sqlite(url, "BEGIN IMMEDIATE", "query_only=OFF"),
        _sqlite(url, "BEGIN", "query_only=ON"),
    )


def prepare_postgresql(engine: Engine) -> Engine:
    """Have each new connection of an engine begin as ours do."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.execute(_POSTGRESQL_SESSION)
        connection.commit()

    return engine


def unfit(connection: Connection) -> str:
    """What keeps a PostgreSQL database from being ours; empty where it may.

    The order of ids is an input of a draw's proof, and Python, SQLite and the verifier
    compare bytes.
    """
    encoding, schema = connection.exec_driver_sql(
        "SELECT current_setting('server_encoding'), current_schema()"
    ).one()
    if encoding != "UTF8":
        return f"encoding {encoding}"
    if not schema:
        return "no schema"
    letters = ", ".join(f"('{one}')" for one in reversed(_ORDER))
    ordered = connection.exec_driver_sql(
        f"SELECT one FROM (VALUES {letters}) AS letters (one) ORDER BY one"  # noqa: S608 # ours
    ).scalars()
    return "" if "".join(ordered) == _ORDER else "order of text"


def _postgresql(url: URL, *, writes: bool) -> Engine:
    if not writes:
        engine = create_engine(
            url, pool_pre_ping=True, pool_size=5, max_overflow=15, isolation_level="REPEATABLE READ"
        )
        return prepare_postgresql(engine.execution_options(postgresql_readonly=True))
    engine = prepare_postgresql(create_engine(url, pool_pre_ping=True, pool_size=1, max_overflow=1))

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        # READ COMMITTED on purpose: a snapshot taken by this statement would be older than
        # the commit that it has waited for.
        connection.exec_driver_sql(ONE_WRITER)

    return engine


def _sqlite(url: URL, begin: str, *pragmas: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (*_SQLITE_SESSION, *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
