"""Two share holders with programs of their own, unattended."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stories.office import Person
from tests.stories.server import ROOT, Server, command

PASSPHRASE = "a passphrase of the story"
PARTIES = {"centre": "", "supervisor": "story.example/w"}
"""Party -> the name under which it witnesses the log."""


@contextmanager
def holders_at_work(server: Server, folder: Path) -> Iterator[None]:
    """Both are registered, and their programs run until the end of the block."""
    register_holders(Person(server.url, "administrator").sign_in(), folder)
    with holders_run(server, folder):
        yield


def register_holders(administrator: Person, folder: Path) -> None:
    """Make each a file in `folder` and register its key."""
    for party, witness in PARTIES.items():
        _register(administrator, folder, party, witness)


@contextmanager
def holders_run(server: Server, folder: Path) -> Iterator[None]:
    """Run the programs of files that are there."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        running += [_run(server, folder, party) for party in PARTIES]
        yield
    finally:
        for one in running:
            one.terminate()
            one.wait(20)


def _register(administrator: Person, folder: Path, party: str, witness: str) -> None:
    """Make a holder's file and register its key."""
    secret = folder / "passphrase"
    secret.write_text(PASSPHRASE)
    printed = command(
        "holder", "init", "--party", party, "--home", str(folder), "--passphrase-file", str(secret)
    )
    key = next(word for word in printed.split() if len(word) == 64)
    body = {"party": party, "body": f"{party} (story)", "home": "own", "key": key}
    administrator.post("/api/holders", body | ({"witness_name": witness} if witness else {}))


def _run(server: Server, folder: Path, party: str) -> subprocess.Popen[bytes]:
    """The holder's program, unattended."""
    with (folder / f"{party}.log").open("ab") as log:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "app.cli", "holder", "run", "--server", server.url),
                *("--file", str(folder / f"{party}.holder")),
                *("--passphrase-file", str(folder / "passphrase"), "--approve", "auto"),
            ],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
