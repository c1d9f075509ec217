"""Segments of one track, made on the one thread that writes.

Crash points: a chunk is one write, so that a kill leaves whole chunks and at most one torn
one; recovery cuts it off. A write that fails is undone to the last whole chunk, the segment
ends there as `cut`, and the packets wait for the next try.
"""

import hashlib
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Protocol

from evaluation_room.archive.places import Places
from evaluation_room.archive.segment import Header, Packet, Sealer, octets_of
from evaluation_room.archive.tally import GAP_US, Tally
from evaluation_room.archive.track import LONGEST_US, SECOND, SEGMENT_US, TrackQueue, ends_segment
from evaluation_room.core.media_events import Gap, GapGround, MediaEvent, SegmentRecorded
from evaluation_room.core.media_rules import Kind

logger = logging.getLogger(__name__)

Ending = Literal["rolled", "ended", "cut"]
Fact = Callable[[str, MediaEvent], None]
"""Takes the evaluation's id and a fact for its log."""

QUIET_US: Final = LONGEST_US + 2 * SECOND
"""A segment that old is ended though no packet comes that would end it."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Disk(Protocol):
    """What the writer asks of a file system; replaced in tests by one that is slow or full."""

    def create(self, path: Path) -> int:
        """A new file to append to; refuses one that is there."""

    def append(self, descriptor: int, data: bytes) -> None:
        """Append all of `data`.

        Raises:
            OSError: a part of it may be there.
        """

    def cut(self, descriptor: int, size: int) -> None:
        """Shorten the file to `size`."""

    def close(self, descriptor: int) -> None:
        """Have it on the disk for good, and let go."""


class RealDisk:
    """The system's files."""

    def create(self, path: Path) -> int:
        """A new file, its folders made where missing."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)

    def append(self, descriptor: int, data: bytes) -> None:
        """Append all of `data`; mostly in one write."""
        done = os.write(descriptor, data)
        while done < len(data):
            done += os.write(descriptor, data[done:])

    def cut(self, descriptor: int, size: int) -> None:
        """Shorten the file."""
        os.ftruncate(descriptor, size)

    def close(self, descriptor: int) -> None:
        """Data to the platter, then close."""
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)


class _Open:
    """A segment that is being written; `began_us` is its first packet's arrival."""

    def __init__(self, header: Header, room_key: bytes, began_us: int) -> None:
        self.header = header
        self.began_us = began_us
        self.sealer = Sealer(room_key, header)
        self.hash = hashlib.sha256()
        self.descriptor = -1
        self.size = 0


class TrackWriter:
    """Turns the queue of one track into segments.

    Args:
        room_key: gives the key of the evaluation, asked when a segment is begun.
        number: the number of the last segment of this track so far, asked at the first.
        fact: takes facts; called on the writing thread.
    """

    def __init__(
        self,
        track: TrackQueue,
        places: Places,
        disk: Disk,
        *,
        room_key: Callable[[str], bytes],
        number: Callable[[str, str, str], int],
        fact: Fact,
    ) -> None:
        self.track = track
        self.done = 0
        self._places = places
        self._disk = disk
        self._room_key = room_key
        self._last_number = number
        self._fact = fact
        self._of = track.publication
        self._tally = Tally(level_id=self._of.level_id)
        self._open: _Open | None = None
        self._number: int | None = None
        self._failed_us = 0
        self._is_video = self._of.kind is Kind.VIDEO

    @property
    def waiting(self) -> int:
        """Bytes that were taken and are not yet on disk."""
        return self.track.taken - self.done

    @property
    def waiting_since(self) -> int | None:
        """Arrival of the oldest packet that is not yet on disk, µs since 1970."""
        try:
            return self.track.queue[0][0]
        except IndexError:
            return None

    def turn(self, now_us: int) -> bool:
        """Write what has come; whether the track is over and everything is written.

        Raises:
            OSError: the disk takes nothing; what was not written still waits.
        """
        over = self.track.is_over  # read before the queue: what came before `end` is in it
        left = len(self.track.queue)
        while left > 0:
            group, read, last = self._next(left)
            left -= read
            if group or last:
                self._write(group, last=last)
        if over:
            self._fell_silent(now_us)
            self._end("ended")
        elif self._open is not None and now_us - self._open.began_us > QUIET_US:
            self._end("rolled")
        return over

    def abandon(self) -> None:
        """Give up what could not be written; it becomes a gap."""
        queue = self.track.queue
        packets = [one for one in queue if one[1]]
        if packets:
            self._gap(packets[0][0], packets[-1][0], "disk")
            queue.clear()
            self.done = self.track.taken
        if self._open is not None:
            self._fail(self._open)

    def _next(self, left: int) -> tuple[list[Packet], int, bool]:
        """Packets for one chunk, how many were read, and whether the segment ends with them."""
        queue = self.track.queue
        group: list[Packet] = []
        read = 0
        soon = 0  # before that neither chunk nor segment ends: most packets are only moved
        while read < left:
            at_us, packet = queue[0]  # only this thread takes from the left
            if not packet:
                if group:
                    break
                queue.popleft()
                read += 1
                self._gap(*self.track.gaps.popleft(), "disk")
                self._tally.skip()
                continue
            if at_us >= soon:
                began = self._open.began_us if self._open else group[0][0] if group else at_us
                if self._ends_before(packet, began, at_us):
                    return group, read, True
                first = group[0][0] if group else at_us
                if at_us - first >= SECOND:
                    break
                soon = min(first + SECOND, began + SEGMENT_US)
            group.append(queue.popleft())
            read += 1
        return group, read, False

    def _ends_before(self, packet: bytes, began_us: int, at_us: int) -> bool:
        if self._is_video:
            return at_us - began_us >= SEGMENT_US and ends_segment(packet, began_us, at_us)
        return at_us - began_us >= SEGMENT_US

    def _write(self, group: list[Packet], *, last: bool) -> None:
        try:
            octets = self._chunk(group, last=last)
        except OSError:
            self.track.queue.extendleft(reversed(group))
            raise
        self.done += octets
        for silence in self._tally.add(group):
            self._gap(silence.from_us, silence.to_us, silence.ground)
        if last:
            self._close("rolled")

    def _chunk(self, group: list[Packet], *, last: bool) -> int:
        """Seal and append; the bytes of its packets. The file has one whole chunk more, or none."""
        segment = self._open or self._begin(group[0][0])
        data = segment.sealer.chunk(group, last=last)
        octets = octets_of(data, len(group))
        if not segment.size:
            data = segment.sealer.head + data
        try:
            self._disk.append(segment.descriptor, data)
        except OSError:
            self._fail(segment)
            raise
        segment.hash.update(data)
        segment.size += len(data)
        return octets

    def _begin(self, began_us: int) -> _Open:
        """A new file. A header is never used twice: its hash makes the key of the file."""
        of = self._of
        key = self._room_key(of.room)
        if self._number is None:
            self._number = self._last_number(of.room, of.who, of.track)
        header = Header(
            evaluation_id=of.room,
            who=of.who,
            track=of.track,
            codec="opus" if of.codec == "opus" else "vp8",
            clock_rate=of.clock_rate,
            number=self._number + 1,
            publication=of.id,
            started_at_us=max(began_us, self._failed_us + 1),
            level_id=of.level_id,
        )
        segment = _Open(header, key, began_us)
        path = self._places.segment(of.room, of.who, of.track, header.number)
        segment.descriptor = self._disk.create(path)
        self._tally.next()
        self._open = segment
        self.track.began_us = began_us
        return segment

    def _fell_silent(self, now_us: int) -> None:
        """A track that ends long after its last packet was cut off; why, nobody can tell here."""
        if self._tally.last_us and now_us - self._tally.last_us > GAP_US:
            self._gap(self._tally.last_us, now_us, "unknown")

    def _end(self, ending: Ending) -> None:
        """Say in the file that nothing follows; where even that fails it ends as cut."""
        if self._open is None:
            return
        try:
            self._chunk([], last=True)
        except OSError:
            return  # `_fail` has recorded it
        self._close(ending)

    def _fail(self, segment: _Open) -> None:
        """Undo a torn write; what is whole is recorded as cut, what is empty goes."""
        self._open = None
        self._failed_us = segment.header.started_at_us
        try:
            self._disk.cut(segment.descriptor, segment.size)
        except OSError:
            # Its bytes are unknown now: no fact, the next start looks at it.
            logger.exception("segment not cut")
            self._release(segment)
            self._number = segment.header.number
            return
        self._release(segment)
        if segment.size:
            self._record(segment, "cut")
        else:
            of = segment.header
            self._places.segment(of.evaluation_id, of.who, of.track, of.number).unlink()

    def _close(self, ending: Ending) -> None:
        if (segment := self._open) is not None:
            self._open = None
            self._release(segment)
            self._record(segment, ending)

    def _release(self, segment: _Open) -> None:
        try:
            self._disk.close(segment.descriptor)
        except OSError:
            logger.exception("segment not synchronised")

    def _record(self, segment: _Open, ending: Ending) -> None:
        of, tally = segment.header, self._tally
        self._number = of.number
        self._fact(
            of.evaluation_id,
            SegmentRecorded(
                who=of.who,
                track=of.track,
                publication=of.publication,
                number=of.number,
                sha256=segment.hash.hexdigest(),
                size=segment.size,
                started_at=instant(tally.first_us),
                ended_at=instant(tally.last_us),
                packets=tally.packets,
                lost=tally.lost,
                ending=ending,
                levels=tally.levels,
            ),
        )

    def _gap(self, from_us: int, to_us: int, ground: GapGround) -> None:
        of = self._of
        gap = Gap(
            who=of.who,
            track=of.track,
            publication=of.id,
            from_at=instant(from_us),
            to_at=instant(to_us),
            ground=ground,
        )
        self._fact(of.room, gap)


def instant(us: int) -> datetime:
    """The instant so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=us)
