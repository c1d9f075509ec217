"""Many experts under a draw's own keys, as columns: tags, leaves, hats, exclusions.

The bytes are those of `snapshot.masked` and `exclusions.exclusions`, which stay the readable
form and the fall-back; the tests compare both. A member becomes an object only when looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, overload

import numpy as np

from draw_engine.core.errors import DuplicateTag
from draw_engine.core.exclusions import Exclusion, Reason, exclusion_leaf, exclusion_salt
from draw_engine.core.pooled import PooledColumns
from draw_engine.core.selection import Member
from draw_engine.core.snapshot import (
    TAG_BYTES,
    PooledExpert,
    PoolKeys,
    Pseudonym,
    masked,
    pseudonyms,
    tag_of,
)
from draw_engine.core.texts import Bytes, Ints, Longs, Names, taken
from draw_engine.core.w256 import Tree
from draw_engine.kernel import KERNEL, Kernel

BATCH: Final = 4096

Opener = Callable[[int], PooledExpert]
"""Opens one row of a snapshot, which itself need not stay in memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Masked:
    """Experts by ascending tag.

    Args:
        rows: rows of the snapshot. tags, orgs: shape (n, 16). region: provinces.
        group: numbers that are equal where `orgs` are.
        leaves: shape (n, 32).
    """

    rows: Ints
    tags: Bytes
    orgs: Bytes
    group: Ints
    region: Ints
    leaves: Bytes

    def __len__(self) -> int:
        return len(self.rows)

    def tree(self) -> Tree:
        """The tree over the leaves: a snapshot or a hat."""
        return Tree.over(self.leaves.reshape(-1).data)

    def place_of(self, tag: bytes) -> int:
        """Where the expert with this tag stands.

        Raises:
            LookupError: nobody has it.
        """
        found = _places_of(self.tags, tag)
        if not len(found):
            raise LookupError("no such tag")
        return int(found[0])


def mask(pool: PooledColumns, rows: Ints, keys: PoolKeys, kernel: Kernel | None = KERNEL) -> Masked:
    """The experts of `rows` under `keys`.

    Args:
        kernel: None: plain Python, one expert after the other.

    Raises:
        DuplicateTag: the same expert twice.
    """
    if kernel is None:
        tags, orgs, leaves = _one_by_one(pool, rows, keys)
    else:
        tags = tags_of(pool.ids, rows, keys.tag, kernel)
        every = _orgs(pool, rows, keys.org, kernel)
        orgs = taken(every, pool.group[rows])
        leaves = kernel.leaves(
            keys.salt,
            rows,
            tags,
            version=pool.version,
            region=pool.region,
            org=pool.group,
            orgs=every,
            identity=(pool.identity.data, pool.identity.at),
            qualification=(pool.qualification.data, pool.qualification.at),
        )
    order = by_tag(tags)
    rows = rows[order]
    return Masked(
        rows,
        taken(tags, order),
        taken(orgs, order),
        pool.group[rows],
        pool.region[rows],
        taken(leaves, order),
    )


def tags_of(names: Names, rows: Ints, key: bytes, kernel: Kernel | None = KERNEL) -> Bytes:
    """The tags of `rows`, in their order; shape (n, 16)."""
    if kernel is None:
        found = b"".join(tag_of(key, names[row]) for row in rows.tolist())
        return np.frombuffer(found, np.uint8).reshape(-1, TAG_BYTES)
    return kernel.macs(key, names.bytes, rows.astype(np.int64) * names.width, names.lengths[rows])


def by_tag(tags: Bytes) -> Ints:
    """The order of ascending tags.

    Raises:
        DuplicateTag: one occurs twice.
    """
    halves = np.ascontiguousarray(tags).view(">u8").astype(np.uint64)
    order = np.argsort(halves[:, 0])
    if (halves[order[1:], 0] == halves[order[:-1], 0]).any():  # the first eight bytes do not decide
        order = np.lexsort((halves[:, 1], halves[:, 0]))
        ordered = halves[order]
        if (ordered[1:] == ordered[:-1]).all(axis=1).any():
            raise DuplicateTag
    return order.astype(np.int32)


class Hat(Sequence[Pseudonym]):
    """A hat in tag order: as pseudonyms, as members, and under its tree.

    Args:
        every: all who are in some hat of the draw. at: places of this hat's, ascending.
    """

    def __init__(self, every: Masked, at: Ints, keys: PoolKeys, opener: Opener) -> None:
        self._every = every
        self._at = at
        self._keys = keys
        self._opener = opener

    def __len__(self) -> int:
        return len(self._at)

    @overload
    def __getitem__(self, position: int) -> Pseudonym: ...
    @overload
    def __getitem__(self, position: slice) -> list[Pseudonym]: ...
    def __getitem__(self, position: int | slice) -> Pseudonym | list[Pseudonym]:
        if isinstance(position, slice):
            rows = self._every.rows[self._at[position]].tolist()
            return masked(map(self._opener, rows), self._keys)
        return masked([self.person(position)], self._keys)[0]

    def __iter__(self) -> Iterator[Pseudonym]:
        for first in range(0, len(self), BATCH):
            yield from self[first : first + BATCH]

    def position_of(self, tag: bytes) -> int | None:
        """Where the one with this tag stands; None for somebody who is not in this hat."""
        found = _places_of(taken(self._every.tags, self._at), tag)
        return int(found[0]) if len(found) else None

    def person(self, position: int) -> PooledExpert:
        """Who stands at a position, as the snapshot has them."""
        return self._opener(int(self._every.rows[self._at[position]]))

    @cached_property
    def tree(self) -> Tree:
        """The tree over the hat."""
        return Tree.over(taken(self._every.leaves, self._at).reshape(-1).data)

    @property
    def members(self) -> "Members":
        """What the rules see."""
        return Members(self._every, self._at)


@dataclass(frozen=True, slots=True, eq=False)
class Members(Sequence[Member]):
    """The members of a hat by position."""

    every: Masked
    at: Ints

    def __len__(self) -> int:
        return len(self.at)

    @overload
    def __getitem__(self, position: int) -> Member: ...
    @overload
    def __getitem__(self, position: slice) -> list[Member]: ...
    def __getitem__(self, position: int | slice) -> Member | list[Member]:
        if isinstance(position, slice):
            return [self[at] for at in range(*position.indices(len(self)))]
        of, at = self.every, self.at[position]
        return Member(of.tags[at].tobytes(), of.orgs[at].tobytes(), int(of.region[at]))

    def __iter__(self) -> Iterator[Member]:
        tags = taken(self.every.tags, self.at).tobytes()
        orgs = taken(self.every.orgs, self.at).tobytes()
        for at, region in enumerate(self.every.region[self.at].tolist()):
            span = slice(at * TAG_BYTES, (at + 1) * TAG_BYTES)
            yield Member(tags[span], orgs[span], region)


@dataclass(frozen=True, slots=True, eq=False)
class Excluded:
    """Excluded candidates by ascending tag; shapes (n, 16), (n,), (n, 16), (n, 32)."""

    rows: Ints
    tags: Bytes
    reasons: Bytes
    salts: Bytes
    leaves: Bytes

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Exclusion]:
        for tag, reason, salt, leaf in zip(
            self.tags, self.reasons.tolist(), self.salts, self.leaves, strict=True
        ):
            yield Exclusion(tag.tobytes(), Reason(reason), salt.tobytes(), leaf.tobytes())

    def tree(self) -> Tree:
        """The tree over exclusions; its size and root stand in the manifest."""
        return Tree.over(self.leaves.reshape(-1).data)

    def index_of(self, tag: bytes) -> int | None:
        """Where the one with this tag stands; None for somebody who is not excluded."""
        found = _places_of(self.tags, tag)
        return int(found[0]) if len(found) else None

    def one(self, index: int) -> Exclusion:
        """One of them."""
        return Exclusion(
            self.tags[index].tobytes(),
            Reason(int(self.reasons[index])),
            self.salts[index].tobytes(),
            self.leaves[index].tobytes(),
        )


def excluded(
    pool: PooledColumns,
    rows: Ints,
    reasons: Bytes,
    keys: PoolKeys,
    kernel: Kernel | None = KERNEL,
) -> Excluded:
    """The candidates of `rows`, who are left out for `reasons`.

    Raises:
        DuplicateTag: the same expert twice.
    """
    tags = tags_of(pool.ids, rows, keys.tag, kernel)
    order = by_tag(tags)
    rows, tags, reasons = rows[order], taken(tags, order), reasons[order]
    n = len(rows)
    if kernel is None:
        each = [(one.tobytes(), int(why)) for one, why in zip(tags, reasons, strict=True)]
        salted = [(tag, why, exclusion_salt(keys.salt, tag)) for tag, why in each]
        salts = _table((salt for _, _, salt in salted), TAG_BYTES)
        leaves = _table((exclusion_leaf(*one) for one in salted), 32)
        return Excluded(rows, tags, reasons, salts, leaves)
    label = np.frombuffer(b"BDP1/excl\0", np.uint8)
    asked = np.concatenate([np.broadcast_to(label, (n, len(label))), tags], axis=1)
    salts = _fixed(kernel, asked, keys.salt)
    plain = np.zeros((n, 35), np.uint8)
    plain[:, 0] = 3
    plain[:, 1:17] = tags
    plain[:, 18] = reasons  # u16, and no reason is above 255
    plain[:, 19:] = salts
    return Excluded(rows, tags, reasons, salts, _fixed(kernel, plain, None))


def _places_of(tags: Bytes, tag: bytes) -> Longs:
    cells = np.ascontiguousarray(tags).reshape(-1).view(f"V{TAG_BYTES}")
    return np.flatnonzero(cells == np.void(tag))


def _fixed(kernel: Kernel, texts: Bytes, key: bytes | None) -> Bytes:
    n, width = texts.shape
    start = np.arange(n, dtype=np.int64) * width
    length = np.full(n, width, np.int32)
    data = np.ascontiguousarray(texts).reshape(-1)
    if key is None:
        return kernel.hashes(data, start, length)
    return kernel.macs(key, data, start, length)


def _orgs(pool: PooledColumns, rows: Ints, key: bytes, kernel: Kernel) -> Bytes:
    """Pseudonyms of every group; those that no row needs stay zero."""
    needed = np.zeros(len(pool.groups), np.bool_)
    needed[pool.group[rows]] = True
    which = np.flatnonzero(needed).astype(np.int32)
    every = np.zeros((len(pool.groups), TAG_BYTES), np.uint8)
    every[which] = tags_of(pool.groups, which, key, kernel)
    return every


def _one_by_one(pool: PooledColumns, rows: Ints, keys: PoolKeys) -> tuple[Bytes, Bytes, Bytes]:
    tags, orgs, leaves = bytearray(), bytearray(), bytearray()
    for one in pseudonyms(pool.experts(rows.tolist()), keys):
        tags += one.tag
        orgs += one.org
        leaves += one.leaf
    shaped = ((tags, TAG_BYTES), (orgs, TAG_BYTES), (leaves, 32))
    first, second, third = (np.frombuffer(all_, np.uint8).reshape(-1, w) for all_, w in shaped)
    return first, second, third


def _table(values: Iterator[bytes], width: int) -> Bytes:
    return np.frombuffer(b"".join(values), np.uint8).reshape(-1, width)
