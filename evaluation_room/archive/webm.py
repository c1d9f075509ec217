"""A WebM file from encoded pictures and sound: VP8 and Opus as they are, nothing transcoded.

A writer of our own, because a library's closes the process when a packet comes late, can't
write Opus without an encoder, and is not there where the extra `media` is not installed.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

EBML: Final = 0x1A45DFA3
SEGMENT: Final = 0x18538067
SEEK_HEAD: Final = 0x114D9B74
INFO: Final = 0x1549A966
TRACKS: Final = 0x1654AE6B
CLUSTER: Final = 0x1F43B675
CUES: Final = 0x1C53BB6B
VOID: Final = 0xEC
DURATION: Final = 0x4489
SEEK_ROOM: Final = 90
CLUSTER_MS: Final = 5_000
LONGEST_MS: Final = 30_000
"""Within a cluster times have 16 bits."""
SIZE_UNKNOWN: Final = b"\x01\xff\xff\xff\xff\xff\xff\xff"
PRE_ROLL_NS: Final = 80_000_000
PRODUCT: Final = b"expert-draw"


@dataclass(frozen=True, slots=True)
class Stream:
    """A track of the file; `width` and `height` of a picture, 0 for sound."""

    width: int = 0
    height: int = 0

    @property
    def is_video(self) -> bool:
        """Picture or sound."""
        return self.width > 0


class WebmWriter:
    """Writes to a file that can seek. Blocks come in order of time; `close` makes it seekable."""

    def __init__(self, file: BinaryIO, streams: list[Stream]) -> None:
        self._file = file
        self._has_video = any(one.is_video for one in streams)
        self._cluster = b""
        self._cluster_ms = -1
        self._cues: list[tuple[int, int, int]] = []
        self._end_ms = 0.0
        file.write(_element(EBML, _head()))
        file.write(_id(SEGMENT) + SIZE_UNKNOWN)
        self._start = file.tell()
        file.write(_void(SEEK_ROOM))
        self._info = file.tell() - self._start
        file.write(_element(INFO, _info(0.0)))
        self._tracks = file.tell() - self._start
        entries = b"".join(_track(n, one) for n, one in enumerate(streams, 1))
        file.write(_element(TRACKS, entries))

    def write(self, stream: int, at_ms: int, data: bytes, *, is_key: bool, lasts_ms: float) -> None:
        """One picture or sound of the stream with that index, so long after the beginning.

        Raises:
            ValueError: before the beginning of the cluster that is open.
        """
        cues = is_key and (stream == 0 or not self._has_video)
        age = at_ms - self._cluster_ms
        if self._cluster_ms < 0 or age > LONGEST_MS or (cues and age >= CLUSTER_MS):
            self._flush()
            self._cluster_ms = at_ms
            self._cluster = _element(0xE7, _number(at_ms))
            if cues:
                self._cues.append((at_ms, stream + 1, self._file.tell() - self._start))
            age = 0
        if age < 0:
            raise ValueError("a block before its cluster")
        block = bytes((0x80 | (stream + 1),)) + struct.pack(">hB", age, 0x80 if is_key else 0)
        self._cluster += _id(0xA3) + _size(len(block) + len(data)) + block + data
        self._end_ms = max(self._end_ms, at_ms + lasts_ms)

    def close(self) -> None:
        """Write what is missing at the end and at the beginning; the file itself stays open."""
        self._flush()
        cues_at = self._file.tell() - self._start
        self._file.write(_element(CUES, b"".join(_cue(*one) for one in self._cues)))
        size = self._file.tell() - self._start
        self._file.seek(self._start - 8)
        self._file.write((1 << 56 | size).to_bytes(8, "big"))
        seeks = b"".join(
            _element(0x4DBB, _element(0x53AB, _id(of)) + _element(0x53AC, at.to_bytes(8, "big")))
            for of, at in ((INFO, self._info), (TRACKS, self._tracks), (CUES, cues_at))
        )
        head = _element(SEEK_HEAD, seeks)
        self._file.write(head + _void(SEEK_ROOM - len(head)))
        self._file.write(_element(INFO, _info(self._end_ms)))
        self._file.seek(0, 2)

    def _flush(self) -> None:
        if self._cluster_ms >= 0:
            self._file.write(_element(CLUSTER, self._cluster))
        self._cluster, self._cluster_ms = b"", -1


def _head() -> bytes:
    numbers = ((0x4286, 1), (0x42F7, 1), (0x42F2, 4), (0x42F3, 8))
    plain = b"".join(_element(id_, _number(value)) for id_, value in numbers)
    version = _element(0x4287, _number(4)) + _element(0x4285, _number(2))
    return plain + _element(0x4282, b"webm") + version


def _info(duration_ms: float) -> bytes:
    scale = _element(0x2AD7B1, _number(1_000_000))
    names = _element(0x4D80, PRODUCT) + _element(0x5741, PRODUCT)
    return scale + _element(DURATION, struct.pack(">d", duration_ms)) + names


def _track(number: int, stream: Stream) -> bytes:
    head = _element(0xD7, _number(number)) + _element(0x73C5, _number(number))
    head += _element(0x9C, _number(0))
    if stream.is_video:
        size = _element(0xB0, _number(stream.width)) + _element(0xBA, _number(stream.height))
        body = _element(0x83, _number(1)) + _element(0x86, b"V_VP8") + _element(0xE0, size)
    else:
        sound = _element(0xB5, struct.pack(">d", 48_000.0)) + _element(0x9F, _number(2))
        private = b"OpusHead" + struct.pack("<BBHIhB", 1, 2, 0, 48_000, 0, 0)
        body = _element(0x83, _number(2)) + _element(0x86, b"A_OPUS")
        body += _element(0x56BB, _number(PRE_ROLL_NS)) + _element(0xE1, sound)
        body += _element(0x63A2, private)
    return _element(0xAE, head + body)


def _cue(at_ms: int, track: int, place: int) -> bytes:
    where = _element(0xF7, _number(track)) + _element(0xF1, _number(place))
    return _element(0xBB, _element(0xB3, _number(at_ms)) + _element(0xB7, where))


def _element(id_: int, body: bytes) -> bytes:
    return _id(id_) + _size(len(body)) + body


def _void(size: int) -> bytes:
    """Filling of exactly `size` bytes, at least 9."""
    return _id(VOID) + (1 << 56 | size - 9).to_bytes(8, "big") + bytes(size - 9)


def _id(id_: int) -> bytes:
    return id_.to_bytes((id_.bit_length() + 7) // 8, "big")


def _size(size: int) -> bytes:
    for width in range(1, 9):
        if size < (1 << 7 * width) - 1:
            return (1 << 7 * width | size).to_bytes(width, "big")
    raise ValueError("too large for an element")


def _number(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
