"""Packets become pictures and sound again: in order, whole or not at all, in step."""

import io
import itertools
import random

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation_room.archive import rtp as rtp_
from evaluation_room.archive.frames import Counts, Frame, pictures, sounds
from evaluation_room.archive.mux import mux
from evaluation_room.media import vp8 as vp8_
from tests.evaluation_room.archive.decoders import complaints
from tests.evaluation_room.archive.packets import (
    LEVEL_ID,
    SECOND,
    START,
    Packet,
    opus,
    packed,
    rtp,
    spoken,
    vp8,
)

SHOWN = list(packed(vp8(6)))
HEARD = list(spoken(opus(6)))


def seen(packets: list[Packet]) -> tuple[list[Frame], Counts]:
    counts = Counts()
    return list(pictures(packets, 90_000, counts)), counts


def test_pictures_come_out_as_the_encoder_made_them() -> None:
    found, counts = seen(SHOWN)

    assert tuple(one.data for one in found) == vp8(6)
    assert [n for n, one in enumerate(found) if one.is_key][:2] == [0, 75]
    assert (counts.frames, counts.dropped, counts.missing) == (90, 0, 0)
    assert found[0].at_us == START
    assert abs(found[-1].at_us - START - 89 * SECOND // 15) < 1000


@given(st.randoms())
@settings(max_examples=20, deadline=None)
def test_late_and_doubled_packets_find_their_place(shuffle: random.Random) -> None:
    late = [(at_us + shuffle.choice((0, 0, 0, 30_000, 400_000)), packet) for at_us, packet in SHOWN]
    late += [(at_us + 20_000, packet) for at_us, packet in shuffle.sample(SHOWN, 9)]
    found, counts = seen(sorted(late, key=lambda one: one[0]))

    assert tuple(one.data for one in found) == vp8(6)
    assert counts.missing == 0


@given(st.sets(st.integers(1, len(SHOWN) - 1), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_after_a_loss_nothing_is_shown_until_the_next_keyframe(lost: set[int]) -> None:
    found, counts = seen([one for n, one in enumerate(SHOWN) if n not in lost])
    whole = vp8(6)

    assert counts.missing in {len(lost), len(lost - {len(SHOWN) - 1})} or counts.missing < len(lost)
    shown = iter(one.data for one in found)
    assert all(any(data == one for one in whole) for data in shown)
    numbers = [whole.index(one.data) for one in found]
    for before, after in itertools.pairwise(numbers):
        assert after == before + 1 or whole[after][0] & 1 == 0, "a jump lands on a keyframe"
    decodes(mux_of(found, None))


def test_a_sender_that_counts_anew_is_followed() -> None:
    again = list(packed(vp8(6), start_us=START + 10 * SECOND, first=20_000))
    found, _ = seen([*SHOWN, *again])

    assert tuple(one.data for one in found) == vp8(6) * 2


def test_odd_payloads_make_no_picture_and_no_fault() -> None:
    odd = [b"", b"\x80", b"\x90\x80", b"\x90\x80\x80", b"\x10", b"\xff" * 3, b"\x00\x01", b"\x91"]
    packets = [(START + n, rtp(n, n, one, marker=n % 2 == 0)) for n, one in enumerate(odd)]
    packets += [(START, b""), (START, b"\x80" * 5), (START, b"\xb0" + bytes(11))]
    found, _ = seen(packets)

    assert found == []


@given(st.binary(max_size=80))
def test_no_bytes_are_a_fault(data: bytes) -> None:
    rtp_.parse(data)
    if data:
        rtp_.level(data, 1)
    vp8_.begins_keyframe(data)
    vp8_.descriptor_size(data)
    seen([(START, data)])


def test_levels_are_read_in_both_forms_of_extensions() -> None:
    one = rtp(1, 1, b"x", level=33)
    assert rtp_.level(one, LEVEL_ID) == 33
    assert rtp_.level(one, LEVEL_ID + 1) is None
    two = b"\x90" + one[1:12] + b"\x10\x00\x00\x02" + bytes((9, 1, 7, LEVEL_ID, 1, 0x80 | 44, 0, 0))
    assert rtp_.level(two, LEVEL_ID) == 44
    behind = b"\x90" + one[1:12] + b"\xbe\xde\x00\x02" + bytes((0x31, 5, 5, 0, 0x10, 21, 0, 0))
    assert rtp_.level(behind, LEVEL_ID) == 21


def mux_of(shown: list[Frame] | None, heard: list[Frame] | None) -> bytes:
    file = io.BytesIO()
    mux(file, shown, heard)
    return file.getvalue()


def decodes(data: bytes) -> dict[str, int]:
    """Frames of each kind, all decoded by another program's library."""
    found: dict[str, int] = {}
    with av.open(io.BytesIO(data), "r") as container:
        for frame in container.decode(*container.streams):
            kind = "video" if isinstance(frame, av.VideoFrame) else "audio"
            found[kind] = found.get(kind, 0) + 1
    return found


def plays(data: bytes) -> None:
    """Every frame decodes, and no decoder has anything to say against it."""
    assert complaints(io.BytesIO(data)) == []


def test_a_broken_file_is_complained_of() -> None:
    """The check above can fail."""
    whole = bytearray(mux_of(seen(SHOWN)[0], None))
    whole[len(whole) // 2 : len(whole) // 2 + 2000] = bytes(2000)
    with pytest.raises((AssertionError, av.error.FFmpegError)):
        plays(bytes(whole))


def test_picture_and_sound_play_in_step() -> None:
    shown, _ = seen(SHOWN)
    heard = list(sounds(HEARD, 48_000, Counts()))
    whole = mux_of(shown, heard)

    assert decodes(whole) == {"video": 90, "audio": 300}
    plays(whole)
    with av.open(io.BytesIO(whole), "r") as container:
        assert container.duration is not None
        assert abs(container.duration / SECOND - 6) < 0.1
        container.seek(5_200_000)
        frame = next(container.decode(video=0))
        assert frame.time is not None
        assert abs(frame.time - 5) < 0.01, "cues lead to the keyframe before"


def test_a_picture_that_changes_its_size_goes_on() -> None:
    """A shared screen: another window, another size."""
    sizes = ((640, 360), (320, 240), (1280, 720))
    shown, _ = seen(list(packed(vp8(6, sizes))))
    whole = mux_of(shown, None)

    assert decodes(whole) == {"video": 90}
    plays(whole)
    with av.open(io.BytesIO(whole), "r") as container:
        found = dict.fromkeys((one.width, one.height) for one in container.decode(video=0))
    assert tuple(found) == sizes


def test_a_gap_stays_a_gap() -> None:
    later = list(packed(vp8(6), start_us=START + 100 * SECOND, first=3))
    shown = [*seen(SHOWN)[0], *seen(later)[0]]
    whole = mux_of(shown, list(sounds(HEARD, 48_000, Counts())))

    plays(whole)
    with av.open(io.BytesIO(whole), "r") as container:
        times = [float(one.time or 0) for one in container.decode(video=0)]
    assert max(b - a for a, b in itertools.pairwise(times)) == pytest.approx(94.06, abs=0.1)


def test_sound_alone_is_a_file_too() -> None:
    whole = mux_of(None, list(sounds(HEARD, 48_000, Counts())))

    assert decodes(whole) == {"audio": 300}
    plays(whole)


def test_nothing_is_no_file() -> None:
    assert mux_of([], []) == b""
