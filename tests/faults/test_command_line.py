"""Wrong words, files and settings on the command line: a sentence, code 2, no traceback."""

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import cli
from draw_engine.pool_workbook import pool_workbook
from tests.draw_engine.pool.bench import generated

ROOT = Path(__file__).parents[2]


def said(monkeypatch: pytest.MonkeyPatch, capsys: Any, *words: str) -> tuple[Any, str]:
    """Exit code and what was printed by `expert-draw …`."""
    monkeypatch.setattr(sys, "argv", ["expert-draw", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsys.readouterr()
    return ended.value.code, out.out + out.err


def request_with(**changes: Any) -> bytes:
    asked = json.loads((ROOT / "examples" / "request.json").read_bytes())
    return json.dumps(asked | changes).encode()


ROAD = {"codes": ["2018:A08"], "seats": 4, "regions": []}
FILES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": "你好, world\n".encode,
    "binary": lambda: random.Random(1).randbytes(5_000),
    "half.json": lambda: b'{"a":',
    "list.json": lambda: b"[]",
    "deep.json": lambda: b"[" * 100_000,
    "unknown.json": lambda: request_with(slots=[{**ROAD, "codes": ["2018:Z99"]}]),
    "even.json": lambda: request_with(committee_size=4, slots=[{**ROAD, "seats": 3}]),
    "good.json": request_with,
    "pool.xlsx": lambda: pool_workbook(generated(60)),
}
WRONG = [
    *(("verify", name) for name in ("folder", "missing", "empty", "text", "binary")),
    *(("verify", name) for name in ("half.json", "list.json", "deep.json")),
    ("verify",),
    ("verify", "--policy", "folder", "list.json"),
    ("vectors", "missing"),
    ("vectors", "binary"),
    *(
        ("draw", name, "--pool", "pool.xlsx", "--out", "out.json")
        for name in ("half.json", "list.json", "deep.json", "unknown.json", "even.json")
    ),
    *(("draw", name, "--pool", "pool.xlsx", "--out", "out") for name in ("folder", "missing")),
    *(
        ("draw", "good.json", "--pool", name, "--out", "out.json")
        for name in ("folder", "text", "binary", "empty")
    ),
    ("pool", "import", "text"),
    ("pool", "import", "folder"),
    ("pool", "generate", "--experts", "5", "--out", "folder"),
    ("pool", "generate", "--experts", "5", "--out", "missing/pool.xlsx"),
    ("pool", "generate", "--experts", "0", "--out", "x.xlsx"),
    ("pool", "template", "missing/pool.xlsx"),
    ("classification", "find"),
    ("ledger", "verify", "--file", "missing"),
    ("ledger", "verify", "--file", "folder"),
    ("ledger", "verify", "--key", "zz"),
    ("ledger", "verify", "--key", "abcd"),
    ("serve", "--tls", "self-signed"),
    ("serve", "--holders", "none"),
    ("account", "create", "--role", "nobody", "--username", "abc"),
    ("account", "create", "--role", "clerk", "--username", "A B"),
    ("no-such-word",),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXPERT_DRAW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EXPERT_DRAW_LOG_ORIGIN", "test.example/log")
    return tmp_path


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_words_and_files_are_answered_in_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, words: tuple[str, ...]
) -> None:
    for name in FILES.keys() & set(words):
        (folder / name).write_bytes(FILES[name]())
    code, told = said(monkeypatch, capsys, *words)
    assert code == 2, told
    assert len(told.split()) >= 4, told
    assert "Traceback" not in told
    assert not (folder / "out.json").exists()


def test_a_hundred_megabytes_of_nothing_fail_the_first_check(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    with (folder / "zeros").open("wb") as file:
        file.truncate(100 * 2**20)
    code, told = said(monkeypatch, capsys, "verify", "--lang", "en", "zeros")
    assert (code, told.splitlines()[-1]) == (1, "verdict: failed bundle.form")


def test_nothing_found_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    code, told = said(monkeypatch, capsys, "classification", "find", "没有这个专业")
    assert (code, "Nothing in the 2018 standard fits" in told) == (1, True)


@pytest.mark.parametrize(("name", "value"), [("PORT", "abc"), ("LOG_LEVEL", "loud")])
def test_a_setting_that_can_not_be_is_named_and_its_value_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, name: str, value: str
) -> None:
    monkeypatch.setenv(f"EXPERT_DRAW_{name}", value)
    code, told = said(monkeypatch, capsys, "classification", "find", "桥梁")
    assert (code, f"EXPERT_DRAW_{name}" in told, value in told) == (2, True, False)
