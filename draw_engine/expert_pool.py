"""The expert pool (专家库): rows without names, and every query on them.

Each change of the pool is one entry in the stream `pool`: counts and the hash of the
change list. The rows are written in the same transaction.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, insert
from sqlmodel import Session, SQLModel, col, func, or_, select

from draw_engine.core.columns import ExpertFacts, Growing, PoolColumns
from draw_engine.pool_batches import batches
from draw_engine.pool_file import PoolFile
from draw_engine.pool_tables import (
    ExpertRow,
    ExpertSpecialtyRow,
    OrganisationRow,
    PoolStateRow,
)
from foundation.clock import seconds
from foundation.digest import canon
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId
from foundation.ledger.book import Book, Books, ReadBook

STREAM: Final = "pool"
CLASSIFICATION: Final = "2018"
MOST_PER_PAGE: Final = 200


class UnknownExpert(ServiceError):
    """The pool has no expert with this id."""

    code = "pool.unknown_expert"
    kind = Kind.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Organisation:
    """An employer (工作单位) by its unified credit code."""

    unified_credit_code: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of the pool manager's list; `employer` is the organisation's name."""

    facts: ExpertFacts
    employer: str


@dataclass(frozen=True, slots=True)
class Query:
    """What the list is narrowed to: `text` is an id or part of an employer, `code` a subtree."""

    text: str = ""
    code: str = ""
    region: int = 0
    page: int = 1
    size: int = 50


@dataclass(frozen=True, slots=True)
class Summary:
    """The pool in counts; `regions` by province code."""

    experts: int
    generated: int
    regions: Mapping[int, int]


class ExpertPool:
    """The pool as the rooms see it. Safe for many threads."""

    def __init__(
        self,
        books: Books,
        classification: str = CLASSIFICATION,
        columns_file: Path | None = None,
    ) -> None:
        self._books = books
        self.classification = classification
        self._lock = threading.Lock()
        self._cached: tuple[int, PoolColumns] | None = None
        self.since = 0
        """Index of the entry that put the version in force; older snapshots hold other codes."""
        self._file = PoolFile(columns_file) if columns_file else None

    def follow(self, classification: str, since: int) -> None:
        """Read the specialties of another version from now on."""
        with self._lock:
            self.classification, self.since, self._cached = classification, since, None

    def columns_of(self, classification: str) -> PoolColumns:
        """The pool by its codes of any version; the rows of older versions stay."""
        if classification == self.classification:
            return self.columns()
        with self._books.read() as book:
            return PoolColumns.of(classification, _facts(book.db, classification))

    def columns(self) -> PoolColumns:
        """The whole pool as columns, kept until the pool changes."""
        with self._lock, self._books.read() as book:
            changes = _changes(book.db)
            if self._cached is None or self._cached[0] != changes:
                self._cached = None  # old and new columns together would be twice the memory
                self._cached = (changes, self._load_columns(book, changes))
            return self._cached[1]

    def _load_columns(self, book: ReadBook, changes: int) -> PoolColumns:
        news = book.entries(STREAM)[-1:]
        # The newest entry's hash too: a restored database may count to the same number again.
        state = f"{changes} {sha256(news[0].leaf if news else b'').hexdigest()}"
        found = self._file.load(self.classification, state) if self._file else None
        if found is None:
            growing = Growing(self.classification)
            for some in batches(book.db, self.classification):
                growing.add(some)
            found = PoolColumns(**growing.arrays())
            if self._file:
                self._file.save(found, state)
        return found

    def batches(self) -> Iterator[list[ExpertFacts]]:
        """Everybody by ascending id, some thousand at a time, as of one moment."""
        with self._books.read() as book:
            yield from batches(book.db, self.classification)

    def groups_of(self, codes: Iterable[str]) -> dict[str, str]:
        """As `groups`, of some employers: those of a request's parties."""
        wanted = col(OrganisationRow.unified_credit_code).in_(set(codes))
        with self._books.read() as book:
            rows = book.db.exec(select(OrganisationRow).where(wanted))
            return {row.unified_credit_code: row.grouped for row in rows}

    def facts(self, expert_ids: Iterable[ExpertId] | None = None) -> list[ExpertFacts]:
        """Facts by ascending id, of everybody where no ids are given.

        Raises:
            UnknownExpert: an id is not in the pool.
        """
        wanted = None if expert_ids is None else set(expert_ids)
        with self._books.read() as book:
            found = list(_facts(book.db, self.classification, wanted))
        if wanted is not None and len(found) != len(wanted):
            raise UnknownExpert
        return found

    def groups(self) -> dict[str, str]:
        """Credit code -> credit code of the parent group, of every employer in the pool."""
        with self._books.read() as book:
            pairs = book.db.exec(
                select(OrganisationRow.unified_credit_code, OrganisationRow.grouped)
            )
            return {code: group for code, group in pairs}  # noqa: C416 - dict() takes no rows

    def organisation(self, code: str) -> Organisation | None:
        """The employer with this credit code, where the pool knows one."""
        with self._books.read() as book:
            row = book.db.get(OrganisationRow, code)
            if row is None:
                return None
            return Organisation(row.unified_credit_code, row.name, row.grouped)

    def ids(self) -> set[ExpertId]:
        """Everybody in the pool."""
        with self._books.read() as book:
            return {ExpertId(one) for one in book.db.exec(select(ExpertRow.expert_id))}

    def search(self, query: Query) -> tuple[int, list[Listing]]:
        """How many match, and one page of them by ascending id."""
        where = list(_conditions(query, self.classification))
        size = min(max(query.size, 1), MOST_PER_PAGE)
        with self._books.read() as book:
            db = book.db
            total = db.exec(select(func.count()).select_from(ExpertRow).where(*where)).one()
            page = db.exec(
                select(ExpertRow.expert_id)
                .where(*where)
                .order_by(ExpertRow.expert_id)
                .offset((max(query.page, 1) - 1) * size)
                .limit(size)
            )
            facts = list(_facts(db, self.classification, {ExpertId(one) for one in page}))
            names = _names(db, {one.employer for one in facts})
        return total, [Listing(one, names.get(one.employer, "")) for one in facts]

    def summary(self) -> Summary:
        """Counts of the pool."""
        with self._books.read() as book:
            statement = select(ExpertRow.region, ExpertRow.generated, func.count()).group_by(
                col(ExpertRow.region), col(ExpertRow.generated)
            )
            rows = list(book.db.exec(statement))
        regions: Counter[int] = Counter()
        for region, _, n in rows:
            regions[region] += n
        return Summary(regions.total(), sum(n for _, made, n in rows if made), dict(regions))

    def enrol(
        self, experts: Sequence[ExpertFacts], organisations: Iterable[Organisation], by: str
    ) -> int:
        """Add experts in one transaction with the entry that tells of it.

        Args:
            by: the account that answers for the import.

        Returns:
            The seq of the entry `pool.imported` in the stream `pool`.
        """
        with self._books.write() as book:
            _insert(book, experts, {one.unified_credit_code: one for one in organisations})
            entry = book.append(
                STREAM,
                "pool.imported",
                {
                    "experts": len(experts),
                    "generated": sum(one.generated for one in experts),
                    "classification": self.classification,
                    "changes": change_hash(experts),
                    "by": by,
                },
            )
            return entry.seq


def change_hash(experts: Iterable[ExpertFacts]) -> str:
    """SHA-256 (hex) over the canonical list of what was enrolled, by ascending id."""
    lines = [
        {
            "expert_id": one.expert_id,
            "version": one.version,
            "region": one.region,
            "employer": one.employer,
            "group": one.group,
            "classification": one.classification,
            "qualification": one.qualification(),
            "admitted_at": seconds(one.admitted_at),
            "generated": one.generated,
        }
        for one in sorted(experts, key=lambda one: one.expert_id)
    ]
    return sha256(canon(lines)).hexdigest()


def _insert(
    book: Book, experts: Sequence[ExpertFacts], organisations: Mapping[str, Organisation]
) -> None:
    connection = book.db.connection()
    if experts:
        connection.execute(insert(ExpertRow), [_row(one) for one in experts])
        connection.execute(
            insert(ExpertSpecialtyRow),
            [
                {"expert_id": one.expert_id, "classification": one.classification, "code": code}
                for one in experts
                for code in one.codes
            ],
        )
    known = set(book.db.exec(select(OrganisationRow.unified_credit_code)))
    for code, one in organisations.items():
        if code not in known:
            book.db.add(OrganisationRow(unified_credit_code=code, name=one.name, grouped=one.group))
    state = book.db.get(PoolStateRow, 1) or PoolStateRow(id=1, changes=0)
    state.changes += 1
    book.db.add(state)


def _row(one: ExpertFacts) -> dict[str, Any]:
    return {
        "expert_id": one.expert_id,
        "version": one.version,
        "region": one.region,
        "employer": one.employer,
        "grouped": one.group,
        "title": one.title,
        "valid_to": one.valid_to,
        "admitted_at": one.admitted_at,
        "generated": one.generated,
    }


def _changes(db: Session) -> int:
    row = db.get(PoolStateRow, 1)
    return row.changes if row else 0


def _facts(
    db: Session, classification: str, wanted: set[ExpertId] | None = None
) -> Iterator[ExpertFacts]:
    """Facts by ascending id. Many ids are cheaper to read through than to ask for."""
    few = wanted is not None and len(wanted) <= 500
    links = select(ExpertSpecialtyRow.expert_id, ExpertSpecialtyRow.code).where(
        ExpertSpecialtyRow.classification == classification
    )
    experts = select(*_COLUMNS).order_by(_TABLE.c.expert_id)
    if few:
        links = links.where(col(ExpertSpecialtyRow.expert_id).in_(wanted or ()))
        experts = experts.where(_TABLE.c.expert_id.in_(wanted or ()))
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for expert_id, code in db.exec(links):
        codes[expert_id].append(code)
    for row in db.connection().execute(experts):
        if wanted is None or row.expert_id in wanted:
            yield ExpertFacts(
                ExpertId(row.expert_id),
                row.version,
                row.region,
                row.employer,
                row.grouped,
                classification,
                tuple(sorted(codes[row.expert_id])),
                row.title,
                row.valid_to,
                row.admitted_at,
                row.generated,
            )


def _names(db: Session, codes: set[str]) -> dict[str, str]:
    rows = db.exec(
        select(OrganisationRow).where(col(OrganisationRow.unified_credit_code).in_(codes))
    )
    return {row.unified_credit_code: row.name for row in rows}


def _conditions(query: Query, classification: str) -> Iterator[ColumnElement[bool]]:
    if query.region:
        yield col(ExpertRow.region) == query.region
    if query.code:
        holders = select(ExpertSpecialtyRow.expert_id).where(
            ExpertSpecialtyRow.classification == classification,
            col(ExpertSpecialtyRow.code).startswith(query.code.upper(), autoescape=True),
        )
        yield col(ExpertRow.expert_id).in_(holders)
    if text := query.text.strip():
        employers = select(OrganisationRow.unified_credit_code).where(
            col(OrganisationRow.name).icontains(text, autoescape=True)
        )
        yield or_(
            col(ExpertRow.expert_id).startswith(text.lower(), autoescape=True),
            col(ExpertRow.employer) == text.upper(),
            col(ExpertRow.employer).in_(employers),
        )


_TABLE = SQLModel.metadata.tables["expert"]
_COLUMNS = tuple(_TABLE.c)
