"""Sealed sheets, byte by byte as PROTOCOL.md section 6 says; the browser does the same.

A sheet travels as a commitment and an envelope. The commitment binds the member now; the
envelope lets the room read it later, with a private key that the service only touches
once `room.all_sheets_sealed` is a fact.
"""

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import ValidationError

from evaluation_room.core.values import Envelope, Sheet
from foundation.digest import NotCanonical, canon, parse_canon, tagged

SALT_BYTES = 32
COMMITMENT_TAG = "expert-draw/sheet/1"
KEY_INFO = b"expert-draw/sheet-key/1"
ZERO_IV = bytes(12)


class Unreadable(Exception):
    """The envelope does not open under this key, or holds no canonical sheet."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The four random inputs of one sealing; fresh each time, fixed only in vectors."""

    salt: bytes
    ephemeral: bytes
    key: bytes
    iv: bytes

    @classmethod
    def fresh(cls) -> "Chance":
        """New randomness from the operating system."""
        return cls(*(secrets.token_bytes(n) for n in (SALT_BYTES, 32, 32, 12)))


def canonical(sheet: Sheet) -> bytes:
    """The canonical bytes of a sheet."""
    return canon(sheet.model_dump(mode="json"))


def commitment(salt: bytes, sheet: bytes) -> bytes:
    """What the member publishes at sealing; 32 bytes."""
    return tagged(COMMITMENT_TAG, salt, sheet)


def seal(sheet: Sheet, opening_key: bytes, chance: Chance | None = None) -> tuple[str, Envelope]:
    """Seal as a browser does.

    Args:
        opening_key: the room's X25519 public key, 32 bytes.

    Returns:
        The commitment in hex, and the envelope.
    """
    dice = chance or Chance.fresh()
    body = canonical(sheet)
    bound = commitment(dice.salt, body)
    ephemeral = X25519PrivateKey.from_private_bytes(dice.ephemeral)
    eph = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(opening_key))
    wrapped = AESGCM(_wrap_key(shared, eph, opening_key)).encrypt(ZERO_IV, dice.key, bound)
    ct = AESGCM(dice.key).encrypt(dice.iv, dice.salt + body, bound)
    envelope = Envelope(eph=eph.hex(), wrapped=wrapped.hex(), iv=dice.iv.hex(), ct=ct.hex())
    return bound.hex(), envelope


def unseal(envelope: Envelope, bound: bytes, private: bytes) -> tuple[bytes, bytes]:
    """Open an envelope.

    Args:
        bound: the commitment that travelled with it; also the additional data of both layers.
        private: the room's X25519 private key, 32 bytes.

    Returns:
        Salt and the sheet's bytes, not yet checked against the commitment.

    Raises:
        Unreadable: a wrong key, a changed byte, a low-order point.
    """
    ours = X25519PrivateKey.from_private_bytes(private)
    eph = bytes.fromhex(envelope.eph)
    try:
        shared = ours.exchange(X25519PublicKey.from_public_bytes(eph))
        wrap = _wrap_key(shared, eph, ours.public_key().public_bytes_raw())
        key = AESGCM(wrap).decrypt(ZERO_IV, bytes.fromhex(envelope.wrapped), bound)
        iv = bytes.fromhex(envelope.iv)
        plain = AESGCM(key).decrypt(iv, bytes.fromhex(envelope.ct), bound)
    except (InvalidTag, ValueError) as bad:
        raise Unreadable from bad
    return plain[:SALT_BYTES], plain[SALT_BYTES:]


def read(body: bytes) -> Sheet:
    """The sheet in `body`; sealing it again gives the same bytes.

    Raises:
        Unreadable: not the canonical bytes of a sheet with every field present.
    """
    try:
        sheet = Sheet.model_validate(parse_canon(body))
        if canonical(sheet) != body:
            raise Unreadable
    except (NotCanonical, ValidationError) as bad:
        raise Unreadable from bad
    return sheet


def public_of(private: bytes) -> bytes:
    """The X25519 public key of a private one; 32 bytes."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _wrap_key(shared: bytes, eph: bytes, opening_key: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=eph + opening_key, info=KEY_INFO).derive(shared)
