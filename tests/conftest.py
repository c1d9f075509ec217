"""What every test lives under: no network beyond this machine, and no company where it says so."""

import asyncio
import inspect
import os
import socket
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.stores.fixtures import blank, cluster, pytest_generate_tests, store_engine, stores
from tests.turnstile import room

__all__ = ["blank", "cluster", "pytest_generate_tests", "store_engine", "stores"]

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


CHROMIUM = Path(__file__).parents[1] / "tools" / "chromium.sh"


# How long an example takes says something about the machine; speed is measured by `make bench`.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# Somebody's database is none of a test's, nor of the processes that tests start.
for name in ("DATABASE_URL", "EXPERT_DRAW_DATABASE_URL", "EXPERT_DRAW_VAULT_DATABASE_URL"):
    os.environ.pop(name, None)


class NetworkUsed(RuntimeError):
    """A test tried to leave the machine."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Before the clock of the test's own timeout begins."""
    del nextitem
    # Beside the folder of this worker's tmp_path: the folder of all workers of the run.
    folder = item.config._tmp_path_factory.getbasetemp().parent  # type: ignore[attr-defined]
    alone = item.get_closest_marker("alone") is not None
    shared = hasattr(item.config, "workerinput")  # in one process every test is alone
    with room(folder, alone=alone) if shared else nullcontext(), _no_loop(item):
        return (yield)


@contextmanager
def _no_loop(item: pytest.Item) -> Iterator[None]:
    """A coroutine starts where no loop runs, though a browser's stays in this thread to the end."""
    running = asyncio._get_running_loop()
    if running is None or not inspect.iscoroutinefunction(getattr(item, "function", None)):
        yield
        return
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(running)


@pytest.fixture(autouse=True)
def _network_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _only_loopback(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", _only_loopback(socket.socket.connect_ex))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the machine's own Chromium, with a camera and a microphone that are generated.

    A machine without one fails here and says what to type; it never skips.
    """
    found = subprocess.run([str(CHROMIUM)], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.fail(found.stderr, pytrace=False)
    return {
        **browser_type_launch_args,
        "executable_path": found.stdout.strip(),
        "args": [
            "--disable-background-networking",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            "--allow-loopback-in-peer-connection",
            "--autoplay-policy=no-user-gesture-required",
            # Chromium's sandbox refuses to start for root.
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
        ],
    }


def _only_loopback(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        inet = self.family in {socket.AF_INET, socket.AF_INET6}
        # Asking the kernel for a route sends nothing: datagram sockets may "connect".
        stream = self.type == socket.SOCK_STREAM
        if inet and stream and not str(address[0]).startswith(LOOPBACK):
            raise NetworkUsed(f"tests stay on this machine, not {address[0]}")
        return connect(self, address)

    return guarded
