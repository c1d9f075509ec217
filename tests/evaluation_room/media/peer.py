"""A browser without a screen: the two connections of one person, driven from a test."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct

from aiortc import RTCCertificate

from evaluation_room.core.media_rules import Kind, Mask, Track, kind_of, may_send
from evaluation_room.core.views import ViewerRole
from evaluation_room.media import rtcp, sdp
from evaluation_room.media.engine import Offer, Publication, Slot
from evaluation_room.media.forwarder import Forwarder
from evaluation_room.media.hooks import OUTGOING
from evaluation_room.media.link import Link, Net
from evaluation_room.media.rtp import Head, parse

LOOPBACK = Net(["127.0.0.1"])
TERMS = may_send(ViewerRole.SEAT, Mask.NONE)
_HEADER = Struct(">BBHII")
CERTIFICATE = RTCCertificate.generateCertificate()


def rtp(
    ssrc: int, seq: int, ts: int, payload: bytes, *, pt: int = 96, marker: bool = False
) -> bytes:
    return _HEADER.pack(0x80, 0x80 * marker | pt, seq & 0xFFFF, ts & 0xFFFFFFFF, ssrc) + payload


def vp8(*, key: bool, size: int = 300) -> bytes:
    """A payload that looks like the first packet of a VP8 frame."""
    return bytes([0x10, 0x00 if key else 0x01]) + secrets.token_bytes(size)


@dataclass
class Peer:
    """One person. `got` holds what came down, by who and track, as (head, packet)."""

    engine: Forwarder
    who: str
    room: str = "r"
    net: Net = LOOPBACK
    up: Link | None = None
    down: Link | None = None
    got: dict[tuple[str, str], list[tuple[Head, bytes]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    slots: tuple[Slot, ...] = ()
    published_: list[Publication] = field(default_factory=list)
    unpublished_: list[tuple[Publication, str]] = field(default_factory=list)
    wanted_: list[frozenset[Track]] = field(default_factory=list)
    asked: list[rtcp.Part] = field(default_factory=list)
    failures: int = 0
    floods: list[int] = field(default_factory=list)
    offers: asyncio.Queue[Offer] = field(default_factory=asyncio.Queue)
    ssrcs: dict[Track, int] = field(default_factory=dict)
    answers: bool = True
    foreign: str = ""
    """A codec to offer for pictures in place of VP8."""
    stopped: set[Track] = field(default_factory=set)
    answer_text: str = ""
    _by_ssrc: dict[int, tuple[str, str]] = field(default_factory=dict)
    _rtx: dict[int, int] = field(default_factory=dict)
    _local: sdp.Local | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    # PersonEvents

    def offer(self, offer: Offer) -> None:
        self.offers.put_nowait(offer)
        if self.answers:
            self._tasks.append(asyncio.ensure_future(self.answer(offer)))

    def published(self, publication: Publication) -> None:
        self.published_.append(publication)

    def unpublished(self, publication: Publication, ground: str) -> None:
        self.unpublished_.append((publication, ground))

    def wanted(self, tracks: frozenset[Track]) -> None:
        self.wanted_.append(tracks)

    def failed(self) -> None:
        self.failures += 1

    def flooded(self, kbps: int) -> None:
        self.floods.append(kbps)

    # what a browser does

    async def join(self, *tracks: Track) -> "Peer":
        await self.engine.join(self.room, self.who, TERMS, self)
        if tracks:
            await self.publish(*tracks)
        return self

    async def publish(self, *tracks: Track) -> Mapping[str, str]:
        """Offer these tracks; waits until the connection stands. What was refused."""
        if self.up is None:
            self.up = Link(CERTIFICATE, controlling=True, dtls_server=False, seeks=True)
            self.up.on_rtcp = self._feedback
            self._local = await self.up.gather(self.net)
        assert self._local is not None
        for track in tracks:
            self.ssrcs.setdefault(track, secrets.randbits(31) + 1)
        lines = [
            sdp.Line(str(place), kind_of(track), ssrc, ssrc ^ 0x40000000, track in tracks)
            for place, (track, ssrc) in enumerate(self.ssrcs.items())
        ]
        names = {str(place): track for place, track in enumerate(self.ssrcs) if track in tracks}
        offer = sdp.offer(lines, self._local, 1)
        if self.foreign:
            offer = offer.replace("VP8/90000", self.foreign)
        for track in self.stopped:
            offer = _stop(offer, str(list(self.ssrcs).index(track)))
        self.answer_text, refused = await self.offer_up(offer, names)
        text = self.answer_text
        if " 9 UDP/TLS/RTP/SAVPF" in text:  # something was taken
            self.up.start(sdp.parse(text))
            await eventually(lambda: self.up is not None and self.up.cipher is not None)
            await asyncio.sleep(0.02)
        return refused

    async def offer_up(
        self, text: str, names: Mapping[str, Track]
    ) -> tuple[str, Mapping[str, str]]:
        """Bring the offer to the server; its answer, and what was refused."""
        answer = await self.engine.publish(self.room, self.who, text, names)
        return answer.sdp, answer.refused

    async def answer_down(self, number: int, text: str) -> None:
        """Bring the answer to the server."""
        await self.engine.answered(self.room, self.who, number, text)

    async def answer(self, offer: Offer) -> None:
        """Answer a down offer."""
        theirs = sdp.parse(offer.sdp)
        if self.down is None:
            self.down = Link(CERTIFICATE, controlling=False, dtls_server=False, seeks=True)
            self.down.on_rtp = self._received
            self._down_local = await self.down.gather(self.net)
        self.slots = offer.slots
        for media, slot in zip(theirs.media, offer.slots, strict=True):
            if media.ssrc is not None:
                self._by_ssrc[media.ssrc] = (slot.who, slot.track)
            if media.rtx_ssrc is not None and media.ssrc is not None:
                self._rtx[media.rtx_ssrc] = media.ssrc
        self.down.streams = self._by_ssrc.keys() | self._rtx.keys()
        self.down.start(theirs)
        text = sdp.answer(theirs, self._down_local, {one.mid: 1 for one in theirs.media}, 1)
        await self.answer_down(offer.number, text)

    def send(
        self, track: Track, seq: int, ts: int, payload: bytes, *, marker: bool = False
    ) -> None:
        """Send one packet of a track."""
        pt = sdp.OPUS_TYPE if kind_of(track) is Kind.AUDIO else sdp.VP8_TYPE
        self.send_bytes(rtp(self.ssrcs[track], seq, ts, payload, pt=pt, marker=marker))

    def send_bytes(self, packet: bytes) -> None:
        """Send any RTP bytes, protected."""
        assert self.up is not None
        OUTGOING[: len(packet)] = packet
        self.up.send(len(packet))

    def tell(self, packet: bytes, *, down: bool = True) -> None:
        """Send RTCP on the down connection (or up)."""
        link = self.down if down else self.up
        assert link is not None
        link.send_rtcp(packet)

    def ssrc_of(self, who: str, track: Track) -> int:
        """The SSRC under which something comes down."""
        return next(ssrc for ssrc, name in self._by_ssrc.items() if name == (who, track))

    async def close(self) -> None:
        for link in (self.up, self.down):
            if link is not None:
                await link.close()
        for task in self._tasks:
            await asyncio.wait([task])

    def _received(self, packet: bytes) -> None:
        head = parse(packet)
        assert head is not None
        name = self._by_ssrc.get(head.ssrc) or self._by_ssrc.get(self._rtx.get(head.ssrc, 0))
        self.got[name or ("?", "?")].append((head, packet))

    def _feedback(self, packet: bytes) -> None:
        self.asked += rtcp.parse(packet)


def _stop(offer: str, mid: str) -> str:
    """What a browser offers after `transceiver.stop()`: the line with port 0, out of the bundle."""
    head, *sections = offer.split("\r\nm=")
    head = "\r\n".join(
        " ".join(one for one in line.split(" ") if one != mid) if "BUNDLE" in line else line
        for line in head.split("\r\n")
    )
    made = [
        one.replace(" 9 UDP", " 0 UDP", 1) if f"a=mid:{mid}\r\n" in one + "\r\n" else one
        for one in sections
    ]
    return "\r\nm=".join([head, *made])


async def eventually(true: object, seconds: float = 10.0) -> None:
    """Wait until `true()` holds.

    Raises:
        TimeoutError: it does not in time.
    """
    assert callable(true)
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 # what is waited for has no event
            await asyncio.sleep(0.01)
