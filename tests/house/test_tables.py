"""A table that the service does not load would be missing from every migration."""

import subprocess
import sys

import pytest

LISTED = """
from app.migrate import MAIN, VAULT
{first}
print(*sorted(MAIN.metadata.tables), "|", *sorted(VAULT.metadata.tables))
"""
WIRED = "import app.wiring"
EVERYTHING = "from tests.house.source import import_everything; import_everything()"
LATER = """
from sqlmodel import Field, SQLModel
class LaterRow(SQLModel, table=True):
    id: int = Field(primary_key=True)
"""


def tables(first: str) -> str:
    """Names of the tables of both databases, as a process of its own knows them."""
    done = subprocess.run(
        [sys.executable, "-c", LISTED.format(first=first)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_service_loads_every_table_that_some_module_declares() -> None:
    wired = tables(WIRED)
    assert "ledger_leaf" in wired.split("|")[0]
    assert "vault_person" in wired.split("|")[1]
    assert wired == tables(EVERYTHING)


@pytest.mark.parametrize("first", [WIRED + LATER])
def test_a_table_that_came_later_would_be_seen(first: str) -> None:
    assert tables(first) != tables(WIRED)
