"""A process that records synthetic packets as they come, until it is killed.

It prints each packet's number after the recorder took it; `python -m … FOLDER SECONDS_BEFORE`.
Its clock runs as the machine's; facts go to a file, as whole lines.
"""

import json
import sys
import time
from pathlib import Path

from evaluation_room.archive.disk import DiskArchive
from evaluation_room.archive.places import Places, RoomKeys
from evaluation_room.core.media_events import MediaEvent
from evaluation_room.core.media_rules import Track
from foundation.keys import KeyRing
from tests.evaluation_room.archive.packets import publication, rtp


def main(folder: Path) -> None:
    """Record a sound and a picture for ever."""
    log = (folder / "facts.jsonl").open("a", encoding="utf-8")

    def note(_evaluation_id: str, /, *events: MediaEvent) -> None:
        log.writelines(json.dumps(one.model_dump(mode="json")) + "\n" for one in events)
        log.flush()

    places = Places(folder / "recordings")
    keys = RoomKeys(places, KeyRing(folder / "keys").fields("recordings"))
    archive = DiskArchive(places, keys, note)
    archive.start()
    sound = archive.begin(publication(Track.MIC), lambda: None)
    picture = archive.begin(publication(Track.FACE, id_="fedcba9876543210"), lambda: None)
    for n in range(10**9):
        at_us = time.time_ns() // 1000
        sound.packet(rtp(n, n * 960, n.to_bytes(4, "big") + bytes(60), level=30), at_us)
        for m in range(3):
            head = bytes((0x10 if m == 0 else 0, 0 if n % 50 == 0 else 1))
            picture.packet(rtp(3 * n + m, n * 1800, head + bytes(900), marker=m == 2), at_us)
        print(n, at_us, flush=True)  # noqa: T201 # the test reads it
        time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
