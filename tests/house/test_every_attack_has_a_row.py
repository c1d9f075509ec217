"""THREATS.md promises nothing that no test shows: every attack has a row, every row its proof."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.house.source import ROOT

LAST = {"A": 9, "B": 13, "C": 17, "D": 17, "E": 5}
CATALOGUE = [f"{group}{n}" for group, last in LAST.items() for n in range(1, last + 1)]
PROTOCOL = [f"P{n}" for n in range(1, 18)]
FRONT_DOOR = [f"S{n}" for n in range(1, 7)]
STATES = {"stopped", "limited", "later", "outside"}
SHOWN = {"stopped", "limited"}
ROW = re.compile(r"^\| ([A-Z]\d+) \|(.*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
TEST = re.compile(r"`([^`]+)`")
NAME = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")


@dataclass(frozen=True, slots=True)
class Row:
    """One attack of the table."""

    id: str
    words: list[str]
    state: str
    tests: list[str]
    beside: str


def rows(text: str) -> list[Row]:
    """The rows of both tables, in their order."""
    return [
        Row(
            id_,
            [one.strip() for one in words.split("|")],
            state.strip(),
            TEST.findall(tests),
            TEST.sub("", tests).strip(" ·"),
        )
        for id_, words, state, tests in ROW.findall(text)
    ]


@cache
def functions(file: Path) -> dict[str, ast.AST]:
    """The functions of a file, by name."""
    tree = ast.parse(file.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {one.name: one for one in ast.walk(tree) if isinstance(one, kinds)}


def asserts(function: ast.AST) -> bool:
    """Whether a test can fail by itself: it asserts, or expects a refusal."""
    return any(
        isinstance(one, ast.Assert) or (isinstance(one, ast.Attribute) and one.attr == "raises")
        for one in ast.walk(function)
    )


def faults(text: str, wanted: Iterable[str], root: Path = ROOT) -> list[str]:
    """What is wrong with the tables."""
    found = rows(text)
    count = Counter(row.id for row in found)
    expected = set(wanted)
    return [
        *(f"{id_}: {count[id_]} rows" for id_ in sorted(expected) if count[id_] != 1),
        *(f"{id_}: not in the catalogue" for id_ in sorted(count.keys() - expected)),
        *(fault for row in found for fault in _of_row(row, root)),
    ]


def _of_row(row: Row, root: Path) -> Iterator[str]:
    if row.state not in STATES:
        yield f"{row.id}: no such state"
    if len(row.words) != 2 or not all(row.words):
        yield f"{row.id}: an attack and an answer"
    if bool(row.tests) is not (row.state in SHOWN):
        yield f"{row.id}: {row.state} with {len(row.tests)} tests"
    if row.beside:
        yield f"{row.id}: words where tests stand"
    for name in row.tests:
        if fault := _of_test(name, root):
            yield f"{row.id}: {fault}"


def _of_test(name: str, root: Path) -> str:
    parts = NAME.fullmatch(name)
    if parts is None or not (root / parts[1]).is_file():
        return f"no file of {name}"
    function = functions(root / parts[1]).get(parts[2])
    if function is None:
        return f"no test {name}"
    return "" if asserts(function) else f"{name} asserts nothing"


@pytest.fixture(scope="module")
def threats() -> str:
    return (ROOT / "THREATS.md").read_text("utf-8")


def test_every_attack_has_a_row_and_every_promise_a_test(threats: str) -> None:
    assert len(CATALOGUE) == 61
    assert faults(threats, [*CATALOGUE, *PROTOCOL, *FRONT_DOOR]) == []


@pytest.mark.parametrize(
    ("pattern", "instead", "fault"),
    [
        (r"^\| A5 .*\n", "", "A5: 0 rows"),
        (r"^(\| B4 .*\n)", r"\1\1", "B4: 2 rows"),
        (r"^\| E5 ", "| E6 ", "E6: not in the catalogue"),
        (r"^(\| D1 .*)\| stopped \|", r"\1| impossible |", "D1: no such state"),
        (r"^(\| D15 .*)\| limited \|", r"\1| later |", "D15: later with 3 tests"),
        (r"^(\| B9 .*\| limited \|).*$", r"\1 |", "B9: limited with 0 tests"),
        (r"^(\| B9 .*\| limited \|).*$", r"\1 soon |", "B9: words where tests stand"),
        (r"^(\| D11 .*::test_\w+)", r"\1_or_not", "D11: no test tests/"),
        (r"^(\| D11 .*`tests/)", r"\1nowhere/", "D11: no file of tests/nowhere/"),
        (r"^(\| A1 \|)[^|]*\|", r"\1 |", "A1: an attack and an answer"),
        (r"^(\| P1 .*)$", "", "P1: 0 rows"),
    ],
)  # fmt: skip
def test_a_doctored_table_is_found(threats: str, pattern: str, instead: str, fault: str) -> None:
    doctored = re.sub(pattern, instead, threats, count=1, flags=re.MULTILINE)
    assert doctored != threats, "the table was not doctored"
    found = faults(doctored, [*CATALOGUE, *PROTOCOL, *FRONT_DOOR])
    assert any(one.startswith(fault) for one in found), found


def test_a_test_that_asserts_nothing_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_toy.py").write_text("def test_idle() -> None: ...\n", "utf-8")
    text = "| A1 | an attack | an answer | stopped | `tests/test_toy.py::test_idle` |\n"
    assert faults(text, ["A1"], tmp_path) == ["A1: tests/test_toy.py::test_idle asserts nothing"]
