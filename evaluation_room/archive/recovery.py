"""What a killed server left: each file cut to whole chunks, hashed, recorded.

Crash points: cutting and hashing again gives the same file and the same fact, and a file that
the log knows is left alone; so a recovery that is killed is simply done again.
"""

import logging
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from evaluation_room.archive.notary import Note
from evaluation_room.archive.places import Places, RoomKeys
from evaluation_room.archive.segment import Header, NotASegment, Segment, open_segment
from evaluation_room.archive.tally import GAP_US, Silence, Tally
from evaluation_room.archive.writer import Ending, instant
from evaluation_room.core.media_events import Gap, MediaEvent, SegmentRecorded

logger = logging.getLogger(__name__)

Known = Callable[[str], Collection[tuple[str, str, int]]]
"""(who, track, number) of every segment of an evaluation that the log knows."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found: evaluations, segments recorded, bytes cut off, files that were empty."""

    evaluations: int = 0
    segments: int = 0
    torn_bytes: int = 0
    empty: int = 0

    def __add__(self, other: "Recovered") -> "Recovered":
        return Recovered(
            self.evaluations + other.evaluations,
            self.segments + other.segments,
            self.torn_bytes + other.torn_bytes,
            self.empty + other.empty,
        )


class Recovery:
    """Looks, at start and before anything is recorded, at what was under way."""

    def __init__(self, places: Places, keys: RoomKeys, known: Known, note: Note) -> None:
        self._places = places
        self._keys = keys
        self._known = known
        self._note = note

    def run(self, now: datetime) -> Recovered:
        """Recover every evaluation that was under way."""
        total = Recovered()
        for evaluation_id in self._places.under_way():
            try:
                total += self._evaluation(evaluation_id, now)
            except Exception:
                # One broken folder must keep neither the others nor the service from starting.
                logger.exception("recording not recovered: %s", evaluation_id)
        return total

    def _evaluation(self, evaluation_id: str, now: datetime) -> Recovered:
        key = self._keys.there(evaluation_id)
        known = set(self._known(evaluation_id))
        total, facts = Recovered(evaluations=1), list[MediaEvent]()
        for who, track in self._places.tracks(evaluation_id) if key else ():
            numbers = self._places.numbers(evaluation_id, who, track)
            for number in numbers:
                if (who, track, number) in known or key is None:
                    continue
                path = self._places.segment(evaluation_id, who, track, number)
                found, made = self._file(path, key, rolled=number + 1 in numbers, now=now)
                total += found
                facts += made
        if facts:
            self._note(evaluation_id, *facts)
        # After this line the folder is not looked at again; before it all of it is, again.
        self._places.done(evaluation_id)
        return total

    def _file(
        self, path: Path, key: bytes, *, rolled: bool, now: datetime
    ) -> tuple[Recovered, list[MediaEvent]]:
        data = path.read_bytes()
        try:
            segment = open_segment(data, key)
        except NotASegment:
            segment = None
        if segment is None or not segment.chunks:
            # Begun and nothing in it: the header goes to disk with the first chunk.
            path.unlink()
            return Recovered(empty=1, torn_bytes=len(data)), []
        torn = len(data) - segment.size
        if torn:
            _cut(path, segment.size)
        facts = facts_of(segment, data[: segment.size], rolled=rolled, now=now)
        return Recovered(segments=1, torn_bytes=torn), facts


def facts_of(segment: Segment, data: bytes, *, rolled: bool, now: datetime) -> list[MediaEvent]:
    """The fact of a segment, its gaps, and that nothing was recorded from its end until now."""
    of, tally = segment.header, Tally(level_id=segment.header.level_id)
    silences = tally.add(list(segment.packets()))
    ended: Ending = "rolled" if rolled else "ended"
    facts: list[MediaEvent] = [
        SegmentRecorded(
            who=of.who,
            track=of.track,
            publication=of.publication,
            number=of.number,
            sha256=sha256(data).hexdigest(),
            size=len(data),
            started_at=instant(tally.first_us),
            ended_at=instant(tally.last_us),
            packets=tally.packets,
            lost=tally.lost,
            ending=ended if segment.ended else "cut",
            levels=tally.levels,
        )
    ]
    facts += [_gap(of, one) for one in silences]
    to_us = int(now.timestamp() * 10**6)
    if not segment.ended and not rolled and to_us - tally.last_us > GAP_US:
        facts.append(_gap(of, Silence(tally.last_us, to_us, "server_stopped")))
    return facts


def _gap(of: Header, silence: Silence) -> Gap:
    return Gap(
        who=of.who,
        track=of.track,
        publication=of.publication,
        from_at=instant(silence.from_us),
        to_at=instant(silence.to_us),
        ground=silence.ground,
    )


def _cut(path: Path, size: int) -> None:
    """Shorten a file for good."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
