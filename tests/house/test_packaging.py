"""What is shipped: the six packages and their data, the command, and locks that hold by hash."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"app", "blacklist", "classification", "draw_engine", "evaluation_room", "foundation"}
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==[^\s;]+", re.MULTILINE)
LOCKS = ("run", "dev", "uv", "node")


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    """Package -> the pinned line, `name==version` with its marker."""
    return {found[1]: found[0] for found in PINNED.finditer(lock(name))}


def plain(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return found[0].lower().replace("_", "-")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of the working tree, which needs the built page."""
    folder = tmp_path_factory.mktemp("wheel")
    assert (ROOT / "app/static/index.html").is_file(), "the page is not built; type: make page"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=100)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_the_six_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" not in name}
    assert tops == PACKAGES


def test_the_wheel_holds_the_page_the_words_and_the_data(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {
        "app/static/index.html",
        "app/static/verifier.html",
        "app/locales/zh-CN/classification.json",
        "app/locales/en/classification.json",
        "classification/data/specialties-2018.csv",
        "classification/data/regions.csv",
    } <= names


def test_the_command_is_expert_draw(wheel: zipfile.ZipFile) -> None:
    [entry] = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "expert-draw = app.cli:main" in wheel.read(entry).decode()


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_of_a_lock_has_hashes(name: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", lock(name).strip())
    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_hold_everything_pyproject_asks_for() -> None:
    project, groups = pyproject()["project"], pyproject()["dependency-groups"]
    run = {plain(one) for one in (*project["dependencies"], *groups["build"])}
    extras = {plain(one) for extra in project["optional-dependencies"].values() for one in extra}
    dev = {plain(one) for one in (*groups["test"], *groups["lint"])}
    assert run | extras <= pins("run").keys()
    assert dev <= pins("dev").keys()


def test_the_development_lock_changes_no_pin_of_the_running_one() -> None:
    run, dev = pins("run"), pins("dev")
    assert {name: dev.get(name) for name in run} == run
