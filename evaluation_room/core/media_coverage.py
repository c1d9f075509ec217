"""How much of an evaluation is recorded, and the longest hole (R-AV-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from evaluation_room.core.media_events import Gap, SegmentRecorded

_Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a span is recorded: seconds, of how many, and the longest hole in it."""

    seconds: float
    of_seconds: float
    longest_gap: tuple[datetime, datetime] | None


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
        if start > reached:
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
