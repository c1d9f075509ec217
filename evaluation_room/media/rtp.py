"""RTP by the byte: headers, VP8's descriptor, RTX, sequence numbers (RFC 3550, 7741, 4588)."""

from struct import Struct
from typing import Final, NamedTuple

HEADER: Final = Struct(">BBHII")
HEADER_SIZE: Final = 12
SEQ: Final = 0xFFFF
TS: Final = 0xFFFFFFFF
WRITE: Final = [Struct(f">BBHII{size}s").pack_into for size in range(1500)]
"""Size of a payload -> the function that writes header and payload at one stroke."""
_PAIR: Final = Struct(">HH")


class Head(NamedTuple):
    """What forwarding needs of a packet; `start` is where its payload begins.

    `payload` is cut out once here and not by every viewer's leg.
    """

    first: int
    marker: int
    payload_type: int
    seq: int
    timestamp: int
    ssrc: int
    start: int
    payload: bytes


def parse(packet: bytes) -> Head | None:
    """The head of an RTP packet, or None when it is none (truncated, version, lengths)."""
    if len(packet) < HEADER_SIZE:
        return None
    first, second, seq, timestamp, ssrc = HEADER.unpack_from(packet)
    if first & 0xC0 != 0x80:
        return None
    start = HEADER_SIZE + 4 * (first & 0x0F)
    if first & 0x10:
        if len(packet) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    if start > len(packet):
        return None
    payload = packet[start:]
    return Head(first, second & 0x80, second & 0x7F, seq, timestamp, ssrc, start, payload)


def ahead(a: int, b: int) -> int:
    """How far sequence number `a` is ahead of `b`: -32768 … 32767."""
    return ((a - b + 0x8000) & SEQ) - 0x8000


def vp8_starts_keyframe(packet: bytes, start: int) -> bool:
    """Whether a packet's payload is the beginning of a VP8 keyframe (RFC 7741 section 4)."""
    size = len(packet)
    if size <= start:
        return False
    descriptor = packet[start]
    if not descriptor & 0x10 or descriptor & 0x07:  # S set, partition 0
        return False
    at = start + 1
    if descriptor & 0x80:
        if size <= at:
            return False
        extra = packet[at]
        at += 1
        if extra & 0x80:
            if size <= at:
                return False
            at += 2 if packet[at] & 0x80 else 1
        at += bool(extra & 0x40) + bool(extra & 0x30)
    return size > at and not packet[at] & 0x01


def unwrap_rtx(packet: bytes, head: Head, ssrc: int, payload_type: int) -> bytes | None:
    """The packet inside a retransmission; None for padding without one.

    Args:
        ssrc: of the original stream; `payload_type` likewise.
    """
    if len(packet) < head.start + 2 or (head.first & 0x20 and len(packet) <= head.start + 2):
        return None
    original = int.from_bytes(packet[head.start : head.start + 2], "big")
    start = HEADER.pack(head.first, head.marker | payload_type, original, head.timestamp, ssrc)
    return start + packet[HEADER_SIZE : head.start] + packet[head.start + 2 :]


def lost_of_nack(fci: bytes) -> list[int]:
    """Sequence numbers named in a generic NACK (RFC 4585 section 6.2.1)."""
    lost: list[int] = []
    for at in range(0, len(fci) - 3, 4):
        pid, mask = _PAIR.unpack_from(fci, at)
        lost.append(pid)
        lost += [(pid + bit + 1) & SEQ for bit in range(16) if mask >> bit & 1]
    return lost


def nack_of_lost(lost: list[int]) -> bytes:
    """The other way round; `lost` in order."""
    pairs: list[tuple[int, int]] = []
    for seq in lost:
        if pairs and 0 < (gap := (seq - pairs[-1][0]) & SEQ) <= 16:
            pid, mask = pairs[-1]
            pairs[-1] = (pid, mask | 1 << (gap - 1))
        else:
            pairs.append((seq, 0))
    return b"".join(_PAIR.pack(*pair) for pair in pairs)
