"""The supervisor recomputes a draw from the rows themselves, through the vault.

Seven checks that no bundle can make, because it holds no rows: every one of them rebuilds
what the manifest commits to. A mismatch is an alarm in the log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from draw_engine import store
from draw_engine.core.admission import dry_run
from draw_engine.core.book_line import lists_of
from draw_engine.core.draw_state import VAULT, Draw, fold
from draw_engine.core.entries import registry_message
from draw_engine.core.exclusions import Reason
from draw_engine.core.manifest import Manifest
from draw_engine.core.shares import signed
from draw_engine.freezing import SnapshotKeeper
from draw_engine.record import Record
from draw_engine.screening import Screening
from draw_engine.vault import Vault
from draw_engine.vault_openings import SupervisorTable
from foundation.errors import ServiceError

MOST_BETWEEN: Final = timedelta(minutes=10)
"""Longest time from asking who may serve to the manifest in the log, at a million experts."""

OK: Final = "ok"
FAIL: Final = "fail"
NOT_RUN: Final = "not_run"

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
            "lists.rebuilt": self._lists,
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

    def _table(self, draw: Draw) -> SupervisorTable:
        return self._vault.table(draw.id, draw.epoch, draw.draw)

    def _pool(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """The snapshot's root from its rows, and the authority's signature over it."""
        taken = self._vault.snapshots.get(draw.epoch)
        tree = self._table(draw).snapshot()
        changes = self._vault.snapshots.changes_hash(draw.epoch)
        message = registry_message(tree.size, tree.root, taken.epoch, changes)
        same = (tree.size, tree.root) == (manifest.snapshot.n, manifest.snapshot.root)
        right = signed(self._vault.authority_key, taken.authority, message)
        return same and right, f"{tree.size} rows, epoch {taken.epoch}"

    def _hats(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """Every candidate of the snapshot is in each hat it fits, or among the exclusions."""
        hats = self._table(draw).hats([slot.where for slot in manifest.slots])
        for slot, hat in zip(manifest.slots, hats, strict=True):
            if (hat.size, hat.root) != (slot.n, slot.hat):
                return False, slot.id
        return True, ", ".join(str(hat.size) for hat in hats)

    def _exclusions(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """The tree from its reasons, and the reasons from standings and conflicts that day."""
        table, frozen = self._table(draw), self._vault.frozen(draw.id)
        reasons, tree = table.reasons(), table.exclusions()
        if (tree.size, tree.root) != (manifest.exclusions.n, manifest.exclusions.root):
            return False, "tree"
        at = self._screened_at(draw)
        again = self._screening.funnel_again(draw.request, at).excluded_ids()
        expected = {table.tag(id_): int(why) for id_, why in again.items()}
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

    def _lists(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """The lists of the freeze, by their hash, and that they were asked just before it."""
        at, named = self._screened_at(draw), lists_of(manifest.book_version)
        if named is None:
            return True, "none named"
        logged = draw.logged.at if draw.logged else at
        again = self._screening.lists(draw.request, at)
        return again == named and logged - at < MOST_BETWEEN, named.day.isoformat()

    def _screened_at(self, draw: Draw) -> datetime:
        return draw.screened_at or (draw.logged or draw.filed).at

    def _admission(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        hats = self._vault.frozen(draw.id).selectable([slot.seats for slot in manifest.slots])
        accepted = dry_run(manifest.m, hats, manifest.rules, manifest.keep).accepted
        return accepted == draw.accepted, f"{accepted} of 16384"

    def _keep(self, draw: Draw, manifest: Manifest) -> tuple[bool, str]:
        """Kept are those whom the results before seated and the log has not seen leave, and nobody
        whom a draw before in this section drew stands in a hat."""
        table = self._table(draw)
        with self._record.books.read() as book:
            rows = store.of_section(book.db, draw.request.project_code, draw.request.section)
        ids = [row.id for row in rows if row.M]
        before = ids[: ids.index(draw.id)]
        until = draw.logged.index if draw.logged else 0
        seated = self._seated(before[-1], until) if before else []
        drawn = {table.tag(who) for one in before for _, who in self._vault.drawn(one)}
        held = {one.tag for hat in self._vault.frozen(draw.id).members for one in hat}
        right = table.members(seated) == manifest.keep
        return right and not drawn & held, f"{len(seated)} kept"

    def _seated(self, draw_id: str, until: int) -> list[str]:
        """Who sat after an aborted draw: entries below the index `until`, and the results."""
        draw = fold(one for one in self._record.entries(draw_id) if one.index < until)
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
