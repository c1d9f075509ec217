"""The ledger's side of sound and picture: facts of stream `media/<evaluation>` in and out.

Facts come from the event loop that carries packets, from the recorder's threads and from
routes; none of them may wait for a disk. `note` only queues; one thread writes what has come
together in one transaction, a room's facts in the order in which they came. Nothing is told
before it is in the ledger: `note` answers a future, and `on_told` is called after the commit.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from evaluation_room.core.media_events import MEDIA_EVENT, STREAM, MediaEvent, RecordedMedia
from evaluation_room.core.media_log import MediaLog
from foundation.ledger.book import Book, Books
from foundation.ledger.entry import Entry

logger = logging.getLogger(__name__)

LINGER_SECONDS: Final = 0.2
"""How long a fact waits for others before both are one commit."""
RETRY_SECONDS: Final = 1.0
MOST_AT_ONCE: Final = 512

Told = Callable[[str, Sequence[RecordedMedia]], None]
Decide = Callable[[MediaLog, Book], Iterable[MediaEvent]]


class MediaBookClosed(RuntimeError):
    """The book was closed before these facts were in the ledger; a start finds none of them."""


@dataclass(frozen=True, slots=True)
class _Note:
    """Facts of one room that become true together."""

    evaluation_id: str
    events: tuple[MediaEvent, ...]
    done: "Future[tuple[RecordedMedia, ...]]"


@dataclass(slots=True)
class _Kept:
    """A room's facts as folded so far."""

    log: MediaLog = field(default_factory=MediaLog)
    facts: list[RecordedMedia] = field(default_factory=list)


def media_stream_of(evaluation_id: str) -> str:
    """The ledger stream of an evaluation's sound and picture."""
    return STREAM + evaluation_id


def recorded_media(entry: Entry) -> RecordedMedia:
    """The fact in a ledger entry.

    Raises:
        ValidationError: not a fact of this stream, or erased.
    """
    event = MEDIA_EVENT.validate_python({"type": entry.type, **(entry.body or {})})
    return RecordedMedia(entry.seq, entry.index, entry.at, event)


def media_body(event: MediaEvent) -> dict[str, Any]:
    """What the ledger keeps of a fact beside its type."""
    return event.model_dump(mode="json", exclude={"type"}, exclude_none=True)


class MediaBook:
    """Writes and reads the media facts of every room, for one process."""

    def __init__(self, books: Books, *, linger_seconds: float = LINGER_SECONDS) -> None:
        self._books = books
        self._linger = linger_seconds
        self._notes: queue.SimpleQueue[_Note | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._noting = threading.Lock()
        self._reading = threading.RLock()
        self._rooms: dict[str, _Kept] = {}
        self._told: list[Told] = []
        self._thread: threading.Thread | None = None

    def on_told(self, told: Told) -> None:
        """Have `told(evaluation_id, facts)` called after each commit, in the thread that made it.

        Be quick.
        """
        self._told.append(told)

    def note(self, evaluation_id: str, *events: MediaEvent) -> "Future[tuple[RecordedMedia, ...]]":
        """Have facts written soon, in this order, all or none. Never waits; from any thread.

        Returns:
            Resolves to the facts once the ledger holds them. While the database is away it
            waits, and the thread tries again each second. It fails with MediaBookClosed when
            the book is closed first.
        """
        one = _Note(evaluation_id, events, Future())
        one.done.set_running_or_notify_cancel()  # who waits no longer cancels no fact
        with self._noting:
            if self._closing.is_set():
                one.done.set_exception(MediaBookClosed())
                return one.done
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="media-book", daemon=True)
                self._thread.start()
            self._notes.put(one)
        return one.done

    def write(self, evaluation_id: str, decide: Decide) -> tuple[RecordedMedia, ...]:
        """Decide on the room's log as it is and write what follows, at once; blocks.

        Raises:
            ServiceError: what `decide` refuses; nothing has changed.
        """
        with self._books.write() as book:
            # Nobody else commits while this block has the lock: the log stays as it is read.
            events = tuple(decide(self.log(evaluation_id), book))
            facts = _append(book, evaluation_id, events)
        self._tell(evaluation_id, facts)
        return facts

    def facts(self, evaluation_id: str, since: int = 0) -> list[RecordedMedia]:
        """The facts with seq above `since`, in order, as the ledger holds them now."""
        with self._reading:
            return self._caught_up(evaluation_id).facts[since:]

    def log(self, evaluation_id: str) -> MediaLog:
        """What all facts of a room add up to now; the caller's own copy."""
        with self._reading:
            return self._caught_up(evaluation_id).log.copy()

    def flush(self, timeout_seconds: float | None = None) -> None:
        """Wait until everything noted before is in the ledger.

        Raises:
            TimeoutError: it took longer. MediaBookClosed: it never will be.
        """
        self.note("").result(timeout_seconds)

    def close(self) -> None:
        """Write what was noted and end the thread; what can't be written now is logged as lost."""
        with self._noting:
            self._closing.set()
            self._notes.put(None)
        if self._thread is not None:
            self._thread.join()

    def _caught_up(self, evaluation_id: str) -> _Kept:
        kept = self._rooms.get(evaluation_id, _Kept())
        with self._books.read() as book:
            entries = book.entries(media_stream_of(evaluation_id), since=kept.log.seq)
        for entry in entries:
            fact = recorded_media(entry)
            kept.log.add(fact)
            kept.facts.append(fact)
        if kept.facts:  # ids that nobody knows must not fill the memory
            self._rooms[evaluation_id] = kept
        return kept

    def _keep(self) -> None:
        """The writer's thread: takes what has come together, until the book is closed."""
        going_on = True
        while going_on:
            notes: list[_Note] = []
            first = self._notes.get()
            going_on = first is not None
            if first is not None:
                notes.append(first)
                self._closing.wait(self._linger)
            while len(notes) < MOST_AT_ONCE and going_on:
                try:
                    one = self._notes.get_nowait()
                except queue.Empty:
                    break
                if one is None:
                    going_on = False
                else:
                    notes.append(one)
            self._write_all(notes)

    def _write_all(self, notes: Sequence[_Note]) -> None:
        """Write notes in one transaction; again while the database is away."""
        while notes:
            try:
                written = self._commit(notes)
            except DBAPIError:
                logger.exception("media facts wait for the database: %d", len(notes))
                if self._closing.wait(RETRY_SECONDS):
                    return self._lose(notes, MediaBookClosed())
            except Exception as bad:
                if len(notes) == 1:
                    return self._lose(notes, bad)
                for one in notes:  # one that can't be written must not take the others with it
                    self._write_all([one])
                return None
            else:
                for one, facts in zip(notes, written, strict=True):
                    one.done.set_result(facts)
                    self._tell(one.evaluation_id, facts)
                return None
        return None

    def _commit(self, notes: Sequence[_Note]) -> list[tuple[RecordedMedia, ...]]:
        if not any(one.events for one in notes):
            return [() for _ in notes]
        with self._books.write() as book:
            return [_append(book, one.evaluation_id, one.events) for one in notes]

    def _tell(self, evaluation_id: str, facts: Sequence[RecordedMedia]) -> None:
        for told in self._told if facts else ():
            try:
                told(evaluation_id, facts)
            except Exception:
                logger.exception("a listener to media facts failed")

    def _lose(self, notes: Sequence[_Note], why: Exception) -> None:
        logger.error("media facts lost: %d", len(notes), exc_info=why)
        for one in notes:
            one.done.set_exception(why)


def _append(
    book: Book, evaluation_id: str, events: Iterable[MediaEvent]
) -> tuple[RecordedMedia, ...]:
    stream = media_stream_of(evaluation_id)
    return tuple(recorded_media(book.append(stream, one.type, media_body(one))) for one in events)
