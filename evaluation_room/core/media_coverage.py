"""How much of an evaluation is recorded, and the longest hole (R-AV-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from evaluation_room.core.media_events import Gap, SegmentRecorded
from evaluation_room.core.media_log import MediaLog
from evaluation_room.core.media_rules import Kind, Track
from evaluation_room.core.room import Room
from evaluation_room.core.values import Phase

_Span = tuple[datetime, datetime]

CHANGE: Final = timedelta(seconds=1)
"""Between two segments lies less than that; it is no hole, nor is anything so short."""

UNDER_WAY: Final = timedelta(seconds=40)
"""So long after its first packet a segment stands in the log at the latest (SPEC 4.4)."""

_OF: Final = {Kind.AUDIO: (Track.MIC, Track.VOICE), Kind.VIDEO: (Track.FACE, Track.MASKED)}
"""What shows and lets hear a person: the raw track, or where there is none the masked one."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a span is recorded: seconds, of how many, and the longest hole in it."""

    seconds: float
    of_seconds: float
    longest_gap: tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True)
class SeatCoverage:
    """How much of a seat's sound, or picture, is recorded (R-AV-1)."""

    seat: str
    kind: Kind
    coverage: Coverage


def seats_covered(room: Room, log: MediaLog, now: datetime) -> tuple[SeatCoverage, ...]:
    """Each seat that counts, from its check-in to the end of the room (R-AV-1).

    While the room goes on, as far as the log can know at `now`.
    """
    stops = [one.at for one in room.interventions if one.event == room.stopped]
    closed = room.phase_at if room.phase is Phase.CLOSED else None
    end = min([*stops, closed or now - UNDER_WAY])
    found = []
    for seat in room.seats:
        if seat.checked_in_at is None:
            continue
        for kind, tracks in _OF.items():
            segments = [one for one in log.segments if one.who == seat.id and one.track in tracks]
            track = next((t for t in tracks if any(one.track is t for one in segments)), tracks[0])
            whole = coverage(
                (one for one in segments if one.track is track),
                seat.checked_in_at,
                end,
                (one for one in log.gaps if one.who == seat.id and one.track is track),
            )
            found.append(SeatCoverage(seat.id, kind, whole))
    return tuple(found)


def coverage(
    segments: Iterable[SegmentRecorded],
    begin: datetime,
    end: datetime,
    gaps: Iterable[Gap] = (),
) -> Coverage:
    """How much of `begin` to `end` is recorded (R-AV-1); what several segments hold counts once.

    Args:
        segments: of one seat, of its sound or of its picture.
        gaps: what is missing inside of them.
    """
    kept = _inside(((one.started_at, one.ended_at) for one in segments), begin, end)
    holes = _inside(((one.from_at, one.to_at) for one in gaps), begin, end)
    reached = begin
    for start, stop in [*kept, (end, end)]:
        if start - reached >= CHANGE:
            holes.append((reached, start))
        reached = max(reached, stop)
    missing, longest = timedelta(), None
    for start, stop in _merged(holes):
        missing += stop - start
        if longest is None or stop - start > longest[1] - longest[0]:
            longest = (start, stop)
    whole = max(end - begin, timedelta())
    return Coverage((whole - missing).total_seconds(), whole.total_seconds(), longest)


def _inside(spans: Iterable[_Span], begin: datetime, end: datetime) -> list[_Span]:
    """Spans cut to a frame, in order; empty ones left out."""
    cut = ((max(start, begin), min(stop, end)) for start, stop in spans)
    return sorted((start, stop) for start, stop in cut if start < stop)


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    """Spans without overlap, in order."""
    found: list[_Span] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found
