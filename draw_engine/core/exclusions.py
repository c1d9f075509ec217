"""Candidates who are left out, each with a reason, committed before the draw.

The supervisor rebuilds the tree; the public sees its size and root; only the expert gets the
opening that names the reason.

Source: SPEC.md section 3; tests/vectors/bdp1-bundles.json `exclusions`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from draw_engine.core.snapshot import TAG_BYTES
from draw_engine.core.w256 import Tree


class Reason(IntEnum):
    """Why a candidate is in no hat. Several apply: the lowest counts."""

    QUARANTINE = 1
    NOT_VALID = 2
    LEAVE = 3
    SUSPENDED = 4
    BLACKLISTED = 5
    COOLED_DOWN = 6
    CONFLICT = 7
    KEPT_OR_DRAWN = 8


class Exclusion(NamedTuple):
    """One excluded candidate under the draw's keys; `leaf` is 32 bytes."""

    tag: bytes
    reason: Reason
    salt: bytes
    leaf: bytes


def exclusion_salt(salt_key: bytes, tag: bytes) -> bytes:
    """The salt of one exclusion under the draw's salt key; 16 bytes."""
    return hmac.digest(salt_key, b"BDP1/excl\0" + tag, "sha256")[:TAG_BYTES]


def exclusion_leaf(tag: bytes, reason: int, salt: bytes) -> bytes:
    """The leaf of one exclusion; 32 bytes."""
    return hashlib.sha256(b"\x03" + tag + reason.to_bytes(2, "big") + salt).digest()


def exclusions(reasons: Mapping[bytes, Reason], salt_key: bytes) -> list[Exclusion]:
    """Excluded candidates in ascending order of their tags.

    Args:
        reasons: the reason of each tag (16 bytes, under the draw's keys).
        salt_key: the draw's salt key.
    """
    return [_exclusion(tag, reasons[tag], salt_key) for tag in sorted(reasons)]


def exclusion_tree(excluded: list[Exclusion]) -> Tree:
    """The tree over exclusions in tag order; its size and root stand in the manifest."""
    return Tree(item.leaf for item in excluded)


def exclusion_opening(item: Exclusion, tree: Tree, index: int) -> dict[str, object]:
    """What the vault hands to the one expert concerned: tag, reason, salt, index, proof."""
    return {
        "tag": item.tag.hex(),
        "reason": int(item.reason),
        "salt": item.salt.hex(),
        "index": index,
        "proof": [[node.hex() for node in chunk] for chunk in tree.proof(index)],
    }


def _exclusion(tag: bytes, reason: Reason, salt_key: bytes) -> Exclusion:
    salt = exclusion_salt(salt_key, tag)
    return Exclusion(tag, reason, salt, exclusion_leaf(tag, reason, salt))
