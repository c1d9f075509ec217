"""HTTP of the front door: sign in and out, who am I, accounts, links, tickets, roles."""

from functools import partial
from typing import Annotated, cast

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response

from foundation.auth import schemas
from foundation.auth.accounts import Account, Accounts
from foundation.auth.errors import NotSignedIn, SignInBusy
from foundation.auth.guards import (
    ACCESS_COOKIE,
    REFRESH_COOKIE,
    Principal,
    principal_of,
    public,
    requires,
    token_of,
)
from foundation.auth.limits import Attempts
from foundation.auth.passkeys import Passkeys
from foundation.auth.roles import GRANTS, INCOMPATIBLE, Permission, Role
from foundation.auth.sign_ins import REFRESH_LIFE, Issued
from foundation.ids import AccountId, ExpertId

MAX_WAITING = 24
REFRESH_PATH = "/api/refresh"

router = APIRouter(prefix="/api", tags=["accounts"])


def _accounts(request: Request) -> Accounts:
    return cast(Accounts, request.app.state.accounts)


Service = Annotated[Accounts, Depends(_accounts)]
Myself = Annotated[Principal, requires(Permission.SELF)]
Administrator = Annotated[Principal, requires(Permission.ACCOUNTS_MANAGE)]


@router.post("/sign-in", dependencies=[public("nobody is signed in yet")])
async def sign_in(
    body: schemas.SignInIn, request: Request, response: Response, accounts: Service
) -> schemas.SignedInOut:
    """Sign in with a password: cookies for the browser, or a token for one tab."""
    attempts = cast(Attempts, request.app.state.attempts)
    address = request.client.host if request.client else ""
    attempts.spend(body.username.strip().lower(), address)
    check = partial(accounts.check_password, body.username, body.password)
    account = await _guarded(request, check)
    attempts.forgive(account.username, address)
    # after the password: only who knows it learns that it is not enough
    await run_sync(cast(Passkeys, request.app.state.passkeys).refuse_password, account.id)
    if body.tab and request.app.state.demonstration:
        issued = await run_sync(accounts.sign_ins.begin_tab, account.id, account.role)
        return signed_in(account, issued.access)
    issued = await run_sync(accounts.sign_ins.begin_browser, account.id, account.role)
    set_cookies(request, response, issued)
    return signed_in(account)


@router.post("/sign-out", dependencies=[public("a sign-in that is over can be left too")])
def sign_out(request: Request, response: Response, accounts: Service) -> dict[str, bool]:
    """End this sign-in; the browser forgets its cookies."""
    who = principal_of(request)
    if who is not None:
        accounts.sign_ins.end(who.sign_in_id)
    response.delete_cookie(ACCESS_COOKIE, path="/")
    response.delete_cookie(REFRESH_COOKIE, path=REFRESH_PATH)
    return {"signed_out": True}


@router.post("/refresh", dependencies=[public("the refresh cookie itself is the proof")])
def refresh(request: Request, response: Response, accounts: Service) -> schemas.SignedInOut:
    """New cookies for a refresh cookie that was not used before."""
    token = request.cookies.get(REFRESH_COOKIE)
    if token is None:
        raise NotSignedIn
    issued = accounts.sign_ins.refresh(token)
    set_cookies(request, response, issued)
    return signed_in(accounts.get(accounts.principal(issued.access).account_id))


@router.get("/me", dependencies=[public("says that nobody is signed in")])
def me(request: Request, accounts: Service) -> schemas.MeOut:
    """Who I am and what I may do; a sign-in that is over is a refusal, so that it is renewed."""
    who = principal_of(request)
    if who is None and token_of(request) is not None:
        raise NotSignedIn
    demonstration = bool(request.app.state.demonstration)
    if who is None or who.role is Role.CUSTODIAN:
        return schemas.MeOut(account=None, permissions=[], demonstration=demonstration)
    return schemas.MeOut(
        account=schemas.AccountOut.of(accounts.get(who.account_id)),
        permissions=schemas.permissions_of(who.role),
        demonstration=demonstration,
    )


@router.get("/roles", dependencies=[public("who may do what is no secret of a public service")])
def roles() -> schemas.RolesOut:
    """The table of roles, what each may do and which one person may not hold together."""
    return schemas.RolesOut(
        roles=[
            schemas.RoleOut(
                role=role,
                permissions=schemas.permissions_of(role),
                incompatible_with=sorted(
                    other for other in Role if frozenset({role, other}) in INCOMPATIBLE
                ),
            )
            for role in GRANTS
        ]
    )


@router.get("/links/{token}", dependencies=[public("the one-time link itself is the proof")])
def look_at_link(token: str, accounts: Service) -> schemas.LinkOwnerOut:
    """Whose link this is; looking does not use it up."""
    account, expires_at = accounts.look_at_link(token)
    return schemas.LinkOwnerOut(username=account.username, role=account.role, expires_at=expires_at)


@router.post("/links/{token}", dependencies=[public("the one-time link itself is the proof")])
async def set_password(
    token: str, body: schemas.PasswordIn, request: Request, accounts: Service
) -> schemas.AccountOut:
    """Set the password and use the link up."""
    account = await _guarded(request, partial(accounts.set_password, token, body.password))
    return schemas.AccountOut.of(account)


@router.get("/accounts")
def list_accounts(accounts: Service, _who: Administrator) -> schemas.AccountsOut:
    """Every account."""
    return schemas.AccountsOut(
        accounts=[schemas.AccountDetailOut.of(account) for account in accounts.all()]
    )


@router.post("/accounts", status_code=201)
def create_account(
    body: schemas.AccountIn, accounts: Service, who: Administrator
) -> schemas.CreatedOut:
    """Open an account; its owner sets the password with the link."""
    account = accounts.create(
        body.username,
        body.role,
        body.display,
        by=who.account_id,
        expert_id=None if body.expert_id is None else ExpertId(body.expert_id),
        person_ref=body.person_ref,
    )
    link = schemas.LinkOut.of(accounts.issue_link(account.id, by=who.account_id))
    return schemas.CreatedOut(account=schemas.AccountDetailOut.of(account), **link.model_dump())


@router.post("/accounts/{account_id}/reset")
def reset_account(account_id: str, accounts: Service, who: Administrator) -> schemas.LinkOut:
    """Take the password away and give a new link."""
    return schemas.LinkOut.of(accounts.reset(AccountId(account_id), by=who.account_id))


@router.post("/accounts/{account_id}/disable")
def disable_account(
    account_id: str, body: schemas.ReasonIn, accounts: Service, who: Administrator
) -> schemas.AccountDetailOut:
    """Close an account for good."""
    account = accounts.disable(AccountId(account_id), body.reason, by=who.account_id)
    return schemas.AccountDetailOut.of(account)


@router.post("/accounts/{account_id}/role")
def change_role(
    account_id: str, body: schemas.RoleIn, accounts: Service, who: Administrator
) -> schemas.AccountDetailOut:
    """Give an account another post (R-SOD-1 decides whether its person may hold it)."""
    account = accounts.change_role(AccountId(account_id), body.role, by=who.account_id)
    return schemas.AccountDetailOut.of(account)


@router.get("/owner-representatives")
def owner_representatives(
    accounts: Service,
    _who: Annotated[Principal, requires(Permission.OWNER_REPRESENTATIVES_READ)],
) -> schemas.PersonsOut:
    """Who may be named as owner representative (业主代表) in a draw request."""
    found = accounts.all(Role.OWNER_REPRESENTATIVE)
    return schemas.PersonsOut(
        accounts=[
            schemas.PersonOut(id=account.id, display=account.display)
            for account in found
            if account.disabled_at is None
        ]
    )


@router.post("/tickets")
def issue_ticket(body: schemas.TicketIn, accounts: Service, who: Myself) -> schemas.TicketOut:
    """A ticket that a socket's first frame shows once, within 30 seconds."""
    ticket, expires_at = accounts.sign_ins.ticket(who, body.purpose)
    return schemas.TicketOut(ticket=ticket, expires_at=expires_at)


async def _guarded(request: Request, work: "partial[Account]") -> Account:
    """Run password hashing on at most two threads; refuse when the queue is long."""
    limiter = request.app.state.hashing
    if limiter.statistics().tasks_waiting >= MAX_WAITING:
        raise SignInBusy
    return await run_sync(work, limiter=limiter)


def signed_in(account: Account, tab_token: str | None = None) -> schemas.SignedInOut:
    """What a browser hears of its sign-in."""
    return schemas.SignedInOut(account=schemas.AccountOut.of(account), tab_token=tab_token)


def set_cookies(request: Request, response: Response, issued: Issued) -> None:
    """Give the browser its tokens, out of reach of scripts."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        ACCESS_COOKIE,
        issued.access,
        # longer than the token inside: an expired one tells the page to ask for a refresh
        max_age=int(REFRESH_LIFE.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
    response.set_cookie(
        REFRESH_COOKIE,
        issued.refresh or "",
        max_age=int(REFRESH_LIFE.total_seconds()),
        path=REFRESH_PATH,
        secure=secure,
        httponly=True,
        samesite="strict",
    )
