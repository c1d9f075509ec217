"""What the set-up does on a machine that lacks something: it says the one line to type."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
Script = Callable[[str, str], Path]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Writes a small program into `tmp_path/bin` or another folder and returns its path."""

    def write(name: str, body: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with a shell's everyday tools and neither Node, Chromium nor a package manager."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    for name in ("bash", "dirname", "env", "id", "sed", "tail", "touch"):
        found = shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(found)
    return folder


def run(tool: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(tool), *words], env=env, capture_output=True, text=True, check=False, timeout=60
    )


def test_without_chromium_it_says_what_to_type(bare_path: Path) -> None:
    outcome = run(TOOLS / "chromium.sh", PATH=str(bare_path))
    assert outcome.returncode == 1
    assert outcome.stdout == ""
    assert "apt-get install -y chromium" in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


def test_a_named_chromium_is_taken_if_it_starts(bare_path: Path, script: Script) -> None:
    good = script("good", "echo Chromium 156")
    bad = script("bad", "exit 1")
    taken = run(TOOLS / "chromium.sh", PATH=str(bare_path), EXPERT_DRAW_CHROMIUM=str(good))
    left = run(TOOLS / "chromium.sh", PATH=str(bare_path), EXPERT_DRAW_CHROMIUM=str(bad))
    assert (taken.returncode, taken.stdout.strip()) == (0, str(good))
    assert left.returncode == 1


def test_an_old_python_is_refused_in_words(tmp_path: Path, script: Script) -> None:
    old = script("python", "exit 1")
    lock = tmp_path / "lock.txt"
    env = {"PATH": os.environ["PATH"], "PY": str(old)}
    outcome = run(TOOLS / "make_venv.sh", str(tmp_path / "venv"), str(lock), **env)
    assert outcome.returncode == 1
    assert "make run PY=" in outcome.stderr
    assert not (tmp_path / "venv").exists()


def test_a_python_without_venv_is_refused_in_words(tmp_path: Path, script: Script) -> None:
    bare = script("python", '[[ "$2" != *ensurepip* ]]')
    env = {"PATH": os.environ["PATH"], "PY": str(bare)}
    outcome = run(TOOLS / "make_venv.sh", str(tmp_path / "venv"), "lock.txt", **env)
    assert outcome.returncode == 1
    assert "apt-get install -y python3-venv" in outcome.stderr


@pytest.mark.parametrize("fits", [True, False])
def test_a_node_that_cannot_build_the_page_is_passed_by(
    bare_path: Path, script: Script, tmp_path: Path, fits: bool
) -> None:
    house = tmp_path / "house"
    (house / "requirements").mkdir(parents=True)
    (house / "requirements" / "node.txt").touch()
    shutil.copytree(TOOLS, house / "tools")
    script("house/tools/make_venv.sh", 'mkdir -p "$1/bin"; echo fetched')
    (bare_path / "mkdir").symlink_to(shutil.which("mkdir") or "")
    script("bin/npm", "exit 0")
    script("bin/node", "exit 0" if fits else "exit 1")  # its answer to the version check

    outcome = run(house / "tools" / "with_node.sh", "bash", "-c", "echo $PATH", PATH=str(bare_path))

    assert outcome.returncode == 0, outcome.stderr
    assert (str(house / ".venv-node" / "bin") in outcome.stdout) is not fits


def test_uv_is_pointed_where_pip_is(bare_path: Path, script: Script, tmp_path: Path) -> None:
    house = tmp_path / "house"
    shutil.copytree(TOOLS, house / "tools")
    config = "global.index-url='https://mirror.test/simple'\nglobal.cert='/etc/own.pem'"
    script("house/.venv/bin/pip", f'echo "{config}"')
    script("house/.venv/bin/uv", 'echo "$UV_DEFAULT_INDEX $SSL_CERT_FILE"')
    uv = house / "tools" / "uv.sh"

    told = run(uv, PATH=str(bare_path)).stdout.strip()
    chosen = run(uv, PATH=str(bare_path), UV_DEFAULT_INDEX="https://own.test/simple").stdout

    assert told == "https://mirror.test/simple /etc/own.pem"
    assert chosen.startswith("https://own.test/simple ")
