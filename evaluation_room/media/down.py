"""What goes to one person: the down connection, its slots, and offers one after another."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiortc import RTCCertificate

from evaluation_room.core.media_rules import LOW, Kind, Track, kind_of
from evaluation_room.media import rtcp, sdp
from evaluation_room.media.engine import Offer, PersonEvents, Slot, Want
from evaluation_room.media.leg import Leg
from evaluation_room.media.link import Link, Net
from evaluation_room.media.source import Source

ANSWER_SECONDS: Final = 60.0
SLOTS_MOST: Final = 64
_HIGH: Final = {low: high for high, low in LOW.items()}


@dataclass(slots=True)
class _Place:
    """An m-line of ours. `offered` is what the last offer says it carries, `shown` what the
    browser has answered to.
    """

    mid: str
    kind: Kind
    leg: Leg
    want: Want | None = None
    offered: tuple[str, Track] | None = None
    shown: tuple[str, Track] | None = None


def _picture(want: Want) -> tuple[str, Track]:
    """What the page calls it: both layers of a camera are one picture."""
    return want.who, _HIGH.get(want.track, want.track)


class Down:
    """The down connection of one person.

    `feed` is called with what is wanted and published; an offer follows only when the page
    has to learn of another picture. A leg carries a new person only after the page answered,
    so that nobody's picture stands under another's name.
    """

    def __init__(
        self,
        events: PersonEvents,
        net: Net,
        certificate: RTCCertificate,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._events, self._net, self._certificate, self._loop = events, net, certificate, loop
        self._places: list[_Place] = []
        self._sources: dict[Want, Source] = {}
        self._local: sdp.Local | None = None
        self._number = 0
        self._awaited = 0
        self._dirty = False
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._making: asyncio.Task[None] | None = None
        self.link: Link | None = None

    @property
    def loss(self) -> float:
        """The worst share of packets that a carried leg loses, 0 to 1."""
        return max((one.leg.loss for one in self._places if one.leg.source is not None), default=0)

    @property
    def rtt(self) -> float | None:
        """Round trip in seconds, as the last report told."""
        return next((one.leg.rtt for one in self._places if one.leg.rtt is not None), None)

    def feed(self, wanted: dict[Want, Source]) -> None:
        """From now on carry exactly these."""
        self._sources = wanted
        now = self._loop.time()
        pictures = {_picture(want): want for want in wanted}
        for place in self._places:
            if place.want is None:
                continue
            want = pictures.pop(_picture(place.want), None)
            if want is None:
                place.want = None
                place.leg.drop_source()
                self._dirty = True
            else:
                place.want = want
                if place.shown == _picture(want):
                    self._carry(place, now)
        for want in pictures.values():
            self._place(want)
        self._offer_next()

    async def answered(self, number: int, text: str) -> None:
        """The answer to an offer; another number's is ignored.

        Raises:
            BadOffer: not a description.
        """
        if number != self._awaited or self.link is None:
            return
        remote = sdp.parse(text)
        self._awaited = 0
        for place in self._places:
            place.shown = place.offered
        if self._timer is not None:
            self._timer.cancel()
        self.link.start(remote)
        if self.link.cipher is not None:
            self._open()
        self._offer_next()

    def report(self, now: float) -> None:
        """Once a second: the publishers' clocks in this connection's terms."""
        if self.link is None or self.link.cipher is None:
            return
        packet = b"".join(place.leg.sender_report(now) for place in self._places)
        if packet:
            self.link.send_rtcp(packet)

    async def close(self) -> None:
        """End everything."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._making is not None and not self._making.done():
            await asyncio.wait([self._making])
        for place in self._places:
            place.leg.drop_source()
        if self.link is not None:
            await self.link.close()

    def _place(self, want: Want) -> None:
        kind = kind_of(want.track)
        free = next((p for p in self._places if p.want is None and p.kind is kind), None)
        if free is None:
            if len(self._places) >= SLOTS_MOST:
                return
            if self.link is None:
                self.link = self._new_link()
            leg = Leg(self.link, is_video=kind is Kind.VIDEO)
            free = _Place(str(len(self._places)), kind, leg)
            self._places.append(free)
        elif self.link is not None:
            # Chromium decodes a stream that comes back under its old SSRC, and shows nothing of it.
            free.leg = Leg(self.link, is_video=kind is Kind.VIDEO)
        free.want, free.offered, free.shown = want, None, None
        self._dirty = True

    def _new_link(self) -> Link:
        link = Link(self._certificate, controlling=True)
        link.on_rtcp = self._take_rtcp
        link.on_open = self._open
        link.on_failed = self._events.failed
        return link

    def _open(self) -> None:
        """What the page has been told of may flow."""
        now = self._loop.time()
        for place in self._places:
            if place.want is not None and place.shown == _picture(place.want):
                self._carry(place, now)

    def _carry(self, place: _Place, now: float) -> None:
        source = self._sources.get(place.want) if place.want is not None else None
        if source is None or self.link is None or self.link.cipher is None:
            return
        if place.leg.source is not source:
            place.leg.take_source(source, now)

    def _offer_next(self) -> None:
        if not self._dirty or self._awaited or self._closed:
            return
        if self.link is None:
            self._dirty = False
            return
        if self._making is None or self._making.done():
            self._making = asyncio.ensure_future(self._offer(self.link))

    async def _offer(self, link: Link) -> None:
        if self._local is None:
            self._local = await link.gather(self._net)
        if self._closed:
            return
        self._dirty = False
        self._number += 1
        self._awaited = self._number
        lines, slots = [], []
        for place in self._places:
            leg, want = place.leg, place.want
            lines.append(sdp.Line(place.mid, place.kind, leg.ssrc, leg.rtx_ssrc, want is not None))
            place.offered = _picture(want) if want is not None else None
            who, track = place.offered or ("", "")
            slots.append(Slot(place.mid, who, str(track)))
        self._timer = self._loop.call_later(ANSWER_SECONDS, self._events.failed)
        self._events.offer(
            Offer(self._number, sdp.offer(lines, self._local, self._number), tuple(slots))
        )

    def _take_rtcp(self, packet: bytes) -> None:
        now = self._loop.time()
        legs = {place.leg.ssrc: place.leg for place in self._places}
        rtx = {place.leg.rtx_ssrc: place.leg for place in self._places}
        for part in rtcp.parse(packet):
            match part:
                case rtcp.Report() if part.ssrc in legs:
                    legs[part.ssrc].reported(part, now)
                case rtcp.Nack() if part.ssrc in legs:
                    legs[part.ssrc].resend(part.lost, now)
                case rtcp.KeyframeWanted():
                    leg = legs.get(part.ssrc) or rtx.get(part.ssrc)
                    if leg is not None and leg.source is not None:
                        leg.source.want_keyframe(now)
                case _:
                    pass


def wants_of(wants: Sequence[Want], sources: dict[Want, Source]) -> dict[Want, Source]:
    """What is wanted and there; a low layer that is not there yet is its high one meanwhile."""
    found: dict[Want, Source] = {}
    for want in wants:
        high = Want(want.who, _HIGH.get(want.track, want.track))
        there = want if want in sources else high
        if there in sources:
            found[there] = sources[there]
    return found
