"""The command line. One file a room; each is imported only when its word is said.

`expert-draw verify` is what a stranger runs: it starts without the web framework, the
database or anything else of the service.
"""

import sys
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

ROOMS: Final = {
    "account": "app.cli_account",
    "archive": "app.cli_archive",
    "classification": "app.cli_classification",
    "demo": "app.cli_demo",
    "draw": "app.cli_draw",
    "feed": "app.cli_feed",
    "ledger": "app.cli_ledger",
    "media": "app.cli_media",
    "migrate": "app.cli_migrate",
    "pool": "app.cli_pool",
}
"""First word of a command line -> the module whose `app` takes the rest."""

PROGRAMS: Final = {
    "holder": ("draw_engine.holder", "A share holder's program (密钥托管人)."),
    "vectors": ("draw_engine.vectors", "Recompute test vectors of the draw protocol."),
    "verify": ("draw_engine.verify", "Verify a published bundle (验证抽取)."),
}
"""First word -> the module whose `main(argv)` takes the rest, and what it does. These run
without the service: whoever checks a draw needs neither framework nor database."""

SELF: Final = "self"
HOLDERS: Final = ("programs", "page")
"""What `--tls` and `--holders` of `serve` take."""


class LazyGroup(TyperGroup):
    """Knows the rooms by name and imports one when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every word, imported or not."""
        return sorted([*super().list_commands(ctx), *ROOMS, *PROGRAMS])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command behind a word."""
        if cmd_name in ROOMS:
            command = typer.main.get_command(import_module(ROOMS[cmd_name]).app)
            command.name = cmd_name
            return command
        if cmd_name in PROGRAMS:
            return _described(cmd_name, PROGRAMS[cmd_name][1])
        return super().get_command(ctx, cmd_name)


def _described(name: str, help_text: str) -> Any:
    """A line in the list of commands; `main` has run the program before this is reached."""
    listed = typer.Typer(add_completion=False)
    listed.command(name, help=help_text)(lambda: None)
    return typer.main.get_command(listed)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Verifiable random expert selection (专家抽取) and remote bid evaluation (远程评标).",
)


@app.callback()
def every() -> None:
    """Settings come from EXPERT_DRAW_… variables; docs/settings.md explains each."""


@app.command()
def serve(  # noqa: PLR0917 # typer makes an option of each
    demo: Annotated[bool, typer.Option("--demo", help="Serve a demonstration.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    tls: Annotated[str | None, typer.Option(help="'self': make a local certificate.")] = None,
    tls_cert: Annotated[str | None, typer.Option(help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[str | None, typer.Option(help="Its key, PEM.")] = None,
    holders: Annotated[
        str, typer.Option(help="Demonstration: 'programs' start here, 'page' leaves them out.")
    ] = "programs",
) -> None:
    """Serve the page and its interface, one process."""
    from app.serve import Wanted, run  # noqa: PLC0415 # the service is heavy; verify isn't

    for option, value, known in (("--tls", tls, (None, SELF)), ("--holders", holders, HOLDERS)):
        if value not in known:  # a misspelt word must not serve in clear, or without holders
            raise typer.BadParameter(f"{' or '.join(filter(None, known))}", param_hint=option)
    wanted = Wanted(demo, host, port, tls, tls_cert, tls_key, holders)
    raise typer.Exit(run(wanted))


@app.command()
def contract(
    check: Annotated[bool, typer.Option("--check", help="Compare, write nothing.")] = False,
) -> None:
    """Write the contract that the page is typed by (OpenAPI and room events)."""
    from app.contract import run  # noqa: PLC0415 # the service is heavy; verify isn't

    raise typer.Exit(run(check=check))


def main() -> None:
    """Entry point of `expert-draw`."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    if first in PROGRAMS:
        raise SystemExit(import_module(PROGRAMS[first][0]).main(sys.argv[2:]))
    from app.opened import refusals_in_words  # noqa: PLC0415 # verify needs none of its imports

    with refusals_in_words():
        app()


if __name__ == "__main__":
    main()
