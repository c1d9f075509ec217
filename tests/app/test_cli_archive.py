"""`expert-draw archive`: as it is typed, on a folder and beside it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evaluation_room.core.media_events import Exported
from foundation.service_lock import ServiceLock
from tests.app.recorded import ROOM, Recorded, a_recorded_service
from tests.app.test_command_line import run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def recorded(home: Path) -> Iterator[Recorded]:
    with a_recorded_service(home) as made:
        yield made


def settings(recorded: Recorded) -> dict[str, str]:
    return {"EXPERT_DRAW_LOG_ORIGIN": recorded.bench.house.settings.log_origin}


def test_verify_is_content_and_then_names_one_changed_byte(recorded: Recorded, home: Path) -> None:
    done = run(home, "archive", "verify", ROOM)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["sound"], told["segments"], told["with_key"]) == (True, 4, True)

    path = recorded.bench.house.recordings.places.segment(ROOM, "e1", "face", 1)
    data = bytearray(path.read_bytes())
    data[20_000] ^= 4
    path.write_bytes(data)
    done = run(home, "archive", "verify", ROOM)
    [finding] = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert (finding["fault"], finding["file"]) == ("changed", "e1/face/1.seg")
    assert finding["where"].startswith("chunk ")


def test_verify_works_elsewhere_with_an_export_of_the_log_and_without_the_key(
    recorded: Recorded, home: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log.json"
    log.write_bytes(recorded.bench.house.rooms.reading.export(ROOM))
    where = ("--folder", str(home / "recordings"), "--ledger", str(log))
    done = run(tmp_path / "elsewhere", "archive", "verify", ROOM, *where)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["sound"], told["segments"], told["with_key"]) == (True, 4, False)

    changed = json.loads(log.read_text("utf-8"))
    body = changed["entries"][-1]["body"]
    changed["entries"][-1]["body"] = body[:-2] + ("7c" if body[-2:] != "7c" else "7d")
    log.write_text(json.dumps(changed))
    done = run(tmp_path / "elsewhere", "archive", "verify", ROOM, *where)
    assert done.returncode == 2
    assert "log was changed" in " ".join(done.stderr.split())


def test_verify_of_nothing_says_so(recorded: Recorded, home: Path) -> None:
    done = run(home, "archive", "verify", "../../etc")
    assert done.returncode == 2
    assert "没有录音录像" in done.stderr


def test_export_is_refused_without_an_opening_and_beside_the_service(
    recorded: Recorded, home: Path, tmp_path: Path
) -> None:
    opening = recorded.propose()
    command = ("archive", "export", ROOM, "--opening", opening, "--to", str(tmp_path / "out"))
    done = run(home, *command, **settings(recorded))
    assert done.returncode == 2
    assert "两名监督人员" in done.stderr
    assert not (tmp_path / "out").exists()
    lock = ServiceLock(home)
    lock.take()
    done = run(home, *command, **settings(recorded))
    lock.release()
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


def test_export_writes_what_plays_and_the_log_names_it(
    recorded: Recorded, home: Path, tmp_path: Path
) -> None:
    recorded.bench.clock.at = datetime.now(UTC)
    recorded.people.clear()
    opening = recorded.propose()
    recorded.confirm(opening)
    command = ("archive", "export", ROOM, "--opening", opening, "--to", str(tmp_path / "out"))
    done = run(home, *command, **settings(recorded))
    assert done.returncode == 0, done.stderr
    digest, name = done.stdout.split()

    assert name == "e1-face.webm"
    index = json.loads((tmp_path / "out" / "recording.json").read_text("utf-8"))
    [file] = index["files"]
    assert file["sha256"] == digest
    assert file["tracks"]["face"] == {"frames": 600, "dropped": 0, "packets_missing": 0}
    assert file["tracks"]["mic"]["frames"] == 2000
    facts = recorded.bench.house.media_book.facts(ROOM)
    [said] = [one.event for one in facts if isinstance(one.event, Exported)]
    assert said == Exported(opening=opening, files=(digest,))
