"""What the vault gives away made under its keys: openings and trees, and never a key.

The names of final members leave it as finished openings (IDENTITIES.json). The supervisor
gets a table to rebuild a draw from: pseudonyms and trees of the rows themselves.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from draw_engine.core.bundle import FinalMember, build_identities
from draw_engine.core.exclusions import Reason, exclusion_opening, exclusion_tree, exclusions
from draw_engine.core.manifest import Where
from draw_engine.core.masking import Members, mask, tags_of
from draw_engine.core.pooled import PooledColumns
from draw_engine.core.selection import Member
from draw_engine.core.snapshot import masked, tag_of
from draw_engine.core.texts import Ints
from draw_engine.core.w256 import Tree
from draw_engine.vault_freeze import Frozen
from draw_engine.vault_snapshots import Snapshots

PLAIN: Final = None
"""Recomputed without the kernel that made the hats: two ways must give the same bytes."""


class SupervisorTable:
    """The snapshot of a frozen draw as the supervisor rebuilds from it (SPEC.md section 9).

    Args:
        epoch, draw: as the log names them, whatever the vault froze.
    """

    def __init__(
        self, snapshots: Snapshots, frozen: Frozen, epoch: int, draw: Mapping[str, Any]
    ) -> None:
        self._pool = snapshots.columns(epoch)
        self._epoch = snapshots.keys_of(epoch)
        self._own = self._epoch.for_draw(draw)
        self._frozen = frozen

    def snapshot(self) -> Tree:
        """The tree over the whole snapshot, under the keys of its epoch."""
        return mask(self._pool, _all(self._pool), self._epoch, PLAIN).tree()

    def hats(self, wheres: Sequence[Where]) -> list[Tree]:
        """For each slot the tree over whom it fits and who is not among the exclusions."""
        free = np.ones(len(self._pool), np.bool_)
        free[self._excluded()] = False
        trees = []
        for where in wheres:
            fitting, _ = self._pool.candidates([where])
            trees.append(mask(self._pool, fitting[free[fitting]], self._own, PLAIN).tree())
        return trees

    def reasons(self) -> dict[bytes, Reason]:
        """Why each excluded candidate is out, by tag."""
        return {one.tag: one.reason for one in self._frozen.out}

    def exclusions(self) -> Tree:
        """The tree over the exclusions, from their reasons."""
        return exclusion_tree(exclusions(self.reasons(), self._own.salt))

    def tag(self, expert_id: str) -> bytes:
        """The pseudonym of an expert in this draw; 16 bytes."""
        return tag_of(self._own.tag, expert_id)

    def members(self, expert_ids: Sequence[str]) -> tuple[Member, ...] | None:
        """What the rules see of these experts, by tag; None where one is not in the snapshot."""
        rows = self._pool.ids.find(expert_ids)
        if (rows < 0).any():
            return None
        found = mask(self._pool, rows, self._own, PLAIN)
        return tuple(Members(found, np.arange(len(found), dtype=np.int32)))

    def _excluded(self) -> Ints:
        """The rows whose tags are among the exclusions, found from the pool's own ids."""
        tags = tags_of(self._pool.ids, _all(self._pool), self._own.tag, PLAIN)
        cells, wanted = (one.reshape(-1).view("V16") for one in (tags, self._frozen.out.tags))
        gone = {bytes(one) for one in wanted}
        return np.array([row for row, tag in enumerate(cells) if bytes(tag) in gone], np.int32)


def identities(
    snapshots: Snapshots, frozen: Frozen, places: Sequence[tuple[int, int]], m: bytes
) -> Mapping[str, Any]:
    """IDENTITIES.json of the members at `places`; `canon` of it is the file."""
    pool, keys = snapshots.columns(frozen.epoch), snapshots.keys_of(frozen.epoch)
    pooled = mask(pool, _all(pool), keys)
    members = []
    for slot, position in places:
        expert = frozen.person_at(slot, position)
        (masked_one,) = masked([expert], keys)
        members.append(
            FinalMember(
                slot=slot,
                position=position,
                sealed=frozen.hats[slot][position],
                identity=json.loads(expert.identity),
                qualification=json.loads(expert.qualification),
                index=pooled.place_of(masked_one.tag),
                pooled=masked_one,
            )
        )
    return build_identities(m, members, pooled.tree())


def own_opening(
    snapshots: Snapshots, frozen: Frozen, wheres: Sequence[Where], expert_id: str
) -> dict[str, Any] | None:
    """What one expert may see of a frozen draw: the own place in hats, or the own exclusion.

    Everything in it opens under the roots of the manifest; nothing tells of anybody else.

    Args:
        wheres: of the manifest's slots, in their order.

    Returns:
        None where the expert fits no slot: the draw did not ask for such an expert.
    """
    pool = snapshots.columns(frozen.epoch)
    (row,) = pool.ids.find([expert_id])
    if row < 0 or not any(row in pool.holders(where) for where in wheres):
        return None
    keys = snapshots.keys_of(frozen.epoch).for_draw(frozen.draw)
    tag = tag_of(keys.tag, expert_id)
    found = ((slot, hat.position_of(tag)) for slot, hat in enumerate(frozen.hats))
    index = frozen.out.index_of(tag)
    out = (
        [] if index is None else [exclusion_opening(frozen.out.one(index), frozen.out_tree, index)]
    )
    hats = [_own_place(frozen, slot, at) for slot, at in found if at is not None]
    return {"hats": hats, "exclusions": out}


def _own_place(frozen: Frozen, slot: int, position: int) -> dict[str, Any]:
    hat = frozen.hats[slot]
    person, sealed = hat.person(position), hat[position]
    return {
        "slot": slot,
        "position": position,
        "salt_a": sealed.salt_a.hex(),
        "tag": sealed.tag.hex(),
        "org": sealed.org.hex(),
        "region": sealed.region,
        "salt_id": sealed.salt_id.hex(),
        "identity": json.loads(person.identity),
        "salt_q": sealed.salt_q.hex(),
        "qualification": json.loads(person.qualification),
        "proof": [[node.hex() for node in chunk] for chunk in hat.tree.proof(position)],
    }


def _all(pool: PooledColumns) -> Ints:
    return np.arange(len(pool), dtype=np.int32)
