"""The pool's columns in one file beside the database, so that a start need not read all rows.

The file is derived and never trusted: it begins with the hash of all that follows, and names
the state of the pool it was made from. Damaged, cut off or of another state, it is made anew
from the rows; a new one takes the old one's place at once.
"""

import hashlib
import logging
import os
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from draw_engine.core.columns import PoolColumns
from draw_engine.core.texts import Names

log = logging.getLogger(__name__)

FORM: Final = "expert-draw/pool-columns/1"
DIGEST_BYTES: Final = 32
NAMES: Final = ("ids", "employers", "orgs", "titles")
ARRAYS: Final = ("region", "employer", "org", "title", "valid_to", "admitted", "code", "holder")


class PoolFile:
    """One file of columns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self, classification: str, state: str) -> PoolColumns | None:
        """The columns of this state of the pool; None where the file has them not, or not whole."""
        try:
            with self._path.open("rb") as file:
                digest = file.read(DIGEST_BYTES)
                if hashlib.file_digest(file, "sha256").digest() != digest:
                    log.warning("pool_columns_damaged", extra={"file": self._path.name})
                    return None
                file.seek(DIGEST_BYTES)
                if _read(file).item() != _mark(classification, state):
                    return None
                found: dict[str, Any] = {name: Names(_read(file)) for name in NAMES}
                found |= {name: _read(file) for name in ARRAYS}
        except (OSError, ValueError, EOFError):
            return None
        return PoolColumns(classification=classification, **found)

    def save(self, columns: PoolColumns, state: str) -> None:
        """Write the columns of this state; a crash leaves the old file or the new one."""
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.draft")
        mark = _mark(columns.classification, state)
        try:
            with draft.open("w+b") as file:
                file.write(bytes(DIGEST_BYTES))
                np.lib.format.write_array(file, np.array(mark), allow_pickle=False)
                for name in NAMES:
                    cells = getattr(columns, name).cells
                    np.lib.format.write_array(file, cells, allow_pickle=False)
                for name in ARRAYS:
                    np.lib.format.write_array(file, getattr(columns, name), allow_pickle=False)
                file.seek(DIGEST_BYTES)
                digest = hashlib.file_digest(file, "sha256").digest()
                file.seek(0)
                file.write(digest)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(0o600)
            draft.replace(self._path)
        except OSError as full:
            # The rows are the truth: without the file the next start only takes longer.
            draft.unlink(missing_ok=True)
            log.warning("pool_columns_not_written", extra={"why": type(full).__name__})


def _mark(classification: str, state: str) -> bytes:
    return f"{FORM} {classification} {state}".encode()


def _read(file: IO[bytes]) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = np.lib.format.read_array(file, allow_pickle=False)
    return found
