"""A vacated seat of an owner's representative is given to another authorised one."""

import pytest

from evaluation_room import errors
from evaluation_room.core import commands as wishes
from evaluation_room.core.values import VoidGround
from evaluation_room.errors import NoPlace
from foundation.auth.roles import GRANTS, Permission, Role
from tests.evaluation_room.bench import RoomBench


@pytest.fixture
def vacated(bench: RoomBench) -> RoomBench:
    """Everybody scores; the representative in o1 fell ill."""
    bench.open()
    void = wishes.VoidSeat(seat="o1", ground=VoidGround.HEALTH, note="突发疾病")
    bench.act(bench.supervisor, void)
    return bench


def test_the_new_representative_starts_from_check_in_and_the_old_one_is_out(
    vacated: RoomBench,
) -> None:
    """R-SIZE-11, R-REP-2."""
    bench = vacated
    new = bench.person("w2", Role.OWNER_REPRESENTATIVE)
    bench.rooms.preparation.appoint(bench.id, "o1", new.account_id)
    seat = bench.room.seat("o2")
    assert seat is not None
    assert (seat.replaces, seat.may_lead, seat.checked_in_at) == ("o1", False, None)
    bench.join(new)
    assert bench.rooms.viewer(bench.id, new).seat == "o2"
    with pytest.raises(NoPlace):
        bench.rooms.viewer(bench.id, bench.people["w1"])


def test_only_an_authorised_representative_takes_the_seat_and_only_once(
    vacated: RoomBench,
) -> None:
    """R-SIZE-11."""
    bench, appoint = vacated, vacated.rooms.preparation.appoint
    new = bench.person("w2", Role.OWNER_REPRESENTATIVE)
    gone = bench.person("w3", Role.OWNER_REPRESENTATIVE)
    bench.accounts.disable(gone.account_id, "left", by=bench.clerk.account_id)
    unfit = (bench.clerk, bench.people["x1"], bench.people["w1"], gone)
    before = bench.room.seq
    for who in unfit:
        with pytest.raises(errors.NotRepresentable):
            appoint(bench.id, "o1", who.account_id)
    with pytest.raises(errors.NotRepresentable):
        appoint(bench.id, "e1", new.account_id)
    assert bench.room.seq == before
    appoint(bench.id, "o1", new.account_id)
    with pytest.raises(errors.NotRepresentable):
        appoint(bench.id, "o1", new.account_id)


def test_the_clerk_may_see_whom_to_appoint() -> None:
    assert Permission.OWNER_REPRESENTATIVES_READ in GRANTS[Role.CLERK]
    assert Permission.OWNER_REPRESENTATIVES_READ not in GRANTS[Role.EXPERT]
