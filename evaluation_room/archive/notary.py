"""Brings the facts of the recording into the ledger, a few seconds' worth in one transaction.

On a thread of its own: a ledger that is busy must not hold up the disk. A crash before the
transaction loses nothing: the files are there, and the next start records them.
"""

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Final, Protocol

from evaluation_room.core.media_events import MediaEvent

logger = logging.getLogger(__name__)

GROUP_SECONDS: Final = 2.0


class Note(Protocol):
    """Appends facts of an evaluation to its log of media, in one transaction, from any thread."""

    def __call__(self, evaluation_id: str, /, *events: MediaEvent) -> None:
        """Raises whatever kept them from being written; none of them is then."""


class Notary:
    """Keeps facts in order until the ledger has them.

    Args:
        beside: called before each round; looks after alarms.
    """

    def __init__(self, note: Note, beside: Callable[[], None] = lambda: None) -> None:
        self._note = note
        self._beside = beside
        self._facts: deque[tuple[str, MediaEvent]] = deque()
        self._waiting: defaultdict[str, list[MediaEvent]] = defaultdict(list)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def fact(self, evaluation_id: str, event: MediaEvent) -> None:
        """Take a fact, from any thread."""
        self._facts.append((evaluation_id, event))

    def has(self, evaluation_id: str) -> bool:
        """Whether facts of an evaluation are still to be written."""
        return evaluation_id in self._waiting or any(
            one == evaluation_id for one, _ in tuple(self._facts)
        )

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._run, name="recording-notary", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.turn()

    def turn(self) -> None:
        """One transaction for each evaluation of which there is something to write."""
        while self._facts:
            evaluation_id, event = self._facts.popleft()
            self._waiting[evaluation_id].append(event)
        for evaluation_id in list(self._waiting):
            try:
                self._note(evaluation_id, *self._waiting[evaluation_id])
            except Exception:
                # They stay in order and are tried again; a crash until then is safe.
                logger.exception("facts of a recording not written")
            else:
                del self._waiting[evaluation_id]

    def _run(self) -> None:
        while not self._stop.wait(GROUP_SECONDS):
            try:
                self._beside()
            except Exception:
                logger.exception("recorder not looked after")
            self.turn()
