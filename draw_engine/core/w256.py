"""The W256 tree: up to 256 children under a node, so a proof is one or three short hash runs.

    parent_j = H(0x01, level of the children, the children)        leaves are level 0
    root     = H(0x02, u64(n), top)                                n = 0: no top

A proof is a list of whole chunks, one for each level, from the leaves upwards.

Source: SPEC.md section 2; tests/vectors/bdp1.json `w256`, `opening`.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final, Self

WIDTH: Final = 256
HASH: Final = 32


class Tree:
    """All levels of one tree over 32-byte leaf hashes, kept for proofs.

    `levels[0]` are the leaves end to end, the last level is one node. Empty: no levels, only
    a root.
    """

    __slots__ = ("levels", "root", "size")

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._grow(memoryview(b"".join(leaves)))

    @classmethod
    def over(cls, leaves: bytes | bytearray | memoryview) -> Self:
        """The tree over leaf hashes that stand end to end; the buffer must not change."""
        tree = cls.__new__(cls)
        tree._grow(memoryview(leaves))
        return tree

    def _grow(self, level: memoryview) -> None:
        self.size = len(level) // HASH
        self.levels = [level] if self.size else []
        while level:
            level = _parents(level, len(self.levels) - 1)
            self.levels.append(level)
            if len(level) == HASH:
                break
        self.root = root_over(self.size, bytes(level))

    def chunk(self, level: int, number: int) -> list[bytes]:
        """The children of node `number` of the level above; at most 256 hashes."""
        span = self.levels[level][number * WIDTH * HASH : (number + 1) * WIDTH * HASH]
        return [bytes(span[at : at + HASH]) for at in range(0, len(span), HASH)]

    def proof(self, index: int) -> list[list[bytes]]:
        """The chunks that show leaf `index`, from the leaves upwards.

        Raises:
            IndexError: no such leaf.
        """
        if not 0 <= index < self.size:
            raise IndexError(index)
        return [self.chunk(level, number) for level, number in chunks_of([index], self.size)]


def root_over(size: int, top: bytes) -> bytes:
    """The root of a tree of `size` leaves under `top` (empty bytes for no leaves)."""
    return sha256(b"\x02" + size.to_bytes(8, "big") + top).digest()


def parent(level: int, children: Sequence[bytes]) -> bytes:
    """The node over `children`, which are of `level`."""
    return sha256(b"\x01" + level.to_bytes(1, "big") + b"".join(children)).digest()


def height(size: int) -> int:
    """Number of levels that have parents, hence of chunks in a proof; 0 for an empty tree."""
    if size == 0:
        return 0
    levels = 1
    while (size := -(-size // WIDTH)) > 1:
        levels += 1
    return levels


def width_of(level: int, number: int, size: int) -> int:
    """How many nodes chunk `number` of `level` must have in a tree of `size` leaves; 0 if none."""
    for _ in range(level):
        size = -(-size // WIDTH)
    return max(0, min(WIDTH, size - number * WIDTH))


def chunks_of(positions: Iterable[int], size: int) -> list[tuple[int, int]]:
    """Every (level, chunk) that shows these leaves, each once, ascending."""
    found = []
    numbers = {position // WIDTH for position in positions}
    for level in range(height(size)):
        found += [(level, number) for number in sorted(numbers)]
        numbers = {number // WIDTH for number in numbers}
    return found


def verify_proof(
    leaf: bytes, index: int, size: int, proof: Sequence[Sequence[bytes]], root: bytes
) -> bool:
    """Whether `proof` shows `leaf` at `index` of the tree of `size` leaves under `root`."""
    if not 0 <= index < size or len(proof) != height(size):
        return False
    node = leaf
    for level, chunk in enumerate(proof):
        number, place = divmod(index, WIDTH)
        if len(chunk) != width_of(level, number, size) or chunk[place] != node:
            return False
        node, index = parent(level, chunk), number
    return root_over(size, node) == root


def _parents(level: memoryview, number: int) -> memoryview:
    start, width = sha256(b"\x01" + number.to_bytes(1, "big")), WIDTH * HASH
    nodes = bytearray()
    for at in range(0, len(level), width):
        node = start.copy()
        node.update(level[at : at + width])
        nodes += node.digest()
    return memoryview(nodes)
