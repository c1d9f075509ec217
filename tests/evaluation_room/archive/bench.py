"""A folder that is recorded to, a clock that follows the packets, and the facts that came of it."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from evaluation_room.archive.disk import DiskArchive
from evaluation_room.archive.places import Places, RoomKeys
from evaluation_room.archive.segment import MAGIC, Packet, Segment, open_segment, read_header
from evaluation_room.archive.track import SECOND, TrackQueue
from evaluation_room.archive.writer import RealDisk
from evaluation_room.core.media_events import MediaEvent, SegmentRecorded
from evaluation_room.media.engine import Publication
from foundation.keys import KeyRing
from tests.evaluation_room.archive.packets import ROOM, START


class TroubledDisk(RealDisk):
    """A disk that is full, or that tears a write, when it is told to."""

    def __init__(self) -> None:
        self.room_left: int | None = None
        self.seconds = 0.0
        self.heads: list[bytes] = []

    def append(self, descriptor: int, data: bytes) -> None:
        if data.startswith(MAGIC):
            self.heads.append(data[: read_header(data)[1]])
        if self.seconds:
            time.sleep(self.seconds)
        if self.room_left is not None:
            if len(data) > self.room_left:
                os.write(descriptor, data[: self.room_left])
                self.room_left = 0
                raise OSError(28, "No space left on device")
            self.room_left -= len(data)
        super().append(descriptor, data)


@dataclass
class ArchiveBench:
    """Recordings on `folder`; nothing runs by itself, `feed` and `turn` do."""

    folder: Path
    most_waiting: int = 64 * 2**20
    now_us: int = START
    free: int = 10**12
    keyframes: list[int] = field(default_factory=list)
    facts: list[MediaEvent] = field(default_factory=list)
    notes: int = 0

    def __post_init__(self) -> None:
        self.places = Places(self.folder / "recordings")
        self.keys = RoomKeys(self.places, KeyRing(self.folder / "keys").fields("recordings"))
        self.disk: TroubledDisk = TroubledDisk()
        self.archive = self.an_archive()

    def an_archive(self) -> DiskArchive:
        """Another one on the same folder, as after a start."""
        return DiskArchive(
            self.places,
            self.keys,
            self.note,
            disk=self.disk,
            free=lambda: self.free,
            now_us=lambda: self.now_us,
            most_waiting=self.most_waiting,
        )

    def note(self, _evaluation_id: str, *events: MediaEvent) -> None:
        self.notes += 1
        self.facts += events

    def track(self, of: Publication, keyframe: Callable[[], None] | None = None) -> TrackQueue:
        """Begin to record a track."""
        ask = keyframe or (lambda: self.keyframes.append(self.now_us))
        made = self.archive.begin(of, ask)
        assert isinstance(made, TrackQueue)
        return made

    def feed(self, track: TrackQueue, packets: Iterable[Packet]) -> None:
        """Packets as they come, written every 0.8 s."""
        written = self.now_us
        for at_us, packet in packets:
            self.now_us = max(self.now_us, at_us)
            track.packet(packet, at_us)
            if self.now_us - written >= 8 * SECOND // 10:
                written = self.now_us
                self.archive.turn()

    def settle(self) -> list[MediaEvent]:
        """Write all that waits; every fact so far."""
        self.archive.turn()
        self.archive.look_after()
        self.archive.notary.turn()
        return self.facts

    @property
    def segments(self) -> list[SegmentRecorded]:
        """The facts of segments."""
        return [one for one in self.facts if isinstance(one, SegmentRecorded)]

    def data(self, of: SegmentRecorded) -> bytes:
        """The file of a segment."""
        return self.places.segment(ROOM, of.who, of.track, of.number).read_bytes()

    def opened(self, of: SegmentRecorded) -> Segment:
        """The file of a segment, opened."""
        return open_segment(self.data(of), self.keys.of(ROOM))
