"""The supervisor recomputes a draw from the rows themselves, through the vault.

Six checks that no bundle can make, because it holds no rows: every one of them rebuilds
what the manifest commits to. A mismatch is an alarm in the log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from draw_engine import store
from draw_engine.core.admission import dry_run
from draw_engine.core.draw_state import VAULT, Draw, fold
from draw_engine.core.entries import registry_message
from draw_engine.core.exclusions import Reason, exclusion_tree, exclusions
from draw_engine.core.manifest import Manifest
from draw_engine.core.masking import Excluded, Masked, Members, mask, tags_of
from draw_engine.core.pooled import PooledColumns
from draw_engine.core.shares import signed
from draw_engine.core.snapshot import PoolKeys, tag_of
from draw_engine.core.texts import Ints
from draw_engine.freezing import SnapshotKeeper
from draw_engine.record import Record
from draw_engine.screening import Screening
from draw_engine.vault import Vault
from foundation.errors import ServiceError

OK: Final = "ok"
FAIL: Final = "fail"
NOT_RUN: Final = "not_run"
PLAIN: Final = None
"""Recomputed without the kernel that made the hats: two ways must give the same bytes."""

OF_THE_VAULT: Final = {Reason.COOLED_DOWN, Reason.KEPT_OR_DRAWN}


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `outcome` is ok, fail or not_run; `detail` says what was compared."""

    name: str
    outcome: str
    detail: str


class Rebuilder:
    """Recomputes frozen draws."""

    def __init__(
        self, record: Record, vault: Vault, screening: Screening, snapshots: SnapshotKeeper
    ) -> None:
        self._record = record
        self._vault = vault
        self._screening = screening
        self._snapshots = snapshots
        self._checks: dict[str, Callable[[Draw, Manifest], tuple[bool, str]]] = {
            "pool.rebuilt": self._pool,
            "hat.rebuilt": self._hats,
            "exclusion.rebuilt": self._exclusions,
            "admission.repeated": self._admission,
            "keep.rebuilt": self._keep,
            "snapshot.newest": self._newest,
        }

    def run(self, draw_id: str, by: str) -> list[Check]:
        """All checks, and an entry that they were made; an alarm for each that fails."""
        draw = self._record.load(draw_id)
        if draw.manifest is None:
            return [Check(name, NOT_RUN, "not frozen") for name in self._checks]
        manifest = Manifest.read(draw.manifest)
        found = [self._one(name, draw, manifest) for name in self._checks]
        outcomes = {one.name: one.outcome for one in found}
        with self._record.write(draw) as pen:
            pen.fact("draw.recomputed", {"by": by, "outcomes": outcomes})
            for one in found:
                if one.outcome == FAIL:
                    pen.protocol(self._vault.sign_alarm(manifest.m, VAULT, one.name))
        return found

    def _one(self, name: str, draw: Draw, manifest: Manifest) -> Check:
        try:
            holds, detail = self._checks[name](draw, manifest)
        except ServiceError as trouble:
            return Check(name, FAIL, trouble.code)
        return Check(name, OK if holds else FAIL, detail)

    def _pool(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """The snapshot's root from its rows, and the authority's signature over it."""
        taken = self._vault.snapshots.get(draw.epoch)
        pool = self._vault.snapshots.columns(draw.epoch)
        keys = self._vault.snapshots.keys_of(draw.epoch)
        tree = mask(pool, _all(pool), keys, PLAIN).tree()
        changes = self._vault.snapshots.changes_hash(draw.epoch)
        message = registry_message(tree.size, tree.root, taken.epoch, changes)
        same = (tree.size, tree.root) == (manifest.snapshot.n, manifest.snapshot.root)
        right = signed(self._vault.authority_key, taken.authority, message)
        return same and right, f"{tree.size} rows, epoch {taken.epoch}"

    def _hats(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """Every candidate of the snapshot is in each hat it fits, or among the exclusions."""
        out = self._vault.frozen(draw.id).out
        keys = self._vault.snapshots.keys_of(draw.epoch).for_draw(draw.draw)
        pool = self._vault.snapshots.columns(draw.epoch)
        free = np.ones(len(pool), np.bool_)
        free[_rows_of(pool, keys, out)] = False
        sizes = []
        for slot in manifest.slots:
            fitting, _ = pool.candidates([slot.where])
            fitting = fitting[free[fitting]]
            hat = mask(pool, fitting, keys, PLAIN).tree()
            if (hat.size, hat.root) != (slot.n, slot.hat):
                return False, slot.id
            sizes.append(hat.size)
        return True, ", ".join(str(size) for size in sizes)

    def _exclusions(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """The tree from its reasons, and the reasons from standings and conflicts that day."""
        frozen = self._vault.frozen(draw.id)
        reasons = {one.tag: one.reason for one in frozen.out}
        tree = exclusion_tree(exclusions(reasons, frozen.keys.salt))
        if (tree.size, tree.root) != (manifest.exclusions.n, manifest.exclusions.root):
            return False, "tree"
        at = draw.logged.at if draw.logged else draw.filed.at
        again = self._screening.funnel_again(draw.request, at).excluded_ids()
        expected = {tag_of(frozen.keys.tag, id_): int(why) for id_, why in again.items()}
        compared = 0
        for tag, reason in reasons.items():
            if reason in OF_THE_VAULT:
                continue
            compared += 1
            # Somebody who has left the pool since, or was unknown to it, counts as not valid.
            if expected.get(tag, int(Reason.NOT_VALID)) != int(reason):
                return False, "reason"
        held = {one.tag for hat in (*frozen.members, frozen.keep) for one in hat}
        missing = [tag for tag in expected if tag in held]
        return not missing, f"{tree.size} excluded, {compared} compared"

    def _admission(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        hats = self._vault.frozen(draw.id).selectable([slot.seats for slot in manifest.slots])
        accepted = dry_run(manifest.m, hats, manifest.rules, manifest.keep).accepted
        return accepted == draw.accepted, f"{accepted} of 16384"

    def _keep(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """Kept are those whom the results before seated and the log has not seen leave, and nobody
        whom a draw before in this section drew stands in a hat."""
        frozen = self._vault.frozen(draw.id)
        with self._record.books.read() as book:
            rows = store.of_section(book.db, draw.request.project_code, draw.request.section)
        ids = [row.id for row in rows if row.M]
        before = ids[: ids.index(draw.id)]
        until = draw.logged.index if draw.logged else 0
        seated = self._seated(before[-1], until) if before else []
        pool = self._vault.snapshots.columns(draw.epoch)
        keys = self._vault.snapshots.keys_of(draw.epoch).for_draw(draw.draw)
        found = pool.ids.find(seated)
        if (found < 0).any():
            return False, "left the pool"
        kept = mask(pool, found, keys, PLAIN)
        drawn = {tag_of(keys.tag, who) for one in before for _, who in self._vault.drawn(one)}
        held = {one.tag for hat in frozen.members for one in hat}
        right = tuple(Members(kept, _all(kept))) == manifest.keep
        return right and not drawn & held, f"{len(seated)} kept"

    def _seated(self, draw_id: str, until: int) -> list[str]:
        """Who sat after an aborted draw: entries below the index `until`, and the results."""
        entries = [one for one in self._record.entries(draw_id) if one.index < until]
        draw = fold(entries)
        if draw.set_aside is not None:
            return []
        taken = [seat for seat, one in draw.seats.items() if one.state != "vacant"]
        return [self._who(draw, seat) for seat in taken]

    def _who(self, draw: Draw, seat: int) -> str:
        for one in draw.kept:
            if one.seat == seat:
                return self._who(self._record.load(one.before), one.was)
        return dict(self._vault.drawn(draw.id))[seat]

    def _newest(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """No newer snapshot was old enough at the freeze."""
        logged = draw.logged or draw.filed
        found = self._snapshots.for_draw(draw, logged.at, before=logged.index)
        newest = found is not None and found.taken.root == manifest.snapshot.root
        return newest, f"epoch {found.taken.epoch}" if found else "none"


def _all(pool: PooledColumns | Masked) -> Ints:
    return np.arange(len(pool), dtype=np.int32)


def _rows_of(pool: PooledColumns, keys: PoolKeys, out: Excluded) -> Ints:
    """The rows whose tags are among the exclusions, found from the pool's own ids."""
    tags = tags_of(pool.ids, _all(pool), keys.tag, PLAIN)
    cells, wanted = (one.reshape(-1).view("V16") for one in (tags, out.tags))
    gone = {bytes(one) for one in wanted}
    return np.array([row for row, tag in enumerate(cells) if bytes(tag) in gone], np.int32)
