"""One arriving stream: what came, what is missing, what is kept to be sent again.

Times are seconds of the loop's clock unless a name says otherwise.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from evaluation_room.core.media_rules import Kind
from evaluation_room.media import rtcp
from evaluation_room.media.engine import Publication, Recorder, TrackStats
from evaluation_room.media.rtp import SEQ, TS, Head, ahead
from evaluation_room.media.vp8 import begins_keyframe

CACHE: Final = {Kind.VIDEO: 512, Kind.AUDIO: 64}
GROUP_MOST: Final = 60
JUMP: Final = 300
"""A step of the sequence larger than this is a new beginning, not a loss."""
NACK_FIRST: Final = 0.02
NACK_AGAIN: Final = 0.06
NACK_TRIES: Final = 6
KEYFRAME_SECONDS: Final = 0.5


class Carrier(Protocol):
    """Whoever a source's packets are handed to (`leg.py`)."""

    def send(self, packet: bytes, head: Head, now: float) -> None:
        """One packet."""

    def restart(self) -> None:
        """The numbers begin anew."""

    def drop_source(self) -> None:
        """No more will come."""


class Source:
    """A publication's packets, in the clear.

    Args:
        ask: sends an RTCP packet to the publisher.
    """

    def __init__(
        self,
        publication: Publication,
        ssrc: int,
        own_ssrc: int,
        ask: Callable[[bytes], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.publication = publication
        self.ssrc = ssrc
        self.is_video = publication.kind is Kind.VIDEO
        self.legs: list[Carrier] = []
        self.recorder: Recorder | None = None
        self.group: list[bytes] | None = None
        self.sender_time: tuple[int, int, float] | None = None
        self.rtt = 0.0
        self._own_ssrc, self._ask, self._loop = own_ssrc, ask, loop
        self._clock = publication.clock_rate
        self._size = CACHE[publication.kind]
        self._cache: list[bytes | None] = [None] * self._size
        self._top = -1
        self._cycles = 0
        self._base = 0
        self._odd = -1
        self._frame = -1
        self._missing: dict[int, list[float]] = {}
        self._nack_due = False
        self._keyframe_at = -KEYFRAME_SECONDS
        self._keyframe_due = False
        self._transit: float | None = None
        self._jitter = 0.0
        self._last_at = 0.0
        self._octets = self._packets = self._recovered = 0
        self._reported = (0, 0)
        self._interval = (0.0, 0.0, 0)
        self._loss = 0.0
        self._ended = False

    def take(self, packet: bytes, head: Head, now: float, at_us: int) -> None:
        """One packet; forwards it, keeps it, records it."""
        seq = head.seq
        step = (seq - self._top) & SEQ
        if self._top < 0:
            self._base, self._top = seq, seq
        elif step == 1:
            if seq == 0:
                self._cycles += 1
            self._top = seq
        elif step == 0 or not self._out_of_order(seq, step, now):
            return
        self._packets += 1
        self._octets += len(packet)
        self._last_at = now
        self._cache[seq % self._size] = packet
        self._note_jitter(head.timestamp, now)
        if self.is_video:
            self._note_frame(packet, head)
        if self.recorder is not None:
            self.recorder.packet(packet, at_us)
        for leg in self.legs:
            leg.send(packet, head, now)

    def cached(self, seq: int) -> bytes | None:
        """The packet with this number, if it is still kept."""
        packet = self._cache[seq % self._size]
        if packet is None or int.from_bytes(packet[2:4], "big") != seq:
            return None
        return packet

    def want_keyframe(self, now: float) -> None:
        """Ask the sender for a keyframe, at most once in half a second; a wish is not lost."""
        if not self.is_video or self._keyframe_due or self._ended:
            return
        wait = self._keyframe_at + KEYFRAME_SECONDS - now
        if wait <= 0:
            self._keyframe_at = now
            self._ask(rtcp.pli(self._own_ssrc, self.ssrc))
        else:
            self._keyframe_due = True
            self._loop.call_later(wait, self._keyframe_now)

    def report(self, now: float) -> rtcp.Report | None:
        """What a receiver says of the stream since its last report (RFC 3550 A.3)."""
        if self._top < 0:
            return None
        highest = (self._cycles << 16 | self._top) & TS
        expected = (self._cycles << 16) + self._top - self._base + 1
        lost = max(0, expected - self._packets)
        expected_before, packets_before = self._reported
        wanted, came = expected - expected_before, self._packets - packets_before
        fraction = min(255, max(0, (wanted - came) * 256 // wanted)) if wanted > 0 else 0
        self._reported = (expected, self._packets)
        lsr, dlsr = 0, 0
        if self.sender_time is not None:
            ntp, _, at = self.sender_time
            lsr, dlsr = ntp >> 16 & TS, int((now - at) * 65536) & TS
        since, _, octets = self._interval
        kbps = (self._octets - octets) / 125 / (now - since) if now > since and since else 0.0
        self._interval = (now, kbps, self._octets)
        self._loss = fraction / 256
        return rtcp.Report(
            self.ssrc, fraction, min(lost, 0x7FFFFF), highest, int(self._jitter), lsr, dlsr
        )

    def stats(self, now: float) -> TrackStats:
        """Figures so far."""
        expected = (self._cycles << 16) + self._top - self._base + 1 if self._top >= 0 else 0
        return TrackStats(
            publication=self.publication,
            packets=self._packets,
            octets=self._octets,
            lost=max(0, expected - self._packets),
            recovered=self._recovered,
            loss=self._loss,
            jitter_ms=self._jitter * 1000 / self._clock,
            kbps=self._interval[1],
            quiet_seconds=now - self._last_at,
        )

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        for leg in tuple(self.legs):
            leg.drop_source()
        if self.recorder is not None:
            self.recorder.end()
            self.recorder = None

    def _out_of_order(self, seq: int, step: int, now: float) -> bool:
        """A gap, a late packet or a new beginning; False for what came already."""
        if step < 0x8000:
            if step > JUMP:
                self._restart(seq)
                return True
            if step > GROUP_MOST:
                self.want_keyframe(now)  # sooner than all that could be sent again
            due = now + NACK_FIRST
            for missing in range(1, step):
                self._missing[(self._top + missing) & SEQ] = [due, 0]
            if seq < self._top:
                self._cycles += 1
            self._top = seq
            self._watch_missing()
            return True
        if self._missing.pop(seq, None) is not None:
            self._recovered += 1
            return True
        if 0x10000 - step > JUMP:
            if seq == self._odd:  # two in a row, as RFC 3550 A.1 wants: no straggler
                self._restart(seq)
                return True
            self._odd = (seq + 1) & SEQ
        return False

    def _restart(self, seq: int) -> None:
        self._missing.clear()
        self._base, self._top, self._cycles = seq, seq, 0
        self._packets, self._reported = 0, (0, 0)
        self.group = None
        for leg in self.legs:
            leg.restart()
        self.want_keyframe(self._loop.time())

    def _note_jitter(self, timestamp: int, now: float) -> None:
        transit = now * self._clock - timestamp
        if self._transit is not None:
            move = abs(transit - self._transit)
            if move < self._clock:  # a wrap of the timestamp is no jitter
                self._jitter += (move - self._jitter) / 16
        self._transit = transit

    def _note_frame(self, packet: bytes, head: Head) -> None:
        if head.timestamp != self._frame and begins_keyframe(head.payload):
            self.group = [packet]
            self._frame = head.timestamp
            return
        self._frame = head.timestamp
        group = self.group
        if group is not None:
            if len(group) < GROUP_MOST:
                group.append(packet)
            else:
                self.group = None

    def _watch_missing(self) -> None:
        if not self._nack_due and self._missing:
            self._nack_due = True
            self._loop.call_later(NACK_FIRST, self._ask_again)

    def _ask_again(self) -> None:
        """Ask for what is due; give up what was asked often enough."""
        self._nack_due = False
        if self._ended or not self._missing:
            return
        now = self._loop.time()
        due: list[int] = []
        given_up = False
        for seq, state in list(self._missing.items()):
            if state[1] >= NACK_TRIES or ahead(self._top, seq) >= self._size:
                del self._missing[seq]
                given_up = True
            elif state[0] <= now + 0.002:
                state[0] = now + max(NACK_AGAIN, self.rtt)
                state[1] += 1
                due.append(seq)
        if due:
            due.sort(key=lambda seq: ahead(seq, self._top))
            self._ask(rtcp.nack(self._own_ssrc, self.ssrc, due[:128]))
        if given_up:
            self.want_keyframe(now)
        if self._missing:
            self._nack_due = True
            self._loop.call_later(NACK_FIRST, self._ask_again)

    def _keyframe_now(self) -> None:
        self._keyframe_due = False
        self.want_keyframe(self._loop.time())
