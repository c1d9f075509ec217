"""Run a coroutine in a thread of its own.

A worker that has driven a browser keeps that browser's event loop running until it ends,
and a second loop can't start in the same thread.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def apart(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
