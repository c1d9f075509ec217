"""What a segment's fact says beside its hash: packets, losses, levels, and gaps between packets."""

from dataclasses import dataclass, field
from typing import Final

from evaluation_room.archive import rtp
from evaluation_room.archive.segment import Packet
from evaluation_room.core.media_events import GapGround
from evaluation_room.media.rtp import HALF, HEADER_SIZE, ROUND

SECOND: Final = 1_000_000
GAP_US: Final = 5 * SECOND
"""A longer silence of a track is a fact."""
MAX_SECONDS: Final = 190


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing arrived between two instants, µs since 1970."""

    from_us: int
    to_us: int
    ground: GapGround


@dataclass(slots=True)
class Tally:
    """Counts of one track, segment by segment. `level_id` 0: no levels are sent."""

    level_id: int = 0
    first_us: int = 0
    last_us: int = 0
    packets: int = 0
    _highest: int = -1
    _counted: int = -1
    _loudest: dict[int, int] = field(default_factory=dict)

    def add(self, packets: list[Packet]) -> list[Silence]:
        """Count packets that are safely written; silences that ended with them."""
        found: list[Silence] = []
        if not packets:
            return found
        if not self.packets:
            self.first_us = packets[0][0]
        self.packets += len(packets)
        highest, last_us, level_id = self._highest, self.last_us, self.level_id
        for at_us, packet in packets:  # every packet of every track comes by here
            sequence = packet[2] << 8 | packet[3] if len(packet) >= HEADER_SIZE else 0
            if highest < 0:
                highest, last_us = sequence + ROUND, at_us
                self._counted = highest - 1
            ahead = (sequence - highest) & 0xFFFF
            if at_us - last_us > GAP_US:
                # Numbers that go on without a hole: the sender said nothing. A hole: it was lost.
                found.append(Silence(last_us, at_us, "sender" if ahead == 1 else "network"))
            if ahead < HALF:
                highest += ahead
            if at_us > last_us:  # noqa: PLR1730 # `max` would be a call for every packet
                last_us = at_us
            if level_id:
                self._hear(packet, at_us)
        self._highest, self.last_us = highest, last_us
        return found

    def next(self) -> None:
        """A new segment of the same track begins."""
        self.packets = 0
        self._counted = self._highest
        self._loudest.clear()

    def skip(self) -> None:
        """What was just thrown away is no loss on the way here."""
        self._highest = -1
        self.last_us = 0

    @property
    def lost(self) -> int:
        """Packets of this segment that never arrived."""
        return max(0, self._highest - self._counted - self.packets)

    @property
    def levels(self) -> str:
        """One byte a second from the first packet on: the loudest moment of it."""
        if not self.level_id or not self.packets:
            return ""
        seconds = min((self.last_us - self.first_us) // SECOND + 1, MAX_SECONDS)
        return bytes(self._loudest.get(n, rtp.SILENCE) for n in range(seconds)).hex()

    def _hear(self, packet: bytes, at_us: int) -> None:
        if len(packet) > 17 and packet[12] == 0xBE and packet[16] == self.level_id << 4:
            heard: int | None = packet[17] & 0x7F  # where browsers put it
        else:
            heard = rtp.level(packet, self.level_id)
        if heard is not None:
            second = (at_us - self.first_us) // SECOND
            if heard < self._loudest.get(second, rtp.SILENCE):
                self._loudest[second] = heard
