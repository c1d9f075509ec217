"""`expert-draw classification` on a terminal."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_classification import app
from classification.list_file import read_rows
from tests.classification.lists import as_csv, changed


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


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPERT_DRAW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EXPERT_DRAW_LOG_ORIGIN", "test.example/log")
    return tmp_path


@pytest.mark.parametrize("words", ["qlgc", "qiaolianggongcheng", "qiaolgc"])
def test_find_understands_pinyin(words: str) -> None:
    status, text = run("find", words)
    assert status == 0
    assert "2018:A080202" in text


def test_the_older_version_is_found_and_shown_where_it_is_named(home: Path) -> None:
    assert "2010:A010102" in run("find", "公路", "--version", "2010")[1]
    status, text = run("show", "A010102", "--version", "2010")
    assert (status, "公路" in text) == (0, True)
    assert run("find", "公路", "--version", "2015")[0] == 1
    assert "2018" in run("versions")[1]


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("2010:A010102", 0, ("2018:A010104", "sure")),
        ("2010:A010107", 1, ("not decided", "maybe: 2018:A010107")),
        ("2010:A040307", 1, ("not decided",)),
        ("2018:A0802", 0, ("in force",)),
        ("A0802", 1, ("not how a specialty code is written",)),
        ("2010:Z99", 1, ("has no specialty Z99",)),
    ],
)
def test_map_says_what_a_code_became_and_how_sure_that_is(
    home: Path, code: str, status: int, said: tuple[str, ...]
) -> None:
    done, text = run("map", code)
    assert done == status
    assert all(word in text for word in said), text


def test_a_list_is_looked_at_then_adopted_during_set_up(home: Path) -> None:
    file = home / "corrected.csv"
    file.write_bytes(as_csv(changed(without=["C14"])))
    looked = run("import", str(file), "--version", "2018r1")
    assert looked[0] == 0
    assert "removed 1" in looked[1]
    assert "2018r1" not in run("versions")[1]

    adopted = run("import", str(file), "--version", "2018r1", "--adopt")

    assert adopted[0] == 0, adopted[1]
    assert "in force" in adopted[1]
    assert "2018r1:A0802" in run("find", "A0802")[1]
    assert run("show", "C14")[0] == 1


def test_a_bad_list_is_refused_row_by_row(home: Path) -> None:
    file = home / "bad.csv"
    file.write_bytes(as_csv(changed(added={"C9901": "孤儿"})))
    status, text = run("import", str(file), "--version", "2018r1", "--propose")
    assert status == 2
    assert "C9901" in text
    assert "nothing was imported" in text
    assert "2018r1" not in run("versions")[1]


def test_the_template_is_written_with_the_version_in_force(home: Path) -> None:
    for name in ("list.csv", "list.xlsx"):
        assert run("template", str(home / name), "--filled")[0] == 0
        assert len(read_rows((home / name).read_bytes())) == 2143
