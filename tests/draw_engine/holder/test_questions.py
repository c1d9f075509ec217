"""A person is asked; the program does not stand still meanwhile."""

import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from draw_engine.core.draw_state import Stage
from draw_engine.holder import Questions, Told
from draw_engine.holder_work import Person, ShareHolder
from foundation.clock import seconds
from tests.draw_engine.draw_bench import WITNESS, DrawBench, a_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[DrawBench]:
    with a_bench(tmp_path) as bench:
        yield bench


class Desk:
    """Somebody who takes a long time to answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.says: bool = False
        self.gone = False
        self.begun, self.go_on, self.answered = (threading.Semaphore(0) for _ in range(3))

    def ask(self, what: str, shown: Mapping[str, Any]) -> bool:
        self.asked.append(what)
        self.begun.release()
        self.go_on.acquire()
        if self.gone:
            raise EOFError
        return self.says

    def answer(self, says: bool) -> None:
        """Answer the question that is open."""
        assert self.begun.acquire(timeout=30)
        self.says = says
        self.go_on.release()

    def leave(self) -> None:
        """Close the terminal: the thread that asks, now or later, waits for nobody."""
        self.gone = True
        self.go_on.release(1000)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.leave()


def supervisor(bench: DrawBench, desk: Desk) -> ShareHolder:
    person = Person(Questions(desk.ask), bench.told.append)
    return ShareHolder(
        bench.files["supervisor"], person, lambda: seconds(bench.clock.now()), WITNESS
    )


def until(bench: DrawBench, done: Any) -> None:
    """The answer comes from another thread: rounds go on until it has arrived."""
    waited = threading.Event()
    for _ in range(300):
        bench.settle()
        if done():
            return
        waited.wait(0.05)
    raise AssertionError("the answer was never taken up")


def test_other_work_goes_on_while_a_question_is_open(bench: DrawBench, desk: Desk) -> None:
    bench.holders["supervisor"] = supervisor(bench, desk)
    draw = bench.draws.file(bench.request())
    bench.settle()

    assert bench.draws.draw(draw.id).stage is Stage.ADMISSION
    assert next(bench.books.newest_cosigned()).size == bench.books.size(), "cosigning waited"
    desk.answer(True)
    until(bench, lambda: bench.draws.draw(draw.id).stage is Stage.FROZEN)
    bench.clock.advance(timedelta(minutes=5, seconds=1))
    bench.settle()
    desk.answer(True)
    until(bench, lambda: bench.draws.draw(draw.id).stage is Stage.INVITING)

    other = bench.draws.file(bench.request(section="2"))
    bench.settle()
    assert bench.draws.draw(other.id).stage is Stage.ADMISSION
    assert desk.begun.acquire(timeout=30)
    bench.answer(draw.id, 0, accept=False)
    bench.settle()
    assert 1 in bench.draws.draw(draw.id).results, "a step needs nobody and does not wait"
    assert bench.draws.draw(other.id).stage is Stage.ADMISSION


def test_a_no_is_not_asked_again_and_a_yes_serves_once(desk: Desk) -> None:
    questions = Questions(desk.ask)
    assert not questions("reveal", {"draw": 1})
    desk.answer(False)
    for _ in range(50):
        assert not questions("reveal", {"draw": 1})
    assert not questions("reveal", {"draw": 2})
    desk.answer(True)
    waited = threading.Event()
    while not questions("reveal", {"draw": 2}):
        waited.wait(0.01)
    assert desk.asked == ["reveal", "reveal"]
    assert not questions("reveal", {"draw": 2}), "one yes, one act"


def test_what_is_refused_each_second_is_said_once() -> None:
    said: list[str] = []
    told = Told(said.append)
    for line in ("a", "a", "b", "a"):
        told(line)
    assert said == ["a", "b"]
