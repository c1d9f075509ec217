"""`expert-draw ledger`: recheck the whole ledger, or an export of some entries."""

import re
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from sqlalchemy.exc import DatabaseError

from app.demo.stamp import read_stamp
from app.opened import errors_to, refusals_in_words
from draw_engine.core.manifest import companion_fits
from draw_engine.parties import STREAM, witnesses_of
from evaluation_room.confirmations import first_unconfirmed
from foundation.db import Database
from foundation.keys import KeyRing
from foundation.ledger.book import ReadBook
from foundation.ledger.entry import BrokenEntry
from foundation.ledger.verify import Verdict, first_misshapen, verify_database
from foundation.ledger.verify_export import verify_export
from foundation.settings import Settings

PUBLIC_KEY: Final = re.compile(r"[0-9a-f]{64}")

app = typer.Typer(help="The ledger (账本).", no_args_is_help=True)


@app.callback()
def every() -> None:
    """Reading only; may run beside the service."""


@app.command()
def verify(
    file: Annotated[Path | None, typer.Option(help="An export; default: this ledger.")] = None,
    key: Annotated[str, typer.Option(help="The log's public key to pin, 64 hex digits.")] = "",
) -> None:
    """Recheck every leaf, payload, number and checkpoint; exit code 1 if one is broken."""
    if key and not PUBLIC_KEY.fullmatch(key):
        raise typer.BadParameter("a public key is 64 hex digits", param_hint="--key")
    pinned = bytes.fromhex(key) if key else None
    with refusals_in_words():
        verdict = _of_database(pinned) if file is None else _of_export(file.read_bytes(), pinned)
    Console().print_json(
        data={
            "sound": verdict.sound,
            "entries": verdict.entries,
            "erased": verdict.erased,
            "checkpoints": verdict.checkpoints,
            "broken_at": verdict.broken,
            "why": verdict.why,
        }
    )
    raise typer.Exit(0 if verdict.sound else 1)


def _of_export(data: bytes, pinned: bytes | None) -> Verdict:
    """Leaves, payloads, and what members signed with their own devices."""
    verdict = verify_export(data, pinned)
    if verdict.sound and (broken := first_unconfirmed(data)) is not None:
        return Verdict(verdict.entries, verdict.erased, verdict.checkpoints, broken, "passkey")
    return verdict


def _of_database(pinned: bytes | None) -> Verdict:
    settings = Settings()
    database = Database(settings.main_store)
    database.check()
    if not database.postgresql and not database.path.is_file():
        errors_to.print("No ledger in this folder yet. 此目录尚无账本。")
        raise typer.Exit(2)
    try:
        return recheck(database, settings, pinned)
    except DatabaseError:  # no database, or pages of it are torn
        return Verdict(0, 0, 0, None, "database")


def recheck(database: Database, settings: Settings, pinned: bytes | None) -> Verdict:
    """Everything `ledger verify` looks at, in an installation's folder."""
    if first_misshapen(database) == 0:
        return Verdict(0, 0, 0, 0, "form")
    try:
        stamp = read_stamp(database)
        with database.read() as db:
            witnesses = witnesses_of(ReadBook(db).entries(STREAM))
    except BrokenEntry as broken:
        return Verdict(0, 0, 0, int(broken.facts["index"]), str(broken.facts["why"]))
    if stamp is None:
        errors_to.print("The ledger has no first entry. 账本没有首条记录。")
        raise typer.Exit(1)
    log_key = pinned or KeyRing(settings.keys).signing("log").public_key().public_bytes_raw()
    return verify_database(
        database, stamp.origin, log_key, companion=companion_fits, witnesses=witnesses
    )
