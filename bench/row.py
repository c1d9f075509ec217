"""One line of the table, and how a value is taken: the median of interleaved runs."""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

RUNS: Final = 11


@dataclass(frozen=True, slots=True)
class Row:
    """One measured value; `goal` reads like `>= 10`, empty where there is none."""

    name: str
    value: float | None
    unit: str
    goal: str
    note: str = ""

    @property
    def holds(self) -> bool:
        """Is the goal reached? A value that is missing reaches nothing."""
        if self.value is None:
            return False
        if not self.goal:
            return True
        sign, number = self.goal.split()
        return self.value >= float(number) if sign == ">=" else self.value <= float(number)

    def as_object(self) -> dict[str, object]:
        """As `latest.json` holds it."""
        plain = asdict(self)
        return {name: plain[name] for name in ("name", "value", "unit", "goal")} | {
            "holds": self.holds,
            "note": self.note,
        }


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(
    *works: Callable[[], object], runs: int = RUNS, before: Callable[[], object] | None = None
) -> list[float]:
    """Median seconds of each of `works`, which take turns; `before` is not measured."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for times, work in zip(taken, works, strict=True):
            if before is not None:
                before()
            times.append(timed(work))
    return [statistics.median(times) for times in taken]


def say(rows: Sequence[Row]) -> None:
    """Hand rows to `python -m bench`, which started this process."""
    sys.stdout.write(json.dumps([asdict(one) for one in rows]) + "\n")
