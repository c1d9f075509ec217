"""Experts under pseudonyms: the daily snapshot, and the same experts anew for every draw.

    tag  = HMAC(k_tag, expert id)[:16]          org = HMAC(k_org, org group id)[:16]
    S    = HMAC-SHA-512(k_salt, tag, version)   three salts, cut out of S
    F_id = H("BDP1/id", salt_id, identity)      F_q = H("BDP1/qual", salt_q, qualification)
    leaf = H(0x00, F_id, F_q, salt_a, tag, org, region)

One leaf opens in three independent depths: attributes, then qualification, then identity.
A draw uses keys of its own, so nothing of one draw can be found again in another.

Source: SPEC.md section 2; tests/vectors/bdp1-bundles.json `derivation`, `per_draw_keys`.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256, sha512
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self

from draw_engine.core.errors import DuplicateTag
from draw_engine.core.w256 import Tree
from foundation.digest import canon

TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class PoolKeys:
    """The three secret keys of one epoch, or of one draw; 32 bytes each. Held by the vault."""

    tag: bytes
    org: bytes
    salt: bytes

    def for_draw(self, draw: Mapping[str, object]) -> Self:
        """The keys of one draw, from those of the epoch.

        Args:
            draw: the manifest's member `draw`: project, section, seq, prev.
        """
        label = b"BDP1/draw\0" + canon(draw)
        return type(self)(_mac(self.tag, label), _mac(self.org, label), _mac(self.salt, label))


class PooledExpert(NamedTuple):
    """What the vault knows of an expert before masking.

    `identity` and `qualification` are canonical bytes (`foundation.digest.canon`), made once
    and kept; `region` is the province, six digits of GB/T 2260; `version` counts from 1.
    """

    expert_id: str
    org_group: str
    identity: bytes
    qualification: bytes
    region: int
    version: int


class Pseudonym(NamedTuple):
    """One expert under one set of keys: everything a leaf hashes, and the leaf (32 bytes)."""

    tag: bytes
    org: bytes
    region: int
    salt_id: bytes
    salt_q: bytes
    salt_a: bytes
    f_id: bytes
    f_q: bytes
    leaf: bytes


class Salts(NamedTuple):
    """24, 24 and 16 bytes, one for each depth of opening."""

    salt_id: bytes
    salt_q: bytes
    salt_a: bytes


def tag_of(key: bytes, expert_id: str) -> bytes:
    """The pseudonym of an expert under the tag key; 16 bytes."""
    return _mac(key, expert_id.encode())[:TAG_BYTES]


def org_of(key: bytes, org_group: str) -> bytes:
    """The pseudonym of an employer's group under the org key; 16 bytes."""
    return _mac(key, org_group.encode())[:TAG_BYTES]


def salts_of(key: bytes, tag: bytes, version: int) -> Salts:
    """The three salts of a tag in one version of the expert's data."""
    spring = hmac.digest(key, tag + version.to_bytes(4, "big"), "sha512")
    return Salts(spring[:24], spring[24:48], spring[48:64])


def identity_hash(salt: bytes, identity: bytes) -> bytes:
    """F_id over canonical identity bytes; 32 bytes."""
    return sha256(b"BDP1/id\0" + salt + identity).digest()


def qualification_hash(salt: bytes, qualification: bytes) -> bytes:
    """F_q over canonical qualification bytes; 32 bytes."""
    return sha256(b"BDP1/qual\0" + salt + qualification).digest()


def leaf_of(
    *, f_id: bytes, f_q: bytes, salt_a: bytes, tag: bytes, org: bytes, region: int
) -> bytes:
    """The leaf of one expert; 32 bytes."""
    fixed = b"\x00" + f_id + f_q + salt_a + tag + org
    return sha256(fixed + region.to_bytes(4, "big")).digest()


def masked(experts: Iterable[PooledExpert], keys: PoolKeys) -> list[Pseudonym]:
    """All experts under `keys`, by ascending tag.

    `core.masking` gives the same for whole pools, as columns.

    Raises:
        DuplicateTag: the same expert twice.
    """
    rows = sorted(pseudonyms(experts, keys), key=itemgetter(0))
    if any(left.tag == right.tag for left, right in pairwise(rows)):
        raise DuplicateTag
    return rows


def pseudonyms(experts: Iterable[PooledExpert], keys: PoolKeys) -> Iterator[Pseudonym]:
    """Each expert under `keys`, in the order given; under ten microseconds an expert."""
    tag_mac, org_mac, salt_mac = _Mac(keys.tag), _Mac(keys.org), _Mac(keys.salt, sha512, 128)
    orgs: dict[str, bytes] = {}
    for expert_id, org_group, identity, qualification, region, version in experts:
        org = orgs.get(org_group)
        if org is None:
            org = orgs[org_group] = org_mac(org_group.encode())[:TAG_BYTES]
        tag = tag_mac(expert_id.encode())[:TAG_BYTES]
        spring = salt_mac(tag + version.to_bytes(4, "big"))
        salt_id, salt_q, salt_a = spring[:24], spring[24:48], spring[48:]
        f_id = sha256(b"BDP1/id\0" + salt_id + identity).digest()
        f_q = sha256(b"BDP1/qual\0" + salt_q + qualification).digest()
        attributes = salt_a + tag + org + region.to_bytes(4, "big")
        leaf = sha256(b"\x00" + f_id + f_q + attributes).digest()
        yield Pseudonym(tag, org, region, salt_id, salt_q, salt_a, f_id, f_q, leaf)


def tree_of(rows: Sequence[Pseudonym]) -> Tree:
    """The tree over rows already in tag order: a snapshot or a hat."""
    return Tree(row.leaf for row in rows)


class _Mac:
    """HMAC with a key prepared once: a third of the time of `hmac.digest` for short messages."""

    def __init__(
        self, key: bytes, hashed: Callable[[bytes], Any] = sha256, block: int = 64
    ) -> None:
        padded = key.ljust(block, b"\0")
        self._inner = bytes(byte ^ 0x36 for byte in padded)
        self._outer = bytes(byte ^ 0x5C for byte in padded)
        self._hashed = hashed

    def __call__(self, message: bytes) -> bytes:
        digest: bytes = self._hashed(
            self._outer + self._hashed(self._inner + message).digest()
        ).digest()
        return digest


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
