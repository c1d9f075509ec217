"""The off-line verifier: the same bytes wherever it is built, and the hash that README tells."""

import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from app.pages import verifier_sha256
from tools.verifier_hash import BUILT, LINE, README

ROOT = Path(__file__).parents[2]
STALE = "README.md tells another hash than that of the built file; type: make verifier"


@pytest.fixture(scope="module")
def built() -> bytes:
    assert BUILT.is_file(), "the page is not built; type: make page"
    return BUILT.read_bytes()


def test_readme_tells_the_hash_of_the_file(built: bytes) -> None:
    found = sha256(built).hexdigest()
    assert LINE.findall(README.read_text("utf-8")) == [found], STALE
    assert verifier_sha256() == found


@pytest.mark.slow
def test_a_build_in_another_folder_gives_the_same_bytes(built: bytes, tmp_path: Path) -> None:
    web = tmp_path / "elsewhere" / "web"
    leave_out = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(ROOT / "web", web, ignore=leave_out)
    (web / "node_modules").symlink_to(ROOT / "web" / "node_modules")
    command = [str(ROOT / "tools" / "with_node.sh"), "npm", "run", "-s", "verifier", "--"]
    command += ["--outDir", str(tmp_path / "out"), "--logLevel", "error"]

    subprocess.run(command, cwd=web, check=True, capture_output=True, timeout=110)

    assert [one.name for one in (tmp_path / "out").iterdir()] == ["verifier.html"]
    assert (tmp_path / "out" / "verifier.html").read_bytes() == built


def test_the_file_asks_nobody_for_anything(built: bytes) -> None:
    text = built.decode()
    assert text.count("<script") == 1
    assert not re.findall(r"<(?:link|img|iframe|object|embed|base)\b", text)
    assert not re.findall(r"@import|url\((?!data:)", text)
    assert not re.findall(r"\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|EventSource", text)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", rules["script-src"])
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", rules["style-src"])
    assert "connect-src" not in rules
