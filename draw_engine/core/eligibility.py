"""Who may be drawn: a funnel that counts, and names the rule at each stage.

Pure NumPy over the columns of the pool. A candidate (候选) satisfies the conditions of at
least one slot; each candidate is eligible or excluded with one reason, never both and
never neither (DRAW_PROTOCOL section 3).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from classification.core.code import SpecialtyCode
from classification.core.widening import HIGHEST_LEVEL
from draw_engine.core.columns import PoolColumns
from draw_engine.core.exclusions import Reason
from draw_engine.core.recusal import EMPLOYED_BY_BIDDER, OWN_UNIT, Conflicts
from draw_engine.core.request import SlotRequest
from draw_engine.core.texts import Bytes, Ints, Names
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId
from foundation.rulebook.overlay import Overlay

Mask = npt.NDArray[np.bool_]

PROFILE: Final = "R-ELIG-10"

RULE_OF: Final[Mapping[Reason, str]] = {
    Reason.QUARANTINE: "R-PRIN-1",
    Reason.NOT_VALID: "R-ELIG-5",
    Reason.LEAVE: "R-ELIG-5",
    Reason.SUSPENDED: "R-ELIG-5",
    Reason.BLACKLISTED: "R-ELIG-6",
    Reason.CONFLICT: EMPLOYED_BY_BIDDER,
}
"""The rule that each reason applies; quarantine keeps a pool from being padded with friends.

Seats elsewhere (R-ELIG-8) and earlier draws of the section are not here: only the vault
knows who sits where, and takes those out itself (`vault_seats`).
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What besides the slots decides who may be drawn.

    Args:
        frozen_on: day of the freeze, China Standard Time; quarantine counts to it.
        day: day of the evaluation, on which the appointment must still be valid.
        quarantine_days: days after admission before an expert enters a hat.
        standings: reason number (2 to 5) of every expert who is not active.
        conflicts: units of the project's parties.
        stale: row -> whether profile or training was not confirmed in time (R-ELIG-10).
        former: who left a unit in conflict less than three years ago (R-REC-1).
        unfit: whose appointment does not reach to this trade, under the rule `base_rule`.
    """

    frozen_on: date
    day: date
    quarantine_days: int = 0
    standings: Mapping[ExpertId, int] = field(default_factory=dict)
    conflicts: Conflicts = field(default_factory=Conflicts)
    stale: Mask | None = None
    former: Collection[ExpertId] = ()
    unfit: Collection[ExpertId] = ()
    base_rule: str = "R-ELIG-1"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the funnel: `n` candidates are left after `rule` was applied."""

    stage: str
    rule: str
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """The outcome of screening.

    Args:
        eligible: per slot the rows that may be drawn, ascending.
        out: the candidates that are in no hat, as rows, and `reasons` beside them.
        stages: counts for the supervisor; the applicant sees `bands` only.
    """

    columns: PoolColumns
    eligible: tuple[Ints, ...]
    out: Ints
    reasons: Bytes
    stages: tuple[Stage, ...]

    @property
    def excluded(self) -> dict[int, Reason]:
        """Row -> reason of the candidates that are in no hat."""
        pairs = zip(self.out.tolist(), self.reasons.tolist(), strict=True)
        return {row: Reason(why) for row, why in pairs}

    def ids(self, slot: int) -> list[ExpertId]:
        """Ids of the experts who may be drawn for a slot."""
        return [ExpertId(self.columns.ids[row]) for row in self.eligible[slot]]

    def excluded_ids(self) -> dict[ExpertId, Reason]:
        """Ids of the excluded candidates with their reason."""
        return {ExpertId(self.columns.ids[row]): why for row, why in self.excluded.items()}


def satisfying(columns: PoolColumns, slot: SlotRequest) -> Ints:
    """Rows that meet the slot's conditions (specialty subtree, region), some more than once.

    An empty list of regions means anywhere. Codes must be of the columns' version.
    """
    rows = columns.holders(slot.bare_codes)
    if slot.regions:
        rows = rows[np.isin(columns.region[rows], np.array(slot.regions, dtype=np.int32))]
    return rows


def screen(columns: PoolColumns, slots: Sequence[SlotRequest], terms: Terms) -> Funnel:
    """Screen the pool for the slots of one request.

    Returns:
        Per slot the eligible rows, the excluded candidates with the lowest reason that
        applies, and how many candidates each stage leaves, its rule named.

    Source: RULES R-ELIG-1, R-ELIG-4, R-ELIG-5, R-ELIG-6, R-ELIG-10, R-REC-1, R-REC-10, R-UNIT-1,
    R-NARROW-1.
    """
    bits = np.zeros(len(columns), np.int32)
    for at, slot in enumerate(slots):
        bits[satisfying(columns, slot)] |= np.int32(1 << at)
    rows = np.flatnonzero(bits != 0).astype(np.int32)
    left = np.ones(len(rows), np.bool_)
    stages = [
        Stage("pool", "R-PRIN-1", len(columns)),
        Stage("specialty_and_region", "R-NARROW-1", len(rows)),
    ]
    reasons = np.zeros(len(rows), np.uint8)
    for name, rule, reason, out in _gates(columns, rows, terms):
        reasons[left & out] = reason
        left &= ~out
        stages.append(Stage(name, rule, int(left.sum())))
    free = rows[left]
    wanted = bits[free]
    eligible = tuple(free[wanted & np.int32(1 << at) != 0] for at in range(len(slots)))
    return Funnel(columns, eligible, rows[~left], reasons[~left], tuple(stages))


def _gates(
    columns: PoolColumns, rows: Ints, terms: Terms
) -> Iterator[tuple[str, str, Reason, Mask]]:
    """Each gate: stage name, rule, reason, candidates it stops; in the order of the reasons."""
    everybody = np.zeros(len(columns), np.uint8)
    if terms.standings:
        found = columns.ids.find(terms.standings)
        numbers = np.fromiter(terms.standings.values(), np.uint8, len(found))
        everybody[found[found >= 0]] = numbers[found >= 0]
    standing = everybody[rows]
    admitted, valid_to = columns.admitted[rows], columns.valid_to[rows]
    stopped: dict[Reason, Mask] = {
        Reason.QUARANTINE: admitted + terms.quarantine_days > terms.frozen_on.toordinal(),
        Reason.NOT_VALID: (valid_to < terms.day.toordinal()) | (standing == Reason.NOT_VALID),
        Reason.LEAVE: standing == Reason.LEAVE,
        Reason.SUSPENDED: standing == Reason.SUSPENDED,
        Reason.BLACKLISTED: standing == Reason.BLACKLISTED,
    }
    for reason, rule in RULE_OF.items():
        if reason is Reason.CONFLICT:
            own = _in_conflict(columns, rows, terms, OWN_UNIT)
            yield "own_unit", OWN_UNIT, reason, own
            now = _in_conflict(columns, rows, terms, EMPLOYED_BY_BIDDER)
            was = _among(columns, terms.former)[rows]
            yield "conflict", EMPLOYED_BY_BIDDER, reason, now | was
            continue
        yield reason.name.lower(), rule, reason, stopped[reason]
        if reason is Reason.NOT_VALID:
            yield "base", terms.base_rule, reason, _among(columns, terms.unfit)[rows]
        if reason is Reason.SUSPENDED:
            stale = np.zeros(len(rows), np.bool_) if terms.stale is None else terms.stale[rows]
            yield "profile", PROFILE, reason, stale


def _among(columns: PoolColumns, some: Collection[ExpertId]) -> Mask:
    """Row by row of the whole pool: is it one of these?"""
    flags = np.zeros(len(columns), np.bool_)
    if some:
        found = columns.ids.find(some)
        flags[found[found >= 0]] = True
    return flags


def _in_conflict(columns: PoolColumns, rows: Ints, terms: Terms, rule: str) -> Mask:
    of = terms.conflicts
    return (
        _named(columns.employers, of.employers, rule)[columns.employer[rows]]
        | _named(columns.orgs, of.groups, rule)[columns.org[rows]]
    )


def _named(names: Names, units: Mapping[str, str], rule: str) -> Mask:
    """Per name: is it a unit under this rule? One more entry, so that no index is outside."""
    flags = np.zeros(len(names) + 1, np.bool_)
    found = names.find([code for code, ground in units.items() if ground == rule])
    flags[found[found >= 0]] = True
    return flags


class Band(StrEnum):
    """All that an applicant may learn of a number of candidates (R-NARROW-2)."""

    AMPLE = "ample"
    SOME = "some"
    FEW = "few"


class PoolTooSmall(ServiceError):
    """Too few eligible experts for the choice to be called random (R-POOL-3).

    Carries what is needed, never how many there are (R-NARROW-2). `way_out_codes` is the
    next step of the widening ladder (R-POOL-4); empty at its top.
    """

    code = "draw.pool_too_small"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-POOL-3"

    def __init__(self, slot: int, specialty: str, needed: int, way_out: tuple[str, ...]) -> None:
        super().__init__(slot=slot, specialty=specialty, needed=needed)
        self.way_out_codes = way_out


def band_of(n: int) -> Band:
    """30 and more are ample, 10 to 29 some, fewer few."""
    return Band.AMPLE if n >= 30 else Band.SOME if n >= 10 else Band.FEW


def bands(
    funnel: Funnel, slots: Sequence[SlotRequest], overlay: Overlay
) -> list[tuple[Band, PoolTooSmall | None]]:
    """Per slot its band and, where the pool is too small for it, the refusal.

    Slots whose candidates all lie within another slot's add their seats to that slot's
    need: splitting one slot into many would otherwise slip under R-POOL-3.
    """
    answers: list[tuple[Band, PoolTooSmall | None]] = []
    found = zip(slots, funnel.eligible, needs(funnel, slots, overlay), strict=True)
    for at, (slot, rows, needed) in enumerate(found):
        refusal = None
        if len(rows) < needed:
            refusal = PoolTooSmall(at, ", ".join(slot.codes), needed, widened(slot.codes))
        answers.append((band_of(len(rows)), refusal))
    return answers


def needs(funnel: Funnel, slots: Sequence[SlotRequest], overlay: Overlay) -> list[int]:
    """Per slot how many candidates it needs, with the seats of the slots within it."""
    members = [_as_mask(rows, len(funnel.columns)) for rows in funnel.eligible]
    return [
        overlay.pool_least(
            sum(
                other.seats
                for its, other in zip(funnel.eligible, slots, strict=True)
                if other is slot or (len(its) and bool(members[at][its].all()))
            )
        )
        for at, slot in enumerate(slots)
    ]


def _as_mask(rows: Ints, length: int) -> Mask:
    mask = np.zeros(length, np.bool_)
    mask[rows] = True
    return mask


def widened(codes: Iterable[str]) -> tuple[str, ...]:
    """The next rung of the ladder for each code, `2018:A080205` -> `2018:A0802`.

    Codes already at the second level have no rung inside the standard. Empty where
    nothing would change.
    """
    before = tuple(codes)
    after = []
    for code in map(SpecialtyCode.parse, before):
        parent = code.parent
        rung = parent if parent is not None and parent.level >= HIGHEST_LEVEL else code
        after.append(str(rung))
    distinct = tuple(dict.fromkeys(after))
    return () if distinct == before else distinct
