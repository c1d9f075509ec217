"""`draw.full`: one whole draw from a national pool, against ORDER BY random() in SQLite.

Both pick from the same experts under the same predicates. Ours also commits to the hats, the
exclusions and the manifest, signs, and appends durably twice; the dry attempts of the
admission test are a row of their own.
"""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast

from bench.baseline import Baseline
from bench.national import EXPERTS, NOW, SLOTS, Nation, nation, organisation_code
from bench.row import Row, interleaved, say
from classification.service import ClassificationService
from draw_engine.core.admission import dry_run
from draw_engine.core.draw_state import VAULT, Draw
from draw_engine.core.entries import manifest_entry, result_digest, result_entry
from draw_engine.core.manifest import Manifest
from draw_engine.core.request import DrawRequest, Party, SlotRequest
from draw_engine.core.selection import committee
from draw_engine.core.shares import InputKind, InputValue, chain, material, primary_key, tip_of
from draw_engine.freezing import Freezing
from draw_engine.record import Record
from draw_engine.screening import Screening
from draw_engine.vault import Vault
from draw_engine.vault_freeze import FreezeOrder, Frozen
from draw_engine.vault_store import VAULT_METADATA
from foundation.db import Database
from foundation.digest import canon
from foundation.ids import ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from foundation.rulebook.overlay import load_overlay

CHANGED = EXPERTS // 100
STARTS = NOW + timedelta(days=1)


class Drawing:
    """The engine's own parts, in the order in which a draw calls them."""

    def __init__(self, made: Nation, folder: Path) -> None:
        self._made = made
        self._chance = Random(11)
        self._standings: dict[ExpertId, int] = {}
        self._parties: tuple[Party, ...] = ()
        self._number = 0
        overlay = load_overlay("national")
        database = Database(folder / "ledger.db")
        database.create_tables()
        keys = KeyRing(folder / "keys")
        self._books = Books(database, made.clock, LogSigner("b.example/log", keys.signing("log")))
        # The vault's answers go into its own file, as they do in service.
        vault_database = Database(folder / "vault.db", VAULT_METADATA)
        vault_database.create_tables()
        vault_keys = KeyRing(made.home / "keys" / "vault")
        self.vault = Vault(vault_database, vault_keys, made.persons, made.clock)
        self.vault.snapshots = made.vault.snapshots
        self.vault._freezer._snapshots = made.vault.snapshots
        self._screening = Screening(
            made.pool, ClassificationService.load(), lambda *_: self._standings, overlay
        )
        self._freezing = Freezing(
            Record(self._books), self._screening, self.vault, made.keeper, overlay
        )
        taken = made.vault.snapshots.newest()
        assert taken is not None
        self._taken = taken
        self._chains = {party: chain(bytes([n]) * 32, 40) for n, party in enumerate(PARTIES)}
        made.pool.columns()
        made.vault.snapshots.columns(taken.epoch)

    def change(self) -> tuple[dict[str, int], list[str]]:
        """Another 1 % of the experts with a standing, and another 1 % in conflict."""
        numbers = self._chance.sample(range(EXPERTS), CHANGED)
        self._standings = {
            ExpertId(f"ex_{one:022d}"): 3 + number % 3 for number, one in enumerate(numbers)
        }
        units = self._chance.sample(range(EXPERTS // 12), EXPERTS // 12 // 100)
        self._parties = tuple(
            Party("bidder", organisation_code(unit), "Example bidder") for unit in units
        )
        return {str(one): why for one, why in self._standings.items()}, [
            organisation_code(unit) for unit in units
        ]

    def freeze(self) -> tuple[Manifest, Frozen]:
        """Eligibility, hats, exclusions, manifest."""
        self._number += 1
        request = self._request()
        name = {"project": request.project_code, "section": request.section, "seq": 1, "prev": ""}
        funnel = self._screening.funnel(request, NOW)
        self._screening.require_enough(request, funnel)
        order = FreezeOrder(
            draw_id=f"drw_{self._number}",
            draw=name,
            epoch=self._taken.epoch,
            screened=self._screening.screened(request, funnel),
            starts_at=request.starts_at,
            lasts=timedelta(hours=8),
            cooldown=self._screening.cooldown,
        )
        frozen = self.vault.freeze(order)
        draw = SimpleNamespace(
            request=request, draw=name, parties=list(PARTIES), max_steps=20, policy={},
            seal=VAULT, kept=(),
            tips={p: SimpleNamespace(tip=tip_of(ys).hex()) for p, ys in self._chains.items()},
        )  # fmt: skip
        lists = self._screening.lists(request, request.draw_at)
        return self._freezing.manifest(cast(Draw, draw), frozen, self._taken, lists), frozen

    def draw(self) -> list[int]:
        """The whole draw, committed; how many stand in each hat."""
        manifest, frozen = self.freeze()
        m, stream = manifest.m, f"draw/{self._number}"
        admission = self.vault.sign_admission(m, 16384)
        with self._books.write() as book:
            beside = {"manifest": manifest.as_object(), "handle_salt": frozen.handle_salt.hex()}
            book.append_protocol(stream, manifest_entry(m, self.vault.handle_of(frozen)), beside)
            book.append_protocol(stream, admission)
        values = [InputValue(InputKind.CHAIN, ys[0]) for ys in self._chains.values()]
        key = primary_key(material(values), m)
        hats = frozen.selectable([slot.seats for slot in manifest.slots])
        found = committee(key, hats, manifest.rules, frozen.keep)
        body = {
            "M": m.hex(),
            "attempt": found.attempt,
            "positions": [list(row) for row in found.positions],
        }
        digest = result_digest(bytes(16), body)
        with self._books.write() as book:
            book.append_protocol(stream, result_entry(m, 0, digest), {"body": canon(body).hex()})
        return [len(hat) for hat in frozen.hats]

    def _request(self) -> DrawRequest:
        return DrawRequest(
            request_key=f"key-{self._number}",
            filed_by="act_bench",
            project_code="EX-2026-001",
            project_name="Example",
            section=str(self._number),
            regime="ZB",
            purpose="EVALUATE",
            slots=tuple(SlotRequest((f"2018:{code}",), 1) for code in SLOTS),
            committee_size=5,
            owner_representatives=(),
            parties=self._parties,
            draw_at=NOW,
            latest_draw_at=NOW + timedelta(hours=1),
            starts_at=STARTS,
            unseal_after=STARTS + timedelta(hours=8),
            place="Room 1",
            contact="Desk 1",
        )


PARTIES = ("centre", "supervisor", "vault")


def bench() -> list[Row]:
    """`draw.full` against both baselines, in milliseconds, and `draw.admission`."""
    made = nation()
    folder = Path(tempfile.mkdtemp(dir=made.home.parent))
    try:
        ours = Drawing(made, folder)
        text, numbers = Baseline(made, "TEXT"), Baseline(made, "INTEGER")
        day = STARTS.date().isoformat()
        quarantine = (NOW.date() - timedelta(days=30)).isoformat()

        def change() -> None:
            standings, units = ours.change()
            text.change(standings, units)
            numbers.change(standings, units)

        change()
        sizes = ours.draw()
        text.draw(day, quarantine)
        numbers.draw(day, quarantine)
        mine, by_text, by_number = interleaved(
            ours.draw,
            lambda: text.draw(day, quarantine),
            lambda: numbers.draw(day, quarantine),
            before=change,
        )
        note = f"{sum(sizes)} eligible in {len(sizes)} slots"
        return [
            Row("draw.full", round(mine * 1000, 1), "ms", "", note),
            Row("draw.full.vs_sqlite", round(by_text / mine, 2), "x", ">= 10", _against(by_text)),
            Row(
                "draw.full.vs_sqlite.int_keys", round(by_number / mine, 2), "x", ">= 10",
                _against(by_number),
            ),
            _admission(ours),
        ]  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _against(seconds: float) -> str:
    return f"baseline {seconds * 1000:.0f} ms"


def _admission(ours: Drawing) -> Row:
    manifest, frozen = ours.freeze()
    hats = frozen.selectable([slot.seats for slot in manifest.slots])
    (seconds,) = interleaved(lambda: dry_run(manifest.m, hats, manifest.rules, frozen.keep))
    return Row("draw.admission", round(seconds * 1000, 1), "ms", "", "16384 dry attempts")


if __name__ == "__main__":
    say(bench())
