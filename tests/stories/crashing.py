"""`expert-draw` with a power cut built in: SIGKILL before and after chosen appends.

Run as `python -m tests.stories.crashing FIRST LAST DONE serve …`. FIRST and LAST bound the log
indexes; DONE is a file of the cuts that have happened, so that the next start goes on to
the next one. The product itself has no such switch.

The server is a child that is forked anew after each cut, from a parent that has imported
everything and opened nothing: a restart then costs what a start costs less the imports.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app import serve, wiring
from app.cli import main
from foundation.clock import Clock
from foundation.db import Database
from foundation.ledger.book import Book, Books
from foundation.ledger.entry import Entry
from foundation.ledger.signer import LogSigner


class Cuts:
    """Which cuts are still to come."""

    def __init__(self, first: int, last: int, done: Path) -> None:
        self._range = range(first, last + 1)
        self._done = done
        self._made = set(done.read_text().split()) if done.exists() else set()

    def due(self, side: str, indexes: Sequence[int]) -> None:
        """Die here, once, if one of these indexes was chosen; one cut serves them all."""
        cuts = {f"{side}-{index}" for index in indexes if index in self._range} - self._made
        if not cuts:
            return
        with self._done.open("a") as file:
            file.write("\n".join(cuts) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.kill(os.getpid(), signal.SIGKILL)


PRELOADED: Final = (serve,)


def install(cuts: Cuts) -> None:
    """Put the cuts around every append of this process."""

    class CutBook(Book):
        def _wrote(self, entries: list[Entry]) -> None:
            super()._wrote(entries)
            # Inside the transaction: the fact is decided and not yet true.
            cuts.due("before", [entry.index for entry in entries])

    def after(entries: Sequence[Entry]) -> None:
        cuts.due("after", [entry.index for entry in entries])

    class CutBooks(Books):
        def __init__(self, database: Database, clock: Clock, signer: LogSigner) -> None:
            super().__init__(database, clock, signer)
            # First of all listeners: the fact is true, and nobody was told yet.
            self.subscribe(after)

        book_class = CutBook

    vars(wiring)["Books"] = CutBooks


def keep_serving(first: int, last: int, done: Path, arguments: list[str]) -> int:
    """Serve in a child; after a cut in another one. The exit code of the last."""
    sys.argv = ["expert-draw", *arguments]
    child = 0

    def end(number: int, _frame: object) -> None:
        os.kill(child, number)

    while True:
        child = os.fork()
        if child == 0:
            install(Cuts(first, last, done))
            main()
            os._exit(0)
        signal.signal(signal.SIGTERM, end)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(keep_serving(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
