"""Killed at any entry of standing and cases, nothing is half done and nothing is done twice."""

import json
import subprocess
import sys
from pathlib import Path

from tests.blacklist.killed import ACTS, TOTAL


def test_a_kill_at_any_entry_leaves_whole_acts_and_each_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.blacklist.killed", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)

    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["killed"] == TOTAL + len(ACTS), "before each entry, and after each act"
    assert found == {
        "killed": found["killed"],
        "entries": TOTAL,
        "may_serve": [True, True, True],
        "case": "overturned",
        "out": "exited",
    }
