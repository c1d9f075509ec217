"""`expert-draw demo`: seats that play themselves, so that one person can see a whole evaluation."""

import asyncio
from contextlib import suppress
from enum import StrEnum
from typing import Annotated

import typer

from app.demo.play import Play
from app.demo.play import play as play_all
from app.opened import refusals_in_words

app = typer.Typer(help="The demonstration (演示).", no_args_is_help=True)


class Seats(StrEnum):
    """Whose seats are played."""

    EXPERTS = "experts"
    OWNERS = "owners"


@app.callback()
def every() -> None:
    """Only a service stamped as demonstration answers."""


@app.command()
def play(
    seats: Annotated[list[Seats], typer.Option("--as", help="Whose seats; may be repeated.")],
    base_url: Annotated[str, typer.Option(help="Where the service is.")] = "http://127.0.0.1:8000",
    leave: Annotated[
        int, typer.Option(min=0, help="Invited experts left to people, counted from the first.")
    ] = 1,
    pace: Annotated[float, typer.Option(min=0, help="Seconds before each act.")] = 1.0,
    certificate: Annotated[
        str | None, typer.Option(help="Certificate to trust, with --tls self.")
    ] = None,
) -> None:
    """Accept invitations and sit in the room for generated members, until Ctrl-C."""
    what = Play(
        base_url=base_url,
        experts=Seats.EXPERTS in seats,
        owners=Seats.OWNERS in seats,
        leave=leave,
        pace=pace,
        certificate=certificate,
    )
    with refusals_in_words(), suppress(KeyboardInterrupt):
        asyncio.run(play_all(what))
