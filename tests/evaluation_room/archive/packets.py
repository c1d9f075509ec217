"""RTP packets for the archive's tests: synthetic ones, and real VP8 and Opus cut into packets."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import av
import numpy as np

from evaluation_room.core.media_rules import Track
from evaluation_room.media.engine import Publication

SECOND = 1_000_000
START = 1_795_000_000 * SECOND
LEVEL_ID = 1
ROOM = "ev_test"

Packet = tuple[int, bytes]


def publication(
    track: Track = Track.FACE, *, who: str = "e1", id_: str = "0123456789abcdef", room: str = ROOM
) -> Publication:
    """A track of a seat."""
    audio = track in {Track.MIC, Track.VOICE}
    return Publication(
        id=id_,
        room=room,
        who=who,
        track=track,
        codec="opus" if audio else "vp8",
        clock_rate=48_000 if audio else 90_000,
        level_id=LEVEL_ID if audio else 0,
    )


def rtp(
    sequence: int, timestamp: int, payload: bytes, *, marker: bool = False, level: int | None = None
) -> bytes:
    """One RTP packet."""
    first = 0x80 | (0x10 if level is not None else 0)
    head = bytes((first, (0x80 if marker else 0) | 96))
    head += (sequence % 2**16).to_bytes(2, "big") + (timestamp % 2**32).to_bytes(4, "big")
    head += (0x1234).to_bytes(4, "big")
    if level is not None:
        head += b"\xbe\xde\x00\x01" + bytes((LEVEL_ID << 4, 0x80 | level, 0, 0))
    return head + payload


def speech(
    seconds: float, *, start_us: int = START, level: int = 30, first: int = 65_500
) -> list[Packet]:
    """Packets as of an Opus track, 20 ms each; not decodable."""
    return [
        (start_us + n * 20_000, rtp(first + n, n * 960, bytes((n % 256,)) * 60, level=level))
        for n in range(round(seconds * 50))
    ]


def frames(
    seconds: float, *, start_us: int = START, keys_every: float = 1e9, first: int = 65_500
) -> list[Packet]:
    """Packets as of a VP8 track, 15 frames a second of two packets; not decodable."""
    made: list[Packet] = []
    for n in range(round(seconds * 15)):
        key = n % max(1, round(keys_every * 15)) == 0
        at = start_us + n * SECOND // 15
        made.append((at, rtp(first + 2 * n, n * 6000, bytes((0x10, 0 if key else 1)) + bytes(300))))
        tail = rtp(first + 2 * n + 1, n * 6000, bytes((0, 7)) + bytes(300), marker=True)
        made.append((at + 1000, tail))
    return made


@cache
def vp8(seconds: int, sizes: tuple[tuple[int, int], ...] = ((320, 180),)) -> tuple[bytes, ...]:
    """Encoded pictures, 15 a second, keyframes every five seconds; the size changes on the way."""
    made: list[bytes] = []
    each = seconds * 15 // len(sizes)
    for width, height in sizes:
        encoder = av.CodecContext.create("libvpx", "w")
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
        encoder.time_base, encoder.bit_rate = Fraction(1, 15), 200_000
        encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": "75"}
        for n in range(each):
            picture = np.zeros((height, width, 3), np.uint8)
            picture[:, :, 0] = (np.arange(width) + 3 * n) % 256
            picture[: height // 2, :, 1] = 5 * n % 256
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 15)
            made += [bytes(one) for one in encoder.encode(frame)]
        made += [bytes(one) for one in encoder.encode(None)]
    return tuple(made)


@cache
def opus(seconds: int) -> tuple[bytes, ...]:
    """Encoded sound, 20 ms each."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.time_base, encoder.bit_rate = Fraction(1, 48_000), 24_000
    made: list[bytes] = []
    for n in range(seconds * 50):
        wave = 8000 * np.sin(np.arange(n * 960, (n + 1) * 960) * 2 * np.pi * 440 / 48_000)
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16).reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, n * 960
        made += [bytes(one) for one in encoder.encode(frame)]
    return tuple(made)


def packed(
    pictures: tuple[bytes, ...], *, start_us: int = START, first: int = 65_000, most: int = 1100
) -> Iterator[Packet]:
    """Pictures cut into packets as a browser does, with a picture id of 15 bits."""
    sequence = first
    for n, picture in enumerate(pictures):
        parts = [picture[i : i + most] for i in range(0, len(picture), most)]
        for m, part in enumerate(parts):
            descriptor = bytes((0x80 | (0x10 if m == 0 else 0), 0x80)) + (
                0x8000 | n % 2**15
            ).to_bytes(2, "big")
            last = m == len(parts) - 1
            packet = rtp(sequence, 90_000 + n * 6000, descriptor + part, marker=last)
            yield start_us + n * SECOND // 15 + m * 300, packet
            sequence += 1


def spoken(
    sound: tuple[bytes, ...], *, start_us: int = START, first: int = 65_000
) -> Iterator[Packet]:
    """Sound as packets."""
    for n, one in enumerate(sound):
        yield start_us + n * 20_000, rtp(first + n, 7000 + n * 960, one, level=40)
