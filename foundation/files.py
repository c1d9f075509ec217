"""Files on disk, named by the SHA-256 of what they hold: in the clear, or sealed."""

import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Files:
    """Documents on disk, named by their hash; a written file never changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Keep `data`; its SHA-256 in hex. A crash leaves at most a file nobody names."""
        name = sha256(data).hexdigest()
        path = self._path(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_suffix(".part")
            draft.write_bytes(data)
            draft.replace(path)
        return name

    def get(self, name: str) -> bytes:
        """The bytes with this hash.

        Raises:
            FileNotFoundError: not here. ValueError: the file is not what its name says.
        """
        data = self._path(name).read_bytes()
        if sha256(data).hexdigest() != name:
            raise ValueError(f"file {name} has changed")
        return data

    def has(self, name: str) -> bool:
        """Whether a file with this hash is here."""
        return self._path(name).exists()

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name


class SealedFiles:
    """Files that tell of a person: on disk nonce and AES-256-GCM ciphertext, bound to the hash.

    Args:
        key: 32 bytes, `KeyRing.secret`.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._files = folder
        self._cipher = AESGCM(key)

    def put(self, data: bytes) -> str:
        """Keep `data`; its SHA-256 in hex. A crash leaves at most a file nobody names."""
        name = sha256(data).hexdigest()
        path = self._path(name)
        if not path.exists():
            nonce = secrets.token_bytes(NONCE_BYTES)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_suffix(".part")
            draft.write_bytes(nonce + self._cipher.encrypt(nonce, data, name.encode()))
            draft.replace(path)
        return name

    def get(self, name: str) -> bytes:
        """The bytes with this hash.

        Raises:
            FileNotFoundError: not here. ValueError: the file is not what its name says.
        """
        sealed = self._path(name).read_bytes()
        nonce = sealed[:NONCE_BYTES]
        try:
            return self._cipher.decrypt(nonce, sealed[NONCE_BYTES:], name.encode())
        except InvalidTag as changed:
            raise ValueError(f"file {name} has changed") from changed

    def has(self, name: str) -> bool:
        """Whether a file with this hash is here."""
        return self._path(name).exists()

    def erase(self, name: str) -> None:
        """Forget a file for good; one that is not here is forgotten already."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._files / name[:2] / name
