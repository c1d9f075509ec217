"""The recording of every room: the tracks, the writing thread, and the alarms.

Implements `Archive` of media/engine.py.
"""

import logging
import resource
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Final, Literal

from evaluation_room.archive.notary import Notary, Note
from evaluation_room.archive.places import Places, RoomKeys
from evaluation_room.archive.track import SECOND, TrackQueue
from evaluation_room.archive.writer import Disk, RealDisk, TrackWriter
from evaluation_room.core.media_events import AlarmKind, RecorderAlarmed, RecorderCalmed
from evaluation_room.media.engine import Publication, Recorder

logger = logging.getLogger(__name__)

TURN_SECONDS: Final = 0.8
"""How often is written: with what is then under way a kill loses less than a second."""
MOST_WAITING: Final = 64 * 2**20
"""Bytes that may wait for the disk before packets are thrown away."""
SLOW_US: Final = 2 * SECOND
CALM_US: Final = SECOND * 3 // 2
SOON_BYTES: Final = 10**9
CALM_BYTES: Final = 12 * 10**8
MEASURED_EVERY: Final = 0.2
MOST_FILES: Final = 65_536

Numbers = Callable[[str, str, str], int]
"""The highest number of a segment of (evaluation, who, track) that the log knows."""


class DiskArchive:
    """Recorders that write to a folder.

    Args:
        note: appends facts to the ledger.
        numbers: what the log knows of a track: a lost file's number is not given again.
        free: free bytes of the disk under the folder.
        now_us: microseconds since 1970, of the clock that packets are stamped with.
    """

    def __init__(
        self,
        places: Places,
        keys: RoomKeys,
        note: Note,
        *,
        numbers: Numbers = lambda *_: 0,
        disk: Disk | None = None,
        free: Callable[[], int] | None = None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._places = places
        self._keys = keys
        self._numbers = numbers
        self._disk = disk or RealDisk()
        self._free = free or self._free_bytes
        self._now_us = now_us
        self._most_waiting = most_waiting
        self._tracks: list[TrackWriter] = []
        self._changing = threading.Lock()
        self._measured: tuple[float, bool] = (0.0, False)
        self._full = False
        self._is_slow = False
        self._told: defaultdict[str, set[AlarmKind]] = defaultdict(set)
        self._begun: set[str] = set()
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self.notary = Notary(note, self.look_after)

    def begin(self, publication: Publication, keyframe: Callable[[], None]) -> Recorder:
        """A recorder for a new publication; returns at once."""
        track = TrackQueue(publication, keyframe, self._is_full, self._wake.set)
        writer = TrackWriter(
            track,
            self._places,
            self._disk,
            room_key=self._key_of,
            number=self._last_number,
            fact=self.notary.fact,
        )
        with self._changing:
            self._tracks.append(writer)
        return track

    def state(self, _evaluation_id: str) -> Literal["on", "trouble"]:
        """What a room is told of its recording: trouble is what may lose or has lost something."""
        return "trouble" if self._full or self._is_slow else "on"

    def start(self) -> None:
        """Begin to write."""
        allow_open_files()
        self._thread = threading.Thread(target=self._run, name="recording-writer", daemon=True)
        self._thread.start()
        self.notary.start()

    def close(self) -> None:
        """End every track, write what waits, record it. What the disk refuses is a gap."""
        for writer in tuple(self._tracks):
            writer.track.end()
        self._stopped = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self.turn()
        for writer in tuple(self._tracks):
            writer.abandon()
        with self._changing:
            self._tracks.clear()
        self.notary.stop()
        self._tidy()

    def turn(self) -> None:
        """Write what has come from every track."""
        now_us, failed = self._now_us(), False
        for writer in tuple(self._tracks):
            try:
                over = writer.turn(now_us)
            except OSError:
                # Nothing is lost yet: it waits in memory, up to `most_waiting`.
                if not self._full:
                    logger.exception("recording cannot be written")
                failed = True
                continue
            except Exception:
                # A fault of ours in one track must not end the recording of the others.
                logger.exception("track not recorded")
                writer.abandon()
                over = writer.track.is_over
            if over:
                with self._changing:
                    self._tracks.remove(writer)
        self._full = failed

    def look_after(self) -> None:
        """Raise and calm the alarms of every room that is recorded now, and tidy up."""
        kinds = self._alarms()
        self._is_slow = "slow" in kinds
        rooms = {writer.track.publication.room for writer in tuple(self._tracks)}
        for room in rooms | set(self._told):
            told = self._told[room]
            raised = kinds - told if room in rooms else set()
            for kind in sorted(raised):
                alarm = RecorderAlarmed(
                    kind=kind, free_mb=self._free() // 10**6, waiting_ms=self._behind_us() // 1000
                )
                self.notary.fact(room, alarm)
            for kind in sorted(told - kinds):
                self.notary.fact(room, RecorderCalmed(kind=kind))
            self._told[room] = (told | raised) & kinds
        for room in set(self._told) - rooms:
            if not self._told[room]:
                del self._told[room]
        self._tidy()

    def _alarms(self) -> set[AlarmKind]:
        before = set().union(*self._told.values()) if self._told else set()
        kinds: set[AlarmKind] = set()
        if self._full:
            kinds.add("full")
        if self._behind_us() > (CALM_US if "slow" in before else SLOW_US):
            kinds.add("slow")
        if self._free() < (CALM_BYTES if "full_soon" in before else SOON_BYTES):
            kinds.add("full_soon")
        return kinds

    def _behind_us(self) -> int:
        since = (writer.waiting_since for writer in tuple(self._tracks))
        oldest = min((one for one in since if one is not None), default=None)
        return 0 if oldest is None else max(0, self._now_us() - oldest)

    def _is_full(self) -> bool:
        """Whether too much waits; measured a few times a second, not for every track."""
        at, full = self._measured
        now = time.monotonic()
        if now - at > MEASURED_EVERY:
            full = sum(writer.waiting for writer in tuple(self._tracks)) > self._most_waiting
            self._measured = (now, full)
        return full

    def _run(self) -> None:
        while not self._stopped:
            started = time.monotonic()
            self._wake.wait(TURN_SECONDS)
            self._wake.clear()
            self.turn()
            # Many tracks that end at once are one turn, and no full disk is asked without pause.
            time.sleep(max(0.0, min(TURN_SECONDS / 4, started + 0.1 - time.monotonic())))

    def _key_of(self, evaluation_id: str) -> bytes:
        self._begun.add(evaluation_id)
        self._places.begin(evaluation_id)
        return self._keys.of(evaluation_id)

    def _last_number(self, evaluation_id: str, who: str, track: str) -> int:
        here = self._places.numbers(evaluation_id, who, track)
        return max(here[-1] if here else 0, self._numbers(evaluation_id, who, track))

    def _tidy(self) -> None:
        """Say of rooms whose recording is over that all of it is in the log."""
        for room in tuple(self._begun):
            with self._changing:
                live = any(writer.track.publication.room == room for writer in self._tracks)
                if not live and not self.notary.has(room):
                    self._places.done(room)
                    self._begun.discard(room)

    def _free_bytes(self) -> int:
        folder = self._places.folder
        return shutil.disk_usage(folder if folder.is_dir() else folder.parent).free


def allow_open_files() -> None:
    """Each track keeps a file open: thirty rooms would pass the usual 1,024 of a process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
