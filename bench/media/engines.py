"""An engine as the bench sees it, and its process: started, measured from /proc, ended."""

import asyncio
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
READY: Final = 60.0
"""Seconds within which a process is up; a loaded machine takes long."""

Offered = Callable[[str, str, int, str], None]
"""room, who, number of the offer, SDP."""


@dataclass(slots=True)
class Program:
    """A running process; its CPU and memory as the kernel counts them, all threads together."""

    process: asyncio.subprocess.Process

    @property
    def cpu_seconds(self) -> float:
        """User and system time since it started."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory_mb(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(one for one in status.splitlines() if one.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, by force where it does not hear."""
        if self.process.returncode is None:
            self.process.send_signal(how)
        try:
            await asyncio.wait_for(self.process.wait(), 5)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


async def program(command: Sequence[str]) -> Program:
    """Start a process. `ip netns exec` and `taskset` become the program they name, same pid."""
    return Program(await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE))


class Engine(ABC):
    """One of the things that are compared."""

    name: str
    program: Program
    offered: Offered

    @abstractmethod
    async def start(self) -> None:
        """Bring the process up and connect to it."""

    @abstractmethod
    async def stop(self) -> None:
        """End the process."""

    @abstractmethod
    async def publish(self, room: str, who: str, sdp: str, tracks: dict[str, str]) -> str:
        """The answer to a page's offer; `tracks` is mid -> face or mic."""

    @abstractmethod
    async def watch(self, room: str, who: str, people: list[str]) -> None:
        """Send `who` picture and sound of these people; an offer follows."""

    @abstractmethod
    async def answered(self, room: str, who: str, number: int, sdp: str) -> None:
        """The page's answer to an offer."""

    @abstractmethod
    async def leave(self, room: str, who: str) -> None:
        """End a person's stay."""
