"""A network namespace for the engines: Janus does not offer 127.0.0.1, so nobody is measured there.

Needs root, as `ip netns` does. Nothing of it leaves the machine.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Two runs at once do not meet.
_PLACE: Final = os.getpid() % 16384 * 4
NAME: Final = f"expert-draw-{os.getpid()}"
HERE: Final = f"10.77.{_PLACE >> 8}.{(_PLACE & 255) + 1}"
THERE: Final = f"10.77.{_PLACE >> 8}.{(_PLACE & 255) + 2}"
HERE_DEVICE: Final = f"xd{os.getpid()}"
THERE_DEVICE: Final = "xd-there"
INSIDE: Final = ("ip", "netns", "exec", NAME)
"""What a command begins with that runs at `THERE`."""


@contextmanager
def namespace() -> Iterator[None]:
    """The namespace, joined to this one by a pair of interfaces."""
    _ip(f"netns add {NAME}")
    try:
        _ip(f"link add {HERE_DEVICE} type veth peer name {THERE_DEVICE} netns {NAME}")
        _ip(f"addr add {HERE}/30 dev {HERE_DEVICE}")
        _ip(f"link set {HERE_DEVICE} up")
        _ip(f"-n {NAME} addr add {THERE}/30 dev {THERE_DEVICE}")
        _ip(f"-n {NAME} link set {THERE_DEVICE} up")
        _ip(f"-n {NAME} link set lo up")
        yield
    finally:
        _end()


def why_not() -> str:
    """Why there can be no namespace here; empty where there can."""
    if os.geteuid() != 0:
        return "needs root"
    try:
        with namespace():
            return ""
    except (OSError, subprocess.CalledProcessError) as failed:
        return str(failed)


def _end() -> None:
    # The kernel takes its time with a namespace; the pair goes at once.
    for line in (f"link delete {HERE_DEVICE}", f"netns delete {NAME}"):
        subprocess.run(["ip", *line.split()], check=False, capture_output=True)


def _ip(line: str) -> None:
    subprocess.run(["ip", *line.split()], check=True, capture_output=True)
