"""A passkey device in software: makes ES256 keys, asks its owner, counts, signs.

It does what it is told, so that it can also be told to do wrong: to answer for another
origin, to leave its owner unasked, to count backwards.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, KEY_INSIDE = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value: Any) -> bytes:
    """The few kinds of CBOR that a device speaks: integers, bytes, text, maps."""
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    assert isinstance(value, dict)
    return _head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    width, code = (1, 24) if number < 256 else (2, 25)
    return bytes([kind << 5 | code]) + number.to_bytes(width, "big")


@dataclass
class Device:
    """One device with one key. `site` is where its browser stands: origin and host name."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    asks_owner: bool = True
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    raw_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    owner: str = ""

    @property
    def id(self) -> str:
        """The key's name."""
        return b64(self.raw_id)

    def makes(self, question: dict[str, Any], label: str = "手机") -> dict[str, Any]:
        """The body for POST /api/passkeys, to a question of the service."""
        self.owner = question["user"]["id"]
        inside = bytes(16) + len(self.raw_id).to_bytes(2, "big") + self.raw_id + self._cose()
        data = self._data(KEY_INSIDE) + inside
        attestation = cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return {
            "id": self.id,
            "client_data": b64(self._client("webauthn.create", question["challenge"])),
            "attestation": b64(attestation),
            "label": label,
        }

    def agrees(self, question: dict[str, Any]) -> dict[str, Any]:
        """The body for POST /api/passkeys/sign-in, to a question of the service."""
        if self.count:
            self.count += 1
        client = self._client("webauthn.get", question["challenge"])
        data = self._data(0)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return {
            "id": self.id,
            "client_data": b64(client),
            "authenticator_data": b64(data),
            "signature": b64(signature),
            "user_handle": self.owner or None,
        }

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, more: int) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.asks_owner else 0)
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _cose(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
