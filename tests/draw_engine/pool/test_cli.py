"""`expert-draw pool`: into a file, into a home, and bad cells on the error stream."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_pool import app
from app.opened import REFUSED
from draw_engine.pool_workbook import template
from tests.draw_engine.pool.bench import open_pool


@pytest.fixture(autouse=True)
def _a_named_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPERT_DRAW_LOG_ORIGIN", "test.expert-draw.example/log")


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.output


def test_generated_experts_go_through_a_file_into_a_home(tmp_path: Path) -> None:
    file, home = tmp_path / "pool.xlsx", tmp_path / "home"

    assert run("generate", "--experts", "30", "--seed", "5", "--out", str(file))[0] == 0
    code, said = run("import", str(file), "--home", str(home))

    assert code == 0
    assert "30 imported" in said
    opened = open_pool(home)
    assert opened.pool.summary().generated == 30
    opened.close()


def test_generated_experts_go_straight_into_a_home(tmp_path: Path) -> None:
    assert run("generate", "--experts", "12", "--home", str(tmp_path))[0] == 0

    opened = open_pool(tmp_path)
    assert len(opened.pool.columns()) == 12
    opened.close()


def test_a_refused_import_names_the_cells_and_ends_with_a_code(tmp_path: Path) -> None:
    file = tmp_path / "pool.csv"
    run("generate", "--experts", "3", "--out", str(file))
    file.write_text(file.read_text("utf-8-sig").replace("154", "054"), "utf-8")

    code, said = run("import", str(file), "--home", str(tmp_path / "home"))

    assert code == REFUSED
    assert "手机号" in said

    opened = open_pool(tmp_path / "home")
    assert opened.pool.ids() == set()
    opened.close()


def test_the_template_is_written(tmp_path: Path) -> None:
    file = tmp_path / "template.xlsx"

    assert run("template", str(file))[0] == 0
    assert file.read_bytes() == template()


def test_generate_wants_one_place(tmp_path: Path) -> None:
    assert run("generate", "--experts", "3")[0] != 0
