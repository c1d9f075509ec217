"""A stranger's log, followed: what was seen of it, and whether it still tells the same story.

Whoever follows reads every leaf between two checkpoints and grows the right edge of the tree
with them. If the root that comes out is the one that was signed, the old log is the beginning of
the new one (consistency) and every leaf read is in it (inclusion), and none was left out. No
proof has to be believed, and no leaf can be shown to one follower and hidden from another.

Source: RFC 9162 section 2.1; C2SP tlog-checkpoint.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from foundation.digest import tagged
from foundation.errors import Kind, ServiceError
from foundation.ledger.forest import empty_root
from foundation.ledger.note import LOG_KEY, CheckpointText, key_id, log_signed, read_note
from foundation.ledger.tree import leaf_hash, node_hash

KEY_BYTES: Final = 32
HASH: Final = 32
LONGEST_ORIGIN: Final = 200


class PinUnreadable(ServiceError):
    """The line is no log key in the form origin+hash+key."""

    code = "ledger.pin_unreadable"
    kind = Kind.INVALID


class OtherKey(ServiceError):
    """The checkpoint is not signed by the key that was pinned, or names another log."""

    code = "ledger.other_key"
    kind = Kind.CONFLICT


class RolledBack(ServiceError):
    """The log is shorter than it was."""

    code = "ledger.rolled_back"
    kind = Kind.CONFLICT


class Forked(ServiceError):
    """What the log shows now does not begin with what it showed before."""

    code = "ledger.forked"
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class LogPin:
    """The log that is followed: its origin and Ed25519 key (32 bytes), as told by a person."""

    origin: str
    key: bytes

    @classmethod
    def read(cls, line: str) -> Self:
        """The pin in a line `origin+hash+key` (C2SP signed-note): the hash catches a slip.

        Raises:
            PinUnreadable: another form, another hash, or a key that is none.
        """
        origin, _, rest = line.strip().partition("+")
        told, _, packed = rest.partition("+")
        try:
            raw = bytes.fromhex(packed)
            Ed25519PublicKey.from_public_bytes(raw[1:])
        except (ValueError, UnsupportedAlgorithm) as bad:
            raise PinUnreadable from bad
        pin = cls(origin, raw[1:])
        if pin.line != f"{origin}+{told}+{packed}" or not 0 < len(origin) <= LONGEST_ORIGIN:
            raise PinUnreadable
        return pin

    @property
    def line(self) -> str:
        """The one spelling of the pin, for people to hand on."""
        told = key_id(self.origin, LOG_KEY, self.key).hex()
        return f"{self.origin}+{told}+{(LOG_KEY + self.key).hex()}"

    @property
    def fingerprint(self) -> bytes:
        """32 bytes that differ for another origin or key; the first letters are read aloud."""
        return tagged("log/pin", self.origin.encode(), self.key)

    def checkpoint(self, note: str) -> CheckpointText:
        """What a signed note says, if the pinned key signed it.

        Raises:
            NoteUnreadable: no signed checkpoint. OtherKey: not by this key, or of another log.
        """
        signed = read_note(note)
        told = signed.checkpoint
        if told.origin != self.origin or not log_signed(signed, self.origin, self.key):
            raise OtherKey
        return told


class Edge:
    """The right edge of a tree: the roots of its complete subtrees, the widest first."""

    def __init__(self, size: int = 0, subtrees: Sequence[bytes] = ()) -> None:
        if len(subtrees) != size.bit_count():
            raise ValueError("an edge has one subtree for each bit of its size")
        self.size = size
        self.subtrees = list(subtrees)

    def grow(self, leaves: Iterable[bytes]) -> None:
        """Take in the next leaves."""
        for leaf in leaves:
            hashed, rest = leaf_hash(leaf), self.size
            while rest & 1:
                hashed = node_hash(self.subtrees.pop(), hashed)
                rest >>= 1
            self.subtrees.append(hashed)
            self.size += 1

    def root(self) -> bytes:
        """Root of the whole tree; 32 bytes."""
        if not self.subtrees:
            return empty_root()
        *wider, found = self.subtrees
        for subtree in reversed(wider):
            found = node_hash(subtree, found)
        return found


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a log was followed: size, root, and the edge to go on from."""

    size: int = 0
    root: bytes = empty_root()
    edge: tuple[bytes, ...] = ()

    def before(self, told: CheckpointText) -> None:
        """Refuse a checkpoint that can't come after what was seen.

        Raises:
            RolledBack: it is shorter. Forked: as long, under another root.
        """
        if told.size < self.size:
            raise RolledBack(size=told.size, seen=self.size)
        if told.size == self.size and told.root != self.root:
            raise Forked(size=told.size)

    def grown(self, told: CheckpointText, leaves: Iterable[Sequence[bytes]]) -> "Seen":
        """What is seen once the leaves behind this one were read, some at a time.

        Raises:
            RolledBack, Forked: as `before`; and where the leaves do not lead to the signed root.
        """
        self.before(told)
        edge = Edge(self.size, self.edge)
        for some in leaves:
            edge.grow(some)
        if edge.size != told.size or edge.root() != told.root:
            raise Forked(size=told.size)
        return Seen(told.size, told.root, tuple(edge.subtrees))
