"""The command line: refusals in words with code 2, one server a folder, a local certificate."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from app.tls import LIFE, local_certificate
from foundation.service_lock import ServiceLock
from tests.app.bench import a_bench, identity

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def run(home: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """`expert-draw …` on a folder."""
    environment = os.environ | {"EXPERT_DRAW_HOME": str(home)} | settings
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_wrong_kind_of_start_is_refused_in_words(tmp_path: Path) -> None:
    with a_bench(tmp_path, demonstration=True):
        pass
    done = run(tmp_path, "serve", "--port", "0")
    assert done.returncode == 2
    assert "serve --demo" in done.stderr
    assert "印记" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_server_on_the_folder_is_refused(tmp_path: Path) -> None:
    with a_bench(tmp_path, demonstration=True):
        pass
    lock = ServiceLock(tmp_path)
    lock.take()
    done = run(tmp_path, "serve", "--demo", "--port", "0")
    lock.release()
    assert done.returncode == 2
    assert "already runs" in done.stderr


def test_the_first_administrator_gets_a_link_that_works(tmp_path: Path) -> None:
    words = ("account", "create", "--role", "administrator", "--username", "admin")
    unnamed = run(tmp_path, *words, EXPERT_DRAW_LOG_ORIGIN="")
    assert unnamed.returncode == 2
    nobody_s = run(tmp_path, *words, EXPERT_DRAW_LOG_ORIGIN="test.example/log")
    assert nobody_s.returncode == 2
    assert "identity number of its owner" in " ".join(nobody_s.stderr.split())
    whose = ("--person-ref", identity(1))
    done = run(tmp_path, *words, *whose, EXPERT_DRAW_LOG_ORIGIN="test.example/log")
    assert done.returncode == 0, done.stderr
    link = done.stdout.splitlines()[0]
    with a_bench(tmp_path) as bench:
        assert bench.browser().get("/api" + link).json()["username"] == "admin"


def test_the_ledger_is_rechecked_and_a_changed_payload_is_found(tmp_path: Path) -> None:
    with a_bench(tmp_path, demonstration=True) as bench:
        bench.house.books.checkpoint()
    sound = run(tmp_path, "ledger", "verify")
    assert (sound.returncode, json.loads(sound.stdout)["sound"]) == (0, True)
    import sqlite3

    database = sqlite3.connect(tmp_path / "main.db")
    database.execute(
        "update ledger_payload set body ="
        " cast(replace(cast(body as text), 'true', 'false') as blob) where number = 0"
    )
    database.commit()
    database.close()
    broken = run(tmp_path, "ledger", "verify")
    assert (broken.returncode, json.loads(broken.stdout)["broken_at"]) == (1, 0)


def test_help_starts_without_the_service() -> None:
    script = (
        "import sys; import app.cli; "
        "print([one for one in ('fastapi', 'sqlmodel', 'numpy') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "192.168.7.7"])
def test_the_local_certificate_names_this_machine_and_is_renewed(tmp_path: Path, host: str) -> None:
    certificate, key = local_certificate(tmp_path / "tls", host, NOW)
    first = certificate.read_bytes()
    names = (
        x509.load_pem_x509_certificate(first)
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    if host == "192.168.7.7":
        assert host in map(str, names.get_values_for_type(x509.IPAddress))
    assert key.stat().st_mode & 0o077 == 0
    local_certificate(tmp_path / "tls", host, NOW + timedelta(days=1))
    assert certificate.read_bytes() == first
    local_certificate(tmp_path / "tls", host, NOW + LIFE - timedelta(days=10))
    assert certificate.read_bytes() != first
