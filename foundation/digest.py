"""Canonical bytes of a value, and hashes with tags and lengths.

`canon` is RFC 8785 restricted to objects with ASCII keys, arrays, strings, booleans and
integers below 2^53 (draw_engine/SPEC.md section 1). Two values hash alike only if they
are the same value; two kinds of thing never hash alike.
"""

import hashlib
import json
from collections.abc import Mapping

from foundation.errors import Kind, ServiceError

MAX_INTEGER = 2**53
MAX_DEPTH = 32
MAX_BYTES = 64 * 2**20


# Made once: a new encoder for each value costs as much as the value. No value holds itself,
# because `_check` goes no deeper than 32.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
)


class NotCanonical(ServiceError):
    """The value or the bytes have no canonical form, or are not in it."""

    code = "foundation.not_canonical"
    kind = Kind.INVALID


def canon(value: object) -> bytes:
    """The canonical UTF-8 bytes of `value`.

    Raises:
        NotCanonical: a float, null, large integer, lone surrogate, key that is not ASCII
            or is `__proto__`, or nesting deeper than 32.
    """
    _check(value, 0)
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError as surrogate:
        raise NotCanonical(why="surrogate") from surrogate


def parse_canon(data: bytes) -> object:
    """The value whose canonical bytes are exactly `data`.

    Raises:
        NotCanonical: `data` is anything else.
    """
    if len(data) > MAX_BYTES:
        raise NotCanonical(why="size")
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError) as bad:
        raise NotCanonical(why="json") from bad
    if canon(value) != data:
        raise NotCanonical(why="form")
    return value


def sha256(*parts: bytes) -> bytes:
    """SHA-256 over the concatenation of `parts`; 32 bytes."""
    state = hashlib.sha256()
    for part in parts:
        state.update(part)
    return state.digest()


def tagged(tag: str, *parts: bytes) -> bytes:
    """SHA-256 of tag, zero byte, and each part behind its length (u32); 32 bytes."""
    state = hashlib.sha256(tag.encode() + b"\0")
    for part in parts:
        state.update(len(part).to_bytes(4, "big") + part)
    return state.digest()


def _check(value: object, depth: int) -> None:
    if isinstance(value, bool | str):
        return
    if depth >= MAX_DEPTH and not isinstance(value, int):
        raise NotCanonical(why="depth")
    if isinstance(value, int):
        if abs(value) >= MAX_INTEGER:
            raise NotCanonical(why="integer")
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii() or key == "__proto__":
                raise NotCanonical(why="key")
            _check(item, depth + 1)
    else:
        raise NotCanonical(why=type(value).__name__)
