"""R-ELIG-5: the room's door asks once more whether the expert may serve; who sits, sits."""

import pytest

from evaluation_room.core import commands as wishes
from evaluation_room.errors import MayNotServe
from foundation.ids import ExpertId
from tests.evaluation_room.bench import RoomBench


def test_r_elig_5_who_may_not_serve_does_not_check_in(bench: RoomBench) -> None:
    barred = {ExpertId("ex_x1")}
    bench.rooms.may_serve = lambda expert: expert not in barred
    who = bench.people["x1"]

    with pytest.raises(MayNotServe) as refused:
        bench.act(who, wishes.CheckIn())

    assert refused.value.rule == "R-ELIG-5"
    number = bench.committee.experts.index(ExpertId("ex_x1"))
    assert not bench.rooms.has_checked_in(bench.draw_id, number)
    barred.clear()
    bench.act(who, wishes.CheckIn())
    assert bench.rooms.has_checked_in(bench.draw_id, number)


def test_who_is_barred_while_sitting_goes_on_until_the_supervisor_says_otherwise(
    bench: RoomBench,
) -> None:
    seats = bench.open()
    bench.rooms.may_serve = lambda _: False

    bench.score(seats)

    assert all(seat.sealed is not None for seat in bench.room.seats)
    assert not bench.rooms.has_checked_in("drw_none", 0)
