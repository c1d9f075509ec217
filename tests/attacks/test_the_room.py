"""B9, B12, D2, D4, D12: the room against hosts and officials."""

import pytest

from evaluation_room import errors
from evaluation_room.core import commands as wishes
from evaluation_room.core import errors as refusals
from evaluation_room.core.phases import STEPS
from evaluation_room.core.values import PauseGround, Phase
from evaluation_room.core.views import CLERK, SUPERVISOR, Viewer, ViewerRole, view_stream
from foundation.auth.roles import Role
from foundation.ids import DrawId
from tests.attacks.rows import tables_with
from tests.evaluation_room.bench import RoomBench


def test_b9_until_somebody_signs_no_row_holds_a_member_and_a_room(room: RoomBench) -> None:
    """After that the log holds the key of each signature, and accounts say whose it is."""
    seats = room.seated()
    experts = [who for who in room.people.values() if who.role is Role.EXPERT]
    keys = [room.accounts.public_key(who.account_id) for who in experts]
    members = [str(who.expert_id) for who in experts] + [str(w.account_id) for w in experts] + keys
    rooms, file = [room.id, "dr_1"], room.folder / "main.db"
    for who in seats.values():
        room.enter(who)
    room.act(room.clerk, wishes.Advance(leaving=Phase.CHECK_IN))
    assert "evaluation_holder" in tables_with(file, rooms)
    assert "account" in tables_with(file, members)
    assert tables_with(file, rooms, members) == set()

    signed_at = room.room.seq
    room.promise(seats["e1"])
    facts = room.rooms.hub.facts(room.id)[signed_at:]
    assert [one for one in facts if getattr(one.event, "key", "") == keys[0]]


def test_b12_a_draw_seats_one_evaluation(room: RoomBench) -> None:
    other = room.person("clerk-2", Role.CLERK)
    prepare = room.rooms.preparation
    assert prepare.plan(DrawId("dr_1"), "again", room.clerk.account_id) == room.id
    with pytest.raises(errors.AlreadyPlanned):
        prepare.plan(DrawId("dr_1"), "mine", other.account_id)


def test_d2_no_phase_leads_back_and_no_wish_unseals_a_sheet(room: RoomBench) -> None:
    order = list(Phase)
    assert all(order.index(step.to) == order.index(phase) + 1 for phase, step in STEPS.items())
    seats = room.open()
    room.score(seats)
    assert room.phase() is Phase.SUMMARY
    with pytest.raises(refusals.WrongPhase):
        room.submit("e1", seats["e1"])
    with pytest.raises(refusals.NotFlagged):
        room.act(
            seats["e1"], wishes.AmendScore(bidder="b1", criterion="c1", score="1", reason="第二次")
        )
    with pytest.raises(refusals.PhaseMoved):
        room.act(seats["e1"], wishes.Advance(leaving=Phase.SCORING))


def test_d4_only_the_supervisor_stops_a_room_and_says_why(room: RoomBench) -> None:
    seats = room.open()
    stop = wishes.Stop(ground=PauseGround.TECHNICAL_FAULT, note="断电")
    for who in (room.clerk, seats["e1"]):
        with pytest.raises(refusals.NotPermitted):
            room.act(who, stop)
    with pytest.raises(ValueError, match="ground"):
        wishes.COMMAND.validate_python({"type": "room.stop", "ground": "it_pleases", "note": "x"})
    room.act(room.supervisor, stop)
    assert room.room.stopped is not None


def test_d12_a_quiet_alarm_reaches_the_supervisor_and_nobody_else(room: RoomBench) -> None:
    """R-EVAL-19."""
    words = "有领导打招呼"
    seats = room.open()
    room.act(seats["e2"], wishes.ReportInterference(text=words))

    def told(viewer: Viewer) -> str:
        stream = view_stream(room.rooms.hub.facts(room.id), viewer)
        return "".join(one.model_dump_json() for one in stream)

    assert words in told(SUPERVISOR)
    for viewer in (CLERK, *(Viewer(ViewerRole.SEAT, seat) for seat in seats if seat != "e2")):
        assert words not in told(viewer)
        assert "interference" not in told(viewer)
