"""What comes from one person: the up connection, its sources, and the cap on all of them."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final

from aiortc import RTCCertificate

from evaluation_room.core.media_events import EndGround
from evaluation_room.core.media_rules import AUDIO, Kind, Terms, Track
from evaluation_room.media import rtcp, sdp
from evaluation_room.media.engine import Answer, Archive, PersonEvents, Publication
from evaluation_room.media.link import Link, Net
from evaluation_room.media.rtp import Head, parse, unwrap_rtx
from evaluation_room.media.source import Source

FLOOD_FACTOR: Final = 2
FLOOD_REPORTS: Final = 2
"""Reports (about a second each) in a row over the limit before packets are dropped."""


class Up:
    """The up connection of one person.

    Args:
        terms: what may be sent; its caps.
        began, ended: told of each source's first packet and of its end, after `events`.
    """

    def __init__(
        self,
        room: str,
        who: str,
        terms: Mapping[Track, Terms],
        events: PersonEvents,
        *,
        loop: asyncio.AbstractEventLoop,
        archive: Archive | None,
        began: Callable[[Source], None],
        ended: Callable[[Source], None],
    ) -> None:
        self._room, self._who, self._terms, self._events = room, who, terms, events
        self._loop, self._archive = loop, archive
        self._began, self._ended = began, ended
        self._own_ssrc = secrets.randbits(32) or 1
        self._sources: dict[int, Source] = {}
        self._rtx: dict[int, tuple[Source, int]] = {}
        self._types: dict[int, int] = {}
        self._by_track: dict[Track, Source] = {}
        self._heard: set[int] = set()
        self._wall = time.time_ns() // 1000 - int(loop.time() * 1e6)
        self._window = self._over = 0
        self._window_at = loop.time()
        self._policed = False
        self._number = 1
        self._local: sdp.Local | None = None
        self.link: Link | None = None
        self.dropped = 0

    @property
    def sources(self) -> tuple[Source, ...]:
        """Publications whose first packet has come."""
        return tuple(one for one in self._sources.values() if one.ssrc in self._heard)

    async def answer(
        self, text: str, tracks: Mapping[str, Track], net: Net, certificate: RTCCertificate
    ) -> Answer:
        """Answer an offer; see `MediaEngine.publish`."""
        offer = sdp.parse(text)
        if self.link is None:
            link = Link(certificate, controlling=False)
            link.on_rtp, link.on_rtcp = self._take, self._take_rtcp
            link.on_failed = self._events.failed
            self.link = link
            self._local = await link.gather(net)
        assert self._local is not None  # noqa: S101 # gathered with the link
        caps, refused, kept = self._taken(offer, tracks)
        for track in [one for one in self._by_track if one not in kept]:
            self._end(track, "stopped")
        self._number += 1
        self.link.streams = self._sources.keys() | self._rtx.keys()
        self.link.start(offer)
        return Answer(sdp.answer(offer, self._local, caps, self._number), refused)

    def report(self, now: float) -> None:
        """Once a second: what we received, and the most that may come."""
        octets, self._window = self._window, 0
        kbps = int(octets / 125 / max(0.1, now - self._window_at))
        self._window_at = now
        self._police(kbps)
        if self.link is None or self.link.cipher is None:
            return
        reports = [one for source in self.sources if (one := source.report(now)) is not None]
        packet = rtcp.receiver_report(self._own_ssrc, reports)
        media = [one.ssrc for one in self.sources if one.is_video]
        if media:
            packet += rtcp.remb(self._own_ssrc, 1000 * self._video_kbps(), media)
        self.link.send_rtcp(packet)

    async def close(self, ground: EndGround) -> None:
        """End everything."""
        for track in list(self._by_track):
            self._end(track, ground)
        if self.link is not None:
            await self.link.close()

    def _taken(
        self, offer: sdp.Description, tracks: Mapping[str, Track]
    ) -> tuple[dict[str, int], dict[str, str], set[Track]]:
        """Which m-lines are answered, which are refused and why; the tracks that go on."""
        caps: dict[str, int] = {}
        refused: dict[str, str] = {}
        kept: set[Track] = set()
        for media in offer.media:
            track = tracks.get(media.mid)
            terms = self._terms.get(track) if track is not None else None
            if track is None:
                # A line that once carried a track stays in the bundle, idle.
                if media.port and media.codec is not None and not media.sends:
                    caps[media.mid] = 1
                continue
            if terms is None or terms.kind.value != media.kind or track in kept:
                refused[track] = "media.not_permitted"
            elif media.port == 0 or media.codec is None or media.ssrc is None or not media.mid:
                refused[track] = "media.no_common_codec"
            else:
                caps[media.mid] = terms.max_kbps
                if media.sends:
                    kept.add(track)
                    self._expect(track, media)
        return caps, refused, kept

    def _expect(self, track: Track, media: sdp.Media) -> None:
        assert media.ssrc is not None  # noqa: S101 # asked by the caller
        assert media.codec is not None  # noqa: S101
        known = self._by_track.get(track)
        if known is not None and known.ssrc == media.ssrc:
            return
        if known is not None:
            self._end(track, "replaced")
        publication = Publication(
            id=secrets.token_hex(8),
            room=self._room,
            who=self._who,
            track=track,
            codec=media.codec.name,
            clock_rate=sdp.CLOCK[media.codec.name],
            level_id=media.level_id,
        )
        source = Source(publication, media.ssrc, self._own_ssrc, self._ask, self._loop)
        self._sources[media.ssrc] = source
        self._by_track[track] = source
        self._types[media.ssrc] = media.codec.payload_type
        if media.rtx_ssrc is not None and media.codec.rtx_type is not None:
            self._rtx[media.rtx_ssrc] = (source, media.codec.payload_type)

    def _end(self, track: Track, ground: EndGround) -> None:
        source = self._by_track.pop(track)
        self._sources.pop(source.ssrc, None)
        self._rtx = {ssrc: one for ssrc, one in self._rtx.items() if one[0] is not source}
        self._types.pop(source.ssrc, None)
        source.end()
        if source.ssrc in self._heard:
            self._heard.discard(source.ssrc)
            self._events.unpublished(source.publication, ground)
            self._ended(source)

    def _take(self, packet: bytes) -> None:
        head = parse(packet)
        if head is None:
            self.dropped += 1
            return
        source = self._sources.get(head.ssrc)
        if source is None:
            self._take_rtx(packet, head)
            return
        if head.payload_type != self._types[head.ssrc]:
            self.dropped += 1
            return
        self._window += len(packet)
        if self._policed and self._is_over(source):
            self.dropped += 1
            return
        now = self._loop.time()
        if head.ssrc not in self._heard:
            self._first(source)
        source.take(packet, head, now, self._wall + int(now * 1e6))

    def _take_rtx(self, packet: bytes, head: Head) -> None:
        """A retransmission: the packet inside takes its place; padding is passed over."""
        found = self._rtx.get(head.ssrc)
        if found is None:
            self.dropped += 1
            return
        source, payload_type = found
        inner = unwrap_rtx(packet, head, source.ssrc, payload_type)
        if inner is not None and source.ssrc in self._heard:
            self._take(inner)

    def _first(self, source: Source) -> None:
        self._heard.add(source.ssrc)
        if self._archive is not None:
            source.recorder = self._archive.begin(
                source.publication, lambda: source.want_keyframe(self._loop.time())
            )
        self._events.published(source.publication)
        self._began(source)

    def _is_over(self, source: Source) -> bool:
        """Over the limit within this second? Sound has a quarter more room than pictures."""
        limit = 125 * FLOOD_FACTOR * self._all_kbps()
        return self._window > (limit * 5 // 4 if source.publication.track in AUDIO else limit)

    def _police(self, kbps: int) -> None:
        if kbps <= FLOOD_FACTOR * self._all_kbps():
            self._over, self._policed = 0, False
            return
        self._over += 1
        if self._over >= FLOOD_REPORTS and not self._policed:
            self._policed = True
            self._events.flooded(kbps)

    def _all_kbps(self) -> int:
        return sum(one.max_kbps for one in self._terms.values())

    def _video_kbps(self) -> int:
        return sum(
            self._terms[track].max_kbps
            for track in self._by_track
            if self._terms[track].kind is Kind.VIDEO
        )

    def _ask(self, packet: bytes) -> None:
        """Feedback to the publisher; a receiver report goes first, as RFC 4585 wants."""
        if self.link is not None:
            self.link.send_rtcp(rtcp.receiver_report(self._own_ssrc, ()) + packet)

    def _take_rtcp(self, packet: bytes) -> None:
        for part in rtcp.parse(packet):
            if isinstance(part, rtcp.SenderReport):
                source = self._sources.get(part.ssrc)
                if source is not None:
                    source.sender_time = (part.ntp, part.timestamp, self._loop.time())
