"""An expert who may no longer serve gives up the seat; the draw stays valid, both are explained.

Source: R-ELIG-6, R-REP-1.
"""

import json
from pathlib import Path

from draw_engine.core.draw_state import Stage
from tests.draw_engine.draw_bench import DrawBench
from tests.draw_engine.service.test_whole_draw import verified


def test_who_is_barred_between_the_freeze_and_check_in_gives_the_seat_up(
    bench: DrawBench, tmp_path: Path
) -> None:
    draw = bench.drawn()
    bench.accept_all(draw.id)
    before = bench.members(draw.id)
    bench.standings[before[1]] = 5

    bench.rooms.unfit.tick(bench.clock.now())
    bench.settle()

    after = bench.members(draw.id)
    assert {seat: after[seat] for seat in (0, 2, 3)} == {s: before[s] for s in (0, 2, 3)}
    assert after[1] != before[1]
    (decline,) = bench.draws.draw(draw.id).declines
    bench.rooms.unfit.tick(bench.clock.now())
    bench.settle()
    assert bench.members(draw.id) == after, "looking twice changes nothing"

    bench.accept_all(draw.id)
    assert bench.unseal(draw.id).stage is Stage.UNSEALED
    bundle = bench.rooms.publisher.bundle(draw.id)
    assert verified(bundle, tmp_path).returncode == 0
    entries = [one["body"] for one in json.loads(bundle)["entries"]]
    (logged,) = (one for one in entries if one["type"] == "decline")
    assert (logged["seat"], logged["class"], logged["step"]) == (1, "unfit", decline.step)


def test_an_invitation_that_waits_for_an_answer_is_given_up_too(bench: DrawBench) -> None:
    draw = bench.drawn()
    before = bench.members(draw.id)
    bench.standings[before[0]] = 4

    bench.rooms.unfit.tick(bench.clock.now())
    bench.settle()

    assert bench.members(draw.id)[0] != before[0]


def test_who_has_checked_in_is_not_taken_out_by_a_timer(bench: DrawBench) -> None:
    """R-SUP-2: an evaluation that runs is the supervisor's to interrupt."""
    draw = bench.drawn()
    bench.accept_all(draw.id)
    before = bench.members(draw.id)
    bench.standings[before[1]] = 5
    bench.rooms.unfit.checked_in = lambda draw_id, seat: (draw_id, seat) == (draw.id, 1)

    bench.rooms.unfit.tick(bench.clock.now())
    bench.settle()

    assert bench.members(draw.id) == before


def test_an_evaluation_that_has_begun_is_left_alone(bench: DrawBench) -> None:
    draw = bench.drawn()
    bench.accept_all(draw.id)
    before = bench.members(draw.id)
    bench.standings[before[1]] = 5
    bench.clock.at = draw.request.starts_at

    bench.rooms.unfit.tick(bench.clock.now())

    assert bench.members(draw.id) == before
