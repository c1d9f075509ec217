"""Gathers what is published of an unsealed draw: the bundle, and apart from it the names.

The last checkpoint of a bundle holds everything in it; the others are those that the
holders and the vault waited for.
"""

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

from draw_engine import store
from draw_engine.core.bundle import (
    DrawRecord,
    PublishedCheckpoint,
    PublishedEntry,
    PublishedResult,
    build_bundle,
)
from draw_engine.core.draw_state import Draw
from draw_engine.freezing import SnapshotKeeper
from draw_engine.record import Cosigned, Record
from draw_engine.refusals import NotPublished
from draw_engine.vault import Vault
from foundation.digest import canon

KEPT_IN_MEMORY: Final = 16


class Publisher:
    """Makes the files that strangers check."""

    def __init__(self, record: Record, vault: Vault, snapshots: SnapshotKeeper) -> None:
        self._record = record
        self._vault = vault
        self._snapshots = snapshots
        self._made: dict[str, bytes] = {}

    def bundle(self, draw_id: str) -> bytes:
        """The attribute bundle in canonical bytes.

        Raises:
            NotPublished: not unsealed, aborted, or the last checkpoint is not cosigned yet.
        """
        if draw_id not in self._made:
            if len(self._made) >= KEPT_IN_MEMORY:
                self._made.clear()
            self._made[draw_id] = canon(build_bundle(self._gather(self._record.load(draw_id))))
        return self._made[draw_id]

    def opening(self, draw_id: str) -> bytes:
        """Manifest and handle salt of an aborted draw, canonical; it has no bundle.

        Raises:
            NotPublished: it was not aborted after its freeze, or is not opened yet.
        """
        draw = self._record.load(draw_id)
        if draw.ended is None or draw.unsealed is None or draw.manifest is None:
            raise NotPublished
        return canon({"manifest": draw.manifest, "handle_salt": draw.handle_salt})

    def identities(self, draw_id: str) -> bytes:
        """The identity openings of the final members in canonical bytes; never public here."""
        draw = self._record.load(draw_id)
        self.last_checkpoint(draw)
        return canon(self._vault.identities(draw_id, bytes.fromhex(draw.M)))

    def _gather(self, draw: Draw) -> DrawRecord:
        last = self.last_checkpoint(draw)
        manifest = draw.manifest or {}
        frozen = self._vault.frozen(draw.id)
        snapshot = next(s for s in self._snapshots.all() if s.taken.epoch == frozen.epoch)
        before = self._before(draw)
        entries = [
            *(e for one in before for e in self._record.entries(one.id)),
            *self._record.entries(draw.id),
        ]
        published = {e.index: e.protocol for e in entries if e.protocol is not None}
        published[snapshot.index] = self._entry_at(snapshot.index)
        opened = self._vault.open(draw.id, draw.draw, draw.max_steps, draw.step)
        return DrawRecord(
            policy=draw.policy,
            manifest=manifest,
            handle_salt=bytes.fromhex(draw.handle_salt),
            draws_before=[one.manifest or {} for one in before],
            tips=[(party, bytes.fromhex(draw.tips[party].sig)) for party in draw.parties],
            checkpoints=self._checkpoints(draw, snapshot.index, last),
            entries=[
                PublishedEntry(index, body, self._record.books.inclusion(index, last.size))
                for index, body in sorted(published.items())
                if index < last.size
            ],
            hats=frozen.hats,
            results=[PublishedResult(salt, body) for salt, body in opened.results],
        )

    def last_checkpoint(self, draw: Draw) -> Cosigned:
        """The first cosigned checkpoint that holds everything of an unsealed draw.

        Raises:
            NotPublished: not unsealed, aborted, or no such checkpoint yet.
        """
        if draw.unsealed is None or draw.ended is not None:
            raise NotPublished
        last = self._record.cosigned(draw.policy, draw.unsealed.index)
        if last is None:
            raise NotPublished
        return last

    def _checkpoints(self, draw: Draw, snapshot: int, last: Cosigned) -> list[PublishedCheckpoint]:
        anchors = [snapshot, *_anchors(draw)]
        found = (self._record.cosigned(draw.policy, index) for index in anchors)
        notes = {one.size: one.note for one in found if one is not None}
        notes[last.size] = last.note
        sizes = sorted(notes)
        proofs: list[list[bytes]] = [[]]
        proofs += [self._record.books.consistency(old, new) for old, new in pairwise(sizes)]
        return [
            PublishedCheckpoint(notes[size], proof)
            for size, proof in zip(sizes, proofs, strict=True)
        ]

    def _before(self, draw: Draw) -> list[Draw]:
        with self._record.books.read() as book:
            rows = store.of_section(book.db, draw.request.project_code, draw.request.section)
            ids = [row.id for row in rows if row.M]
        return [self._record.load(id_) for id_ in ids[: ids.index(draw.id)]]

    def _entry_at(self, index: int) -> dict[str, Any]:
        entry: dict[str, Any] = json.loads(self._record.books.leaf(index))
        return entry


def _anchors(draw: Draw) -> Iterable[int]:
    """Indices whose first cosigned checkpoint belongs into the bundle."""
    if draw.freeze_index is not None:
        yield draw.freeze_index
    yield from (one.mark.index for one in draw.reveals.values())
    yield from (one.mark.index for one in draw.declines)
    yield from (mark.index for mark in draw.results.values())
