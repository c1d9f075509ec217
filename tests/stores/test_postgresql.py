"""What only a server can get wrong: its settings, its locks, and where the vault lies."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from app.migrate import MAIN, VAULT, bring_up
from draw_engine.pool_tables import OrganisationRow
from draw_engine.vault_store import VAULT_METADATA
from foundation.db import Database
from foundation.engines import DatabaseUnfit, DatabaseUnreachable
from foundation.service_lock import AlreadyServed, ServiceLock
from tests.stores import server
from tests.stores.places import Cluster, at

HOLDS = """
import sys, time
from pathlib import Path
from foundation.service_lock import ServiceLock
ServiceLock(Path(sys.argv[1]), sys.argv[2]).take()
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def url(cluster: Cluster) -> str:
    """An empty database."""
    return cluster.empty()


def in_schema(url: str, name: str) -> str:
    """The URL of a schema of the database."""
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}"


def test_a_commit_is_on_disk_whatever_the_server_prefers(cluster: Cluster, url: str) -> None:
    name = Database(url).url.database
    with at(url, MAIN) as database, database.rebuild() as raw:
        raw.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with at(url, MAIN) as database, database.write() as db:
        assert db.connection().exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert db.connection().exec_driver_sql("SHOW transaction_isolation").scalar() == (
            "read committed"
        )
    cluster.drop(url)


def test_a_second_service_is_refused_from_another_folder_too(url: str, tmp_path: Path) -> None:
    first, second = ServiceLock(tmp_path / "one", url), ServiceLock(tmp_path / "two", url)
    first.take()
    with pytest.raises(AlreadyServed):
        second.take()
    first.release()
    second.take()
    second.release()


def test_a_killed_service_leaves_the_lock(url: str, tmp_path: Path) -> None:
    held = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path / "one"), url], stdout=subprocess.PIPE
    )
    assert held.stdout is not None
    assert held.stdout.readline() == b"held\n"
    again = ServiceLock(tmp_path / "two", url)
    with pytest.raises(AlreadyServed):
        again.take()
    os.kill(held.pid, signal.SIGKILL)
    held.wait()
    held.stdout.close()
    again.take()
    again.release()


def test_a_database_that_sorts_or_stores_otherwise_is_refused(cluster: Cluster, url: str) -> None:
    latin = cluster.empty(encoding="LATIN1")
    for where, why in ((latin, "encoding LATIN1"), (in_schema(url, "nowhere"), "no schema")):
        with at(where, MAIN) as database, pytest.raises(DatabaseUnfit) as refused:
            database.check()
        assert refused.value.facts["why"] == why
    with at(url, MAIN) as database:
        database.check()
    cluster.drop(latin)


def test_a_server_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    away = f"postgresql://somebody:secret-word@/none?host={tmp_path}"
    with at(away, MAIN) as database, pytest.raises(DatabaseUnreachable) as refused:
        database.check()
    assert "secret-word" not in str(refused.value.facts)
    assert "\n" not in str(refused.value.facts["why"])
    with pytest.raises(DatabaseUnreachable):
        ServiceLock(tmp_path, away).take()


def test_the_vault_may_have_a_schema_of_its_own_in_one_database(url: str) -> None:
    """Both write at once: a lock shared by the two would wait for itself."""
    with at(url, MAIN) as main:
        with main.rebuild() as raw:
            raw.exec_driver_sql("CREATE SCHEMA vault")
        with at(in_schema(url, "vault"), VAULT) as vault:
            bring_up(main, MAIN)
            bring_up(vault, VAULT)
            assert vault.tables() == {*VAULT_METADATA.tables, VAULT.version_table}
            assert main.tables() == {*MAIN.metadata.tables, MAIN.version_table}
            with main.write() as one, vault.write() as other:
                one.add(OrganisationRow(unified_credit_code="A", name="单位", grouped="A"))
                other.connection().exec_driver_sql("SELECT 1")
            with main.read() as db:
                assert db.exec(select(OrganisationRow.name)).all() == ["单位"]


def test_without_a_server_the_tests_fail_and_do_not_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(server, "find_spec", lambda _name: None)
    with pytest.raises(AssertionError, match="make dev"), server.running():
        pass
