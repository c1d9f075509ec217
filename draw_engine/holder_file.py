"""A share holder's own file: its key and its secret behind a passphrase, and its journal.

The journal is what makes "one release for each tip and step" true after a crash: a line
is on the disk before the value it tells of leaves the machine.
"""

import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from foundation.errors import Kind, ServiceError

VERSION: Final = "BDP1-holder"
SECRET_BYTES: Final = 32
NONCE_BYTES: Final = 12
SALT_BYTES: Final = 16
COST: Final = 2**15
LEAST_PASSPHRASE: Final = 12


class HolderFileUnusable(ServiceError):
    """The file or its journal does not open: wrong passphrase, changed bytes, or not ours."""

    code = "draw.holder_file_unusable"
    kind = Kind.INVALID


class PassphraseTooShort(ServiceError):
    """The passphrase that would protect the file is too short."""

    code = "draw.passphrase_too_short"
    kind = Kind.INVALID


@dataclass
class HolderFile:
    """An opened file. `secret` is where every chain comes from; 32 bytes."""

    path: Path
    party: str
    key: Ed25519PrivateKey = field(repr=False)
    secret: bytes = field(repr=False)

    @property
    def public_key(self) -> bytes:
        """Ed25519, 32 bytes: what the service registers."""
        return self.key.public_key().public_bytes_raw()

    @classmethod
    def make(cls, path: Path, party: str, passphrase: str) -> Self:
        """A new file with fresh secrets; an existing one is never overwritten.

        Raises:
            PassphraseTooShort: fewer than twelve characters.
            FileExistsError: the file is there.
        """
        if len(passphrase) < LEAST_PASSPHRASE:
            raise PassphraseTooShort(least=LEAST_PASSPHRASE)
        key, secret = secrets.token_bytes(SECRET_BYTES), secrets.token_bytes(SECRET_BYTES)
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
        head = {"v": VERSION, "party": party, "salt": salt.hex(), "nonce": nonce.hex()}
        plain = json.dumps({"key": key.hex(), "secret": secret.hex()}).encode()
        sealed = AESGCM(_stretch(passphrase, salt)).encrypt(nonce, plain, _bound(head))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_new(path, json.dumps({**head, "sealed": sealed.hex()}).encode())
        return cls(path, party, Ed25519PrivateKey.from_private_bytes(key), secret)

    @classmethod
    def open(cls, path: Path, passphrase: str) -> Self:
        """The file, opened.

        Raises:
            HolderFileUnusable: wrong passphrase, changed bytes, or not a holder's file.
        """
        try:
            head = json.loads(path.read_bytes())
            sealed = bytes.fromhex(head.pop("sealed"))
            cipher = AESGCM(_stretch(passphrase, bytes.fromhex(head["salt"])))
            opened = cipher.decrypt(bytes.fromhex(head["nonce"]), sealed, _bound(head))
            plain = json.loads(opened)
            key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(plain["key"]))
            return cls(path, head["party"], key, bytes.fromhex(plain["secret"]))
        except (InvalidTag, ValueError, KeyError, TypeError) as bad:
            raise HolderFileUnusable(file=path.name) from bad

    def journal(self) -> "Journal":
        """The journal beside the file."""
        return Journal(self.path.with_suffix(".journal"), self.secret)


class Journal:
    """Sealed lines, one for each thing a holder must never forget."""

    def __init__(self, path: Path, secret: bytes) -> None:
        self._path = path
        self._cipher = AESGCM(secret)
        self._lines: list[dict[str, Any]] = []
        if path.exists():
            # A line without its end was never acted on: the act follows the write.
            whole = path.read_bytes()
            kept = whole[: whole.rfind(b"\n") + 1]
            if kept != whole:
                with path.open("r+b") as file:
                    file.truncate(len(kept))
            self._lines = [self._opened(at, row) for at, row in enumerate(kept.splitlines())]

    def find(self, kind: str, **members: object) -> dict[str, Any] | None:
        """The newest line of a kind with these members."""
        for line in self._lines[::-1]:
            if line["kind"] == kind and all(line.get(k) == v for k, v in members.items()):
                return line
        return None

    def write(self, kind: str, **members: object) -> None:
        """Remember something; on the disk when this returns."""
        line = {"kind": kind, **members}
        nonce = secrets.token_bytes(NONCE_BYTES)
        context = str(len(self._lines)).encode()
        sealed = nonce + self._cipher.encrypt(nonce, json.dumps(line).encode(), context)
        new = not self._path.exists()
        descriptor = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(b64encode(sealed) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if new:
            _sync_folder(self._path.parent)
        self._lines.append(line)

    def _opened(self, at: int, row: bytes) -> dict[str, Any]:
        try:
            sealed = b64decode(row, validate=True)
            nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            line: dict[str, Any] = json.loads(self._cipher.decrypt(nonce, rest, str(at).encode()))
        except (InvalidTag, ValueError) as bad:
            raise HolderFileUnusable(file=self._path.name, line=at) from bad
        return line


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=COST, r=8, p=1).derive(passphrase.encode())


def _bound(head: Mapping[str, str]) -> bytes:
    return json.dumps(dict(sorted(head.items()))).encode()


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
