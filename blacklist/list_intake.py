"""The intake of an outside list: every bad cell is named in one pass, and the file is all or
nothing.

Names part from facts at this door: who a list is about goes to the vault (`Matcher`), what
it says to the main database. Two files cannot commit as one, so a list goes in portions
that nobody reads, people first; one short commit at the end puts it in force. Until that
commit a crash leaves a list that is no list; the next start takes it back and says so.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import BinaryIO, Final, Protocol

from blacklist import list_store as store
from blacklist.core import list_errors as errors
from blacklist.core.facts import china_day
from blacklist.core.list_check import Checked, Checker, Line, Problem, Row
from blacklist.core.list_columns import HEADINGS, NEEDED, Words
from blacklist.core.list_matching import Matcher, Named
from blacklist.core.outside_list import EntriesHash, ListEntry, OutsideList, Source, list_of
from blacklist.list_book import append, portions, silent
from blacklist.list_store import Intake, Stage
from foundation.clock import Clock
from foundation.errors import ServiceError
from foundation.ids import AccountId, new_id
from foundation.ledger.book import Books

PORTION: Final = 5_000
STEP: Final = 500
MOST_NAMED: Final = 50_000
MOST_BODY: Final = 100

Progress = Callable[[str, int, int], None]
"""Told the phase (`checking`, `matching`, `completing`), how many rows are done, of how many."""


class SourceFile(Protocol):
    """A file that was looked at and found readable."""

    @property
    def rows(self) -> int:
        """About how many lines it has."""
        ...

    def lines(self) -> Iterator[Line]:
        """Every line that is not empty."""
        ...


Reader = Callable[[BinaryIO, Sequence[str], Iterable[str]], SourceFile]
"""Opens a workbook or CSV: the file, the headings to look for, those it must have."""


@dataclass(frozen=True, slots=True)
class About:
    """What a person says of a list when handing it in."""

    source: Source
    issuing_body: str
    dated_on: date


@dataclass(frozen=True, slots=True)
class Taken:
    """What an intake did; `problems` is empty unless bad rows were skipped."""

    taken: OutsideList
    problems: tuple[Problem, ...]


class OneAtATime:
    """A list is taken, withdrawn or checked against, one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Hold the turn.

        Raises:
            ListsBusy: somebody else has it.
        """
        if not self._lock.acquire(blocking=False):
            raise errors.ListsBusy
        try:
            yield
        finally:
            self._lock.release()


class ListIntake:
    """Takes outside lists.

    Args:
        matcher: keeps who the lists are about; the vault.
        read: opens a file.
        words: what kinds and grounds are called in a file.
    """

    def __init__(
        self,
        books: Books,
        clock: Clock,
        matcher: Matcher,
        alone: OneAtATime,
        *,
        read: Reader,
        words: Words,
    ) -> None:
        self.books = books
        self.clock = clock
        self.matcher = matcher
        self.words = words
        self._alone = alone
        self._read = read

    def open(self, file: BinaryIO) -> SourceFile:
        """Look at a file as a whole; refusals as the reader's."""
        return self._read(file, HEADINGS, NEEDED)

    def admit(self, about: About) -> About:
        """What is said of a list, tidied.

        Raises:
            ListUnnamed, ListDatedAhead.
        """
        body = about.issuing_body.strip()
        if not 0 < len(body) <= MOST_BODY:
            raise errors.ListUnnamed(most=MOST_BODY)
        if about.dated_on > china_day(self.clock.now()):
            raise errors.ListDatedAhead
        return replace(about, issuing_body=body)

    def take(
        self,
        file: BinaryIO,
        about: About,
        *,
        skip_bad: bool,
        by: AccountId,
        id_: str = "",
        progress: Progress | None = None,
        stop: threading.Event | None = None,
    ) -> Taken:
        """Take a list: all rows, or the good ones where `skip_bad` is set, or none.

        Raises:
            ListUnnamed, ListDatedAhead, ListTakenBefore: before anything is read.
            ListRefused: a row is bad and `skip_bad` is not set; nothing was taken.
            ColumnsSwapped, ListEmpty: the file as a whole.
            ListsBusy: another list or a cross-check is under way.
            ListInterrupted: `stop` was set.
        """
        tell, about = progress or silent, self.admit(about)
        document = _sha256(file)
        source = self.open(file)
        with self._alone():
            intake = _OnItsWay(self, about, document, by, id_)
            with intake:
                checker = Checker(self.words, china_day(self.clock.now()), self.matcher.blind)
                tally = _Tally()
                for portion in portions(source.lines(), PORTION):
                    rows: list[Checked] = []
                    for lines in portions(portion, STEP):
                        if stop is not None and stop.is_set():
                            raise errors.ListInterrupted
                        rows += checker.check(lines)
                        done = tally.lines + len(rows)
                        tell("checking", done, max(source.rows, done))
                    tally.add([row.problems for row in rows])
                    if skip_bad or not tally.cells:
                        intake.add([row.taken() for row in rows if not row.problems])
                if (crossed := checker.swapped()) is not None:
                    raise errors.ColumnsSwapped(*crossed)
                if tally.cells and not skip_bad:
                    raise errors.ListRefused(tally.problems, tally.rows, tally.cells)
                if tally.lines == tally.rows:
                    raise errors.ListEmpty
                tell("completing", tally.lines, tally.lines)
                taken = intake.complete(tally.rows, tally.cells)
        return Taken(taken, tuple(tally.problems))

    def recover(self) -> list[Intake]:
        """Take back what intakes left that were cut off; at start, before anything is taken."""
        with self.books.read() as book:
            cut_off = store.intakes(book.db, Stage.RUNNING)
        for one in cut_off:
            self.take_back(one.id, Stage.INTERRUPTED, refusal=errors.ListInterrupted.code)
        return cut_off

    def take_back(
        self, id_: str, stage: Stage, *, refusal: str, rows: int = 0, problems: int = 0
    ) -> None:
        """Forget what an intake staged and close its record. Repeating it is harmless."""
        self.matcher.forget(id_)
        with self.books.database.write() as db:
            store.drop_entries(db, id_)
            now = self.clock.now()
            store.end(db, id_, stage, now, skipped=rows, problems=problems, refusal=refusal)


class _OnItsWay:
    """One list on its way in; what ends without `complete` leaves nothing but its record."""

    def __init__(
        self, intake: ListIntake, about: About, document: str, by: AccountId, id_: str
    ) -> None:
        self._intake = intake
        self._about, self._document, self._by = about, document, by
        self._began_at = intake.clock.now()
        self.id = id_ or new_id("ol", self._began_at)
        self._hash = EntriesHash()
        self._completed = False

    def __enter__(self) -> "_OnItsWay":
        into = self._intake
        with into.books.database.write() as db:
            if store.with_document(db, self._document) is not None:
                raise errors.ListTakenBefore
            store.begin(
                db,
                self.id,
                source=self._about.source,
                issuing_body=self._about.issuing_body,
                dated_on=self._about.dated_on,
                document=self._document,
                by=self._by,
                at=self._began_at,
            )
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._completed:
            return
        stage, counts = Stage.INTERRUPTED, dict[str, int]()
        refusal = errors.ListInterrupted.code
        if isinstance(error, ServiceError) and not isinstance(error, errors.ListInterrupted):
            stage, refusal = Stage.REFUSED, error.code
            counts = {name: int(error.facts.get(name, 0)) for name in ("rows", "problems")}
        self._intake.take_back(self.id, stage, refusal=refusal, **counts)

    def add(self, rows: Sequence[Row]) -> None:
        """Stage a portion: people first, so that no entry is without one."""
        first = self._hash.entries + 1
        blind = self._intake.matcher.blind
        entries = [
            ListEntry(
                n=n,
                row=one.row,
                kind=one.kind,
                ground=one.ground,
                document=one.document,
                starts_on=one.starts_on,
                ends_on=one.ends_on,
                blind=blind(f"{one.name}\x1f{one.number}")[:16],
            )
            for n, one in enumerate(rows, first)
        ]
        people = [Named(n, one.name, one.number) for n, one in enumerate(rows, first)]
        self._intake.matcher.stage(self.id, people)
        with self._intake.books.database.write() as db:
            store.stage_entries(db, self.id, entries)
        self._hash.add(entries)

    def complete(self, skipped: int, problems: int) -> OutsideList:
        """The list is in force. Before this commit it is not; after it, all of it is."""
        with self._intake.books.write() as book:
            body = {
                "id": self.id,
                "source": self._about.source.value,
                "issuing_body": self._about.issuing_body,
                "dated_on": self._about.dated_on.isoformat(),
                "document": self._document,
                "rows": self._hash.entries,
                "skipped": skipped,
                "entries": self._hash.hex(),
            }
            taken = list_of(append(book, "blacklist.list_taken", body, self._by))
            store.put(book.db, taken)
            store.end(
                book.db,
                self.id,
                Stage.TAKEN,
                book.now,
                rows=taken.rows,
                skipped=skipped,
                problems=problems,
            )
        self._completed = True
        return taken


class _Tally:
    """Lines, bad lines and bad cells; the first bad cells by name."""

    def __init__(self) -> None:
        self.lines = self.rows = self.cells = 0
        self.problems: list[Problem] = []

    def add(self, portion: Sequence[Sequence[Problem]]) -> None:
        self.lines += len(portion)
        for problems in portion:
            self.rows += bool(problems)
            self.cells += len(problems)
            self.problems += problems[: MOST_NAMED - len(self.problems)]


def _sha256(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(2**20):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
