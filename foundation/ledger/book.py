"""The one bottleneck for truth: a transaction that reads, decides, records and tells.

Nothing is real until the block of `Books.write` has ended; listeners hear of it after
that. A crash inside the block leaves nothing; a crash after it is safe, because what
follows (checkpoint, notices, screens) is derived again from what is written.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table, bindparam, insert
from sqlmodel import Session, SQLModel, col, func, select

from foundation.clock import Clock
from foundation.db import Database, ReadSession, WriteSession
from foundation.digest import canon, parse_canon
from foundation.errors import Kind, ServiceError
from foundation.ledger import entry as facts
from foundation.ledger.entry import Body, Entry, StreamMoved
from foundation.ledger.forest import Forest
from foundation.ledger.signer import Checkpoint, Checkpoints, LogSigner, Witness
from foundation.ledger.store import LeafRow, OutboxRow, PayloadRow
from foundation.ledger.tree import leaf_hash

MAX_LEAF_BYTES = 4096
ERASURES = "erasures"
ERASED = "ledger.entry_erased"

_LEAVES, _PAYLOADS = (SQLModel.metadata.tables[n] for n in ("ledger_leaf", "ledger_payload"))
_NEWEST = select(func.max(_LEAVES.c.number))
_HEAD = select(func.max(_LEAVES.c.seq)).where(_LEAVES.c.stream == bindparam("stream"))

Listener = Callable[[Sequence[Entry]], None]


class LeafTooLarge(ServiceError):
    """A public leaf holds at most 4 096 bytes."""

    code = "ledger.leaf_too_large"
    kind = Kind.TOO_LARGE


class LedgerHasAnotherWriter(ServiceError):
    """The ledger has grown under this process; it knows an old tree and may say nothing more."""

    code = "ledger.another_writer"
    kind = Kind.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class ReadBook:
    """What a reader may do: look at entries and rows of one commit."""

    db: ReadSession

    def entries(self, stream: str, since: int = 0) -> list[Entry]:
        """Entries of a stream with seq above `since`, in order.

        Raises:
            BrokenEntry: a payload is not the one its leaf commits to.
        """
        return entries_of(self.db, stream, since)

    def streams(self, prefix: str) -> list[str]:
        """Names of the streams that begin with `prefix`."""
        return streams_of(self.db, prefix)

    def head(self, stream: str) -> int:
        """Seq of the newest entry of the stream; 0 where there is none."""
        return head_of(self.db, stream)

    def type_at(self, stream: str, seq: int) -> str | None:
        """Type of the entry at a place of the log; None where there is none."""
        return type_at(self.db, stream, seq)


class Book:
    """One fact in the making; lives inside one write transaction."""

    def __init__(self, db: WriteSession, now: datetime) -> None:
        self.db = db
        self.now = now
        self.written: list[Entry] = []

    def entries(self, stream: str, since: int = 0) -> list[Entry]:
        """As `ReadBook.entries`, with what this block has written."""
        return entries_of(self.db, stream, since)

    def streams(self, prefix: str) -> list[str]:
        """As `ReadBook.streams`."""
        return streams_of(self.db, prefix)

    def type_at(self, stream: str, seq: int) -> str | None:
        """As `ReadBook.type_at`."""
        return type_at(self.db, stream, seq)

    def head(self, stream: str) -> int:
        """As `ReadBook.head`."""
        return head_of(self.db, stream)

    def append(self, stream: str, type_: str, body: Body, *, after: int | None = None) -> Entry:
        """Record a fact of ours: public leaf, private salted payload.

        Raises:
            StreamMoved: `after` is given and no longer the head of the stream.
        """
        (entry,) = self.append_many(stream, type_, [body], after=after)
        return entry

    def append_many(
        self, stream: str, type_: str, bodies: Iterable[Body], *, after: int | None = None
    ) -> list[Entry]:
        """Record many facts of one type in one commit, as `append` would one by one.

        Raises:
            StreamMoved: `after` is given and no longer the head of the stream.
        """
        first, bodies = self._next(stream, after), [dict(body) for body in bodies]
        if not bodies:
            return []
        number = self._number
        at = facts.instant(int(self.now.timestamp()))
        sealed = list(facts.seal_many(stream, first, type_, self.now, bodies))
        _require_small(one.leaf for one in sealed)
        _insert(
            self.db,
            _LEAVES,
            [
                (number + n, stream, first + n, type_, self.now, one.leaf, False)
                for n, one in enumerate(sealed)
            ],
        )
        _insert(
            self.db, _PAYLOADS, [(number + n, one.salt, one.body) for n, one in enumerate(sealed)]
        )
        entries = [
            Entry(number + n, stream, first + n, type_, at, body, one.leaf, None)
            for n, (body, one) in enumerate(zip(bodies, sealed, strict=True))
        ]
        self._wrote(entries)
        return entries

    def append_protocol(
        self,
        stream: str,
        entry: Body,
        body: Body | None = None,
        *,
        after: int | None = None,
    ) -> Entry:
        """Record an entry of the draw protocol: the leaf is its canonical bytes.

        `body` is a private companion, not hashed here: it must be checkable against the
        entry itself, as a manifest's text is against M.
        """
        seq, number = self._next(stream, after), self._number
        leaf, type_ = canon(entry), str(entry["type"])
        _require_small([leaf])
        _insert(self.db, _LEAVES, [(number, stream, seq, type_, self.now, leaf, True)])
        if body is not None:
            _insert(self.db, _PAYLOADS, [(number, b"", canon(body))])
        written = Entry(number, stream, seq, type_, self.now, body, leaf, entry)
        self._wrote([written])
        return written

    def erase(self, number: int, ground: str) -> None:
        """Drop the payload of an entry for good and say so; the log still verifies."""
        if (payload := self.db.get(PayloadRow, number)) is not None:
            self.db.delete(payload)
            self.append(ERASURES, ERASED, {"index": number, "ground": ground})

    def tell(self, recipient: str, kind: str, facts_: Mapping[str, Any]) -> None:
        """Leave a notice in the outbox, in the same transaction as the fact."""
        self.db.add(
            OutboxRow(
                recipient=recipient,
                kind=kind,
                facts=canon(facts_),
                written_at=self.now,
                next_try_at=self.now,
            )
        )

    def _next(self, stream: str, after: int | None) -> int:
        head = self.head(stream)
        if after is not None and after != head:
            raise StreamMoved(head=head, after=after)
        return head + 1

    def _wrote(self, entries: list[Entry]) -> None:
        self.written += entries

    @property
    def _number(self) -> int:
        """The index of the next leaf."""
        if self.written:
            return self.written[-1].index + 1
        newest = self.db.connection().execute(_NEWEST).scalar()
        return 0 if newest is None else newest + 1


class Books:
    """Opens books, keeps the tree beside the database, signs checkpoints."""

    book_class = Book

    def __init__(self, database: Database, clock: Clock, signer: LogSigner) -> None:
        self.database = database
        self.clock = clock
        self._listeners: list[Listener] = []
        self._growing = threading.Lock()
        with database.read() as db:
            leaves = db.exec(select(LeafRow.leaf).order_by(col(LeafRow.number)))
            self._forest = Forest(leaf_hash(leaf) for leaf in leaves)
        self._checkpoints = Checkpoints(database, clock, signer)

    @contextmanager
    def write(self) -> Iterator[Book]:
        """One use case: everything inside becomes true together, or not at all.

        Raises:
            LedgerHasAnotherWriter: another process has appended; only a start helps.
        """
        with self.database.write() as db:
            book = self.book_class(db, self.clock.now())
            yield book
            # A server that lost our service lock may have let a second process in.
            if book.written and book.written[0].index != len(self._forest):
                raise LedgerHasAnotherWriter
            db.commit()
            # Still under the write lock: the tree grows in the order of the commits.
            with self._growing:
                for entry in book.written:
                    self._forest.append(entry.leaf)
        if book.written:
            for listener in self._listeners:
                listener(tuple(book.written))

    @contextmanager
    def read(self) -> Iterator[ReadBook]:
        """A consistent view of the last commit."""
        with self.database.read() as db:
            yield ReadBook(db)

    @contextmanager
    def scratch(self) -> Iterator[ReadBook]:
        """The same, with temporary tables beside it; all that is made there is rolled back."""
        with self.database.scratch() as db:
            yield ReadBook(db)

    def subscribe(self, listener: Listener) -> None:
        """Have `listener` called after each commit, in the writer's thread; be quick.

        It is called with nothing when a witness has cosigned.
        """
        self._listeners.append(listener)

    def size(self) -> int:
        """Number of leaves."""
        return len(self._forest)

    def root(self, size: int) -> bytes:
        """Root over the first `size` leaves."""
        return self._forest.root(size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Audit path of a leaf in the tree of `size`."""
        return self._forest.inclusion(index, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Proof that the tree of `new` begins with that of `old`."""
        return self._forest.consistency(old, new)

    def subtrees(self, level: int, start: int, end: int) -> list[bytes]:
        """Roots of the complete subtrees start..end-1 of 2^level leaves each."""
        return self._forest.subtrees(level, start, end)

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Leaf bytes of the indexes start..end-1."""
        statement = (
            select(LeafRow.leaf)
            .where(LeafRow.number >= start, LeafRow.number < end)
            .order_by(col(LeafRow.number))
        )
        with self.database.read() as db:
            return list(db.exec(statement))

    def leaf(self, index: int) -> bytes:
        """Bytes of one leaf."""
        return self.leaves(index, index + 1)[0]

    def checkpoint(self) -> Checkpoint:
        """The checkpoint of the present size, signed now if it was not yet."""
        size = self.size()
        return self._checkpoints.at(size) or self._checkpoints.sign(size, self.root(size))

    def checkpoint_at(self, size: int) -> Checkpoint | None:
        """The stored checkpoint of this size, with every signature so far."""
        return self._checkpoints.at(size)

    def checkpoints(self, since: int = 0) -> list[Checkpoint]:
        """Stored checkpoints larger than `since`, ascending."""
        return self._checkpoints.since(since)

    def newest_cosigned(self, since: int = 0) -> Iterator[Checkpoint]:
        """Checkpoints larger than `since` that a witness has cosigned, newest first."""
        return self._checkpoints.newest_cosigned(since)

    def cosign(self, size: int, line: str, witness: Witness) -> Checkpoint:
        """Store a witness's line under a checkpoint.

        Raises:
            BadCosignature: no such checkpoint, or the line is not the witness's.
        """
        checkpoint = self._checkpoints.cosign(size, line, witness)
        # No commit tells those who wait for a witness.
        for listener in self._listeners:
            listener(())
        return checkpoint


def entries_of(db: Session, stream: str, since: int) -> list[Entry]:
    """Entries of a stream above `since`, each payload checked against its leaf."""
    statement = (
        select(LeafRow, PayloadRow)
        .join(PayloadRow, col(PayloadRow.number) == col(LeafRow.number), isouter=True)
        .where(LeafRow.stream == stream, LeafRow.seq > since)
        .order_by(col(LeafRow.seq))
    )
    return [entry_of(leaf, payload) for leaf, payload in db.exec(statement)]


def entry_of(row: LeafRow, payload: PayloadRow | None) -> Entry:
    """The fact in a pair of rows."""
    protocol: Body | None = None
    body: Body | None = None
    if row.protocol:
        value = parse_canon(row.leaf)
        protocol = value if isinstance(value, dict) else {}
        if payload is not None:
            beside = parse_canon(payload.body)
            body = beside if isinstance(beside, dict) else None
    elif payload is not None:
        second = int(row.at.timestamp())
        body = facts.unseal(row.number, row.leaf, second, payload.salt, payload.body)
    at = row.at if row.protocol else facts.instant(int(row.at.timestamp()))
    return Entry(row.number, row.stream, row.seq, row.type, at, body, row.leaf, protocol)


def head_of(db: Session, stream: str) -> int:
    """Seq of the newest entry of a stream; 0 where there is none."""
    return db.connection().execute(_HEAD, {"stream": stream}).scalar() or 0


def type_at(db: Session, stream: str, seq: int) -> str | None:
    """Type of the entry `seq` of a stream; None where there is none."""
    wanted = select(LeafRow.type).where(LeafRow.stream == stream, LeafRow.seq == seq)
    return db.exec(wanted).first()


def streams_of(db: Session, prefix: str) -> list[str]:
    """Distinct stream names with a prefix."""
    statement = select(LeafRow.stream).where(
        col(LeafRow.stream).startswith(prefix, autoescape=True)
    )
    return sorted(set(db.exec(statement.distinct())))


def _require_small(leaves: Iterable[bytes]) -> None:
    if any(len(leaf) > MAX_LEAF_BYTES for leaf in leaves):
        raise LeafTooLarge(limit=MAX_LEAF_BYTES)


def _insert(db: WriteSession, table: Table, rows: list[tuple[Any, ...]]) -> None:
    """Rows as plain values in the order of the columns: an object for each is the dearer half.

    A driver that takes values by position gets them as they are; of its own form only the
    instant is, which is the same for all rows of a book.
    """
    connection = db.connection()
    dialect, names = connection.dialect, [column.name for column in table.c]
    if not dialect.positional:
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    if "at" in names:
        place = names.index("at")
        process = table.c.at.type.dialect_impl(dialect).bind_processor(dialect)
        at = process(rows[0][place]) if process else rows[0][place]
        rows = [(*row[:place], at, *row[place + 1 :]) for row in rows]
    connection.exec_driver_sql(_text(table, dialect), rows)


@lru_cache(maxsize=16)
def _text(table: Table, dialect: Dialect) -> str:
    """The statement of an insert; making it anew would cost as much as running it."""
    return str(insert(table).compile(dialect=dialect))
