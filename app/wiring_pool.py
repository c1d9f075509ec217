"""Wires the expert pool: facts in the main database, persons in the vault's own file.

The service and the command line open it the same way, so that both seal persons with the
same key.
"""

from dataclasses import dataclass

from classification.service import ClassificationService
from draw_engine.expert_pool import ExpertPool
from draw_engine.persons import Persons
from draw_engine.pool_desk import ImportDesk
from draw_engine.pool_import import PoolImport
from draw_engine.pool_records import ImportRecord
from foundation.clock import Clock
from foundation.db import Database
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.settings import Settings


@dataclass(frozen=True, slots=True)
class PoolParts:
    """The pool, who its people are, and the way in. `vault_keys` is the vault's own folder.

    `cut_off`: imports that the process before did not finish; they have been taken back.
    """

    pool: ExpertPool
    persons: Persons
    importer: PoolImport
    desk: ImportDesk
    cut_off: tuple[ImportRecord, ...]
    vault_database: Database
    vault_keys: KeyRing

    def close(self) -> None:
        """Cut off a running import; give the vault's file back."""
        self.desk.close()
        self.vault_database.close()


def build_pool(
    settings: Settings,
    vault: Database,
    books: Books,
    classification: ClassificationService,
    clock: Clock,
) -> PoolParts:
    """Join both halves; what a crash left of an import is taken back here."""
    keys = KeyRing(settings.keys / "vault")
    pool = ExpertPool(
        books, classification.catalogue.version, columns_file=settings.home / "pool.columns"
    )
    persons = Persons(vault, keys.fields("persons"))
    persons.index_phones()
    persons.index_names()
    importer = PoolImport(pool, persons, classification, clock)
    cut_off = importer.recover()
    importer.clean_orphans()
    desk = ImportDesk(importer, clock)
    return PoolParts(pool, persons, importer, desk, tuple(cut_off), vault, keys)
