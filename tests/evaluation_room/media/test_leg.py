"""A leg's numbers: whatever happens above it, no number ever carries two different packets."""

from itertools import pairwise
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation_room.media.hooks import OUTGOING
from evaluation_room.media.leg import Leg
from evaluation_room.media.link import Link
from evaluation_room.media.rtp import HEADER, ahead, parse
from evaluation_room.media.source import Source


class Wire:
    """Takes what a leg sends, in the clear."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, size: int) -> None:
        self.sent.append(bytes(OUTGOING[:size]))


class Kept:
    """A source as a leg sees it."""

    def __init__(self) -> None:
        self.legs: list[Leg] = []
        self.group: list[bytes] | None = None
        self.sender_time = None
        self.packets: dict[int, bytes] = {}
        self.wishes = 0

    def want_keyframe(self, _now: float) -> None:
        self.wishes += 1

    def cached(self, seq: int) -> bytes | None:
        return self.packets.get(seq)


STEPS = st.sampled_from((1, 1, 1, 1, 2, 5, -1, -2, -6))
SEND = st.tuples(st.just("send"), st.integers(0, 1), STEPS, st.just(True))
ACTS = st.lists(
    st.one_of(
        *(SEND, SEND, SEND, SEND),
        st.tuples(st.just("send"), st.integers(0, 2), STEPS, st.booleans()),
        st.tuples(st.just("turn"), st.integers(0, 1), st.just(0), st.just(False)),
        st.tuples(st.just("resend"), st.integers(0, 60), st.just(0), st.just(False)),
        st.tuples(st.just("restart"), st.integers(0, 1), st.just(0), st.just(False)),
    ),
    min_size=10,
    max_size=80,
)


@settings(max_examples=300)
@given(ACTS, st.booleans(), st.lists(st.integers(0, 65535), min_size=3, max_size=3))
def test_one_number_one_packet(acts: list[Any], is_video: bool, tops: list[int]) -> None:
    wire = Wire()
    leg = Leg(cast(Link, wire), is_video=is_video)
    sources = [Kept() for _ in range(3)]
    now, made = 1.0, 0
    for what, number, step, key in [("turn", 0, 0, False), *acts]:
        now += 0.01
        match what:
            case "turn":
                leg.take_source(cast(Source, sources[number]), now)
            case "restart":
                if leg.source is cast(Any, sources[number]):
                    tops[number] = (tops[number] + 5000) & 0xFFFF
                    sources[number].packets.clear()
                    leg.restart()
            case "resend":
                leg.resend(tuple((leg._next_seq - number + i) & 0xFFFF for i in range(8)), now)
            case "send":
                seq = (tops[number] + step) & 0xFFFF
                source = sources[number]
                if seq in source.packets:
                    continue  # a source hands on each packet once
                made += 1
                first = b"\x10\x00" if key else b"\x10\x01"
                packet = HEADER.pack(0x80, 96, seq, made * 100, 9) + first + made.to_bytes(4, "big")
                source.packets[seq] = packet
                if ahead(seq, tops[number]) > 0:
                    tops[number] = seq
                head = parse(packet)
                assert head is not None
                if leg in source.legs:
                    leg.send(packet, head, now)
    carried: dict[tuple[int, int], bytes] = {}
    for packet in wire.sent:
        _, _, seq, _, ssrc = HEADER.unpack_from(packet)
        assert carried.setdefault((ssrc, seq), packet[12:]) == packet[12:]


def test_two_sources_one_count() -> None:
    wire = Wire()
    leg = Leg(cast(Link, wire), is_video=False)
    first, second = Kept(), Kept()
    for place, (source, seqs) in enumerate(((first, (10, 11)), (second, (60_000, 60_001)))):
        leg.take_source(cast(Source, source), float(place))
        for seq in seqs:
            packet = HEADER.pack(0x80, 111, seq, 960 * seq, 9) + b"opus"
            head = parse(packet)
            assert head is not None
            leg.send(packet, head, float(place))
    numbers = [HEADER.unpack_from(packet)[2] for packet in wire.sent]
    assert [ahead(b, a) for a, b in pairwise(numbers)] == [1, 1, 1]


def picture(seq: int, timestamp: int, *, key: bool) -> bytes:
    """A packet of VP8 that begins a frame."""
    first = b"\x10\x00" if key else b"\x10\x01"
    return HEADER.pack(0x80, 96, seq, timestamp, 9) + first + bytes(20)


def test_a_leg_that_waits_asks_again() -> None:
    wire, source = Wire(), Kept()
    leg = Leg(cast(Link, wire), is_video=True)
    leg.take_source(cast(Source, source), 1.0)
    asked = source.wishes
    for n, key in enumerate((False, False, True, False)):
        packet = picture(n, 6000 * n, key=key)
        head = parse(packet)
        assert head is not None
        leg.send(packet, head, 1.0 + n / 15)
    assert source.wishes == asked + 2  # each packet that could not be shown
    assert len(wire.sent) == 2


def test_what_is_long_past_is_not_sent_again() -> None:
    wire, source = Wire(), Kept()
    leg = Leg(cast(Link, wire), is_video=True)
    leg.take_source(cast(Source, source), 1.0)
    for n in range(31):  # two seconds
        source.packets[n] = packet = picture(n, 6000 * n, key=n == 0)
        head = parse(packet)
        assert head is not None
        leg.send(packet, head, 1.0 + n / 15)
    sent, asked = len(wire.sent), source.wishes
    newest = HEADER.unpack_from(wire.sent[-1])[2]
    leg.resend(tuple((newest - back) & 0xFFFF for back in (1, 14, 17, 29)), 4.0)
    assert len(wire.sent) == sent + 2  # those of the last second
    assert source.wishes > asked
