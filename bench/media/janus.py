"""Debian's Janus with its plugin videoroom, over its WebSocket interface.

Default is one thread a handle; tuned is `event_loops = 1`. Recording is the plugin's own, .mjr.
"""

import asyncio
import itertools
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from bench.media.engines import READY, Engine, program
from bench.media.network import INSIDE, THERE

PORT: Final = 8188
HOME: Final = "/usr/lib/x86_64-linux-gnu/janus"
KEEPALIVE: Final = 20

GENERAL: Final = """general: {{
  configs_folder = "{folder}"
  plugins_folder = "{home}/plugins"
  transports_folder = "{home}/transports"
  debug_level = 2
  {loops}
}}
nat: {{
  ice_enforce_list = "{address}"
}}
plugins: {{
  disable = "{other_plugins}"
}}
transports: {{
  disable = "{other_transports}"
}}
"""
SOCKETS: Final = """general: {{
  ws = true
  ws_port = {port}
}}
"""


def is_here() -> bool:
    """Whether Janus is installed."""
    return shutil.which("janus") is not None


class Janus(Engine):
    """One Janus; `loops` 0 is its default."""

    def __init__(self, name: str, loops: int, record: bool) -> None:
        self.name = name
        self._loops = loops
        self._record = record
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._messages: set[str] = set()
        self._rooms: dict[str, int] = {}
        self._up: dict[tuple[str, str], int] = {}
        self._down: dict[tuple[str, str], int] = {}
        self._feeds: dict[tuple[str, str], int] = {}
        self._offers: dict[tuple[str, str], int] = {}

    async def start(self) -> None:
        """Write a folder of settings, start, connect."""
        self._folder = Path(tempfile.mkdtemp(prefix="janus-"))
        self._configure(self._folder)
        command = [*INSIDE, "janus", "-F", str(self._folder), "-o"]
        self.program = await program(command)
        async with asyncio.timeout(READY):
            while True:
                try:
                    self._socket = await connect(
                        f"ws://{THERE}:{PORT}",
                        subprotocols=[Subprotocol("janus-protocol")],
                        proxy=None,
                    )
                    break
                except OSError:
                    await asyncio.sleep(0.1)
        self._reader = asyncio.ensure_future(self._read())
        self._session = (await self._ask({"janus": "create"}))["data"]["id"]
        self._alive = asyncio.ensure_future(self._keep_alive())
        self._desk = await self._attach()

    async def stop(self) -> None:
        """End the process; its folder goes with its recordings."""
        self._alive.cancel()
        await self._socket.close()
        await self._reader
        await self.program.end()
        shutil.rmtree(self._folder)

    async def publish(self, room: str, who: str, sdp: str, tracks: dict[str, str]) -> str:
        """Join as a publisher, then bring the offer."""
        handle = self._up[room, who] = await self._attach()
        joined = await self._message(
            handle, request="join", ptype="publisher", room=await self._room(room), display=who
        )
        self._feeds[room, who] = joined["plugindata"]["data"]["id"]
        offer = {"type": "offer", "sdp": sdp}
        told = await self._message(handle, jsep=offer, request="publish")
        await self._no_more_candidates(handle)
        return str(told["jsep"]["sdp"])

    async def watch(self, room: str, who: str, people: list[str]) -> None:
        """Join as a subscriber of all of them, over one connection."""
        handle = self._down[room, who] = await self._attach()
        streams = [{"feed": self._feeds[room, other]} for other in people]
        told = await self._message(
            handle, request="join", ptype="subscriber", room=self._rooms[room], streams=streams
        )
        number = self._offers[room, who] = self._offers.get((room, who), 0) + 1
        self.offered(room, who, number, told["jsep"]["sdp"])

    async def answered(self, room: str, who: str, number: int, sdp: str) -> None:
        """The subscriber's answer."""
        handle = self._down[room, who]
        await self._message(handle, jsep={"type": "answer", "sdp": sdp}, request="start")
        await self._no_more_candidates(handle)

    async def leave(self, room: str, who: str) -> None:
        """Both handles go."""
        for handles in (self._up, self._down):
            if (room, who) in handles:
                await self._ask({"janus": "detach", "handle_id": handles.pop((room, who))})

    def _configure(self, folder: Path) -> None:
        plugins = (one.name for one in Path(HOME, "plugins").glob("*.so"))
        transports = (one.name for one in Path(HOME, "transports").glob("*.so"))
        general = GENERAL.format(
            folder=folder,
            home=HOME,
            address=THERE,
            loops=f"event_loops = {self._loops}" if self._loops else "",
            other_plugins=",".join(one for one in plugins if "videoroom" not in one),
            other_transports=",".join(one for one in transports if "websockets" not in one),
        )
        (folder / "janus.jcfg").write_text(general, encoding="utf-8")
        sockets = SOCKETS.format(port=PORT)
        (folder / "janus.transport.websockets.jcfg").write_text(sockets, encoding="utf-8")

    async def _room(self, room: str) -> int:
        if room not in self._rooms:
            number = self._rooms[room] = len(self._rooms) + 1
            await self._message(
                self._desk,
                request="create",
                room=number,
                publishers=20,
                bitrate=320_000,
                audiocodec="opus",
                videocodec="vp8",
                record=self._record,
                rec_dir=str(self._folder),
            )
        return self._rooms[room]

    async def _attach(self) -> int:
        told = await self._ask({"janus": "attach", "plugin": "janus.plugin.videoroom"})
        return int(told["data"]["id"])

    async def _no_more_candidates(self, handle: int) -> None:
        done = {"completed": True}
        await self._ask({"janus": "trickle", "handle_id": handle, "candidate": done})

    async def _message(
        self, handle: int, jsep: dict[str, str] | None = None, **body: Any
    ) -> dict[str, Any]:
        asked = {"janus": "message", "handle_id": handle, "body": body}
        told = await self._ask(asked | ({"jsep": jsep} if jsep else {}))
        data = told.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise RuntimeError(data["error"])
        return told

    async def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        number = str(next(self._numbers))
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        if asked["janus"] == "message":
            self._messages.add(number)
        session = {} if asked["janus"] == "create" else {"session_id": self._session}
        await self._socket.send(json.dumps({**asked, **session, "transaction": number}))
        return await asyncio.wait_for(waiting, READY)

    async def _read(self) -> None:
        async for line in self._socket:
            told = json.loads(line)
            number = told.get("transaction", "")
            # A message is acknowledged first and answered later.
            if told["janus"] == "ack" and number in self._messages:
                continue
            self._messages.discard(number)
            waiting = self._waiting.pop(number, None)
            if waiting is None:
                continue
            if told["janus"] == "error":
                waiting.set_exception(RuntimeError(told["error"]["reason"]))
            else:
                waiting.set_result(told)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(KEEPALIVE)
            await self._ask({"janus": "keepalive"})
