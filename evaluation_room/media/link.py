"""One connection to one browser: ICE, DTLS, and SRTP in one buffer."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)

from evaluation_room.media import hooks
from evaluation_room.media.rtp import is_rtcp
from evaluation_room.media.sdp import Description, Local

logger = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Net:
    """Where connections are bound: addresses, ports in order of trial (0: any), and the address
    to announce in place of the bound one, for a machine behind a translator; "" for none.
    """

    addresses: Sequence[str]
    ports: Sequence[int] = (0,)
    announce: str = ""


class Link:
    """A connection; packets come to `on_rtp` and `on_rtcp` in the clear.

    Args:
        controlling: we offered (down).
    """

    def __init__(self, certificate: RTCCertificate, *, controlling: bool) -> None:
        self._gatherer = RTCIceGatherer(iceServers=[])
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [certificate])
        hooks.set_role(self._gatherer, self._dtls, controlling=controlling)
        self._dtls.on("statechange", self._changed)
        self._ice.on("statechange", self._changed)
        self._path = hooks.Path(self._gatherer)
        self._started: asyncio.Task[None] | None = None
        self._closing = False
        self.cipher: hooks.Cipher | None = None
        self.on_rtp: Callable[[bytes], None] = _nobody
        self.on_rtcp: Callable[[bytes], None] = _nobody
        self.on_open: Callable[[], None] = _nothing
        self.on_failed: Callable[[], None] = _nothing
        self.dropped = 0

    async def gather(self, net: Net) -> Local:
        """Bind, and say our side of the description.

        Raises:
            OSError: no port is free.
        """
        await hooks.bind(self._gatherer, net.addresses, net.ports)
        ice = self._gatherer.getLocalParameters()
        prints = self._dtls.getLocalParameters().fingerprints
        digest = next(one.value for one in prints if one.algorithm == "sha-256")
        candidates = []
        for place, one in enumerate(self._gatherer.getLocalCandidates(), start=1):
            ip = net.announce or one.ip
            candidates.append(f"{place} 1 udp {one.priority} {ip} {one.port} typ host")
        return Local(str(ice.usernameFragment), str(ice.password), digest, candidates)

    def start(self, remote: Description) -> None:
        """Connect with what the browser said; later descriptions of it change nothing here."""
        if self._started is None:
            self._started = asyncio.ensure_future(self._connect(remote))

    def send(self, size: int) -> None:
        """Protect and send the first `size` bytes of the cipher's buffer, an RTP packet."""
        if self.cipher is not None and (ready := self.cipher.protect(size)) is not None:
            self._path.send(ready)

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send an RTCP packet."""
        if self.cipher is not None and (ready := self.cipher.protect_rtcp(packet)) is not None:
            self._path.send(ready)

    async def close(self) -> None:
        """End the connection; twice is once."""
        if self._closing:
            return
        self._closing = True
        hooks.listen(self._gatherer, None)
        self.cipher = None
        if self._started is not None and not self._started.done():
            self._started.cancel()
            with suppress(asyncio.CancelledError):
                await self._started
        with suppress(ConnectionError):
            await self._dtls.stop()
        await self._ice.stop()
        self._path.close()

    async def _connect(self, remote: Description) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._ice.start(RTCIceParameters(remote.ufrag, remote.password))
                if self._ice.state == "completed":
                    prints = [RTCDtlsFingerprint(*one) for one in remote.fingerprints]
                    await self._dtls.start(RTCDtlsParameters(prints))
        except TimeoutError:
            pass
        if self._closing:
            return
        if self._dtls.state != "connected":
            self._fail()
            return
        self.cipher = hooks.Cipher(self._dtls)
        hooks.listen(self._gatherer, self._take)
        self.on_open()

    def _take(self, datagram: bytes) -> None:
        cipher = self.cipher
        if cipher is None:
            return
        if is_rtcp(datagram):
            packet = cipher.open_rtcp(datagram)
            deliver = self.on_rtcp
        else:
            packet = cipher.open(datagram)
            deliver = self.on_rtp
        if packet is None:
            self.dropped += 1
            return
        deliver(packet)

    def _changed(self) -> None:
        if "failed" in {self._ice.state, self._dtls.state} or (
            self.cipher is not None and self._dtls.state == "closed"
        ):
            self._fail()

    def _fail(self) -> None:
        if not self._closing:
            self.on_failed()


def _nobody(_packet: bytes) -> None:
    return None


def _nothing() -> None:
    return None
