"""`pool.import.100k` and `pool.generate.1m`: the commands that a pool manager would type.

Each takes a minute or two, so each runs once; the row says so.
"""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from bench.row import Row, say, timed

COMMAND: Final = ".venv/bin/expert-draw"
ORIGIN: Final = {"EXPERT_DRAW_LOG_ORIGIN": "bench.example/log"}
ONCE: Final = "n = 1"


def bench() -> list[Row]:
    """Seconds of each command."""
    disk = Path("var/bench")
    disk.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=disk) as name:
        folder = Path(name)
        few, many = folder / "few.csv", folder / "many.csv"
        _run("pool", "generate", "--experts", "100000", "--out", str(few))
        home = str(folder / "home")
        rows = [_row("pool.import.100k", "<= 60", "pool", "import", str(few), "--home", home)]
        asked = ("pool", "generate", "--experts", "1000000", "--out", str(many))
        rows.append(_row("pool.generate.1m", "<= 120", *asked))
    return rows


def _row(name: str, goal: str, *words: str) -> Row:
    try:
        return Row(name, round(timed(lambda: _run(*words)), 1), "s", goal, ONCE)
    except subprocess.CalledProcessError as refused:
        said = refused.stderr.strip().splitlines()
        return Row(name, None, "s", goal, said[-1][:80] if said else "refused")


def _run(*words: str) -> None:
    subprocess.run(
        [COMMAND, *words], check=True, capture_output=True, text=True, env=os.environ | ORIGIN
    )


if __name__ == "__main__":
    say(bench())
