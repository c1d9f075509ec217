"""One fact of the ledger: a public leaf and a private payload (SPEC.md section 1).

The leaf says where and when, and commits to the payload by a salted hash; the payload says
what. The draw protocol's own entries keep their bytes: there the leaf says everything.

The leaf is public, so its time is rounded down to the hour; the second stands beside it,
in the row, and is bound by the digest as the payload is (SPEC.md section 1).
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from foundation.clock import seconds
from foundation.digest import canon, parse_canon, tagged
from foundation.errors import Kind, ServiceError

VERSION: Final = "ED2"
BEFORE: Final = "ED1"
"""Written by earlier builds: the leaf gives the second, the digest binds the payload alone."""

SALT_BYTES: Final = 16
PUBLIC_TIME: Final = 3600
"""Seconds to which the time in a public leaf is rounded down."""

Body = Mapping[str, Any]


class BrokenEntry(ServiceError):
    """An entry's payload is not the one that its leaf commits to."""

    code = "ledger.broken_entry"
    kind = Kind.UNAVAILABLE


class StreamMoved(ServiceError):
    """Somebody wrote to the stream first; decide again on the state as it now is."""

    code = "ledger.stream_moved"
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as the folds see it.

    `index` counts all leaves from 0, `seq` the entries of the stream from 1. `body` is
    None once the payload was erased. `protocol` holds the members of an entry of the draw
    protocol, whose private companion (never hashed here) is `body`.
    """

    index: int
    stream: str
    seq: int
    type: str
    at: datetime
    body: Body | None
    leaf: bytes = field(repr=False)
    protocol: Body | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is written of one fact: public leaf, salt and body of the private payload."""

    leaf: bytes
    salt: bytes
    body: bytes


def seal(stream: str, seq: int, type_: str, at: datetime, body: Body) -> Sealed:
    """The leaf and payload of a new fact; the salt keeps short bodies from being guessed."""
    salt, payload, second = secrets.token_bytes(SALT_BYTES), canon(body), seconds(at)
    leaf = {
        "v": VERSION,
        "type": type_,
        "stream": stream,
        "seq": seq,
        "at": public_time(VERSION, second),
        "digest": _digest(VERSION, salt, second, payload),
    }
    return Sealed(canon(leaf), salt, payload)


def seal_many(
    stream: str, first: int, type_: str, at: datetime, bodies: Iterable[Body]
) -> Iterator[Sealed]:
    """`seal` of many facts of one stream, one type and one instant, with seqs from `first`."""
    second = seconds(at)
    said = canon({"stream": stream, "type": type_, "v": VERSION})[1:]
    begins = b'{"at":%d,"digest":"' % public_time(VERSION, second)
    prefix = sha256(f"{VERSION}/payload".encode() + b"\0" + SALT_BYTES.to_bytes(4, "big"))
    when = (8).to_bytes(4, "big") + second.to_bytes(8, "big")
    for seq, body in enumerate(bodies, first):
        salt, payload = secrets.token_bytes(SALT_BYTES), canon(body)
        state = prefix.copy()
        state.update(salt + when + len(payload).to_bytes(4, "big") + payload)
        leaf = b'%b%b","seq":%d,%b' % (begins, state.hexdigest().encode(), seq, said)
        yield Sealed(leaf, salt, payload)


def unseal(index: int, leaf: bytes, at: int, salt: bytes, body: bytes) -> Body:
    """The body of a payload, checked against its leaf.

    Args:
        at: Unix seconds of the entry, which the leaf gives by the hour only.

    Raises:
        BrokenEntry: the leaf commits to something else.
    """
    header = parse_canon(leaf)
    if not isinstance(header, dict) or header.get("v") not in {VERSION, BEFORE}:
        raise BrokenEntry(index=index, why="digest")
    if header.get("digest") != _digest(str(header["v"]), salt, at, body):
        raise BrokenEntry(index=index, why="digest")
    value = parse_canon(body)
    if not isinstance(value, dict):
        raise BrokenEntry(index=index, why="body")
    return value


def header_of(index: int, leaf: bytes) -> Body:
    """The members of a leaf of ours.

    Raises:
        BrokenEntry: the bytes are not the leaf of an entry of ours.
    """
    header = parse_canon(leaf)
    members = {"v", "type", "stream", "seq", "at", "digest"}
    if not isinstance(header, dict) or set(header) != members:
        raise BrokenEntry(index=index, why="leaf")
    if header["v"] not in {VERSION, BEFORE}:
        raise BrokenEntry(index=index, why="leaf")
    return header


def public_time(version: str, second: int) -> int:
    """What a leaf of this version says of the second at which it was written."""
    return second if version == BEFORE else second - second % PUBLIC_TIME


def _digest(version: str, salt: bytes, second: int, body: bytes) -> str:
    if version == BEFORE:
        return tagged("ED1/payload", salt, body).hex()
    return tagged("ED2/payload", salt, second.to_bytes(8, "big"), body).hex()


def instant(at: int) -> datetime:
    """The UTC instant of whole Unix seconds."""
    return datetime.fromtimestamp(at, UTC)
