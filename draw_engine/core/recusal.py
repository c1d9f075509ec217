"""Recusal (回避): which units' people may not sit, from the parties of a request.

Parties name units, never persons: no entry here can take out one expert (R-NARROW-3).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from draw_engine.core.request import Party

EMPLOYED_BY_BIDDER: Final = "R-REC-1"
OWN_UNIT: Final = "R-REC-10"

GROUNDS: Final[Mapping[str, str]] = {
    "bidder": EMPLOYED_BY_BIDDER,
    "agency": EMPLOYED_BY_BIDDER,
    "procuring_entity": OWN_UNIT,
}
"""Kind of party -> the rule under which its people stand aside.

R-REC-1 is the labour relation (政采条例 9(1)); an agency's own staff fall under it as well.
R-REC-10 is the own unit's project (87号令 47(3)); with it owner-unit experts are 0 (R-UNIT-1).
"""


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Recused units (回避单位): employers and groups by credit code, each with its rule."""

    employers: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


def conflicts(parties: Iterable[Party], group_of: Mapping[str, str]) -> Conflicts:
    """The units that `parties` bring into conflict, parents and sisters included.

    Args:
        group_of: credit code -> credit code of its parent group, for units the pool
            knows. An unknown unit is a group of its own.

    Where a unit is in conflict under both rules, the own-unit rule is named: it holds
    even when the bidder list turns out wrong.
    """
    employers: dict[str, str] = {}
    groups: dict[str, str] = {}
    for party in sorted(parties, key=lambda one: GROUNDS[one.kind] == OWN_UNIT):
        code = party.unified_credit_code.strip().upper()
        employers[code] = GROUNDS[party.kind]
        # A party may itself be somebody's parent: then its own code is the group.
        for group in {code, group_of.get(code, code)}:
            groups[group] = GROUNDS[party.kind]
    return Conflicts(employers, groups)
