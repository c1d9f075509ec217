"""What a recording reads of an RTP packet beside its head: padding, the audio level, counts."""

from dataclasses import dataclass
from typing import Final

from evaluation_room.media.rtp import HEADER_SIZE, ahead, payload_start

SILENCE: Final = 127
"""The quietest level of RFC 6464, -dBov."""


@dataclass(frozen=True, slots=True)
class Rtp:
    """The parts of a packet."""

    sequence: int
    timestamp: int
    marker: bool
    payload: bytes


def parse(packet: bytes) -> Rtp | None:
    """The parts of a packet; None where it is none."""
    start = payload_start(packet)
    if start is None:
        return None
    end = len(packet)
    if packet[0] & 0x20:
        end -= packet[-1]
        if end < start or packet[-1] == 0:
            return None
    return Rtp(
        sequence=int.from_bytes(packet[2:4], "big"),
        timestamp=int.from_bytes(packet[4:8], "big"),
        marker=bool(packet[1] & 0x80),
        payload=packet[start:end],
    )


def level(packet: bytes, extension: int) -> int | None:
    """The audio level in the extension of that id: -dBov, 0 loud to 127 silent (RFC 6464)."""
    if not packet[0] & 0x10:
        return None
    place = HEADER_SIZE + 4 * (packet[0] & 0x0F)
    if len(packet) < place + 4:
        return None
    one_byte = packet[place] == 0xBE and packet[place + 1] == 0xDE
    end = place + 4 + 4 * (packet[place + 2] << 8 | packet[place + 3])
    place += 4
    if end > len(packet):
        return None
    while place + 1 < end:
        if packet[place] == 0:  # padding between elements
            place += 1
            continue
        if one_byte:
            id_, size, place = packet[place] >> 4, (packet[place] & 15) + 1, place + 1
        else:
            id_, size, place = packet[place], packet[place + 1], place + 2
        if id_ == extension and size >= 1 and place < end:
            return packet[place] & 0x7F
        place += size
    return None


def unwrapped(sequence: int, highest: int) -> int:
    """The count, without wrapping at 2^16, of a sequence number near the highest one so far."""
    return highest + ahead(sequence, highest)
