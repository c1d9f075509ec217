"""Presence checks: the machine of one seat, and the rooms it turns in (R-AV-4)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from evaluation_room.core import commands as wishes
from evaluation_room.core import media_events as facts
from evaluation_room.core.presence import (
    LEAST_WAIT,
    MOST_WAITS,
    Asked,
    Chance,
    Pace,
    State,
    Waiting,
    answer,
    turn,
    wait,
    wake_at,
)
from evaluation_room.core.values import PauseGround
from evaluation_room.media_book import MediaBook
from evaluation_room.presence import PresenceChecks
from evaluation_room.watch import media_marks
from tests.evaluation_room.bench import START, RoomBench

PACE = Pace(an_hour=6, answer_seconds=60)
CHANCE = Chance(0.5, "a")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_member_who_is_here_is_asked_when_the_wait_is_over() -> None:
    waiting = turn(Waiting(), at(0), here=True, pace=PACE, chance=CHANCE)
    assert waiting == Waiting(at(0) + wait(PACE, 0.5))
    due = wake_at(waiting)
    assert due is not None
    early = turn(waiting, due - timedelta(seconds=1), here=True, pace=PACE, chance=CHANCE)
    assert early == waiting
    asked = turn(waiting, due, here=True, pace=PACE, chance=CHANCE)
    assert asked == Asked("a", due, due + timedelta(seconds=60))


def test_nobody_is_asked_where_the_overlay_asks_for_none() -> None:
    assert turn(Waiting(), at(0), here=True, pace=Pace(0, 60), chance=CHANCE) == Waiting()


def test_who_leaves_while_waiting_begins_to_wait_anew() -> None:
    waiting = Waiting(at(100))
    assert turn(waiting, at(50), here=False, pace=PACE, chance=CHANCE) == Waiting()


def test_an_answer_counts_once_in_time_and_for_its_own_check() -> None:
    asked = Asked("a", at(0), at(60))
    assert answer(asked, "a", at(7.9)) == 7
    assert answer(asked, "b", at(7)) is None
    assert answer(asked, "a", at(60)) is None
    assert answer(Waiting(at(9)), "a", at(7)) is None


def test_a_check_runs_on_while_its_member_is_away() -> None:
    asked = Asked("a", at(0), at(60))
    assert turn(asked, at(30), here=False, pace=PACE, chance=CHANCE) == asked
    assert turn(asked, at(60), here=False, pace=PACE, chance=CHANCE) == Waiting()


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 20))
def test_a_wait_is_neither_too_short_nor_for_ever(fraction: float, an_hour: int) -> None:
    found = wait(Pace(an_hour, 60), fraction)
    assert LEAST_WAIT <= found <= MOST_WAITS * timedelta(hours=1) / an_hour


def test_the_rate_is_about_what_the_overlay_says() -> None:
    waits = [wait(PACE, n / 1000).total_seconds() for n in range(1000)]
    assert 520 < sum(waits) / 1000 < 640  # six an hour: ten minutes on average


class OneSeat(RuleBasedStateMachine):
    """Whatever the clock, the network and the member do."""

    def __init__(self) -> None:
        super().__init__()
        self.state: State = Waiting()
        self.now, self.here, self.count = START, False, 0
        self.asked: set[str] = set()
        self.ended: set[str] = set()

    @rule(seconds=st.integers(0, 900), fraction=st.floats(0, 1, exclude_max=True))
    def time_passes(self, seconds: int, fraction: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.count += 1
        before = self.state
        chance = Chance(fraction, f"a{self.count}")
        self.state = turn(before, self.now, here=self.here, pace=PACE, chance=chance)
        if isinstance(before, Asked) and self.state != before:
            assert self.now >= before.until
            self.ended.add(before.ask)
        if isinstance(self.state, Asked) and self.state != before:
            assert self.here
            assert isinstance(before, Waiting)
            assert before.due is not None
            assert self.now >= before.due
            self.asked.add(self.state.ask)

    @rule(here=st.booleans())
    def comes_or_goes(self, here: bool) -> None:
        self.here = here

    @rule(known=st.booleans())
    def answers(self, known: bool) -> None:
        ask = self.state.ask if known and isinstance(self.state, Asked) else "other"
        seconds = answer(self.state, ask, self.now)
        if seconds is not None:
            assert 0 <= seconds <= PACE.answer_seconds
            self.state = Waiting()
            self.ended.add(ask)

    @invariant()
    def every_check_but_an_open_one_has_ended(self) -> None:
        open_now = {self.state.ask} if isinstance(self.state, Asked) else set()
        assert self.asked - self.ended == open_now


TestOneSeat = OneSeat.TestCase


@dataclass
class Edge:
    """Checks over a bench, with who is connected and what was asked."""

    bench: RoomBench
    book: MediaBook
    checks: PresenceChecks
    here: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    away: list[tuple[str, bool]] = field(default_factory=list)

    def tick(self, seconds: float = 0) -> datetime | None:
        self.bench.clock.advance(timedelta(seconds=seconds))
        woken = self.checks.tick(self.bench.clock.now())
        self.book.flush(5)
        return woken

    def types(self) -> list[str]:
        return [one.event.type for one in self.book.facts(self.bench.id)]


@pytest.fixture
def edge(bench: RoomBench) -> Iterator[Edge]:
    book = MediaBook(bench.books, linger_seconds=0.01)
    overlay = replace(bench.overlay, presence_checks_an_hour=6, presence_answer_seconds=60)

    def ask(evaluation_id: str, seat: str, ask: str, seconds: int) -> None:
        with bench.books.read() as reader:  # already a fact, or nobody may be told
            assert reader.head(f"media/{evaluation_id}") > 0
        made.asked.append((seat, ask, seconds))

    checks = PresenceChecks(
        book,
        bench.rooms.hub,
        overlay,
        connected=lambda: {bench.id: made.here},
        ask=ask,
        away=lambda _id, seat, away: made.away.append((seat, away)),
        fraction=lambda: 0.0,
    )
    made = Edge(bench, book, checks)
    yield made
    book.close()


def test_r_av_4_a_member_is_asked_and_answers(edge: Edge) -> None:
    edge.bench.open()
    edge.here |= {"e1"}
    assert edge.tick() == edge.bench.clock.now() + LEAST_WAIT
    edge.tick(60)
    [(seat, ask, seconds)] = edge.asked
    assert (seat, seconds) == ("e1", 60)
    now = edge.bench.clock.now()
    assert edge.checks.open_ask(edge.bench.id, "e1", now) == (ask, 60)
    assert not edge.checks.answered(edge.bench.id, "e2", ask, now, picture=True)
    late = now + timedelta(seconds=9)
    assert edge.checks.answered(edge.bench.id, "e1", ask, late, picture=True)
    assert not edge.checks.answered(edge.bench.id, "e1", ask, late, picture=True)
    assert edge.checks.open_ask(edge.bench.id, "e1", late) is None
    edge.book.flush(5)
    event = edge.book.facts(edge.bench.id)[-1].event
    assert event == facts.PresenceShown(seat="e1", ask=ask, seconds=9, picture=True)
    assert media_marks(edge.bench.room, edge.book.log(edge.bench.id)) == ()


def test_r_av_4_who_does_not_answer_is_on_record_until_the_next_answer(edge: Edge) -> None:
    """R-AV-4: the supervisor's board says so, as long as the newest check is unanswered."""
    edge.bench.open()
    edge.here |= {"e1"}
    for seconds in (0, 60, 60):
        edge.tick(seconds)
    assert edge.types() == ["media.presence_asked", "media.presence_missed"]
    assert media_marks(edge.bench.room, edge.book.log(edge.bench.id)) == ("not_present",)
    edge.tick(60)
    ask = edge.asked[-1][1]
    edge.checks.answered(edge.bench.id, "e1", ask, edge.bench.clock.now(), picture=False)
    edge.book.flush(5)
    assert edge.away == [("e1", True), ("e1", False)]
    assert media_marks(edge.bench.room, edge.book.log(edge.bench.id)) == ()


def test_nobody_is_asked_before_the_work_begins_nor_during_a_pause(edge: Edge) -> None:
    edge.here |= {"e1", "e2"}
    assert edge.tick() is None  # check-in
    edge.bench.open()
    pause = wishes.Pause(ground=PauseGround.TECHNICAL_FAULT, note="")
    edge.bench.act(edge.bench.clerk, pause)
    assert edge.tick(600) is None
    edge.bench.act(edge.bench.clerk, wishes.Resume())
    edge.tick()
    edge.tick(60)
    assert sorted(seat for seat, _, _ in edge.asked) == ["e1", "e2"]


def test_a_room_that_ends_takes_its_open_checks_with_it(edge: Edge) -> None:
    edge.bench.open()
    edge.here |= {"e1"}
    edge.tick()
    edge.tick(60)
    stop = wishes.Stop(ground=PauseGround.SUPERVISION_ORDER, note="监〔2026〕7号")
    edge.bench.act(edge.bench.supervisor, stop)
    edge.tick(90)
    assert edge.types() == ["media.presence_asked"]


def test_nothing_is_asked_where_the_overlay_is_silent(edge: Edge) -> None:
    quiet = PresenceChecks(
        edge.book, edge.bench.rooms.hub, edge.bench.overlay, connected=dict, ask=print
    )
    assert edge.bench.overlay.presence_checks_an_hour == 0
    assert quiet.tick(edge.bench.clock.now()) is None
