"""A stretch of a recording as a file that a page plays: one segment, with its sound beside it."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from evaluation_room.archive import errors
from evaluation_room.archive.frames import Counts, Frame, pictures, sounds
from evaluation_room.archive.mux import mux
from evaluation_room.archive.places import Places, RoomKeys
from evaluation_room.archive.segment import Found, NotASegment, Segment, open_segment
from evaluation_room.core.media_events import SegmentRecorded
from evaluation_room.core.media_log import MediaLog
from evaluation_room.core.media_rules import Kind, Track, kind_of

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
GRACE: Final = timedelta(milliseconds=500)
"""The last picture stays so long, and sound with it."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A WebM file; time 0 of it is `began_at`."""

    data: bytes
    began_at: datetime


class Shelf:
    """Takes segments off the disk, checked against the log before anything is decrypted."""

    def __init__(self, places: Places, keys: RoomKeys) -> None:
        self._places = places
        self._keys = keys

    def data(self, evaluation_id: str, of: SegmentRecorded) -> bytes:
        """The file of a segment as the log names it.

        Raises:
            SegmentMissing, SegmentChanged.
        """
        path = self._places.segment(evaluation_id, of.who, of.track, of.number)
        try:
            data = path.read_bytes()
        except FileNotFoundError as gone:
            raise errors.SegmentMissing(who=of.who, track=of.track, number=of.number) from gone
        if sha256(data).hexdigest() != of.sha256:
            raise errors.SegmentChanged(who=of.who, track=of.track, number=of.number)
        return data

    def opened(self, evaluation_id: str, of: SegmentRecorded) -> Segment:
        """A segment in the clear.

        Raises:
            SegmentMissing, SegmentChanged. KeyGone: nothing opens it.
        """
        data, key = self.data(evaluation_id, of), self._keys.there(evaluation_id)
        if key is None:
            raise errors.KeyGone
        try:
            segment = open_segment(data, key)
        except NotASegment as bad:
            raise errors.SegmentChanged(who=of.who, track=of.track, number=of.number) from bad
        if segment.found is Found.CHANGED:
            # The bytes are those of the log, so it was the key that changed.
            raise errors.KeyGone
        return segment

    def clip(
        self,
        evaluation_id: str,
        log: MediaLog,
        who: str,
        track: Track,
        number: int,
        *,
        sound: Track | None,
    ) -> Clip:
        """One segment of a track, and what was heard of the same person until the next one.

        Args:
            sound: a track of sound beside a picture; None for the track alone.

        Raises:
            UnknownSegment, SegmentMissing, SegmentChanged, KeyGone, NothingToShow.
        """
        mine = segments_of(log, who, track)
        place = next((n for n, one in enumerate(mine) if one.number == number), None)
        if place is None:
            raise errors.UnknownSegment
        of = mine[place]
        file, began_us = io.BytesIO(), _us(of.started_at)
        frames = self._frames(evaluation_id, [of])
        if kind_of(track) is Kind.AUDIO:
            made = mux(file, None, frames, began_us=began_us)
        else:
            heard = None
            if sound is not None and kind_of(sound) is Kind.AUDIO:
                until = _us(_until(of, mine[place + 1 : place + 2]))
                heard = self._heard(evaluation_id, segments_of(log, who, sound), began_us, until)
            made = mux(file, frames, heard, began_us=began_us)
        if made.began_us is None:
            raise errors.NothingToShow
        return Clip(file.getvalue(), of.started_at)

    def _heard(
        self, evaluation_id: str, all_of_it: Sequence[SegmentRecorded], began_us: int, until_us: int
    ) -> Iterator[Frame]:
        near = [
            one
            for one in all_of_it
            if _us(one.ended_at) >= began_us and _us(one.started_at) < until_us
        ]
        for frame in self._frames(evaluation_id, near):
            if began_us <= frame.at_us < until_us:
                yield frame

    def _frames(self, evaluation_id: str, segments: Sequence[SegmentRecorded]) -> Iterator[Frame]:
        """Frames of segments of one track, publication by publication."""
        counts = Counts()
        for run in runs(segments):
            packets = (p for of in run for p in self.opened(evaluation_id, of).packets())
            if kind_of(run[0].track) is Kind.AUDIO:
                yield from sounds(packets, 48_000, counts)
            else:
                yield from pictures(packets, 90_000, counts)


def segments_of(log: MediaLog, who: str, track: Track) -> list[SegmentRecorded]:
    """The segments of a track by number."""
    mine = (one for one in log.segments if one.who == who and one.track is track)
    return sorted(mine, key=lambda one: one.number)


def runs(segments: Sequence[SegmentRecorded]) -> Iterator[list[SegmentRecorded]]:
    """Segments that belong to one publication together."""
    run: list[SegmentRecorded] = []
    for one in segments:
        if run and run[-1].publication != one.publication:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _until(of: SegmentRecorded, following: Sequence[SegmentRecorded]) -> datetime:
    """When the next segment takes over, where it follows at once."""
    if following and following[0].publication == of.publication:
        return min(following[0].started_at, max(of.ended_at, of.started_at) + GRACE)
    return of.ended_at + GRACE


def _us(at: datetime) -> int:
    return int((at - EPOCH) / MICROSECOND)
