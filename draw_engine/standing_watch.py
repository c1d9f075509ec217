"""Which standings people changed close to a freeze, and whether it touched this draw's candidates.

Nothing here judges: emptying or padding a hat shows as a burst, hiding one expert as a flip
(stopped and freed within the span). The supervisor sees it beside the draw, for ever.

Source: R-ELIG-5; the abuses A6, A7 and D14.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from blacklist.core.changes import Change
from draw_engine.expert_pool import ExpertPool
from draw_engine.record import Record
from draw_engine.screening import where_of
from foundation.clock import Clock

Changes = Callable[[datetime, datetime], Iterable[Change]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One change; `candidate` says whether the expert fits a slot of the draw."""

    change: Change
    candidate: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """The changes of a span around a freeze, oldest first."""

    since: datetime
    until: datetime
    frozen_at: datetime | None
    seen: tuple[Seen, ...]


class StandingWatch:
    """Looks at changes of standing around freezes; writes nothing.

    Args:
        changes: every act that stopped or freed an expert between two instants.
        span: how long before a freeze a change counts as close, and how long after.
    """

    def __init__(
        self, record: Record, pool: ExpertPool, clock: Clock, changes: Changes, span: timedelta
    ) -> None:
        self._record = record
        self._pool = pool
        self._clock = clock
        self._changes = changes
        self._span = span

    def look(self, draw_id: str) -> Watched:
        """The changes around the freeze of a draw, or until now where it is still to come.

        Raises:
            DrawUnknown.
        """
        draw = self._record.load(draw_id)
        frozen_at = draw.screened_at or (draw.logged.at if draw.logged else None)
        middle, now = frozen_at or self._clock.now(), self._clock.now()
        since, until = middle - self._span, min(middle + self._span, now)
        found = tuple(self._changes(since, until))
        there = self._pool.among(one.expert_id for one in found)
        wheres = [where_of(slot) for slot in draw.request.slots]
        candidates = {
            one.expert_id
            for one in (self._pool.facts(there) if there else ())
            if any(where.holds(list(one.codes), one.region, one.title) for where in wheres)
        }
        seen = tuple(Seen(one, one.expert_id in candidates) for one in found)
        return Watched(since, until, frozen_at, seen)
