"""Packets from one person to others over real sockets: numbers, losses, layers, caps."""

import asyncio
import socket
from types import SimpleNamespace

import pytest

from evaluation_room.core.media_rules import Track
from evaluation_room.media import rtcp
from evaluation_room.media.engine import Want
from evaluation_room.media.sdp import BadOffer
from tests.evaluation_room.media.conftest import Hall
from tests.evaluation_room.media.peer import Peer, eventually, vp8

FACE, LOW, MIC = Track.FACE, Track.FACE_LOW, Track.MIC


async def watching(hall: Hall, *tracks: Track) -> tuple[Peer, Peer]:
    """e1 sends, e2 is sent what e1 sends, and the down connection stands."""
    e1 = await hall.peer("e1").join(*tracks)
    e2 = await hall.peer("e2").join()
    hall.engine.subscribe("r", "e2", [Want("e1", track) for track in tracks])
    for track in tracks:
        e1.send(track, 100, 1000, vp8(key=True) if track is not MIC else b"opus")
    await eventually(lambda: e2.down is not None and e2.down.cipher is not None)
    return e1, e2


async def test_what_one_sends_another_receives_under_numbers_of_its_own(hall: Hall) -> None:
    e1, e2 = await watching(hall, FACE)
    first = vp8(key=True)
    e1.send(FACE, 101, 7000, first, marker=True)
    e1.send(FACE, 102, 13000, vp8(key=False))
    await eventually(lambda: len(e2.got["e1", FACE]) >= 2)
    heads = [head for head, _ in e2.got["e1", FACE]][-2:]
    packets = [packet for _, packet in e2.got["e1", FACE]]
    assert any(packet.endswith(first) for packet in packets)
    assert heads[1].seq == (heads[0].seq + 1) & 0xFFFF
    assert heads[1].timestamp - heads[0].timestamp in {6000, 6000 - 2**32}
    assert heads[0].ssrc == e2.ssrc_of("e1", FACE) != e1.ssrcs[FACE]


async def test_a_newcomer_begins_with_the_cached_group_of_pictures(hall: Hall) -> None:
    e1 = await hall.peer("e1").join(FACE)
    e1.send(FACE, 1, 0, vp8(key=True))
    for seq in range(2, 12):
        e1.send(FACE, seq, seq * 6000, vp8(key=False))
    await eventually(lambda: e1.published_)
    e2 = await hall.peer("e2").join()
    hall.engine.subscribe("r", "e2", [Want("e1", FACE)])
    await eventually(lambda: len(e2.got["e1", FACE]) == 11)
    assert not any(isinstance(part, rtcp.KeyframeWanted) for part in e1.asked)


async def test_without_a_cached_group_the_sender_is_asked_and_nothing_flows_before(
    hall: Hall,
) -> None:
    e1 = await hall.peer("e1").join(FACE)
    e1.send(FACE, 1, 0, vp8(key=False))
    await eventually(lambda: e1.published_)
    e2 = await hall.peer("e2").join()
    hall.engine.subscribe("r", "e2", [Want("e1", FACE)])
    await eventually(lambda: any(isinstance(one, rtcp.KeyframeWanted) for one in e1.asked))
    e1.send(FACE, 2, 6000, vp8(key=False))
    e1.send(FACE, 3, 12000, key := vp8(key=True))
    await eventually(lambda: e2.got["e1", FACE])
    assert e2.got["e1", FACE][0][1].endswith(key)


async def test_a_lost_packet_is_asked_for_again_and_one_that_came_late_fills_the_gap(
    hall: Hall,
) -> None:
    e1, e2 = await watching(hall, FACE)
    for seq in (101, 103):
        e1.send(FACE, seq, seq * 100, vp8(key=False))
    await eventually(lambda: any(isinstance(one, rtcp.Nack) for one in e1.asked))
    nack = next(one for one in e1.asked if isinstance(one, rtcp.Nack))
    assert nack == rtcp.Nack(e1.ssrcs[FACE], (102,))
    e1.send(FACE, 102, 10200, late := vp8(key=False))
    await eventually(lambda: any(p.endswith(late) for _, p in e2.got["e1", FACE]))
    stats = hall.engine.stats("r")["e1"].up[0]
    assert (stats.lost, stats.recovered) == (0, 1)


async def test_a_viewers_nack_is_answered_from_the_cache_as_a_retransmission(hall: Hall) -> None:
    e1, e2 = await watching(hall, FACE)
    e1.send(FACE, 101, 6000, wanted := vp8(key=False))
    await eventually(lambda: any(p.endswith(wanted) for _, p in e2.got["e1", FACE]))
    head = next(h for h, p in e2.got["e1", FACE] if p.endswith(wanted))
    e2.tell(rtcp.receiver_report(1, ()) + rtcp.nack(1, head.ssrc, [head.seq]))
    await eventually(lambda: sum(p.endswith(wanted) for _, p in e2.got["e1", FACE]) == 2)
    again = [(h, p) for h, p in e2.got["e1", FACE] if p.endswith(wanted)][-1]
    assert again[0].ssrc != head.ssrc
    assert again[1][again[0].start :][:2] == head.seq.to_bytes(2, "big")


async def test_a_change_of_layer_goes_on_counting_and_needs_no_new_offer(hall: Hall) -> None:
    e1, e2 = await watching(hall, FACE)
    await e1.publish(FACE, LOW)
    hall.engine.subscribe("r", "e2", [Want("e1", LOW)])
    assert e1.wanted_[-1] == {LOW}
    offers = e2.offers.qsize()
    await eventually(lambda: e2.got["e1", FACE])
    last = e2.got["e1", FACE][-1][0]
    e1.send(LOW, 40_000, 5, low := vp8(key=True))
    await eventually(lambda: any(p.endswith(low) for _, p in e2.got["e1", FACE]))
    head = e2.got["e1", FACE][-1][0]
    assert (head.ssrc, head.seq) == (last.ssrc, (last.seq + 1) & 0xFFFF)
    assert e2.offers.qsize() == offers


async def test_what_is_not_subscribed_is_not_sent_and_what_is_dropped_stops(hall: Hall) -> None:
    e1, e2 = await watching(hall, FACE, MIC)
    hall.engine.subscribe("r", "e2", [Want("e1", MIC)])
    before = len(e2.got["e1", FACE])
    for seq in range(101, 120):
        e1.send(FACE, seq, seq * 6000, vp8(key=True))
        e1.send(MIC, seq, seq * 960, b"opus")
    await eventually(lambda: len(e2.got["e1", MIC]) >= 19)
    assert len(e2.got["e1", FACE]) == before


async def test_a_slot_that_is_used_again_carries_a_stream_of_its_own(hall: Hall) -> None:
    """Chromium decodes a stream that comes back under its old SSRC, and shows nothing of it."""
    e1, e2 = await watching(hall, FACE)
    await eventually(lambda: e2.got["e1", FACE])
    before = e2.got["e1", FACE][-1][0].ssrc
    hall.engine.subscribe("r", "e2", [])
    await asyncio.sleep(0.1)
    hall.engine.subscribe("r", "e2", [Want("e1", FACE)])
    e1.send(FACE, 200, 60_000, vp8(key=True))
    await eventually(lambda: e2.got["e1", FACE][-1][0].ssrc != before)


async def test_nobodys_picture_stands_under_anothers_name(hall: Hall) -> None:
    """A slot that changes hands carries nothing until the page has answered."""
    e1, e2 = await watching(hall, FACE)
    e3 = await hall.peer("e3").join(FACE)
    e3.send(FACE, 1, 0, third := vp8(key=True))
    await eventually(lambda: e3.published_)
    e2.answers = False
    hall.engine.subscribe("r", "e2", [Want("e3", FACE)])
    offer = None
    while offer is None or not any(slot.who == "e3" for slot in offer.slots):
        offer = await asyncio.wait_for(e2.offers.get(), 5)
    e3.send(FACE, 2, 6000, third)
    e1.send(FACE, 101, 6000, vp8(key=True))
    await asyncio.sleep(0.2)
    assert not any(p.endswith(third) for got in e2.got.values() for _, p in got)
    await e2.answer(offer)
    await eventually(lambda: any(p.endswith(third) for _, p in e2.got["e3", FACE]))


async def test_a_track_that_may_not_be_sent_is_refused_and_the_others_go_on(hall: Hall) -> None:
    e1 = hall.peer("e1")
    await e1.join()
    refused = await e1.publish(Track.VOICE, MIC)
    assert refused == {Track.VOICE: "media.not_permitted"}
    e1.send(Track.VOICE, 1, 0, b"changed")
    e1.send(MIC, 1, 0, b"opus")
    await eventually(lambda: e1.published_)
    await asyncio.sleep(0.1)
    assert [one.track for one in e1.published_] == [MIC]


async def test_a_line_that_becomes_idle_ends_its_track_and_may_come_back(hall: Hall) -> None:
    e1 = await hall.peer("e1").join(FACE, MIC)
    e1.send(FACE, 1, 0, vp8(key=True))
    await eventually(lambda: e1.published_)
    await e1.publish(MIC)
    assert [(one.track, ground) for one, ground in e1.unpublished_] == [(FACE, "stopped")]
    await e1.publish(FACE, MIC)
    e1.send(FACE, 2, 9000, vp8(key=True))
    await eventually(lambda: len(e1.published_) == 2)
    assert e1.published_[0].id != e1.published_[1].id


async def test_the_cap_is_told_each_second_and_a_flood_is_cut(hall: Hall) -> None:
    e1, e2 = await watching(hall, FACE)
    seq = 101
    async with asyncio.timeout(20):
        while not e1.floods:
            for _ in range(60):
                e1.send(FACE, seq, seq * 600, vp8(key=False, size=1000))
                seq += 1
            await asyncio.sleep(0.05)
    assert e1.floods[0] > 2 * 780
    before = hall.engine.stats("r")["e1"].dropped
    came = len(e2.got["e1", FACE])
    for _ in range(20):
        for _ in range(60):
            e1.send(FACE, seq, seq * 600, vp8(key=False, size=1000))
            seq += 1
        await asyncio.sleep(0.05)
    assert hall.engine.stats("r")["e1"].dropped > before
    assert len(e2.got["e1", FACE]) - came < 1200


async def test_a_second_stay_of_the_same_person_ends_the_first(hall: Hall) -> None:
    e1, e2 = await watching(hall, FACE)
    again = await hall.peer("e1").join(FACE)
    again.send(FACE, 5, 0, new := vp8(key=True))
    await eventually(lambda: any(p.endswith(new) for _, p in e2.got["e1", FACE]))
    assert [ground for _, ground in e1.unpublished_] == ["left"]
    assert len(hall.engine.stats("r")) == 2


async def test_an_offer_that_is_none_is_refused_and_harms_nothing(hall: Hall) -> None:
    e1, e2 = await watching(hall, FACE)
    for text in ("", "v=0", "v=0\r\nm=video x y z\r\n", "v=0\r\n" + "m=video 9 U 96\r\n" * 500):
        with pytest.raises(BadOffer):
            await hall.engine.publish("r", "e1", text, {})
    e1.send(FACE, 101, 6000, still := vp8(key=True))
    await eventually(lambda: any(p.endswith(still) for _, p in e2.got["e1", FACE]))


async def test_a_codec_that_is_not_ours_is_refused_line_by_line(hall: Hall) -> None:
    e1 = await hall.peer("e1").join(MIC)
    e1.ssrcs[FACE] = 7
    e1.foreign = "H264/90000"
    assert await e1.publish(MIC, FACE) == {FACE: "media.no_common_codec"}
    e1.send(MIC, 1, 0, b"opus")
    await eventually(lambda: [one.track for one in e1.published_] == [MIC])


async def test_a_stopped_transceiver_ends_its_track_and_leaves_the_others(hall: Hall) -> None:
    """The browser keeps the line with port 0, outside the bundle, for ever."""
    e1, e2 = await watching(hall, FACE, MIC)
    e1.stopped = {FACE}
    await e1.publish(MIC)
    assert [(one.track, ground) for one, ground in e1.unpublished_] == [(FACE, "stopped")]
    e1.send(MIC, 101, 9600, still := b"still here")
    await eventually(lambda: any(p.endswith(still) for _, p in e2.got["e1", MIC]))
    assert "m=video 0 " in e1.answer_text
    assert "a=group:BUNDLE 1\r\n" in e1.answer_text


async def test_a_path_that_changes_takes_the_packets_along(hall: Hall) -> None:
    e1, e2 = await watching(hall, FACE)
    person = hall.engine._rooms["r"].people["e2"]
    assert person.down.link is not None
    path = person.down.link._path
    pair = path.nominated[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.settimeout(5)
        moved = SimpleNamespace(protocol=pair.protocol, remote_addr=elsewhere.getsockname())
        path.nominated[1] = moved
        e1.send(FACE, 101, 6000, vp8(key=False))
        await asyncio.sleep(0.1)
        assert 127 < elsewhere.recv(2000)[0] < 192
        path.nominated[1] = pair
    e1.send(FACE, 102, 12000, back := vp8(key=False))
    await eventually(lambda: any(p.endswith(back) for _, p in e2.got["e1", FACE]))
