"""What changed hands near an instant: who was stopped and who was freed by somebody's act.

Close before a freeze such a change can empty or pad a hat; twice for one expert, around it,
it can hide one (ABUSE A6, A7, D14). What began or ended by its own day is no act and not here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from blacklist.core.facts import Act, Decision, Departure, ExitRequest, Fact, Measure, Proposal
from blacklist.core.grounds import KINDS, Status
from foundation.ids import ExpertId


@dataclass(frozen=True, slots=True)
class Change:
    """One act that stopped or freed an expert.

    Attributes:
        stops: whether it stopped the expert; otherwise it freed one.
        status: the standing that began or ended. source: id of the fact.
        flip: within the same span the same expert was stopped and freed.
    """

    at: datetime
    expert_id: ExpertId
    stops: bool
    status: Status
    ground: str
    source: str
    flip: bool = False


def changes(facts: Iterable[Fact], since: datetime, until: datetime) -> tuple[Change, ...]:
    """Every act from `since` to `until`, oldest first; both ends count."""
    found = [one for fact in facts for one in _acts(fact) if since <= one.at <= until]
    ways: defaultdict[ExpertId, set[bool]] = defaultdict(set)
    for one in found:
        ways[one.expert_id].add(one.stops)
    flips = (replace(one, flip=len(ways[one.expert_id]) > 1) for one in found)
    return tuple(sorted(flips, key=lambda one: (one.at, one.expert_id, one.source)))


def _acts(fact: Fact) -> Iterator[Change]:
    match fact:
        case Measure():
            status = KINDS[fact.kind].status
            yield _one(fact, fact.counts_from, status, fact.ground, stops=True)
            if fact.lifted_at is not None:
                yield _one(fact, fact.lifted_at, status, fact.lift_ground, stops=False)
        case Proposal() if fact.urgent and fact.act is Act.ENTER:
            status, ground = Status.SUSPENDED, fact.measure.ground
            yield _one(fact, fact.proposed_at, status, ground, stops=True)
            if fact.ended_at is not None:
                yield _one(fact, fact.ended_at, status, ground, stops=False)
        case ExitRequest():
            yield _one(fact, fact.asked_at, Status.EXIT_PENDING, fact.ground, stops=True)
            if fact.decided_at is not None and fact.decision is Decision.REFUSE:
                yield _one(fact, fact.decided_at, Status.EXIT_PENDING, fact.ground, stops=False)
        case Departure():
            yield _one(fact, fact.recorded_at, Status.EXITED, fact.ground, stops=True)
            if fact.undone_at is not None:
                yield _one(fact, fact.undone_at, Status.EXITED, fact.ground, stops=False)
        case _:
            return


def _one(fact: Fact, at: datetime, status: Status, ground: str, *, stops: bool) -> Change:
    return Change(at, fact.expert_id, stops, status, ground, fact.id)
