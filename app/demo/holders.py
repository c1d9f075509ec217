"""Two share holders beside `serve --demo`: programs of their own, ended with the server.

In a real installation they run on machines of other bodies. Here they share the machine
and everybody's trust, which is why a demonstration's draws claim no assurance; what they
check and sign is the same.
"""

import ctypes
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from draw_engine.holder_file import HolderFile
from draw_engine.parties import Parties, Registered

PARENT_DEATH_SIGNAL: Final = 1
PATIENCE_SECONDS: Final = 10
BY: Final = "demonstration"


@dataclass(frozen=True, slots=True)
class Part:
    """A holder of the demonstration."""

    party: str
    body: str
    witness: str = ""


PARTS: Final = (
    Part("centre", "演示·公共资源交易中心 (demonstration)"),
    Part("supervisor", "演示·行政监督部门 (demonstration)", "demo.expert-draw.example/witness"),
)


@dataclass(frozen=True, slots=True)
class Files:
    """Where a holder of the demonstration keeps its things."""

    folder: Path
    party: str

    @property
    def holder(self) -> Path:
        """Key and secret, sealed."""
        return self.folder / f"{self.party}.holder"

    @property
    def passphrase(self) -> Path:
        """What opens the file; beside it, because nobody is asked in a demonstration."""
        return self.folder / "passphrase"

    @property
    def log(self) -> Path:
        """What the program says."""
        return self.folder / "holder.log"


def files_of(home: Path, party: str) -> Files:
    """The files of a party's holder under a home."""
    return Files(home / "holders" / party, party)


def register(home: Path, parties: Parties) -> None:
    """Make the holders' files where they are missing and register their keys."""
    for part in PARTS:
        files = files_of(home, part.party)
        key = _file(files).public_key
        known = parties.all().get(part.party)
        if known is None or known.key != key:
            holder = Registered(part.party, part.body, "own", key, part.witness)
            parties.register(holder, BY)


@contextmanager
def programs(home: Path, server: str, certificate: Path | None) -> Iterator[None]:
    """Run every holder's program while the block lasts.

    Args:
        server: where the service answers on this machine.
        certificate: to trust, where the service made its own.
    """
    started: list[subprocess.Popen[bytes]] = []
    try:
        for part in PARTS:
            started.append(_start(files_of(home, part.party), server, certificate))
        yield
    finally:
        for one in started:
            one.terminate()
        for one in started:
            try:
                one.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                one.kill()


def _file(files: Files) -> HolderFile:
    if not files.passphrase.is_file():
        files.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(files.passphrase, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
    passphrase = files.passphrase.read_text("utf-8").strip()
    if files.holder.is_file():
        return HolderFile.open(files.holder, passphrase)
    return HolderFile.make(files.holder, files.party, passphrase)


def _start(files: Files, server: str, certificate: Path | None) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "draw_engine.holder", "run", "--server", server]
    command += ["--file", str(files.holder), "--passphrase-file", str(files.passphrase)]
    command += ["--approve", "auto"]
    if certificate is not None:
        command += ["--ca", str(certificate)]
    with files.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 # our own program and files
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A server that is killed says no farewell; two programs on one journal after the
            # next start would each believe they are the only one.
            preexec_fn=partial(_end_with_parent, os.getpid()),  # noqa: PLW1509 # no threads yet
        )


def _end_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:  # it died before it could be watched
            os._exit(0)
