"""Everything that was recorded of an evaluation, decrypted to files that any player plays.

Crash points: files are written under another name and get their own once the log says that
they exist; a crash in between leaves parts that nobody was meant to have and can be removed.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

from evaluation_room.archive import errors
from evaluation_room.archive.clip import Shelf, runs, segments_of
from evaluation_room.archive.frames import Counts, Frame, pictures, sounds
from evaluation_room.archive.mux import Muxed, mux
from evaluation_room.archive.segment import Packet
from evaluation_room.archive.writer import instant
from evaluation_room.core.media_events import SegmentRecorded
from evaluation_room.core.media_log import MediaLog
from evaluation_room.core.media_rules import Kind, Track, kind_of
from foundation.errors import ServiceError

GROUPS: Final = (
    (Track.FACE, Track.MIC),
    (Track.MASKED, Track.VOICE),
    (Track.DESK, None),
    (Track.SCREEN, None),
    (Track.FACE_LOW, None),
    (Track.MASKED_LOW, None),
)
"""Picture and the sound beside it: what becomes one file of a person."""

INDEX: Final = "recording.json"
PART: Final = ".part"

Progress = Callable[[], None]
"""Called after each segment."""


@dataclass(slots=True)
class Exported:
    """One file of the export, and what became of what it is made of."""

    name: str
    tracks: tuple[Track, ...]
    began_us: int
    ended_us: int
    sha256: str = ""
    counts: dict[Track, Counts] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """The files, and segments that could not be read, each with its refusal's code."""

    files: list[Exported] = field(default_factory=list)
    unread: list[tuple[str, Track, int, str]] = field(default_factory=list)


class Export:
    """Writes one evaluation to a folder.

    Args:
        record: puts the SHA-256 of the files into the log, before they get their names.
    """

    def __init__(
        self,
        shelf: Shelf,
        evaluation_id: str,
        log: MediaLog,
        record: Callable[[Sequence[str]], None],
        progress: Progress = lambda: None,
    ) -> None:
        self._shelf = shelf
        self._evaluation_id = evaluation_id
        self._log = log
        self._record = record
        self._progress = progress
        self._report = Report()

    def write(self, folder: Path) -> Report:
        """One file for each person and group, and an index.

        Raises:
            FolderNotEmpty. NothingToShow: not one frame could be read. OSError.
        """
        if folder.exists() and any(folder.iterdir()):
            raise errors.FolderNotEmpty
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for who in sorted({one.who for one in self._log.segments}):
            for picture, sound in GROUPS:
                self._file(folder, who, picture, sound)
        files = self._report.files
        if not files:
            raise errors.NothingToShow
        # After this line the log knows of the files, whether or not they get their names.
        self._record([one.sha256 for one in files])
        for one in files:
            (folder / (one.name + PART)).rename(folder / one.name)
        (folder / INDEX).write_text(
            json.dumps(self._index(), ensure_ascii=False, indent=1), "utf-8"
        )
        return self._report

    def _file(self, folder: Path, who: str, picture: Track, sound: Track | None) -> None:
        tracks = [one for one in (picture, sound) if one and segments_of(self._log, who, one)]
        if not tracks:
            return
        name = f"{who}-{tracks[0]}.webm"
        counts = {one: Counts() for one in tracks}
        path = folder / (name + PART)
        with path.open("wb") as file:
            streams = {one: self._frames(who, one, counts[one]) for one in tracks}
            made: Muxed = mux(file, streams.get(picture), streams.get(sound) if sound else None)
        if made.began_us is None:
            path.unlink()
            return
        path.chmod(0o600)
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        self._report.files.append(
            Exported(name, tuple(tracks), made.began_us, made.ended_us, digest, counts)
        )

    def _frames(self, who: str, track: Track, counts: Counts) -> Iterator[Frame]:
        for run in runs(segments_of(self._log, who, track)):
            packets = self._packets(run)
            if kind_of(track) is Kind.AUDIO:
                yield from sounds(packets, 48_000, counts)
            else:
                yield from pictures(packets, 90_000, counts)

    def _packets(self, run: Sequence[SegmentRecorded]) -> Iterator[Packet]:
        """What can be read; a segment that can't is named in the report, and the rest goes on."""
        for of in run:
            try:
                segment = self._shelf.opened(self._evaluation_id, of)
            except ServiceError as refused:
                self._report.unread.append((of.who, of.track, of.number, refused.code))
            else:
                yield from segment.packets()
            self._progress()

    def _index(self) -> dict[str, Any]:
        """What a reader needs who puts the files side by side."""
        return {
            "evaluation_id": self._evaluation_id,
            "files": [
                {
                    "name": one.name,
                    "sha256": one.sha256,
                    "began_at": instant(one.began_us).isoformat(),
                    "ended_at": instant(one.ended_us).isoformat(),
                    "tracks": {
                        str(track): {
                            "frames": counts.frames,
                            "dropped": counts.dropped,
                            "packets_missing": counts.missing,
                        }
                        for track, counts in one.counts.items()
                    },
                }
                for one in self._report.files
            ],
            "gaps": [
                one.model_dump(mode="json", exclude={"type", "publication"})
                for one in self._log.gaps
            ],
            "unread": [
                {"who": who, "track": str(track), "number": number, "why": why}
                for who, track, number, why in self._report.unread
            ],
        }
