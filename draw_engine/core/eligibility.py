"""Who may be drawn: a funnel that counts, and names the rule at each stage.

Pure NumPy over the columns of the pool. A candidate (候选) satisfies the conditions of at
least one slot; each candidate is eligible or excluded with one reason, never both and
never neither (DRAW_PROTOCOL section 3).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from classification.core.code import SpecialtyCode
from classification.core.widening import HIGHEST_LEVEL
from draw_engine.core.columns import Ints, PoolColumns
from draw_engine.core.exclusions import Reason
from draw_engine.core.recusal import EMPLOYED_BY_BIDDER, OWN_UNIT, Conflicts
from draw_engine.core.request import SlotRequest
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId
from foundation.rulebook.overlay import Overlay

Mask = npt.NDArray[np.bool_]


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
    """

    frozen_on: date
    day: date
    quarantine_days: int = 0
    standings: Mapping[ExpertId, int] = field(default_factory=dict)
    conflicts: Conflicts = field(default_factory=Conflicts)


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
        excluded: row -> reason, over the candidates that are in no hat.
        stages: counts for the supervisor; the applicant sees `bands` only.
    """

    columns: PoolColumns
    eligible: tuple[Ints, ...]
    excluded: Mapping[int, Reason]
    stages: tuple[Stage, ...]

    def ids(self, slot: int) -> list[ExpertId]:
        """Ids of the experts who may be drawn for a slot."""
        return [self.columns.ids[row] for row in self.eligible[slot]]

    def excluded_ids(self) -> dict[ExpertId, Reason]:
        """Ids of the excluded candidates with their reason."""
        return {self.columns.ids[row]: reason for row, reason in self.excluded.items()}


def satisfies(columns: PoolColumns, slot: SlotRequest) -> Mask:
    """Per row: does the expert meet the slot's conditions (specialty subtree, region)?

    An empty list of regions means anywhere. Codes must be of the columns' version.
    """
    found = columns.holding(slot.bare_codes)
    if slot.regions:
        found &= np.isin(columns.region, np.array(slot.regions, dtype=np.int32))
    return found


def screen(columns: PoolColumns, slots: Sequence[SlotRequest], terms: Terms) -> Funnel:
    """Screen the pool for the slots of one request.

    Returns:
        Per slot the eligible rows, the excluded candidates with the lowest reason that
        applies, and how many candidates each stage leaves, its rule named.

    Source: RULES R-ELIG-5, R-ELIG-6, R-REC-1, R-REC-10, R-UNIT-1, R-NARROW-1.
    """
    wanted = [satisfies(columns, slot) for slot in slots]
    left: Mask = np.logical_or.reduce(wanted) if wanted else np.zeros(len(columns), np.bool_)
    stages = [
        Stage("pool", "R-PRIN-1", len(columns)),
        Stage("specialty_and_region", "R-NARROW-1", int(left.sum())),
    ]
    excluded: dict[int, Reason] = {}
    for name, rule, reason, out in _gates(columns, terms):
        excluded.update(dict.fromkeys(np.flatnonzero(left & out).tolist(), reason))
        left = left & ~out
        stages.append(Stage(name, rule, int(left.sum())))
    eligible = tuple(np.flatnonzero(mask & left).astype(np.int32) for mask in wanted)
    return Funnel(columns, eligible, excluded, tuple(stages))


def _gates(columns: PoolColumns, terms: Terms) -> list[tuple[str, str, Reason, Mask]]:
    """Each gate: stage name, rule, reason, rows it stops; in the order of the reasons."""
    standing = np.zeros(len(columns), dtype=np.int32)
    for expert, number in terms.standings.items():
        if (row := columns.rows.get(expert)) is not None:
            standing[row] = number
    stopped: dict[Reason, Mask] = {
        Reason.QUARANTINE: columns.admitted + terms.quarantine_days > terms.frozen_on.toordinal(),
        Reason.NOT_VALID: (columns.valid_to < terms.day.toordinal())
        | (standing == Reason.NOT_VALID),
        Reason.LEAVE: standing == Reason.LEAVE,
        Reason.SUSPENDED: standing == Reason.SUSPENDED,
        Reason.BLACKLISTED: standing == Reason.BLACKLISTED,
    }
    gates: list[tuple[str, str, Reason, Mask]] = []
    for reason, rule in RULE_OF.items():
        if reason is Reason.CONFLICT:
            for stage, ground in (("own_unit", OWN_UNIT), ("conflict", EMPLOYED_BY_BIDDER)):
                gates.append((stage, ground, reason, _in_conflict(columns, terms, ground)))
        else:
            gates.append((reason.name.lower(), rule, reason, stopped[reason]))
    return gates


def _in_conflict(columns: PoolColumns, terms: Terms, rule: str) -> Mask:
    of = terms.conflicts
    employers = [of.employers.get(one) == rule for one in columns.employers]
    orgs = [of.groups.get(one) == rule for one in columns.orgs]
    return _look_up(employers, columns.employer) | _look_up(orgs, columns.org)


def _look_up(flags: Sequence[bool], index: Ints) -> Mask:
    return np.array(flags, dtype=np.bool_)[index] if flags else np.zeros(len(index), np.bool_)


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
    members = [set(rows.tolist()) for rows in funnel.eligible]
    return [
        overlay.pool_least(
            sum(
                other.seats
                for its, other in zip(members, slots, strict=True)
                if other is slot or (its and its <= members[at])
            )
        )
        for at, slot in enumerate(slots)
    ]


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
