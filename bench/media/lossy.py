"""A path between page and engine that loses datagrams by a seeded generator, or is cut.

The page is shown ports of the path in place of the engine's; the engine sees the path as the
page's address. Both directions lose alike. It stands in place of netem, which not every kernel has.
"""

import asyncio
import random
import re
from typing import Any, Final

CANDIDATE: Final = re.compile(r"^(a=candidate:\S+ 1 udp \d+ )(\S+) (\d+) typ host", re.I | re.M)
OWN: Final = "127.0.0.1"


class Path:
    """Ports that lead to an engine's ports."""

    def __init__(self, seed: int = 1) -> None:
        self.loss = 0.0
        """Share of datagrams that are lost, each way; 1 is a cut."""
        self._random = random.Random(seed)
        self._doors: dict[tuple[str, int], int] = {}
        self._transports: list[asyncio.BaseTransport] = []

    def loses(self) -> bool:
        """Whether the next datagram does not arrive."""
        return self._random.random() < self.loss

    async def shown(self, sdp: str) -> str:
        """An engine's SDP with the path's addresses in place of its own."""
        for _, host, port in CANDIDATE.findall(sdp):
            if (host, int(port)) not in self._doors:
                self._doors[host, int(port)] = await self._door((host, int(port)))
        return CANDIDATE.sub(
            lambda found: f"{found[1]}{OWN} {self._doors[found[2], int(found[3])]} typ host", sdp
        )

    def close(self) -> None:
        """Close every port."""
        for one in self._transports:
            one.close()

    async def _door(self, to: tuple[str, int]) -> int:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Door(self, to), local_addr=(OWN, 0)
        )
        self._transports.append(transport)
        return int(transport.get_extra_info("sockname")[1])

    def keep(self, transport: asyncio.BaseTransport) -> None:
        """Close this one too, in the end."""
        self._transports.append(transport)


class _Door(asyncio.DatagramProtocol):
    """One port shown to the page; behind it a socket for each address of the page."""

    def __init__(self, path: Path, to: tuple[str, int]) -> None:
        self._path = path
        self._to = to
        self._behind: dict[Any, _Behind] = {}
        self._opening: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """From the page to the engine."""
        if self._path.loses():
            return
        behind = self._behind.get(addr)
        if behind is None:
            behind = self._behind[addr] = _Behind(self._path, self._transport, addr)
            task = asyncio.ensure_future(self._open(behind))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        elif behind.transport is not None:
            behind.transport.sendto(data)

    async def _open(self, behind: "_Behind") -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: behind, remote_addr=self._to)
        self._path.keep(transport)


class _Behind(asyncio.DatagramProtocol):
    """What the engine sees as the page."""

    def __init__(self, path: Path, front: Any, page: Any) -> None:
        self._path = path
        self._front = front
        self._page = page
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        """The socket is open."""
        self.transport = transport

    def datagram_received(self, data: bytes, _: Any) -> None:
        """From the engine to the page."""
        if not self._path.loses():
            self._front.sendto(data, self._page)
