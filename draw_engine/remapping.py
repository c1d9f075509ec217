"""Experts carried to another version of the standard, all in one transaction and one entry.

Codes of older versions stay where they are; what the crosswalk settles is written beside
them and says where it came from. So a decision that is undone takes back what it gave, and
an expert whose codes are all open holds none of the new version: no draw reaches them.

Set-based: a million experts are moved by a handful of statements, none of which brings a
row here. Only the list for reading is read through, in a stream.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from sqlmodel import Session, col, func, select

from classification.core import editions as fold
from classification.core.crosswalk import Crosswalk
from classification.core.editions import Editions
from classification.core.errors import NoCrosswalk, SetUpIsOver
from classification.edition_desk import STREAM as EDITIONS
from classification.edition_desk import append, read_state
from classification.service import ClassificationService
from draw_engine import remap_tables as tables
from draw_engine import store
from draw_engine.expert_pool import STREAM, ExpertPool
from draw_engine.pool_records import ImportRunning, floor_of
from draw_engine.pool_tables import ExpertSpecialtyRow, PoolStateRow
from foundation.errors import Kind, ServiceError
from foundation.ledger.book import Book, Books

REMAPPED: Final = "pool.remapped"
HEAD: Final = "expert_id,from,to,outcome"


class NothingToRemap(ServiceError):
    """Nobody in the pool holds a code of an older version."""

    code = "pool.nothing_to_remap"
    kind = Kind.CONFLICT


class NoRemapping(ServiceError):
    """Experts were never carried to another version here."""

    code = "pool.no_remapping"
    kind = Kind.NOT_FOUND


@dataclass(frozen=True, slots=True)
class StepReport:
    """Experts who hold codes of `old`, by what became of those codes in `new`.

    sure: all by comparison alone; decided: all, some by a person; partly: some, the rest is
    open; undecided: none yet, so no draw reaches them; given_up: a person said there is no
    heir.
    """

    old: str
    new: str
    experts: int
    sure: int
    decided: int
    partly: int
    undecided: int
    given_up: int


@dataclass(frozen=True, slots=True)
class RemapReport:
    """What one remapping did.

    Args:
        not_drawable: experts of the whole pool who hold no code of the version in force.
        changed: experts whose codes are others than before.
        list_sha256: of the list by expert id, empty for a preview.
        index: of the entry in the log; -1 for a preview.
    """

    classification: str
    steps: tuple[StepReport, ...]
    experts: int
    not_drawable: int
    changed: int
    list_sha256: str = ""
    by: str = ""
    at: str = ""
    index: int = -1


def _require_no_import(book: Book) -> None:
    """Experts who are half in the pool can't be carried over, nor left behind."""
    if floor_of(book.db) is not None:
        raise ImportRunning


class Remapping:
    """Moves the pool along the crosswalks."""

    def __init__(
        self, books: Books, pool: ExpertPool, classification: ClassificationService
    ) -> None:
        self._books = books
        self._pool = pool
        self._classification = classification
        self.after: Callable[[], object] = lambda: None
        """Called after an adoption: a snapshot of the new codes (app/wiring)."""
        self._follow(None)

    def adopt(self, version: str, reason: str, by: str, *, set_up: bool = False) -> RemapReport:
        """Put an imported version in force and carry the experts over, or nothing of both.

        Args:
            set_up: one person sets the installation up; only before the first draw.

        Raises:
            UnknownProposal, SamePerson, ReasonMissing, SetUpIsOver, ImportRunning.
        """
        with self._books.write() as book:
            _require_no_import(book)
            if set_up and store.all_rows(book.db):
                raise SetUpIsOver
            fold.require_decidable(read_state(book), version, by, reason, set_up=set_up)
            append(book, fold.ADOPTED, {"version": version, "reason": reason.strip()}, by)
            state = read_state(book)
            report = self._move(book, state, version, by)
        self._follow(state)
        if report.experts:
            # until a snapshot of the new codes is old enough, draws wait for it
            self.after()
        return report

    def remap(self, by: str) -> RemapReport:
        """Carry what was decided since to the version in force.

        Raises:
            NothingToRemap: nobody holds a code of an older version.
        """
        with self._books.write() as book:
            _require_no_import(book)
            state = read_state(book)
            version = self._classification.catalogue.version
            report = self._move(book, state, version, by)
            if not report.steps:
                # nothing of this block is kept
                raise NothingToRemap(classification=version)
        return report

    def preview(self, version: str) -> RemapReport:
        """What adopting `version`, or remapping to it, would do now; nothing is written.

        Raises:
            UnknownVersion: it is not held here.
        """
        version = self._classification.tree(version).version
        steps = []
        with self._books.scratch() as book:
            tables.begin(book.db)
            for step in self._steps(book.db, version):
                tables.fill_fates(book.db, _fates(step, self._classification.editions))
                if (counts := tables.counts(book.db, step.old)).total():
                    steps.append(_step(step, counts))
            experts = tables.experts(book.db)
            already = experts - tables.without(book.db, version)
            tables.end(book.db)
        # Who has a code of `version` stays; the last step says who comes to one.
        gained = steps[-1].sure + steps[-1].decided + steps[-1].partly if steps else 0
        lost = experts - max(already, gained)
        return RemapReport(version, tuple(steps), experts, lost, 0)

    def last(self) -> RemapReport:
        """The newest report.

        Raises:
            NoRemapping: there is none.
        """
        with self._books.read() as book:
            found = [one for one in book.entries(STREAM) if one.type == REMAPPED]
        if not found or found[-1].body is None:
            raise NoRemapping
        body: dict[str, Any] = dict(found[-1].body)
        steps = tuple(StepReport(**one) for one in body.pop("steps"))
        return RemapReport(**body, steps=steps, index=found[-1].index)

    def lines(self) -> Iterator[str]:
        """The list by expert id of the newest report, a line at a time, CSV without names."""
        with self._books.read() as book:
            yield from _listed(book.db)

    def waiting(self, old: str) -> dict[str, int]:
        """Bare code of `old` -> how many experts hold it."""
        statement = (
            select(ExpertSpecialtyRow.code, func.count())
            .where(ExpertSpecialtyRow.classification == old)
            .group_by(col(ExpertSpecialtyRow.code))
        )
        with self._books.read() as book:
            return {code: n for code, n in book.db.exec(statement)}  # noqa: C416 - rows

    def _move(self, book: Book, state: Editions, version: str, by: str) -> RemapReport:
        db, steps = book.db, list[StepReport]()
        tables.forget(db)
        tables.begin(db)
        for step in self._steps(db, version):
            tables.fill_fates(db, _fates(step, state))
            if (counts := tables.counts(db, step.old)).total():
                tables.note_outcomes(db, step.old, step.new)
                tables.carry(db, step.old, step.new)
                steps.append(_step(step, counts))
        changed = tables.finish(db)
        pool = db.get(PoolStateRow, 1) or PoolStateRow(id=1, changes=0)
        pool.changes += 1
        db.add(pool)
        digest = sha256()
        for line in _listed(db):
            digest.update(line.encode())
        body: dict[str, Any] = {
            "classification": version,
            "experts": tables.experts(db),
            "not_drawable": tables.without(db, version),
            "changed": changed,
            "list_sha256": digest.hexdigest(),
            "by": by,
            "at": book.now.isoformat(),
        }
        entry = book.append(STREAM, REMAPPED, body | {"steps": [asdict(one) for one in steps]})
        return RemapReport(**body, steps=tuple(steps), index=entry.index)

    def _steps(self, db: Session, version: str) -> list[Crosswalk]:
        """The crosswalks that lead to `version`, from the oldest that anybody holds codes of."""
        found: list[Crosswalk] = []
        held = set(db.exec(select(ExpertSpecialtyRow.classification).distinct()))
        for old in self._classification.versions:
            if old in held and old != version and not found:
                found = list(self._way(old, version))
        return found

    def _way(self, old: str, version: str) -> tuple[Crosswalk, ...]:
        try:
            return self._classification.way(old, version)
        except NoCrosswalk:
            # a list that was refused leads nowhere
            return ()

    def _follow(self, state: Editions | None) -> None:
        if state is not None:
            self._classification.follow(state)
        version = self._classification.catalogue.version
        with self._books.read() as book:
            adopted = [one.index for one in book.entries(EDITIONS) if one.type == fold.ADOPTED]
        self._pool.follow(version, adopted[-1] if adopted else 0)


def _step(step: Crosswalk, counts: Counter[str]) -> StepReport:
    return StepReport(
        old=step.old,
        new=step.new,
        experts=counts.total(),
        **{one: counts[one] for one in tables.OUTCOMES},
    )


def _fates(step: Crosswalk, state: Editions) -> list[tables.Fated]:
    return [
        (code, heir, fate.how.value)
        for code, fate in step.fates(state.of(step)).items()
        for heir in (fate.heirs or ("",))
    ]


def _listed(db: Session) -> Iterator[str]:
    yield f"{HEAD}\r\n"
    for row in tables.listed(db):
        yield ",".join(row) + "\r\n"
