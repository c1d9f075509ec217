"""Snapshots of the pool under an epoch's own keys, kept sealed by the vault.

A draw uses the newest snapshot that is old enough, so its rows must still be there as
they were that day: they are packed, sealed and stored with the epoch.
"""

import json
import secrets
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import col, select

from draw_engine.core.columns import ExpertFacts
from draw_engine.core.entries import registry_message
from draw_engine.core.snapshot import PooledExpert, PoolKeys, masked, tree_of
from draw_engine.vault_store import EpochRow
from foundation.db import Database
from foundation.digest import canon, sha256
from foundation.errors import Kind, ServiceError
from foundation.keys import KeyRing

KEPT_IN_MEMORY: Final = 2
NONCE_BYTES: Final = 12

Identities = Mapping[str, Mapping[str, Any]]


class NoSnapshot(ServiceError):
    """There is no such snapshot of the pool."""

    code = "draw.no_snapshot"
    kind = Kind.CONFLICT


class PoolRow(NamedTuple):
    """One expert of a snapshot: what is masked, and what `where` looks at."""

    expert: PooledExpert
    codes: list[str]
    title: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot as the ledger shows it; `root`, `changes` 32 bytes, `authority` 64."""

    epoch: int
    n: int
    root: bytes
    changes: bytes
    authority: bytes
    at: datetime


class Box:
    """Seals whole blobs; each opens only under its own context."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Nonce and ciphertext of the packed bytes."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, zlib.compress(plain, 6), context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """What `seal` was given."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return zlib.decompress(self._cipher.decrypt(nonce, rest, context.encode()))


class Snapshots:
    """Takes snapshots and opens old ones; part of the vault."""

    KEY_NAMES: ClassVar[tuple[str, ...]] = ("tag", "org", "salt")

    def __init__(self, database: Database, keys: KeyRing, box: Box) -> None:
        self._database = database
        self._keys = keys
        self._box = box
        self._opened: OrderedDict[int, list[PoolRow]] = OrderedDict()

    def keys_of(self, epoch: int) -> PoolKeys:
        """The pseudonym keys of an epoch; a snapshot is an epoch of its own."""
        return PoolKeys(*(self._keys.secret(f"epoch-{epoch}-{name}") for name in self.KEY_NAMES))

    def newest(self) -> Taken | None:
        """The newest snapshot."""
        with self._database.read() as db:
            row = db.exec(select(EpochRow).order_by(col(EpochRow.epoch).desc())).first()
            return None if row is None else _taken(row)

    def get(self, epoch: int) -> Taken:
        """The snapshot of an epoch; NoSnapshot if there is none."""
        return _taken(self._row(epoch))

    def take(
        self,
        facts: Iterable[ExpertFacts],
        identities: Identities,
        at: datetime,
        authority: Ed25519PrivateKey,
    ) -> Taken:
        """Mask the pool as it is now, under new keys.

        Args:
            facts: every expert of the pool.
            identities: `{"id", "name"}` by expert id.
            authority: signs the root and the list of changes for the registry.
        """
        before = self.newest()
        epoch = before.epoch + 1 if before else 1
        rows = sorted((_packed(one, identities) for one in facts), key=lambda row: row[0])
        known = [] if before is None else self._packed_rows(before.epoch)
        tree = tree_of(masked((_unpacked(row).expert for row in rows), self.keys_of(epoch)))
        changes = sha256(canon(changes_between(known, rows)))
        signature = authority.sign(registry_message(tree.size, tree.root, epoch, changes))
        packed = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
        row = EpochRow(
            epoch=epoch,
            n=tree.size,
            root=tree.root,
            changes=changes,
            authority=signature,
            at=at,
            rows=self._box.seal(packed, f"epoch {epoch}"),
        )
        taken = _taken(row)
        with self._database.write() as db:
            db.add(row)
        return taken

    def rows(self, epoch: int) -> list[PoolRow]:
        """The experts of a snapshot, by ascending id."""
        if epoch in self._opened:
            self._opened.move_to_end(epoch)
        else:
            self._opened[epoch] = [_unpacked(row) for row in self._packed_rows(epoch)]
            while len(self._opened) > KEPT_IN_MEMORY:
                self._opened.popitem(last=False)
        return self._opened[epoch]

    def changes(self, epoch: int) -> list[list[Any]]:
        """The registry's list of changes that led to a snapshot."""
        known = self._packed_rows(epoch - 1) if epoch > 1 else []
        return changes_between(known, self._packed_rows(epoch))

    def _packed_rows(self, epoch: int) -> list[list[Any]]:
        sealed = self._row(epoch).rows
        rows: list[list[Any]] = json.loads(self._box.open(sealed, f"epoch {epoch}"))
        return rows

    def _row(self, epoch: int) -> EpochRow:
        with self._database.read() as db:
            row = db.get(EpochRow, epoch)
        if row is None:
            raise NoSnapshot(epoch=epoch)
        return row


def changes_between(
    known: Sequence[Sequence[Any]], rows: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    """Experts that came, changed or went: [id, group, version], version 0 for who went."""
    before = {row[0]: row for row in known}
    now = {row[0]: row for row in rows}
    came = [[row[0], row[1], row[5]] for row in rows if before.get(row[0]) != row]
    went = [[id_, row[1], 0] for id_, row in before.items() if id_ not in now]
    return sorted(came + went)


def _packed(facts: ExpertFacts, identities: Identities) -> list[Any]:
    identity = canon(identities[facts.expert_id]).decode()
    qualification = canon(facts.qualification()).decode()
    return [
        str(facts.expert_id),
        facts.group,
        identity,
        qualification,
        facts.region,
        facts.version,
    ]


def _unpacked(row: Sequence[Any]) -> PoolRow:
    id_, group, identity, qualification, region, version = row
    expert = PooledExpert(id_, group, identity.encode(), qualification.encode(), region, version)
    shown = json.loads(qualification)
    return PoolRow(expert, shown["codes"], shown["title"])


def _taken(row: EpochRow) -> Taken:
    return Taken(row.epoch, row.n, row.root, row.changes, row.authority, row.at)
