"""Each rule on who may serve, on assessment and exit, and on supervision has a state and its proof.

`foundation/rulebook/rules.csv`: enforced needs a test that passes and one that refuses; recorded a
test; not supported and advice a reason, and advice is at most a fifth.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.house.test_every_attack_has_a_row import asserts, functions

FILE = ROOT / "foundation" / "rulebook" / "rules.csv"
NUMBERS = {
    "ELIG": 10, "ASM": 4, "PEN": 3, "EXIT": 6, "APPEAL": 1, "SUP": 3, "SOD": 3,
}  # fmt: skip
IDS = [f"R-{group}-{n}" for group, last in NUMBERS.items() for n in range(1, last + 1)]
STATES = {"enforced", "recorded", "not supported", "advice"}
TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")
MOST_ADVICE = 0.2

Row = Mapping[str, str]


def rows() -> list[Row]:
    """The table as it is."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def faults(table: Iterable[Row], root: Path = ROOT) -> list[str]:
    """What is wrong with a table."""
    table = list(table)
    found = [f"{one}: {n} rows" for one in IDS if (n := [r["id"] for r in table].count(one)) != 1]
    found += [f"{row['id']}: no such rule" for row in table if row["id"] not in IDS]
    for row in table:
        found += [f"{row['id']}: {why}" for why in _faults(row, root)]
    advice = sum(row["state"] == "advice" for row in table)
    if advice > MOST_ADVICE * len(IDS):
        found.append(f"{advice} rules are advice")
    return found


def _faults(row: Row, root: Path) -> list[str]:
    state = row["state"]
    if state not in STATES:
        return ["no such state"]
    wanted = {"enforced": ("passes", "refuses"), "recorded": ("passes",)}.get(state, ())
    if not wanted:
        return [] if len(row["reason"]) >= 20 else ["no reason"]
    return [why for column in wanted for why in _of_a_test(row[column], root)]


def _of_a_test(text: str, root: Path) -> list[str]:
    named = TEST.fullmatch(text)
    if named is None or not (root / named[1]).exists():
        return [f"no file of {text}"]
    function = functions(root / named[1]).get(named[2])
    if function is None:
        return [f"no test {text}"]
    return [] if asserts(function) else [f"{text} asserts nothing"]


def test_every_rule_has_a_state_and_its_proof() -> None:
    assert len(IDS) == 30
    assert faults(rows()) == []


@pytest.mark.parametrize(
    ("id_", "change", "fault"),
    [
        ("R-ELIG-1", None, "R-ELIG-1: 0 rows"),
        ("R-ELIG-1", {"id": "R-ELIG-99"}, "R-ELIG-99: no such rule"),
        ("R-ELIG-5", {"state": "perhaps"}, "R-ELIG-5: no such state"),
        ("R-ELIG-5", {"refuses": ""}, "R-ELIG-5: no file of "),
        ("R-SUP-1", {"passes": "tests/house/source.py::test_none"}, "R-SUP-1: no test "),
        ("R-SOD-3", {"reason": "later"}, "R-SOD-3: no reason"),
    ],
)
def test_a_doctored_table_is_found(id_: str, change: dict[str, str] | None, fault: str) -> None:
    doctored = [
        {**row, **(change or {})} if row["id"] == id_ else row
        for row in rows()
        if row["id"] != id_ or change is not None
    ]
    assert any(one.startswith(fault) for one in faults(doctored))


def test_too_much_advice_is_found() -> None:
    lazy = [{**row, "state": "advice", "reason": "it is only advice here"} for row in rows()]
    assert faults(lazy) == ["30 rules are advice"]
