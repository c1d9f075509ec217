"""The engines that are compared, by name."""

import sys
from pathlib import Path

from bench.media.engines import Engine
from bench.media.janus import Janus
from bench.media.network import INSIDE, THERE
from bench.media.wire import WireEngine


def ours(record: Path | None) -> WireEngine:
    """The project's forwarder, recording into a folder or not."""
    extra = [] if record is None else ["--record", str(record)]
    name = "ours" if record is None else "ours, recording"
    return WireEngine(name, _python("bench.media.ours") + extra, THERE)


def relay() -> Engine:
    """aiortc's MediaRelay."""
    return WireEngine("MediaRelay", _python("bench.media.relay"), THERE)


def janus_tuned() -> Engine:
    """Janus with one event loop, recording."""
    return Janus("Janus, event_loops=1, recording", loops=1, record=True)


def janus_default() -> Engine:
    """Janus as Debian ships it, recording."""
    return Janus("Janus, default, recording", loops=0, record=True)


def _python(module: str) -> list[str]:
    return [*INSIDE, sys.executable, "-m", module, "--address", THERE]
