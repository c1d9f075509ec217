"""Who of a whole pool may serve, as one array: `may_serve` for a million experts at once.

Facts are columns, a row each; an expert without a row may serve. Every fact says in three
intervals when it counts, so that one comparison of columns answers for all of them; the
answer is that of `standing.may_serve` for each expert.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from blacklist.core.facts import (
    Decision,
    Departure,
    ExitRequest,
    Fact,
    Measure,
    Proposal,
    china_day,
)
from blacklist.core.grounds import EXIT_REASON, EXITED_REASON, KINDS
from foundation.ids import ExpertId

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EVER: Final = np.iinfo(np.int64).max
LAST_DAY: Final = np.iinfo(np.int32).max
FIRST_DAY: Final = 0

_DTYPE: Final = np.dtype(
    [
        ("expert", np.int32),
        ("reason", np.uint8),
        ("known_from", np.int64),  # microseconds; inclusive
        ("known_until", np.int64),  # microseconds; exclusive
        ("asked_from", np.int32),  # day of asking, inclusive
        ("asked_until", np.int32),
        ("first_day", np.int32),  # day of asking or of service, inclusive
        ("last_day", np.int32),
    ]
)

_Line = tuple[int, int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class StandingColumns:
    """Everything on record about a pool, as columns.

    Attributes:
        experts: size of the pool.
        facts: one row for each way in which one fact can stop one expert.
    """

    experts: int
    columns: Mapping[str, NDArray[Any]]

    @classmethod
    def of(cls, facts: Iterable[Fact], order: Mapping[ExpertId, int]) -> "StandingColumns":
        """From facts; `order` gives every expert of the pool a place from 0, others none."""
        lines = [
            line
            for fact in facts
            if (place := order.get(fact.expert_id)) is not None
            for line in _lines(place, fact)
        ]
        table = np.array(lines, dtype=_DTYPE)
        return cls(
            len(order), {name: np.ascontiguousarray(table[name]) for name in _DTYPE.names or ()}
        )

    def reasons(self, at: datetime, day: date | None = None) -> NDArray[np.uint8]:
        """The protocol's reason number of each expert; 0 for one who may serve.

        Args:
            at: the instant of asking.
            day: day of the evaluation; a fact of the day of asking or of this one counts.

        Returns:
            Shape (experts,), the lowest number that applies, as `Standing.reason`.

        Source: RULES R-ELIG-5, R-ELIG-6; SPEC.md section 1.
        """
        of, instant, asked = self.columns, _micros(at), china_day(at).toordinal()
        served = (day or china_day(at)).toordinal()
        first, last = of["first_day"], of["last_day"]
        counts = (of["known_from"] <= instant) & (instant < of["known_until"])
        counts &= (of["asked_from"] <= asked) & (asked <= of["asked_until"])
        counts &= ((first <= asked) & (asked <= last)) | ((first <= served) & (served <= last))
        experts, reasons = of["expert"][counts], of["reason"][counts]
        found = np.zeros(self.experts, np.uint8)
        # from the highest down, so that the lowest is written last and stays
        for reason in sorted(set(reasons.tolist()), reverse=True):
            found[experts[reasons == reason]] = reason
        return found


def _lines(place: int, fact: Fact) -> list[_Line]:
    match fact:
        case Measure():
            return [_of_measure(place, fact, _until(fact.lifted_at), LAST_DAY)]
        case Proposal():
            if not fact.urgent or fact.act.value != "enter" or fact.lapses_on is None:
                return []
            lapses = fact.lapses_on.toordinal()
            return [_of_measure(place, fact.measure, _until(fact.ended_at), lapses)]
        case ExitRequest():
            return _of_request(place, fact)
        case Departure():
            known = (_micros(fact.recorded_at), _until(fact.undone_at))
            return [(place, EXITED_REASON, *known, FIRST_DAY, LAST_DAY, FIRST_DAY, LAST_DAY)]


def _of_measure(place: int, one: Measure, until: int, asked_until: int) -> _Line:
    ends = LAST_DAY if one.ends_on is None else one.ends_on.toordinal()
    return (
        place,
        KINDS[one.kind].reason,
        _micros(one.counts_from),
        until,
        FIRST_DAY,
        asked_until,
        one.starts_on.toordinal(),
        ends,
    )


def _of_request(place: int, one: ExitRequest) -> list[_Line]:
    """It waits; or the time to decide is over without a decision; or it was granted."""
    waits = (_micros(one.asked_at), _until(one.decided_at))
    over = LAST_DAY if one.release_on is None else one.release_on.toordinal()
    lines: list[_Line] = [
        (place, EXIT_REASON, *waits, FIRST_DAY, over, FIRST_DAY, LAST_DAY),
    ]
    if one.release_on is not None:
        lines.append(
            (place, EXITED_REASON, *waits, over + 1, LAST_DAY, FIRST_DAY, LAST_DAY),
        )
    if one.decided_at is not None and one.decision is Decision.GRANT:
        # who was asking a second time before the decision is the other lines' concern
        known = (max(_micros(one.decided_at), waits[0]), EVER)
        lines.append((place, EXITED_REASON, *known, FIRST_DAY, LAST_DAY, FIRST_DAY, LAST_DAY))
    return lines


def _until(at: datetime | None) -> int:
    return EVER if at is None else _micros(at)


def _micros(at: datetime) -> int:
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
