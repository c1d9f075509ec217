"""A pool to play with: rows by a few words, both databases in a temporary folder."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from classification.service import ClassificationService
from draw_engine.core.columns import ExpertFacts, PoolColumns
from draw_engine.core.pool_record import PoolRecord
from draw_engine.core.request import DrawRequest, Party, SlotRequest
from draw_engine.expert_pool import ExpertPool
from draw_engine.persons import Persons
from draw_engine.pool_generate import generate
from draw_engine.pool_import import PoolImport
from draw_engine.vault_store import VAULT_METADATA
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.ids import ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from tests.stores.places import Stores, in_files

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@cache
def the_standard() -> ClassificationService:
    """The packaged standard; loading it takes a tenth of a second."""
    return ClassificationService.load()


def generated(n: int, seed: int = 1) -> list[PoolRecord]:
    """Generated records."""
    return list(generate(the_standard(), n, seed, TODAY))


@dataclass(eq=False)
class PoolBench:
    """Main database, vault's file, and the import between them."""

    books: Books
    vault: Database
    pool: ExpertPool
    persons: Persons
    importer: PoolImport
    clock: FixedClock
    home: Path

    def enrol(self, n: int, seed: int = 1) -> list[ExpertId]:
        """Put generated experts into the pool."""
        return self.importer.enrol(generated(n, seed), "acc")

    def close(self) -> None:
        """Give files back."""
        self.vault.close()
        self.books.database.close()


def open_pool(home: Path, stores: Stores | None = None, *, keys: Path | None = None) -> PoolBench:
    """Both databases in `home`, or where `stores` says; what is there stays.

    Args:
        keys: another folder for the vault's keys.
    """
    there = stores or in_files(home)
    main, vault = Database(there.main), Database(there.vault, VAULT_METADATA)
    main.create_tables()
    vault.create_tables()
    sealing, own, clock = KeyRing(keys or home / "keys"), KeyRing(home / "keys"), FixedClock(NOW)
    books = Books(main, clock, LogSigner("test.example/log", own.signing("log")))
    pool, persons = ExpertPool(books), Persons(vault, sealing.fields("persons"))
    importer = PoolImport(pool, persons, the_standard(), clock)
    return PoolBench(books, vault, pool, persons, importer, clock, home)


AN_EXPERT = ExpertFacts(
    ExpertId("ex_000"), 1, 110000, "U0", "U0", "2018", ("A080205",), "高级职称",
    date(2030, 1, 1), datetime(2020, 1, 1, tzinfo=UTC),
)  # fmt: skip


def an_expert(number: int, **changes: Any) -> ExpertFacts:
    """One expert, ordinary but for `changes`; each has an employer of their own."""
    own = {"expert_id": ExpertId(f"ex_{number:03d}"), "employer": f"U{number}"}
    own |= {"group": changes.get("employer", f"U{number}")}
    return replace(AN_EXPERT, **(own | changes))


def columns(*experts: ExpertFacts) -> PoolColumns:
    """The columns of some experts."""
    return PoolColumns.of("2018", experts)


def slot(*codes: str, seats: int = 1, regions: tuple[int, ...] = ()) -> SlotRequest:
    """A slot; codes without their version."""
    return SlotRequest(tuple(f"2018:{code}" for code in codes), seats, regions)


def a_request(*slots: SlotRequest, **changes: Any) -> DrawRequest:
    """A request for five: four drawn and the owner's representative, unless changed."""
    request = DrawRequest(
        request_key="k",
        filed_by="acc",
        project_code="P-1",
        project_name="工程",
        section="1",
        regime="ZB",
        purpose="EVALUATE",
        slots=slots or (slot("A08", seats=4),),
        committee_size=5,
        owner_representatives=("acc_owner",),
        parties=(Party("procuring_entity", "OWNER", "业主"), Party("bidder", "BIDDER", "投标人")),
        draw_at=NOW,
        latest_draw_at=NOW,
        starts_at=NOW,
        unseal_after=NOW,
        place="1 号厅",
        contact="值班室",
    )
    return replace(request, **changes)
