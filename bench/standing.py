"""`standing.check.1m` and `standing.crosscheck`: a national pool asked at once, and checked.

The mask is asked with something on record about 10 % of the experts; the note tells 1 %. The
cross-check reads a list of 200,000 rows in a process that has taken it; people bear about
100,000 different names, so that a name has some ten bearers, and a fifth of the list prints
its numbers with stars.
"""

import csv
import gc
import io
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from app.wiring_lists import list_words
from bench.row import Row, interleaved, say, timed
from blacklist.core.facts import Departure, ExitRequest, Fact, Measure
from blacklist.core.grounds import ExitKind, Kind
from blacklist.core.list_columns import HEADINGS
from blacklist.core.mask import StandingColumns
from blacklist.core.outside_list import Source
from blacklist.list_intake import About
from blacklist.list_service import ListService
from draw_engine.list_persons import ListPersons
from draw_engine.persons import Person, Persons
from draw_engine.pool_generate import GIVEN, MARK, SURNAMES
from draw_engine.pool_sheets import Source as SheetSource
from draw_engine.vault_store import VAULT_METADATA
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.ids import AccountId, ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner

EXPERTS: Final = 1_000_000
LISTED: Final = 200_000
FOUND: Final = 4_000
AT_ONCE: Final = 50_000
NOW: Final = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
TODAY: Final = date(2026, 11, 2)
FOLDER: Final = Path("var/bench/standing")
COUNTIES: Final = ("110101", "310101", "440103", "510104", "630102", "420102")
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def bench() -> list[Row]:
    """Both rows."""
    return [check_row(), crosscheck_row()]


def check_row() -> Row:
    """Milliseconds of one mask."""
    order = {ExpertId(f"ex_{n:07d}"): n for n in range(EXPERTS)}
    many, few = (StandingColumns.of(_facts(share), order) for share in (10, 100))
    day = TODAY + timedelta(days=5)
    assert np.count_nonzero(many.reasons(NOW, day)) > EXPERTS // 20
    del order
    gc.collect()
    ten, one = interleaved(lambda: many.reasons(NOW, day), lambda: few.reasons(NOW, day))
    note = f"10 % of the experts have something on record; 1 %: {one * 1000:.1f} ms"
    return Row("standing.check.1m", round(ten * 1000, 1), "ms", "<= 150", note)


def crosscheck_row() -> Row:
    """Seconds of one cross-check; the intake of the list stands in the note."""
    if not (FOLDER / "whole").exists():
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        _fill()
        (FOLDER / "whole").touch()
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as name:
        folder = Path(name)
        # beside the pool that is kept, so that the next run finds it as it was
        for one in FOLDER.glob("vault.db*"):
            shutil.copy(one, folder)
        shutil.copytree(FOLDER / "keys", folder / "keys")
        lists = _lists(folder)
        file = io.BytesIO(_file())
        about = About(Source.COURT, "某法院（生成）", TODAY)
        by = AccountId("acc")
        taking = timed(lambda: lists.intake.take(file, about, skip_bad=False, by=by))
        before = time.process_time()
        seconds = timed(lists.crosscheck.run)
        own = time.process_time() - before
        check = lists.checks()[0]
        assert check.exact == FOUND, check
    note = f"n = 1; {own:.0f} s of the processor; taking the list {taking:.0f} s before"
    return Row("standing.crosscheck", round(seconds, 1), "s", "<= 60", note)


def _facts(share: int) -> Iterator[Fact]:
    """Something on record about one expert of `share`, in turn of each kind."""
    at = NOW - timedelta(days=30)
    for n in range(0, EXPERTS, share):
        who, turn = ExpertId(f"ex_{n:07d}"), n // share % 10
        if turn == 0:
            yield Departure("dp", who, ExitKind.REMOVED, "other", "b", "d", "a", "b", at)
        elif turn == 1:
            yield ExitRequest("xr", who, "age", "", "a", at, release_on=TODAY + timedelta(days=9))
        else:
            kind = (Kind.SUSPENDED, Kind.LEAVE, Kind.BAD_RECORD, Kind.CRIMINAL_PENALTY)[turn % 4]
            ends = TODAY + timedelta(days=turn * 10 - 30)
            yield Measure(
                "bl", who, kind, "leak", "b", "d", TODAY - timedelta(days=40), ends, "a", at
            )


def _name(n: int) -> str:
    rest, first = divmod(n, len(SURNAMES))
    second, third = rest % len(GIVEN), rest // len(GIVEN) % len(GIVEN)
    return f"{SURNAMES[first]}{GIVEN[second]}{GIVEN[third] if n % 5 else ''}{MARK}"


def _number(n: int) -> str:
    """The n-th of many numbers with their check digits."""
    born = date(1950, 1, 1) + timedelta(days=n // 6 % 20_000)
    order = n // 120_000 % 900 + 100
    plain = f"{COUNTIES[n % 6]}{born:%Y%m%d}{order:03d}"
    rest = sum(int(one) * weight for one, weight in zip(plain, WEIGHTS, strict=True)) % 11
    return plain + "10X98765432"[rest]


def _shuffled(n: int) -> int:
    """Some other name, for the n-th person."""
    return n * 7919 % (len(SURNAMES) * len(GIVEN) ** 2)


def _fill() -> None:
    vault = Database(FOLDER / "vault.db", VAULT_METADATA)
    vault.create_tables()
    persons = Persons(vault, KeyRing(FOLDER / "keys").fields("persons"))
    for first in range(0, EXPERTS, AT_ONCE):
        persons.add_many(
            [
                Person(
                    ExpertId(f"ex_{n:07d}"), _name(_shuffled(n)), _number(n), f"154{n:08d}", True
                )
                for n in range(first, first + AT_ONCE)
            ]
        )
    vault.close()


def _file() -> bytes:
    """2 % in the pool by number; of the rest 20 % with stars and 2 % without a number."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for n in range(LISTED):
        known = n < FOUND
        who = n * 229 if known else EXPERTS + n
        number = _number(who)
        if not known and n % 5 == 0:
            number = number[:4] + "*" * 10 + number[-4:]
        elif not known and n % 50 == 1:
            number = ""
        document = f"（2026）某刑初 {n} 号"
        writer.writerow(
            (_name(_shuffled(who)), number, "刑事处罚", "受到刑事处罚", document, "2026-03-01", "")
        )
    return out.getvalue().encode()


def _lists(folder: Path) -> ListService:
    keys, clock = KeyRing(folder / "keys").fields("persons"), FixedClock(NOW)
    main = Database(folder / "main.db")
    main.create_tables()
    books = Books(main, clock, LogSigner("bench.example/log", KeyRing(folder).signing("log")))
    vault = Database(folder / "vault.db", VAULT_METADATA)
    vault.create_tables()
    return ListService(
        books,
        clock,
        ListPersons(vault, keys, Persons(vault, keys)),
        read=SheetSource,
        words=list_words(),
        experts=lambda: EXPERTS,
        propose=lambda _: "",
        drawn_since=lambda _expert, _day: (),
    )


if __name__ == "__main__":
    say(bench())
