"""The members of a committee whom no page of a test is: they play themselves."""

import asyncio
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Self

import httpx2 as httpx

from app.demo.play import Member, Play, Players


class _Players(Players):
    """Everybody invited but the people of the test."""

    def __init__(self, play: Play, http: httpx.AsyncClient, people: set[str]) -> None:
        super().__init__(play, http)
        self._people = people

    async def _answer_inbox(self, member: Member) -> None:
        if member.name not in self._people:
            await super()._answer_inbox(member)

    async def _enter_rooms(self, member: Member) -> None:
        if member.name not in self._people:
            await super()._enter_rooms(member)


class Others:
    """Acts in a thread of its own from `begin` until the end of the block."""

    def __init__(self, url: str) -> None:
        self._url, self._people = url, set[str]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def leave_out(self, accounts: Iterable[str]) -> None:
        """These are at pages of the test."""
        self._people |= set(accounts)

    def begin(self) -> None:
        """Everybody else acts from now on."""
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        if self._thread.ident:
            self._thread.join(30)

    def _play(self) -> None:
        async def until_told() -> None:
            async with httpx.AsyncClient(base_url=self._url, timeout=30) as http:
                others = _Players(Play(self._url, leave=0, pace=0.05), http, self._people)
                while not self._stop.is_set():
                    with suppress(httpx.TransportError, httpx.HTTPStatusError):
                        await others.round()
                    await asyncio.sleep(0.5)

        asyncio.run(until_told())
