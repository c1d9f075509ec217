"""The baseline's database, filled from the national pool; its SQL stands in baseline.sql."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench.national import SLOTS, Nation

SQL: Final = Path(__file__).with_name("baseline.sql").read_text(encoding="utf-8")
TABLES, INDEX, SLOT = (
    part.partition("\n")[2] for part in SQL.replace("-- once", "-- one slot").split("-- one slot")
)


class Baseline:
    """One open connection; its pages stay in the system's cache, hence warm."""

    def __init__(self, nation: Nation, key: str) -> None:
        self._key = key
        path = nation.home.parent / f"baseline-{key.lower()}.db"
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA cache_size=-200000")
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name='code_expert'").fetchone():
            self._db.close()
            path.unlink()
            self._db = sqlite3.connect(path, isolation_level=None)
            self._fill(nation)

    def change(self, standings: dict[str, int], units: Iterable[str]) -> None:
        """The standings and conflicts of the next draw; nobody else has any."""
        self._db.execute("BEGIN")
        self._db.execute("UPDATE expert SET standing = 0 WHERE standing <> 0")
        self._db.executemany(
            "UPDATE expert SET standing = ? WHERE id = ?",
            [(why, self._id(one)) for one, why in standings.items()],
        )
        self._db.execute("DELETE FROM conflict")
        self._db.executemany("INSERT INTO conflict VALUES (?)", [(unit,) for unit in units])
        self._db.execute("COMMIT")

    def draw(self, day: str, quarantine: str) -> list[list[object]]:
        """One committee: one member for each slot."""
        found = []
        for code in SLOTS:
            asked = {"code": code, "beyond": code + "~", "day": day, "quarantine": quarantine}
            found.append([row[0] for row in self._db.execute(SLOT, asked | {"seats": 1})])
        return found

    def _id(self, expert: str) -> object:
        return expert if self._key == "TEXT" else int(expert.partition("_")[2])

    def _fill(self, nation: Nation) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(TABLES.format(key=self._key))
        self._db.execute("BEGIN")
        for facts in nation.pool.batches():
            self._db.executemany(
                "INSERT INTO expert VALUES (?, ?, ?, ?, ?, ?, 0)",
                [
                    (
                        self._id(one.expert_id), one.employer, one.group, one.region,
                        one.valid_to.isoformat(), one.admitted_at.date().isoformat(),
                    )
                    for one in facts
                ],
            )  # fmt: skip
            self._db.executemany(
                "INSERT INTO expert_specialty VALUES (?, ?)",
                [(code, self._id(one.expert_id)) for one in facts for code in one.codes],
            )
        self._db.execute("COMMIT")
        self._db.executescript(INDEX)
