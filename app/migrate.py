"""Brings a database to the tables that this program knows, or says why it may not.

Each database has a chain of revisions (`app/migrations/versions`) and writes down the
newest one it has gone through. The first revision makes only what is missing, so that a
database from before there were revisions joins the chain with its rows.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from app.errors import SchemaAhead, SchemaBehind, SchemaDiffers, SchemaForeign
from draw_engine.vault_store import VAULT_METADATA
from foundation.db import Database

FOLDER: Final = Path(__file__).parent / "migrations"
SHAPE: Final = {"add_table", "remove_table", "add_column", "remove_column"}
"""Differences that a program can't work with; a constraint without a name is none."""


@dataclass(frozen=True)
class Chain:
    """The revisions of one kind of database; `metadata` is what the newest one leads to."""

    name: str
    metadata: MetaData
    version_table: str
    folder: Path


# It tells at each look which kind of database it sees.
logging.getLogger("alembic").setLevel(logging.WARNING)

VERSIONS: Final = FOLDER / "versions"
MAIN: Final = Chain("main", SQLModel.metadata, "alembic_version", VERSIONS / "main")
VAULT: Final = Chain("vault", VAULT_METADATA, "vault_alembic_version", VERSIONS / "vault")


class Standing(StrEnum):
    """Where a database stands on its chain."""

    EMPTY = "empty"
    UNMARKED = "unmarked"
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"
    FOREIGN = "foreign"


def fit(database: Database, chain: Chain, *, demonstration: bool) -> None:
    """Have the database ready for a start, or refuse the start.

    An empty database is filled. A demonstration goes on by itself; a real service leaves
    that moment, and the copy before it, to a person.

    Raises:
        SchemaBehind: a real service's database needs `expert-draw migrate`.
        SchemaAhead, SchemaForeign, SchemaDiffers: as `bring_up`.
    """
    match standing(database, chain):
        case Standing.CURRENT:
            return
        case Standing.BEHIND | Standing.UNMARKED if not demonstration:
            raise SchemaBehind(database=database.name)
        case _:
            bring_up(database, chain)


def bring_up(database: Database, chain: Chain) -> tuple[str, str]:
    """Take the database to the newest revision, in one transaction; the revisions before, after.

    Raises:
        SchemaAhead: a newer program has worked on it.
        SchemaForeign: it holds tables of somebody else.
        SchemaDiffers: an unmarked database whose tables are not those of a program of ours.
    """
    before = standing(database, chain)
    if before is Standing.AHEAD:
        raise SchemaAhead(database=database.name)
    if before is Standing.FOREIGN:
        raise SchemaForeign(database=database.name)
    was = ", ".join(sorted(_marked(database, chain)))
    with database.rebuild() as connection:
        try:
            command.upgrade(config(chain, connection), "head")
        except DatabaseError as unlike:
            if before is Standing.UNMARKED:
                raise SchemaDiffers(database=database.name) from unlike
            raise
        if before is Standing.UNMARKED and differences(connection, chain):
            raise SchemaDiffers(database=database.name)
    return was, newest(chain)


def standing(database: Database, chain: Chain) -> Standing:
    """Where the database stands."""
    marked = _marked(database, chain)
    if marked:
        if any(not _knows(chain, revision) for revision in marked):
            return Standing.AHEAD
        return Standing.CURRENT if marked == {newest(chain)} else Standing.BEHIND
    there = database.tables() - {chain.version_table}
    if there - chain.metadata.tables.keys():
        return Standing.FOREIGN
    return Standing.UNMARKED if there else Standing.EMPTY


def differences(connection: Connection, chain: Chain) -> list[str]:
    """Tables and columns that are not as this program has them."""
    context = MigrationContext.configure(
        connection, opts={"version_table": chain.version_table, "compare_type": False}
    )
    found = [one for one in compare_metadata(context, chain.metadata) if isinstance(one, tuple)]
    return [str(one) for one in found if one[0] in SHAPE]


def newest(chain: Chain) -> str:
    """The revision that the program is written for."""
    return str(_scripts(chain).get_current_head())


def config(chain: Chain, connection: Connection, **attributes: Any) -> Config:
    """What Alembic's commands take."""
    made = Config()
    # A percent sign in a folder's name would be read as a reference.
    for name, path in (("script_location", FOLDER), ("version_locations", chain.folder)):
        made.set_main_option(name, str(path).replace("%", "%%"))
    made.set_main_option("path_separator", "newline")
    made.attributes.update(chain=chain, connection=connection, **attributes)
    return made


def _marked(database: Database, chain: Chain) -> set[str]:
    with _looking(database, chain) as context:
        return set(context.get_current_heads())


@contextmanager
def _looking(database: Database, chain: Chain) -> Iterator[MigrationContext]:
    with database.read() as db:
        opts = {"version_table": chain.version_table}
        yield MigrationContext.configure(db.connection(), opts=opts)


def _knows(chain: Chain, revision: str) -> bool:
    try:
        return _scripts(chain).get_revision(revision) is not None
    except CommandError:
        return False


@cache
def _scripts(chain: Chain) -> ScriptDirectory:
    return ScriptDirectory(FOLDER, version_locations=[str(chain.folder)])
