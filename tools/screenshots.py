"""Live the story through once and keep its pictures: `make screenshots`.

The pictures of docs/img are what the story test sees, never drawn by hand. Nothing is kept
unless the story passes.

    python tools/screenshots.py [FOLDER]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
STORY = "tests/stories/test_story.py"
SHOWN = ("draw-sealed", "file-composition", "room-scoring", "verify")
"""The pictures that README.md shows."""
ONE_STORY = ("file-composition", "draw-sealed", "inbox-phone", "room-scoring", "verify")
"""Side by side in docs/face.md: is it one product?"""


def main(folder: Path) -> int:
    """Run the story with a camera; the exit code of the story."""
    with tempfile.TemporaryDirectory() as new:
        environment = os.environ | {"EXPERT_DRAW_SHOTS": new}
        command = [sys.executable, "-m", "pytest", STORY, "-n", "0", "-q"]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        if done.returncode:
            return done.returncode
        pictures = sorted(Path(new).glob("*.png"))
        missing = {*SHOWN, *ONE_STORY} - {picture.stem for picture in pictures}
        if missing:
            sys.exit(f"The story took no picture of: {', '.join(sorted(missing))}")
        folder.mkdir(parents=True, exist_ok=True)
        for picture in pictures:
            shutil.copy(picture, folder / picture.name)
            print(folder / picture.name)
        beside = [str(folder / f"{name}.png") for name in ONE_STORY]
        sheet = [str(ROOT / "tools" / "side_by_side.py"), str(folder / "side-by-side.png")]
        subprocess.run([sys.executable, *sheet, *beside], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img"))
