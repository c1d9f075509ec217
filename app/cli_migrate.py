"""`expert-draw migrate`: bring the databases of an installation to this program's tables."""

from typing import Annotated

import typer
from rich.console import Console

from app.alone import alone
from app.migrate import Standing, bring_up, newest, standing
from app.opened import refusals_in_words
from app.wiring import databases
from foundation.settings import Settings

WAITING = 1

app = typer.Typer()


@app.command()
def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Say where they stand; 1: behind.")
    ] = False,
) -> None:
    """Bring both databases to this program's tables (数据库升级). Copy them first, serve after."""
    settings, out, behind = Settings(), Console(soft_wrap=True), False
    with refusals_in_words(), alone(settings):
        for chain, database in databases(settings).items():
            database.check()
            if check:
                stands = standing(database, chain)
                behind = behind or stands is not Standing.CURRENT
                said = f"{stands.value}, program: {newest(chain)}"
            else:
                was, now = bring_up(database, chain)
                said = f"{was or '-'} -> {now}"
            database.close()
            out.print(f"{chain.name} ({database.name}): {said}", markup=False, highlight=False)
    raise typer.Exit(WAITING if behind else 0)
