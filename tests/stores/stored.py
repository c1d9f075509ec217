"""All that a database holds, as somebody who copied it would look through it."""

from sqlalchemy import text

from foundation.db import Database


def everything(*databases: Database) -> bytes:
    """The bytes of the files; of a server's database, those of every row of every table."""
    return b"\0".join(_of_server(one) if one.postgresql else _of_file(one) for one in databases)


def _of_file(database: Database) -> bytes:
    path = database.path
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def _of_server(database: Database) -> bytes:
    with database.read() as db:
        rows = [
            row
            for table in sorted(database.tables())
            for row in db.connection().execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 # its own name
        ]
    return b"\0".join(
        one if isinstance(one, bytes) else str(one).encode() for row in rows for one in row
    )
