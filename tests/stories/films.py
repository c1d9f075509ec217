"""Exported recordings as another program's decoder sees them."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

MOSAIC_COLUMNS = 20


@dataclass(frozen=True)
class Film:
    """What a file holds once every frame of it is decoded.

    `off_grid` is the share of edges inside the cells of a mosaic, over pictures that are not tiny.
    """

    pictures: int
    sounds: int
    off_grid: float


def play(path: Path) -> Film:
    """Decode a file from its first frame to its last.

    Raises:
        av.error.FFmpegError: a frame does not decode.
    """
    pictures, sounds, edges, off = 0, 0, 0, 0
    with av.open(str(path)) as file:
        for frame in file.decode():
            if isinstance(frame, av.VideoFrame):
                pictures += 1
                if pictures % 10 == 0 and frame.width >= 300:
                    found = _edges(frame)
                    edges, off = edges + found[0], off + found[1]
            else:
                sounds += 1
    return Film(pictures, sounds, off / edges if edges else 0.0)


def _edges(frame: av.VideoFrame) -> tuple[int, int]:
    green = frame.to_ndarray(format="rgb24")[:, :, 1].astype(np.int16)
    columns = np.nonzero(np.abs(np.diff(green, axis=1)) > 12)[1] + 1
    cell = frame.width / MOSAIC_COLUMNS
    inside = np.minimum(columns % cell, cell - columns % cell) > cell / 6
    return len(columns), int(inside.sum())
