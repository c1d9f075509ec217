"""Where a test keeps its two databases: in files, or each in a database of the test server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

from app.migrate import Chain, bring_up
from app.wiring import databases
from foundation.db import Database
from foundation.settings import Settings

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
ENGINES: Final = (SQLITE, POSTGRESQL)


@dataclass
class Stores:
    """The databases of one test; each is made when it is first asked for."""

    home: Path
    make: Callable[[str], Path | str]
    made: dict[str, Path | str] = field(default_factory=dict)

    @property
    def main(self) -> Path | str:
        """File or URL of the main database."""
        return self._one("main")

    @property
    def vault(self) -> Path | str:
        """File or URL of the vault's."""
        return self._one("vault")

    def settings(self) -> dict[str, Any]:
        """What a service needs to be told; nothing where the files are where it looks."""
        named = {"database_url": self.main, "vault_database_url": self.vault}
        return {name: where for name, where in named.items() if isinstance(where, str)}

    def _one(self, name: str) -> Path | str:
        if name not in self.made:
            self.made[name] = self.make(name)
        return self.made[name]


def in_files(home: Path) -> Stores:
    """Both databases in files of `home`."""
    return Stores(home, lambda name: home / f"{name}.db")


class Cluster:
    """The test server: one template of each kind of database, and quick copies of them."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._mark = uuid4().hex[:8]
        self._copies = 0
        self._templates: dict[str, str] = {}

    def copy(self, kind: str) -> str:
        """The URL of a new database with the tables of `kind`."""
        if kind not in self._templates:
            self._templates[kind] = self._template(kind)
        return self.empty(self._templates[kind])

    def empty(self, template: str = "template0", encoding: str = "UTF8") -> str:
        """The URL of a new database, a copy of `template`."""
        self._copies += 1
        name = f"xd_{self._mark}_{self._copies}"
        as_ours = f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
        self._do(f"CREATE DATABASE {name} {as_ours} TEMPLATE {template}")
        return self.url(name)

    def url(self, name: str) -> str:
        """Where a database of the server is reached."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop(self, where: Path | str) -> None:
        """Remove a database and whoever is still connected."""
        self._do(f"DROP DATABASE IF EXISTS {make_url(str(where)).database} WITH (FORCE)")

    def close(self) -> None:
        """Remove the templates."""
        for name in self._templates.values():
            self.drop(self.url(name))

    def _template(self, kind: str) -> str:
        [chain] = [one for one in databases(Settings()) if one.name == kind]
        where = self.empty()
        migrated(where, chain).close()
        return str(make_url(where).database)

    def _do(self, statement: str) -> None:
        url = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def at(where: Path | str, chain: Chain) -> Iterator[Database]:
    """A database as it is."""
    database = Database(where, chain.metadata)
    try:
        yield database
    finally:
        database.close()


def migrated(where: Path | str, chain: Chain) -> Database:
    """A database that has gone through every migration."""
    database = Database(where, chain.metadata)
    bring_up(database, chain)
    return database
