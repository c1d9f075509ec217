"""The ledger's side of sound and picture: in order, together, not told before it is true."""

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from evaluation_room.core import media_events as facts
from evaluation_room.core.media_events import MediaEvent, RecordedMedia
from evaluation_room.core.media_log import MediaLog
from evaluation_room.core.media_rules import Track
from evaluation_room.media_book import MediaBook, MediaBookClosed, media_stream_of
from foundation.ledger.book import Book
from foundation.ledger.verify_export import verify_export
from tests.evaluation_room.bench import START, RoomBench
from tests.house.source import ROOT

SESSION = "0123456789abcdef"


@pytest.fixture
def book(bench: RoomBench) -> Iterator[MediaBook]:
    made = MediaBook(bench.books, linger_seconds=0.01)
    yield made
    made.close()


def joined(who: str, number: int = 0) -> facts.Joined:
    return facts.Joined(who=who, session=f"{number:016x}")


def muted(number: int) -> facts.Flooded:
    return facts.Flooded(who="e1", kbps=number)


def test_facts_come_back_as_they_went_in_with_their_place(
    bench: RoomBench, book: MediaBook
) -> None:
    events: list[MediaEvent] = [
        joined("e1"),
        facts.Published(who="e1", track=Track.MIC, publication=SESSION),
        facts.SegmentRecorded(
            who="e1",
            track=Track.MIC,
            publication=SESSION,
            number=1,
            sha256="0" * 64,
            size=4096,
            started_at=START,
            ended_at=START + timedelta(seconds=30),
            packets=1500,
            ending="rolled",
            levels="1f7f",
        ),
    ]
    written = book.note(bench.id, *events).result(5)
    assert [one.event for one in written] == events
    assert [one.seq for one in written] == [1, 2, 3]
    assert book.facts(bench.id) == list(written)
    assert book.facts(bench.id, since=2) == list(written[2:])
    assert MediaBook(bench.books).facts(bench.id) == list(written)


def test_facts_of_many_threads_are_all_there_and_each_room_keeps_its_order(
    bench: RoomBench, book: MediaBook
) -> None:
    def send(room: str) -> None:
        for number in range(100):
            book.note(room, muted(number))

    rooms = [bench.id, "ev_other", "ev_third"]
    threads = [threading.Thread(target=send, args=(room,)) for room in rooms]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    book.flush(10)
    for room in rooms:
        told = [one.event for one in book.facts(room)]
        assert told == [muted(number) for number in range(100)]


def test_what_comes_together_is_one_commit(bench: RoomBench) -> None:
    commits: list[int] = []
    bench.books.subscribe(lambda entries: commits.append(len(entries)))
    book = MediaBook(bench.books, linger_seconds=0.3)
    futures = [book.note(room, joined("e1", n)) for n, room in enumerate(("a", "b", "a", "c"))]
    for one in futures:
        one.result(5)
    book.close()
    assert commits == [4]


def test_nothing_is_told_before_the_ledger_holds_it(bench: RoomBench, book: MediaBook) -> None:
    held: list[tuple[str, int, int]] = []

    def told(room: str, recorded: Sequence[RecordedMedia]) -> None:
        with bench.books.read() as reader:
            held.append((room, recorded[-1].seq, reader.head(media_stream_of(room))))

    book.on_told(told)
    book.note(bench.id, joined("e1"), joined("e2", 1))
    book.note("ev_other", joined("e1"))
    book.flush(5)
    assert held == [(bench.id, 2, 2), ("ev_other", 1, 1)]


def test_a_listener_that_fails_takes_nothing_with_it(bench: RoomBench, book: MediaBook) -> None:
    def broken(_room: str, _facts: Sequence[RecordedMedia]) -> None:
        raise RuntimeError("listener")

    book.on_told(broken)
    book.note(bench.id, joined("e1")).result(5)
    assert len(book.note(bench.id, joined("e2", 1)).result(5)) == 1


def test_close_writes_what_is_still_waiting_and_takes_no_more(bench: RoomBench) -> None:
    book = MediaBook(bench.books, linger_seconds=60)
    waiting = [book.note(bench.id, muted(number)) for number in range(5)]
    book.close()
    assert [one.result(0)[0].seq for one in waiting] == [1, 2, 3, 4, 5]
    with pytest.raises(MediaBookClosed):
        book.note(bench.id, muted(6)).result(0)


class Away:
    """Books whose first writes find no database."""

    def __init__(self, bench: RoomBench, times: int) -> None:
        self._books, self.left = bench.books, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._books, name)

    def write(self) -> Any:
        if self.left:
            self.left -= 1
            raise OperationalError("insert", {}, Exception("disk is full"))
        return self._books.write()


def test_facts_wait_while_the_database_is_away(
    bench: RoomBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation_room.media_book.RETRY_SECONDS", 0.05)
    away = Away(bench, times=3)
    book = MediaBook(away, linger_seconds=0.01)  # type: ignore[arg-type]
    first, second = book.note(bench.id, muted(1)), book.note(bench.id, muted(2))
    assert (first.result(5)[0].seq, second.result(5)[0].seq, away.left) == (1, 2, 0)
    book.close()


def test_what_cannot_be_written_at_the_end_is_not_called_written(bench: RoomBench) -> None:
    book = MediaBook(Away(bench, times=9), linger_seconds=0.01)  # type: ignore[arg-type]
    lost = book.note(bench.id, muted(1))
    book.close()
    with pytest.raises(MediaBookClosed):
        lost.result(0)


def test_a_fact_that_has_no_bytes_does_not_take_the_others_with_it(
    bench: RoomBench, book: MediaBook
) -> None:
    bad = facts.Flooded.model_construct(who="e1", kbps=2**60)
    futures: list[Future[Any]] = [book.note(bench.id, one) for one in (muted(1), bad, muted(3))]
    assert futures[0].result(5)
    assert futures[1].exception(5) is not None
    assert futures[2].result(5)[0].seq == 2


def test_who_decides_does_so_on_all_that_was_written_before(
    bench: RoomBench, book: MediaBook
) -> None:
    def decide(log: MediaLog, _book: Book) -> list[MediaEvent]:
        return [muted(log.seq + 1)]

    def some() -> None:
        for _ in range(10):
            book.write(bench.id, decide)

    threads = [threading.Thread(target=some) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [one.event for one in book.facts(bench.id)] == [muted(n) for n in range(1, 31)]


def test_the_export_of_a_room_holds_its_media_facts_and_is_rechecked(
    bench: RoomBench, book: MediaBook
) -> None:
    book.note(bench.id, joined("e1"), muted(1)).result(5)
    seats = bench.open()
    book.note(bench.id, muted(2)).result(5)
    bench.score(seats)
    export = json.loads(bench.rooms.reading.export(bench.id))
    assert verify_export(json.dumps(export).encode(), bench.rooms.log_key).sound
    with bench.books.read() as reader:
        of_room = reader.head(f"evaluation/{bench.id}")
    assert len(export["entries"]) == of_room + 3
    left_out = [one for n, one in enumerate(export["entries"]) if n != len(export["entries"]) - 40]
    places = [one["index"] for one in export["entries"]]
    assert places == sorted(places)
    assert len(left_out) == len(places) - 1
    export["entries"] = left_out
    assert not verify_export(json.dumps(export).encode(), bench.rooms.log_key).sound


def test_every_media_fact_has_words_in_both_languages_and_stands_in_the_spec() -> None:
    types = {one.model_fields["type"].default for one in _members()}
    for language in ("zh-CN", "en"):
        file = ROOT / "app" / "locales" / language / "media.json"
        assert set(json.loads(Path(file).read_text("utf-8"))["events"]) == types
    spec = (ROOT / "evaluation_room" / "media" / "SPEC.md").read_text("utf-8")
    assert [one for one in sorted(types) if one not in spec] == []


def _members() -> tuple[Any, ...]:
    union = facts.MediaEvent.__args__[0]
    return tuple(union.__args__)
