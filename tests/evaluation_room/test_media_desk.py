"""Who sees and hears whom in a real room, over real sockets, and what the ledger says of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import pytest_asyncio

from evaluation_room import media_messages as wire
from evaluation_room.core import commands as wishes
from evaluation_room.core.media_rules import Mask, Picture, Track
from evaluation_room.core.values import PauseGround, Phase, VoidGround
from evaluation_room.core.views import CLERK, SUPERVISOR, Viewer, ViewerRole
from evaluation_room.media.engine import Offer, Slot
from evaluation_room.media.forwarder import Forwarder
from evaluation_room.media_book import MediaBook
from evaluation_room.media_desk import MediaDesk
from evaluation_room.media_errors import NotOpen, OpenedElsewhere
from evaluation_room.media_stays import Policy, Stay
from foundation.errors import ServiceError
from tests.evaluation_room.bench import RoomBench
from tests.evaluation_room.media.peer import LOOPBACK, Peer, eventually

FACE, MASKED, MIC, VOICE = Track.FACE, Track.MASKED, Track.MIC, Track.VOICE
EVERYONE = ("e1", "e2", "e3", "o1", "clerk")


@dataclass
class Member(Peer):
    """A browser that speaks to the desk as the page does."""

    desk: MediaDesk = field(kw_only=True)
    viewer: Viewer = field(kw_only=True)
    stay: Stay | None = None
    frames: list[wire.ServerMediaFrame | ServiceError] = field(default_factory=list)

    def heard(self, frame: wire.ServerMediaFrame | ServiceError) -> None:
        self.frames.append(frame)
        if isinstance(frame, wire.MediaOffer):
            slots = tuple(Slot(one.mid, one.who, one.track) for one in frame.slots)
            self.offer(Offer(frame.offer, frame.sdp, slots))

    async def enter(self, evaluation_id: str, *tracks: Track) -> "Member":
        key = "ab" * 32
        self.stay = await self.desk.join(evaluation_id, self.viewer, self.who, key, self.heard)
        if tracks:
            await self.publish(*tracks)
        return self

    async def look(self, *people: str) -> None:
        tiles = tuple(wire.Tile(who=who, picture=Picture.FACE, layer="high") for who in people)
        await self.take(wire.MediaView(epoch=self.epoch, tiles=tiles))

    async def take(self, frame: wire.ClientMediaFrame) -> None:
        assert self.stay is not None
        await self.desk.take(self.stay, frame)

    @property
    def epoch(self) -> int:
        assert self.stay is not None
        return self.stay.epoch

    @property
    def people(self) -> Mapping[str, wire.Person]:
        told = [one for one in self.frames if isinstance(one, wire.MediaPeople)]
        return {one.who: one for one in told[-1].people} if told else {}

    def refusals(self) -> list[str]:
        return [one.code for one in self.frames if isinstance(one, ServiceError)]

    async def offer_up(self, text: str, names: Mapping[str, Track]) -> tuple[str, dict[str, str]]:
        tracks = tuple(wire.SentTrack(mid=mid, track=track) for mid, track in names.items())
        await self.take(wire.MediaPublish(epoch=self.epoch, sdp=text, tracks=tracks))
        answer = [one for one in self.frames if isinstance(one, wire.MediaPublished)][-1]
        return answer.sdp, {one.track: one.code for one in answer.refused}

    async def answer_down(self, number: int, text: str) -> None:
        await self.take(wire.MediaAnswer(epoch=self.epoch, offer=number, sdp=text))


class Hall:
    """The bench's room with media."""

    def __init__(self, bench: RoomBench, mask: Mask = Mask.PIXELATED) -> None:
        self.bench = bench
        self.book = MediaBook(bench.books, linger_seconds=0.01)
        self.engine = Forwarder(LOOPBACK)
        self.policy = Policy(mask, watching_shown=True, dark_seconds=60)
        self.desk = MediaDesk(
            lambda: self.engine, self.book, bench.rooms.hub, bench.clock, self.policy
        )
        self.members: list[Member] = []

    def member(self, who: str) -> Member:
        viewer = {"clerk": CLERK, "supervisor": SUPERVISOR}.get(who) or Viewer(ViewerRole.SEAT, who)
        member = Member(self.engine, who, desk=self.desk, viewer=viewer)
        self.members.append(member)
        return member

    async def enter(self, who: str, *tracks: Track) -> Member:
        return await self.member(who).enter(self.bench.id, *tracks)

    def facts(self) -> list[str]:
        self.book.flush(5)
        return [one.event.type for one in self.book.facts(self.bench.id)]

    async def close(self) -> None:
        await self.desk.close()
        for member in self.members:
            await member.close()
        self.book.close()


@pytest_asyncio.fixture
async def hall(bench: RoomBench) -> AsyncIterator[Hall]:
    here = Hall(bench)
    yield here
    await here.close()


async def send_all(member: Member, *tracks: Track, times: int = 4) -> None:
    """A few packets of each track; every packet names its track."""
    for seq in range(times):
        for track in tracks:
            told = b"\x10\x00" + track.encode() if track not in {MIC, VOICE} else track.encode()
            member.send(track, seq + len(member.frames) * 7, seq * 3000, told)
        await asyncio.sleep(0.02)


def received(member: Member) -> set[bytes]:
    """The tracks whose packets came, by what the packets say of themselves."""
    return {
        packet[head.start :].removeprefix(b"\x10\x00")
        for got in member.got.values()
        for head, packet in got
    }


async def test_others_get_the_mask_and_the_changed_voice_and_nobody_the_raw(hall: Hall) -> None:
    e1 = await hall.enter("e1", FACE, MASKED, MIC, VOICE)
    viewers = [await hall.enter(who) for who in ("e2", "clerk", "supervisor")]
    for viewer in viewers:
        await viewer.look(*EVERYONE)
    await send_all(e1, FACE, MASKED, MIC, VOICE)
    for viewer in viewers:
        await eventually(lambda viewer=viewer: {b"masked", b"voice"} <= received(viewer))
    await send_all(e1, FACE, MASKED, MIC, VOICE)
    for viewer in viewers:
        assert received(viewer) == {b"masked", b"voice"}
        assert viewer.people["e1"].tracks == (MASKED, VOICE)
    assert set(e1.people["e1"].tracks) == {FACE, MASKED, MIC, VOICE}


async def test_while_members_confer_the_clerk_neither_hears_nor_is_heard(hall: Hall) -> None:
    seats = hall.bench.seated()
    e1 = await hall.enter("e1", MASKED, VOICE)
    clerk = await hall.enter("clerk", FACE, MIC)
    await clerk.look("e1")
    await e1.look("clerk")
    await send_all(e1, MASKED, VOICE)
    await send_all(clerk, FACE, MIC)
    await eventually(lambda: b"voice" in received(clerk) and b"mic" in received(e1))
    del seats
    hall.bench.open()
    assert hall.bench.phase() is Phase.SCORING
    await asyncio.sleep(0.2)
    clerk.got.clear()
    e1.got.clear()
    await send_all(e1, MASKED, VOICE)
    await send_all(clerk, FACE, MIC)
    await eventually(lambda: received(clerk) == {b"masked"})
    assert received(e1) == set()
    assert clerk.people["e1"].tracks == (MASKED,)


async def test_a_pause_cuts_the_sound_among_members_and_gives_them_the_clerk(hall: Hall) -> None:
    bench = hall.bench
    bench.open()
    e1, e2 = await hall.enter("e1", VOICE), await hall.enter("e2", VOICE)
    clerk = await hall.enter("clerk", MIC)
    await send_all(e1, VOICE)
    await send_all(clerk, MIC)
    await eventually(lambda: received(e2) == {b"voice"})
    bench.act(bench.clerk, wishes.Pause(ground=PauseGround.TECHNICAL_FAULT, note="断电"))
    await asyncio.sleep(0.2)
    e2.got.clear()
    await send_all(e1, VOICE)
    await send_all(clerk, MIC)
    await eventually(lambda: received(e2) == {b"mic"})
    await eventually(lambda: b"voice" in received(clerk))


async def test_a_supervisor_sends_nothing_and_watching_is_in_the_ledger_first(hall: Hall) -> None:
    e1 = await hall.enter("e1", MASKED)
    supervisor = await hall.enter("supervisor")
    joined = [
        one.event for one in hall.book.facts(hall.bench.id) if one.event.type == "media.joined"
    ]
    assert joined[-1].who == "supervisor"
    assert joined[-1].key == "ab" * 32
    ready = next(one for one in supervisor.frames if isinstance(one, wire.MediaReady))
    assert ready.publish == ()
    assert await supervisor.publish(FACE) == {FACE: "media.not_permitted"}
    await eventually(
        lambda: [one for one in e1.frames if isinstance(one, wire.MediaPeople)][-1].watched
    )
    assert "supervisor" not in e1.people


async def test_a_void_seat_is_out_at_once(hall: Hall) -> None:
    bench = hall.bench
    e1, e2 = await hall.enter("e1", VOICE), await hall.enter("e2", VOICE)
    await send_all(e1, VOICE)
    await eventually(lambda: received(e2) == {b"voice"})
    bench.act(
        bench.supervisor, wishes.VoidSeat(seat="e2", ground=VoidGround.MISCONDUCT, note="违纪")
    )
    await eventually(lambda: "media.not_open" in e2.refusals())
    e2.got.clear()
    await send_all(e1, VOICE)
    assert received(e2) == set()
    with pytest.raises(NotOpen):
        await hall.enter("e2")


async def test_a_second_tab_takes_over_and_the_first_is_told(hall: Hall) -> None:
    first = await hall.enter("e1", MIC)
    second = await hall.enter("e1")
    assert first.refusals() == [OpenedElsewhere.code]
    await first.take(wire.MediaLeave(epoch=first.epoch))
    await second.look("e2")
    assert hall.facts().count("media.left") == 1


async def test_of_two_who_join_at_once_one_stays(hall: Hall) -> None:
    first = await hall.enter("e1", VOICE)
    second, third = hall.member("e1"), hall.member("e1")
    await asyncio.gather(second.enter(hall.bench.id), third.enter(hall.bench.id))
    told = [one.refusals() for one in (first, second, third)]
    assert sorted(told) == [[], [OpenedElsewhere.code], [OpenedElsewhere.code]]
    assert first.refusals()
    last = second if not second.refusals() else third
    await last.publish(VOICE)
    e2 = await hall.enter("e2")
    await send_all(last, VOICE)
    await eventually(lambda: e2.people["e1"].tracks == (VOICE,))


async def test_facts_of_the_room_may_come_while_somebody_joins_again(hall: Hall) -> None:
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    await hall.enter("e1", VOICE)
    again = asyncio.ensure_future(hall.enter("e1"))
    while not again.done():
        hall.desk.room_moved(hall.bench.id)
        await asyncio.sleep(0)
    assert faults == []


async def test_several_supervisors_watch_side_by_side(hall: Hall) -> None:
    e1 = await hall.enter("e1", VOICE)
    one, two = hall.member("supervisor"), hall.member("supervisor")
    two.who = "another account"
    for watcher in (one, two):
        await watcher.enter(hall.bench.id)
    await send_all(e1, VOICE)
    for watcher in (one, two):
        await eventually(lambda watcher=watcher: received(watcher) == {b"voice"})


async def test_who_goes_dark_is_a_fact_blocks_scoring_and_coming_back_is_one_too(
    hall: Hall,
) -> None:
    bench = hall.bench
    bench.open()
    e1 = await hall.enter("e1", FACE, MIC)
    seq = 0

    async def sending(seconds: float) -> None:
        nonlocal seq
        for _ in range(int(seconds / 0.1)):
            seq += 1
            e1.send(MIC, seq, seq * 4800, b"opus")
            await asyncio.sleep(0.1)

    await sending(1.5)
    assert hall.desk.unseen(bench.id, "e1") == 0
    await asyncio.sleep(2.5)
    bench.clock.advance(timedelta(seconds=90))
    await eventually(lambda: "media.went_dark" in hall.facts())
    assert hall.desk.unseen(bench.id, "e1") == 90
    await sending(1.5)
    await eventually(lambda: "media.came_back" in hall.facts())
    back = next(
        one.event for one in hall.book.facts(bench.id) if one.event.type == "media.came_back"
    )
    assert back.seconds == 90
    assert hall.desk.unseen(bench.id, "e1") == 0


async def test_a_muted_track_is_no_sign_of_life_and_muting_is_a_fact(hall: Hall) -> None:
    e1, e2 = await hall.enter("e1", VOICE), await hall.enter("e2")
    e1.send(VOICE, 1, 0, b"voice")
    await eventually(lambda: VOICE in e2.people["e1"].tracks)
    await e1.take(wire.MediaMute(epoch=e1.epoch, track=VOICE, muted=True))
    assert e2.people["e1"].muted == (VOICE,)
    await e1.take(wire.MediaMute(epoch=e1.epoch, track=VOICE, muted=True))
    assert hall.facts().count("media.muted") == 1


async def test_a_cut_socket_is_given_a_moment_and_the_close_of_the_room_is_not(hall: Hall) -> None:
    bench = hall.bench
    seats = bench.open()
    e1, e2 = await hall.enter("e1", VOICE), await hall.enter("e2")
    assert e1.stay is not None
    hall.desk.cut(e1.stay)
    await send_all(e1, VOICE)
    await eventually(lambda: received(e2) == {b"voice"})
    bench.score(seats)
    bench.finish(seats)
    await eventually(lambda: "media.not_open" in e2.refusals())
    with pytest.raises(NotOpen):
        await hall.enter("e1")
    await eventually(lambda: hall.facts().count("media.left") == 2)
