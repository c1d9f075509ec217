"""`snapshot.root.vs_binary`: the W256 root of a million leaves, against a binary tree."""

import os
from hashlib import sha256

from bench.row import Row, interleaved, say
from draw_engine.core.w256 import Tree

LEAVES = 1_000_000


def binary_root(leaves: list[bytes]) -> bytes:
    """A binary Merkle root in a plain loop over hashlib."""
    level = leaves
    while len(level) > 1:
        pairs = range(0, len(level) - 1, 2)
        above = [sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def bench() -> list[Row]:
    """How many times faster ours is, from the form in which each finds its leaves."""
    data = os.urandom(32 * LEAVES)
    listed = [data[at : at + 32] for at in range(0, len(data), 32)]
    ours, binary = interleaved(lambda: Tree.over(data), lambda: binary_root(listed))
    assert Tree.over(data).root == Tree(listed).root
    note = f"{ours * 1000:.0f} ms against {binary * 1000:.0f} ms"
    return [Row("snapshot.root.vs_binary", round(binary / ours, 1), "x", ">= 15", note)]


if __name__ == "__main__":
    say(bench())
