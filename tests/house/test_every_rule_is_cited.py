"""A rule in force that no code names decides nothing; one that no test names may decide wrong."""

import re
from collections.abc import Iterable
from pathlib import Path

from foundation.rulebook.rules import RULES
from tests.house.source import code_files, files_of_tests

CITED = re.compile(r"R-[A-Z]+-\d+[a-z]?|r_[a-z]+_\d+[a-z]?\b")


def cited_in(files: Iterable[Path]) -> set[str]:
    """Rule ids that files name, in words or in names of functions."""
    found = set()
    for file in files:
        for word in CITED.findall(file.read_text("utf-8")):
            found.add(word if word.startswith("R-") else _spelt(word))
    return found


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


def test_every_rule_in_force_is_cited_in_a_test() -> None:
    own = Path(__file__)
    assert missing(in_force(), cited_in(one for one in files_of_tests() if one != own)) == []


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
