"""The house has floors: the import contracts hold, and they would notice if they did not."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")
PACKAGES = ("app", "evaluation_room", "draw_engine", "classification", "blacklist", "foundation")
DOORS = ("routes", "schemas", "service", "store")

# file, what it imports, and the contract that this breaks
UPWARD_ARROWS = [
    ("foundation/clock.py", "import app.main", "floors"),
    ("draw_engine/service.py", "import evaluation_room.service", "floors"),
    ("classification/service.py", "import blacklist.service", "floors"),
    ("blacklist/store.py", "import blacklist.service", "blacklist"),
    ("evaluation_room/core/rule.py", "import evaluation_room.store", "doors"),
    ("draw_engine/core/rule.py", "import draw_engine.store", "draw"),
    ("draw_engine/store.py", "import draw_engine.service", "draw"),
    ("draw_engine/pool_check.py", "import draw_engine.pool_routes", "draw"),
    ("draw_engine/vault_freeze.py", "import draw_engine.service", "draw"),
    ("draw_engine/persons.py", "import draw_engine.vault", "draw"),
    ("draw_engine/holder_work.py", "import draw_engine.holder_duties", "draw"),
    ("draw_engine/verify_log.py", "import draw_engine.store", "draw"),
    ("evaluation_room/core/rule.py", "import random", "pure"),
    ("classification/core/rule.py", "import foundation.clock", "pure"),
    ("foundation/clock.py", "import foundation.settings", "rings"),
]


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINT), "--no-cache", "--config", "pyproject.toml"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.fixture
def toy_house(tmp_path: Path) -> Path:
    """A tree of empty modules under the real contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        folder = tmp_path / package
        (folder / "core").mkdir(parents=True)
        for name in ("__init__", *DOORS, "core/__init__", "core/rule"):
            (folder / f"{name}.py").touch()
    (tmp_path / "app" / "main.py").touch()
    for name in ("pool_routes", "holder_duties", "vault"):
        (tmp_path / "draw_engine" / f"{name}.py").touch()
    for name in ("db", "settings", "clock", "auth", "notify"):
        (tmp_path / "foundation" / f"{name}.py").touch()
    (tmp_path / "foundation" / "settings.py").write_text("import foundation.clock\n")
    return tmp_path


def test_every_arrow_in_the_house_runs_down() -> None:
    outcome = lint_imports(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_house_without_wrong_arrows_passes(toy_house: Path) -> None:
    outcome = lint_imports(toy_house)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(("file", "arrow", "contract"), UPWARD_ARROWS)
def test_one_wrong_arrow_breaks_its_contract(
    toy_house: Path, file: str, arrow: str, contract: str
) -> None:
    (toy_house / file).write_text(f"{arrow}\n")

    outcome = lint_imports(toy_house)

    assert outcome.returncode == 1
    assert f"{name_of(contract)} BROKEN" in outcome.stdout


def test_a_module_of_the_draw_engine_without_a_place_is_found(toy_house: Path) -> None:
    (toy_house / "draw_engine" / "vault_window.py").touch()

    outcome = lint_imports(toy_house)

    assert outcome.returncode == 1
    assert "vault_window" in outcome.stdout


def name_of(contract: str) -> str:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(str(one["name"]) for one in contracts if one["id"] == contract)
