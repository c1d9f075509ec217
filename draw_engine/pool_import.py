"""The import of experts: every bad cell is named in one pass, and the file is all or nothing.

Names part from facts here: persons go to the vault's file, facts to the main database.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from classification.service import ClassificationService
from draw_engine.core.columns import ExpertFacts
from draw_engine.core.pool_record import PoolRecord
from draw_engine.expert_pool import ExpertPool, Organisation
from draw_engine.persons import Person, Persons
from draw_engine.pool_columns import COLUMNS, Unfit
from draw_engine.pool_generate import MARK
from draw_engine.pool_sheets import Form, Line, read_lines
from foundation.clock import Clock
from foundation.errors import Fact, Kind, ServiceError
from foundation.ids import ExpertId, new_id


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell that cannot be taken. `value_hint` is form and length, never the value."""

    sheet: str
    row: int
    column: str
    code: str
    value_hint: str
    facts: dict[str, Fact]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did; `problems` is empty unless bad rows were skipped."""

    imported: int
    skipped: int
    problems: tuple[Problem, ...]


class ImportRefused(ServiceError):
    """Some rows are bad and nothing was imported; `beside` lists every one of them."""

    code = "pool.import_refused"
    kind = Kind.INVALID

    def __init__(self, problems: Sequence[Problem]) -> None:
        rows = {(one.sheet, one.row) for one in problems}
        super().__init__(rows=len(rows), problems=len(problems))
        self.problems = tuple(problems)
        self.beside: dict[str, Any] = {"problems": [asdict(one) for one in problems]}


class NothingToImport(ServiceError):
    """The file has the right columns and no expert below them."""

    code = "pool.nothing_to_import"
    kind = Kind.INVALID


@dataclass(slots=True)
class _Row:
    """A line while it is checked: what could be read of it, and what could not."""

    line: Line
    values: dict[str, Any]
    problems: list[Problem]

    def object_to(self, column: str, code: str, facts: dict[str, Fact] | None = None) -> None:
        """Note a bad cell."""
        line, hint = self.line, self.line[column].hint
        self.problems.append(Problem(line.sheet, line.row, column, code, hint, facts or {}))


class PoolImport:
    """Takes files of experts into the pool."""

    def __init__(
        self,
        pool: ExpertPool,
        persons: Persons,
        classification: ClassificationService,
        clock: Clock,
    ) -> None:
        self._pool = pool
        self._persons = persons
        self._classification = classification
        self._clock = clock

    def run(self, data: bytes, *, skip_bad: bool, by: str) -> Outcome:
        """Import a workbook or CSV.

        Args:
            skip_bad: take the good rows even if others are bad.
            by: the account that answers for it.

        Raises:
            NotAWorkbook, FileTooLarge, HeaderMissing: the file as a whole is unfit.
            NothingToImport: no rows.
            ImportRefused: a row is bad and `skip_bad` is not set; nothing was imported.
        """
        headings = [column.heading for column in COLUMNS]
        required = [column.heading for column in COLUMNS if column.required]
        lines = read_lines(data, headings, required)
        if not lines:
            raise NothingToImport
        rows = [self._read(line) for line in lines]
        self._refuse_twice(rows)
        self._refuse_other_groups(rows)
        problems = [problem for row in rows for problem in row.problems]
        if problems and not skip_bad:
            raise ImportRefused(problems)
        good = [PoolRecord(**row.values) for row in rows if not row.problems]
        self.enrol(good, by)
        return Outcome(len(good), len(rows) - len(good), tuple(problems))

    def enrol(self, records: Sequence[PoolRecord], by: str) -> list[ExpertId]:
        """Put checked records into both databases; returns their new ids in order.

        Raises:
            IntegrityError: somebody enrolled the same person meanwhile; nothing is kept.
        """
        if not records:
            return []
        now = self._clock.now()
        ids = [ExpertId(new_id("ex", now)) for _ in records]
        pairs = list(zip(ids, records, strict=True))
        facts = [self._facts(expert_id, one) for expert_id, one in pairs]
        employers = {one.unified_credit_code: _organisation(one) for one in records}
        # Two files cannot commit as one. Persons come first: a crash between the two leaves
        # people whom no draw can reach, and `clean_orphans` removes them at the next start.
        # The other order would leave experts in the pool whom nobody could ever notify.
        self._persons.add_many([_person(expert_id, one) for expert_id, one in pairs])
        try:
            self._pool.enrol(facts, employers.values(), by)
        except BaseException:
            self._persons.erase(*ids)
            raise
        return ids

    def clean_orphans(self) -> int:
        """Erase persons whom the pool does not know; at start, before anything imports."""
        orphans = self._persons.ids() - self._pool.ids()
        if orphans:
            self._persons.erase(*orphans)
        return len(orphans)

    def _read(self, line: Line) -> _Row:
        row = _Row(line, {}, [])
        for column in COLUMNS:
            cell = line[column.heading]
            try:
                if cell.form is Form.FORMULA:
                    raise Unfit("pool.formula_cell")
                if cell.form is Form.EMPTY and column.required:
                    raise Unfit("pool.value_missing")
                row.values[column.field] = column.read(cell, self._classification)
            except Unfit as unfit:
                row.object_to(column.heading, unfit.reason, unfit.facts)
        if str(row.values.get("name", "")).endswith(MARK):
            row.values["generated"] = True
        return row

    def _refuse_twice(self, rows: Sequence[_Row]) -> None:
        """The same person in the pool, or further up in the file, bad rows included."""
        numbered = [row for row in rows if "id_number" in row.values]
        there = self._persons.known_identities(row.values["id_number"] for row in numbered)
        seen: set[str] = set()
        for row in numbered:
            number = row.values["id_number"]
            if number in there:
                row.object_to("身份证号", "pool.identity_in_pool")
            elif number in seen:
                row.object_to("身份证号", "pool.identity_twice")
            seen.add(number)

    def _refuse_other_groups(self, rows: Sequence[_Row]) -> None:
        """The same employer in another group: it would count as two units (R-UNIT-1)."""
        groups = self._pool.groups()
        for row in rows:
            code = row.values.get("unified_credit_code")
            group = row.values.get("group_credit_code")
            if (
                code
                and group is not None
                and groups.setdefault(code, group or code) != (group or code)
            ):
                row.object_to("上级集团信用代码", "pool.group_differs")

    def _facts(self, expert_id: ExpertId, record: PoolRecord) -> ExpertFacts:
        return ExpertFacts(
            expert_id=expert_id,
            version=1,
            region=int(record.region),
            employer=record.unified_credit_code,
            group=record.group_credit_code or record.unified_credit_code,
            classification=self._classification.catalogue.version,
            codes=record.codes,
            title=record.title,
            valid_to=record.valid_to,
            admitted_at=self._clock.now(),
            generated=record.generated,
        )


def _person(expert_id: ExpertId, record: PoolRecord) -> Person:
    return Person(expert_id, record.name, record.id_number, record.phone, record.generated)


def _organisation(record: PoolRecord) -> Organisation:
    code = record.unified_credit_code
    return Organisation(code, record.employer, record.group_credit_code or code)
