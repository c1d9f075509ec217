"""A progress bar on the error stream of the command line; silent where nobody watches."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from app.opened import errors_to

T = TypeVar("T")

PHASES: Final = {
    "checking": "Checking and taking / 检查并录入",
    "completing": "Completing / 完成",
}
STEP: Final = 1000


class Bar:
    """One bar. `tell` is what long work calls: phase, rows done, rows in all (0: as given)."""

    def __init__(self, progress: Progress, task: TaskID, total: int) -> None:
        self._progress, self._task, self._total = progress, task, total

    def tell(self, phase: str, done: int, total: int) -> None:
        """How far it is."""
        words = PHASES.get(phase, phase)
        total = max(total or self._total, done)
        self._progress.update(self._task, description=words, completed=done, total=total)

    def passing(self, items: Iterable[T]) -> Iterator[T]:
        """The items, counted as they pass by."""
        for done, item in enumerate(items, 1):
            yield item
            if done % STEP == 0 or done == self._total:
                self.tell("Writing / 写出", done, self._total)


@contextmanager
def a_bar(total: int) -> Iterator[Bar]:
    """A bar for `total` rows; drawn on a terminal only."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors_to, disable=not errors_to.is_terminal) as progress:
        yield Bar(progress, progress.add_task("", total=total), total)
