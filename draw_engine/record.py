"""Reads a draw from its stream, and writes the next fact about it.

Whatever wakes it, a fact is appended only behind the state that was looked at (`after`),
and a step only once (its claim). The row beside the stream is written in the same
transaction, so lists and timers never see another state than the log.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from draw_engine import store
from draw_engine.core.draw_state import Draw, Stage, apply, fold
from draw_engine.core.holder_checks import LoggedEntry, cosigned_times, fully_cosigned
from draw_engine.core.policy import Policy
from foundation.errors import Kind, ServiceError
from foundation.ledger.book import Book, Books
from foundation.ledger.entry import Entry
from foundation.ledger.note import read_note
from foundation.ledger.signer import Checkpoint

KEPT_IN_MEMORY: Final = 2000


class DrawUnknown(ServiceError):
    """There is no draw with this id."""

    code = "draw.unknown"
    kind = Kind.NOT_FOUND


class StepTaken(ServiceError):
    """Somebody has taken this step already; nothing runs twice."""

    code = "draw.step_taken"
    kind = Kind.CONFLICT


def stream_of(draw_id: str) -> str:
    """Name of the stream that holds a draw's entries."""
    return f"draw/{draw_id}"


@dataclass
class Pen:
    """Writes entries of one draw inside one transaction and keeps the fold with them."""

    book: Book
    draw: Draw

    def fact(self, type_: str, body: Mapping[str, Any]) -> Entry:
        """An entry of ours: public header, private body."""
        stream = stream_of(self.draw.id)
        return self._wrote(self.book.append(stream, type_, body, after=self.draw.seq))

    def protocol(self, entry: Mapping[str, Any], beside: Mapping[str, Any] | None = None) -> Entry:
        """An entry of the draw protocol, byte for byte."""
        stream = stream_of(self.draw.id)
        return self._wrote(self.book.append_protocol(stream, entry, beside, after=self.draw.seq))

    def _wrote(self, entry: Entry) -> Entry:
        self.draw = apply(self.draw, entry)
        return entry


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The first checkpoint that holds an entry and has every signature the policy asks for.

    `newest` and `oldest` are the times of its counted cosignatures, Unix seconds.
    """

    size: int
    note: str
    newest: int
    oldest: int


class Record:
    """The streams and rows of all draws."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._folded: dict[str, Draw] = {}

    def load(self, draw_id: str) -> Draw:
        """The draw as its stream tells it.

        Raises:
            DrawUnknown: no such stream.
        """
        known = self._folded.get(draw_id)
        with self.books.read() as book:
            news = book.entries(stream_of(draw_id), since=known.seq if known else 0)
        if known is None and not news:
            raise DrawUnknown
        draw = fold(news) if known is None else reduce(apply, news, known)
        if len(self._folded) >= KEPT_IN_MEMORY:
            self._folded.clear()
        self._folded[draw_id] = draw
        return draw

    def entries(self, draw_id: str) -> list[Entry]:
        """The draw's entries, in order."""
        with self.books.read() as book:
            return book.entries(stream_of(draw_id))

    @contextmanager
    def write(self, draw: Draw, step: str | None = None) -> Iterator[Pen]:
        """One fact, or several that become true together.

        Raises:
            StepTaken: `step` was claimed before.
            StreamMoved: the draw is no longer as `draw` says.
        """
        with self.books.write() as book:
            pen = Pen(book, draw)
            if step is not None:
                try:
                    store.claim(book.db, draw.id, step, book.now)
                except IntegrityError as taken:
                    raise StepTaken(step=step) from taken
            yield pen
            project(book, pen.draw)

    def frozen(self) -> list[store.DrawRow]:
        """Rows of all draws with a manifest in the log, newest first."""
        with self.books.read() as book:
            return list(reversed(store.frozen_rows(book.db)))

    def logged(self, draw: Draw, index: int) -> LoggedEntry | None:
        """An entry with its proof in the first fully cosigned checkpoint, if there is one."""
        if (found := self.cosigned(draw.policy, index)) is None:
            return None
        entry = next(one for one in self.entries(draw.id) if one.index == index)
        return LoggedEntry(
            index=index,
            entry=entry.protocol or {},
            path=tuple(self.books.inclusion(index, found.size)),
            size=found.size,
            note=found.note,
        )

    def cosigned(self, policy: Mapping[str, Any], index: int) -> Cosigned | None:
        """The first fully cosigned checkpoint larger than `index`."""
        return first_cosigned(self.books.checkpoints(since=index), Policy.read(policy))


def first_cosigned(checkpoints: Sequence[Checkpoint], policy: Policy) -> Cosigned | None:
    """The first of `checkpoints` that the policy counts."""
    for checkpoint in checkpoints:
        if not checkpoint.cosigned:
            continue
        note = read_note(checkpoint.note)
        if fully_cosigned(note, policy):
            times = cosigned_times(note, policy).values()
            return Cosigned(checkpoint.size, checkpoint.note, max(times), min(times))
    return None


def project(book: Book, draw: Draw) -> None:
    """Bring the row of a draw to the state of its stream."""
    row = store.row_of(book.db, draw.id)
    if row is None:
        row = store.DrawRow(
            id=draw.id,
            request_key=draw.request.request_key,
            filed_by=draw.request.filed_by,
            project_code=draw.request.project_code,
            section=draw.request.section,
            stage=draw.stage,
            live=True,
            head=draw.seq,
            filed_at=draw.filed.at,
        )
    row.stage, row.head, row.M = draw.stage, draw.seq, draw.M
    row.live = alive(draw)
    row.unsealed_at = draw.unsealed.at if draw.unsealed else None
    book.db.add(row)


def alive(draw: Draw) -> bool:
    """Whether a timer may still have something to do: an aborted manifest is opened later."""
    if draw.unsealed is not None or draw.stage is Stage.REFUSED:
        return False
    return draw.ended is None or bool(draw.M)
