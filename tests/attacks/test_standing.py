"""A7, B13, C6, C7, C11, D11, D12, D14: each fails, and succeeds without its defence."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from blacklist.core.errors import SamePerson
from blacklist.core.facts import Act
from blacklist.core.grounds import Kind
from blacklist.service import StandingService
from draw_engine import screening
from draw_engine.core.recusal import Conflicts
from draw_engine.core.request import Party
from evaluation_room.core import commands as wishes
from evaluation_room.core import scoring, views
from evaluation_room.core.errors import PhaseUnfinished
from evaluation_room.core.values import Phase
from evaluation_room.errors import NoPlace
from evaluation_room.service import RoomService
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.ids import ExpertId
from tests.attacks.conftest import Lists
from tests.blacklist.bench import CONFIRMER, MANAGER, TODAY
from tests.draw_engine.draw_bench import ENTITY, DrawBench
from tests.evaluation_room.bench import RoomBench

DEFENDED = pytest.mark.parametrize("defended", [True, False], ids=["defended", "patched out"])
DAY = timedelta(days=1)


@pytest.fixture
def without_two_persons(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Patch the defence of two persons out."""

    def patch() -> None:
        monkeypatch.setattr(StandingService, "_another", lambda *_: None)

    return patch


def alone(lists: Lists, expert: ExpertId, **terms: Any) -> bool:
    """One person of the office enters a measure and confirms it; whether it counts."""
    proposal = lists.propose(expert, by=MANAGER, **terms)
    try:
        lists.blacklist.confirm(proposal.id, MANAGER)
    except SamePerson:
        return False
    return True


@DEFENDED
def test_a7_one_person_empties_no_hat(
    draws: DrawBench, lists: Lists, without_two_persons: Callable[[], None], defended: bool
) -> None:
    """Thirty good experts are marked just before a freeze; the draw asks the register itself."""
    if not defended:
        without_two_persons()
    lists.rule(draws)
    today = draws.clock.now().date()
    for expert in sorted(draws.pool.ids())[:30]:
        alone(lists, expert, starts_on=today, ends_on=today + DAY)

    draw = draws.draws.file(draws.request())
    draws.settle()

    stages = {one["stage"]: one["n"] for one in draws.draws.draw(draw.id).funnel}
    marked = stages["leave"] - stages["suspended"]
    assert marked == (0 if defended else 30)


@DEFENDED
def test_b13_nobody_of_the_office_makes_a_member_ill(
    draws: DrawBench, lists: Lists, without_two_persons: Callable[[], None], defended: bool
) -> None:
    """Leave is the expert's own act; one person's entry moves nobody out of a seat."""
    draw = draws.drawn()
    draws.accept_all(draw.id)
    before = draws.members(draw.id)
    lists.rule(draws)
    if not defended:
        without_two_persons()

    today = draws.clock.now().date()
    words = {"kind": Kind.LEAVE, "ground": "illness", "starts_on": today, "ends_on": today + DAY}
    alone(lists, before[0], **words)
    draws.rooms.unfit.tick(draws.clock.now())
    draws.settle()

    assert (draws.members(draw.id) == before) is defended


@DEFENDED
def test_c6_a_substitute_does_not_sit_where_somebody_checked_in(
    room: RoomBench, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    member = room.people["x1"]
    room.enter(member)
    stranger = room.person("stranger", Role.EXPERT, ExpertId("ex_stranger"))
    substitute = Principal(stranger.account_id, Role.EXPERT, member.expert_id, stranger.sign_in_id)
    if not defended:
        monkeypatch.setattr(RoomService, "_is_holder", lambda *_: True)

    def sits() -> bool:
        try:
            return room.rooms.viewer(room.id, substitute).seat is not None
        except NoPlace:
            return False

    assert sits() is not defended


@DEFENDED
def test_c7_a_bidder_s_people_who_keep_silent_are_in_no_hat(
    draws: DrawBench, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    """The employer is compared, whatever somebody declares."""
    if not defended:
        monkeypatch.setattr(screening, "conflicts", lambda *_: Conflicts())
    entity = Party("procuring_entity", ENTITY, "Example entity")
    bidder = Party("bidder", "91110000GEN00011X", "a bidder")
    code = bidder.unified_credit_code
    theirs = {one.expert_id for one in draws.pool.facts() if one.employer == code}
    assert theirs
    draw = draws.draws.file(draws.request(parties=(entity, bidder)))
    draws.settle()
    funnel = draws.draws.screening.funnel(draw.request, draws.clock.now())

    hats = {one for slot in range(len(draw.request.slots)) for one in funnel.ids(slot)}

    assert (not theirs & hats) is defended


@DEFENDED
def test_c11_a_mark_far_from_the_others_counts_only_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    """R-EVAL-13: the one who gave it revises or explains; the committee cannot pass over it."""
    room = RoomBench(tmp_path)
    room.prepare(objective=False)
    if not defended:
        monkeypatch.setattr(scoring, "flags", lambda _: ())
    seats = room.open()
    for seat, who in seats.items():
        given = {("b1", "c1"): "5"} if seat == "e3" else {}
        room.submit(seat, who, room.sheet(seat, scores=given))

    try:
        room.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    except PhaseUnfinished:
        assert defended
    else:
        assert not defended

    assert (room.room.results is None) is defended
    room.database.close()


@DEFENDED
def test_d11_no_typed_name_is_a_second_person(
    lists: Lists, without_two_persons: Callable[[], None], defended: bool
) -> None:
    """A confirmation carries no name; whoever is signed in is who acts."""
    if not defended:
        without_two_persons()
    expert = ExpertId("ex_good")

    assert alone(lists, expert) is not defended

    assert lists.blacklist.standing(expert).may_serve is defended


@DEFENDED
def test_d12_the_host_does_not_hear_of_an_alarm(
    room: RoomBench, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    if not defended:
        monkeypatch.delitem(views._PROJECT, "room.interference_reported")
    words = "有领导打招呼"
    seats = room.open()
    room.act(seats["e2"], wishes.ReportInterference(text=words))

    stream = views.view_stream(room.rooms.hub.facts(room.id), views.CLERK)

    assert (words not in "".join(one.model_dump_json() for one in stream)) is defended
    assert room.phase() is Phase.SCORING


@DEFENDED
def test_d14_nobody_takes_a_friend_off_the_list_alone(
    lists: Lists, without_two_persons: Callable[[], None], defended: bool
) -> None:
    """Lifted shortly before a freeze and set again after it: two persons, and a flip for ever."""
    friend = ExpertId("ex_friend")
    entered = lists.record(CONFIRMER, expert_id=friend, ends_on=TODAY + 300 * DAY)
    lists.clock.advance(30 * DAY)
    if not defended:
        without_two_persons()
    proposal = lists.blacklist.propose_lift(entered.id, "ended_early", "说明", MANAGER)
    assert proposal.act is Act.LIFT
    refused = False
    try:
        lists.blacklist.confirm(proposal.id, MANAGER)
    except SamePerson:
        refused = True

    assert refused is defended
    assert lists.blacklist.standing(friend).may_serve is not defended
    if not defended:
        freeze = lists.clock.now()
        lists.clock.advance(timedelta(minutes=1))
        assert alone(lists, friend, ends_on=TODAY + 300 * DAY)
        span = timedelta(hours=72)
        found = lists.blacklist.changes(freeze - span, freeze + span)
        assert [one.flip for one in found] == [True, True]
