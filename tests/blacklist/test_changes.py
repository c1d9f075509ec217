"""What people changed near an instant, and who was stopped and freed within the span."""

from datetime import timedelta

from blacklist.core.changes import changes
from blacklist.core.facts import Decision
from blacklist.core.grounds import Status
from foundation.ids import ExpertId
from tests.blacklist.bench import EXPERT, NOW, OTHER, SUPERVISOR, TODAY, BlacklistBench

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_an_entry_lifted_before_a_freeze_and_set_again_after_it_is_a_flip(
    bench: BlacklistBench,
) -> None:
    """It shows for ever: the span is around the freeze, and nothing is deleted."""
    barred = bench.record(ends_on=TODAY + 30 * DAY)
    bench.record(expert_id=ExpertId("ex_two"))
    bench.clock.advance(10 * DAY)
    freeze = bench.clock.now()
    bench.clock.at = freeze - MINUTE
    bench.lift(barred.id, "ended_early")
    bench.clock.at = freeze + MINUTE
    bench.record(ends_on=TODAY + 30 * DAY)
    bench.clock.advance(400 * DAY)

    found = bench.blacklist.changes(freeze - 3 * DAY, freeze + 3 * DAY)

    assert [(one.expert_id, one.stops, one.flip) for one in found] == [
        (EXPERT, False, True),
        (EXPERT, True, True),
    ]
    assert bench.blacklist.standing(EXPERT, freeze).may_serve
    assert bench.blacklist.changes(freeze, freeze) == ()


def test_every_act_that_stops_or_frees_is_a_change_and_a_day_that_comes_is_none(
    bench: BlacklistBench,
) -> None:
    bench.propose(urgent=True, ends_on=TODAY + DAY)
    returned = bench.propose(expert_id=ExpertId("ex_w2"), urgent=True)
    bench.clock.advance(MINUTE)
    bench.blacklist.send_back(returned.id, "无依据", SUPERVISOR)
    asked = bench.blacklist.exit_request(ExpertId("ex_w3"), "age", "", OTHER)
    bench.clock.advance(MINUTE)
    bench.blacklist.exit_decide(asked.id, Decision.REFUSE, "任务未完成", SUPERVISOR)
    bench.blacklist.take_leave(ExpertId("ex_w4"), "illness", TODAY, TODAY, OTHER)
    bench.clock.advance(30 * DAY)

    found = bench.blacklist.changes(NOW, bench.clock.now())

    assert [(one.expert_id, one.stops, one.status) for one in found] == [
        (EXPERT, True, Status.SUSPENDED),
        ("ex_w2", True, Status.SUSPENDED),
        ("ex_w2", False, Status.SUSPENDED),
        ("ex_w3", True, Status.EXIT_PENDING),
        ("ex_w3", False, Status.EXIT_PENDING),
        ("ex_w4", True, Status.LEAVE),
    ]
    assert {one.expert_id for one in found if one.flip} == {"ex_w2", "ex_w3"}
    assert changes([], NOW, bench.clock.now()) == ()
