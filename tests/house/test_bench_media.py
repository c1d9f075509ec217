"""The parts of `make bench-media` start, and something arrives; nothing is timed."""

import json
import subprocess
import sys

import pytest

from bench.media import janus, network
from tests.house.source import ROOT


@pytest.mark.browser
@pytest.mark.slow
def test_every_engine_carries_pictures() -> None:
    if not janus.is_here():
        pytest.skip("Janus is not installed; tools/media_tools.sh says what to type")
    if why := network.why_not():
        pytest.skip(f"no network namespace: {why}")
    # A process of its own: tests themselves do not leave the loopback interface.
    done = subprocess.run(
        [sys.executable, "-m", "bench.media.parts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    arrived = json.loads(done.stdout.splitlines()[-1])
    assert len(arrived) == 7
    assert all(arrived.values()), arrived
