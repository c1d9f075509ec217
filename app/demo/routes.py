"""One-click sign-in; every door here is shut unless the database carries the stamp."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.demo.accounts import CARDS, EXPERT, DemoAccounts
from app.errors import OnlyInDemonstration
from app.words import DEFAULT_LANGUAGE, Language, demo_words
from foundation.auth.accounts import Accounts
from foundation.auth.guards import public
from foundation.auth.roles import Role
from foundation.auth.schemas import AccountOut, SignedInOut

router = APIRouter(prefix="/api/demo", tags=["demonstration"])
stamped_only = [public("only a database stamped as demonstration answers here")]


class DemoAccountOut(BaseModel):
    """A card of the sign-in page."""

    id: str
    role: Role
    display: str
    about: str


class DemoAccountsOut(BaseModel):
    """Every card."""

    accounts: list[DemoAccountOut]


class DemoSignInIn(BaseModel):
    """A card; for the expert's card, which of the experts invited now (from 0)."""

    model_config = ConfigDict(extra="forbid")

    account_id: Annotated[str, Field(max_length=40)]
    invitation: Annotated[int, Field(ge=0, le=1000)] = 0
    tab: bool = True


def _demo(request: Request) -> DemoAccounts:
    """The demonstration's accounts, where there is a demonstration."""
    if not request.app.state.demonstration:
        raise OnlyInDemonstration
    return cast(DemoAccounts, request.app.state.demo)


Demo = Annotated[DemoAccounts, Depends(_demo)]


@router.get("/accounts", dependencies=stamped_only)
def cards(_demo: Demo, lang: Annotated[Language, Query()] = DEFAULT_LANGUAGE) -> DemoAccountsOut:
    """The roles one may step into."""
    words = demo_words(lang)
    expert = DemoAccountOut(
        id=EXPERT, role=Role.EXPERT, display=words[EXPERT]["display"], about=words[EXPERT]["about"]
    )
    others = [
        DemoAccountOut(
            id=card.id,
            role=card.role,
            display=words[card.id]["display"],
            about=words[card.id]["about"],
        )
        for card in CARDS
    ]
    return DemoAccountsOut(accounts=[others[0], expert, *others[1:]])


@router.post("/sign-in", dependencies=stamped_only)
def sign_in(body: DemoSignInIn, demo: Demo, request: Request) -> SignedInOut:
    """Sign this tab in as the account behind a card."""
    account = demo.find(body.account_id, body.invitation)
    accounts = cast(Accounts, request.app.state.accounts)
    issued = accounts.sign_ins.begin_tab(account.id, account.role)
    return SignedInOut(account=AccountOut.of(account), tab_token=issued.access)
