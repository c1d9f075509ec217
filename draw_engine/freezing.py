"""The freeze: screen, have the vault make hats, test for admission, log the manifest.

M is logged only after admission. The vault is asked before the transaction opens, and
asking twice gives the same answer; a crash before the block ends leaves nothing behind.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from draw_engine import store
from draw_engine.core.admission import Admission, dry_run
from draw_engine.core.book_line import Lists, book_line
from draw_engine.core.draw_state import Draw
from draw_engine.core.eligibility import Funnel
from draw_engine.core.entries import manifest_entry, snapshot_entry
from draw_engine.core.errors import HatTooSmall
from draw_engine.core.manifest import ChainInput, DrawName, Manifest, Slot, TreeHead
from draw_engine.core.policy import policy_hash
from draw_engine.core.region_rules import RegionRulesTooNarrow, kind_of, leaves_chance, supply
from draw_engine.core.selection import CommitteeRules
from draw_engine.expert_pool import ExpertPool
from draw_engine.record import Record
from draw_engine.screening import Screening, china_day, where_of
from draw_engine.vault import Vault
from draw_engine.vault_freeze import FreezeOrder, Frozen
from draw_engine.vault_snapshots import Taken
from foundation.clock import seconds
from foundation.errors import ServiceError
from foundation.rulebook.overlay import Overlay

SNAPSHOTS: Final = "snapshots"


@dataclass(frozen=True, slots=True)
class LoggedSnapshot:
    """A snapshot and its place in the log."""

    taken: Taken
    index: int


class SnapshotKeeper:
    """Takes a snapshot a day and logs it; a draw uses the newest that is old enough."""

    def __init__(self, record: Record, pool: ExpertPool, vault: Vault) -> None:
        self._record = record
        self._pool = pool
        self._vault = vault
        self._taking = threading.RLock()

    def take(self) -> LoggedSnapshot:
        """Mask the pool as it is now and log the root; one at a time."""
        with self._taking:
            return self._log(self._vault.snapshot(self._pool.batches()))

    def tick(self, now: datetime) -> datetime:
        """Take today's snapshot if it is missing; answers when tomorrow's is due."""
        with self._taking:
            newest = self._vault.snapshots.newest()
            if newest is not None and not self._logged(newest.epoch):
                # The process died between the vault and the log: the same one is logged now.
                self._log(newest)
            due = newest is None or china_day(newest.at) < china_day(now)
            if due and len(self._pool.columns()):
                self.take()
        return now + timedelta(hours=1)

    def all(self) -> list[LoggedSnapshot]:
        """Every snapshot in the log, oldest first."""
        with self._record.books.read() as book:
            entries = book.entries(SNAPSHOTS)
        return [
            LoggedSnapshot(self._vault.snapshots.get(e.protocol["epoch"]), e.index)
            for e in entries
            if e.protocol is not None
        ]

    def for_draw(
        self, draw: Draw, now: datetime, before: int | None = None
    ) -> LoggedSnapshot | None:
        """The newest snapshot that witnesses saw at least `cool` seconds ago.

        Args:
            before: an index of the log; snapshots logged after it are passed over.
        """
        cool = draw.policy["times"]["cool"]
        in_force = draw.request.classification == self._pool.classification
        for found in reversed(self.all()):
            if before is not None and found.index >= before:
                continue
            if in_force and found.index < self._pool.since:
                # its rows hold the codes of an older version, which mean other things
                break
            if cool == 0:
                return found
            seen = self._record.cosigned(draw.policy, found.index)
            if seen is not None and seen.newest + cool <= seconds(now):
                return found
        return None

    def _logged(self, epoch: int) -> bool:
        with self._record.books.read() as book:
            entries = book.entries(SNAPSHOTS)
        return any(e.protocol is not None and e.protocol["epoch"] == epoch for e in entries)

    def _log(self, taken: Taken) -> LoggedSnapshot:
        entry = snapshot_entry(taken.n, taken.root, taken.epoch, taken.authority)
        with self._record.books.write() as book:
            written = book.append_protocol(SNAPSHOTS, entry)
        return LoggedSnapshot(taken, written.index)


class Freezing:
    """Freezes a draw when its time has come."""

    def __init__(
        self,
        record: Record,
        screening: Screening,
        vault: Vault,
        snapshots: SnapshotKeeper,
        overlay: Overlay,
    ) -> None:
        self._record = record
        self._screening = screening
        self._vault = vault
        self._snapshots = snapshots
        self._overlay = overlay

    def freeze(self, draw: Draw, now: datetime) -> bool:
        """Log manifest and admission, or the refusal; False while no snapshot is old enough."""
        snapshot = self._snapshots.for_draw(draw, now)
        if snapshot is None:
            return False
        try:
            funnel = self._screening.funnel(draw.request, now)
            self._screening.require_enough(draw.request, funnel)
            frozen = self._vault.freeze(self._order(draw, snapshot, funnel))
            self._require_hats(draw, frozen)
            lists = self._screening.lists(draw.request, now)
            manifest = self.manifest(draw, frozen, snapshot.taken, lists)
            admission = dry_run_of(manifest, frozen)
            admission.require()
        except ServiceError as refusal:
            body = {"code": refusal.code, "rule": refusal.rule or "", "facts": dict(refusal.facts)}
            with self._record.write(draw, "freeze") as pen:
                pen.fact("draw.refused", body)
            return True
        self._log(draw, manifest, frozen, funnel, admission=admission, now=now)
        return True

    def manifest(self, draw: Draw, frozen: Frozen, snapshot: Taken, lists: Lists) -> Manifest:
        """Everything that decides the draw, in one object."""
        request = draw.request
        return Manifest(
            draw=DrawName(
                draw.draw["project"],
                draw.draw["section"],
                draw.draw["seq"],
                bytes.fromhex(draw.draw["prev"]),
            ),
            day=china_day(request.starts_at).isoformat(),
            book_version=book_line(self._overlay.version, lists),
            book_hash=bytes.fromhex(self._overlay.hash),
            classification=request.classification,
            regime=request.regime,
            purpose=request.purpose,
            snapshot=TreeHead(snapshot.n, snapshot.root),
            exclusions=TreeHead(frozen.out_tree.size, frozen.out_tree.root),
            slots=tuple(
                Slot(f"slot-{at}", slot.seats, tree.size, tree.root, where_of(slot))
                for at, (slot, tree) in enumerate(zip(request.slots, frozen.trees, strict=True), 1)
            ),
            rules=CommitteeRules(self._overlay.org_cap, request.committee_rules),
            inputs=tuple(
                ChainInput(party, bytes.fromhex(draw.tips[party].tip)) for party in draw.parties
            ),
            max_steps=draw.max_steps,
            unseal_after=seconds(request.unseal_after),
            policy=policy_hash(draw.policy),
            keep=frozen.keep,
            seal_party=draw.seal,
        )

    def _order(self, draw: Draw, snapshot: LoggedSnapshot, funnel: Funnel) -> FreezeOrder:
        request = draw.request
        with self._record.books.read() as book:
            rows = store.of_section(book.db, request.project_code, request.section)
        return FreezeOrder(
            draw_id=draw.id,
            draw=draw.draw,
            epoch=snapshot.taken.epoch,
            screened=self._screening.screened(request, funnel),
            starts_at=request.starts_at,
            lasts=timedelta(seconds=self._overlay.evaluation_seconds),
            cooldown=self._screening.cooldown,
            before=tuple(row.id for row in rows if row.M and row.id != draw.id),
            kept=tuple(one.was for one in draw.kept),
        )

    def _require_hats(self, draw: Draw, frozen: Frozen) -> None:
        # The vault has taken out who sits elsewhere: what was enough may no longer be.
        for at, (slot, hat) in enumerate(zip(draw.request.slots, frozen.hats, strict=True)):
            if len(hat) < self._overlay.pool_least(slot.seats):
                raise HatTooSmall(slot=at, needed=self._overlay.pool_least(slot.seats))
        if (rules := draw.request.committee_rules) and frozen.members:
            places = [members.at for members in frozen.members]
            found = supply(rules, draw.request.asked, places, frozen.members[0].every.region)
            kept = [{kind_of(member.region, rules)} for member in frozen.keep]
            if not leaves_chance(rules, found, self._overlay.pool_least, kept):
                raise RegionRulesTooNarrow

    def _log(
        self,
        draw: Draw,
        manifest: Manifest,
        frozen: Frozen,
        funnel: Funnel,
        *,
        admission: Admission,
        now: datetime,
    ) -> None:
        m = manifest.m
        beside = {
            "manifest": manifest.as_object(),
            "handle_salt": frozen.handle_salt.hex(),
            "epoch": frozen.epoch,
            "screened_at": now.isoformat(),
            "funnel": [{"stage": s.stage, "rule": s.rule, "n": s.n} for s in funnel.stages],
        }
        handle = self._vault.handle_of(frozen)
        with self._record.write(draw, "freeze") as pen:
            pen.protocol(manifest_entry(m, handle), beside)
            pen.protocol(self._vault.sign_admission(m, admission.accepted))


def dry_run_of(manifest: Manifest, frozen: Frozen) -> Admission:
    """The admission test over the vault's hats."""
    hats = frozen.selectable([slot.seats for slot in manifest.slots])
    return dry_run(manifest.m, hats, manifest.rules, frozen.keep)
