"""`process.memory.1m`: the most memory a process holds that has opened a national pool.

It has the whole service imported, the ledger, the pool's columns, the snapshot's columns and
one frozen draw of 257,000 candidates.
"""

import resource
import tempfile
from pathlib import Path

import app.main  # noqa: F401 - what the service itself takes counts
from bench.draw import Drawing
from bench.national import nation
from bench.row import Row, say


def bench() -> list[Row]:
    """The process's peak, in megabytes of 10^6 bytes; it must not build the pool itself."""
    made = nation()
    with tempfile.TemporaryDirectory(dir=made.home.parent) as folder:
        drawing = Drawing(made, Path(folder))
        drawing.change()
        drawing.draw()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    note = "peak: service, pool, snapshot, one draw"
    return [Row("process.memory.1m", round(peak / 1e6), "MB", "<= 600", note)]


if __name__ == "__main__":
    say(bench())
