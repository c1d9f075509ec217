"""Room and draw joined: a seat voided in the room is filled by the draw's own next step."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from draw_engine.core.draw_state import KEPT_LEFT, Stage
from evaluation_room.committee import DrawCommittee
from evaluation_room.core import commands as wishes
from evaluation_room.core.values import Phase, VoidGround
from evaluation_room.errors import DrawIsOver, NoPlace
from evaluation_room.service import RoomService
from foundation.auth.accounts import Accounts
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.files import Files
from foundation.ids import DrawId
from foundation.keys import KeyRing
from tests.draw_engine.draw_bench import DrawBench
from tests.evaluation_room.bench import RoomBench


class JoinedBench(RoomBench):
    """The room's bench on a real draw: vault, holders, steps, invitations."""

    def __init__(self, folder: Path) -> None:
        (folder / "home").mkdir()
        self.draw = DrawBench(folder / "home")
        self.draw.register()
        self.draw.enrol()
        self.folder = folder
        self.clock, self.database = self.draw.clock, self.draw.database
        self.books, self.overlay = self.draw.books, self.draw.overlay
        self.keys = KeyRing(folder / "home" / "keys")
        self.accounts = Accounts(self.books, self.keys)
        self.people: dict[str, Principal] = {}
        self.clerk = self.person("clerk", Role.CLERK)
        self.supervisor = self.person("supervisor", Role.SUPERVISOR)
        owner = self.person("w1", Role.OWNER_REPRESENTATIVE)
        self.draw_id = self.draw.drawn(owner_representatives=(owner.account_id,)).id
        self.rooms = self.service()
        self.id = ""
        self._commands = 0

    def service(self, *, demonstration: bool = False) -> RoomService:
        """The room's service on the real draw."""
        return RoomService(
            self.books,
            keys=self.keys,
            accounts=self.accounts,
            committee=DrawCommittee(self.draw.draws),
            overlay=self.overlay,
            files=Files(self.folder / "files"),
            demonstration=demonstration,
        )

    def take_seat(self, number: int) -> Principal:
        """Whoever the draw asked to a seat accepts and gets an account."""
        expert_id = self.draw.members(self.draw_id)[number]
        self.draw.answer(self.draw_id, number, accept=True)
        self.draw.settle()
        return self.person(f"x-{expert_id}".replace("_", "-"), Role.EXPERT, expert_id)

    def stage(self) -> Stage:
        return self.draw.draws.draw(self.draw_id).stage


def redraw(bench: JoinedBench) -> list[Principal]:
    """The draw ends with one seat open, which the next one draws; its room is open for check-in."""
    draw = bench.draw
    first = bench.draw_id
    accounts = [bench.take_seat(number) for number in (1, 2, 3)]
    draw.silent = {"centre"}
    draw.answer(first, 0, accept=False)
    draw.settle()
    bench.clock.advance(timedelta(seconds=bench.overlay.reveal_seconds + 1))
    draw.settle()
    draw.silent = set()
    with pytest.raises(DrawIsOver):
        bench.rooms.preparation.plan(DrawId(first), "已中止", bench.clerk.account_id)
    now = bench.clock.now()
    asked = replace(
        draw.draws.redraw(first, "act_applicant"),
        request_key=f"redraw-{first}",
        draw_at=now + timedelta(minutes=5),
        latest_draw_at=now + timedelta(minutes=30),
    )
    bench.draw_id = draw.draws.file(asked).id
    draw.settle()
    bench.clock.advance(timedelta(minutes=6))
    draw.settle()
    newcomer = bench.take_seat(0)
    bench.prepare(at=asked.starts_at)
    return [newcomer, *accounts]


@pytest.fixture
def joined(tmp_path: Path) -> JoinedBench:
    """Four drawn members have accepted and check-in is open."""
    bench = JoinedBench(tmp_path)
    for number in range(4):
        bench.take_seat(number)
    bench.prepare(at=bench.draw.draws.draw(bench.draw_id).request.starts_at)
    return bench


def test_a_voided_seat_is_drawn_accepted_and_entered_by_the_next_of_the_draw(
    joined: JoinedBench,
) -> None:
    """R-REP-1, R-REP-2."""
    bench, draw = joined, joined.draw
    seats = bench.open()
    assert sorted(seats) == ["e1", "e2", "e3", "e4", "o1"]
    for seat in ("e1", "e3", "e4", "o1"):
        bench.submit(seat, seats[seat])
    before = draw.members(bench.draw_id)
    void = wishes.VoidSeat(seat="e2", ground=VoidGround.FOUND_CONFLICT, note="查明任职关系")
    bench.act(bench.supervisor, void)
    assert [seat.id for seat in bench.room.seats] == ["e1", "e3", "e4", "o1", "e5"]

    draw.settle()  # the holders reveal the step, the vault invites the next member
    after = draw.members(bench.draw_id)
    assert {n: id_ for n, id_ in after.items() if n != 1} == {
        n: id_ for n, id_ in before.items() if n != 1
    }
    assert after[1] not in before.values()
    [decline] = draw.draws.draw(bench.draw_id).declines
    assert decline.cause == "conflict"

    early = bench.person("early", Role.EXPERT, after[1])
    with pytest.raises(NoPlace):  # invited is not accepted
        bench.rooms.viewer(bench.id, early)
    bench.draw.answer(bench.draw_id, 1, accept=True)
    draw.settle()
    assert bench.rooms.viewer(bench.id, early).seat == "e5"
    with pytest.raises(NoPlace):
        bench.rooms.viewer(bench.id, seats["e2"])

    bench.join(early)
    bench.submit("e5", early)
    assert bench.phase() is Phase.SUMMARY
    results = bench.room.results
    assert results is not None
    assert [m.seat for m in results.totals[0].members] == ["e1", "e3", "e4", "o1", "e5"]

    # The draw stays shut while the room is open, however late it is, and opens after it.
    bench.clock.advance(timedelta(hours=2))
    draw.settle()
    assert bench.stage() is not Stage.UNSEALED
    live = {seat: who for seat, who in seats.items() if seat != "e2"} | {"e5": early}
    bench.finish(live)
    assert bench.phase() is Phase.CLOSED
    assert draw.unseal(bench.draw_id).stage is Stage.UNSEALED


def test_a_draw_that_is_open_gets_no_evaluation(tmp_path: Path) -> None:
    """R-REP-1."""
    bench = JoinedBench(tmp_path)
    for number in range(4):
        bench.take_seat(number)
    bench.draw.unseal(bench.draw_id)
    with pytest.raises(DrawIsOver):
        bench.rooms.preparation.plan(DrawId(bench.draw_id), "迟了", bench.clerk.account_id)


def test_a_room_seats_the_kept_members_and_those_of_the_newest_draw(tmp_path: Path) -> None:
    """R-SIZE-1: the committee of a lot is who keeps a seat and who was drawn for the open ones."""
    bench = JoinedBench(tmp_path)
    members = redraw(bench)

    seats = bench.open()

    assert sorted(seats) == ["e1", "e2", "e3", "e4", "o1"]
    assert [seats[seat] for seat in ("e1", "e2", "e3", "e4")] == members
    for seat, who in seats.items():
        bench.submit(seat, who)
    assert bench.phase() is Phase.SUMMARY
    bench.finish(seats)
    assert bench.draw.unseal(bench.draw_id).stage is Stage.UNSEALED


def test_a_kept_seat_that_is_voided_ends_the_draw_and_frees_the_rest_for_the_next(
    tmp_path: Path,
) -> None:
    """R-REP-1: no step fills a kept seat; the draw says so, and nobody enters in its place."""
    bench = JoinedBench(tmp_path)
    redraw(bench)
    seats = bench.open()

    void = wishes.VoidSeat(seat="e2", ground=VoidGround.FOUND_CONFLICT, note="查明任职关系")
    bench.act(bench.supervisor, void)
    bench.draw.settle()

    ended = bench.draw.draws.draw(bench.draw_id).ended
    assert ended is not None
    assert (ended.reason, ended.why) == ("withdrawn", KEPT_LEFT)
    assert bench.rooms.committee.step_of(DrawId(bench.draw_id), 1) is None
    assert bench.rooms.committee.facts(DrawId(bench.draw_id)).over
    with pytest.raises(NoPlace):
        bench.rooms.viewer(bench.id, seats["e2"])
    left = bench.draw.draws.left_by(bench.draw.draws.draw(bench.draw_id))
    assert left is not None
    assert ([one.was for one in left.kept], left.open) == ([0, 2, 3], 1)
