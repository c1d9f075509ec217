"""The segment file (media/SPEC.md section 4.1): a header, then sealed chunks of RTP packets.

Append-only. Each chunk is whole or not there; the last one says so, inside what is
authenticated, so that a file that was cut short can be told from one that ended.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, ValidationError

from evaluation_room.core.media_events import Session, Who
from evaluation_room.core.media_rules import Track
from evaluation_room.core.values import Key, Value
from foundation.digest import NotCanonical, canon, parse_canon

MAGIC: Final = b"XDSEG1\n"
KEY_BYTES: Final = 32
TAG_BYTES: Final = 16
INFO: Final = b"expert-draw/segment/1"
MAX_HEADER: Final = 4096
MAX_CHUNK: Final = 64 * 2**20
"""A longer one is no chunk of ours, but torn bytes read as a length."""

_SIZE: Final = struct.Struct(">I")
_RECORD: Final = struct.Struct(">HQ")

Packet = tuple[int, bytes]
"""Arrival in microseconds since 1970, and an RTP packet."""


class NotASegment(ValueError):
    """The bytes do not begin like a segment file."""


class Header(Value):
    """What a segment holds; `started_at_us` is when it was begun, µs since 1970.

    `level_id` is the id of the audio level extension (RFC 6464) in its packets, 0 for none.
    """

    v: Literal[1] = 1
    evaluation_id: Key
    who: Who
    track: Track
    codec: Literal["vp8", "opus"]
    clock_rate: Annotated[int, Field(ge=1, lt=2**32)]
    number: Annotated[int, Field(ge=1, lt=2**32)]
    publication: Session
    started_at_us: Annotated[int, Field(ge=0, lt=2**53)]
    level_id: Annotated[int, Field(ge=0, le=255)] = 0

    def head(self) -> bytes:
        """Everything before the first chunk."""
        body = canon(self.model_dump(mode="json"))
        return MAGIC + _SIZE.pack(len(body)) + body


class Found(StrEnum):
    """How the chunks of a file end."""

    WHOLE = "whole"  # the last chunk is the last
    CUT = "cut"  # no last chunk; nothing after the last whole one but torn bytes
    CHANGED = "changed"  # a whole chunk does not open, or something follows the last


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk that opened: its place in the file, and the packets in it."""

    counter: int
    start: int
    end: int
    packets: tuple[Packet, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """An opened file. `size` is up to the end of the last chunk that opened.

    `ended`: a chunk says that it is the last. `broken` is the counter of the chunk that does
    not open, or that follows the last one.
    """

    header: Header
    chunks: tuple[Chunk, ...]
    size: int
    found: Found
    ended: bool = False
    broken: int | None = None

    def packets(self) -> Iterator[Packet]:
        """Every packet, in the order of arrival."""
        for chunk in self.chunks:
            yield from chunk.packets


class Sealer:
    """Makes the bytes of one file, chunk by chunk; the counter never repeats."""

    def __init__(self, room_key: bytes, header: Header) -> None:
        self.head = header.head()
        self._bound = sha256(self.head).digest()
        self._cipher = _cipher(room_key, self._bound)
        self._counter = 0

    def chunk(self, packets: Iterable[Packet], *, last: bool = False) -> bytes:
        """The next chunk, with its length before it; an empty one may be the last."""
        plain = encode(packets)
        counter = self._counter
        self._counter += 1
        sealed = self._cipher.encrypt(_nonce(counter), plain, _bind(self._bound, counter, last))
        return _SIZE.pack(len(sealed)) + sealed


def octets_of(chunk: bytes, packets: int) -> int:
    """Bytes of the packets in a chunk that holds so many."""
    return len(chunk) - _SIZE.size - TAG_BYTES - packets * _RECORD.size


def encode(packets: Iterable[Packet]) -> bytes:
    """The records of a chunk."""
    parts: list[bytes] = []
    pack = _RECORD.pack
    for at_us, packet in packets:
        parts += (pack(len(packet), at_us), packet)
    return b"".join(parts)


def decode(plain: bytes) -> tuple[Packet, ...]:
    """The packets of a chunk.

    Raises:
        ValueError: the records do not fill the chunk exactly.
    """
    found: list[Packet] = []
    place = 0
    while place < len(plain):
        if place + _RECORD.size > len(plain):
            raise ValueError("a record is cut")
        size, at_us = _RECORD.unpack_from(plain, place)
        place += _RECORD.size
        if place + size > len(plain):
            raise ValueError("a packet is cut")
        found.append((at_us, plain[place : place + size]))
        place += size
    return tuple(found)


def read_header(data: bytes) -> tuple[Header, int]:
    """The header of a file and where its first chunk begins; needs no key.

    Raises:
        NotASegment: it does not begin like one.
    """
    start = len(MAGIC) + _SIZE.size
    if data[: len(MAGIC)] != MAGIC or len(data) < start:
        raise NotASegment("magic")
    (size,) = _SIZE.unpack_from(data, len(MAGIC))
    if size > MAX_HEADER or len(data) < start + size:
        raise NotASegment("header")
    try:
        value = parse_canon(data[start : start + size])
        return Header.model_validate(value), start + size
    except (NotCanonical, ValidationError) as bad:
        raise NotASegment("header") from bad


def places(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Where the whole chunks lie, by their lengths alone: no key is needed."""
    while start + _SIZE.size <= len(data):
        (size,) = _SIZE.unpack_from(data, start)
        end = start + _SIZE.size + size
        if not TAG_BYTES <= size <= MAX_CHUNK or end > len(data):
            return
        yield start, end
        start = end


def open_segment(data: bytes, room_key: bytes) -> Segment:
    """Everything that opens, up to the first chunk that does not.

    Raises:
        NotASegment: it does not begin like one.
    """
    header, start = read_header(data)
    bound = sha256(data[:start]).digest()
    cipher = _cipher(room_key, bound)
    chunks: list[Chunk] = []
    for counter, (begin, end) in enumerate(places(data, start)):
        at_end = end == len(data)
        opened = _opened(cipher, data[begin + _SIZE.size : end], bound, counter, at_end=at_end)
        if opened is None:
            size = chunks[-1].end if chunks else start
            return Segment(header, tuple(chunks), size, Found.CHANGED, broken=counter)
        last, plain = opened
        chunks.append(Chunk(counter, begin, end, decode(plain)))
        if last:
            found = Found.WHOLE if at_end else Found.CHANGED
            broken = None if at_end else counter + 1
            return Segment(header, tuple(chunks), end, found, ended=True, broken=broken)
    return Segment(header, tuple(chunks), chunks[-1].end if chunks else start, Found.CUT)


def _opened(
    cipher: AESGCM, sealed: bytes, bound: bytes, counter: int, *, at_end: bool
) -> tuple[bool, bytes] | None:
    """Whether it is the last, and its plain bytes; None where it does not open."""
    for last in (at_end, not at_end):
        try:
            return last, cipher.decrypt(_nonce(counter), sealed, _bind(bound, counter, last))
        except InvalidTag:
            continue
    return None


def _cipher(room_key: bytes, bound: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=bound, info=INFO).derive(room_key))


def _nonce(counter: int) -> bytes:
    return _SIZE.pack(counter) + bytes(8)


def _bind(bound: bytes, counter: int, last: bool) -> bytes:
    return bound + _SIZE.pack(counter) + bytes((last,))
