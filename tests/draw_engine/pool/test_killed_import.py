"""A process killed in the middle of an import leaves all of it or nothing, and says which."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_pool import app
from draw_engine.pool_records import State
from draw_engine.pool_workbook import write_pool
from tests.draw_engine.pool.bench import PoolBench, generated, open_pool
from tests.stories.server import ROOT

ROWS = 2400
PORTION = 500


@pytest.fixture(autouse=True)
def _a_named_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPERT_DRAW_LOG_ORIGIN", "test.expert-draw.example/log")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pool") / "名册.csv"
    write_pool(made, generated(ROWS))
    return made


def killed(file: Path, home: Path, moment: str, n: int, portion: int = PORTION) -> None:
    """Import in a process of its own, which is killed at the moment."""
    words = [moment, str(n), str(portion), str(file), str(home)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.draw_engine.pool.killed", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def said(home: Path) -> str:
    """What `expert-draw pool imports` prints; opening the folder is the restart."""
    result = CliRunner().invoke(app, ["imports", "--home", str(home)])
    assert result.exit_code == 0, result.output
    return result.output.replace("\n", "")


def opened(home: Path) -> PoolBench:
    """The databases of a home, with no restart in between."""
    return open_pool(home, keys=home / "keys" / "vault")


@pytest.mark.parametrize(
    ("moment", "n"),
    [
        ("before persons", 1),
        ("after persons", 1),
        ("after persons", 3),
        ("after facts", 2),
        ("after facts", 5),
        ("before the last commit", 2),
    ],
)
def test_before_the_last_commit_nothing_is_left(
    file: Path, tmp_path: Path, moment: str, n: int
) -> None:
    killed(file, tmp_path, moment, n)

    told = said(tmp_path)

    assert "没有导入任何一行" in told
    assert "nothing was taken" in told
    left = opened(tmp_path)
    assert left.pool.ids() == left.persons.ids() == set()
    assert left.pool.is_empty()
    (record,) = left.importer.records()
    assert (record.state, record.imported, record.file) == (State.INTERRUPTED, 0, "名册.csv")
    left.close()


def test_until_a_restart_nobody_sees_what_was_staged(file: Path, tmp_path: Path) -> None:
    killed(file, tmp_path, "after facts", 3)

    left = opened(tmp_path)

    assert len(left.persons.ids()) == 3 * PORTION
    assert left.pool.newest()
    assert left.pool.ids() == left.pool.among(left.persons.ids()) == set()
    assert left.pool.summary().experts == len(left.pool.columns()) == 0
    left.close()


def test_after_the_last_commit_everybody_is_there(file: Path, tmp_path: Path) -> None:
    killed(file, tmp_path, "after the last commit", 1)

    assert f"{ROWS} imported" in said(tmp_path)

    left = opened(tmp_path)
    assert left.pool.ids() == left.persons.ids()
    assert left.pool.summary().experts == ROWS
    left.close()


@pytest.mark.parametrize("moment", ["while it is taken back", "before its record is closed"])
def test_a_second_kill_while_the_first_is_cleared_away_changes_nothing(
    file: Path, tmp_path: Path, moment: str
) -> None:
    killed(file, tmp_path, "after facts", 2)
    killed(file, tmp_path, moment, 1)

    assert "nothing was taken" in said(tmp_path)

    left = opened(tmp_path)
    assert left.pool.ids() == left.persons.ids() == set()
    assert left.importer.run(file.read_bytes(), skip_bad=False, by="acc").imported == ROWS
    left.close()


def test_who_was_there_before_stays(file: Path, tmp_path: Path) -> None:
    first = tmp_path / "first.csv"
    before = [replace(one, phone=f"138{n:08}") for n, one in enumerate(generated(40, seed=9))]
    write_pool(first, before)
    CliRunner().invoke(app, ["import", str(first), "--home", str(tmp_path / "home")])

    killed(file, tmp_path / "home", "after facts", 3)
    said(tmp_path / "home")

    left = opened(tmp_path / "home")
    assert left.pool.summary().experts == len(left.persons.get_many(left.pool.ids())) == 40
    left.close()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_hundred_thousand_cut_off_half_way_leave_nobody(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    write_pool(large, generated(100_000))

    killed(large, tmp_path / "home", "after facts", 5, portion=10_000)

    assert "nothing was taken" in said(tmp_path / "home")
    left = opened(tmp_path / "home")
    assert left.pool.is_empty()
    assert left.pool.newest() == left.persons.newest() == ""
    left.close()
