"""Snapshots of the pool under an epoch's own keys, kept sealed by the vault.

A draw uses the newest snapshot that is old enough, so its experts must still be there as
they were that day: they are sealed and stored with the epoch, part by part, and read back
as columns. Neither taking nor reading one ever holds a pool as objects.
"""

import io
import json
import logging
import secrets
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import col, delete, select

from draw_engine.core.changes import changes_between, changes_hash
from draw_engine.core.columns import ExpertFacts
from draw_engine.core.entries import registry_message
from draw_engine.core.masking import by_tag, mask
from draw_engine.core.pooled import PooledColumns
from draw_engine.core.snapshot import PooledExpert, PoolKeys
from draw_engine.core.texts import Ints, Names
from draw_engine.core.w256 import Tree
from draw_engine.vault_store import EpochPartRow, EpochRow
from foundation.db import Database
from foundation.errors import Kind, ServiceError
from foundation.keys import KeyRing

log = logging.getLogger(__name__)

MOST_BYTES_IN_MEMORY: Final = 256 * 2**20
"""Of opened snapshots: about one of a national pool, or many of a city's."""

NONCE_BYTES: Final = 12
QUICK: Final = 1
"""Compression of parts: seconds for a national pool, where the best takes a minute."""

Identities = Mapping[str, Mapping[str, Any]]
Batches = Iterable[tuple[Sequence[ExpertFacts], Identities]]
"""Experts by ascending id with their identities, some thousand at a time."""


class NoSnapshot(ServiceError):
    """There is no such snapshot of the pool."""

    code = "draw.no_snapshot"
    kind = Kind.CONFLICT


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

    def seal(self, plain: bytes, context: str, level: int = 6) -> bytes:
        """Nonce and ciphertext of the packed bytes; `level` 0 packs nothing."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        packed = zlib.compress(plain, level)
        return nonce + self._cipher.encrypt(nonce, packed, context.encode())

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
        self._opened: OrderedDict[int, PooledColumns] = OrderedDict()
        self._opening = threading.RLock()
        self._places: tuple[int, Names, Ints] | None = None

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

    def take(self, batches: Batches, at: datetime, authority: Ed25519PrivateKey) -> Taken:
        """Mask the pool as it is now, under new keys.

        Args:
            batches: every expert of the pool.
            authority: signs the root and the list of changes for the registry.
        """
        before = self.newest()
        epoch = before.epoch + 1 if before else 1
        with self._database.write() as db:
            # Parts without their epoch: a process died while it took this snapshot.
            db.connection().execute(delete(EpochPartRow).where(col(EpochPartRow.epoch) >= epoch))
        leaves = _Leaves()
        known = _experts(self._parts(before.epoch)) if before else iter(())
        stored = self._stored(epoch, batches, leaves)
        changes = changes_hash(changes_between(known, _experts(stored)))
        tree = leaves.tree()
        signature = authority.sign(registry_message(tree.size, tree.root, epoch, changes))
        row = EpochRow(
            epoch=epoch,
            n=tree.size,
            root=tree.root,
            changes=changes,
            authority=signature,
            at=at,
            rows=b"",
        )
        taken = _taken(row)
        with self._database.write() as db:
            db.add(row)
        return taken

    def columns(self, epoch: int) -> PooledColumns:
        """The experts of a snapshot, by ascending id."""
        with self._opening:
            if epoch not in self._opened:
                self._row(epoch)
                # Room is made first: two national snapshots side by side are one too many.
                self._make_room(MOST_BYTES_IN_MEMORY // 2)
                self._opened[epoch] = PooledColumns.joined(self._parts(epoch))
            self._opened.move_to_end(epoch)
            return self._opened[epoch]

    def opener(self, epoch: int) -> Callable[[int], PooledExpert]:
        """Opens single rows of a snapshot."""
        return lambda row: self.columns(epoch).expert(row)

    def places(self, epoch: int, names: Names) -> Ints:
        """For each row of a snapshot its place in `names`, -1 where it has none.

        Kept for the last names asked for: they change with the pool, not with a draw.
        """
        known = self._places
        if known is None or known[0] != epoch or known[1] is not names:
            ids = self.columns(epoch).ids
            same = ids == names
            found = np.arange(len(ids), dtype=np.int32) if same else names.rows_of(ids.cells)
            known = self._places = (epoch, names, found)
        return known[2]

    def changes_hash(self, epoch: int) -> bytes:
        """The hash of the registry's list of changes that led to a snapshot, made anew."""
        known = _experts(self._parts(epoch - 1)) if epoch > 1 else iter(())
        return changes_hash(changes_between(known, _experts(self._parts(epoch))))

    def _stored(self, epoch: int, batches: Batches, leaves: "_Leaves") -> Iterator[PooledColumns]:
        """Seal and store each batch, and hand it on."""
        keys, done = self.keys_of(epoch), 0
        for number, (facts, identities) in enumerate(batches):
            part = PooledColumns.of(facts, identities)
            leaves.add(part, keys)
            sealed = self._box.seal(_packed(part), _context(epoch, number), QUICK)
            with self._database.write() as db:
                db.add(EpochPartRow(epoch=epoch, part=number, sealed=sealed))
            done += len(part)
            log.info("snapshot_progress", extra={"epoch": epoch, "experts": done})
            yield part

    def _parts(self, epoch: int) -> Iterator[PooledColumns]:
        old = self._row(epoch).rows
        if old:  # written by a version that kept a snapshot in one piece
            yield PooledColumns.of_rows(json.loads(self._box.open(old, f"epoch {epoch}")))
            return
        with self._database.read() as db:
            wanted = select(EpochPartRow.part).where(EpochPartRow.epoch == epoch)
            numbers = list(db.exec(wanted.order_by(col(EpochPartRow.part))))
        for number in numbers:
            with self._database.read() as db:
                sealed = db.get_one(EpochPartRow, (epoch, number)).sealed
            yield _unpacked(self._box.open(sealed, _context(epoch, number)))

    def _make_room(self, most: int) -> None:
        while sum(one.nbytes for one in self._opened.values()) > most:
            self._opened.popitem(last=False)

    def _row(self, epoch: int) -> EpochRow:
        with self._database.read() as db:
            row = db.get(EpochRow, epoch)
        if row is None:
            raise NoSnapshot(epoch=epoch)
        return row


class _Leaves:
    """Tags and leaves of a whole pool, as its parts come by."""

    def __init__(self) -> None:
        self._tags, self._leaves = bytearray(), bytearray()

    def add(self, part: PooledColumns, keys: PoolKeys) -> None:
        found = mask(part, np.arange(len(part), dtype=np.int32), keys)
        self._tags += found.tags.tobytes()
        self._leaves += found.leaves.tobytes()

    def tree(self) -> Tree:
        order = by_tag(np.frombuffer(self._tags, np.uint8).reshape(-1, 16))
        leaves = np.frombuffer(self._leaves, np.uint8).reshape(-1, 32)
        return Tree.over(leaves[order].reshape(-1).data)


def _experts(parts: Iterable[PooledColumns]) -> Iterator[PooledExpert]:
    for part in parts:
        yield from part.experts()


def _packed(part: PooledColumns) -> bytes:
    file = io.BytesIO()
    np.savez(file, **part.arrays())  # type: ignore[arg-type]  # its stub names one keyword of its own
    return file.getvalue()


def _unpacked(data: bytes) -> PooledColumns:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return PooledColumns.of_arrays({name: arrays[name] for name in arrays.files})


def _context(epoch: int, part: int) -> str:
    return f"epoch {epoch} part {part}"


def _taken(row: EpochRow) -> Taken:
    return Taken(row.epoch, row.n, row.root, row.changes, row.authority, row.at)
