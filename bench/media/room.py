"""A room of people in one headless Chromium, with generated camera and microphone."""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page, async_playwright

from bench.media import camera
from bench.media.engines import Engine
from bench.media.front import Front, served

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--mute-audio",
)

SETTLE: Final = 4.0
"""Seconds until bitrates are what they will be."""

Counters = dict[str, float]


@dataclass(frozen=True, slots=True)
class Usage:
    """What an engine did in some seconds, and what the page saw of it."""

    seconds: float
    cpu_seconds: float
    memory_mb: float
    seen: Counters

    @property
    def cpu_per_room_minute(self) -> float:
        """CPU seconds in a minute of this room."""
        return self.cpu_seconds / self.seconds * 60

    @property
    def us_per_packet(self) -> float:
        """CPU microseconds per packet that arrived at a viewer."""
        return self.cpu_seconds * 1e6 / self.seen["packetsReceived"]

    @property
    def fps(self) -> float:
        """Frames decoded a second, mean of all pictures."""
        return self.seen["framesDecoded"] / self.seconds / self.seen["streams"]

    @property
    def fps_sent(self) -> float:
        """Frames sent a second, mean of all publishers."""
        return self.seen["framesSent"] / self.seconds / self.seen["senders"]

    @property
    def concealed(self) -> float:
        """Share of the sound that was made up for what did not arrive, per cent."""
        return 100 * self.seen["concealedSamples"] / max(1, self.seen["totalSamplesReceived"])


class Room:
    """People e1, e2, … of one page; the engine is chosen for each meeting."""

    def __init__(self, page: Page, front: Front) -> None:
        self.page = page
        self.front = front

    async def meet(self, engine: Engine, people: int) -> list[str]:
        """Everybody joins and sees everybody else; a started engine is needed."""
        self.front.use(engine)
        names = [f"e{number}" for number in range(1, people + 1)]
        for who in names:
            await self.run("join", "r", who)
        for who in names:
            await self.run("watch", who, [one for one in names if one != who])
        return names

    async def measured(self, engine: Engine, seconds: float, settle: float = SETTLE) -> Usage:
        """What the engine uses while everybody talks, after so many seconds to settle."""
        await asyncio.sleep(settle)
        loop = asyncio.get_running_loop()
        before, start = await self.run("counters"), loop.time()
        cpu = engine.program.cpu_seconds
        await asyncio.sleep(seconds)
        cpu = engine.program.cpu_seconds - cpu
        taken = loop.time() - start
        after = await self.run("counters")
        seen = {name: after[name] - before[name] for name in after}
        seen |= {name: after[name] for name in ("streams", "senders")}
        return Usage(taken, cpu, engine.program.memory_mb, seen)

    async def run(self, name: str, *values: Any) -> Any:
        """Call a function of the page."""
        return await self.page.evaluate(f"values => window.bench.{name}(...values)", list(values))


def chromium() -> str:
    """The path of the Chromium that `tools/chromium.sh` finds."""
    found = subprocess.run(["tools/chromium.sh"], capture_output=True, text=True, check=True)
    return found.stdout.strip()


@asynccontextmanager
async def room() -> AsyncIterator[Room]:
    """A page with camera and microphone open, and nobody in the room."""
    path = await asyncio.to_thread(chromium)
    front = Front()
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder, "camera.y4m")
        camera.write(film)
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
        async with served(front) as address, async_playwright() as play:
            browser = await play.chromium.launch(executable_path=path, args=flags)
            context = await browser.new_context(permissions=["camera", "microphone"])
            page = await context.new_page()
            await page.goto(address)
            await page.evaluate("() => window.bench.open()")
            yield Room(page, front)
            await browser.close()
