"""An expert's own look: in which hats the expert was, and why not, after a draw is over.

A draw says "nobody was left out without a reason" to the supervisor alone; here the one
concerned gets the opening and checks it against what everybody can read in the log.

Source: SPEC.md section 9, "Expert"; RULES R-PRIN-1; THREATS A7.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from draw_engine.core.draw_state import Draw
from draw_engine.core.manifest import Manifest
from draw_engine.core.own_answer import padded, size_of
from draw_engine.expert_pool import ExpertPool
from draw_engine.record import Record
from draw_engine.screening import Standings
from draw_engine.vault import Vault
from foundation.ids import ExpertId


@dataclass(frozen=True, slots=True)
class OwnDraw:
    """One draw that asked for such an expert.

    Attributes:
        index: of the manifest's entry in the log. aborted: it has an opening and no bundle.
        answer: `hats`, `exclusions`, `declines`, `listed` and `pad`; of one size for everybody.
    """

    draw_id: str
    M: str
    index: int
    frozen_at: datetime
    aborted: bool
    manifest: dict[str, Any]
    answer: dict[str, Any]


class OwnHats:
    """Answers for the expert concerned, and for nobody else.

    Args:
        standings: the protocol's reason number of everybody who may not serve, at an instant and
            for a day; asked again for the instant of the freeze, it must say what the draw did.
    """

    def __init__(
        self, record: Record, vault: Vault, pool: ExpertPool, standings: Standings
    ) -> None:
        self._record = record
        self._vault = vault
        self._pool = pool
        self._standings = standings

    def days(self, expert_id: ExpertId) -> list[date]:
        """Days of evaluation for which a draw, now over, asked for such an expert; newest first.

        By what the pool holds of the expert today. Any other day may be asked for as well.
        """
        if not self._pool.has(expert_id):
            return []
        (own,) = self._pool.facts([expert_id])
        fits = {
            date.fromisoformat(manifest.day)
            for _, manifest in self._over()
            if any(s.where.holds(list(own.codes), own.region, own.title) for s in manifest.slots)
        }
        return sorted(fits, reverse=True)

    def on(self, expert_id: ExpertId, day: date) -> list[OwnDraw]:
        """Every draw for evaluations of `day`, now over, that asked for such an expert."""
        found = (self._told(draw, manifest, expert_id) for draw, manifest in self._over(day))
        return [one for one in found if one is not None]

    def _over(self, day: date | None = None) -> Iterator[tuple[Draw, Manifest]]:
        """Draws that are open to everybody: a reason told earlier would tell who bids."""
        for row in self._record.frozen():
            if row.unsealed_at is None:
                continue
            draw = self._record.load(row.id)
            if draw.unsealed is None or draw.holds or draw.manifest is None:
                continue
            manifest = Manifest.read(draw.manifest)
            if day is None or manifest.day == day.isoformat():
                yield draw, manifest

    def _told(self, draw: Draw, manifest: Manifest, expert_id: ExpertId) -> OwnDraw | None:
        wheres = [slot.where for slot in manifest.slots]
        own = self._vault.own_opening(draw.id, wheres, expert_id)
        if own is None or draw.logged is None:
            return None
        day = date.fromisoformat(manifest.day)
        listed = int(self._standings(draw.logged.at, day).get(expert_id, 0))
        return OwnDraw(
            draw_id=draw.id,
            M=draw.M,
            index=draw.logged.index,
            frozen_at=draw.logged.at,
            aborted=draw.ended is not None,
            manifest=dict(draw.manifest or {}),
            answer=padded({**own, "listed": listed}, size_of(manifest)),
        )
