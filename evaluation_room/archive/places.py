"""Where recordings lie: `<folder>/<evaluation>/<who>/<track>/<number>.seg`, and the room's key."""

import os
import re
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from evaluation_room.archive.segment import KEY_BYTES
from foundation.keys import FieldKey

SUFFIX: Final = ".seg"
KEY_NAME: Final = "recordings"
"""What the key ring calls the key that seals the keys of rooms."""
KEY_FILE: Final = "room.key"
UNDER_WAY: Final = "under-way"
"""A file in the folder of an evaluation whose newest segments may not all be in the log."""

_NUMBER: Final = re.compile(r"^([1-9][0-9]*)\.seg$")
_PLAIN: Final = re.compile(r"^[A-Za-z0-9_-]{1,40}$")


class Places:
    """The folder of recordings; makes no judgement about what lies there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, evaluation_id: str) -> Path:
        """The folder of one evaluation.

        Raises:
            ValueError: no id of an evaluation; it could lead elsewhere.
        """
        if not _PLAIN.fullmatch(evaluation_id):
            raise ValueError("not an id")
        return self.folder / evaluation_id

    def segment(self, evaluation_id: str, who: str, track: str, number: int) -> Path:
        """The file of one segment."""
        return self.of(evaluation_id) / who / track / f"{number}{SUFFIX}"

    def evaluations(self) -> list[str]:
        """Evaluations that have a folder here."""
        return sorted(one.name for one in _folders(self.folder) if _PLAIN.fullmatch(one.name))

    def under_way(self) -> list[str]:
        """Evaluations that were recorded when the server last ran, or are now."""
        return [one for one in self.evaluations() if (self.of(one) / UNDER_WAY).exists()]

    def begin(self, evaluation_id: str) -> None:
        """Say that an evaluation is being recorded; again is nothing."""
        folder = self.of(evaluation_id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / UNDER_WAY).touch(0o600)

    def done(self, evaluation_id: str) -> None:
        """Say that all of it is in the log."""
        (self.of(evaluation_id) / UNDER_WAY).unlink(missing_ok=True)

    def tracks(self, evaluation_id: str) -> list[tuple[str, str]]:
        """Every (who, track) that has a folder."""
        return sorted(
            (person.name, track.name)
            for person in _folders(self.of(evaluation_id))
            for track in _folders(person)
        )

    def numbers(self, evaluation_id: str, who: str, track: str) -> list[int]:
        """Numbers of the segments of a track, ascending."""
        folder = self.of(evaluation_id) / who / track
        if not folder.is_dir():
            return []
        found = (_NUMBER.fullmatch(one.name) for one in folder.iterdir())
        return sorted(int(one[1]) for one in found if one)


class RoomKeys:
    """The key of each recorded room: 32 random bytes, sealed, beside what it opens.

    Whoever copies a folder of recordings copies its key's sealed form too, and nothing opens
    without the key ring; whoever destroys that one small file has destroyed the recording.
    """

    def __init__(self, places: Places, seal: FieldKey) -> None:
        self._places = places
        self._seal = seal
        self._known: dict[str, bytes] = {}
        self._making = threading.Lock()

    def of(self, evaluation_id: str) -> bytes:
        """The key of a room, made where there is none.

        Raises:
            KeyUnusable: sealed by another ring, or changed. OSError: it cannot be written.
        """
        with self._making:
            key = self._known.get(evaluation_id) or self.there(evaluation_id)
            if key is None:
                key = self._make(evaluation_id)
            self._known[evaluation_id] = key
            return key

    def there(self, evaluation_id: str) -> bytes | None:
        """The key of a room; None where the room was never recorded.

        Raises:
            KeyUnusable: sealed by another ring, or changed.
        """
        path = self._places.of(evaluation_id) / KEY_FILE
        if not path.exists():
            return None
        return bytes.fromhex(self._seal.open(path.read_bytes(), context=_context(evaluation_id)))

    def _make(self, evaluation_id: str) -> bytes:
        path = self._places.of(evaluation_id) / KEY_FILE
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = secrets.token_bytes(KEY_BYTES)
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(self._seal.seal(key.hex(), context=_context(evaluation_id)))
                file.flush()
                os.fsync(file.fileno())
            # After this line what is recorded can be opened, whatever dies.
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        return key


def _context(evaluation_id: str) -> str:
    return f"recording/{evaluation_id}"


def _folders(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (one for one in folder.iterdir() if one.is_dir())
