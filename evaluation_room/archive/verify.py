"""The files of a recording against the log. Needs no key; with it the changed place is named."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from evaluation_room.archive.clip import segments_of
from evaluation_room.archive.places import KEY_FILE, UNDER_WAY, Places
from evaluation_room.archive.segment import (
    Found,
    NotASegment,
    Segment,
    open_segment,
    places,
    read_header,
)
from evaluation_room.core.media_events import Gap, SegmentRecorded
from evaluation_room.core.media_log import MediaLog
from evaluation_room.core.media_rules import Track

GAP: Final = timedelta(seconds=5)
SLACK: Final = timedelta(seconds=1)


class Fault(StrEnum):
    """What can be wrong."""

    MISSING = "missing"  # the log names a file that is not there
    CHANGED = "changed"  # its bytes are not those of the log
    UNKNOWN = "unknown"  # a file that the log does not name
    NUMBER = "number"  # the log leaves a number out, or has it twice
    GAP = "gap"  # time between two segments that no fact accounts for


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: the file below the evaluation's folder, and where in it or why."""

    fault: Fault
    file: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and all that is wrong. `not_yet`: files still to come into the log."""

    segments: int
    size: int
    not_yet: int
    gaps: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether everything is as the log says."""
        return not self.findings


class Verifier:
    """Checks one evaluation.

    Args:
        room_key: opens the files, to name the place of a change; None without it.
        progress: called after each segment.
    """

    def __init__(
        self,
        folder: Places,
        evaluation_id: str,
        log: MediaLog,
        room_key: bytes | None = None,
        progress: Callable[[], None] = lambda: None,
    ) -> None:
        self._places = folder
        self._evaluation_id = evaluation_id
        self._log = log
        self._key = room_key
        self._progress = progress

    def verify(self) -> Verified:
        """Everything that is wrong, in the order of files."""
        findings: list[Finding] = []
        for of in self._log.segments:
            findings += self._segment(of)
            self._progress()
        unknown, not_yet = self._unknown()
        findings += unknown
        for who, track in sorted({(one.who, one.track) for one in self._log.segments}):
            mine = segments_of(self._log, who, track)
            findings += _numbers(mine)
            findings += _silences(mine, self._log.gaps)
        return Verified(
            segments=len(self._log.segments),
            size=sum(one.size for one in self._log.segments),
            not_yet=not_yet,
            gaps=len(self._log.gaps),
            findings=tuple(findings),
        )

    def _segment(self, of: SegmentRecorded) -> Iterator[Finding]:
        path = self._places.segment(self._evaluation_id, of.who, of.track, of.number)
        if not path.is_file():
            yield Finding(Fault.MISSING, _name(of))
            return
        data = path.read_bytes()
        if sha256(data).hexdigest() != of.sha256:
            yield Finding(Fault.CHANGED, _name(of), where_changed(data, of, self._key))

    def _unknown(self) -> tuple[list[Finding], int]:
        """Files that the log does not name. While it is recorded the newest are not in it yet."""
        folder = self._places.of(self._evaluation_id)
        known = {_name(one) for one in self._log.segments}
        highest: defaultdict[tuple[str, str], int] = defaultdict(int)
        for one in self._log.segments:
            mine = one.who, str(one.track)
            highest[mine] = max(highest[mine], one.number)
        under_way = (folder / UNDER_WAY).exists()
        found, not_yet = [], 0
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            name = path.relative_to(folder).as_posix()
            if path.is_dir() or name in known or name in {KEY_FILE, UNDER_WAY}:
                continue
            if under_way and _is_newer(path, highest):
                not_yet += 1
            else:
                found.append(Finding(Fault.UNKNOWN, name))
        return found, not_yet


def where_changed(data: bytes, of: SegmentRecorded, room_key: bytes | None) -> str:
    """The place of a change as far as it can be told."""
    try:
        header, start = read_header(data)
    except NotASegment:
        return "header"
    if (header.who, header.track, header.number) != (of.who, of.track, of.number):
        return f"another segment: {header.who}/{header.track}/{header.number}"
    if room_key is None:
        return f"{len(data)} bytes instead of {of.size}" if len(data) != of.size else "no key"
    segment = open_segment(data, room_key)
    if segment.found is Found.CHANGED:
        return _chunk(data, start, segment)
    if len(data) != of.size:
        return f"bytes from {segment.size} on: {len(data)} instead of {of.size}"
    return f"bytes from {segment.size} on" if segment.size != len(data) else "sealed anew"


def _chunk(data: bytes, start: int, segment: Segment) -> str:
    number = segment.broken or 0
    spans = list(places(data, start))
    if not segment.chunks and len(spans) > 1:
        return f"header, or chunk 0 (bytes {start} to {spans[0][1] - 1})"
    if number >= len(spans):
        return f"bytes from {segment.size} on"
    begin, end = spans[number]
    return f"chunk {number} (bytes {begin} to {end - 1})"


def _numbers(mine: Sequence[SegmentRecorded]) -> Iterator[Finding]:
    due = 1
    for one in mine:
        if one.number < due:
            yield Finding(Fault.NUMBER, _name(one), "twice in the log")
            continue
        for lost in range(due, one.number):
            yield Finding(Fault.NUMBER, _file(one.who, one.track, lost), "not in the log")
        due = one.number + 1


def _silences(mine: Sequence[SegmentRecorded], gaps: Sequence[Gap]) -> Iterator[Finding]:
    """Time between segments of one publication that no fact accounts for."""
    for before, after in itertools.pairwise(mine):
        if before.publication != after.publication or after.started_at - before.ended_at <= GAP:
            continue
        said = any(
            one.publication == after.publication
            and one.track is after.track
            and one.from_at <= before.ended_at + SLACK
            and one.to_at >= after.started_at - SLACK
            for one in gaps
        )
        if not said:
            span = f"{before.ended_at.isoformat()} to {after.started_at.isoformat()}"
            yield Finding(Fault.GAP, _name(after), span)


def _is_newer(path: Path, highest: dict[tuple[str, str], int]) -> bool:
    if path.suffix != ".seg" or not path.stem.isdigit():
        return False
    return int(path.stem) > highest.get((path.parent.parent.name, path.parent.name), 0)


def _name(of: SegmentRecorded) -> str:
    return _file(of.who, of.track, of.number)


def _file(who: str, track: Track, number: int) -> str:
    return f"{who}/{track}/{number}.seg"
