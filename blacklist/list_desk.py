"""Where a page leaves a list, or asks for a cross-check, and then asks how far it is.

The work is done by a thread of its own; the answer to an upload comes before the first row
is checked. What is told lives here as long as the process; how an intake ended stands in
its record for good.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO, Final, cast

from blacklist.core.list_check import Problem
from blacklist.core.list_errors import ListInterrupted, ListRefused, ListsBusy
from blacklist.list_crosscheck import BY_ITSELF
from blacklist.list_intake import About
from blacklist.list_service import ListService
from foundation.clock import Clock
from foundation.errors import ServiceError
from foundation.ids import AccountId, new_id

READING: Final = "reading"
CROSSCHECK: Final = "crosscheck"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """How far the work is: `done` of `total` rows in a phase. `id` of a list, or `crosscheck`."""

    id: str
    phase: str = READING
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """What this process knows of the last work beyond its record."""

    id: str
    problems: Sequence[Problem] = ()
    refusal: ServiceError | None = None


class ListDesk:
    """Runs one thing at a time beside the service. Safe for many threads."""

    def __init__(self, lists: ListService, clock: Clock) -> None:
        self._lists = lists
        self._clock = clock
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._running: Running | None = None
        self._ended: Ended | None = None

    def take(self, upload: BinaryIO, about: About, *, skip_bad: bool, by: AccountId) -> Running:
        """Copy an upload and begin to take it.

        Raises:
            ListUnnamed, ListDatedAhead, and the reader's refusals of a file as a whole.
            ListsBusy: other work runs.
        """
        about = self._lists.intake.admit(about)
        one = self._begin(new_id("ol", self._clock.now()))
        # The upload ends with its request. The copy has no name, so it never outlives us.
        file = cast(BinaryIO, TemporaryFile())  # noqa: SIM115 - the thread closes it
        try:
            shutil.copyfileobj(upload, file)
            self._told("checking", 0, self._lists.intake.open(file).rows)
        except BaseException:
            file.close()
            self._running = None
            raise

        def work() -> Ended:
            with file:
                outcome = self._lists.intake.take(
                    file,
                    about,
                    skip_bad=skip_bad,
                    by=by,
                    id_=one.id,
                    progress=self._told,
                    stop=self._stop,
                )
            return Ended(one.id, outcome.problems)

        return self._go(one, work)

    def check(self, by: AccountId) -> Running:
        """Begin a cross-check on demand.

        Raises:
            ListsBusy: other work runs.
        """
        one = self._begin(CROSSCHECK)

        def work() -> Ended:
            self._lists.crosscheck.run(by, progress=self._told, stop=self._stop)
            return Ended(one.id)

        return self._go(one, work)

    def check_if_due(self, now: datetime) -> None:
        """The daily cross-check, in the caller's thread; where other work runs, later."""
        if self._stop.is_set() or not self._lists.crosscheck.due(now):
            return
        try:
            self._begin(CROSSCHECK)
        except ListsBusy:
            return
        try:
            self._lists.crosscheck.run(BY_ITSELF, progress=self._told, stop=self._stop)
        except (ListInterrupted, ListsBusy):
            return
        finally:
            self._running = None

    def running(self) -> Running | None:
        """What runs now."""
        return self._running

    def ended(self, id_: str) -> Ended:
        """What is known beyond a record."""
        ended = self._ended
        return ended if ended is not None and ended.id == id_ else Ended(id_)

    def rest(self) -> None:
        """Wait until nothing runs."""
        if (running := self._thread) is not None:
            running.join()

    def close(self) -> None:
        """Cut off what runs and wait until it has been taken back."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _begin(self, id_: str) -> Running:
        with self._lock:
            if self._running is not None:
                raise ListsBusy
            self._running = one = Running(id_)
        return one

    def _go(self, one: Running, work: Callable[[], Ended]) -> Running:
        def run() -> None:
            ended = Ended(one.id)
            try:
                ended = work()
            except ListRefused as refused:
                ended = Ended(one.id, refused.problems, refused)
            except ServiceError as refused:
                ended = Ended(one.id, (), refused)
            except Exception as error:  # whatever it was, the page must hear of an end
                # only the kind: the text of a database error can hold a row
                _log.error("list_work_failed %s", type(error).__name__)
                ended = Ended(one.id, (), ListInterrupted())
            finally:
                with self._lock:
                    self._ended, self._running = ended, None

        self._thread = threading.Thread(target=run, name="outside-lists", daemon=True)
        self._thread.start()
        return self._running or one

    def _told(self, phase: str, done: int, total: int) -> None:
        with self._lock:
            if self._running is not None:
                self._running = replace(self._running, phase=phase, done=done, total=total)
