"""Whatever is thrown at a media port: the call goes on, nothing is answered, nothing grows."""

import asyncio
import gc
import random
import re
import socket
import tracemalloc

from aioice import stun

from evaluation_room.core.media_rules import Track
from evaluation_room.media import rtcp, sdp
from evaluation_room.media.engine import Want
from evaluation_room.media.link import Link
from tests.evaluation_room.media.conftest import Hall
from tests.evaluation_room.media.peer import CERTIFICATE, LOOPBACK, Peer, eventually, vp8

FACE = Track.FACE


async def call(hall: Hall) -> tuple[Peer, Peer, list[int]]:
    """e1 sends to e2; and the server's ports."""
    e1 = await hall.peer("e1").join(FACE)
    e2 = await hall.peer("e2").join()
    hall.engine.subscribe("r", "e2", [Want("e1", FACE)])
    e1.send(FACE, 1, 0, vp8(key=True))
    await eventually(lambda: e2.got["e1", FACE])
    offer = await e2.offers.get()
    return e1, e2, [int(port) for port in re.findall(r"127\.0\.0\.1 (\d+) typ host", offer.sdp)]


async def _goes_on(e1: Peer, e2: Peer, seq: int) -> None:
    await asyncio.sleep(0.1)
    e1.send(FACE, seq, seq * 6000, still := vp8(key=False))
    await eventually(lambda: any(p.endswith(still) for _, p in e2.got["e1", FACE]))


def _datagrams(chance: random.Random, count: int) -> list[bytes]:
    """Garbage of every kind that a media port tells apart by its first byte."""
    kinds = [range(4), range(20, 64), range(128, 192), range(192, 256), range(64, 128)]
    made = [
        bytes([chance.choice(chance.choice(kinds))])
        + chance.randbytes(chance.choice((0, 3, 40, 400, 1499)))
        for _ in range(count)
    ]
    return [b"", *made]


async def test_garbage_from_strangers_is_not_answered_and_fills_nothing(hall: Hall) -> None:
    e1, e2, ports = await call(hall)
    chance = random.Random(7)
    loop = asyncio.get_running_loop()
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind(("127.0.0.1", 0))
    stranger.setblocking(False)

    async def storm(count: int) -> None:
        for place, one in enumerate(_datagrams(chance, count)):
            for port in ports:
                await loop.sock_sendto(stranger, one, ("127.0.0.1", port))
            if place % 50 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0.05)

    await storm(500)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    await storm(3000)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 400_000
    try:
        answer = stranger.recv(2000)
    except BlockingIOError:
        answer = b""
    stranger.close()
    # A STUN request without a name is told "400 Bad Request", as RFC 8489 wants; never more.
    assert answer == b"" or stun.parse_message(answer).message_class == stun.Class.ERROR
    await _goes_on(e1, e2, 2)


async def test_garbage_from_a_member_harms_only_the_member(hall: Hall) -> None:
    e1, e2, _ = await call(hall)
    chance = random.Random(8)
    for size in (0, 1, 11, 12, 13, 200, 1400):
        for _ in range(30):
            e1.send_bytes(chance.randbytes(size)[:1400])
    for _ in range(200):
        e1.tell(
            bytes([0x80 | chance.randrange(32), chance.randrange(192, 224)]) + chance.randbytes(60),
            down=False,
        )
        e2.tell(
            bytes([0x80 | chance.randrange(32), chance.randrange(192, 224)]) + chance.randbytes(60)
        )
    e2.tell(rtcp.nack(1, e2.ssrc_of("e1", FACE), list(range(0, 60000, 17))[:120]))
    await _goes_on(e1, e2, 2)


async def test_packets_that_come_twice_are_forwarded_once(hall: Hall) -> None:
    e1, e2, _ = await call(hall)
    for _ in range(5):
        e1.send(FACE, 2, 12000, twice := b"\x10\x01the same")
    await _goes_on(e1, e2, 3)
    assert sum(p.endswith(twice) for _, p in e2.got["e1", FACE]) == 1


async def test_a_step_of_thousands_is_a_new_beginning(hall: Hall) -> None:
    e1, e2, _ = await call(hall)
    e1.send(FACE, 30_000, 12000, vp8(key=False))
    e1.send(FACE, 30_001, 18000, new := vp8(key=True))
    await eventually(lambda: any(p.endswith(new) for _, p in e2.got["e1", FACE]))
    heads = [head for head, _ in e2.got["e1", FACE]]
    assert (heads[-1].seq - heads[-2].seq) & 0xFFFF == 1


async def test_one_straggler_is_dropped_and_two_in_a_row_are_a_new_beginning(hall: Hall) -> None:
    """Within the 1,024 packets that SRTP lets through late."""
    e1, e2, _ = await call(hall)
    e1.send(FACE, 2000, 0, vp8(key=True))
    e1.send(FACE, 1600, 0, straggler := vp8(key=True))
    await _goes_on(e1, e2, 2001)
    assert not any(p.endswith(straggler) for _, p in e2.got["e1", FACE])
    e1.send(FACE, 1650, 0, vp8(key=True))
    e1.send(FACE, 1651, 3000, new := vp8(key=True))
    await eventually(lambda: any(p.endswith(new) for _, p in e2.got["e1", FACE]))


async def test_a_stranger_who_knows_nothing_never_connects(hall: Hall) -> None:
    """Another password, another certificate: no keys, no packets, the room unharmed."""
    e1, e2, _ = await call(hall)
    offer = await _offer_of(hall)
    theirs = sdp.parse(offer)
    theirs.password = "x" * 22
    stranger = Link(CERTIFICATE, controlling=False, dtls_server=False, seeks=True)
    await stranger.gather(LOOPBACK)
    stranger.start(theirs)
    await asyncio.sleep(0.5)
    assert stranger.cipher is None
    await stranger.close()
    await _goes_on(e1, e2, 2)


async def _offer_of(hall: Hall) -> str:
    e3 = hall.peer("e3")
    e3.answers = False
    await e3.join()
    hall.engine.subscribe("r", "e3", [Want("e1", FACE)])
    return (await asyncio.wait_for(e3.offers.get(), 5)).sdp
