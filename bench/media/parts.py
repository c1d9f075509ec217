"""Every part of the bench once, as small as can be: does it start, does something arrive?

`python -m bench.media.parts` prints one line of JSON: engine -> frames seen in a second by two
people, and `load` -> share of packets of one synthetic room that arrived. A test runs it.
"""

import json
import sys
import tempfile
from pathlib import Path

import uvloop

from bench.media import crowd, lineup, lossy, network
from bench.media.meetings import meeting
from bench.media.room import room


async def parts(folder: Path) -> dict[str, float]:
    """What arrived, by part."""
    found: dict[str, float] = {}
    engines = [
        lineup.ours(None),
        lineup.ours(folder),
        lineup.relay(),
        lineup.janus_tuned(),
        lineup.janus_default(),
    ]
    with network.namespace():
        async with room() as here:
            for engine in engines:
                usage = await meeting(here, engine, people=2, seconds=1, settle=0)
                found[engine.name] = usage.seen["framesDecoded"]
            path = here.front.paths["e1"] = lossy.Path()
            usage = await meeting(here, lineup.ours(None), people=2, seconds=1, settle=0)
            found["path"] = usage.seen["framesDecoded"]
            path.close()
    told = await crowd.load("--rooms", "1", "--settle", "0", "--seconds", "1")
    return found | {"load": 1 - told["missing"]}


def main() -> None:
    """Print what arrived."""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(uvloop.run(parts(Path(folder)))) + "\n")


if __name__ == "__main__":
    main()
