"""Checkpoints of the log as signed notes (C2SP), and the signatures of log and witnesses.

    draw.example/log
    1
    3hK2wyUYlwXoUPBwAGp1nHOQSClBWlfrEpE4m3/uDks=

    — draw.example/log gI7cnWqqBXTF…
    — supervisor.example/w t3LlogAAAABk5Jv1…

The three lines above the empty one are the *text*: origin, size, root. Below it stands one
line for each signature: a name and base64 of key id, for a cosignature the time, signature.

Reading is strict on purpose: base64 must be the one canonical spelling, numbers have no
leading zeros, nothing may follow. A lenient reader would accept two notes for one checkpoint.

Source: draw_engine/SPEC.md section 8; C2SP signed-note, tlog-checkpoint, tlog-cosignature.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from foundation.digest import sha256
from foundation.errors import Kind, ServiceError

LOG_KEY: Final = b"\x01"
COSIGNATURE_KEY: Final = b"\x04"

_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_NAME = re.compile(r"[^\s+]+")
_DASH: Final = "\u2014 "


class NoteUnreadable(ServiceError):
    """The bytes are not a signed checkpoint in its one canonical spelling."""

    code = "ledger.note_unreadable"
    kind = Kind.INVALID


@dataclass(frozen=True, slots=True)
class CheckpointText:
    """What a checkpoint says: the log named `origin` had `size` entries under `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """The three lines that are signed, each with its newline."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """The checkpoint whose text is exactly `text`.

        Raises:
            NoteUnreadable: another number of lines, a bad size or a root that is not 32 bytes.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
            raise NoteUnreadable(why="text")
        digest = _base64(lines[2])
        if len(digest) != 32:
            raise NoteUnreadable(why="root")
        return cls(lines[0], int(lines[1]), digest)


class SignatureLine(NamedTuple):
    """One signature: who claims it, the 4-byte key id, and the bytes behind the key id."""

    name: str
    key_id: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A checkpoint's text and every signature line under it, valid or not."""

    text: str
    signatures: tuple[SignatureLine, ...]

    @property
    def checkpoint(self) -> CheckpointText:
        """What the text says.

        Raises:
            NoteUnreadable: the text is no checkpoint.
        """
        return CheckpointText.read(self.text)


def read_note(note: str) -> SignedNote:
    """Take a signed note apart, without judging its signatures.

    Raises:
        NoteUnreadable: no empty line, no signature, or a line that is not canonical.
    """
    text, gap, rest = note.partition("\n\n")
    if not gap or not rest.endswith("\n"):
        raise NoteUnreadable(why="form")
    return SignedNote(text + "\n", tuple(read_line(line) for line in rest[:-1].split("\n")))


def read_line(line: str) -> SignatureLine:
    """One signature line, without its newline.

    Raises:
        NoteUnreadable: the line is not `— name base64`.
    """
    name, space, packed = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not _NAME.fullmatch(name):
        raise NoteUnreadable(why="signature line")
    payload = _base64(packed)
    if len(payload) <= 4:
        raise NoteUnreadable(why="signature line")
    return SignatureLine(name, payload[:4], payload[4:])


def write_note(text: CheckpointText, *lines: str) -> str:
    """The signed note: text, empty line, then `lines` as `sign_log` and `cosign` made them."""
    return f"{text}\n" + "".join(lines)


def key_id(name: str, algorithm: bytes, public_key: bytes) -> bytes:
    """The 4 bytes that name a key in a line; `algorithm` is LOG_KEY or COSIGNATURE_KEY."""
    return sha256(name.encode() + b"\n" + algorithm + public_key)[:4]


def sign_log(text: CheckpointText, key: Ed25519PrivateKey) -> str:
    """The log's own signature line, newline included; its name is the origin."""
    public = key.public_key().public_bytes_raw()
    signature = key.sign(str(text).encode())
    return _line(text.origin, key_id(text.origin, LOG_KEY, public) + signature)


def cosign(text: CheckpointText, name: str, key: Ed25519PrivateKey, at: int) -> str:
    """A witness's cosignature/v1 line, newline included.

    Args:
        name: the witness, e.g. `supervisor.example/w`.
        at: Unix seconds at which the witness saw the checkpoint.
    """
    public = key.public_key().public_bytes_raw()
    signature = key.sign(_cosigned_bytes(str(text), at))
    return _line(name, key_id(name, COSIGNATURE_KEY, public) + at.to_bytes(8, "big") + signature)


def log_signed(note: SignedNote, origin: str, public_key: bytes) -> bool:
    """Whether the log `origin` with this Ed25519 key (32 bytes) signed the note's text."""
    wanted = key_id(origin, LOG_KEY, public_key)
    return any(
        line.name == origin
        and line.key_id == wanted
        and _verified(public_key, line.payload, note.text.encode())
        for line in note.signatures
    )


def cosigned_at(note: SignedNote, name: str, public_key: bytes) -> int | None:
    """Unix seconds of the valid cosignature of this witness, or None where there is none.

    Two valid ones by the same witness: the older, so a later one cannot rejuvenate a note.
    """
    wanted = key_id(name, COSIGNATURE_KEY, public_key)
    times = [
        int.from_bytes(line.payload[:8], "big")
        for line in note.signatures
        if line.name == name and line.key_id == wanted and _cosignature(note, line, public_key)
    ]
    return min(times, default=None)


def _cosignature(note: SignedNote, line: SignatureLine, public_key: bytes) -> bool:
    at = int.from_bytes(line.payload[:8], "big")
    return _verified(public_key, line.payload[8:], _cosigned_bytes(note.text, at))


def _cosigned_bytes(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _verified(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _line(name: str, payload: bytes) -> str:
    return f"{_DASH}{name} {b64encode(payload).decode()}\n"


def _base64(text: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except ValueError as bad:
        raise NoteUnreadable(why="base64") from bad
    if b64encode(data).decode() != text:  # spare bits set: the same bytes, another spelling
        raise NoteUnreadable(why="base64")
    return data
