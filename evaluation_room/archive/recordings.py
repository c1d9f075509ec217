"""The recordings of an installation, as whoever looks at them needs them."""

from pathlib import Path

from evaluation_room.archive.clip import Shelf
from evaluation_room.archive.disk import DiskArchive
from evaluation_room.archive.openings import Openings, People
from evaluation_room.archive.places import KEY_NAME, Places, RoomKeys
from evaluation_room.archive.recovery import Recovered, Recovery
from evaluation_room.core.media_events import MediaEvent
from evaluation_room.media_book import MediaBook
from foundation.clock import Clock
from foundation.keys import KeyRing


class Recordings:
    """Recording, recovering, opening: on one folder, with one ledger.

    Args:
        folder: where segments lie; made when the first is written.
    """

    def __init__(
        self, folder: Path, keys: KeyRing, book: MediaBook, people: People, clock: Clock
    ) -> None:
        self.places = Places(folder)
        self.keys = RoomKeys(self.places, keys.fields(KEY_NAME))
        self.book = book
        self.clock = clock
        self.openings = Openings(book, people)
        self.shelf = Shelf(self.places, self.keys)
        self.archive = DiskArchive(self.places, self.keys, self._note, numbers=self._number)
        self._is_started = False

    def start(self) -> Recovered:
        """Recover what a killed server left, then be ready to record; blocks."""
        found = Recovery(self.places, self.keys, self._known, self._note).run(self.clock.now())
        self.archive.start()
        self._is_started = True
        return found

    def close(self) -> None:
        """End every recording in order; blocks."""
        if self._is_started:
            self.archive.close()

    def _note(self, evaluation_id: str, /, *events: MediaEvent) -> None:
        self.book.note(evaluation_id, *events).result()

    def _known(self, evaluation_id: str) -> set[tuple[str, str, int]]:
        log = self.book.log(evaluation_id)
        return {(one.who, str(one.track), one.number) for one in log.segments}

    def _number(self, evaluation_id: str, who: str, track: str) -> int:
        mine = (n for w, t, n in self._known(evaluation_id) if (w, t) == (who, track))
        return max(mine, default=0)
