"""How soon somebody is seen: on arrival, after a cut, after a restart; and what loss leaves."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench.media import lineup, lossy
from bench.media.room import Room
from bench.media.wire import WireEngine
from bench.row import Row

PEOPLE: Final = 5
ARRIVALS: Final = 20
CUTS: Final = 3
CUT_SECONDS: Final = 10
STILL_MS: Final = 5000
RESTARTS: Final = 3
LOSS: Final = 0.03
LOSS_PEOPLE: Final = 3
LOSS_SECONDS: Final = 40.0


async def first_frame(room: Room) -> list[Row]:
    """The last of five arrives, again and again; each time four pictures appear."""
    async with _ours() as engine:
        names = await room.meet(engine, PEOPLE)
        late, others = names[-1], names[:-1]
        found: list[float] = []
        for _ in range(ARRIVALS):
            await room.run("leave", late)
            await asyncio.sleep(0.5)
            found += await room.run("arrive", "r", late, others)
        await room.run("leave")
    found.sort()
    value = round(found[len(found) * 95 // 100])
    note = f"median {statistics.median(found):.0f}, longest {found[-1]:.0f}"
    return [Row("media.first_frame.p95", value, "ms", "<= 250", note)]


async def cut_back(room: Room) -> list[Row]:
    """One of five loses the way for ten seconds: the last picture to return, of theirs or them."""
    path = room.front.paths["e1"] = lossy.Path()
    found: list[float] = []
    try:
        async with _ours() as engine:
            await room.meet(engine, PEOPLE)
            for _ in range(CUTS):
                await asyncio.sleep(3)
                path.loss = 1.0
                await asyncio.sleep(CUT_SECONDS)
                gone = await room.run("mark", STILL_MS)
                assert gone == 2 * (PEOPLE - 1), gone
                path.loss, at = 0.0, time.time()
                found.append(max(await room.run("returned")) - 1000 * at)
            await room.run("leave")
    finally:
        del room.front.paths["e1"]
        path.close()
    return [_worst("media.cut_back", found, "<= 1500")]


async def restart_back(room: Room) -> list[Row]:
    """The server is killed and started again: until everybody sees everybody."""
    found: list[float] = []
    async with _ours() as engine:
        names = await room.meet(engine, PEOPLE)
        for _ in range(RESTARTS):
            await asyncio.sleep(2)
            at = time.monotonic()
            await engine.kill()
            await room.run("forget")
            await engine.start()
            others = [[other for other in names if other != who] for who in names]
            await asyncio.gather(
                *(
                    room.run("arrive", "r", who, rest)
                    for who, rest in zip(names, others, strict=True)
                )
            )
            found.append(1000 * (time.monotonic() - at))
        await room.run("leave")
    return [_worst("media.restart_back", found, "<= 4000")]


async def loss(room: Room) -> list[Row]:
    """Three people; every datagram is lost with three per cent, on the way up and down."""
    names = [f"e{number}" for number in range(1, LOSS_PEOPLE + 1)]
    paths = {who: lossy.Path(seed) for seed, who in enumerate(names)}
    room.front.paths |= paths
    try:
        async with _ours() as engine:
            await room.meet(engine, LOSS_PEOPLE)
            for path in paths.values():
                path.loss = LOSS
            usage = await room.measured(engine, LOSS_SECONDS)
            await room.run("leave")
    finally:
        for who, path in paths.items():
            del room.front.paths[who]
            path.close()
    sent = f"{usage.fps_sent:.1f} sent"
    concealed = round(usage.concealed, 2)
    return [
        Row("media.loss3.fps", round(usage.fps, 2), "fps", ">= 14.5", sent),
        Row("media.loss3.concealed", concealed, "%", "<= 2", "of the sound that is heard"),
    ]


def _worst(name: str, found: list[float], goal: str) -> Row:
    note = "longest of " + ", ".join(f"{one:.0f}" for one in found)
    return Row(name, round(max(found)), "ms", goal, note)


@asynccontextmanager
async def _ours() -> AsyncIterator[WireEngine]:
    """Our engine, recording."""
    with tempfile.TemporaryDirectory() as folder:
        engine = lineup.ours(Path(folder))
        await engine.start()
        try:
            yield engine
        finally:
            await engine.stop()
