"""R-AV-3: no scores from somebody who is neither seen nor heard."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from evaluation_room.core import commands as wishes
from evaluation_room.core.commands import Command
from evaluation_room.core.errors import NotSeen
from evaluation_room.core.seen import SCORING_ACTS, require_seen, unseen_seconds
from evaluation_room.core.values import Phase
from tests.evaluation_room.bench import START, RoomBench

DRAFT = wishes.SaveDraft(revision=1, done=0, draft="{}")
EXPLAIN = wishes.ExplainScore(bidder="b1", criterion="c1", reason="业绩有限")


@pytest.mark.parametrize("unseen", [None, 0.0, 119.9, 120.0])
def test_who_was_seen_lately_may_score(unseen: float | None) -> None:
    require_seen(EXPLAIN, unseen, 120)


def test_r_av_3_who_was_not_seen_for_too_long_may_not_score() -> None:
    with pytest.raises(NotSeen) as refused:
        require_seen(EXPLAIN, 120.5, 120)
    assert refused.value.facts == {"seconds": 120, "allowed": 120}
    assert refused.value.rule == "R-AV-3"
    require_seen(EXPLAIN, 9999, 0)  # not enforced


def test_only_acts_of_scoring_wait_for_a_picture() -> None:
    others = [one for one in get_args(get_args(Command)[0]) if one not in SCORING_ACTS]
    assert wishes.SaveDraft in others
    assert wishes.SignReport in others
    for one in others:
        require_seen(one.model_construct(), 9999, 120)


def test_the_time_in_the_dark_has_three_beginnings() -> None:
    def at(seconds: float) -> timedelta:
        return timedelta(seconds=seconds)

    now, start = START + at(100), START
    assert unseen_seconds(now, start, START + at(70), start) == 30
    assert unseen_seconds(now, START + at(40), None, start) == 60  # nothing ever came
    assert unseen_seconds(now, start, None, START + at(90)) == 10  # the server has just begun
    assert unseen_seconds(now, None, None, start) == 0
    assert unseen_seconds(START, start, START + at(1), start) == 0


def test_r_av_3_a_sheet_is_refused_in_the_dark_and_taken_once_somebody_is_back(
    bench: RoomBench,
) -> None:
    seats = bench.open()
    bench.rooms.overlay = replace(bench.overlay, dark_seconds=120)
    dark: dict[str, float | None] = {"e1": 121.0, "e2": 3.0}
    bench.rooms.unseen = lambda _id, seat: dark.get(seat)
    with pytest.raises(NotSeen):
        bench.submit("e1", seats["e1"])
    bench.act(seats["e1"], DRAFT)
    assert next(one for one in bench.room.seats if one.id == "e1").sealed is None
    for seat in ("e2", "e3"):
        bench.submit(seat, seats[seat])
    dark["e1"] = 0.0
    bench.submit("e1", seats["e1"])
    assert next(one for one in bench.room.seats if one.id == "e1").sealed is not None


def test_a_retry_of_what_was_done_in_the_light_is_answered_in_the_dark(bench: RoomBench) -> None:
    seats = bench.open()
    bench.rooms.overlay = replace(bench.overlay, dark_seconds=120)
    bench.rooms.unseen = lambda _id, _seat: 0.0
    bench.submit("e1", seats["e1"])
    first = bench.room.seq
    bench.rooms.unseen = lambda _id, _seat: 999.0
    command_id = f"k{bench._commands}"
    again = wishes.SubmitSheet.model_construct(commitment="", envelope=None)  # type: ignore[arg-type]
    assert bench.rooms.handle(bench.id, seats["e1"], again, command_id) == first
    assert bench.phase() is Phase.SCORING


def test_a_report_is_signed_in_the_dark(bench: RoomBench) -> None:
    seats = bench.open()
    bench.score(seats)
    bench.rooms.overlay = replace(bench.overlay, dark_seconds=120)
    bench.rooms.unseen = lambda _id, _seat: 999.0
    bench.finish(seats)
    assert bench.phase() is Phase.CLOSED
