"""Recusal (回避): which units' people may not sit, from the parties of a request.

Parties name units, never persons: no entry here can take out one expert (R-NARROW-3).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
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

R-REC-1 is the labour relation (政采条例 9(1)), now or within three years before the activity;
an agency's own staff fall under it as well.
R-REC-10 is the own unit's project (87号令 47(3)); with it owner-unit experts are 0 (R-UNIT-1).
"""


LOOK_BACK_YEARS: Final = 3
"""How long a labour relation that has ended still recuses (R-REC-1)."""


def look_back(day: date) -> date:
    """The first day on which a labour relation that ended then still recuses on `day`."""
    year = day.year - LOOK_BACK_YEARS
    if (day.month, day.day) == (2, 29):
        return date(year, 2, 28)
    return day.replace(year=year)


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Recused units (回避单位): employers and groups by credit code, each with its rule."""

    employers: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)

    def under(self, rule: str) -> tuple[frozenset[str], frozenset[str]]:
        """Employers and groups that are in conflict under one rule."""
        return (
            frozenset(code for code, ground in self.employers.items() if ground == rule),
            frozenset(code for code, ground in self.groups.items() if ground == rule),
        )


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
