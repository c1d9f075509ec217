"""Write a migration: the difference between the last revision and the tables of the code.

    python tools/migration.py                 the first revision of each database, anew
    python tools/migration.py "what it adds"  the next one, where something has changed

Read what it wrote before it is committed: a column that may not be empty needs a value for
the rows that are there. A revision that has been released is never written anew.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateIndexOp, CreateTableOp, MigrationScript, OpContainer

from app.migrate import Chain, config, newest
from app.wiring import databases
from foundation.db import Database
from foundation.settings import Settings

FIRST = "0001"
SUBJECT = "First tables"


def main(message: str) -> int:
    """Write what is due for both databases."""
    with tempfile.TemporaryDirectory() as folder:
        for chain in databases(Settings(home=Path(folder))):
            write(chain, message, Path(folder))
    return 0


def write(chain: Chain, message: str, folder: Path) -> None:
    """One revision of one chain, from a database that has gone through the ones before."""
    chain.folder.mkdir(parents=True, exist_ok=True)
    if not message:
        for old in chain.folder.glob("*.py"):
            old.unlink()
    number = f"{int(newest(chain)) + 1:04}" if message else FIRST
    database = Database(folder / f"{chain.name}.db", chain.metadata)
    with database.rebuild() as connection:
        attributes: dict[str, Any] = {
            "first": not message, "render_item": imported, "written": _only_changes,
        }  # fmt: skip
        made = config(chain, connection, **attributes)
        made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        if message:
            command.upgrade(made, "head")
        command.revision(made, message or SUBJECT, autogenerate=True, rev_id=number)
    database.close()


def imported(kind: str, item: Any, context: AutogenContext) -> bool:
    """Import the module of a type of ours where it is written down."""
    module = type(item).__module__
    if kind == "type" and not module.startswith(("sqlalchemy.", "sqlmodel.")):
        context.imports.add(f"import {module}")
    return False


def _only_changes(context: Any, _revision: Any, scripts: list[MigrationScript]) -> None:
    """No empty revision; the first one leaves what is there as it is."""
    [script] = scripts
    if script.upgrade_ops is None or script.upgrade_ops.is_empty():
        scripts.clear()
    elif context.config.attributes["first"]:
        _where_missing(script.upgrade_ops)


def _where_missing(container: OpContainer) -> None:
    for one in container.ops:
        if isinstance(one, CreateTableOp | CreateIndexOp):
            one.if_not_exists = True
        elif isinstance(one, OpContainer):
            _where_missing(one)


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
