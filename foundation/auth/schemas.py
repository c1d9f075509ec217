"""Wire shapes of the front door."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from foundation.auth.accounts import Account, Link
from foundation.auth.roles import GRANTS, Permission, Role

Username = Annotated[str, Field(min_length=3, max_length=64)]
Password = Annotated[str, Field(min_length=1, max_length=200)]


class In(BaseModel):
    """What comes in holds what is named and nothing else."""

    model_config = ConfigDict(extra="forbid")


class SignInIn(In):
    """A username and password; `tab` asks for a token of this tab alone (demonstration)."""

    username: Username
    password: Password
    tab: bool = False


class PasswordIn(In):
    """The password a one-time link sets."""

    password: Password


class AccountIn(In):
    """A new account. `person_ref` is the identity number of whose it is, in a demonstration any
    text; an expert's account needs none.
    """

    username: Username
    role: Role
    display: Annotated[str, Field(min_length=1, max_length=64)]
    expert_id: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")] | None = None
    person_ref: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class RoleIn(In):
    """The post an account shall hold."""

    role: Role


class ReasonIn(In):
    """Why an account closes."""

    reason: Annotated[str, Field(min_length=2, max_length=200)]


class TicketIn(In):
    """What a ticket is for."""

    purpose: Annotated[str, Field(pattern="^room$")] = "room"


class AccountOut(BaseModel):
    """An account as its owner sees it."""

    id: str
    username: str
    display: str
    role: Role
    expert_id: str | None

    @classmethod
    def of(cls, account: Account) -> "AccountOut":
        """The wire form of an account."""
        return cls(
            id=account.id,
            username=account.username,
            display=account.display,
            role=account.role,
            expert_id=account.expert_id,
        )


class AccountDetailOut(AccountOut):
    """An account as administrators see it; equal `person` marks say one person."""

    person: str | None
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, account: Account) -> "AccountDetailOut":
        """The wire form of an account, in full."""
        return cls(
            **AccountOut.of(account).model_dump(),
            person=account.person,
            has_password=account.has_password,
            created_at=account.created_at,
            disabled_at=account.disabled_at,
        )


class AccountsOut(BaseModel):
    """Accounts by username."""

    accounts: list[AccountDetailOut]


class PersonOut(BaseModel):
    """An account that may be chosen, and nothing more about it."""

    id: str
    display: str


class PersonsOut(BaseModel):
    """Accounts that may be chosen."""

    accounts: list[PersonOut]


class SignedInOut(BaseModel):
    """Who is signed in; `tab_token` only where the sign-in is this tab's alone."""

    account: AccountOut
    tab_token: str | None = None


class MeOut(BaseModel):
    """Who I am and what I may do; no account before sign-in."""

    account: AccountOut | None
    permissions: list[Permission]
    demonstration: bool


class LinkOut(BaseModel):
    """The path of a one-time link, shown once."""

    link: str
    expires_at: datetime

    @classmethod
    def of(cls, link: Link) -> "LinkOut":
        """The page's path for a token."""
        return cls(link=f"/links/{link.token}", expires_at=link.expires_at)


class CreatedOut(LinkOut):
    """A new account with its first link."""

    account: AccountDetailOut


class LinkOwnerOut(BaseModel):
    """Whose link this is."""

    username: str
    role: Role
    expires_at: datetime


class TicketOut(BaseModel):
    """A ticket for the first frame of a socket."""

    ticket: str
    expires_at: datetime


class RoleOut(BaseModel):
    """One row of the table of roles."""

    role: Role
    permissions: list[Permission]
    incompatible_with: list[Role]


class RolesOut(BaseModel):
    """The table of roles; `rule` is the rule behind the incompatible pairs."""

    roles: list[RoleOut]
    rule: str = "R-SOD-1"


def permissions_of(role: Role) -> list[Permission]:
    """What a role may do, in a steady order."""
    return sorted(GRANTS[role])
