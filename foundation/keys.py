"""Keys live in 0600 files outside the databases, made on first use.

A field key seals short personal values (AES-256-GCM, fresh nonce, bound to a context) and
gives a keyed blind index, so that equality can be searched without storing the value.
"""

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.errors import Kind, ServiceError

NONCE_BYTES = 12


class KeyUnusable(ServiceError):
    """A key file has wrong permissions or length, or a sealed value does not open with it."""

    code = "foundation.key_unusable"
    kind = Kind.UNAVAILABLE


class FieldKey:
    """Seals and blinds the values of one kind of field."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_derive(key, b"seal"))
        self._index = _derive(key, b"blind")

    def seal(self, plain: str, *, context: str) -> bytes:
        """Nonce (12 bytes) and ciphertext; opens only under the same `context`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain.encode(), context.encode())

    def open(self, sealed: bytes, *, context: str) -> str:
        """The plain value.

        Raises:
            KeyUnusable: another key or context, or changed bytes.
        """
        try:
            plain = self._cipher.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode()
            )
        except InvalidTag as wrong:
            raise KeyUnusable(context=context) from wrong
        return plain.decode()

    def blind(self, plain: str) -> bytes:
        """Keyed index of a value, 32 bytes; equal values have equal indexes."""
        return hmac.digest(self._index, plain.encode(), "sha256")


class KeyRing:
    """The key files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def secret(self, name: str, size: int = 32) -> bytes:
        """The secret called `name`, made by the system's chance where there is none.

        Raises:
            KeyUnusable: others may read the file, or its length is wrong.
        """
        path = self._folder / f"{name}.key"
        if not path.exists():
            self._make(path, secrets.token_bytes(size))
        if path.stat().st_mode & 0o077:
            raise KeyUnusable(key=name, why="permissions")
        value = path.read_bytes()
        if len(value) != size:
            raise KeyUnusable(key=name, why="length")
        return value

    def given(self, name: str, size: int = 32) -> bytes | None:
        """The secret called `name` that a person has put here; None where nobody has.

        Raises:
            KeyUnusable: as `secret`.
        """
        return self.secret(name, size) if (self._folder / f"{name}.key").exists() else None

    def give(self, name: str, value: bytes) -> None:
        """Put a secret here that was made elsewhere; one that is here already stays.

        Raises:
            KeyUnusable: another one is here.
        """
        self._make(self._folder / f"{name}.key", value)
        if self.secret(name, len(value)) != value:
            raise KeyUnusable(key=name, why="another")

    def signing(self, name: str) -> Ed25519PrivateKey:
        """The Ed25519 key called `name`."""
        return Ed25519PrivateKey.from_private_bytes(self.secret(name))

    def fields(self, name: str) -> FieldKey:
        """The field key called `name`."""
        return FieldKey(self.secret(name))

    def _make(self, path: Path, value: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        # A crash before the link leaves only a draft; two makers agree on the first link.
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, b"expert-draw/field\0" + purpose, sha256)
