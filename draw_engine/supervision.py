"""What a supervisor sees of a draw: counts at every stage, chances, the trail of entries.

Never who sits where: positions and pseudonyms appear when the draw is unsealed, names
through their own door.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from draw_engine import store
from draw_engine.core.admission import DRY_ATTEMPTS, Admission, dry_run
from draw_engine.core.draw_state import Draw, Stage
from draw_engine.core.manifest import Manifest
from draw_engine.core.selection import Member
from draw_engine.record import Record
from draw_engine.vault import Vault

SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "draw.requested": (),
    "draw.tip_given": ("party",),
    "manifest": ("M", "handle"),
    "admission": ("party", "accepted"),
    "reveal": ("party", "j"),
    "result": ("step",),
    "decline": ("step", "seat", "class"),
    "abort": ("reason", "party"),
    "unseal": (),
    "alarm": ("party", "code"),
    "draw.refused": ("code", "rule"),
    "draw.lapsed": ("reason", "why"),
    "draw.abort_called": ("reason", "party", "why"),
    "draw.set_aside": ("why", "reason"),
    "draw.kept": ("seat", "seq"),
    "draw.invited": ("seat", "step"),
    "draw.seat_accepted": ("seat", "step"),
    "draw.seat_vacated": ("seat", "step", "class"),
    "draw.names_opened": ("reason",),
    "draw.recomputed": ("outcomes",),
}
"""Which members of an entry the trail shows; a member not named here stays where it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the trail."""

    index: int
    at: datetime
    type: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SeatOpened:
    """A final member without a name, after unsealing."""

    slot: int
    position: int
    member: Member


@dataclass(frozen=True, slots=True)
class Requester:
    """What the applicant of a draw asked before: about this lot, and about all lots.

    `refused` are filings that were refused at once and draws refused at the freeze; `aborted`
    draws that ended without a committee (SPEC.md section 3: M can be ground).
    """

    checks: int
    checks_in_all: int
    refused: int
    refused_in_all: int
    aborted_in_all: int


@dataclass(frozen=True, slots=True)
class Supervised:
    """A draw as the supervisor sees it."""

    draw: Draw
    admission: Admission | None
    trail: list[Step]
    committee: list[SeatOpened] | None
    requester: Requester

    @property
    def attempts(self) -> int:
        """Dry attempts of the admission test."""
        return DRY_ATTEMPTS


class Supervision:
    """Reads for supervisors; writes nothing."""

    def __init__(self, record: Record, vault: Vault) -> None:
        self._record = record
        self._vault = vault
        self._admissions: dict[str, Admission] = {}

    def look(self, draw_id: str) -> Supervised:
        """Everything about a draw but the names; DrawUnknown if there is none."""
        draw = self._record.load(draw_id)
        trail = [
            Step(
                entry.index,
                entry.at,
                entry.type,
                _shown(entry.type, entry.protocol if entry.protocol is not None else entry.body),
            )
            for entry in self._record.entries(draw_id)
        ]
        admission, committee = self._admission(draw), self._committee(draw)
        return Supervised(draw, admission, trail, committee, self._requester(draw))

    def _requester(self, draw: Draw) -> Requester:
        request = draw.request
        lot = (request.project_code, request.section)
        with self._record.books.read() as book:
            here = store.tally(book.db, request.filed_by, lot)
            everywhere = store.tally(book.db, request.filed_by)
            rows = store.all_rows(book.db, request.filed_by)
        refused = [row for row in rows if row.stage == Stage.REFUSED]
        return Requester(
            checks=here.checks,
            checks_in_all=everywhere.checks,
            refused=here.refused + sum((r.project_code, r.section) == lot for r in refused),
            refused_in_all=everywhere.refused + len(refused),
            aborted_in_all=sum(row.stage == Stage.ABORTED for row in rows),
        )

    def _admission(self, draw: Draw) -> Admission | None:
        if draw.manifest is None:
            return None
        if draw.id not in self._admissions:
            manifest = Manifest.read(draw.manifest)
            hats = self._vault.frozen(draw.id).selectable([s.seats for s in manifest.slots])
            found = dry_run(manifest.m, hats, manifest.rules, manifest.keep)
            self._admissions[draw.id] = found
        return self._admissions[draw.id]

    def _committee(self, draw: Draw) -> list[SeatOpened] | None:
        if draw.unsealed is None or draw.ended is not None:
            return None
        frozen = self._vault.frozen(draw.id)
        return [
            SeatOpened(slot, position, frozen.members[slot][position])
            for slot, position in self._vault.final_places(draw.id)
        ]


def _shown(type_: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
    members = SHOWN.get(type_, ())
    return {name: body[name] for name in members if body is not None and name in body}
