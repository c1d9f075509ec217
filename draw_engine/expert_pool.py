"""The expert pool (专家库): rows without names, and every query on them.

Each change of the pool is one entry in the stream `pool`: counts and the hash of the
change list. The rows are written in the same transaction.
"""

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, insert
from sqlmodel import Session, SQLModel, col, func, select

from draw_engine.core.columns import ExpertFacts, Growing, PoolColumns
from draw_engine.pool_batches import batches
from draw_engine.pool_change import Change, facts_line, facts_of
from draw_engine.pool_file import PoolFile
from draw_engine.pool_list import Listing, Narrowed, Query
from draw_engine.pool_records import ImportRunning, State, end, floor_of
from draw_engine.pool_tables import (
    ExpertBeforeRow,
    ExpertRow,
    ExpertSpecialtyRow,
    OrganisationRow,
    PoolStateRow,
)
from foundation.db import WriteSession
from foundation.digest import canon
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId
from foundation.ledger.book import Book, Books, ReadBook
from foundation.ledger.entry import Body
from foundation.ledger.store import LeafRow

STREAM: Final = "pool"
CLASSIFICATION: Final = "2018"
QUERIES_KEPT: Final = 8
PORTION: Final = 500
STAGED_AT_ONCE: Final = 10_000
MOST_AMENDED: Final = 400
CHANGED: Final = "pool.expert_changed"
APPOINTED: Final = "pool.expert_appointed"


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
class _Cached:
    """Columns in memory, how often the pool had changed, and the newest entry that told of it."""

    changes: int
    seq: int
    columns: PoolColumns


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list. `total` match, or more where `at_least`."""

    lines: list[Listing]
    total: int
    at_least: bool
    has_earlier: bool
    has_later: bool


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
        self.books = books
        self.classification = classification
        self._lock = threading.Lock()
        self._cached: _Cached | None = None
        self.since = 0
        """Index of the entry that put the version in force; older snapshots hold other codes."""
        self._file = PoolFile(columns_file) if columns_file else None
        self._counted: tuple[int, Summary] | None = None
        self._narrowed: OrderedDict[tuple[object, ...], Narrowed] = OrderedDict()

    def follow(self, classification: str, since: int) -> None:
        """Read the specialties of another version from now on."""
        with self._lock:
            self.classification, self.since, self._cached = classification, since, None

    def columns_of(self, classification: str) -> PoolColumns:
        """The pool by its codes of any version; the rows of older versions stay."""
        if classification == self.classification:
            return self.columns()
        with self.books.read() as book:
            return PoolColumns.of(classification, _facts(book.db, classification))

    def columns(self) -> PoolColumns:
        """The whole pool as columns, kept until the pool changes."""
        with self._lock, self.books.read() as book:
            changes = _changes(book.db)
            if self._cached is None or self._cached.changes != changes:
                found = self._amended(book, changes)
                self._cached = None  # old and new columns together would be twice the memory
                if found is None:
                    found = self._load_columns(book, changes)
                self._cached = _Cached(changes, _head(book.db), found)
            return self._cached.columns

    def _amended(self, book: ReadBook, changes: int) -> PoolColumns | None:
        """The columns kept, with the few experts who changed since; None: read all rows again."""
        if self._cached is None or not 0 < changes - self._cached.changes <= MOST_AMENDED:
            return None
        news = book.entries(STREAM, since=self._cached.seq)
        single = [one for one in news if one.type in {CHANGED, APPOINTED} and one.body]
        if len(single) != len(news) or len(news) != changes - self._cached.changes:
            return None
        ids = {ExpertId(str((one.body or {})["expert_id"])) for one in single}
        facts = list(_facts(book.db, self.classification, ids))
        return self._cached.columns.amended(facts) if len(facts) == len(ids) else None

    def _load_columns(self, book: ReadBook, changes: int) -> PoolColumns:
        news = book.entries(STREAM, since=_head(book.db) - 1)
        # The newest entry's hash too: a restored database may count to the same number again.
        state = f"{changes} {sha256(news[0].leaf if news else b'').hexdigest()}"
        found = self._file.load(self.classification, state) if self._file else None
        if found is None:
            growing = Growing(self.classification)
            for some in batches(book.db, self.classification, floor_of(book.db)):
                growing.add(some)
            found = PoolColumns(**growing.arrays())
            if self._file:
                self._file.save(found, state)
        return found

    def batches(self) -> Iterator[list[ExpertFacts]]:
        """Everybody by ascending id, some thousand at a time, as of one moment."""
        with self.books.read() as book:
            yield from batches(book.db, self.classification, floor_of(book.db))

    def groups_of(self, codes: Iterable[str]) -> dict[str, str]:
        """As `groups`, of some employers: those of a request's parties."""
        wanted = col(OrganisationRow.unified_credit_code).in_(set(codes))
        with self.books.read() as book:
            rows = book.db.exec(select(OrganisationRow).where(wanted))
            return {row.unified_credit_code: row.grouped for row in rows}

    def facts(self, expert_ids: Iterable[ExpertId] | None = None) -> list[ExpertFacts]:
        """Facts by ascending id, of everybody where no ids are given.

        Raises:
            UnknownExpert: an id is not in the pool.
        """
        wanted = None if expert_ids is None else set(expert_ids)
        with self.books.read() as book:
            found = list(_facts(book.db, self.classification, wanted))
        if wanted is not None and len(found) != len(wanted):
            raise UnknownExpert
        return found

    def facts_in(self, book: Book, expert_id: ExpertId) -> ExpertFacts:
        """One expert's facts as a running transaction has them.

        Raises:
            UnknownExpert: the pool does not know the expert.
        """
        for one in _facts(book.db, self.classification, {expert_id}):
            return one
        raise UnknownExpert

    def groups(self) -> dict[str, str]:
        """Credit code -> credit code of the parent group, of every employer in the pool."""
        with self.books.read() as book:
            pairs = book.db.exec(
                select(OrganisationRow.unified_credit_code, OrganisationRow.grouped)
            )
            return {code: group for code, group in pairs}  # noqa: C416 - dict() takes no rows

    def organisation(self, code: str) -> Organisation | None:
        """The employer with this credit code, where the pool knows one."""
        with self.books.read() as book:
            row = book.db.get(OrganisationRow, code)
            if row is None:
                return None
            return Organisation(row.unified_credit_code, row.name, row.grouped)

    def ids(self) -> set[ExpertId]:
        """Everybody in the pool. Grows with it: for tests and small pools only."""
        with self.books.read() as book:
            wanted = select(ExpertRow.expert_id).where(*_in_pool(book.db))
            return {ExpertId(one) for one in book.db.exec(wanted)}

    def has(self, expert_id: str) -> bool:
        """Is this expert in the pool?"""
        return bool(self.among([expert_id]))

    def among(self, expert_ids: Iterable[str]) -> set[ExpertId]:
        """Those of some ids that are in the pool."""
        wanted = sorted(set(expert_ids))
        found = set[ExpertId]()
        with self.books.read() as book:
            for at in range(0, len(wanted), PORTION):
                some = col(ExpertRow.expert_id).in_(wanted[at : at + PORTION])
                statement = select(ExpertRow.expert_id).where(some, *_in_pool(book.db))
                found |= {ExpertId(one) for one in book.db.exec(statement)}
        return found

    def is_empty(self) -> bool:
        """Is nobody in the pool?"""
        with self.books.read() as book:
            statement = select(ExpertRow.expert_id).where(*_in_pool(book.db)).limit(1)
            return book.db.exec(statement).first() is None

    def newest(self) -> str:
        """The greatest id there is, those of a running import included; "" for none."""
        with self.books.read() as book:
            return book.db.exec(select(func.max(ExpertRow.expert_id))).one() or ""

    def search(self, query: Query) -> Page:
        """One page of those who match, by ascending id."""
        counts = self.summary()
        with self.books.read() as book:
            db, floor = book.db, floor_of(book.db)
            key = (_changes(db), floor, self.classification, query.text, query.code, query.region)
            with self._lock:
                narrowed = self._narrowed.get(key)
            if narrowed is None:
                narrowed = Narrowed(
                    db,
                    query,
                    classification=self.classification,
                    floor=floor,
                    experts=counts.experts,
                    regions=counts.regions,
                )
            with self._lock:
                self._narrowed[key] = narrowed
                self._narrowed.move_to_end(key)
                while len(self._narrowed) > QUERIES_KEPT:
                    self._narrowed.popitem(last=False)
            found = narrowed.page(db, query)
            facts = list(_facts(db, self.classification, {ExpertId(one) for one in found.ids}))
            names = _names(db, {one.employer for one in facts})
        lines = [Listing(one, names.get(one.employer, "")) for one in facts]
        return Page(lines, found.total, found.at_least, found.has_earlier, found.has_later)

    def summary(self) -> Summary:
        """Counts of the pool, kept until it changes."""
        with self.books.read() as book:
            changes = _changes(book.db)
            with self._lock:
                if self._counted is not None and self._counted[0] == changes:
                    return self._counted[1]
            statement = select(ExpertRow.region, ExpertRow.generated, func.count()).group_by(
                col(ExpertRow.region), col(ExpertRow.generated)
            )
            rows = list(book.db.exec(statement.where(*_in_pool(book.db))))
        regions: Counter[int] = Counter()
        for region, _, n in rows:
            regions[region] += n
        made = sum(n for _, made, n in rows if made)
        counted = Summary(regions.total(), made, dict(regions))
        with self._lock:
            self._counted = (changes, counted)
        return counted

    def enrol(
        self, experts: Sequence[ExpertFacts], organisations: Iterable[Organisation], by: str
    ) -> int:
        """Add experts in one transaction with the entry that tells of it.

        Args:
            by: the account that answers for the import.

        Returns:
            The seq of the entry `pool.imported` in the stream `pool`.
        """
        with self.books.write() as book:
            _insert(book.db, experts)
            return self._tell(book, organisations, Change.of(experts), by)

    def appoint_in(
        self, book: Book, expert: ExpertFacts, organisation: Organisation, by: str
    ) -> None:
        """Add one expert, inside a transaction that records more.

        Raises:
            ImportRunning: an id above an import's floor would be taken back with it.
        """
        if floor_of(book.db) is not None:
            raise ImportRunning
        _insert(book.db, [expert])
        _add_organisations(book.db, [organisation])
        self._changed(
            book,
            APPOINTED,
            {"expert_id": expert.expert_id, "after": Change.of([expert]).hash(), "by": by},
        )

    def change_in(
        self, book: Book, now: ExpertFacts, organisations: Iterable[Organisation], by: str
    ) -> ExpertFacts:
        """Put other facts in the place of an expert's, inside a transaction that records more.

        The entry holds a hash of the facts before and after; the facts before are kept with the
        instant that ended them, so that an older draw can be recomputed.

        Returns:
            The facts with their new version.

        Raises:
            UnknownExpert: the pool does not know the expert.
        """
        before = self.facts_in(book, now.expert_id)
        after = replace(now, version=before.version + 1)
        book.db.add(
            ExpertBeforeRow(
                expert_id=before.expert_id,
                version=before.version,
                classification=before.classification,
                until=book.now,
                facts=canon(facts_line(before)).decode(),
            )
        )
        row = book.db.get_one(ExpertRow, now.expert_id)
        for name, value in _row(after).items():
            setattr(row, name, value)
        book.db.add(row)
        links = (
            col(ExpertSpecialtyRow.expert_id) == now.expert_id,
            col(ExpertSpecialtyRow.classification) == now.classification,
        )
        gone = sorted(set(before.codes) - set(after.codes))
        if gone:
            which = col(ExpertSpecialtyRow.code).in_(gone)
            book.db.connection().execute(delete(ExpertSpecialtyRow).where(*links, which))
        for code in sorted(set(after.codes) - set(before.codes)):
            book.db.add(
                ExpertSpecialtyRow(
                    expert_id=now.expert_id, classification=now.classification, code=code
                )
            )
        _add_organisations(book.db, organisations)
        body = {
            "expert_id": now.expert_id,
            "version": after.version,
            "before": Change.of([before]).hash(),
            "after": Change.of([after]).hash(),
            "by": by,
        }
        self._changed(book, CHANGED, body)
        return after

    def _changed(self, book: Book, type_: str, body: Body) -> None:
        """One change of the pool: its entry, and the count by which a stale cache sees it."""
        state = book.db.get(PoolStateRow, 1) or PoolStateRow(id=1, changes=0)
        state.changes += 1
        book.db.add(state)
        book.append(STREAM, type_, body)

    def columns_then(self, classification: str, at: datetime) -> PoolColumns:
        """The pool as it stood at an instant; who came later is in it, who was erased is not.

        Reads every row where somebody's facts have changed since: for recomputing, not for a draw.
        """
        with self.books.read() as book:
            wanted = select(ExpertBeforeRow).where(
                ExpertBeforeRow.until > at, ExpertBeforeRow.classification == classification
            )
            rows = book.db.exec(wanted.order_by(col(ExpertBeforeRow.version).desc()))
            # the oldest version that ended after the instant is the one that stood then
            then = {row.expert_id: facts_of(row.facts) for row in rows}
            if not then:
                return self.columns_of(classification)
            facts = _facts(book.db, classification)
            return PoolColumns.of(classification, (then.get(one.expert_id, one) for one in facts))

    def stage(self, experts: Sequence[ExpertFacts]) -> None:
        """Write a portion of a running import. Nobody sees it before `complete`."""
        with self.books.database.write() as db:
            _insert(db, experts)

    def complete(
        self,
        import_id: str,
        organisations: Iterable[Organisation],
        change: Change,
        *,
        by: str,
        skipped: int = 0,
        problems: int = 0,
    ) -> int:
        """Everybody staged by an import is in the pool from this commit on.

        Returns:
            The seq of the entry `pool.imported` in the stream `pool`.
        """
        with self.books.write() as book:
            end(
                book.db,
                import_id,
                State.COMPLETED,
                book.now,
                imported=change.experts,
                skipped=skipped,
                problems=problems,
            )
            return self._tell(book, organisations, change, by)

    def withdraw(self, floor: str) -> None:
        """Take back what was staged from an id upward; a portion at a time, so no one waits."""
        for table in (ExpertSpecialtyRow, ExpertRow):
            key = col(table.expert_id)
            ids = select(key).where(key >= floor).order_by(key).limit(STAGED_AT_ONCE)
            while True:
                with self.books.database.write() as db:
                    some = sorted(set(db.exec(ids)))
                    if not some:
                        break
                    which = key.between(some[0], some[-1])
                    db.connection().execute(delete(table).where(which))

    def erase(self, expert_id: ExpertId, ground: str, by: str) -> None:
        """Take an expert out for good, in one transaction with the entry that tells of it."""
        with self.books.write() as book:
            for table in (ExpertSpecialtyRow, ExpertRow):
                which = col(table.expert_id) == expert_id
                book.db.connection().execute(delete(table).where(which))
            state = book.db.get(PoolStateRow, 1) or PoolStateRow(id=1, changes=0)
            state.changes += 1
            book.db.add(state)
            body = {"expert_id": expert_id, "ground": ground, "by": by}
            book.append(STREAM, "pool.person_erased", body)

    def _tell(
        self, book: Book, organisations: Iterable[Organisation], change: Change, by: str
    ) -> int:
        _add_organisations(book.db, organisations)
        state = book.db.get(PoolStateRow, 1) or PoolStateRow(id=1, changes=0)
        state.changes += 1
        book.db.add(state)
        body = {
            "experts": change.experts,
            "generated": change.generated,
            "classification": self.classification,
            "changes": change.hash(),
            "by": by,
        }
        return book.append(STREAM, "pool.imported", body).seq


def _insert(db: WriteSession, experts: Sequence[ExpertFacts]) -> None:
    if not experts:
        return
    # By ascending id: each index grows at few places.
    experts = sorted(experts, key=lambda one: one.expert_id)
    connection = db.connection()
    connection.execute(insert(ExpertRow), [_row(one) for one in experts])
    links = [
        {"expert_id": one.expert_id, "classification": one.classification, "code": code}
        for one in experts
        for code in one.codes
    ]
    if links:
        connection.execute(insert(ExpertSpecialtyRow), links)


def _add_organisations(db: WriteSession, organisations: Iterable[Organisation]) -> None:
    wanted = {one.unified_credit_code: one for one in organisations}
    codes = sorted(wanted)
    for at in range(0, len(codes), PORTION):
        some = codes[at : at + PORTION]
        key = col(OrganisationRow.unified_credit_code)
        known = set(db.exec(select(OrganisationRow.unified_credit_code).where(key.in_(some))))
        rows = [
            {"unified_credit_code": code, "name": wanted[code].name, "grouped": wanted[code].group}
            for code in some
            if code not in known
        ]
        if rows:
            db.connection().execute(insert(OrganisationRow), rows)


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


def _head(db: Session) -> int:
    """Seq of the newest entry of the pool; its entries are too many to read for the last."""
    return db.exec(select(func.max(LeafRow.seq)).where(LeafRow.stream == STREAM)).one() or 0


def _changes(db: Session) -> int:
    row = db.get(PoolStateRow, 1)
    return row.changes if row else 0


def _facts(
    db: Session, classification: str, wanted: set[ExpertId] | None = None
) -> Iterator[ExpertFacts]:
    """Facts by ascending id. Many ids are cheaper to read through than to ask for."""
    few = wanted is not None and len(wanted) <= PORTION
    links = select(ExpertSpecialtyRow.expert_id, ExpertSpecialtyRow.code).where(
        ExpertSpecialtyRow.classification == classification
    )
    experts = select(*_COLUMNS).order_by(_TABLE.c.expert_id)
    if (floor := floor_of(db)) is not None:
        links = links.where(ExpertSpecialtyRow.expert_id < floor)
        experts = experts.where(_TABLE.c.expert_id < floor)
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


def _in_pool(db: Session) -> Iterator[ColumnElement[bool]]:
    """The condition that leaves out those of an import that runs."""
    if (floor := floor_of(db)) is not None:
        yield col(ExpertRow.expert_id) < floor


_TABLE = SQLModel.metadata.tables["expert"]
_COLUMNS = tuple(_TABLE.c)
