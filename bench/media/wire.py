"""How the bench speaks to the engines written in Python: one WebSocket, JSON, calls by number."""

import asyncio
import itertools
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError

from bench.media.engines import READY, Engine, program

Call = Callable[..., Awaitable[Any]]
OPTIONS: Final[dict[str, Any]] = {"max_size": None, "compression": None, "ping_interval": None}
"""No pings: the load does not run its loop for a minute."""

Push = Callable[[dict[str, Any]], None]


async def answer_calls(address: str, make: Callable[[Push], dict[str, Call]]) -> None:
    """Serve one client at `address` until the process ends; the port stands on standard output."""

    async def talk(socket: ServerConnection) -> None:
        tasks: set[asyncio.Task[None]] = set()

        def run(work: Awaitable[None]) -> None:
            task = asyncio.ensure_future(work)
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        calls = make(lambda told: run(socket.send(json.dumps(told))))

        async def do(asked: dict[str, Any]) -> None:
            number, name = asked.pop("id"), asked.pop("call")
            try:
                told = {"id": number, "result": await calls[name](**asked)}
            except Exception as failed:
                told = {"id": number, "error": repr(failed)}
            await socket.send(json.dumps(told))

        async for line in socket:
            run(do(json.loads(line)))

    async with serve(talk, address, 0, **OPTIONS) as server:
        sys.stdout.write(f"{next(iter(server.sockets)).getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


class WireEngine(Engine):
    """An engine in a Python process of its own."""

    def __init__(self, name: str, command: list[str], address: str) -> None:
        self.name = name
        self._command = command
        self._address = address
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def start(self) -> None:
        """Bring the process up; it says its port."""
        self.program = await program(self._command)
        assert self.program.process.stdout is not None
        try:
            port = int(await asyncio.wait_for(self.program.process.stdout.readline(), READY))
        except (TimeoutError, ValueError):
            await self.program.end()
            raise RuntimeError(f"{self.name} did not start") from None
        self._socket = await connect(f"ws://{self._address}:{port}", proxy=None, **OPTIONS)
        self._reader = asyncio.ensure_future(self._read(self._socket))

    async def stop(self) -> None:
        """End the process."""
        await self._socket.close()
        await self._reader
        await self.program.end()

    async def kill(self) -> None:
        """End the process as a fault would."""
        self.program.process.kill()
        await self.program.process.wait()
        await self._reader

    async def call(self, call: str, **fields: Any) -> Any:
        """Ask the process something.

        Raises:
            RuntimeError: it failed, or is gone.
        """
        number = next(self._numbers)
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "call": call, **fields}))
        return await waiting

    async def publish(self, room: str, who: str, sdp: str, tracks: dict[str, str]) -> str:
        """The answer to a page's offer."""
        return str(await self.call("publish", room=room, who=who, sdp=sdp, tracks=tracks))

    async def watch(self, room: str, who: str, people: list[str]) -> None:
        """Send `who` these people."""
        await self.call("watch", room=room, who=who, people=people)

    async def answered(self, room: str, who: str, number: int, sdp: str) -> None:
        """The page's answer to an offer."""
        await self.call("answered", room=room, who=who, number=number, sdp=sdp)

    async def leave(self, room: str, who: str) -> None:
        """End a person's stay."""
        await self.call("leave", room=room, who=who)

    async def _read(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosedError):
            async for line in socket:
                self._hear(json.loads(line))
        for waiting in self._waiting.values():
            waiting.set_exception(RuntimeError(f"{self.name} is gone"))
        self._waiting.clear()

    def _hear(self, told: dict[str, Any]) -> None:
        if "id" not in told:
            self.offered(told["room"], told["who"], told["number"], told["sdp"])
        elif "error" in told:
            self._waiting.pop(told["id"]).set_exception(RuntimeError(told["error"]))
        else:
            self._waiting.pop(told["id"]).set_result(told["result"])
