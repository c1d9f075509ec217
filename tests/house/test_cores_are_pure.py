"""What import rules can't see: a clock or chance reached through an allowed module.

`datetime` is a type in the cores and never a clock; NumPy counts there and never draws.
"""

import ast
from pathlib import Path

import pytest

from tests.house.source import ROOT

CORES = ("draw_engine", "evaluation_room", "classification", "blacklist")
CLOCKS = frozenset({"now", "utcnow", "today"})


def core_files() -> list[Path]:
    """Every file of a core."""
    return [file for room in CORES for file in sorted((ROOT / room / "core").rglob("*.py"))]


def impurities(text: str) -> list[str]:
    """Lines that ask a clock or chance, each with what it asks."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            of = getattr(node.value, "id", getattr(node.value, "attr", ""))
            if (of in {"datetime", "date"} and node.attr in CLOCKS) or node.attr == "random":
                found.append(f"{node.lineno}: .{node.attr}")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numpy.random"):
            found.append(f"{node.lineno}: from {node.module}")
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names if one.name.startswith("numpy.random")]
            found += [f"{node.lineno}: import {name}" for name in names]
    return found


def test_no_core_asks_a_clock_or_chance() -> None:
    files = core_files()
    assert len(files) > 40, "the walk found no cores, so it would pass in the dark"
    found = {str(file.relative_to(ROOT)): impurities(file.read_text("utf-8")) for file in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "at = datetime.now(UTC)",
        "at = datetime.datetime.utcnow()",
        "day = date.today()",
        "row = np.random.default_rng().integers(9)",
        "import numpy.random",
        "from numpy.random import default_rng",
    ],
)
def test_one_such_line_is_found(line: str) -> None:
    assert impurities(f"x = 1\n{line}\n") != []
