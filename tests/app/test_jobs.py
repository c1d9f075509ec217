"""Timers only wake, and an error never ends them."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.jobs import LAST_RETRY, LONGEST_SLEEP, SETTLE_SECONDS, Job, Jobs
from app.wiring import wake_unless_media
from foundation.clock import FixedClock, SystemClock
from foundation.ledger.entry import Entry
from tests.apart import apart

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_a_job_is_woken_when_it_asked_and_at_the_latest_after_the_longest_sleep() -> None:
    assert Job("soon", lambda now: now + timedelta(seconds=2)).run(NOON) == NOON + timedelta(
        seconds=2
    )
    assert Job("never", lambda _: None).run(NOON) == NOON + LONGEST_SLEEP


def test_failures_wait_longer_each_time_and_a_success_forgets_them() -> None:
    broken = [True]

    def tick(_: datetime) -> None:
        if broken[0]:
            raise RuntimeError

    job = Job("flaky", tick)
    waits = [(job.run(NOON) - NOON).total_seconds() for _ in range(12)]
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LAST_RETRY.total_seconds()
    broken[0] = False
    job.run(NOON)
    assert job.failures == 0


def test_news_wakes_at_once_and_one_failing_job_leaves_the_others_alone() -> None:
    apart(_news_wakes_at_once_and_one_failing_job_leaves_the_others_alone())


async def _news_wakes_at_once_and_one_failing_job_leaves_the_others_alone() -> None:
    jobs, ran = Jobs(SystemClock()), asyncio.Event()
    loop, count = asyncio.get_running_loop(), [0]

    def good(_: datetime) -> None:
        count[0] += 1
        loop.call_soon_threadsafe(ran.set)

    def bad(_: datetime) -> None:
        raise RuntimeError

    jobs.every("bad", bad)
    jobs.every("good", good)
    await jobs.start()
    await asyncio.wait_for(ran.wait(), 5)
    ran.clear()
    await asyncio.to_thread(jobs.wake)
    await asyncio.wait_for(ran.wait(), 5)
    await jobs.stop()
    assert count[0] >= 2
    jobs.wake()


def test_news_that_comes_with_the_end_does_not_keep_a_job_alive() -> None:
    apart(_news_that_comes_with_the_end_does_not_keep_a_job_alive())


async def _news_that_comes_with_the_end_does_not_keep_a_job_alive() -> None:
    jobs, loop, ran = Jobs(SystemClock()), asyncio.get_running_loop(), asyncio.Event()

    def idle(_: datetime) -> None:
        loop.call_soon_threadsafe(ran.set)

    jobs.every("idle", idle)
    await jobs.start()
    await asyncio.wait_for(ran.wait(), 5)
    await asyncio.sleep(6 * SETTLE_SECONDS)  # by now it waits for news
    jobs._ring()
    await asyncio.wait_for(jobs.stop(), 5)


def test_a_job_that_is_always_due_does_not_spin() -> None:
    apart(_a_job_that_is_always_due_does_not_spin())


async def _a_job_that_is_always_due_does_not_spin() -> None:
    jobs, count = Jobs(FixedClock(NOON)), [0]

    def due(now: datetime) -> datetime:
        count[0] += 1
        return now - timedelta(hours=1)

    jobs.every("due", due)
    await jobs.start()
    await asyncio.sleep(0.3)
    await jobs.stop()
    assert 2 <= count[0] <= 8


def test_media_facts_alone_wake_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    jobs = Jobs(SystemClock())
    monkeypatch.setattr(jobs, "wake", lambda entries: woken.append(len(entries)))
    media, room = (Entry(0, one, 1, "x", NOON, None, b"") for one in ("media/ev", "evaluation/ev"))
    wake_unless_media(jobs, [media, media])
    assert woken == []
    wake_unless_media(jobs, [media, room])
    wake_unless_media(jobs, [])
    assert woken == [2, 0]
