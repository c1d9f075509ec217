"""Many rooms of people without browsers, on a core of their own, against a server on another.

`python -m bench.media.load --rooms 30 --seconds 20`: prints one line of JSON. Each person sends
what a browser does: 50 packets of Opus a second, 15 frames of VP8 in two packets each, sender
reports; each receiver reports once a second. One person a room hears what is forwarded to them;
latency is from the call that sends a packet to the kernel's time of arrival at that person.
"""

import argparse
import asyncio
import json
import os
import random
import select
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import aioice.ice
from aiortc import RTCCertificate

from bench.media.caller import OPUS, VP8, Caller, Connection
from bench.media.wire import WireEngine

OWN: Final = "127.0.0.1"
PEOPLE: Final = 5
NAMES: Final = [f"e{number}" for number in range(1, PEOPLE + 1)]
AUDIO_BYTES: Final = 80
VIDEO_BYTES: Final = 750
KEYFRAME_EVERY: Final = 15
SETTLE: Final = 20.0
"""Seconds before anything is measured: by then caches are full, and memory is what it will be."""
HEAD: Final = struct.Struct(">BBHII")
MARK: Final = struct.Struct(">II")
AT_ONCE: Final = 10
SENT_KEPT: Final = 4096


@dataclass(slots=True)
class Stream:
    """One track of one person."""

    number: int
    connection: Connection
    ssrc: int
    video: bool
    seq: int = field(default_factory=lambda: random.randrange(1 << 15))
    count: int = 0
    octets: int = 0
    sent: list[int] = field(default_factory=lambda: [0] * SENT_KEPT)

    def packets(self) -> Iterator[bytes]:
        """What is due now: a packet of sound, or a frame in two packets."""
        if not self.video:
            yield self._packet(0x80 | OPUS, self.count * 960, b"\x78" + bytes(AUDIO_BYTES))
            return
        frame = self.count // 2
        clock = frame * 6000
        delta = b"\x00" if frame % KEYFRAME_EVERY == 0 else b"\x01"
        yield self._packet(VP8, clock, b"\x10" + delta + bytes(VIDEO_BYTES))
        yield self._packet(0x80 | VP8, clock, b"\x00" + bytes(VIDEO_BYTES))

    def report(self) -> bytes:
        """A sender report."""
        now = time.time() + 2208988800
        clock = self.count // 2 * 6000 if self.video else self.count * 960
        whole = int(now), int((now % 1) * 2**32)
        return struct.pack(
            ">BBHIIIIII", 0x80, 200, 6, self.ssrc, *whole, clock & 0xFFFFFFFF, self.count,
            self.octets & 0xFFFFFFFF,
        )  # fmt: skip

    def _packet(self, second: int, clock: int, payload: bytes) -> bytes:
        head = HEAD.pack(0x80, second, self.seq & 0xFFFF, clock & 0xFFFFFFFF, self.ssrc)
        packet = head + payload[: -MARK.size] + MARK.pack(self.number, self.count)
        self.seq += 1
        self.count += 1
        self.octets += len(payload)
        return packet


class Load:
    """The people, what they send when, and what the listeners hear."""

    def __init__(self, engine: WireEngine, rooms: int) -> None:
        certificate = RTCCertificate.generateCertificate()
        self._engine = engine
        self.callers = [
            Caller(f"r{number // PEOPLE}", NAMES[number % PEOPLE], number, certificate)
            for number in range(rooms * PEOPLE)
        ]
        self._offers: dict[tuple[str, str], asyncio.Future[tuple[int, str]]] = {}
        self.streams: list[Stream] = []
        self.latencies: list[int] = []
        self.sent = 0
        engine.offered = self._offered

    async def gather_people(self) -> None:
        """Everybody connects both ways."""
        at_once = asyncio.Semaphore(AT_ONCE)

        async def limited(work: Any) -> None:
            async with at_once:
                await work

        await asyncio.gather(*(limited(self._publish(one)) for one in self.callers))
        for one in self.callers:
            for track, ssrc in one.ssrcs.items():
                self.streams.append(Stream(len(self.streams), one.up, ssrc, track == "face"))
        # A track is there with its first packet.
        for stream in self.streams:
            self._send(stream)
        await asyncio.sleep(0.5)
        await asyncio.gather(*(limited(self._watch(one)) for one in self.callers))

    def drive(self, seconds: float) -> None:
        """Send for so long; nothing of asyncio runs meanwhile."""
        poll = select.epoll()
        connections: dict[int, Connection] = {}
        for one in self.callers:
            for connection in (one.up, one.down):
                connections[connection.socket.fileno()] = connection
                poll.register(connection.socket.fileno(), select.EPOLLIN)
        start = time.perf_counter()
        second = 0
        while second < seconds:
            for due, work in self._second(second):
                while time.perf_counter() - start < due:
                    for number, _ in poll.poll(0, 16):
                        self._hear(connections[number])
                work()
            second += 1
        poll.close()

    def listeners(self) -> list[Caller]:
        """One person a room."""
        return self.callers[::PEOPLE]

    def _second(self, second: int) -> list[tuple[float, Any]]:
        """What is done in one second, each stream and each report at a moment of its own."""
        if second == 0:
            chance = random.Random(1)
            self._plan: list[tuple[float, Any]] = []
            for stream in self.streams:
                rate = 15 if stream.video else 50
                phase = chance.random() / rate
                times = [phase + place / rate for place in range(rate)]
                self._plan += [(one, lambda s=stream: self._send(s)) for one in times]
                self._plan.append((chance.random(), lambda s=stream: self._report(s)))
            for caller in self.callers:
                self._plan.append((chance.random(), lambda c=caller: self._receive(c)))
            self._plan.sort(key=lambda one: one[0])
        return [(second + at, work) for at, work in self._plan]

    def _send(self, stream: Stream) -> None:
        connection = stream.connection
        for packet in stream.packets():
            ready = connection.protect(packet)
            stream.sent[(stream.count - 1) % SENT_KEPT] = time.time_ns()
            connection.socket.sendto(ready, connection.server)
            self.sent += 1

    def _report(self, stream: Stream) -> None:
        connection = stream.connection
        connection.socket.sendto(connection.protect_rtcp(stream.report()), connection.server)

    def _receive(self, caller: Caller) -> None:
        """A receiver report of nothing lost."""
        blocks = b"".join(struct.pack(">IIIIII", one, 0, 0, 0, 0, 0) for one in caller.heard)
        head = struct.pack(">BBHI", 0x80 | len(caller.heard), 201, 1 + len(blocks) // 4, 1)
        down = caller.down
        down.socket.sendto(down.protect_rtcp(head + blocks), down.server)

    def _hear(self, connection: Connection) -> None:
        while True:
            try:
                data, extra, _, _ = connection.socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            if data[0] < 4:
                connection.answer_check(data)
            elif extra and not 192 <= data[1] <= 223:
                second, nano = struct.unpack("qq", extra[0][2])
                number, count = MARK.unpack_from(connection.unprotect(data)[-MARK.size :])
                sent = self.streams[number].sent[count % SENT_KEPT]
                self.latencies.append(second * 1_000_000_000 + nano - sent)

    async def _publish(self, caller: Caller) -> None:
        async def bring(sdp: str) -> str:
            tracks = {"0": "mic", "1": "face"}
            return await self._engine.publish(caller.room, caller.who, sdp, tracks)

        await caller.publish(bring)

    async def _watch(self, caller: Caller) -> None:
        key = caller.room, caller.who
        self._offers[key] = asyncio.get_running_loop().create_future()
        others = [one for one in NAMES if one != caller.who]
        await self._engine.watch(*key, others)
        number, offer = await self._offers[key]

        async def bring(sdp: str) -> str:
            await self._engine.answered(*key, number, sdp)
            return ""

        await caller.take(offer, bring)

    def _offered(self, room: str, who: str, number: int, sdp: str) -> None:
        self._offers[room, who].set_result((number, sdp))


async def measured(rooms: int, settle: float, seconds: float, record: str) -> dict[str, float]:
    """Figures of one run; the server has core 0, this process core 1."""
    os.sched_setaffinity(0, {1})
    command = ["taskset", "-c", "0", sys.executable, "-m", "bench.media.ours", "--address", OWN]
    engine = WireEngine("ours", command + (["--record", record] if record else []), OWN)
    await engine.start()
    try:
        load = Load(engine, rooms)
        empty = engine.program.memory_mb
        await load.gather_people()
        load.drive(settle)
        for one in load.listeners():
            one.down.listen()
        load.drive(1)
        load.latencies.clear()
        load.sent, cpu, start = 0, engine.program.cpu_seconds, time.perf_counter()
        load.drive(seconds)
        taken, cpu = time.perf_counter() - start, engine.program.cpu_seconds - cpu
        memory = engine.program.memory_mb - empty
    finally:
        await engine.program.end()
    found = sorted(load.latencies)
    heard = load.sent * (PEOPLE - 1) / PEOPLE
    return {
        "rooms": rooms,
        "packets_in": load.sent / taken,
        "packets_out": load.sent * (PEOPLE - 1) / taken,
        "core": cpu / taken,
        "us_per_packet": cpu * 1e6 / (load.sent * (PEOPLE - 1)),
        "p50": found[len(found) // 2] / 1e6,
        "p95": found[len(found) * 95 // 100] / 1e6,
        "p99": found[len(found) * 99 // 100] / 1e6,
        "missing": 1 - len(found) / heard,
        "memory_mb": empty + memory,
        "mb_per_connection": memory / (2 * rooms * PEOPLE),
    }


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rooms", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--settle", type=float, default=SETTLE)
    parser.add_argument("--record", default="")
    asked = parser.parse_args()

    def addresses(*_: Any, **__: Any) -> list[str]:
        return [OWN]

    setattr(aioice.ice, "get_host_addresses", addresses)  # noqa: B010 - it leaves 127.0.0.1 out
    found = asyncio.run(measured(asked.rooms, asked.settle, asked.seconds, asked.record))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
