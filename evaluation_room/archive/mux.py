"""Pictures and sound of one person into one file, in step by the instants they were made."""

import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from evaluation_room.archive.frames import Frame
from evaluation_room.archive.webm import Stream, WebmWriter
from evaluation_room.media.vp8 import picture_size

PICTURE_MS: Final = 66.0
SOUND_MS: Final = 20.0
FALLBACK: Final = (640, 360)


@dataclass(frozen=True, slots=True)
class Muxed:
    """What was written; `began_us` is the instant of time 0, None where nothing was."""

    began_us: int | None
    ended_us: int


def mux(
    file: BinaryIO,
    pictures: Iterable[Frame] | None,
    sound: Iterable[Frame] | None,
    *,
    began_us: int | None = None,
) -> Muxed:
    """Write a WebM file; a stream that turns out empty is left out.

    Args:
        began_us: the instant of time 0; without it that of the first frame.
    """
    given = [_peeked(pictures), _peeked(sound)]
    streams: list[tuple[Stream, Iterator[Frame]]] = []
    for n, (first, frames) in enumerate(given):
        if first is not None:
            size = (picture_size(first.data) or FALLBACK) if n == 0 else (0, 0)
            streams.append((Stream(*size), frames))
    if not streams:
        return Muxed(None, 0)
    writer = WebmWriter(file, [stream for stream, _ in streams])
    ended = 0
    merged = heapq.merge(*(_numbered(n, frames) for n, (_, frames) in enumerate(streams)))
    for at_us, n, _, frame in merged:
        began_us = at_us if began_us is None else began_us
        at_ms = max(0, at_us - began_us) // 1000
        lasts = PICTURE_MS if streams[n][0].is_video else SOUND_MS
        writer.write(n, at_ms, frame.data, is_key=frame.is_key, lasts_ms=lasts)
        ended = at_us
    writer.close()
    return Muxed(began_us, ended)


def _peeked(frames: Iterable[Frame] | None) -> tuple[Frame | None, Iterator[Frame]]:
    rest = iter(frames or ())
    first = next(rest, None)
    return first, rest if first is None else itertools.chain((first,), rest)


def _numbered(n: int, frames: Iterator[Frame]) -> Iterator[tuple[int, int, int, Frame]]:
    """Of the same instant the picture first; no two are ever compared by what they hold."""
    newest = 0
    for count, frame in enumerate(frames):
        newest = max(newest, frame.at_us)  # a new publication may claim an earlier instant
        yield newest, n, count, frame
