"""A real TURN server on loopback, told to stop by its process id."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TURNSERVER = shutil.which(os.environ.get("EXPERT_DRAW_TURNSERVER") or "turnserver")


class Coturn:
    """A running relay; `pause` is a network that is cut."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def pause(self) -> None:
        """Nothing passes any more."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Everything passes again."""
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def coturn(folder: Path, secret: str, port: int) -> Iterator[Coturn]:
    """Run coturn with short-lived credentials under `secret`, on loopback."""
    assert TURNSERVER is not None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "turnserver.conf").write_text(
        f"listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nlistening-port={port}\n"
        f"use-auth-secret\nstatic-auth-secret={secret}\nrealm=turn.example\n"
        "allow-loopback-peers\nno-tls\nno-dtls\nno-cli\nlog-file=stdout\nsimple-log\n"
        f"pidfile={folder}/turn.pid\nuserdb={folder}/turn.db\n"
    )
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [TURNSERVER, "-c", str(folder / "turnserver.conf")],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    try:
        _wait_for(port, process, folder / "out")
        yield Coturn(process)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", out: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, out.read_text("utf-8", "replace")
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(out.read_text("utf-8", "replace"))
