"""A ledger that somebody with the file changed: the entry is named, whatever was written."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from foundation.auth.roles import Role
from foundation.db import Database
from foundation.keys import KeyRing
from foundation.ledger.verify import Verdict, verify_database
from tests.app.bench import a_bench
from tests.faults.test_command_line import said

FORGED: list[tuple[str, int | None, str]] = [
    ("update ledger_payload set body = cast(body as text) where number = 2", 2, "form"),
    ("update ledger_payload set salt = 'x' where number = 1", 1, "form"),
    ("update ledger_payload set body = x'7b7d' where number = 3", 3, "digest"),
    ("update ledger_leaf set leaf = cast(leaf as text) where number = 1", 1, "form"),
    ("update ledger_leaf set leaf = x'00' where number = 1", 1, "leaf"),
    ("update ledger_leaf set at = 'yesterday' where number = 2", 2, "form"),
    ("update ledger_leaf set at = '2026-02-30 00:00:00.000000' where number = 2", 2, "form"),
    ("update ledger_leaf set at = '2026-11-22 00:00:00.000000' where number = 2", 2, "leaf"),
    ("update ledger_leaf set seq = 99 where number = 2", 2, "seq"),
    ("update ledger_leaf set seq = 'two' where number = 2", 2, "form"),
    ("update ledger_leaf set type = x'00' where number = 2", 2, "form"),
    ("update ledger_leaf set protocol = 'maybe' where number = 2", 2, "form"),
    ("delete from ledger_leaf where number = 2", 2, "index"),
    ("update ledger_checkpoint set root = 'x'", None, "checkpoint.form"),
    ("update ledger_checkpoint set text = 'x'", None, "checkpoint.text"),
    ("update ledger_checkpoint set line = 'x'", None, "checkpoint.text"),
    ("update ledger_checkpoint set at = 7", None, "checkpoint.form"),
]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose ledger has some entries and a checkpoint."""
    home = tmp_path_factory.mktemp("ledger") / "home"
    with a_bench(home) as bench:
        for role in (Role.CLERK, Role.SUPERVISOR, Role.APPLICANT):
            bench.an_account(role)
        bench.house.books.checkpoint()
    return home


def rechecked(home: Path, change: str) -> tuple[Verdict, int]:
    file = home / "main.db"
    with sqlite3.connect(file) as db:
        db.execute(change)
    db.close()
    key = KeyRing(home / "keys").signing("log").public_key().public_bytes_raw()
    verdict = verify_database(Database(file), "test.example/log", key)
    return verdict, verdict.entries


@pytest.mark.parametrize(("change", "index", "why"), FORGED)
def test_a_forged_row_is_named(
    ledger: Path, tmp_path: Path, change: str, index: int | None, why: str
) -> None:
    home = shutil.copytree(ledger, tmp_path / "copy")
    verdict, entries = rechecked(home, change)
    assert (verdict.sound, verdict.why) == (False, why)
    if index is not None:
        assert (verdict.broken, entries) == (index, index)


def test_an_untouched_ledger_is_sound(ledger: Path, tmp_path: Path) -> None:
    verdict, entries = rechecked(shutil.copytree(ledger, tmp_path / "copy"), "select 1")
    assert verdict.sound, verdict
    assert (verdict.checkpoints, entries > 4) == (1, True)


def test_the_command_line_names_a_forged_entry(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for number in (0, 2):
        home = shutil.copytree(ledger, tmp_path / f"copy{number}")
        monkeypatch.setenv("EXPERT_DRAW_HOME", str(home))
        with sqlite3.connect(home / "main.db") as db:
            db.execute(
                "update ledger_payload set body = cast(body as text) where number = ?", (number,)
            )
        db.close()
        code, told = said(monkeypatch, capsys, "ledger", "verify")
        assert (code, json.loads(told)["broken_at"]) == (1, number), told
    (home / "main.db").write_bytes(b"no database at all" * 500)
    for file in home.glob("main.db-*"):
        file.unlink()
    code, told = said(monkeypatch, capsys, "ledger", "verify")
    assert (code, json.loads(told)["why"]) == (1, "database")
