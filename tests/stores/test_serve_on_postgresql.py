"""The whole service on PostgreSQL: a draw that outlives a SIGKILL, and a ledger that is sound."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.migrate import MAIN, VAULT
from tests.stores.places import Cluster, at
from tests.stories.office import Person, request_body, until
from tests.stories.server import ROOT, Server

PATIENCE = 300


def told(server: Server, *words: str) -> "subprocess.CompletedProcess[str]":
    """`expert-draw …` with the server's settings."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=ROOT,
        env=os.environ | {"EXPERT_DRAW_HOME": str(server.home)} | server.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_draw_on_postgresql_outlives_a_kill(cluster: Cluster, tmp_path: Path) -> None:
    """R-TIME-4: what was due before the stop is due after it; no second machine may help."""
    main, vault = cluster.empty(), cluster.empty()
    environment = {"DATABASE_URL": main, "EXPERT_DRAW_VAULT_DATABASE_URL": vault}
    server = Server(tmp_path / "home", arguments=("serve", "--demo"), environment=environment)
    elsewhere = Server(tmp_path / "elsewhere", environment=environment)
    with server:
        refused = told(elsewhere, "serve", "--demo", "--port", "0")
        assert (refused.returncode, "already runs" in refused.stderr) == (2, True), refused.stderr
        applicant = Person(server.url, "applicant", patience=PATIENCE).sign_in()
        draw_id = applicant.post(
            "/api/draws", request_body("pg", draw_in=3, closes_in=2 * PATIENCE)
        )["id"]

        server.kill()
        server.start()

        def inviting() -> bool:
            return bool(applicant.get(f"/api/draws/{draw_id}")["state"] == "inviting")

        until(inviting, PATIENCE, "invitations")
        size = applicant.get("/api/meta")["checkpoint"]["size"]
        server.kill()
        server.start()
        assert inviting()
        assert applicant.get("/api/meta")["checkpoint"]["size"] >= size

    checked = told(server, "ledger", "verify")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["entries"] >= size
    stands = told(server, "migrate", "--check")
    assert (stands.returncode, stands.stdout.count("current")) == (0, 2), stands.stdout
    assert not list(server.home.glob("*.db*")), "nothing of the databases lies in the home"
    with at(main, MAIN) as database, database.rebuild() as raw:
        raw.exec_driver_sql("UPDATE ledger_payload SET body = '\\x7b7d' WHERE number = 1")
    broken = told(server, "ledger", "verify")
    assert (broken.returncode, json.loads(broken.stdout)["broken_at"]) == (1, 1)
    with at(vault, VAULT) as database:
        assert {"vault_person", "vault_invitation"} <= database.tables()
    for one in (main, vault):
        cluster.drop(one)
