"""What the generated cameras show: a head that moves before a wall, with a sensor's noise.

Chromium's own pattern costs an encoder half of what a face does, and so sends fewer packets.
"""

from pathlib import Path
from typing import Final

import numpy as np

WIDTH: Final = 640
HEIGHT: Final = 360
FPS: Final = 15
FRAMES: Final = 150
NOISE: Final = 0.4
"""Standard deviation of the noise; so chosen that VP8 needs about 180 kbit/s."""


def write(path: Path) -> None:
    """Ten seconds as Y4M, the same at each call."""
    generator = np.random.default_rng(1)
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    wall = 90 + 40 * np.sin(across / 37) * np.sin(down / 23) + across / 20
    chroma = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8).tobytes()
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C420\n".encode())
        for number in range(FRAMES):
            turn = 2 * np.pi * number / FRAMES
            x, y = across - 320 - 40 * np.sin(3 * turn), down - 190 - 12 * np.sin(5 * turn)
            head = (x / 90) ** 2 + (y / 120) ** 2 < 1
            face = 170 + 30 * np.sin(x / 11) * np.sin(y / 9 + np.sin(7 * turn))
            mouth = (x / 30) ** 2 + ((y - 60) / (6 + 5 * np.sin(23 * turn))) ** 2 < 1
            picture = np.where(mouth, 60, np.where(head, face, wall))
            picture = picture + generator.normal(0, NOISE, picture.shape)
            file.write(b"FRAME\n" + picture.clip(16, 235).astype(np.uint8).tobytes())
            file.write(chroma + chroma)
