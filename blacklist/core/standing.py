"""May this expert serve, and why not: one function for every draw and every room door.

A standing (任职状态) is computed, never stored: what has an end has ended by itself, and no
clerk can forget to end it. The past is the same function at an earlier instant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from blacklist.core.facts import Departure, ExitRequest, Fact, Measure, Proposal, china_day
from blacklist.core.grounds import (
    EXIT_REASON,
    EXITED_REASON,
    KINDS,
    STATUS_GATE,
    STRICTEST_FIRST,
    Status,
)
from foundation.digest import canon, sha256
from foundation.ids import ExpertId

FROZEN_REASON: Final = 4
LISTS_TAG: Final = b"BDP1-service/lists\0"


@dataclass(frozen=True, slots=True)
class Why:
    """One thing that stops an expert.

    Attributes:
        rule: of the rule book. reason: number of the protocol (2 to 5).
        until: last day; None has no end, or none that is known.
        source: id of the measure, proposal, request or departure; empty for a profile.
        ground: code of the closed list; empty where there is none.
    """

    status: Status
    rule: str
    reason: int
    until: date | None = None
    source: str = ""
    ground: str = ""

    @property
    def bars_a_seat(self) -> bool:
        """Does it take a seat away that is held already? A profile's freeze does not."""
        return self.status is not Status.FROZEN or bool(self.source)


@dataclass(frozen=True, slots=True)
class Standing:
    """May the expert serve, and everything that says no, the strictest first."""

    whys: tuple[Why, ...] = ()

    @property
    def may_serve(self) -> bool:
        """Only an expert whom nothing stops may be drawn, or take a seat."""
        return not self.whys

    @property
    def may_keep_seat(self) -> bool:
        """An overdue profile keeps out of new draws; a seat that is held stays."""
        return not any(one.bars_a_seat for one in self.whys)

    @property
    def status(self) -> Status:
        """The strictest that applies."""
        return self.whys[0].status if self.whys else Status.ACTIVE

    @property
    def rule(self) -> str:
        """The rule behind the strictest."""
        return self.whys[0].rule if self.whys else ""

    @property
    def reason(self) -> int:
        """The protocol's number: the lowest that applies; 0 for an expert who may serve."""
        return min((why.reason for why in self.whys), default=0)

    @property
    def until(self) -> date | None:
        """The last day on which something stops the expert; None where an end is not known."""
        ends = [why.until for why in self.whys]
        return max((one for one in ends if one), default=None) if None not in ends else None


ACTIVE: Final = Standing()


def may_serve(
    facts: Iterable[Fact],
    at: datetime,
    day: date | None = None,
    also: Iterable[Why] = (),
) -> Standing:
    """The standing of one expert.

    Args:
        facts: everything on record about this expert; what came after `at` does not count.
        at: the instant of asking; a draw asks at its freeze, so a new entry counts from
            the next freeze on.
        day: day of the evaluation. A measure in force on the day of asking or on this
            one stops the expert.
        also: what other rooms say, such as a profile that was not confirmed in time.

    Source: RULES R-ELIG-5, R-ELIG-6, R-EXIT-6; SPEC.md section 1.
    """
    days = {china_day(at), day or china_day(at)}
    found = [why for fact in facts for why in _whys(fact, at, days)]
    return Standing(tuple(sorted([*found, *also], key=_strictness)))


def _whys(fact: Fact, at: datetime, days: Iterable[date]) -> list[Why]:
    match fact:
        case Measure() | Proposal() if any(fact.in_force(at, on) for on in days):
            one = fact if isinstance(fact, Measure) else fact.measure
            rule = KINDS[one.kind]
            until = one.ends_on if isinstance(fact, Measure) else _sooner(fact)
            return [Why(rule.status, rule.rule, rule.reason, until, one.id, one.ground)]
        case ExitRequest():
            status = fact.status(at)
            if status is Status.EXITED:
                return [Why(status, STATUS_GATE, EXITED_REASON, None, fact.id, fact.ground)]
            if status is Status.EXIT_PENDING:
                return [Why(status, STATUS_GATE, EXIT_REASON, None, fact.id, fact.ground)]
        case Departure() if fact.in_force(at):
            return [Why(Status.EXITED, STATUS_GATE, EXITED_REASON, None, fact.id, fact.ground)]
    return []


def _sooner(proposal: Proposal) -> date | None:
    ends = [one for one in (proposal.lapses_on, proposal.measure.ends_on) if one]
    return min(ends, default=None)


def _strictness(why: Why) -> tuple[int, int, str]:
    return STRICTEST_FIRST.index(why.status), -(why.until or date.max).toordinal(), why.source


def lists_hash(reasons: Mapping[ExpertId, int]) -> bytes:
    """The hash of a whole answer: who may not serve and for which reason number; 32 bytes.

    Source: SPEC.md section 5.
    """
    return sha256(LISTS_TAG, canon([[one, reasons[one]] for one in sorted(reasons)]))
