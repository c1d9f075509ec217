"""A rule in force that no code names decides nothing; one that no test names may decide wrong.

A test is a rule's own by its name (`_r_sod_1`), by its docstring, or by an assertion that
names the rule. A word beside the tests, in a helper or in a comment shows nothing.
"""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from foundation.rulebook.rules import RULES
from tests.house.source import code_files, files_of_tests

CITED = re.compile(r"R-[A-Z]+-\d+[a-z]?|r_[a-z]+_\d+[a-z]?\b")


def cited_in(files: Iterable[Path]) -> set[str]:
    """Rule ids that files name, in words or in names of functions."""
    found = set()
    for file in files:
        found |= {_rule(word) for word in CITED.findall(file.read_text("utf-8"))}
    return found


def rules_of_tests(files: Iterable[Path]) -> set[str]:
    """Rule ids that are some test's own: one that can fail, by its name, docstring or assertion."""
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                said = [node.name, ast.get_docstring(node) or "", *_asserted(node)]
                if node.name.startswith("test_") and _can_fail(node):
                    found |= {_rule(word) for text in said for word in CITED.findall(text)}
    return found


def _asserted(test: ast.AST) -> list[str]:
    """Texts inside the assertions of a test."""
    asserted = (one.test for one in ast.walk(test) if isinstance(one, ast.Assert))
    return [
        str(one.value)
        for root in asserted
        for one in ast.walk(root)
        if isinstance(one, ast.Constant)
    ]


def _can_fail(test: ast.AST) -> bool:
    """Whether a test asserts something or expects a refusal."""
    return any(
        isinstance(one, ast.Assert) or (isinstance(one, ast.Attribute) and one.attr == "raises")
        for one in ast.walk(test)
    )


def _rule(word: str) -> str:
    return word if word.startswith("R-") else _spelt(word)


def _spelt(name: str) -> str:
    """`r_rec_21b`, as in the name of a function, is the rule R-REC-21b."""
    _, group, number = name.split("_")
    return f"R-{group.upper()}-{number}"


def missing(rules: Iterable[str], cited: set[str]) -> list[str]:
    """Rules that nobody names."""
    return sorted(set(rules) - cited)


def in_force() -> list[str]:
    """Rules that decide."""
    return [rule.id for rule in RULES.values() if rule.in_force]


def test_every_rule_in_force_is_cited_in_code() -> None:
    assert len(in_force()) >= 10
    assert missing(in_force(), cited_in(code_files())) == []


def test_every_rule_in_force_has_a_test_of_its_own() -> None:
    own = Path(__file__)
    assert missing(in_force(), rules_of_tests(one for one in files_of_tests() if one != own)) == []


@pytest.mark.parametrize(
    "test",
    [
        "def test_a_seat_r_none_9() -> None:\n    assert seat()\n",
        'def test_a_seat() -> None:\n    """R-NONE-9."""\n    assert seat()\n',
        'def test_a_seat() -> None:\n    assert seat().rule == "R-NONE-9"\n',
        "def test_a_seat_r_none_9() -> None:\n    with pytest.raises(Refused):\n        seat()\n",
    ],
)
def test_a_test_of_a_rule_counts(tmp_path: Path, test: str) -> None:
    file = tmp_path / "test_toy.py"
    file.write_text(test, "utf-8")
    assert rules_of_tests([file]) == {"R-NONE-9"}


@pytest.mark.parametrize(
    "text",
    [
        '"""Source: R-NONE-9."""\ndef test_a_seat() -> None:\n    assert seat()\n',
        "def test_a_seat() -> None:\n    assert seat()  # R-NONE-9\n",
        'def a_seat() -> str:\n    """R-NONE-9."""\n    assert (rule := "R-NONE-9")\n',
        'def test_a_seat() -> None:\n    rule = "R-NONE-9"\n    assert seat()\n',
        'def test_a_seat_r_none_9() -> None:\n    """R-NONE-9."""\n    seat()\n',
    ],
)
def test_a_word_beside_a_test_does_not_count(tmp_path: Path, text: str) -> None:
    file = tmp_path / "test_toy.py"
    file.write_text(text, "utf-8")
    assert cited_in([file]) == {"R-NONE-9"}
    assert rules_of_tests([file]) == set()


def test_a_rule_that_nobody_cites_is_found(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text('rule = "R-SIZE-1"\ndef test_a_seat_r_rec_1() -> None: ...\n', "utf-8")
    assert missing(["R-SIZE-1", "R-REC-1", "R-NONE-9"], cited_in([file])) == ["R-NONE-9"]


def test_every_rule_that_a_refusal_names_is_in_the_book() -> None:
    from tests.house.source import import_everything, refusals

    import_everything()
    named = {one.rule for one in refusals() if one.rule is not None}
    assert len(named) >= 10, "the walk found too few refusals"
    assert missing(named, set(RULES)) == []
    assert missing([*named, "R-NONE-9"], set(RULES)) == ["R-NONE-9"]


def test_every_rule_that_code_cites_is_in_the_book() -> None:
    cited = cited_in(code_files())
    assert len(cited) >= 30, "the walk found too few citations"
    assert missing(cited, set(RULES)) == []


def test_a_cited_rule_that_is_not_in_the_book_is_found(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text('"""Decides by R-SIZE-1 and R-NONE-9."""\n', "utf-8")
    assert missing(cited_in([file]), set(RULES)) == ["R-NONE-9"]
