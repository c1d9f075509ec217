"""Live the stories through once and keep their pictures: `make screenshots`.

The pictures of docs/img are what the story tests see, never drawn by hand; those of
docs/img/en are the same moments of the same pages in English. Nothing is kept unless
the stories pass and have taken every picture of the list; what the list does not
name is taken away.

    python tools/screenshots.py [FOLDER]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
STORIES = (
    "tests/stories/test_story.py::test_the_story",
    "tests/stories/test_media_pages.py",
    "tests/stories/test_media_room.py",
)
PICTURES = (
    "admin-accounts",
    "admin-holders",
    "clerk-prepare",
    "decline-phone",
    "device-check",
    "draw-log",
    "draw-sealed",
    "file-composition",
    "file-review",
    "holder",
    "inbox-accepted",
    "inbox-phone",
    "names-opened",
    "replay",
    "report",
    "room-check-in",
    "room-closed",
    "room-consent",
    "room-leader",
    "room-log",
    "room-office",
    "room-people",
    "room-recusal",
    "room-scoring",
    "room-screen",
    "room-seal",
    "room-sealed",
    "room-summary",
    "room-undertaking",
    "room-watching",
    "sign-in",
    "standard-crosswalk",
    "verify",
)
"""What the READMEs and the pages of docs may show; each is taken by a `shot` of a story."""
SPOKEN = {"zh-CN": "", "en": "en"}
"""Language of a page -> folder of its pictures inside docs/img."""
SHEET = "side-by-side"
ONE_STORY = ("file-composition", "draw-sealed", "inbox-phone", "room-scoring", "verify")
"""Side by side in docs/face.md: is it one product?"""


def main(folder: Path) -> int:
    """Run the stories with a camera; their exit code."""
    with tempfile.TemporaryDirectory() as new:
        environment = os.environ | {"EXPERT_DRAW_SHOTS": new}
        command = [sys.executable, "-m", "pytest", *STORIES, "-n", "0", "-q"]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        if done.returncode:
            return done.returncode
        taken = {language: Path(new) / language for language in SPOKEN}
        wanted = [at / f"{name}.png" for at in taken.values() for name in PICTURES]
        if missing := [str(one.relative_to(new)) for one in wanted if not one.is_file()]:
            sys.exit(f"The stories took no picture of: {', '.join(missing)}")
        for language, inside in SPOKEN.items():
            keep(taken[language], folder / inside)
    beside = [str(folder / f"{name}.png") for name in ONE_STORY]
    sheet = [str(ROOT / "tools" / "side_by_side.py"), str(folder / f"{SHEET}.png")]
    subprocess.run([sys.executable, *sheet, *beside], check=True)
    return 0


def keep(taken: Path, folder: Path) -> None:
    """Put the pictures of one language into their folder; what the list does not name goes."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        if old.stem not in {*PICTURES, SHEET}:
            old.unlink()
    for name in PICTURES:
        shutil.copy(taken / f"{name}.png", folder)
        print(folder / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img"))
