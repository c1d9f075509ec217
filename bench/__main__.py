"""`make bench`: every row in a process of its own, one table, and `bench/latest.json`.

A row that fails is a row whose goal does not hold; it stops nothing and is never left out.
`ROWS=draw.full make bench` measures what begins with one of the given names.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.row import Row
from draw_engine.kernel import KERNEL

LONGEST_SECONDS: Final = 3600
FOLDER: Final = Path(__file__).parent

ROWS: Final = {
    "bench.draw": ("draw.full", "draw.full.vs_sqlite", "draw.admission"),
    "bench.tree": ("snapshot.root.vs_binary",),
    "bench.verify": ("verify.python",),
    "bench.verify_browser": ("verify.browser",),
    "bench.pool": ("pool.import.100k", "pool.generate.1m"),
    "bench.ledger": ("ledger.append.vs_fdatasync", "ledger.group_append"),
    "bench.standing": ("standing.check.1m", "standing.crosscheck"),
    "bench.standing_feed": ("standing.feed",),
    "bench.memory": ("process.memory.1m",),
    "bench.page": ("page.first", "page.list.p95"),
}
"""Which module measures which rows; what one process measures takes turns there."""


def main() -> None:
    """Measure, print, write."""
    wanted = tuple(filter(None, os.environ.get("ROWS", "").replace(",", " ").split()))
    out = Console(stderr=True)
    rows: list[Row] = []
    for module, names in ROWS.items():
        asked = [name for name in names if not wanted or name.startswith(wanted)]
        if asked:
            out.print(f"[dim]{', '.join(names)} …[/dim]")
            rows += _measured(module, names)
    _print(rows)
    _write("latest.json", [row.as_object() for row in rows])
    _write("machine-latest.json", machine())


def machine() -> dict[str, Any]:
    """Where and when it was measured."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "kernel": "C" if KERNEL is not None else "Python",
    }


def _measured(module: str, names: tuple[str, ...]) -> list[Row]:
    try:
        found = subprocess.run(
            [sys.executable, "-m", module],
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=True,
        )
        return [Row(**one) for one in json.loads(found.stdout.splitlines()[-1])]
    except subprocess.CalledProcessError as failed:
        lines = failed.stderr.strip().splitlines()
        why = lines[-1][:100] if lines else f"exit {failed.returncode}"
    except (subprocess.TimeoutExpired, ValueError, IndexError) as failed:
        why = type(failed).__name__
    return [Row(name, None, "", "", why) for name in names]


def _print(rows: list[Row]) -> None:
    about = machine()
    title = f"{about['processor']}, {about['cores']} cores, load {about['load']}, {about['date']}"
    table = Table(title=title)
    for heading in ("row", "value", "unit", "goal", "holds", "note"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for row in rows:
        value = "missing" if row.value is None else f"{row.value:,}"
        holds = "yes" if row.holds else "[red]no[/red]"
        table.add_row(
            row.name,
            value,
            row.unit,
            row.goal,
            holds if row.goal or row.value is None else "",
            row.note,
        )
    Console(width=150).print(table)


def _write(name: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    (FOLDER / name).write_text(text, encoding="utf-8")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((one.partition(":")[2].strip() for one in lines if "model name" in one), "")


if __name__ == "__main__":
    main()
