"""A ledger that somebody with the file changed: the entry is named, whatever was written."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from app.cli_ledger import recheck
from foundation.auth.roles import Role
from foundation.db import Database
from foundation.keys import KeyRing
from foundation.ledger.verify import Verdict, verify_database
from foundation.settings import Settings
from tests.app.bench import a_bench
from tests.faults.conftest import Live
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
    ("delete from ledger_payload where number = 2", 2, "payload"),
    ("delete from ledger_payload where number in (2, 3)", 2, "payload"),
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


DRAW_FORGED: list[tuple[str, str]] = [
    ("delete from ledger_payload where number = :manifest", "companion"),
    ("update ledger_payload set body = x'7b7d' where number = :manifest", "companion"),
    ("update ledger_payload set body = x'7b' where number = :manifest", "companion"),
    (
        """update ledger_payload set body = replace(body, '"seats":', '"seats" :')
        where number = :manifest""",
        "form",
    ),
    ("insert into ledger_payload values (:manifest + 1, x'', x'7b7d')", "companion"),
    ("update ledger_cosignature set time = time - 60", "checkpoint.cosignature"),
    ("update ledger_cosignature set line = 'x'", "checkpoint.cosignature"),
    ("update ledger_cosignature set name = 'somebody.example/w'", "checkpoint.cosignature"),
    ("update ledger_cosignature set size = size + 10000", "checkpoint.cosignature"),
]


@pytest.fixture(scope="module")
def drawn(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger of a service with a draw under way, cosigned by its supervisor."""
    home = tmp_path_factory.mktemp("drawn") / "home"
    shutil.copytree(live.bench.house.settings.keys, home / "keys")
    with sqlite3.connect(live.bench.house.database.path) as db:
        db.execute("vacuum into ?", (str(home / "main.db"),))
    db.close()
    return home


def of_draw(home: Path, change: str) -> Verdict:
    """What the command's own recheck finds after a change."""
    with sqlite3.connect(home / "main.db") as db:
        [manifest] = db.execute("select number from ledger_leaf where type = 'manifest'").fetchone()
        db.execute(change, {"manifest": manifest} if ":manifest" in change else {})
    db.close()
    return recheck(Database(home / "main.db"), Settings(home=home), None)


@pytest.mark.parametrize(("change", "why"), DRAW_FORGED)
def test_a_forged_companion_or_cosignature_is_named(
    drawn: Path, tmp_path: Path, change: str, why: str
) -> None:
    verdict = of_draw(shutil.copytree(drawn, tmp_path / "copy"), change)
    assert (verdict.sound, verdict.why) == (False, why)


def test_the_ledger_of_a_draw_is_sound(drawn: Path, tmp_path: Path) -> None:
    verdict = of_draw(shutil.copytree(drawn, tmp_path / "copy"), "select 1")
    assert verdict.sound, verdict
    assert verdict.checkpoints >= 2
