"""A process killed at any moment of an intake or a cross-check leaves all of it or nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import func, select

from blacklist.list_store import ListEntryRow, Stage
from draw_engine.list_persons import ListedRow
from tests.blacklist.lists.bench import ListBench, open_lists
from tests.blacklist.lists.killed import ROWS, take
from tests.stories.server import ROOT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A pool and no list."""
    open_lists(tmp_path).close()
    return tmp_path


def killed(home: Path, act: str, moment: str, n: int = 1) -> None:
    """Do it in a process of its own, which is killed at the moment."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.blacklist.lists.killed", act, moment, str(n), str(home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def left(bench: ListBench) -> tuple[int, int]:
    """How many entries, and how many people of lists, are there."""
    with bench.pool.books.read() as book:
        entries = book.db.exec(select(func.count()).select_from(ListEntryRow)).one()
    with bench.pool.vault.read() as db:
        return entries, db.exec(select(func.count()).select_from(ListedRow)).one()


@pytest.mark.parametrize(
    ("moment", "n"),
    [
        ("before people", 1),
        ("after people", 1),
        ("after people", 3),
        ("after entries", 2),
        ("before an entry of the ledger", 1),
        ("after an entry of the ledger", 1),
        ("before its record is closed", 1),
    ],
)
def test_a_list_that_was_cut_off_is_none_and_the_next_start_says_so(
    home: Path, moment: str, n: int
) -> None:
    killed(home, "take", moment, n)

    bench = open_lists(home)
    assert bench.lists.lists() == []
    assert bench.check().rows == 0
    (cut_off,) = bench.lists.recover()
    assert left(bench) == (0, 0)
    assert bench.lists.one_intake(cut_off.id).stage is Stage.INTERRUPTED
    take(bench)
    assert left(bench) == (ROWS, ROWS)
    assert bench.check().exact == ROWS
    bench.rows_are_the_fold()
    bench.close()


@pytest.mark.parametrize("again", [1, 2])
def test_a_second_crash_while_it_is_taken_back_changes_nothing(home: Path, again: int) -> None:
    killed(home, "take", "after entries", 2)
    for _ in range(again):
        bench = open_lists(home)
        bench.lists.recover()
        bench.close()
    bench = open_lists(home)
    assert bench.lists.recover() == []
    assert left(bench) == (0, 0)
    bench.close()


@pytest.mark.parametrize(
    ("moment", "n"),
    [
        ("before matches", 1),
        ("before an entry of the ledger", 1),
        ("before an entry of the ledger", 2),
        ("after an entry of the ledger", 2),
        ("before the check", 1),
    ],
)
def test_a_cross_check_that_was_cut_off_has_found_nothing_and_is_due_still(
    home: Path, moment: str, n: int
) -> None:
    bench = open_lists(home)
    take(bench)
    bench.close()

    killed(home, "check", moment, n)

    bench = open_lists(home)
    assert bench.lists.checks() == []
    assert bench.lists.report() == []
    assert bench.lists.crosscheck.due(bench.pool.clock.now())
    assert bench.check().exact == ROWS
    bench.rows_are_the_fold()
    bench.close()


def test_a_withdrawn_list_keeps_nobodys_name_although_it_was_cut_off(home: Path) -> None:
    bench = open_lists(home)
    take(bench)
    bench.close()

    killed(home, "withdraw", "before it is forgotten")

    bench = open_lists(home)
    assert left(bench) == (ROWS, ROWS)
    bench.lists.recover()
    assert left(bench)[1] == 0
    assert bench.check().exact == 0
    bench.close()
