"""Run a coroutine in a thread of its own.

A worker that has driven a browser keeps that browser's event loop running until it ends,
and a second loop can't start in the same thread.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


def apart(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`; when the test's time is over nobody waits for the thread."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(asyncio.run(work))
        except BaseException as failed:
            done.set_exception(failed)

    Thread(target=run, daemon=True).start()
    return done.result()
