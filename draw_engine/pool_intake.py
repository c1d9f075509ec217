"""One import on its way into both databases: staged in portions, then all of it or nothing."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from draw_engine import pool_records as records
from draw_engine.core.columns import ExpertFacts
from draw_engine.core.pool_record import PoolRecord
from draw_engine.expert_pool import ExpertPool, Organisation
from draw_engine.persons import Person, Persons
from draw_engine.pool_change import Change
from draw_engine.pool_records import ImportInterrupted, ImportRecord, ImportRunning, State
from foundation.clock import Clock
from foundation.errors import ServiceError
from foundation.ids import ExpertId, first_of, millisecond_of, milliseconds, new_id, new_id_at


@dataclass(frozen=True, slots=True)
class Halves:
    """Both halves of the pool: facts behind `pool`, who people are behind `persons`.

    Args:
        version: of the standard that codes belong to.
    """

    pool: ExpertPool
    persons: Persons
    clock: Clock
    version: str
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def recover(self) -> list[ImportRecord]:
        """Take back what imports left that were cut off; while no other import runs.

        A crash in here is safe: the record is closed last.
        """
        with self.pool.books.read() as book:
            cut_off = records.running(book.db)
        code = ImportInterrupted.code
        for one in cut_off:
            self.take_back(one.id, one.floor, State.INTERRUPTED, refusal=code)
        return [replace(one, state=State.INTERRUPTED, refusal=code) for one in cut_off]

    def take_back(
        self, id_: str, floor: str, state: State, *, refusal: str, rows: int = 0, problems: int = 0
    ) -> None:
        """Erase what an import staged and close its record. Repeating it is harmless."""
        self.persons.erase_from(floor)
        self.pool.withdraw(floor)
        with self.pool.books.database.write() as db:
            now = self.clock.now()
            records.end(db, id_, state, now, skipped=rows, problems=problems, refusal=refusal)


class Intake:
    """One import on its way in; what ends without `complete` leaves nothing but its record."""

    def __init__(self, into: "Halves", file: str, by: str, id_: str) -> None:
        self._into = into
        self._file, self._by = file, by
        self.began_at = into.clock.now()
        self.id = id_ or new_id("im", self.began_at)
        self._organisations: dict[str, Organisation] = {}
        self._change = Change()
        self._completed = False

    def __enter__(self) -> "Intake":
        into = self._into
        if not into.one_at_a_time.acquire(blocking=False):
            raise ImportRunning
        try:
            into.recover()
            # Later than every id of both files, so that `floor` parts the new from the old.
            newest = max(into.pool.newest(), into.persons.newest())
            self._millisecond = max(milliseconds(self.began_at), millisecond_of(newest) + 1)
            self.floor = first_of("ex", self._millisecond)
            if newest >= self.floor:
                raise RuntimeError("an expert's id sorts behind every new one")
            with into.pool.books.database.write() as db:
                records.begin(
                    db, self.id, file=self._file, by=self._by, floor=self.floor, at=self.began_at
                )
        except BaseException:
            into.one_at_a_time.release()
            raise
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            if not self._completed:
                self._withdraw(error)
        finally:
            self._into.one_at_a_time.release()

    def add(self, people: Sequence[PoolRecord]) -> list[ExpertId]:
        """Stage a portion; returns the ids in its order."""
        into = self._into
        if not people:
            return []
        ids = [ExpertId(new_id_at("ex", self._millisecond)) for _ in people]
        self._millisecond = max(self._millisecond + 1, milliseconds(into.clock.now()))
        pairs = sorted(zip(ids, people, strict=True), key=lambda pair: pair[0])
        facts = [self._facts(expert_id, one) for expert_id, one in pairs]
        into.persons.add_many([_person(expert_id, one) for expert_id, one in pairs])
        into.pool.stage(facts)
        self._change.add(facts)
        for one in people:
            self._organisations[one.unified_credit_code] = _organisation(one)
        return ids

    def complete(self, skipped: int, problems: int) -> None:
        """Everybody staged is in the pool. Before this commit nobody is; after it, all."""
        self._into.pool.complete(
            self.id,
            self._organisations.values(),
            self._change,
            by=self._by,
            skipped=skipped,
            problems=problems,
        )
        self._completed = True

    def _withdraw(self, error: BaseException | None) -> None:
        state, counts = State.INTERRUPTED, dict[str, int]()
        refusal = ImportInterrupted.code
        if isinstance(error, ServiceError) and not isinstance(error, ImportInterrupted):
            state, refusal = State.REFUSED, error.code
            counts = {name: int(error.facts.get(name, 0)) for name in ("rows", "problems")}
        self._into.take_back(self.id, self.floor, state, refusal=refusal, **counts)

    def _facts(self, expert_id: ExpertId, record: PoolRecord) -> ExpertFacts:
        return ExpertFacts(
            expert_id=expert_id,
            version=1,
            region=int(record.region),
            employer=record.unified_credit_code,
            group=record.group_credit_code or record.unified_credit_code,
            classification=self._into.version,
            codes=record.codes,
            title=record.title,
            valid_to=record.valid_to,
            admitted_at=self.began_at,
            generated=record.generated,
        )


def _person(expert_id: ExpertId, record: PoolRecord) -> Person:
    return Person(expert_id, record.name, record.id_number, record.phone, record.generated)


def _organisation(record: PoolRecord) -> Organisation:
    code = record.unified_credit_code
    return Organisation(code, record.employer, record.group_credit_code or code)
