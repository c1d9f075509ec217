"""Checkpoints: signed by the log when its size is new, cosigned by witnesses after that.

Signing stands outside the transaction of the facts: a crash in between leaves a size
without a checkpoint, and the next look signs the same text again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session, col, select

from foundation.clock import Clock
from foundation.db import Database
from foundation.errors import Kind, ServiceError
from foundation.ledger.note import (
    CheckpointText,
    NoteUnreadable,
    cosigned_at,
    read_note,
    sign_log,
    write_note,
)
from foundation.ledger.store import CheckpointRow, CosignatureRow

FINGERPRINT_CHARACTERS: Final = 10
MOST_ENTRIES: Final = 2**53
AT_ONCE: Final = 16
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class BadCosignature(ServiceError):
    """The line is no valid cosignature of this witness on this checkpoint."""

    code = "ledger.bad_cosignature"
    kind = Kind.INVALID


@dataclass(frozen=True, slots=True)
class Witness:
    """Who may cosign: a name and an Ed25519 public key (32 bytes)."""

    name: str
    key: bytes


@dataclass(frozen=True, slots=True)
class LogSigner:
    """The log's own name and key."""

    origin: str
    key: Ed25519PrivateKey

    @property
    def public_key(self) -> bytes:
        """Ed25519 public key, 32 bytes."""
        return self.key.public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A size and root of the log with every signature so far.

    `cosigned` maps a witness's name to its Unix seconds; `note` is the whole signed note.
    """

    size: int
    root: bytes
    note: str
    cosigned: dict[str, int]

    @property
    def fingerprint(self) -> str:
        """First ten base32 characters of the root, as printed on a draw certificate."""
        return fingerprint_of(self.root)


def fingerprint_of(root: bytes) -> str:
    """First ten base32 characters of a root of 32 bytes."""
    number = int.from_bytes(root[:8], "big") >> 64 - 5 * FINGERPRINT_CHARACTERS
    digits = [number >> 5 * place & 31 for place in reversed(range(FINGERPRINT_CHARACTERS))]
    return "".join(_ALPHABET[digit] for digit in digits)


class Checkpoints:
    """The stored checkpoints of one log."""

    def __init__(self, database: Database, clock: Clock, signer: LogSigner) -> None:
        self._database = database
        self._clock = clock
        self._signer = signer

    def sign(self, size: int, root: bytes) -> Checkpoint:
        """Sign and store the checkpoint of a new size."""
        text = CheckpointText(self._signer.origin, size, root)
        line = sign_log(text, self._signer.key)
        with self._database.write() as db:
            if db.get(CheckpointRow, size) is None:
                now = self._clock.now()
                db.add(CheckpointRow(size=size, root=root, text=str(text), line=line, at=now))
        return self.of(size)

    def of(self, size: int) -> Checkpoint:
        """The checkpoint of this size.

        Raises:
            LookupError: it was never signed.
        """
        if (found := self.at(size)) is None:
            raise LookupError(size)
        return found

    def at(self, size: int) -> Checkpoint | None:
        """The checkpoint of this size, if it was signed."""
        with self._database.read() as db:
            row = db.get(CheckpointRow, size)
            return None if row is None else _with_cosignatures(db, [row])[0]

    def since(self, size: int) -> list[Checkpoint]:
        """Checkpoints of larger sizes, ascending."""
        statement = (
            select(CheckpointRow).where(CheckpointRow.size > size).order_by(col(CheckpointRow.size))
        )
        with self._database.read() as db:
            return _with_cosignatures(db, list(db.exec(statement)))

    def newest_cosigned(self, since: int) -> Iterator[Checkpoint]:
        """Checkpoints of larger sizes that a witness has cosigned, descending."""
        before = MOST_ENTRIES
        while True:
            statement = (
                select(CheckpointRow)
                .where(
                    col(CheckpointRow.size).in_(select(CosignatureRow.size)),
                    CheckpointRow.size > since,
                    CheckpointRow.size < before,
                )
                .order_by(col(CheckpointRow.size).desc())
                .limit(AT_ONCE)
            )
            with self._database.read() as db:
                found = _with_cosignatures(db, list(db.exec(statement)))
            if not found:
                return
            yield from found
            before = found[-1].size

    def cosign(self, size: int, line: str, witness: Witness) -> Checkpoint:
        """Store the first valid line of a witness; later ones change nothing.

        Raises:
            BadCosignature: no checkpoint of this size, or the line does not verify.
        """
        known = self.at(size)
        if known is None:
            raise BadCosignature(size=size, why="unknown size")
        if witness.name in known.cosigned:
            return known
        line = line.removesuffix("\n") + "\n"
        try:
            text = CheckpointText(self._signer.origin, size, known.root)
            time = cosigned_at(read_note(write_note(text, line)), witness.name, witness.key)
        except NoteUnreadable as bad:
            raise BadCosignature(size=size, why="unreadable") from bad
        if time is None:
            raise BadCosignature(size=size, why="signature")
        with self._database.write() as db:
            if db.get(CosignatureRow, (size, witness.name)) is None:
                db.add(CosignatureRow(size=size, name=witness.name, line=line, time=time))
        return self.of(size)


def _with_cosignatures(db: Session, rows: list[CheckpointRow]) -> list[Checkpoint]:
    if not rows:
        return []
    lines: dict[int, list[CosignatureRow]] = {row.size: [] for row in rows}
    # All sizes between: a long log would ask for more single ones than a statement may hold.
    between = col(CosignatureRow.size).between(min(lines), max(lines))
    statement = select(CosignatureRow).where(between)
    for cosignature in db.exec(statement.order_by(col(CosignatureRow.name))):
        if cosignature.size in lines:
            lines[cosignature.size].append(cosignature)
    return [
        Checkpoint(
            row.size,
            row.root,
            row.text + "\n" + row.line + "".join(one.line for one in lines[row.size]),
            {one.name: one.time for one in lines[row.size]},
        )
        for row in rows
    ]
