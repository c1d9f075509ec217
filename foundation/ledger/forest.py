"""The hashes of all complete subtrees, kept as the log grows.

Roots and proofs then cost O(log n) look-ups in place of a walk over all leaves; the bytes
are those of `tree.py` (RFC 9162 section 2.1), which the tests compare.
"""

from collections.abc import Iterable
from hashlib import sha256

from foundation.ledger.tree import leaf_hash, node_hash


class Forest:
    """An append-only Merkle tree with roots and proofs for every past size."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for hashed in leaf_hashes:
            self.append_hash(hashed)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Take in the next leaf."""
        self.append_hash(leaf_hash(leaf))

    def append_hash(self, hashed: bytes) -> None:
        """Take in the next leaf by its hash; complete the subtrees that it completes."""
        level = 0
        self._levels[0].append(hashed)
        while len(self._levels[level]) % 2 == 0:
            if level + 1 == len(self._levels):
                self._levels.append([])
            left, right = self._levels[level][-2:]
            self._levels[level + 1].append(node_hash(left, right))
            level += 1

    def root(self, size: int) -> bytes:
        """Root over the first `size` leaves; 32 bytes."""
        return self._hash(0, self._checked(size))

    def subtrees(self, level: int, start: int, end: int) -> list[bytes]:
        """Roots of the complete subtrees start..end-1 of 2^level leaves each; 32 bytes each.

        Raises:
            IndexError: one of them is not complete yet.
        """
        if not 0 <= start <= end <= len(self) >> level:
            raise IndexError(end)
        return self._levels[level][start:end] if start < end else []

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Audit path of leaf `index` in the tree of `size`."""
        self._checked(size)
        if not 0 <= index < size:
            raise IndexError(index)
        return self._path(index, 0, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Proof that the tree of `new` begins with the tree of `old`."""
        self._checked(new)
        if not 0 <= old <= new:
            raise IndexError(old)
        return [] if old in (0, new) else self._subproof(old, 0, new, whole=True)

    def _checked(self, size: int) -> int:
        if not 0 <= size <= len(self):
            raise IndexError(size)
        return size

    def _hash(self, start: int, end: int) -> bytes:
        width = end - start
        if width == 0:
            return empty_root()
        level = width.bit_length() - 1
        if width == 1 << level:
            return self._levels[level][start >> level]
        middle = start + _split(width)
        return node_hash(self._hash(start, middle), self._hash(middle, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._hash(middle, end)]
        return [*self._path(index, middle, end), self._hash(start, middle)]

    def _subproof(self, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self._hash(start, end)]
        middle = start + _split(end - start)
        if old <= middle:
            return [*self._subproof(old, start, middle, whole=whole), self._hash(middle, end)]
        return [*self._subproof(old, middle, end, whole=False), self._hash(start, middle)]


def empty_root() -> bytes:
    """Root of the empty tree: the hash of no bytes."""
    return sha256().digest()


def _split(width: int) -> int:
    """Largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1
