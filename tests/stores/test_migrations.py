"""Revisions: from nothing, from before there were any, and back to safety when one fails."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from app.errors import SchemaAhead, SchemaBehind, SchemaDiffers, SchemaForeign
from app.migrate import MAIN, VAULT, Chain, Standing, bring_up, fit, newest, standing
from foundation.db import Database
from tests.app.bench import a_bench
from tests.stores.places import Stores, at

pytestmark = pytest.mark.both_engines

CHAINS = pytest.mark.parametrize("chain", [MAIN, VAULT], ids=lambda one: one.name)


def shape(database: Database) -> dict[str, Any]:
    """All that a database knows of its tables."""
    with database.read() as db:
        seen = inspect(db.connection())
        return {
            table: {
                "columns": [{**one, "type": str(one["type"])} for one in seen.get_columns(table)],
                "key": seen.get_pk_constraint(table),
                "indexes": sorted(seen.get_indexes(table), key=lambda one: str(one["name"])),
                "unique": sorted(
                    seen.get_unique_constraints(table), key=lambda one: str(one["name"])
                ),
                "foreign": seen.get_foreign_keys(table),
            }
            for table in sorted(seen.get_table_names())
            if not table.endswith("alembic_version")
        }


@CHAINS
def test_the_revisions_lead_to_what_the_code_declares(blank: Stores, chain: Chain) -> None:
    with at(blank.main, chain) as migrated, at(blank.vault, chain) as declared:
        assert bring_up(migrated, chain) == ("", newest(chain))
        declared.create_tables()

        assert shape(migrated) == shape(declared)
        assert set(shape(migrated)) == set(chain.metadata.tables)
        with migrated.rebuild() as connection:
            opts = {"version_table": chain.version_table, "compare_server_default": True}
            context = MigrationContext.configure(connection, opts=opts)
            assert compare_metadata(context, chain.metadata) == [], "type: make migration"
        assert standing(migrated, chain) is Standing.CURRENT
        assert bring_up(migrated, chain) == (newest(chain), newest(chain)), "twice changes nothing"


def test_tables_of_our_names_that_are_not_ours_are_left_alone(blank: Stores) -> None:
    with at(blank.main, MAIN) as database:
        with database.rebuild() as raw:
            raw.exec_driver_sql("CREATE TABLE account (id INTEGER PRIMARY KEY, mail TEXT)")
        with pytest.raises(SchemaDiffers):
            bring_up(database, MAIN)
        assert database.tables() == {"account"}, "all or nothing"


def test_a_database_of_somebody_else_is_refused(blank: Stores) -> None:
    with at(blank.main, MAIN) as database:
        with database.rebuild() as raw:
            raw.exec_driver_sql("CREATE TABLE holiday_photographs (id INTEGER PRIMARY KEY)")
        for demonstration in (True, False):
            with pytest.raises(SchemaForeign):
                fit(database, MAIN, demonstration=demonstration)
        assert database.tables() == {"holiday_photographs"}


def test_the_vault_is_refused_in_the_main_database(blank: Stores) -> None:
    with at(blank.main, MAIN) as main, at(blank.main, VAULT) as vault:
        fit(main, MAIN, demonstration=False)
        with pytest.raises(SchemaForeign):
            fit(vault, VAULT, demonstration=False)


@CHAINS
def test_what_a_newer_program_has_touched_is_refused(blank: Stores, chain: Chain) -> None:
    with at(blank.main, chain) as database:
        bring_up(database, chain)
        with database.rebuild() as raw:
            raw.exec_driver_sql(f"UPDATE {chain.version_table} SET version_num = '9999'")  # noqa: S608 # ours
        for demonstration in (True, False):
            with pytest.raises(SchemaAhead):
                fit(database, chain, demonstration=demonstration)
        with pytest.raises(SchemaAhead):
            bring_up(database, chain)


LATER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "later", "%s"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("ledger_checkpoint") as batch:
        batch.add_column(sa.Column("seen", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_unique_constraint("uq_ledger_checkpoint_root", ["root"])
"""
BROKEN = LATER + '    raise RuntimeError("power cut")\n'


def lengthened(home: Path, text: str = LATER) -> Chain:
    """The main chain with one revision more than the program's."""
    folder = shutil.copytree(MAIN.folder, home / "100% ours" / "versions")
    (folder / "later.py").write_text(text % newest(MAIN))
    return replace(MAIN, folder=folder)


@pytest.mark.parametrize("demonstration", [True, False])
def test_a_demonstration_goes_on_by_itself_and_a_real_service_asks(
    stores: Stores, demonstration: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = stores.home / "home"
    with a_bench(home, demonstration=demonstration, **stores.settings()) as bench:
        size = bench.house.books.size()
    longer = lengthened(stores.home)
    monkeypatch.setattr("app.wiring.MAIN", longer)
    if demonstration:
        with a_bench(home, demonstration=True, **stores.settings()) as bench:
            assert bench.house.books.size() == size
            assert standing(bench.house.database, longer) is Standing.CURRENT
        return
    with (
        pytest.raises(SchemaBehind),
        a_bench(home, demonstration=False, **stores.settings()),
    ):
        pass
    with (  # the stamp decides, not the word of who starts it
        pytest.raises(SchemaBehind),
        a_bench(home, demonstration=True, **stores.settings()),
    ):
        pass


@pytest.mark.parametrize("text", [LATER, BROKEN], ids=["whole", "cut"])
def test_the_next_revision_comes_whole_or_not_at_all(blank: Stores, text: str) -> None:
    """SQLite changes a table by copying it: rows that point at it must not go with the old one."""
    longer = lengthened(blank.home, text)
    with at(blank.main, MAIN) as database:
        bring_up(database, MAIN)
        with database.write() as db:
            values = f"1, {_bytes(database)}, 't', 'l', '2026-01-01 00:00:00.000000'"
            checkpoint = f"INSERT INTO ledger_checkpoint VALUES ({values})"  # noqa: S608 # ours
            db.connection().exec_driver_sql(checkpoint)
            db.connection().exec_driver_sql(
                "INSERT INTO ledger_cosignature VALUES (1, 'w', 'l', 7)"
            )
        assert standing(database, longer) is Standing.BEHIND
        before = shape(database)
        if text is BROKEN:
            with pytest.raises(RuntimeError, match="power cut"):
                bring_up(database, longer)
            assert shape(database) == before
            assert standing(database, longer) is Standing.BEHIND
        else:
            assert bring_up(database, longer) == (newest(MAIN), "later")
            assert {"later", *before} == set(shape(database))
        with database.read() as db:
            said = db.connection().exec_driver_sql("SELECT size, name FROM ledger_cosignature")
            assert [tuple(row) for row in said] == [(1, "w")]


def _bytes(database: Database) -> str:
    return "'\\x01'" if database.postgresql else "x'01'"
