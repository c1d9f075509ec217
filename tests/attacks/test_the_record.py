"""A7: leaving somebody out behind their back, and what the one concerned can find out."""

from datetime import date

import pytest

from draw_engine.core.exclusions import Reason
from draw_engine.vault import Vault
from foundation.ids import ExpertId
from tests.draw_engine.draw_bench import DrawBench


def marked_on_leave_for_one_freeze(draws: DrawBench) -> tuple[ExpertId, date]:
    """An operator says "on leave" at the freeze, of one who is not, and takes it back at once."""
    victim = sorted(draws.pool.ids())[0]
    draws.standings[victim] = int(Reason.LEAVE)
    draw = draws.drawn()
    del draws.standings[victim]
    draws.accept_all(draw.id)
    draws.settle()
    day = (draws.unseal(draw.id).manifest or {})["day"]
    return victim, date.fromisoformat(day)


def finds_out(draws: DrawBench, victim: ExpertId, day: date) -> bool:
    """Whether the victim holds a reason from the log that the own record does not bear."""
    for one in draws.rooms.hats.on(victim, day):
        reasons = [out["reason"] for out in one.answer["exclusions"]]
        if reasons and one.answer["listed"] not in reasons:
            return True
    return False


def test_a7_who_was_wrongly_left_out_finds_out(draws: DrawBench) -> None:
    victim, day = marked_on_leave_for_one_freeze(draws)

    assert finds_out(draws, victim, day)


def test_a7_without_the_own_opening_nobody_would_have_known(
    draws: DrawBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vault, "own_opening", lambda *_: None)
    victim, day = marked_on_leave_for_one_freeze(draws)

    assert not finds_out(draws, victim, day)


def test_a7_an_honest_leave_alarms_nobody(draws: DrawBench) -> None:
    away = sorted(draws.pool.ids())[0]
    draws.standings[away] = int(Reason.LEAVE)
    draw = draws.drawn()
    draws.accept_all(draw.id)
    draws.settle()
    day = date.fromisoformat((draws.unseal(draw.id).manifest or {})["day"])

    assert draws.rooms.hats.on(away, day)[0].answer["exclusions"]
    assert not finds_out(draws, away, day)
