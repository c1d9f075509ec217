"""`expert-draw classification` on a terminal."""

import pytest
from typer.testing import CliRunner

from app.cli_classification import app


@pytest.fixture(autouse=True)
def _a_wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def run(*words: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(app, list(words))
    return outcome.exit_code, outcome.output


def test_find_shows_code_name_path_and_status() -> None:
    status, text = run("find", "排水工程")
    assert status == 0
    for word in ("2018:A080205", "排水工程", "工程类 / 工程施工 / 市政工程", "two sources"):
        assert word in text


def test_find_says_in_words_that_there_is_nothing() -> None:
    status, text = run("find", "不存在的专业")
    assert status == 1
    assert "Nothing in the 2018 standard fits" in text


def test_find_says_when_there_is_more() -> None:
    status, text = run("find", "A", "--limit", "2")
    assert status == 0
    assert "2018:A01" in text
    assert "2018:A0101" not in text
    assert "2 / " in text


@pytest.mark.parametrize("code", ["A0802", "2018:A0802"])
def test_show_lists_what_lies_below(code: str) -> None:
    status, text = run("show", code)
    assert status == 0
    assert "2018:A080205" in text


def test_show_teaches_where_a_2010_code_went() -> None:
    status, text = run("show", "2010:A010102")
    assert status == 1
    assert "belongs to the 2010 version" in text
    assert "2018:A010104" in text
