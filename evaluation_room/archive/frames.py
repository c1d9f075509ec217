"""From packets as they arrived to pictures and sounds in order, each with its instant.

A retransmitted packet takes its place. A picture of which something never came is left out,
and with it all that follows until the next keyframe: what is shown was sent like that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from evaluation_room.archive import rtp
from evaluation_room.archive.segment import Packet
from evaluation_room.media import vp8
from evaluation_room.media.rtp import ROUND

PATIENCE_US: Final = 1_500_000
"""How long a packet may be late: the last retransmission is asked for long before."""
SETTLE_US: Final = 500_000
MOST_HELD: Final = 1024
RESTART: Final = 2000
"""A packet so far behind is not late, its sender counts anew."""
DRIFT: Final = 0.001
JUMP_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture or a stretch of sound, and when it was made, µs since 1970."""

    at_us: int
    data: bytes
    is_key: bool


@dataclass(slots=True)
class Counts:
    """What became of the packets of a track."""

    frames: int = 0
    dropped: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class _Placed:
    """A packet in its place; `hole`: packets before it are missing."""

    at_us: int
    rtp: rtp.Rtp
    hole: bool


def in_order(packets: Iterable[Packet], counts: Counts) -> Iterator[_Placed]:
    """The packets of one publication by sequence number; what is no RTP is passed over."""
    held: dict[int, tuple[int, rtp.Rtp]] = {}
    due, highest, began = -1, -1, 0
    for at_us, packet in packets:
        parsed = rtp.parse(packet)
        if parsed is None:
            continue
        place = rtp.unwrapped(parsed.sequence, highest)
        if highest < 0 or place < highest - RESTART:
            yield from _all(held, due, counts)
            held.clear()
            due, began = -1, at_us
            highest = place = parsed.sequence + ROUND
        highest = max(highest, place)
        if place < due or place in held:
            continue  # it came before, or too late
        held[place] = (at_us, parsed)
        if due < 0:
            if at_us - began < SETTLE_US:
                continue  # the first to come need not be the first that was sent
            due = min(held)
        hole = False
        while held:
            if due not in held:
                first = min(held)
                if at_us - held[first][0] <= PATIENCE_US and len(held) <= MOST_HELD:
                    break
                counts.missing += first - due
                due, hole = first, True
            yield _Placed(*held.pop(due), hole)
            due, hole = due + 1, False
    yield from _all(held, due, counts)


def _all(held: dict[int, tuple[int, rtp.Rtp]], due: int, counts: Counts) -> Iterator[_Placed]:
    """What is left at the end, holes and all."""
    for place in sorted(held):
        counts.missing += place - due if due >= 0 else 0
        yield _Placed(*held[place], due >= 0 and place != due)
        due = place + 1


class Timeline:
    """The instant of a sender's timestamp: its own even pace, placed by the quickest arrivals."""

    def __init__(self, clock_rate: int) -> None:
        self._rate = clock_rate
        self._timestamp = -1
        self._count = 0
        self._offset = 0.0
        self._newest = 0

    def at(self, timestamp: int, arrived_us: int) -> int:
        """µs since 1970, never before what was answered last."""
        if self._timestamp >= 0:
            step = (timestamp - self._timestamp) % 2**32
            self._count += step if step < 2**31 else step - 2**32
        self._timestamp = timestamp
        sent_us = self._count * 1_000_000 / self._rate
        ahead = arrived_us - sent_us - self._offset
        if not self._newest or abs(ahead) > JUMP_US:
            self._offset += ahead
        else:
            self._offset += ahead if ahead < 0 else ahead * DRIFT
        self._newest = max(self._newest, int(sent_us + self._offset))
        return self._newest


def sounds(packets: Iterable[Packet], clock_rate: int, counts: Counts) -> Iterator[Frame]:
    """The sound of one publication."""
    timeline = Timeline(clock_rate)
    for one in in_order(packets, counts):
        if one.rtp.payload:
            counts.frames += 1
            yield Frame(timeline.at(one.rtp.timestamp, one.at_us), one.rtp.payload, True)


def pictures(packets: Iterable[Packet], clock_rate: int, counts: Counts) -> Iterator[Frame]:
    """The whole pictures of one publication, from a keyframe on."""
    timeline = Timeline(clock_rate)
    building = _Building()
    waits_for_key = True
    for one in in_order(packets, counts):
        if one.hole:
            waits_for_key = True
            building.tear()
        if not one.rtp.payload:
            continue  # padding
        if one.rtp.timestamp != building.timestamp:
            if building.is_begun:  # its end never came
                counts.dropped += 1
                waits_for_key = True
            building = _Building(one.rtp.timestamp, one.at_us)
        building.add(one.rtp.payload)
        if not one.rtp.marker:
            continue
        data, at_us, building = building.whole(), building.at_us, _Building()
        is_key = data is not None and data[0] & 1 == 0
        if data is None or (waits_for_key and not is_key):
            counts.dropped += 1
            waits_for_key = True
            continue
        waits_for_key = False
        counts.frames += 1
        yield Frame(timeline.at(one.rtp.timestamp, at_us), data, is_key)


class _Building:
    """A picture of which packets are still to come."""

    def __init__(self, timestamp: int = -1, at_us: int = 0) -> None:
        self.timestamp = timestamp
        self.at_us = at_us
        self._parts: list[bytes] = []
        self._torn = False

    @property
    def is_begun(self) -> bool:
        """Whether anything of it has come."""
        return bool(self._parts) or self._torn

    def tear(self) -> None:
        """Something of it is missing."""
        self._torn = self.is_begun

    def add(self, payload: bytes) -> None:
        """The next packet of it."""
        size = vp8.descriptor_size(payload)
        if size is None or (not self._parts and not vp8.begins_frame(payload)):
            self._torn = True
        else:
            self._parts.append(payload[size:])

    def whole(self) -> bytes | None:
        """The picture, if all of it has come."""
        return None if self._torn else b"".join(self._parts) or None
