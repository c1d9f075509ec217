"""From a request to candidates: conditions, standings and recusal applied to the pool.

The applicant learns bands, the supervisor counts, and nobody here learns who sits where:
seats elsewhere are taken out by the vault.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, Protocol

import numpy as np

from blacklist.core.standing import lists_hash
from classification.service import ClassificationService
from draw_engine.core.appointment import Base, base_of
from draw_engine.core.book_line import Lists
from draw_engine.core.columns import PoolColumns
from draw_engine.core.eligibility import Funnel, Mask, Terms, bands, screen
from draw_engine.core.manifest import Where
from draw_engine.core.recusal import Conflicts, conflicts
from draw_engine.core.request import DrawRequest, SlotRequest
from draw_engine.expert_pool import ExpertPool
from draw_engine.vault_freeze import ELIGIBLE, UNKNOWN, Screened
from foundation.clock import CHINA_STANDARD_TIME
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId
from foundation.rulebook.overlay import Overlay

Standings = Callable[[datetime, date], Mapping[ExpertId, int]]
"""Reason number (2 to 5) of every expert who is not active at the freeze or on the day."""


BASE_RULES: Final[Mapping[Base | None, str]] = {
    Base.ZB: "R-ELIG-1",
    Base.GP: "R-ELIG-4",
    None: "R-PRIN-1",
}
"""The rule by which an expert's appointment reaches to a trade or does not."""


class Profiles(Protocol):
    """What the experts' profiles say about a draw, as of an instant."""

    def stale(self, columns: PoolColumns, at: datetime) -> Mask | None:
        """Row -> whether profile or training is overdue; None where nobody's is."""
        ...

    def former(self, of: Conflicts, day: date, at: datetime) -> Collection[ExpertId]:
        """Who left a unit in conflict within the look-back before `day`."""
        ...

    def unfit(self, base: Base, at: datetime) -> Collection[ExpertId]:
        """Whose appointment does not reach to a trade."""
        ...


class ClassificationDiffers(ServiceError):
    """The request's codes are of another version of the standard than the pool's."""

    code = "draw.classification_differs"
    kind = Kind.INVALID


class Screening:
    """Screens the pool for a request."""

    def __init__(
        self,
        pool: ExpertPool,
        classification: ClassificationService,
        standings: Standings,
        overlay: Overlay,
        profiles: Profiles | None = None,
    ) -> None:
        self._profiles = profiles
        self._pool = pool
        self._classification = classification
        self._standings = standings
        self._overlay = overlay

    def funnel(self, request: DrawRequest, now: datetime) -> Funnel:
        """Who may be drawn if the freeze were now.

        Raises:
            ClassificationDiffers: codes of another version than the pool's.
            UnknownCode, WrongVersion, CodeHasMoved: codes that the standard does not have.
            UnknownRegion: a region rule names a region that there is not.
        """
        for asked in request.region_rules:
            for region in asked.regions:
                self._classification.regions.get(f"{region:06d}")
        for slot in request.slots:
            for code in slot.codes:
                self._classification.resolve(code)
        columns = self._pool.columns()
        if request.classification != columns.classification:
            raise ClassificationDiffers(given=request.classification, wanted=columns.classification)
        return self._screened(columns, request, now)

    def funnel_again(self, request: DrawRequest, now: datetime) -> Funnel:
        """The funnel of a draw that was frozen, by the version of the standard that it used."""
        return self._screened(self._pool.columns_then(request.classification, now), request, now)

    def _screened(self, columns: PoolColumns, request: DrawRequest, now: datetime) -> Funnel:
        day = china_day(request.starts_at)
        terms = Terms(
            frozen_on=china_day(now),
            day=day,
            quarantine_days=self._overlay.quarantine_days,
            standings=self._standings(now, day),
            conflicts=conflicts(request.parties, self._pool.groups_of(_codes(request))),
        )
        if self._profiles is not None:
            base = base_of(request.regime)
            terms = replace(
                terms,
                stale=self._profiles.stale(columns, now),
                former=self._profiles.former(terms.conflicts, day, now),
                unfit=() if base is None else self._profiles.unfit(base, now),
                base_rule=BASE_RULES[base],
            )
        return screen(columns, request.slots, terms)

    def lists(self, request: DrawRequest, now: datetime) -> Lists:
        """The lists that a freeze at `now` uses, by their hash."""
        day = china_day(request.starts_at)
        return Lists(china_day(now), lists_hash(self._standings(now, day)))

    def require_enough(self, request: DrawRequest, funnel: Funnel) -> None:
        """Refuse a slot whose choice could not be called random.

        Raises:
            PoolTooSmall: the first slot with too few (R-POOL-3).
        """
        for _, refusal in bands(funnel, request.slots, self._overlay):
            if refusal is not None:
                raise refusal

    def screened(self, request: DrawRequest, funnel: Funnel) -> Screened:
        """What the vault needs to know of the outcome."""
        reasons = np.full(len(funnel.columns), UNKNOWN, np.uint8)
        reasons[funnel.out] = funnel.reasons
        for rows in funnel.eligible:
            reasons[rows] = ELIGIBLE
        wheres = tuple(where_of(slot) for slot in request.slots)
        return Screened(wheres, funnel.columns.ids, reasons)

    @property
    def cooldown(self) -> timedelta:
        """Time between an expert's seats, from the overlay."""
        return timedelta(days=self._overlay.cooldown_days)


def _codes(request: DrawRequest) -> list[str]:
    return [party.unified_credit_code.strip().upper() for party in request.parties]


def where_of(slot: SlotRequest) -> Where:
    """The predicate of a slot as the manifest writes it."""
    return Where(slot.bare_codes, tuple(sorted(slot.regions)))


def china_day(at: datetime) -> date:
    """The day in China Standard Time."""
    return at.astimezone(CHINA_STANDARD_TIME).date()
