"""The files of the server as they lay at one moment, searched when the names are known."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from draw_engine.persons import Person, Persons
from draw_engine.pool_generate import MARK
from foundation.db import Database
from foundation.keys import KeyRing
from foundation.settings import Settings
from tests.stories.server import Server


@dataclass
class Moment:
    """A copy of everything the server had written, keys left out."""

    folder: Path

    @classmethod
    def of(cls, server: Server, folder: Path) -> "Moment":
        """Copy the home and the log of a running server, write-ahead files too."""
        shutil.copytree(server.home, folder / "home", ignore=shutil.ignore_patterns("keys"))
        shutil.copy(server.log_path, folder / "service.log")
        return cls(folder)

    @property
    def files(self) -> list[Path]:
        """Every file of the copy."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    @property
    def names(self) -> set[str]:
        """What the files are called."""
        return {path.name for path in self.files}

    def where(self, text: str) -> list[str]:
        """Files that hold a text as UTF-8, UTF-16 or a JSON escape."""
        forms = (text.encode(), text.encode("utf-16-le"), text.encode("ascii", "backslashreplace"))
        return [
            path.name
            for path in self.files
            if any(form in data for data in (path.read_bytes(),) for form in forms)
        ]


def told_of(one: Person) -> tuple[str, ...]:
    """What would give somebody away: the name as it stands and without its mark, telephone, number.

    A bare name of two characters is no sign: an institute of the pool may be called so too, and
    as UTF-16 it is four bytes, which megabytes of sealed recordings hold by chance.
    """
    bare = one.name.removesuffix(MARK)
    names = (one.name, bare) if len(bare) > 2 else (one.name,)
    return (*names, one.phone, one.id_number)


def people(server: Server, expert_ids: list[str]) -> list[Person]:
    """Who they are, from the vault of a server that has ended."""
    settings = Settings(home=server.home)
    vault = Database(settings.vault_database)
    persons = Persons(vault, KeyRing(settings.keys / "vault").fields("persons"))
    return [persons.get(expert_id) for expert_id in expert_ids]  # type: ignore[arg-type]
