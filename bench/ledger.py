"""`ledger.append.vs_fdatasync` and `ledger.group_append`: durable appends, one and many."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.row import Row, interleaved, say
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner

PAGE = 4096
ONE_BY_ONE = 200
GROUP = 20_000


def bench() -> list[Row]:
    """Appends a second against what the disk can do, and bodies a second in one commit."""
    with tempfile.TemporaryDirectory(dir=_disk()) as name:
        folder = Path(name)
        database = Database(folder / "ledger.db")
        database.create_tables()
        clock = FixedClock(datetime(2026, 11, 2, tzinfo=UTC))
        signer = LogSigner("b.example/log", KeyRing(folder / "keys").signing("log"))
        books = Books(database, clock, signer)
        raw = (folder / "raw").open("wb")

        def appends() -> None:
            for number in range(ONE_BY_ONE):
                with books.write() as book:
                    book.append("bench/one", "bench.said", {"n": number})

        def syncs() -> None:
            # What a commit writes to the journal at least: the page of each of two tables.
            for _ in range(ONE_BY_ONE):
                raw.write(bytes(PAGE))
                raw.flush()
                os.fdatasync(raw.fileno())

        def group() -> None:
            with books.write() as book:
                book.append_many("bench/many", "bench.said", ({"n": n} for n in range(GROUP)))

        appends()
        group()
        ours, disk, many = interleaved(appends, syncs, group)
        raw.close()
        database.close()
    note = f"{ONE_BY_ONE / ours:.0f}/s against {ONE_BY_ONE / disk:.0f}/s"
    return [
        Row("ledger.append.vs_fdatasync", round(disk / ours, 3), "x", ">= 0.8", note),
        Row("ledger.group_append", round(GROUP / many), "/s", ">= 60000", f"{GROUP} a commit"),
    ]


def _disk() -> Path:
    folder = Path("var/bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    say(bench())
