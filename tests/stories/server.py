"""A real server in its own process, and share holders in theirs.

The story tests talk to it as its users do: over HTTP and WebSocket on loopback, with its
own clock. It can be killed without warning and started again on the same folder.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx

ROOT = Path(__file__).parents[2]
START_SECONDS = 120


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """`expert-draw serve` on a folder of its own."""

    home: Path
    arguments: tuple[str, ...] = ("serve", "--demo", "--holders", "page")
    port: int = field(default_factory=free_port)
    program: tuple[str, ...] = (sys.executable, "-m", "app.cli")
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    took: float = 0.0
    """Seconds from the newest start to the first answer: how quick this machine is just now."""

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_path(self) -> Path:
        """What it writes to its two output streams."""
        return self.home.parent / f"{self.home.name}.log"

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        environment = os.environ | {"EXPERT_DRAW_HOME": str(self.home)} | self.environment
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.program, *self.arguments, "--port", str(self.port)],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait()
        self.took = time.monotonic() - begun

    def wait(self) -> None:
        """Wait for the first answer.

        Raises:
            RuntimeError: the process ended, or four minutes passed; holds the end of its log.
        """
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/api/meta", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError(self.log_path.read_text(errors="replace")[-3000:])

    def kill(self) -> None:
        """SIGKILL: no farewell, nothing flushed."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """SIGTERM, then wait for the end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()


def command(*arguments: str, home: Path | None = None, ok: bool = True) -> str:
    """Run `expert-draw …` and return what it prints; with `ok`, insist on exit code 0."""
    environment = os.environ | ({"EXPERT_DRAW_HOME": str(home)} if home else {})
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if ok:
        assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
