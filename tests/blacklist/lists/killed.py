"""An intake, cross-check or withdrawal in a process that ends itself, without farewell.

    python -m tests.blacklist.lists.killed ACT MOMENT N HOME

ACT is `take`, `check` or `withdraw`; MOMENT is where (a key of `MOMENTS`), N which of its
occurrences, from 1.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from blacklist import list_intake, list_store
from draw_engine.list_persons import ListPersons
from foundation.ledger.book import Book
from tests.blacklist.lists.bench import ABOUT, UPLOADER, ListBench, a_file, a_row, open_lists

ROWS: Final = 10
PORTION: Final = 4
MOMENTS: Final[dict[str, tuple[Any, str, bool]]] = {
    "before people": (ListPersons, "stage", True),
    "after people": (ListPersons, "stage", False),
    "after entries": (list_store, "stage_entries", False),
    "before an entry of the ledger": (Book, "append", True),
    "after an entry of the ledger": (Book, "append", False),
    "before its record is closed": (list_store, "end", True),
    "before matches": (list_store, "put_matches", True),
    "before the check": (list_store, "put_check", True),
    "before it is forgotten": (ListPersons, "forget", True),
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


def take(bench: ListBench) -> None:
    """Ten of the pool's people, in portions of four."""
    rows = [a_row(one, document=f"（2026）{n} 号") for n, one in enumerate(bench.people[:ROWS])]
    bench.lists.intake.take(a_file(*rows), ABOUT, skip_bad=False, by=UPLOADER)


if __name__ == "__main__":
    act, moment, occurrence, home = sys.argv[1:]
    list_intake.PORTION = PORTION  # type: ignore[misc]
    opened = open_lists(Path(home))
    die_at(moment, int(occurrence))
    if act == "take":
        take(opened)
    elif act == "check":
        opened.check()
    else:
        opened.lists.withdraw(opened.lists.lists()[0].id, "撤回", UPLOADER)
