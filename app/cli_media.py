"""`expert-draw media`: the secret that this installation shares with its TURN server."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.opened import refusals_in_words
from app.wiring_media import TURN
from evaluation_room.media_turn import turn_secret
from foundation.keys import KeyRing
from foundation.settings import Settings

app = typer.Typer(help="Sound and picture (音视频).", no_args_is_help=True)


@app.callback()
def every() -> None:
    """May run beside the service; a key counts from its next start."""


@app.command(name="turn-key")
def turn_key(
    file: Annotated[Path, typer.Argument(help="New file with coturn's line, for its owner only.")],
    home: Annotated[Path | None, typer.Option(help="Folder of the installation.")] = None,
) -> None:
    """Write the line that goes into turnserver.conf; the key behind it is made the first time."""
    settings = Settings() if home is None else Settings(home=home)
    with refusals_in_words():
        line = f"static-auth-secret={turn_secret(KeyRing(settings.keys).secret(TURN))}\n"
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(line)
    Console().print(f"{file.name}: put its line into turnserver.conf (请写入 coturn 配置).")
