"""Who is alone is alone, and who waits to be alone is not overtaken."""

import fcntl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from tests.turnstile import room


def test_alone_and_in_turn(tmp_path: Path) -> None:
    inside: list[str] = []
    seen: dict[str, list[str]] = {}
    leave = Event()

    def enter(name: str) -> None:
        with room(tmp_path, alone=name == "alone"):
            inside.append(name)
            seen[name] = list(inside)
            leave.wait(60)
            inside.remove(name)

    with ThreadPoolExecutor(4) as threads:
        work = [threads.submit(enter, name) for name in ("first", "beside")]
        while len(inside) < 2:
            time.sleep(0.01)
        work.append(threads.submit(enter, "alone"))
        while not taken(tmp_path / "turnstile"):
            time.sleep(0.01)
        work.append(threads.submit(enter, "late"))
        time.sleep(0.5)
        assert sorted(inside) == ["beside", "first"], "the one waits, and nobody goes before"
        leave.set()
        for one in work:
            one.result(60)
    assert seen["alone"] == ["alone"]
    assert "late" in seen


def taken(turnstile: Path) -> bool:
    with turnstile.open("w") as look:
        try:
            fcntl.flock(look, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
