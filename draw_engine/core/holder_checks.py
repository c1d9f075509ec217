"""What a share holder makes sure of before it lets a value go; nothing the operator says
replaces these checks.

    (1) a checkpoint with every required cosignature contains M
    (2) the manifest handed over hashes to M, carries the holder's tip and the expected draw
    (3) for j > 0, decline j is in such a checkpoint and result j-1 is logged

Source: SPEC.md section 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from draw_engine.core.manifest import manifest_hash
from draw_engine.core.policy import Policy, policy_hash
from foundation.digest import canon
from foundation.errors import Kind, ServiceError
from foundation.ledger.note import SignedNote, cosigned_at, log_signed, read_note
from foundation.ledger.tree import leaf_hash, verify_inclusion


class ReleaseRefused(ServiceError):
    """A holder's check failed; it keeps its value. `check` names which one."""

    code = "draw.release_refused"
    kind = Kind.CONFLICT

    def __init__(self, check: str) -> None:
        super().__init__(check=check)


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry, its place in the log, and the checkpoint that shows it (path as 32-byte nodes)."""

    index: int
    entry: Mapping[str, Any]
    path: tuple[bytes, ...]
    size: int
    note: str

    def to_wire(self) -> dict[str, Any]:
        """As it travels in a duty."""
        return {
            "index": self.index,
            "entry": dict(self.entry),
            "path": [node.hex() for node in self.path],
            "size": self.size,
            "note": self.note,
        }

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """From a duty."""
        path = tuple(bytes.fromhex(node) for node in wire["path"])
        return cls(wire["index"], wire["entry"], path, wire["size"], wire["note"])


@dataclass(frozen=True, slots=True)
class Claim:
    """All that is handed to a holder when it is asked for y_j."""

    policy: Mapping[str, Any]
    manifest: Mapping[str, Any]
    m: bytes
    j: int
    freeze: LoggedEntry
    decline: LoggedEntry | None = None
    previous_result: LoggedEntry | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the holder itself remembers: its party, its tip and the draw it was given for."""

    party: str
    tip: bytes
    draw: Mapping[str, Any]


def check_release(claim: Claim, expected: Expected) -> None:
    """Make sure that y_j may be released.

    Raises:
        ReleaseRefused: names the first check that fails.
    """
    manifest, m = claim.manifest, claim.m.hex()
    _require(manifest_hash(manifest) == claim.m, "manifest.hash")
    _require(policy_hash(claim.policy).hex() == manifest["policy"], "manifest.policy")
    own = {"kind": "chain", "party": expected.party, "tip": expected.tip.hex()}
    _require(own in manifest["inputs"], "manifest.tip")
    _require(canon(manifest["draw"]) == canon(expected.draw), "manifest.draw")
    freeze = claim.freeze
    _require(freeze.entry.get("type") == "manifest", "freeze.type")
    _check_logged(freeze, claim.policy, m, "freeze")
    if claim.j == 0:
        return
    _require(claim.j <= manifest["supp"]["max_steps"], "step.count")
    for name, logged, type_, step in (
        ("decline", claim.decline, "decline", claim.j),
        ("previous_result", claim.previous_result, "result", claim.j - 1),
    ):
        if logged is None:
            raise ReleaseRefused(name)
        entry = logged.entry
        _require(entry.get("type") == type_ and entry.get("step") == step, name)
        _check_logged(logged, claim.policy, m, name)


def cosigned_times(note: SignedNote, policy: Policy) -> dict[str, int]:
    """Unix seconds of each valid cosignature of a witness of the policy."""
    found = {w.name: cosigned_at(note, w.name, w.key) for w in policy.witnesses}
    return {name: at for name, at in found.items() if at is not None}


def fully_cosigned(note: SignedNote, policy: Policy) -> bool:
    """Whether the log, every required witness and a quorum of all have signed."""
    if note.checkpoint.origin != policy.origin:
        return False
    if not log_signed(note, policy.origin, policy.log_key):
        return False
    times = cosigned_times(note, policy)
    required = all(w.name in times for w in policy.witnesses if w.required)
    return required and len(times) >= policy.quorum


def _check_logged(logged: LoggedEntry, policy: Mapping[str, Any], m: str, name: str) -> None:
    _require(logged.entry.get("M") == m, f"{name}.manifest")
    note = read_note(logged.note)
    _require(fully_cosigned(note, Policy.read(policy)), f"{name}.cosigned")
    size, root = note.checkpoint.size, note.checkpoint.root
    leaf = leaf_hash(canon(logged.entry))
    included = verify_inclusion(leaf, logged.index, size, logged.path, root)
    _require(size == logged.size and included, f"{name}.included")


def _require(holds: bool, check: str) -> None:
    if not holds:
        raise ReleaseRefused(check)
