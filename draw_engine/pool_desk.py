"""Where a page leaves a file and asks how far its import is.

The file is read by a thread of its own; the answer to an upload comes before the first row
is checked. What is told lives here as long as the process; how an import ended stands in
its record for good, so that a page that was reloaded, or a restart, still gets the answer.
"""

import logging
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import BinaryIO, Final, cast

from draw_engine.pool_check import Problem
from draw_engine.pool_import import ImportRefused, PoolImport
from draw_engine.pool_records import ImportInterrupted, ImportRecord, ImportRunning
from draw_engine.pool_sheets import Source
from foundation.clock import Clock
from foundation.errors import ServiceError
from foundation.ids import new_id

READING: Final = "reading"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """How far an import is: `done` of `total` rows in a phase."""

    id: str
    file: str
    by: str
    phase: str = READING
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """What this process knows of an import beyond its record: bad cells, the refusal, and rows of
    those who stand on an outside list."""

    id: str
    problems: Sequence[Problem] = ()
    refusal: ServiceError | None = None
    listed: Sequence[tuple[str, int]] = ()


class ImportDesk:
    """Runs one import at a time beside the service. Safe for many threads."""

    def __init__(self, importer: PoolImport, clock: Clock) -> None:
        self._importer = importer
        self._clock = clock
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._running: Running | None = None
        self._ended: Ended | None = None

    def start(self, upload: BinaryIO, name: str, *, skip_bad: bool, by: str) -> Running:
        """Copy an upload and begin to import it.

        Raises:
            NotAWorkbook, FileTooLarge, HeaderMissing: the file as a whole is unfit.
            ImportRunning: another import runs.
        """
        one = Running(new_id("im", self._clock.now()), name, by)
        with self._lock:
            if self._running is not None:
                raise ImportRunning
            self._running = one
        # The upload ends with its request. The copy has no name, so it never outlives us.
        file = cast(BinaryIO, TemporaryFile())  # noqa: SIM115 - the thread closes it
        try:
            shutil.copyfileobj(upload, file)
            source = self._importer.source(file)
        except BaseException:
            file.close()
            self._running = None
            raise
        self._told("checking", 0, source.rows)
        self._thread = threading.Thread(
            target=self._run, args=(one, file, source, skip_bad), name="pool-import", daemon=True
        )
        self._thread.start()
        return one

    def running(self) -> Running | None:
        """The import that runs now."""
        return self._running

    def record(self, id_: str) -> ImportRecord:
        """The record of an import; refusals as `PoolImport.record`."""
        return self._importer.record(id_)

    def records(self) -> list[ImportRecord]:
        """The last imports, newest first."""
        return self._importer.records()

    def ended(self, id_: str) -> Ended:
        """What is known of an import beyond its record."""
        ended = self._ended
        return ended if ended is not None and ended.id == id_ else Ended(id_)

    def close(self) -> None:
        """Cut off what runs and wait until it has been taken back."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, one: Running, file: BinaryIO, source: Source, skip_bad: bool) -> None:
        ended = Ended(one.id)
        try:
            outcome = self._importer.run(
                source,
                skip_bad=skip_bad,
                by=one.by,
                name=one.file,
                id_=one.id,
                progress=self._told,
                stop=self._stop,
            )
            ended = Ended(one.id, outcome.problems, listed=outcome.listed)
        except ImportRefused as refused:
            ended = Ended(one.id, refused.problems, refused)
        except ServiceError as refused:
            ended = Ended(one.id, (), refused)
        except Exception as error:  # whatever it was, the page must hear of an end
            # only the kind: the text of a database error can hold a row
            _log.error("import_failed %s", type(error).__name__)
            ended = Ended(one.id, (), ImportInterrupted())
        finally:
            file.close()
            with self._lock:
                self._ended, self._running = ended, None

    def _told(self, phase: str, done: int, total: int) -> None:
        with self._lock:
            if self._running is not None:
                self._running = replace(self._running, phase=phase, done=done, total=total)
