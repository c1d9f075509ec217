"""`expert-draw account`: the first administrator, who has nobody to be invited by."""

import sys
from contextlib import ExitStack
from typing import Annotated

import typer
from rich.console import Console

from app.alone import alone
from app.opened import refusals_in_words
from app.wiring import build_house
from foundation.auth.roles import Role
from foundation.clock import CHINA_STANDARD_TIME
from foundation.ids import ExpertId
from foundation.settings import Settings

app = typer.Typer(help="Accounts (账号).", no_args_is_help=True)


@app.callback()
def every() -> None:
    """Accounts are otherwise opened on the administrator's page."""


@app.command()
def create(
    username: Annotated[str, typer.Option(help="3 to 64 of a-z 0-9 . _ - @")],
    role: Annotated[Role, typer.Option(help="The post the account holds.")],
    display: Annotated[str, typer.Option(help="What the page calls it; default: username.")] = "",
    expert_id: Annotated[str, typer.Option(help="For role expert: its number.")] = "",
    person_ref: Annotated[
        str, typer.Option(help="Whose it is: identity number, asked for if not given.")
    ] = "",
) -> None:
    """Open an account and print its one-time link. The service must not be running."""
    settings = Settings()
    with refusals_in_words(), ExitStack() as open_things:
        open_things.enter_context(alone(settings))
        house = build_house(settings, demonstration=None)
        open_things.callback(house.close)
        if not person_ref and role is not Role.EXPERT and not house.stamp.demonstration:
            person_ref = _asked()
        account = house.accounts.create(
            username,
            role,
            display or username,
            by=None,
            expert_id=ExpertId(expert_id) if expert_id else None,
            person_ref=person_ref or None,
        )
        link = house.accounts.issue_link(account.id, by=None)
    until = link.expires_at.astimezone(CHINA_STANDARD_TIME)
    out = Console(soft_wrap=True)
    out.print(f"/links/{link.token}", markup=False, highlight=False)
    out.print(f"Good once, until {until:%Y-%m-%d %H:%M} (+08:00). 仅可使用一次。", highlight=False)


def _asked() -> str:
    """The owner's identity number from the keyboard, unseen; "" where nobody sits there."""
    if not sys.stdin.isatty():
        return ""
    asked: str = typer.prompt("Identity number of the owner (使用人身份证号)", hide_input=True)
    return asked
