"""Hats and exclusions of a draw, under the draw's own keys, as the vault froze them.

The service says who may be drawn today and why others may not; who sits elsewhere or was
drawn before in this section only the vault knows, and it takes them out itself.
"""

import json
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from draw_engine.core.exclusions import Exclusion, Reason, exclusion_tree, exclusions
from draw_engine.core.manifest import Where
from draw_engine.core.selection import Hat, Member
from draw_engine.core.snapshot import PooledExpert, PoolKeys, Pseudonym, masked, tag_of, tree_of
from draw_engine.core.w256 import Tree
from draw_engine.vault_snapshots import Box, Snapshots
from draw_engine.vault_store import FreezeRow
from foundation.db import Database
from foundation.digest import canon

KEPT_IN_MEMORY: Final = 8


@dataclass(frozen=True)
class Frozen:
    """A frozen draw as the vault sees it; `hats` hold pseudonyms, `ids` who they are."""

    epoch: int
    draw: Mapping[str, Any]
    handle_salt: bytes
    keys: PoolKeys
    hats: tuple[tuple[Pseudonym, ...], ...]
    ids: Mapping[bytes, str]
    experts: Mapping[str, PooledExpert]
    out: tuple[Exclusion, ...]
    keep: tuple[Member, ...]

    @cached_property
    def trees(self) -> tuple[Tree, ...]:
        """One tree over each hat."""
        return tuple(tree_of(hat) for hat in self.hats)

    @cached_property
    def out_tree(self) -> Tree:
        """The tree over the exclusions."""
        return exclusion_tree(list(self.out))

    @cached_property
    def members(self) -> tuple[tuple[Member, ...], ...]:
        """What the rules see of each hat."""
        return tuple(tuple(Member(p.tag, p.org, p.region) for p in hat) for hat in self.hats)

    def selectable(self, seats: Sequence[int]) -> tuple[Hat, ...]:
        """The hats with the seats of their slots, as the selection takes them."""
        return tuple(Hat(hat, count) for hat, count in zip(self.members, seats, strict=True))

    def expert_at(self, slot: int, position: int) -> str:
        """Who stands at a position of a hat."""
        return self.ids[self.hats[slot][position].tag]


@dataclass(frozen=True, slots=True)
class Screened:
    """What the service tells the vault: who may be drawn, and why others may not."""

    wheres: tuple[Where, ...]
    eligible: Collection[str]
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FreezeOrder:
    """What the service asks to be frozen.

    Args:
        lasts: how long a seat keeps its expert from another one.
        before: ids of the section's earlier draws.
        kept: experts who keep their seats from the last of them.
    """

    draw_id: str
    draw: Mapping[str, Any]
    epoch: int
    screened: Screened
    starts_at: datetime
    lasts: timedelta
    cooldown: timedelta
    before: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Freezer:
    """Freezes draws and remembers them; part of the vault."""

    def __init__(self, database: Database, snapshots: Snapshots, box: Box) -> None:
        self._database = database
        self._snapshots = snapshots
        self._box = box
        self._opened: OrderedDict[str, Frozen] = OrderedDict()

    def freeze(self, order: FreezeOrder, own: Mapping[str, int], handle_salt: bytes) -> Frozen:
        """Put each candidate into its hats or among the exclusions; the same when asked twice.

        Args:
            own: reasons that the vault adds: 6 seated elsewhere, 8 kept or drawn before.
        """
        draw_id, screened = order.draw_id, order.screened
        if (known := self.find(draw_id)) is not None:
            return known
        hats, out = self._parted(order.epoch, screened, own)
        packed = {"hats": hats, "out": out, "keep": sorted(order.kept)}
        row = FreezeRow(
            draw_id=draw_id,
            epoch=order.epoch,
            draw=canon(order.draw),
            handle_salt=handle_salt,
            hats=self._box.seal(json.dumps(packed).encode(), f"freeze {draw_id}"),
        )
        frozen = self._unpack(row)
        with self._database.write() as db:
            db.add(row)
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
        frozen = self._unpack(row)
        self._opened[draw_id] = frozen
        while len(self._opened) > KEPT_IN_MEMORY:
            self._opened.popitem(last=False)
        return frozen

    def _parted(
        self, epoch: int, screened: Screened, own: Mapping[str, int]
    ) -> tuple[list[list[str]], dict[str, int]]:
        hats: list[list[str]] = [[] for _ in screened.wheres]
        out: dict[str, int] = {}
        for row in self._snapshots.rows(epoch):
            expert = row.expert
            slots = [
                slot
                for slot, where in enumerate(screened.wheres)
                if where.holds(row.codes, expert.region, row.title)
            ]
            if slots and (reason := _reason(expert.expert_id, screened, own)) is not None:
                out[expert.expert_id] = reason
                continue
            for slot in slots:
                hats[slot].append(expert.expert_id)
        return hats, out

    def _unpack(self, row: FreezeRow) -> Frozen:
        packed = json.loads(self._box.open(row.hats, f"freeze {row.draw_id}"))
        draw = json.loads(row.draw)
        keys = self._snapshots.keys_of(row.epoch).for_draw(draw)
        touched = {*packed["out"], *packed["keep"], *(id_ for hat in packed["hats"] for id_ in hat)}
        experts = {
            pool_row.expert.expert_id: pool_row.expert
            for pool_row in self._snapshots.rows(row.epoch)
            if pool_row.expert.expert_id in touched
        }
        pseudonyms = masked(experts.values(), keys)
        ids = {tag_of(keys.tag, id_): id_ for id_ in experts}
        wanted = [set(hat) for hat in packed["hats"]]
        reasons = {tag_of(keys.tag, id_): Reason(why) for id_, why in packed["out"].items()}
        return Frozen(
            epoch=row.epoch,
            draw=draw,
            handle_salt=row.handle_salt,
            keys=keys,
            hats=tuple(tuple(p for p in pseudonyms if ids[p.tag] in hat) for hat in wanted),
            ids=ids,
            experts=experts,
            out=tuple(exclusions(reasons, keys.salt)),
            keep=tuple(
                Member(p.tag, p.org, p.region) for p in pseudonyms if ids[p.tag] in packed["keep"]
            ),
        )


def _reason(id_: str, screened: Screened, own: Mapping[str, int]) -> int | None:
    """The lowest reason that applies; someone the service does not know is not valid."""
    found = [why[id_] for why in (screened.reasons, own) if id_ in why]
    if not found and id_ not in screened.eligible:
        found.append(Reason.NOT_VALID)
    return min(found, default=None)
