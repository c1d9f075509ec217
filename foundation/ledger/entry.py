"""One fact of the ledger: a public leaf and a private payload (SPEC.md section 1).

The leaf says where and when, and commits to the payload by a salted hash; the payload says
what. The draw protocol's own entries keep their bytes: there the leaf says everything.
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

VERSION: Final = "ED1"
SALT_BYTES: Final = 16
DIGEST_TAG: Final = "ED1/payload"

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
    salt, payload = secrets.token_bytes(SALT_BYTES), canon(body)
    leaf = {
        "v": VERSION,
        "type": type_,
        "stream": stream,
        "seq": seq,
        "at": seconds(at),
        "digest": tagged(DIGEST_TAG, salt, payload).hex(),
    }
    return Sealed(canon(leaf), salt, payload)


def seal_many(
    stream: str, first: int, type_: str, at: datetime, bodies: Iterable[Body]
) -> Iterator[Sealed]:
    """`seal` of many facts of one stream, one type and one instant, with seqs from `first`."""
    said = canon({"stream": stream, "type": type_, "v": VERSION})[1:]
    begins = b'{"at":%d,"digest":"' % seconds(at)
    prefix = sha256(DIGEST_TAG.encode() + b"\0" + SALT_BYTES.to_bytes(4, "big"))
    for seq, body in enumerate(bodies, first):
        salt, payload = secrets.token_bytes(SALT_BYTES), canon(body)
        state = prefix.copy()
        state.update(salt + len(payload).to_bytes(4, "big") + payload)
        leaf = b'%b%b","seq":%d,%b' % (begins, state.hexdigest().encode(), seq, said)
        yield Sealed(leaf, salt, payload)


def unseal(index: int, leaf: bytes, salt: bytes, body: bytes) -> Body:
    """The body of a payload, checked against its leaf.

    Raises:
        BrokenEntry: the leaf commits to something else.
    """
    header = parse_canon(leaf)
    if not isinstance(header, dict) or header.get("digest") != tagged(DIGEST_TAG, salt, body).hex():
        raise BrokenEntry(index=index, why="digest")
    value = parse_canon(body)
    if not isinstance(value, dict):
        raise BrokenEntry(index=index, why="body")
    return value


def header_of(index: int, leaf: bytes) -> Body:
    """The members of a leaf of ours.

    Raises:
        BrokenEntry: the bytes are not the leaf of an ED1 entry.
    """
    header = parse_canon(leaf)
    members = {"v", "type", "stream", "seq", "at", "digest"}
    if not isinstance(header, dict) or set(header) != members or header["v"] != VERSION:
        raise BrokenEntry(index=index, why="leaf")
    return header


def instant(at: int) -> datetime:
    """The UTC instant of whole Unix seconds."""
    return datetime.fromtimestamp(at, UTC)
