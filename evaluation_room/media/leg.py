"""One stream on its way to one browser: its own numbers, its reports, its retransmissions.

The same (SSRC, sequence number) never carries two different packets: AES-GCM would not
forgive it. So a leg that changes its source goes on counting, and what is older than the
change is not sent.
"""

import secrets
from typing import Final

from evaluation_room.media import rtcp
from evaluation_room.media.hooks import OUTGOING
from evaluation_room.media.link import Link
from evaluation_room.media.rtp import (
    HEADER_SIZE,
    SEQ,
    TS,
    WRITE,
    Head,
    ahead,
    parse,
)
from evaluation_room.media.sdp import OPUS_TYPE, RTX_TYPE, VP8_TYPE
from evaluation_room.media.source import Source
from evaluation_room.media.vp8 import begins_keyframe

RESEND_SECONDS: Final = 0.02
STALE_SECONDS: Final = 1
"""What is older than the newest packet by more is not sent again."""
SETTLED: Final = 1024
"""Packets after a change of source from which no late packet can be from before it."""
SENT_KEPT: Final = 64


class Leg:
    """A slot of a down connection. `source` None: nothing is sent."""

    def __init__(self, link: Link, *, is_video: bool) -> None:
        self.ssrc = secrets.randbits(32) or 1
        self.rtx_ssrc = secrets.randbits(32) or 2
        self.source: Source | None = None
        self.loss = 0.0
        self.rtt: float | None = None
        self._link, self._is_video = link, is_video
        self._type = VP8_TYPE if is_video else OPUS_TYPE
        self._clock = 90_000 if is_video else 48_000
        self._waits = False
        self._young = self._begins = True
        self._base = 0
        self._since = 0
        self._seq_shift = self._ts_shift = 0
        self._next_seq = secrets.randbits(15)
        self._last_ts = secrets.randbits(31)
        self._last_at = 0.0
        self._rtx_seq = secrets.randbits(15)
        self._packets = self._octets = 0
        self._resent: dict[int, float] = {}
        self._reports: dict[int, float] = {}

    def take_source(self, source: Source, now: float) -> None:
        """Carry another stream: from its cached group of pictures, or its next keyframe."""
        self.drop_source()
        self.source = source
        self.restart()
        source.legs.append(self)
        if not self._is_video:
            return
        if source.group:
            for packet in source.group:
                if (head := parse(packet)) is not None:
                    self.send(packet, head, now)
        else:
            source.want_keyframe(now)

    def drop_source(self) -> None:
        """Carry nothing."""
        if self.source is not None and self in self.source.legs:
            self.source.legs.remove(self)
        self.source = None

    def restart(self) -> None:
        """What comes next begins anew; our own numbers go on."""
        self._young, self._begins, self._waits = True, True, self._is_video
        self._resent.clear()

    def send(self, packet: bytes, head: Head, now: float) -> None:
        """Forward one packet under this leg's header."""
        first, marker, _, seq, timestamp, _, _, payload = head
        if self._young and not self._is_due(head, now):
            return
        out_seq = (seq + self._seq_shift) & SEQ
        size = len(payload)
        out_ts = (timestamp + self._ts_shift) & TS
        first, second = 0x80 | first & 0x20, marker | self._type
        WRITE[size](OUTGOING, 0, first, second, out_seq, out_ts, self.ssrc, payload)
        self._packets += 1
        self._octets += size
        if out_seq == self._next_seq or ahead(out_seq, self._next_seq) > 0:
            self._next_seq = (out_seq + 1) & SEQ
            self._last_ts, self._last_at = timestamp + self._ts_shift, now
        self._link.send(HEADER_SIZE + size)

    def resend(self, lost: tuple[int, ...], now: float) -> None:
        """Answer a NACK from the source's cache; not twice within 20 ms.

        What is long past is not caught up with: a picture goes on from its next keyframe.
        """
        source = self.source
        if source is None or self._begins:
            return
        for out_seq in lost:
            seq = (out_seq - self._seq_shift) & SEQ
            if ahead(out_seq, self._next_seq) >= 0:
                continue  # never sent: the number is another packet's to come
            if self._since < SETTLED and ahead(seq, self._base) < 0:
                continue
            if now - self._resent.get(out_seq, -1.0) < RESEND_SECONDS:
                continue
            packet = source.cached(seq)
            if packet is None:
                continue
            head = parse(packet)
            if head is None:
                continue
            timestamp = (head.timestamp + self._ts_shift) & TS
            if STALE_SECONDS * self._clock < (self._last_ts - timestamp) & TS < TS // 2:
                source.want_keyframe(now)
                continue
            if len(self._resent) > SENT_KEPT:
                self._resent.clear()
            self._resent[out_seq] = now
            self._again(head, timestamp, out_seq)

    def sender_report(self, now: float) -> bytes:
        """SR with the publisher's clock and this leg's timestamps; empty before there is one."""
        source = self.source
        if source is None or self._begins or source.sender_time is None:
            return b""
        ntp, timestamp, at = source.sender_time
        passed = now - at
        ntp = ntp + int(passed * 2**32)
        timestamp = (timestamp + int(passed * self._clock) + self._ts_shift) & TS
        self._reports[ntp >> 16 & TS] = now
        while len(self._reports) > 8:
            del self._reports[next(iter(self._reports))]
        return rtcp.sender_report(
            self.ssrc, ntp & 0xFFFFFFFFFFFFFFFF, timestamp, self._packets, self._octets
        )

    def reported(self, report: rtcp.Report, now: float) -> None:
        """What the browser says of this leg."""
        self.loss = report.fraction / 256
        sent_at = self._reports.get(report.lsr) if report.lsr else None
        if sent_at is not None:
            self.rtt = max(0.0, now - sent_at - report.dlsr / 65536)

    def _is_due(self, head: Head, now: float) -> bool:
        """Whether a packet is sent that comes soon after a new beginning."""
        if self._begins:
            if self._waits and not begins_keyframe(head.payload):
                if self.source is not None:
                    self.source.want_keyframe(now)  # a wish is lost like anything else
                return False
            self._begin(head.seq, head.timestamp, now)
            return True
        if ahead(head.seq, self._base) < 0:
            return False
        self._since += 1
        self._young = self._since < SETTLED
        return True

    def _begin(self, seq: int, timestamp: int, now: float) -> None:
        self._begins = self._waits = False
        self._base, self._since = seq, 0
        self._seq_shift = (self._next_seq - seq) & SEQ
        passed = int((now - self._last_at) * self._clock) if self._last_at else 0
        self._ts_shift = (self._last_ts + max(1, passed) - timestamp) & TS

    def _again(self, head: Head, timestamp: int, out_seq: int) -> None:
        payload, numbers = head.payload, (head.marker | self._type, out_seq, timestamp, self.ssrc)
        if self._is_video:
            self._rtx_seq = (self._rtx_seq + 1) & SEQ
            payload = out_seq.to_bytes(2, "big") + payload
            numbers = (head.marker | RTX_TYPE, self._rtx_seq, timestamp, self.rtx_ssrc)
        size = len(payload)
        WRITE[size](OUTGOING, 0, 0x80 | head.first & 0x20, *numbers, payload)
        self._link.send(HEADER_SIZE + size)
