"""Thirty rooms on one core, without browsers, in a process of its own (load.py)."""

import asyncio
import json
import os
import sys
import tempfile
from typing import Final

from bench.row import Row

ROOMS: Final = 30
NAMES: Final = ("media.rooms_per_core.p99", "media.memory")


async def crowd() -> list[Row]:
    """Added latency, and memory a connection, recording."""
    if (os.cpu_count() or 1) < 2:
        raise RuntimeError("needs two cores")
    with tempfile.TemporaryDirectory() as folder:
        found = await load("--rooms", str(ROOMS), "--record", folder)
    missing = 100 * max(0.0, found["missing"])
    latency = (
        f"p50 {found['p50']:.2f}, p95 {found['p95']:.2f}; {found['packets_out']:,.0f} packets/s, "
        f"{100 * found['core']:.0f} % of the core, {found['us_per_packet']:.1f} us each, "
        f"{missing:.2f} % missing"
    )
    connections = f"{ROOMS * 10} connections, {found['memory_mb']:.0f} MB in all"
    return [
        Row(NAMES[0], round(found["p99"], 2), "ms", "<= 5", latency),
        Row(NAMES[1], round(found["mb_per_connection"], 2), "MB", "<= 1", connections),
    ]


async def load(*words: str) -> dict[str, float]:
    """Figures of one run of load.py.

    Raises:
        RuntimeError: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.media.load", *words), stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"load ended with {process.returncode}")
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found
