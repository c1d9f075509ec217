"""One connection to one browser: ICE, DTLS and SRTP."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
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
from aiortc.sdp import candidate_from_sdp

from evaluation_room.media import hooks
from evaluation_room.media.hooks import INCOMING
from evaluation_room.media.rtp import HEADER_SIZE
from evaluation_room.media.sdp import Description, Local

logger = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 60.0
EARLY_MOST: Final = 64
REPORTERS_MOST: Final = 64


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
        dtls_server: True towards browsers, so that they choose AES-256-GCM.
        seeks: go to the candidates the other side names. A server does not: it answers who
            comes to it, and nobody can have it send anything elsewhere.
    """

    def __init__(
        self,
        certificate: RTCCertificate,
        *,
        controlling: bool,
        dtls_server: bool = True,
        seeks: bool = False,
    ) -> None:
        self._gatherer = RTCIceGatherer(iceServers=[])
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [certificate])
        hooks.set_roles(
            self._gatherer, self._dtls, controlling=controlling, dtls_server=dtls_server
        )
        self._dtls.on("statechange", self._changed)
        self._ice.on("statechange", self._changed)
        self._path = hooks.Path(self._gatherer)
        self._seeks = seeks
        self._started: asyncio.Task[None] | None = None
        self._closing = False
        self.cipher: hooks.Cipher | None = None
        self.streams: Collection[int] = ()
        """SSRCs that may come; the cipher would keep a state for every other one, for ever."""
        self._reporters: set[int] = set()
        self.send: Callable[[int], None] = _unheard
        """Protect and send the first so many bytes of `hooks.OUTGOING`, an RTP packet."""
        self.on_rtp: Callable[[bytes], None] = _nobody
        self.on_rtcp: Callable[[bytes], None] = _nobody
        self.on_open: Callable[[], None] = _nothing
        self.on_failed: Callable[[], None] = _nothing
        self.dropped = 0
        self._early: list[bytes] = []

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

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send an RTCP packet."""
        if self.cipher is not None and (size := self.cipher.protect_rtcp(packet)):
            self._path.send(size)

    async def close(self) -> None:
        """End the connection; twice is once."""
        if self._closing:
            return
        self._closing = True
        hooks.listen(self._gatherer, None)
        self.cipher, self.send = None, _unheard
        if self._started is not None and not self._started.done():
            self._started.cancel()
            with suppress(asyncio.CancelledError):
                await self._started
        with suppress(ConnectionError):
            await self._dtls.stop()
        await self._ice.stop()
        self._path.close()

    async def _connect(self, remote: Description) -> None:
        hooks.listen(self._gatherer, self._take)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                for one in remote.candidates if self._seeks else ():
                    await self._ice.addRemoteCandidate(candidate_from_sdp(one))
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
        self.send = self.cipher.sender(self._path)
        self._path.turn()
        self.on_open()
        early, self._early = self._early, []
        for datagram in early:
            INCOMING[: len(datagram)] = datagram
            self._take(len(datagram))

    def _take(self, size: int) -> None:
        cipher = self.cipher
        if cipher is None:
            # The other side may be ready a moment before us.
            if len(self._early) < EARLY_MOST:
                self._early.append(bytes(INCOMING[:size]))
            return
        packet: bytes | None = None
        deliver = self.on_rtp
        if size < HEADER_SIZE:
            pass
        elif 192 <= INCOMING[1] <= 223:  # RTCP (RFC 5761)
            deliver = self.on_rtcp
            ssrc = int.from_bytes(INCOMING[4:8], "big")
            if ssrc in self._reporters or len(self._reporters) < REPORTERS_MOST:
                packet = cipher.open_rtcp(size)
            if packet is not None:
                self._reporters.add(ssrc)
        elif int.from_bytes(INCOMING[8:12], "big") in self.streams:
            packet = cipher.open(size)
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


def _unheard(_size: int) -> None:
    return None


def _nothing() -> None:
    return None
