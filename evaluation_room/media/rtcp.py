"""RTCP by the byte: what arrives as values, what leaves as bytes (RFC 3550, 4585, 5104)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct, error
from typing import Final

from evaluation_room.media.rtp import lost_of_nack, nack_of_lost

SR: Final = 200
RR: Final = 201
BYE: Final = 203
RTPFB: Final = 205
PSFB: Final = 206
_HEAD: Final = Struct(">BBH")
_BLOCK: Final = Struct(">IIIIII")
_SENDER: Final = Struct(">IQIII")
_PARTS_MOST: Final = 40
NTP_EPOCH: Final = 2208988800


@dataclass(frozen=True, slots=True)
class Report:
    """A receiver's block on one stream: loss in 1/256, lsr and dlsr as on the wire."""

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    lsr: int
    dlsr: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """NTP (64 bits) and RTP time of the same moment at the sender."""

    ssrc: int
    ntp: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Nack:
    """Packets that somebody misses."""

    ssrc: int
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyframeWanted:
    """PLI or FIR."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class Bye:
    """Streams that ended."""

    ssrcs: tuple[int, ...]


Part = Report | SenderReport | Nack | KeyframeWanted | Bye


def parse(data: bytes) -> list[Part]:
    """The parts of a compound packet that we know; whatever is cut or odd ends the reading."""
    found: list[Part] = []
    try:
        for count, kind, body in _packets(data):
            found += _parts(count, kind, body)
    except (error, IndexError):
        return found
    return found


def _packets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at, seen = 0, 0
    while at + 4 <= len(data) and seen < _PARTS_MOST:
        first, kind, words = _HEAD.unpack_from(data, at)
        end = at + 4 + 4 * words
        if first & 0xC0 != 0x80 or end > len(data):
            return
        yield first & 0x1F, kind, data[at + 4 : end]
        at, seen = end, seen + 1


def _parts(count: int, kind: int, body: bytes) -> list[Part]:
    if kind == SR:
        ssrc, ntp, timestamp, _, _ = _SENDER.unpack_from(body)
        return [SenderReport(ssrc, ntp, timestamp), *_reports(count, body[24:])]
    if kind == RR:
        return list(_reports(count, body[4:]))
    if kind == BYE:
        return [Bye(tuple(int.from_bytes(body[4 * i : 4 * i + 4], "big") for i in range(count)))]
    return _feedback(count, kind, body) if len(body) >= 8 else []


def _feedback(count: int, kind: int, body: bytes) -> list[Part]:
    media = int.from_bytes(body[4:8], "big")
    if kind == RTPFB and count == 1:
        return [Nack(media, tuple(lost_of_nack(body[8:])))]
    if kind == PSFB and count == 1:
        return [KeyframeWanted(media)]
    if kind == PSFB and count == 4 and len(body) >= 16:
        return [KeyframeWanted(int.from_bytes(body[8:12], "big"))]
    return []


def _reports(count: int, body: bytes) -> Iterator[Report]:
    for place in range(count):
        ssrc, loss, highest, jitter, lsr, dlsr = _BLOCK.unpack_from(body, 24 * place)
        lost = (loss & 0xFFFFFF) - (0x1000000 if loss & 0x800000 else 0)
        yield Report(ssrc, loss >> 24, lost, highest, jitter, lsr, dlsr)


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return _HEAD.pack(0x80 | count, kind, len(body) // 4) + body


def receiver_report(ssrc: int, reports: Sequence[Report]) -> bytes:
    """RR from `ssrc`, at most 31 blocks."""
    blocks = b"".join(
        _BLOCK.pack(
            *(one.ssrc, one.fraction << 24 | one.lost & 0xFFFFFF, one.highest),
            *(one.jitter, one.lsr, one.dlsr),
        )
        for one in reports[:31]
    )
    return _packet(min(31, len(reports)), RR, ssrc.to_bytes(4, "big") + blocks)


def sender_report(ssrc: int, ntp: int, timestamp: int, packets: int, octets: int) -> bytes:
    """SR without blocks."""
    body = _SENDER.pack(ssrc, ntp, timestamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _packet(0, SR, body)


def nack(ssrc: int, media: int, lost: list[int]) -> bytes:
    """Ask again for packets, `lost` in order."""
    return _packet(1, RTPFB, _pair(ssrc, media) + nack_of_lost(lost))


def pli(ssrc: int, media: int) -> bytes:
    """Ask for a keyframe."""
    return _packet(1, PSFB, _pair(ssrc, media))


def remb(ssrc: int, bits_a_second: int, media: Sequence[int]) -> bytes:
    """The most that the sender may send, over all of `media` together."""
    exponent = max(0, bits_a_second.bit_length() - 18)
    mantissa = bits_a_second >> exponent
    head = b"REMB" + bytes([len(media), exponent << 2 | mantissa >> 16])
    body = head + (mantissa & 0xFFFF).to_bytes(2, "big")
    return _packet(
        15, PSFB, _pair(ssrc, 0) + body + b"".join(one.to_bytes(4, "big") for one in media)
    )


def _pair(ssrc: int, media: int) -> bytes:
    return ssrc.to_bytes(4, "big") + media.to_bytes(4, "big")
