"""Hashes of the production policies that ship with the program.

A bundle under any other policy must be asked for: `--policy FILE`, or `--test`. None is
shipped yet: an installation pins its own policy and prints its hash on the draw certificate.
"""

from typing import Final

PINNED: Final[frozenset[bytes]] = frozenset()
