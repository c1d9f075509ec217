"""The import of experts: every bad cell is named in one pass, and the file is all or nothing.

Names part from facts here: persons go to the vault's file, facts to the main database.
Two files cannot commit as one, and one commit of a million rows would keep every other
writer waiting. So a file goes in portions that nobody sees, persons first; one short
commit at the end puts all of them into the pool, with the entry and the record of the
import. Until that commit a crash leaves people whom no draw can reach, and the next start
takes them back and says so.
"""

import io
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Final

from classification.service import ClassificationService
from draw_engine import pool_records as records
from draw_engine.core.pool_record import PoolRecord
from draw_engine.expert_pool import ExpertPool
from draw_engine.persons import Persons
from draw_engine.pool_cells import portions
from draw_engine.pool_check import Checked, Checker, Problem
from draw_engine.pool_columns import COLUMNS
from draw_engine.pool_intake import Halves, Intake
from draw_engine.pool_records import ImportInterrupted, ImportRecord
from draw_engine.pool_sheets import Source
from foundation.clock import Clock
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId

PORTION: Final = 10_000
STEP: Final = 500
MOST_NAMED: Final = 50_000
HEADINGS: Final = tuple(column.heading for column in COLUMNS)
REQUIRED: Final = tuple(column.heading for column in COLUMNS if column.required)

Progress = Callable[[str, int, int], None]
"""Told the phase (`checking`, `completing`), how many rows are done, and of how many."""


Outside = Callable[[Iterable[str]], Collection[str]]
"""Those of some identity numbers that stand on an outside list in force."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did; `problems` is empty unless bad rows were skipped.

    `listed`: sheet and row of those who were enrolled and stand on an outside list; a person
    deals with them.
    """

    imported: int
    skipped: int
    problems: tuple[Problem, ...]
    listed: tuple[tuple[str, int], ...] = ()


class ImportRefused(ServiceError):
    """Some rows are bad and nothing was imported; `beside` lists every one of them.

    Past 50 000 bad cells the rest are counted and not listed.
    """

    code = "pool.import_refused"
    kind = Kind.INVALID

    def __init__(self, problems: Sequence[Problem], rows: int, cells: int) -> None:
        super().__init__(rows=rows, problems=cells)
        self.problems = tuple(problems)
        self.beside: dict[str, Any] = {"problems": [asdict(one) for one in problems]}


class NothingToImport(ServiceError):
    """The file has the right columns and no expert below them."""

    code = "pool.nothing_to_import"
    kind = Kind.INVALID


class PoolImport:
    """Takes files of experts into the pool, one at a time."""

    def __init__(
        self,
        pool: ExpertPool,
        persons: Persons,
        classification: ClassificationService,
        clock: Clock,
    ) -> None:
        self._classification = classification
        self.outside: Outside = lambda _: ()
        version = classification.catalogue.version
        self._halves = Halves(pool, persons, clock, version)

    @property
    def one_at_a_time(self) -> threading.Lock:
        """Held while an import runs."""
        return self._halves.one_at_a_time

    def source(self, file: BinaryIO) -> Source:
        """Look at a file as a whole.

        Raises:
            NotAWorkbook, FileTooLarge, HeaderMissing: it is unfit.
        """
        return Source(file, HEADINGS, REQUIRED)

    def run(
        self,
        data: bytes | BinaryIO | Source,
        *,
        skip_bad: bool,
        by: str,
        name: str = "",
        id_: str = "",
        progress: Progress | None = None,
        stop: threading.Event | None = None,
    ) -> Outcome:
        """Import a workbook or CSV.

        Args:
            skip_bad: take the good rows even if others are bad.
            by: the account that answers for it.
            name: the file's name, for the record of imports.
            id_: the id of that record, where the caller has given it one already.
            stop: once set, the import is cut off at the next portion.

        Raises:
            NotAWorkbook, FileTooLarge, HeaderMissing: the file as a whole is unfit.
            NothingToImport: no rows.
            ImportRefused: a row is bad and `skip_bad` is not set; nothing was imported.
            ImportRunning: another import runs.
            ImportInterrupted: `stop` was set.
        """
        tell = progress or _silent
        if isinstance(data, bytes):
            data = io.BytesIO(data)
        source = data if isinstance(data, Source) else self.source(data)
        checker = Checker(self._classification, self._halves.persons, self._halves.pool.groups())
        tally = _Tally()
        with Intake(self._halves, name, by, id_) as intake:
            for portion in portions(source.lines(), PORTION):
                rows: list[Checked] = []
                for lines in portions(portion, STEP):
                    if stop is not None and stop.is_set():
                        raise ImportInterrupted(file=name, at=intake.began_at.isoformat())
                    rows += checker.check(lines)
                    done = tally.lines + len(rows)
                    tell("checking", done, max(source.rows, done))
                tally.add([row.problems for row in rows])
                if skip_bad or not tally.cells:
                    good = [row for row in rows if not row.problems]
                    intake.add([row.record() for row in good])
                    tally.look(good, self.outside)
            if not tally.lines:
                raise NothingToImport
            if tally.cells and not skip_bad:
                raise ImportRefused(tally.problems, tally.rows, tally.cells)
            tell("completing", tally.lines, tally.lines)
            intake.complete(tally.rows, tally.cells)
        taken = tally.lines - tally.rows
        return Outcome(taken, tally.rows, tuple(tally.problems), tuple(tally.listed))

    def enrol(
        self,
        people: Iterable[PoolRecord],
        by: str,
        name: str = "",
        progress: Progress | None = None,
    ) -> list[ExpertId]:
        """Put checked records into both databases; returns their new ids in order.

        Raises:
            IntegrityError: somebody is enrolled already; nothing is kept.
            ImportRunning: another import runs.
        """
        tell, ids = progress or _silent, list[ExpertId]()
        with Intake(self._halves, name, by, "") as intake:
            for some in portions(people, PORTION):
                ids += intake.add(some)
                tell("checking", len(ids), 0)
            tell("completing", len(ids), len(ids))
            if ids:
                intake.complete(0, 0)
        return ids

    def recover(self) -> list[ImportRecord]:
        """Take back what imports left that were cut off; at start, before anything imports."""
        return self._halves.recover()

    def clean_orphans(self) -> int:
        """Erase persons whom the pool does not know, and answer how many; a portion at a time."""
        erased = 0
        for some in self._halves.persons.each_ids():
            orphans = set(some) - self._halves.pool.among(some)
            if orphans:
                self._halves.persons.erase(*sorted(orphans))
                erased += len(orphans)
        return erased

    def records(self) -> list[ImportRecord]:
        """The last imports, newest first."""
        with self._halves.pool.books.read() as book:
            return records.newest(book.db)

    def record(self, id_: str) -> ImportRecord:
        """One import.

        Raises:
            UnknownImport: none by this id.
        """
        with self._halves.pool.books.read() as book:
            return records.get(book.db, id_)


class _Tally:
    """Lines, bad lines and bad cells, the first of them by name; who is on an outside list."""

    def __init__(self) -> None:
        self.lines = self.rows = self.cells = 0
        self.problems: list[Problem] = []
        self.listed: list[tuple[str, int]] = []

    def look(self, rows: Sequence[Checked], outside: Outside) -> None:
        """Note who of a portion stands on an outside list: that refuses nobody by itself."""
        found = outside(row.values["id_number"] for row in rows)
        self.listed += [
            (row.line.sheet, row.line.row) for row in rows if row.values["id_number"] in found
        ]

    def add(self, portion: Sequence[Sequence[Problem]]) -> None:
        self.lines += len(portion)
        for problems in portion:
            self.rows += bool(problems)
            self.cells += len(problems)
            self.problems += problems[: MOST_NAMED - len(self.problems)]


def _silent(*_: object) -> None:
    """Nobody watches."""
