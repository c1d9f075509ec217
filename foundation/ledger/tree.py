"""The Merkle tree of the public log (RFC 6962), as pure functions over leaf hashes.

Every function takes *leaf hashes* (32 bytes, `leaf_hash` of the leaf data), never the data
itself, so a caller that stores hashes need not read bodies again. Proofs are lists of
32-byte hashes in the order of RFC 6962 section 2.1.

Source: draw_engine/SPEC.md section 8; RFC 6962 section 2.1; RFC 9162 section 2.1.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry's bytes; 32 bytes."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node; 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; the hash of nothing for an empty log."""
    return _range_root(leaves, 0, len(leaves)) if leaves else EMPTY_ROOT


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The path that shows `leaves[index]` under `root(leaves)`, from the leaf upwards.

    Raises:
        IndexError: no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    return _path(leaves, index, 0, len(leaves))


def consistency_proof(leaves: Sequence[bytes], old: int, new: int) -> list[bytes]:
    """The proof that the tree over the first `new` leaves extends the one over the first `old`.

    Empty when `old` is 0 or equals `new`.

    Raises:
        ValueError: not 0 <= old <= new <= len(leaves).
    """
    if not 0 <= old <= new <= len(leaves):
        raise ValueError("consistency needs 0 <= old <= new <= size")
    if old in (0, new):
        return []
    return _consistency(leaves, old, 0, new, whole=True)


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes
) -> bool:
    """Whether `path` leads from a leaf hash at `index` to the root of a log of `size` entries."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == expected


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether `path` shows that the log of `new` entries begins with the log of `old` entries."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    steps = list(path)
    if old & (old - 1) == 0:  # a whole subtree: its root is the old root, and is left out
        steps.insert(0, old_root)
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, step)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def root_of_tail(tail: Sequence[bytes], start: int, path: Sequence[bytes]) -> bytes | None:
    """The root of a log of which only the leaf hashes from `start` on are known.

    Args:
        path: the inclusion path of the leaf at `start`; its left neighbours are exactly the
            subtrees before it.

    Returns:
        None where the path is too short or nothing stands behind `start`.
    """
    left = list(path)

    def over(begin: int, end: int) -> bytes | None:
        if end <= start or begin >= end:
            return None
        if begin >= start:
            return _range_root(tail, begin - start, end - start)
        middle = begin + split(end - begin)
        if not left:
            return None
        # Top-down, so neighbours are taken from the end of the path, needed or not.
        neighbour = left.pop()
        if start >= middle:
            inner = over(middle, end)
            return None if inner is None else node_hash(neighbour, inner)
        lower, upper = over(begin, middle), over(middle, end)
        return None if lower is None or upper is None else node_hash(lower, upper)

    return over(0, start + len(tail))


def split(width: int) -> int:
    """The largest power of two below `width`: where RFC 6962 divides a tree."""
    return 1 << ((width - 1).bit_length() - 1)


def _range_root(leaves: Sequence[bytes], start: int, end: int) -> bytes:
    level = list(leaves[start:end])
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:  # the odd one rises unhashed: the same tree as RFC 6962's splitting
            paired.append(level[-1])
        level = paired
    return level[0]


def _path(leaves: Sequence[bytes], index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + split(end - start)
    if index < middle:
        return [*_path(leaves, index, start, middle), _range_root(leaves, middle, end)]
    return [*_path(leaves, index, middle, end), _range_root(leaves, start, middle)]


def _consistency(
    leaves: Sequence[bytes], old: int, start: int, end: int, *, whole: bool
) -> list[bytes]:
    if old == end - start:
        return [] if whole else [_range_root(leaves, start, end)]
    width = split(end - start)
    middle = start + width
    if old <= width:
        lower = _consistency(leaves, old, start, middle, whole=whole)
        return [*lower, _range_root(leaves, middle, end)]
    upper = _consistency(leaves, old - width, middle, end, whole=False)
    return [*upper, _range_root(leaves, start, middle)]
