"""What the page speaks to: the page itself, and one WebSocket a person, whatever the engine."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bench.media import lossy
from bench.media.engines import Engine

PAGE: Final = Path(__file__).with_name("page.html")


class Front:
    """Brings the page's calls to `engine` and the engine's offers to the page."""

    def __init__(self) -> None:
        self.engine: Engine
        self.paths: dict[str, lossy.Path] = {}
        """Through what a person reaches the engine, where not directly."""
        self._sockets: dict[tuple[str, str], ServerConnection] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def use(self, engine: Engine) -> None:
        """From now on people join this engine."""
        self.engine = engine
        engine.offered = self._offered

    async def talk(self, socket: ServerConnection) -> None:
        """One person's calls."""
        async for line in socket:
            asked = json.loads(line)
            self._run(self._do(socket, asked.pop("id"), asked.pop("call"), asked))

    async def _do(self, socket: ServerConnection, number: int, call: str, asked: Any) -> None:
        self._sockets[asked["room"], asked["who"]] = socket
        try:
            told = {"id": number, "result": await getattr(self, f"_{call}")(**asked)}
        except Exception as failed:
            told = {"id": number, "error": repr(failed)}
        with suppress(ConnectionClosed):  # the page did not wait for it
            await socket.send(json.dumps(told))

    async def _publish(self, room: str, who: str, sdp: str, tracks: dict[str, str]) -> str:
        return await self._shown(who, await self.engine.publish(room, who, sdp, tracks))

    async def _watch(self, room: str, who: str, people: list[str]) -> None:
        await self.engine.watch(room, who, people)

    async def _answered(self, room: str, who: str, number: int, sdp: str) -> None:
        await self.engine.answered(room, who, number, sdp)

    async def _leave(self, room: str, who: str) -> None:
        await self.engine.leave(room, who)

    async def _shown(self, who: str, sdp: str) -> str:
        return await self.paths[who].shown(sdp) if who in self.paths else sdp

    def _offered(self, room: str, who: str, number: int, sdp: str) -> None:
        self._run(self._bring(room, who, number, sdp))

    async def _bring(self, room: str, who: str, number: int, sdp: str) -> None:
        told = {"room": room, "who": who, "number": number, "sdp": await self._shown(who, sdp)}
        await self._sockets[room, who].send(json.dumps(told))

    def _run(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@asynccontextmanager
async def served(front: Front) -> AsyncIterator[str]:
    """The address of the page."""
    page = PAGE.read_bytes()

    def answer(_: ServerConnection, request: Request) -> Response | None:
        if request.path == "/talk":
            return None
        heads = Headers([("Content-Type", "text/html"), ("Content-Length", str(len(page)))])
        return Response(200, "OK", heads, page)

    options: dict[str, Any] = {"process_request": answer, "compression": None, "max_size": None}
    async with serve(front.talk, "127.0.0.1", 0, **options) as server:
        yield f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
