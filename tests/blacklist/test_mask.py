"""The mask of a whole pool says of each expert what `may_serve` says."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.core.facts import (
    Act,
    Decision,
    Departure,
    ExitRequest,
    Fact,
    Measure,
    Outcome,
    Proposal,
    china_day,
)
from blacklist.core.grounds import ExitKind, Kind
from blacklist.core.mask import StandingColumns
from blacklist.core.standing import may_serve
from foundation.ids import ExpertId

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
IDS = [ExpertId(f"ex_{n}") for n in range(5)]
ORDER = {one: place for place, one in enumerate(IDS)}

who = st.sampled_from(IDS)
instants = st.integers(-9, 9).map(lambda n: NOON + timedelta(hours=8 * n))
"""Few of them, so that two facts often meet to the second."""
days = st.integers(-3, 3).map(lambda n: TODAY + timedelta(days=n))
some = st.none() | instants


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    recorded = draw(instants)
    return Measure(
        id="bl",
        expert_id=draw(who),
        kind=draw(st.sampled_from(Kind)),
        ground="leak",
        basis="b",
        deciding_body="d",
        starts_on=draw(days),
        ends_on=draw(st.none() | days),
        recorded_by="a",
        recorded_at=recorded,
        urgent=draw(st.booleans()),
        proposed_at=draw(some),
        lifted_at=draw(some),
    )


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    ends = draw(st.none() | days)
    terms = {
        "kind": draw(st.sampled_from(Kind)).value,
        "ground": "leak",
        "basis": "b",
        "deciding_body": "d",
        "starts_on": draw(days).isoformat(),
        "ends_on": ends.isoformat() if ends else "",
    }
    return Proposal(
        id="bl",
        act=draw(st.sampled_from([Act.ENTER, Act.CORRECT])),
        expert_id=draw(who),
        terms=terms,
        proposed_by="a",
        proposed_at=draw(instants),
        urgent=draw(st.booleans()),
        lapses_on=draw(st.none() | days),
        outcome=draw(st.sampled_from(Outcome)),
        ended_at=draw(some),
    )


@st.composite
def requests(draw: st.DrawFn) -> ExitRequest:
    asked = draw(instants)
    decision = draw(st.sampled_from(Decision))
    later = draw(st.integers(0, 9)) * timedelta(hours=8)
    return ExitRequest(
        id="xr",
        expert_id=draw(who),
        ground="age",
        text="",
        asked_by="a",
        asked_at=asked,
        decision=decision,
        decided_at=None if decision is Decision.ASK else asked + later,
        release_on=draw(st.none() | days),
    )


@st.composite
def departures(draw: st.DrawFn) -> Departure:
    return Departure(
        id="dp",
        expert_id=draw(who),
        kind=draw(st.sampled_from(ExitKind)),
        ground="other",
        basis="b",
        deciding_body="d",
        proposed_by="a",
        recorded_by="b",
        recorded_at=draw(instants),
        undone_at=draw(some),
    )


facts = st.lists(st.one_of(measures(), proposals(), requests(), departures()), max_size=12)


def one_by_one(found: Iterable[Fact], at: datetime, day: date | None) -> list[int]:
    """The reasons, asked expert by expert."""
    on_record: defaultdict[ExpertId, list[Fact]] = defaultdict(list)
    for fact in found:
        on_record[fact.expert_id].append(fact)
    return [may_serve(on_record[one], at, day).reason for one in IDS]


@settings(max_examples=600)
@given(found=facts, at=instants, day=st.none() | days)
def test_the_mask_is_may_serve_for_each_expert(
    found: list[Fact], at: datetime, day: date | None
) -> None:
    """R-ELIG-5, R-ELIG-6: one answer, asked for one expert or for all."""
    reasons = StandingColumns.of(found, ORDER).reasons(at, day)

    assert reasons.dtype == np.uint8
    assert reasons.tolist() == one_by_one(found, at, day)


def test_who_has_nothing_on_record_may_serve_and_strangers_are_left_out() -> None:
    stranger = Departure(
        "dp", ExpertId("ex_else"), ExitKind.REMOVED, "other", "b", "d", "a", "b", NOON
    )
    columns = StandingColumns.of([stranger], ORDER)
    assert columns.reasons(NOON).tolist() == [0] * 5
    assert china_day(NOON) == TODAY
