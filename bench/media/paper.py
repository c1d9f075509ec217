"""The tables: on the screen, in `bench/media-latest.json` and in docs/media-bench.md."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.__main__ import machine
from bench.media.meetings import Cost
from bench.row import Row

LATEST: Final = Path("bench/media-latest.json")
PAPER: Final = Path("docs/media-bench.md")
BEGIN: Final = "<!-- measured: make bench-media writes from here -->\n"
END: Final = "<!-- to here -->\n"

ROWS: Final = ("row", "value", "goal", "holds", "note")
COSTS: Final = (
    "engine", "people", "CPU-s / room-minute", "µs / forwarded packet", "fps seen / sent",
    "sound made up", "memory",
)  # fmt: skip


def print_tables(rows: Sequence[Row], costs: Sequence[Cost]) -> None:
    """Both tables."""
    out = Console(width=170)
    for heads, lines in ((ROWS, _row_lines(rows)), (COSTS, _cost_lines(costs))):
        if lines:
            table = Table(*heads, title=_where())
            for line in lines:
                table.add_row(*line)
            out.print(table)


def write_latest(rows: Sequence[Row], costs: Sequence[Cost]) -> None:
    """What was measured, for a program to read."""
    found = {
        "machine": machine(),
        "rows": [row.as_object() for row in rows],
        "engines": [cost.as_object() for cost in costs],
    }
    LATEST.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_paper(rows: Sequence[Row], costs: Sequence[Cost]) -> None:
    """Both tables into the paper, between its two marks; the words around them stay."""
    text = PAPER.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert rest, "the paper has lost its marks"
    misses = [row.name for row in rows if not row.holds]
    said = f"Not reached: {', '.join(f'`{one}`' for one in misses)}." if misses else "All hold."
    tables = [_markdown(ROWS, _row_lines(rows)), _markdown(COSTS, _cost_lines(costs))]
    measured = "\n\n".join([_where() + ". " + said, *tables])
    PAPER.write_text(before + BEGIN + measured + "\n" + END + after, encoding="utf-8")


def _where() -> str:
    about = machine()
    return (
        f"{about['processor']}, {about['cores']} cores, Python {about['python']}, "
        f"load at the end {about['load']}, {about['date']}"
    )


def _row_lines(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for row in rows:
        value = "missing" if row.value is None else f"{row.value:,g} {row.unit}"
        lines.append((row.name, value, row.goal, "yes" if row.holds else "no", row.note))
    return lines


def _cost_lines(costs: Sequence[Cost]) -> list[tuple[str, ...]]:
    return [
        (
            one.engine,
            str(one.people),
            f"{one.cpu_per_room_minute:.2f}",
            f"{one.us_per_packet:.1f}",
            f"{one.fps:.1f} / {one.fps_sent:.1f}",
            f"{one.concealed:.2f} %",
            f"{one.memory_mb:.0f} MB",
        )
        for one in costs
    ]


def _markdown(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(one) + " |" for one in rows)
