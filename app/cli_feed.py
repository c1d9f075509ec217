"""`expert-draw feed`: the secret by which the services of a federation recognise a person."""

import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from app.alone import alone
from app.errors import FileUnusable
from app.opened import refusals_in_words
from app.wiring_feeds import FEDERATION
from foundation.keys import KeyRing
from foundation.settings import Settings

KEY_BYTES: Final = 32
KEY: Final = re.compile(r"[0-9a-f]{64}")

app = typer.Typer(help="Lists shared between regions (名录共享).", no_args_is_help=True)


@app.command(name="make-key")
def make_key(file: Annotated[Path, typer.Argument(help="New file, for its owner only.")]) -> None:
    """Make the key of a new federation; the other services get the same file."""
    with refusals_in_words():
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(KEY_BYTES) + "\n")
    Console().print(f"{file.name}: hand it to the other services on a safe way (请妥善转交).")


@app.command(name="put-key")
def put_key(
    file: Annotated[Path, typer.Argument(help="File that `make-key` made.")],
    home: Annotated[Path | None, typer.Option(help="Folder of the installation.")] = None,
) -> None:
    """Put the federation's key among the vault's, while no service runs there."""
    settings = Settings() if home is None else Settings(home=home)
    with refusals_in_words(), alone(settings):
        text = file.read_text("utf-8", errors="replace").strip()
        if not KEY.fullmatch(text):
            raise FileUnusable(file=file.name, why="64 hex digits are needed")
        value = bytes.fromhex(text)
        KeyRing(settings.keys / "vault").give(FEDERATION, value)
    Console().print("The vault has the federation's key (已放入).")
