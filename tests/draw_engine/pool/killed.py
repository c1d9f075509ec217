"""`expert-draw pool import` in a process that ends itself, without farewell, at a chosen moment.

    python -m tests.draw_engine.pool.killed MOMENT N PORTION FILE HOME

MOMENT is where (a key of `MOMENTS`), N which of its occurrences, from 1.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Final

from app.cli_pool import app
from draw_engine import pool_import, pool_records
from draw_engine.expert_pool import ExpertPool
from draw_engine.persons import Persons
from foundation.ledger.book import Book

MOMENTS: Final[dict[str, tuple[Any, str, bool]]] = {
    "before persons": (Persons, "add_many", True),
    "after persons": (Persons, "add_many", False),
    "after facts": (ExpertPool, "stage", False),
    "before the last commit": (Book, "append", False),
    "after the last commit": (ExpertPool, "complete", False),
    "while it is taken back": (Persons, "erase_from", False),
    "before its record is closed": (pool_records, "end", True),
}


def die_at(moment: str, occurrence: int) -> None:
    """Have this process killed there."""
    where, name, before = MOMENTS[moment]
    real: Callable[..., Any] = getattr(where, name)
    calls = 0

    def deadly(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if before and calls == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*given, **named)
        if calls == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(where, name, deadly)


if __name__ == "__main__":
    moment, occurrence, portion, *arguments = sys.argv[1:]
    pool_import.PORTION = int(portion)  # type: ignore[misc]
    die_at(moment, int(occurrence))
    file, home = arguments
    app(["import", file, "--home", home])
