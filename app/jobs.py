"""Timers only wake. What is due is decided by the room, from the ledger and the clock.

A tick runs in a worker thread, one at a time for each job; a commit wakes the jobs early.
An error is logged and tried again, later each time; it never ends the loop. A crash here
loses nothing: the next start finds the same things due.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from anyio.to_thread import run_sync

from app.record import log_failure
from foundation.clock import Clock
from foundation.ledger.entry import Entry

Tick = Callable[[datetime], datetime | None]
"""Do what is due at the instant; answer when to be woken next, None for "on news only"."""

LONGEST_SLEEP: Final = timedelta(seconds=30)
FIRST_RETRY: Final = timedelta(seconds=1)
LAST_RETRY: Final = timedelta(minutes=5)
SETTLE_SECONDS: Final = 0.05


@dataclass(slots=True)
class Job:
    """One thing to do again and again; `failures` counts those in a row."""

    name: str
    tick: Tick
    failures: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def run(self, now: datetime) -> datetime:
        """Tick once; the instant to wake at, whatever happens."""
        try:
            due = self.tick(now)
        except Exception as error:  # a job that fails is tried again, not ended
            self.failures += 1
            log_failure("job_failed", error, job=self.name, failures=self.failures)
            wait = FIRST_RETRY * (1 << min(self.failures - 1, 20))
            return now + min(wait, LAST_RETRY)
        self.failures = 0
        latest = now + LONGEST_SLEEP
        return latest if due is None else min(due, latest)


class Jobs:
    """Every job of this process. Register before `start`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: list[Job] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()

    def every(self, name: str, tick: Tick) -> None:
        """Have `tick` called at start, on news, and when it asked for."""
        self._jobs.append(Job(name, tick))

    def wake(self, _entries: Sequence[Entry] = ()) -> None:
        """There is news (a commit); callable from any thread, returns at once."""
        with self._starting:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._ring)

    async def start(self) -> None:
        """Begin waking."""
        with self._starting:
            self._loop = asyncio.get_running_loop()
        self._tasks = [asyncio.create_task(self._keep(job), name=job.name) for job in self._jobs]

    async def stop(self) -> None:
        """Let running ticks end and wake no more."""
        with self._starting:
            self._loop = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def _ring(self) -> None:
        for job in self._jobs:
            job.news.set()

    async def _keep(self, job: Job) -> None:
        while True:
            job.news.clear()
            wake_at = await run_sync(job.run, self._clock.now())
            # one breath, so that a burst of commits is one tick; also the floor of the pace
            await asyncio.sleep(SETTLE_SECONDS)
            left = (wake_at - self._clock.now()).total_seconds()
            # not wait_for: up to Python 3.11 it loses a cancellation that comes with the news
            with suppress(TimeoutError):
                async with asyncio.timeout(max(left, 0)):
                    await job.news.wait()
