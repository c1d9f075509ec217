"""RTP by the byte: headers, RTX, sequence numbers (RFC 3550, 4588)."""

from struct import Struct
from typing import Final, NamedTuple

HEADER: Final = Struct(">BBHII")
HEADER_SIZE: Final = 12
SEQ: Final = 0xFFFF
ROUND: Final = 0x10000
"""Sequence numbers before they begin again; ahead of another is what is less than HALF."""
HALF: Final = 0x8000
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


def payload_start(packet: bytes) -> int | None:
    """Where the payload begins; None where the bytes are no RTP packet."""
    size = len(packet)
    if size < HEADER_SIZE or packet[0] & 0xC0 != 0x80:
        return None
    start = HEADER_SIZE + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        if size < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    return start if start <= size else None


def parse(packet: bytes) -> Head | None:
    """The head of an RTP packet, or None when it is none (truncated, version, lengths)."""
    start = payload_start(packet)
    if start is None:
        return None
    first, second, seq, timestamp, ssrc = HEADER.unpack_from(packet)
    payload = packet[start:]
    return Head(first, second & 0x80, second & 0x7F, seq, timestamp, ssrc, start, payload)


def ahead(a: int, b: int) -> int:
    """How far sequence number `a` is ahead of `b`: -32768 … 32767."""
    return ((a - b + HALF) & SEQ) - HALF


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
