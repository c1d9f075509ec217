"""What a draw writes into the public log: one builder for each type of entry.

A leaf of the log is `canon(entry)`, no salt, no newline, at most 4096 bytes. Nothing personal
is in it: only hashes of salted or keyed values. Signed entries carry an Ed25519 signature over
`"BDP1/entry" ‖ canon(entry without sig)`.

Source: SPEC.md section 8, the table of ledger entries.
"""

from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from draw_engine.core.errors import Misshapen
from draw_engine.core.forms import ENTRY
from draw_engine.core.selection import Positions
from draw_engine.core.shares import signed
from foundation.digest import canon, sha256

LEAF_MAX: Final = 4096
Entry = dict[str, Any]


def leaf_data(entry: Mapping[str, Any]) -> bytes:
    """The bytes of an entry as the log holds them.

    Raises:
        Misshapen: not an entry of this protocol, or longer than 4096 bytes.
    """
    ENTRY(entry)
    data = canon(entry)
    if len(data) > LEAF_MAX:
        raise Misshapen(wanted="at most 4096 bytes")
    return data


def snapshot_entry(n: int, root: bytes, epoch: int, registry: bytes) -> Entry:
    """A daily snapshot; `registry` is the authority's signature over `registry_message`."""
    return {
        "type": "snapshot",
        "n": n,
        "root": root.hex(),
        "epoch": epoch,
        "registry": registry.hex(),
    }


def manifest_entry(m: bytes, handle: bytes) -> Entry:
    """The freeze of a draw: only two hashes."""
    return {"type": "manifest", "M": m.hex(), "handle": handle.hex()}


def admission_entry(m: bytes, accepted: int, party: str, key: Ed25519PrivateKey) -> Entry:
    """How many of 16384 dry attempts were feasible, by operator or supervisor."""
    body = {"type": "admission", "M": m.hex(), "accepted": accepted, "party": party}
    return sign_entry(body, key)


def reveal_entry(m: bytes, party: str, j: int, y: bytes) -> Entry:
    """A holder's y_j."""
    return {"type": "reveal", "M": m.hex(), "party": party, "j": j, "y": y.hex()}


def result_entry(m: bytes, step: int, digest: bytes) -> Entry:
    """The commitment to the result of a step; `digest` is `result_digest(salt, body)`."""
    return {"type": "result", "M": m.hex(), "step": step, "digest": digest.hex()}


def decline_entry(m: bytes, seat: int, step: int, class_: str, evidence: bytes) -> Entry:
    """A seat given up; `evidence` is `evidence_digest(salt, bytes)`, steps count from 1."""
    return {
        "type": "decline",
        "M": m.hex(),
        "seat": seat,
        "step": step,
        "class": class_,
        "evidence": evidence.hex(),
    }


def abort_entry(m: bytes, reason: str, party: str, key: Ed25519PrivateKey) -> Entry:
    """The supervisor ends a draw; `party` is who is at fault, or empty."""
    return sign_entry({"type": "abort", "M": m.hex(), "reason": reason, "party": party}, key)


def unseal_entry(m: bytes) -> Entry:
    """The result becomes public."""
    return {"type": "unseal", "M": m.hex()}


def alarm_entry(m: bytes, party: str, code: str, key: Ed25519PrivateKey) -> Entry:
    """Somebody found a check that fails; `m` may be empty, `code` is the check's name."""
    return sign_entry({"type": "alarm", "M": m.hex(), "party": party, "code": code}, key)


def result_body(m: bytes, attempt: int, positions: Positions) -> Entry:
    """The result of the primary draw."""
    rows = [list(row) for row in positions]
    return {"M": m.hex(), "step": 0, "attempt": attempt, "positions": rows}


def step_body(m: bytes, step: int, seat: int, position: int) -> Entry:
    """The result of a supplementary step (from 1)."""
    return {"M": m.hex(), "step": step, "seat": seat, "position": position}


def result_digest(salt: bytes, body: Mapping[str, Any]) -> bytes:
    """The commitment to a result under a salt of 16 bytes; 32 bytes."""
    return sha256(b"BDP1/result\0", salt, canon(body))


def evidence_digest(salt: bytes, evidence: bytes) -> bytes:
    """The commitment to a decline's evidence under a salt of 16 bytes; 32 bytes."""
    return sha256(b"BDP1/evidence\0", salt, evidence)


def registry_message(n: int, root: bytes, epoch: int, changes: bytes) -> bytes:
    """What the authority signs for a snapshot; `changes` is the hash of the change list."""
    body = {"n": n, "root": root.hex(), "epoch": epoch, "changes": changes.hex()}
    return b"BDP1/registry\0" + canon(body)


def entry_message(entry: Mapping[str, Any]) -> bytes:
    """What is signed of an entry: everything but its `sig`."""
    return b"BDP1/entry\0" + canon({k: v for k, v in entry.items() if k != "sig"})


def sign_entry(entry: Mapping[str, Any], key: Ed25519PrivateKey) -> Entry:
    """The entry with its signature."""
    return {**entry, "sig": key.sign(entry_message(entry)).hex()}


def entry_signed(entry: Mapping[str, Any], public_key: bytes) -> bool:
    """Whether the entry's `sig` is of the Ed25519 key `public_key` (32 bytes)."""
    return signed(public_key, bytes.fromhex(entry["sig"]), entry_message(entry))
