"""A draft ends with its sheet: after seal, opening or void nobody, and no key, has it."""

import pytest
from sqlmodel import select

from evaluation_room.core import commands as wishes
from evaluation_room.core import errors
from evaluation_room.core.values import Phase, VoidGround
from evaluation_room.store import DraftRow
from foundation.auth.principal import Principal
from tests.evaluation_room.bench import RoomBench

WRITTEN = '{"cells":{"b1/c1":{"score":"31"}}}'
DRAFT = wishes.SaveDraft(revision=3, done=5, draft=WRITTEN)


@pytest.fixture
def seats(bench: RoomBench) -> dict[str, Principal]:
    """Everybody scores and has a saved draft."""
    seats = bench.open()
    for who in seats.values():
        bench.act(who, DRAFT)
    return seats


def kept(bench: RoomBench) -> set[str]:
    """Seats of which the database holds a draft."""
    with bench.books.read() as book:
        return {row.seat for row in book.db.exec(select(DraftRow))}


def test_a_sealed_sheet_leaves_no_draft(bench: RoomBench, seats: dict[str, Principal]) -> None:
    """R-EVAL-11."""
    assert kept(bench) == set(seats)
    bench.submit("e1", seats["e1"])
    assert kept(bench) == set(seats) - {"e1"}
    assert bench.rooms.draft(bench.id, "e1") == (0, None, None)
    with pytest.raises(errors.AlreadyDone):
        bench.act(seats["e1"], DRAFT)
    for seat in ("e2", "e3", "o1"):
        bench.submit(seat, seats[seat])
    assert bench.phase() is Phase.SUMMARY
    assert kept(bench) == set()


def test_a_void_seat_leaves_no_draft(bench: RoomBench, seats: dict[str, Principal]) -> None:
    """R-REP-6: what is kept of void work is the sealed sheet and nothing else."""
    void = wishes.VoidSeat(seat="e2", ground=VoidGround.LEFT, note="擅自离开")
    bench.act(bench.supervisor, void)
    assert kept(bench) == set(seats) - {"e2"}


def test_a_draft_that_comes_too_late_is_not_kept(
    bench: RoomBench, seats: dict[str, Principal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seal falls between the look at the room and the writing of the draft."""
    stale = bench.rooms.hub.room(bench.id)
    bench.submit("e1", seats["e1"])
    looks = iter([stale])
    real = bench.rooms.hub.catch_up
    monkeypatch.setattr(bench.rooms.hub, "catch_up", lambda id_: next(looks, None) or real(id_))
    with pytest.raises(errors.AlreadyDone):
        bench.act(seats["e1"], DRAFT)
    assert "e1" not in kept(bench)


def test_progress_of_a_sealed_sheet_is_whole_also_after_a_start(
    bench: RoomBench, seats: dict[str, Principal]
) -> None:
    bench.submit("e1", seats["e1"])
    bench.rooms = bench.service()
    bench.rooms.load_progress(bench.id)
    clerk = bench.rooms.viewer(bench.id, bench.clerk)
    known = bench.rooms.hub.progress(bench.id, clerk)
    assert (known["e1"], known["e2"]) == ((9, 9), (5, 9))
