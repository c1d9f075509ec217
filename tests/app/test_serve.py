"""`expert-draw serve --demo`: holders at work beside it, and nobody left when it ends."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from app.demo.holders import PARTS, files_of
from tests.stories.server import Server

PATIENCE = 30.0


def holders_of(home: Path) -> list[int]:
    """Process ids of the holder programs on a home."""
    return [
        number
        for number, command in commands()
        if str(home) in command and "draw_engine.holder" in command
    ]


def commands() -> Iterator[tuple[int, str]]:
    """(process id, command line) of everything that runs."""
    if not Path("/proc/self/cmdline").is_file():
        told = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, check=True)
        for line in told.stdout.decode(errors="replace").splitlines():
            number, _, command = line.strip().partition(" ")
            yield int(number), command
        return
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                yield int(entry.name), (entry / "cmdline").read_bytes().decode(errors="replace")


def wait_for(what: str, home: Path, count: int) -> None:
    """Wait until every holder has said `what` at least `count` times."""
    until = time.monotonic() + PATIENCE
    logs = [files_of(home, part.party).log for part in PARTS]
    while time.monotonic() < until:
        if all(log.is_file() and log.read_text("utf-8").count(what) >= count for log in logs):
            return
        time.sleep(0.1)
    raise AssertionError([log.read_text("utf-8") for log in logs if log.is_file()])


@pytest.mark.slow
@pytest.mark.parametrize("end", ["asked to stop", "killed"])
def test_holders_live_and_end_with_the_demonstration(tmp_path: Path, end: str) -> None:
    server = Server(tmp_path / "home", arguments=("serve", "--demo"))
    for start in (1, 2):
        server.start()
        wait_for("at work", server.home, start)
        assert len(holders_of(server.home)) == len(PARTS)
        accounts = httpx2.get(f"{server.url}/api/demo/accounts").json()["accounts"]
        assert accounts
        server.stop() if end == "asked to stop" else server.kill()
        until = time.monotonic() + PATIENCE
        while holders_of(server.home) and time.monotonic() < until:
            time.sleep(0.1)
        assert holders_of(server.home) == []
    if end == "asked to stop":
        assert server.process is not None
        assert server.process.returncode == 0
    assert not files_of(server.home, "centre").passphrase.stat().st_mode & 0o077
