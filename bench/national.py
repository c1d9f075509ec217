"""A national pool: 1,000,000 generated experts in real databases, made once and kept.

Specialties and employers follow the law of `expert-draw pool generate`; the rows go in
through the pool's own service, so what is measured reads what an import would have left.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from app.demo.stamp import DEMONSTRATION_ORIGIN, agree, put, read_stamp
from app.migrate import MAIN, VAULT, fit
from classification.service import ClassificationService
from draw_engine.core.columns import ExpertFacts
from draw_engine.expert_pool import ExpertPool, Organisation
from draw_engine.freezing import SnapshotKeeper
from draw_engine.persons import Person, Persons
from draw_engine.record import Record
from draw_engine.vault import Vault
from draw_engine.vault_store import VAULT_METADATA
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.ids import ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner

EXPERTS: Final = 1_000_000
AT_ONCE: Final = 50_000
NOW: Final = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
FOLDER: Final = Path("var/bench/national")
SLOTS: Final = ("A0408", "A0506", "C1202", "A0806", "A0602")
"""Five subtrees of the second level with about 257,000 who may be drawn."""


@dataclass(frozen=True, slots=True)
class Nation:
    """The opened pool."""

    home: Path
    clock: FixedClock
    database: Database
    books: Books
    pool: ExpertPool
    persons: Persons
    vault: Vault
    keeper: SnapshotKeeper


def nation(experts: int = EXPERTS) -> Nation:
    """The pool of `experts`, made now if it is not there."""
    folder = FOLDER if experts == EXPERTS else FOLDER.with_name(f"national-{experts}")
    filled, whole = folder / "filled", folder / "whole"
    if not filled.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _fill(_opened(folder), experts)
        filled.touch()
    made = _opened(folder)
    if not whole.exists():
        # A stage of its own: whoever stops the bench here does not fill the pool again.
        made.keeper.take()
        made.pool.columns()
        whole.touch()
    return made


def organisation_code(number: int) -> str:
    """The credit code of the n-th employer."""
    return f"91110000GEN{number:05d}X9"


def leaves() -> list[str]:
    """Codes of the standard below which there is nothing."""
    standard = ClassificationService.load().catalogue
    return sorted(line.code.code for line in standard if standard.is_leaf(line.code))


def _opened(folder: Path) -> Nation:
    folder.mkdir(parents=True, exist_ok=True)
    clock = FixedClock(NOW)
    database = Database(folder / "main.db")
    fit(database, MAIN, demonstration=True)
    vault_database = Database(folder / "vault.db", VAULT_METADATA)
    fit(vault_database, VAULT, demonstration=True)
    keys, vault_keys = KeyRing(folder / "keys"), KeyRing(folder / "keys" / "vault")
    books = Books(database, clock, LogSigner(DEMONSTRATION_ORIGIN, keys.signing("log")))
    put(books, agree(read_stamp(database), demonstration=True, origin=""))
    pool = ExpertPool(books, columns_file=folder / "pool.columns")
    persons = Persons(vault_database, vault_keys.fields("persons"))
    vault = Vault(vault_database, vault_keys, persons, clock)
    keeper = SnapshotKeeper(Record(books), pool, vault)
    return Nation(folder, clock, database, books, pool, persons, vault, keeper)


def _fill(made: Nation, experts: int) -> None:
    chance = np.random.default_rng(20261102)
    known = leaves()
    weights = 1 / (np.arange(1, len(known) + 1) + 6) ** 1.25
    ranked = np.random.default_rng(1).permutation(len(known))
    employers = max(40, experts // 12)
    for first in range(0, experts, AT_ONCE):
        n = min(AT_ONCE, experts - first)
        counts = chance.integers(1, 5, n)
        drawn = ranked[chance.choice(len(known), counts.sum(), p=weights / weights.sum())]
        codes = np.split(drawn, np.cumsum(counts)[:-1])
        who = chance.integers(0, employers, n)
        regions, days = chance.integers(0, 31, n), chance.integers(-20, 980, n)
        facts, people = [], []
        for at in range(n):
            id_ = ExpertId(f"ex_{first + at:022d}")
            group = int(who[at]) if who[at] % 3 != 2 else int(who[at]) // 9 * 3
            facts.append(
                ExpertFacts(
                    expert_id=id_,
                    version=1,
                    region=110000 + 10000 * int(regions[at]),
                    employer=organisation_code(int(who[at])),
                    group=organisation_code(group),
                    classification="2018",
                    codes=tuple(sorted({known[code] for code in codes[at]})),
                    title=("高级职称", "正高级职称")[int(who[at]) % 2],
                    valid_to=date(2026, 11, 2) + timedelta(days=int(days[at])),
                    admitted_at=NOW - timedelta(days=400),
                    generated=True,
                )
            )
            number = f"110101{19600000 + at % 9999:08d}{first + at:07d}"
            people.append(Person(id_, "赵文明（生成）", number, f"154{first + at:08d}", True))
        made.persons.add_many(people)
        made.pool.enrol(facts, _organisations(employers) if first == 0 else [], "act_bench")


def _organisations(count: int) -> list[Organisation]:
    return [
        Organisation(
            organisation_code(number),
            f"示范设计院{number:05d}（生成）",
            organisation_code(number if number % 3 != 2 else number // 9 * 3),
        )
        for number in range(count)
    ]
