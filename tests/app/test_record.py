"""Log lines say which door and how it went, never who or what."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
from app.record import configure
from tests.app.bench import a_bench
configure("info")
with a_bench(Path(sys.argv[1])) as bench:
    def broken(*_):
        raise RuntimeError("甲乙丙 13800138000")
    bench.house.accounts.look_at_link = broken
    browser = bench.browser()
    browser.get("/api/me?name=甲乙丙")
    browser.get("/api/links/secret-token-of-a-link")
    browser.post("/api/sign-in", json={"username": "wang.xiaoming", "password": "hunter2hunter2"})
"""


def test_a_day_in_the_log_holds_no_names_secrets_or_values(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    doors = [line["door"] for line in lines if line["event"] == "request"]
    assert doors == ["/api/me", "/api/links/{token}", "/api/sign-in"]
    failure = next(line for line in lines if line["event"] == "request_failed")
    assert failure["error"] == "RuntimeError"
    assert any("broken" in place for place in failure["place"])
    for secret in ("王", "13800138000", "secret-token", "wang", "hunter2", "RuntimeError("):
        assert secret not in done.stderr
