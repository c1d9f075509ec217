"""Killed anywhere and started again, a draw goes on; nothing runs twice."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from draw_engine.core.checks.case import Asked
from draw_engine.core.draw_state import Stage
from draw_engine.core.verification import verify
from foundation.ledger.book import Books
from tests.draw_engine.draw_bench import DrawBench
from tests.stores.places import Stores


class Killed(BaseException):
    """The process is gone: nothing may catch this and carry on."""


def killing(bench: DrawBench, *, after_commit: bool) -> list[int]:
    """Have every write of the ledger kill the process: once before it commits, or after."""
    seen: list[int] = []
    tried: set[int] = set()
    plain = Books.write

    @contextmanager
    def write(books: Books) -> Iterator[Any]:
        size = books.size()
        with plain(books) as book:
            yield book
            if not after_commit and book.written and size not in tried:
                tried.add(size)
                seen.append(size)
                raise Killed
        if after_commit and book.written:
            seen.append(size)
            raise Killed

    bench.write = write  # type: ignore[attr-defined]
    return seen


def surviving(bench: DrawBench, act: Any) -> Any:
    """Do `act`, starting again from the files whenever the process dies."""
    for _ in range(400):
        try:
            return act()
        except Killed:
            bench.restart()
    raise AssertionError("it never came to rest")


@pytest.mark.both_engines
@pytest.mark.parametrize("after_commit", [False, True])
def test_killed_at_every_write_a_draw_still_ends_whole(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, after_commit: bool
) -> None:
    """R-TIME-4: what was due before the stop is due after it."""
    bench = DrawBench(stores.home, stores=stores)
    bench.register()
    bench.enrol()
    bench.settle()
    seen = killing(bench, after_commit=after_commit)
    monkeypatch.setattr(Books, "write", bench.write)  # type: ignore[attr-defined]
    request = bench.request()

    draw = surviving(bench, lambda: bench.draws.file(request))
    surviving(bench, lambda: bench.settle(40))
    bench.clock.advance(request.draw_at - bench.clock.now())
    surviving(bench, lambda: bench.settle(40))
    surviving(bench, lambda: _answer_once(bench, draw.id))
    surviving(bench, lambda: bench.settle(40))
    surviving(bench, lambda: bench.accept_all(draw.id))
    surviving(bench, lambda: bench.settle(40))
    surviving(bench, lambda: bench.unseal(draw.id))

    ended = bench.draws.draw(draw.id)
    assert ended.stage is Stage.UNSEALED, (ended, bench.told)
    assert len(seen) > 15, "hardly anything was written, so hardly anything was tested"
    assert verify(bench.rooms.publisher.bundle(draw.id), Asked(test=True)).exit_code == 0
    types = Counter(one.type for one in bench.draws.record.entries(draw.id))
    assert types["manifest"] == types["unseal"] == 1
    assert (types["result"], types["decline"], types["draw.invited"]) == (2, 1, 5)
    bench.stop()


def _answer_once(bench: DrawBench, draw_id: str) -> None:
    if not bench.draws.draw(draw_id).declines:
        answered = any(one.seat == 2 for one in bench.vault.seats.vacancies(draw_id))
        if not answered:
            bench.answer(draw_id, 2, accept=False)
        bench.tick()
