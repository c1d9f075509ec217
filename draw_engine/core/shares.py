"""Holders' hash chains, and how their opened values become the keys of a draw.

    y_{j-1} = H("BDP1/chain", y_j)      tip = H("BDP1/chain", y_0)
    IKM_0   = for each input in manifest order: u8(kind), u32(length), value
    K(info) = HKDF-SHA-256(IKM, salt = M, info = "BDP1/" info)

y_0 serves the primary draw, y_j the j-th supplementary step.

Source: SPEC.md section 4; tests/vectors/bdp1.json `ikm`, `key_primary`, `supplementary`.
"""

import hmac
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from draw_engine.core.errors import WrongShare
from foundation.digest import canon, sha256


class InputKind(IntEnum):
    """The byte before an input's value in the key material."""

    CHAIN = 1
    DRAND = 2
    DICE = 3


class InputValue(NamedTuple):
    """One opened input: 32 bytes of a chain or beacon, or the ASCII digits of dice."""

    kind: InputKind
    value: bytes


def earlier(y: bytes) -> bytes:
    """One link back: from y_j to y_{j-1}, from y_0 to the tip; 32 bytes."""
    return sha256(b"BDP1/chain\0", y)


def chain(last: bytes, steps: int) -> list[bytes]:
    """y_0 … y_L for the secret y_L, where L is `steps` = max_steps; L + 1 values of 32 bytes."""
    values = [last]
    for _ in range(steps):
        values.append(earlier(values[-1]))
    return values[::-1]


def tip_of(values: list[bytes]) -> bytes:
    """The tip that stands in the manifest for a chain y_0 … y_L."""
    return earlier(values[0])


def check_link(y: bytes, before: bytes) -> None:
    """Make sure that y_j hashes to `before`: y_{j-1}, or the tip for j = 0.

    Raises:
        WrongShare: it does not.
    """
    if earlier(y) != before:
        raise WrongShare


def tip_message(draw: Mapping[str, object], party: str, tip: bytes) -> bytes:
    """What a holder signs when it hands out its tip for one draw."""
    return b"BDP1/tip\0" + canon({"draw": draw, "party": party, "tip": tip.hex()})


def sign_tip(draw: Mapping[str, object], party: str, tip: bytes, key: Ed25519PrivateKey) -> bytes:
    """The holder's signature over its tip; 64 bytes."""
    return key.sign(tip_message(draw, party, tip))


def tip_signed(
    draw: Mapping[str, object], party: str, tip: bytes, signature: bytes, public_key: bytes
) -> bool:
    """Whether the holder with this Ed25519 key (32 bytes) signed this tip for this draw."""
    return signed(public_key, signature, tip_message(draw, party, tip))


def material(values: Iterable[InputValue]) -> bytes:
    """IKM_0 from all inputs in manifest order."""
    return b"".join(_tagged(item.kind, item.value) for item in values)


def extended(ikm: bytes, values: Iterable[bytes]) -> bytes:
    """IKM_j from IKM_{j-1} and the y_j of all chain parties in manifest order."""
    return ikm + b"".join(_tagged(InputKind.CHAIN, y) for y in values)


def derive(ikm: bytes, m: bytes, info: bytes) -> bytes:
    """K(info), 32 bytes, by HKDF-SHA-256 with the manifest's hash M as salt; one block suffices."""
    pseudorandom = hmac.digest(m, ikm, "sha256")
    return hmac.digest(pseudorandom, b"BDP1/" + info + b"\x01", "sha256")


def primary_key(ikm: bytes, m: bytes) -> bytes:
    """The AES key of the primary draw; its info has no zero byte at the end."""
    return derive(ikm, m, b"primary")


def step_key(ikm: bytes, m: bytes, slot: int, step: int) -> bytes:
    """The ticket key of slot `slot` (from 0) in step `step` (from 1), from IKM_j."""
    return derive(ikm, m, step_info(slot, step))


def list_key(ikm: bytes, m: bytes, slot: int) -> bytes:
    """The ticket key of a slot in `list` mode, the same in every step, from IKM_0."""
    return derive(ikm, m, list_info(slot))


def step_info(slot: int, step: int) -> bytes:
    """What the ticket key of a step is derived for, behind `BDP1/`."""
    return list_info(slot) + step.to_bytes(4, "big")


def list_info(slot: int) -> bytes:
    """What the ticket key of a slot in `list` mode is derived for, behind `BDP1/`."""
    return b"supp\0" + slot.to_bytes(2, "big")


def signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (64 bytes) of `message` is of the Ed25519 key `public_key` (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _tagged(kind: int, value: bytes) -> bytes:
    return kind.to_bytes(1, "big") + len(value).to_bytes(4, "big") + value
