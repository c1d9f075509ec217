"""`make bench-media`: every row of sound and picture, two tables, `bench/media-latest.json`.

A row that fails is a row whose goal does not hold; it stops nothing and is never left out.
`ROWS=media.loss3 make bench-media` measures what begins with one of the given names; only a
whole run writes docs/media-bench.md.
"""

import os
import sys
from collections.abc import Awaitable, Callable
from typing import Final

import uvloop
from rich.console import Console

from bench.media import crowd, janus, meetings, network, returns
from bench.media.meetings import Cost
from bench.media.paper import print_tables, write_latest, write_paper
from bench.media.room import Room, room
from bench.row import Row

Found = tuple[list[Row], list[Cost]]
Measure = Callable[[Room], Awaitable[Found]]


def _rows_only(measure: Callable[[Room], Awaitable[list[Row]]]) -> Measure:
    async def found(here: Room) -> Found:
        return await measure(here), []

    return found


MEASURES: Final[dict[tuple[str, ...], Measure]] = {
    ("media.vs_janus_tuned", "media.vs_janus_default", "media.recording_cost"): meetings.five,
    ("media.vs_relay",): meetings.three,
    ("media.first_frame.p95",): _rows_only(returns.first_frame),
    ("media.cut_back",): _rows_only(returns.cut_back),
    ("media.restart_back",): _rows_only(returns.restart_back),
    ("media.loss3.fps", "media.loss3.concealed"): _rows_only(returns.loss),
}
"""Which measurement gives which rows; what one gives takes turns there."""


async def measure(wanted: tuple[str, ...]) -> Found:
    """The rows that begin with one of `wanted`, or all."""
    out = Console(stderr=True)

    def asked(names: tuple[str, ...]) -> bool:
        return not wanted or any(name.startswith(wanted) for name in names)

    rows: list[Row] = []
    costs: list[Cost] = []
    chosen = {names: how for names, how in MEASURES.items() if asked(names)}
    if chosen:
        with network.namespace():
            for names, how in chosen.items():
                out.print(f"[dim]{', '.join(names)} …[/dim]")
                try:
                    async with room() as here:
                        found, costs_found = await how(here)
                except Exception as failed:
                    found, costs_found = _missing(names, failed), []
                rows += found
                costs += costs_found
    if asked(crowd.NAMES):
        out.print(f"[dim]{', '.join(crowd.NAMES)} …[/dim]")
        try:
            rows += await crowd.crowd()
        except Exception as failed:
            rows += _missing(crowd.NAMES, failed)
    return rows, costs


def _missing(names: tuple[str, ...], failed: Exception) -> list[Row]:
    why = f"{type(failed).__name__}: {failed}".splitlines()[0][:100]
    return [Row(name, None, "", "", why) for name in names]


def main() -> None:
    """Measure, print, write."""
    wanted = tuple(filter(None, os.environ.get("ROWS", "").replace(",", " ").split()))
    if not janus.is_here():
        sys.exit("Janus is not installed; tools/media_tools.sh says what to type.")
    if why := network.why_not():
        sys.exit(f"no network namespace: {why}")
    rows, costs = uvloop.run(measure(wanted))
    print_tables(rows, costs)
    write_latest(rows, costs)
    if not wanted:
        write_paper(rows, costs)


if __name__ == "__main__":
    main()
