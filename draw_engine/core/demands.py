"""What a rule book or a request may demand of a draw, and this program does not draw.

It verifies most of it: a bundle that another program drew with a beacon, dice, escrow or in
`list` mode is read. Drawing without what was demanded would look like drawing with it, so a
demand is refused before anything is filed.

Source: SPEC.md section 0.
"""

from collections.abc import Collection, Iterable
from typing import ClassVar, Final

from foundation.errors import Kind, ServiceError

LATER: Final = frozenset({"drand", "dice", "escrow", "list"})
"""Parts of the protocol that are verified here and not drawn."""

COMMITTEE_REGIONS: Final = "committee_regions"
"""Demands that a request states region rules of its committee; only the request can meet it."""

UNSEALED: Final = "unsealed"
"""Demands a draw in which the vault reveals with the others; only where the overlay allows it."""

RULES: Final = {"weights": "R-DRAW-5", "pairs": "R-UNIT-3"}
"""Demands that no BDP/1 draw can meet, and the rule that speaks of each."""


class NotSupported(ServiceError):
    """A part of the protocol that this program does not draw; `demand` names it."""

    code = "draw.not_supported"
    kind = Kind.CONFLICT

    def __init__(self, demand: str) -> None:
        super().__init__(demand=demand)


class DemandNotStated(ServiceError):
    """Something is demanded that the request itself must say, and it does not say it."""

    code = "draw.demand_not_stated"
    kind = Kind.CONFLICT

    def __init__(self, demand: str) -> None:
        super().__init__(demand=demand)


class UnsealedNotAllowed(ServiceError):
    """Unsealed is weaker: whoever holds the hats can compute the result before the evaluation.
    The rule book in force allows sealed draws only."""

    code = "draw.unsealed_not_allowed"
    kind = Kind.CONFLICT


class RuleNotSupported(ServiceError):
    """A rule that a BDP/1 draw cannot follow: every member of a hat counts alike.

    Weights by performance (R-DRAW-5) and pairs that may not meet (R-UNIT-3) are those.
    """

    code = "draw.rule_not_supported"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = None

    def __init__(self, demand: str) -> None:
        super().__init__(demand=demand, rule_of_demand=RULES[demand])


def require_drawable(
    demands: Iterable[str], stated: Collection[str] = (), *, unsealed_allowed: bool = False
) -> None:
    """Refuse what can't be drawn; an unknown demand is never taken for a met one.

    Args:
        stated: demands that the request meets by what it says.

    Raises:
        NotSupported, RuleNotSupported, DemandNotStated, UnsealedNotAllowed: for the first demand.
    """
    for demand in demands:
        if demand == COMMITTEE_REGIONS:
            if demand not in stated:
                raise DemandNotStated(demand)
            continue
        if demand == UNSEALED:
            if not unsealed_allowed:
                raise UnsealedNotAllowed
            continue
        if demand in RULES:
            raise RuleNotSupported(demand)
        raise NotSupported(demand)
