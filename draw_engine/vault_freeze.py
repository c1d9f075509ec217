"""Hats and exclusions of a draw, under the draw's own keys, as the vault froze them.

The service says who may be drawn today and why others may not; who sits elsewhere or was
drawn before in this section only the vault knows, and it takes them out itself.
"""

import io
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np

from draw_engine.core import masking
from draw_engine.core.errors import KeepChanged
from draw_engine.core.exclusions import Reason
from draw_engine.core.manifest import Where
from draw_engine.core.masking import Excluded
from draw_engine.core.pooled import PooledColumns
from draw_engine.core.selection import Hat, Member
from draw_engine.core.snapshot import PooledExpert, PoolKeys
from draw_engine.core.texts import Bytes, Ints, Names
from draw_engine.core.w256 import Tree
from draw_engine.vault_snapshots import Box, Snapshots
from draw_engine.vault_store import FreezeRow
from foundation.db import Database
from foundation.digest import canon

KEPT_IN_MEMORY: Final = 4

ELIGIBLE: Final = 0
UNKNOWN: Final = 255
"""In `Screened.reasons`: no candidate as the service sees it."""


@dataclass(frozen=True)
class Frozen:
    """A frozen draw as the vault sees it: pseudonyms, and on demand who one is."""

    epoch: int
    draw: Mapping[str, Any]
    handle_salt: bytes
    hats: tuple[masking.Hat, ...]
    out: Excluded
    keep: tuple[Member, ...]

    @property
    def trees(self) -> tuple[Tree, ...]:
        """One tree over each hat."""
        return tuple(hat.tree for hat in self.hats)

    @cached_property
    def out_tree(self) -> Tree:
        """The tree over the exclusions."""
        return self.out.tree()

    @property
    def members(self) -> tuple[masking.Members, ...]:
        """What the rules see of each hat."""
        return tuple(hat.members for hat in self.hats)

    def selectable(self, seats: Sequence[int]) -> tuple[Hat, ...]:
        """The hats with the seats of their slots, as the selection takes them."""
        return tuple(Hat(hat, count) for hat, count in zip(self.members, seats, strict=True))

    def person_at(self, slot: int, position: int) -> PooledExpert:
        """Who stands at a position of a hat, as the snapshot has them."""
        return self.hats[slot].person(position)

    def expert_at(self, slot: int, position: int) -> str:
        """The id of who stands at a position of a hat."""
        return self.person_at(slot, position).expert_id


@dataclass(frozen=True, slots=True, eq=False)
class Screened:
    """What the service tells the vault: who may be drawn, and why others may not.

    Args:
        names: ids of the pool as it is now.
        reasons: for each name `ELIGIBLE`, the reason's number, or `UNKNOWN`.
    """

    wheres: tuple[Where, ...]
    names: Names
    reasons: Bytes


@dataclass(frozen=True, slots=True)
class FreezeOrder:
    """What the service asks to be frozen.

    Args:
        lasts: how long a seat keeps its expert from another one.
        before: ids of the section's earlier draws.
        kept: seats of the last of them whose members keep them.
    """

    draw_id: str
    draw: Mapping[str, Any]
    epoch: int
    screened: Screened
    starts_at: datetime
    lasts: timedelta
    cooldown: timedelta
    before: tuple[str, ...] = ()
    kept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Parted:
    """Candidates by row of the snapshot: one bit for each hat, or the reason they are out."""

    rows: Ints
    hats: Ints
    reasons: Bytes
    keep: Ints


class Freezer:
    """Freezes draws and remembers them; part of the vault."""

    def __init__(self, database: Database, snapshots: Snapshots, box: Box) -> None:
        self._database = database
        self._snapshots = snapshots
        self._box = box
        self._opened: OrderedDict[str, Frozen] = OrderedDict()

    def freeze(
        self, order: FreezeOrder, own: Mapping[str, int], kept: Sequence[str], handle_salt: bytes
    ) -> Frozen:
        """Put each candidate into its hats or among the exclusions; the same when asked twice.

        Args:
            own: reasons that the vault adds: 6 seated elsewhere, 8 kept or drawn before.
            kept: ids of experts who keep a seat.

        Raises:
            KeepChanged: one of them is no longer in the snapshot.
        """
        if (known := self.find(order.draw_id)) is not None:
            return known
        parted = self._parted(order, own, kept)
        slots = len(order.screened.wheres)
        row = FreezeRow(
            draw_id=order.draw_id,
            epoch=order.epoch,
            draw=canon(order.draw),
            handle_salt=handle_salt,
            hats=self._box.seal(_packed(parted, slots), _context(order.draw_id), level=0),
        )
        frozen = self._masked(row, parted, slots)
        with self._database.write() as db:
            db.add(row)
        self._keep(order.draw_id, frozen)
        return frozen

    def find(self, draw_id: str) -> Frozen | None:
        """What was frozen for a draw, if it was."""
        if draw_id in self._opened:
            self._opened.move_to_end(draw_id)
            return self._opened[draw_id]
        with self._database.read() as db:
            row = db.get(FreezeRow, draw_id)
        if row is None:
            return None
        parted, slots = self._unpacked(row)
        frozen = self._masked(row, parted, slots)
        self._keep(draw_id, frozen)
        return frozen

    def _keep(self, draw_id: str, frozen: Frozen) -> None:
        self._opened[draw_id] = frozen
        while len(self._opened) > KEPT_IN_MEMORY:
            self._opened.popitem(last=False)

    def _parted(self, order: FreezeOrder, own: Mapping[str, int], kept: Sequence[str]) -> _Parted:
        pool, screened = self._snapshots.columns(order.epoch), order.screened
        rows, hats = pool.candidates(screened.wheres)
        places = self._snapshots.places(order.epoch, screened.names)[rows]
        # Someone the service does not know, or takes for no candidate, is not valid.
        reasons = np.full(len(rows), UNKNOWN, np.uint8)
        reasons[places >= 0] = screened.reasons[places[places >= 0]]
        free = reasons == ELIGIBLE
        reasons[reasons == UNKNOWN] = Reason.NOT_VALID
        if own:
            added = np.zeros(len(pool), np.uint8)
            found = pool.ids.find(own)
            added[found[found >= 0]] = np.array(list(own.values()), np.uint8)[found >= 0]
            reasons[free] = added[rows[free]]
        keep = pool.ids.find(sorted(kept))
        if (keep < 0).any():
            raise KeepChanged
        return _Parted(rows, hats, reasons, keep)

    def _masked(self, row: FreezeRow, parted: _Parted, slots: int) -> Frozen:
        draw = json.loads(row.draw)
        keys = self._snapshots.keys_of(row.epoch).for_draw(draw)
        pool, opener = self._snapshots.columns(row.epoch), self._snapshots.opener(row.epoch)
        free = parted.reasons == ELIGIBLE
        every = masking.mask(pool, parted.rows[free], keys)
        bits = np.zeros(len(pool), np.int32)
        bits[parted.rows] = parted.hats
        bits = bits[every.rows]
        return Frozen(
            epoch=row.epoch,
            draw=draw,
            handle_salt=row.handle_salt,
            hats=tuple(
                masking.Hat(every, _holding(bits, slot), keys, opener) for slot in range(slots)
            ),
            out=masking.excluded(pool, parted.rows[~free], parted.reasons[~free], keys),
            keep=_members(pool, parted.keep, keys),
        )

    def _unpacked(self, row: FreezeRow) -> tuple[_Parted, int]:
        data = self._box.open(row.hats, _context(row.draw_id))
        if data.startswith(b"{"):  # written by a version that kept lists of ids
            return self._of_lists(json.loads(data), row.epoch)
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            parted = _Parted(file["rows"], file["hats"], file["reasons"], file["keep"])
            return parted, int(file["slots"])

    def _of_lists(self, lists: Mapping[str, Any], epoch: int) -> tuple[_Parted, int]:
        ids = self._snapshots.columns(epoch).ids
        hats, reasons = np.zeros(len(ids), np.int32), np.zeros(len(ids), np.uint8)
        for slot, hat in enumerate(lists["hats"]):
            hats[ids.find(hat)] |= np.int32(1 << slot)
        reasons[ids.find(lists["out"])] = list(lists["out"].values())
        rows = np.flatnonzero((hats != 0) | (reasons != 0)).astype(np.int32)
        keep = ids.find(lists["keep"])
        return _Parted(rows, hats[rows], reasons[rows], keep), len(lists["hats"])


def _holding(bits: Ints, slot: int) -> Ints:
    return np.flatnonzero(bits & np.int32(1 << slot)).astype(np.int32)


def _members(pool: PooledColumns, rows: Ints, keys: PoolKeys) -> tuple[Member, ...]:
    if not len(rows):
        return ()
    kept = masking.mask(pool, rows, keys)
    return tuple(masking.Members(kept, np.arange(len(kept), dtype=np.int32)))


def _packed(parted: _Parted, slots: int) -> bytes:
    file = io.BytesIO()
    np.savez(
        file,
        rows=parted.rows,
        hats=parted.hats,
        reasons=parted.reasons,
        keep=parted.keep,
        slots=np.array(slots),
    )
    return file.getvalue()


def _context(draw_id: str) -> str:
    return f"freeze {draw_id}"
