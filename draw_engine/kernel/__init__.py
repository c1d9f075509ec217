"""Hashing many experts at once, in C where a compiler was found at set-up.

`kernel.c` computes what `core/snapshot.py` computes, sixteen experts side by side; `make`
builds it (`python -m draw_engine.kernel`). Without it everything runs in plain Python and
gives the same bytes. A library is used only if it was built from this very source and
repeats a test computation.
"""

import ctypes
import hmac
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]

SOURCE: Final = Path(__file__).with_name("kernel.c")
THREADS: Final = 2
WORTH_A_THREAD: Final = 4096


class Kernel:
    """The library; calls leave Python's lock, so that two threads share the work."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._begin()
        # A forked process has the executor and none of its threads: it would wait for ever.
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="kernel")

    @classmethod
    def load(cls, path: Path | None = None) -> Self | None:
        """The kernel built from this source, if it is there and right."""
        try:
            found = cls(ctypes.CDLL(str(path or library_path())))
        except OSError:
            return None
        return found if found._is_right() else None

    def macs(self, key: bytes, texts: Bytes, start: Array, length: Array) -> Bytes:
        """HMAC-SHA-256 of each text, cut to 16 bytes; shape (count, 16).

        Args:
            key: 32 bytes.
            texts: bytes in which text i has `length[i]` bytes from `start[i]`.
        """
        count, longest = len(start), int(length.max(initial=0))
        out = np.empty((count, 16), np.uint8)
        start, length = _plain(start, np.int64), _plain(length, np.int32)

        def some(first: int, end: int) -> int:
            return int(
                self._library.macs(
                    key, _int(end - first), _at(texts), _at(start[first:end]),
                    _at(length[first:end]), ctypes.c_int32(longest), _at(out[first:end]),
                )
            )  # fmt: skip

        self._share(count, some)
        return out

    def hashes(self, texts: Bytes, start: Array, length: Array) -> Bytes:
        """SHA-256 of each text; shape (count, 32)."""
        count, longest = len(start), int(length.max(initial=0))
        out = np.empty((count, 32), np.uint8)
        start, length = _plain(start, np.int64), _plain(length, np.int32)

        def some(first: int, end: int) -> int:
            return int(
                self._library.hashes(
                    _int(end - first), _at(texts), _at(start[first:end]),
                    _at(length[first:end]), ctypes.c_int32(longest), _at(out[first:end]),
                )
            )  # fmt: skip

        self._share(count, some)
        return out

    def leaves(
        self,
        salt_key: bytes,
        rows: Array,
        tags: Bytes,
        *,
        version: Array,
        region: Array,
        org: Array,
        orgs: Bytes,
        identity: tuple[Bytes, Array],
        qualification: tuple[Bytes, Array],
    ) -> Bytes:
        """The leaves of `rows`; shape (count, 32).

        Args:
            tags: of `rows`, shape (count, 16). orgs: of every group, shape (groups, 16).
            version, region, org: of every expert; org is an index into `orgs`.
            identity, qualification: of every expert: bytes, and where each begins and the
                last one ends.
        """
        longest = max(
            int((where[rows + 1] - where[rows]).max(initial=0))
            for where in (identity[1], qualification[1])
        )
        out = np.empty((len(rows), 32), np.uint8)
        rows, tags = _plain(rows, np.int32), _plain(tags, np.uint8)
        beside = [
            _plain(version, np.uint32), _plain(region, np.uint32), _plain(org, np.int32),
            _plain(orgs, np.uint8), identity[0], _plain(identity[1], np.int64),
            qualification[0], _plain(qualification[1], np.int64),
        ]  # fmt: skip

        def some(first: int, end: int) -> int:
            return int(
                self._library.leaves(
                    salt_key, _int(end - first), _at(rows[first:end]), _at(tags[first:end]),
                    *map(_at, beside), _int(longest), _at(out[first:end]),
                )
            )  # fmt: skip

        self._share(len(rows), some)
        return out

    def _share(self, count: int, some: Callable[[int, int], int]) -> None:
        pieces = THREADS if count > WORTH_A_THREAD else 1
        bounds = [count * piece // pieces for piece in range(pieces + 1)]
        codes = list(self._threads.map(some, bounds[:-1], bounds[1:]))
        if any(codes):
            raise MemoryError

    def _is_right(self) -> bool:
        key, texts = bytes(range(32)), [bytes([n]) * (7 * n) for n in range(20)]
        length = np.array([len(one) for one in texts])
        start, data = np.cumsum(length) - length, np.frombuffer(b"".join(texts), np.uint8)
        macs = b"".join(hmac.digest(key, one, "sha256")[:16] for one in texts)
        hashed = b"".join(sha256(one).digest() for one in texts)
        return (
            self.macs(key, data, start, length).tobytes() == macs
            and self.hashes(data, start, length).tobytes() == hashed
        )


def library_path() -> Path:
    """Where the library of this source and machine stands; another source, another name.

    Not `.so`: Python would take it for a module of its own.
    """
    mark = sha256(SOURCE.read_bytes()).hexdigest()[:16]
    return SOURCE.with_name(f"kernel-{platform.machine()}-{mark}.lib")


def build(folder: Path = SOURCE.parent) -> Path | None:
    """Compile the library; None without a compiler, or where it can't compile this."""
    compiler, path = shutil.which("cc"), folder / library_path().name
    if compiler is None:
        return None
    for old in folder.glob("kernel-*.lib"):
        old.unlink()
    draft = path.with_suffix(".draft")
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(draft), str(SOURCE)]
    if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603 - our own source
        return None
    draft.replace(path)
    return path


def _plain(array: Array, dtype: Any) -> Array:
    return np.ascontiguousarray(array, dtype)


def _at(array: Array) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


def _int(number: int) -> ctypes.c_int64:
    return ctypes.c_int64(number)


KERNEL: Final = Kernel.load()
