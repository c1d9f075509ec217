"""HTTP of passkeys: one's own, signing in with one, and what follows a lost device."""

from typing import Annotated, cast

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response

from foundation.auth import passkey_schemas as schemas
from foundation.auth.accounts import Accounts
from foundation.auth.guards import Principal, public, requires
from foundation.auth.limits import Attempts
from foundation.auth.passkey_losses import Losses
from foundation.auth.passkey_site import Site, site_of
from foundation.auth.passkeys import Passkeys, mark
from foundation.auth.roles import Permission
from foundation.auth.routes import set_cookies, signed_in
from foundation.auth.schemas import LinkOut, LinkOwnerOut, SignedInOut
from foundation.settings import Settings

router = APIRouter(prefix="/api", tags=["passkeys"])


def _passkeys(request: Request) -> Passkeys:
    return cast(Passkeys, request.app.state.passkeys)


def _losses(request: Request) -> Losses:
    return cast(Losses, request.app.state.losses)


def site_here(request: Request) -> Site:
    """The site of this request; NoSite where browsers give out no passkeys."""
    settings = cast(Settings, request.app.state.settings)
    host = request.headers.get("host", "")
    return site_of(settings.public_origin, request.url.scheme, host)


Keys = Annotated[Passkeys, Depends(_passkeys)]
Desk = Annotated[Losses, Depends(_losses)]
Here = Annotated[Site, Depends(site_here)]
Myself = Annotated[Principal, requires(Permission.SELF)]
Vouching = Annotated[Principal, requires(Permission.PASSKEYS_VOUCH)]
Cosigning = Annotated[Principal, requires(Permission.PASSKEYS_COSIGN)]
Either = Annotated[Principal, requires(Permission.PASSKEYS_VOUCH, Permission.PASSKEYS_COSIGN)]


def _count(request: Request, whose: str) -> None:
    """As often as a password, from one place and for one key or link."""
    attempts = cast(Attempts, request.app.state.attempts)
    attempts.spend(whose, request.client.host if request.client else "")


def _knock(request: Request) -> None:
    attempts = cast(Attempts, request.app.state.attempts)
    attempts.knock(request.client.host if request.client else "")


@router.post("/passkeys/question", dependencies=[public("nobody is signed in yet")])
def question(request: Request, keys: Keys, here: Here) -> schemas.QuestionOut:
    """Ask a device whose it is; the answer goes to the next door within five minutes."""
    _knock(request)
    return schemas.QuestionOut(public_key=keys.question(here))


@router.post("/passkeys/sign-in", dependencies=[public("nobody is signed in yet")])
async def sign_in(
    body: schemas.AssertionIn, request: Request, response: Response, keys: Keys, here: Here
) -> SignedInOut:
    """Sign in with a passkey: cookies for the browser, as with a password."""
    whose = f"passkey {mark(body.id)}"
    _count(request, whose)
    account = await run_sync(keys.sign_in, body.plain(), here)
    address = request.client.host if request.client else ""
    cast(Attempts, request.app.state.attempts).forgive(whose, address)
    sign_ins = cast(Accounts, request.app.state.accounts).sign_ins
    issued = await run_sync(sign_ins.begin_browser, account.id, account.role)
    set_cookies(request, response, issued)
    return signed_in(account)


@router.get("/passkeys")
def mine(keys: Keys, who: Myself) -> schemas.PasskeysOut:
    """One's own passkeys."""
    return schemas.PasskeysOut(
        passkeys=[schemas.PasskeyOut.of(one) for one in keys.of(who.account_id)],
        only=keys.only(who.account_id),
    )


@router.post("/passkeys/registration")
def registration(keys: Keys, who: Myself, here: Here) -> schemas.QuestionOut:
    """Ask a device to make a key for the account that is signed in."""
    return schemas.QuestionOut(public_key=keys.registration(who.account_id, here))


@router.post("/passkeys", status_code=201)
def register(body: schemas.NewKeyIn, keys: Keys, who: Myself, here: Here) -> schemas.PasskeyOut:
    """Keep the key that a device has made."""
    return schemas.PasskeyOut.of(keys.register(who.account_id, body.plain(), body.label, here))


@router.post("/passkeys/only")
def require(body: schemas.OnlyIn, keys: Keys, who: Myself) -> schemas.PasskeysOut:
    """Say whether a password alone shall open nothing."""
    keys.require(who.account_id, only=body.only)
    return mine(keys, who)


@router.post("/passkeys/{passkey_id}/remove")
def remove(passkey_id: str, keys: Keys, who: Myself) -> schemas.PasskeysOut:
    """Take one's own passkey away."""
    keys.remove(who.account_id, passkey_id)
    return mine(keys, who)


@router.get("/passkey-losses")
def list_losses(desk: Desk, who: Either) -> schemas.LossesOut:
    """Requests for new keys and how far each is."""
    return schemas.LossesOut(losses=[schemas.LossOut.of(one, who.account_id) for one in desk.all()])


@router.post("/passkey-losses", status_code=201)
def open_loss(body: schemas.LossIn, desk: Desk, who: Vouching) -> schemas.LossOut:
    """Vouch for a person whose device is gone."""
    made = desk.open(body.username, body.ground, body.identity, by=who.account_id)
    return schemas.LossOut.of(made, who.account_id)


@router.post("/passkey-losses/{loss_id}/decision")
def decide_loss(
    loss_id: str, body: schemas.DecisionIn, desk: Desk, who: Cosigning
) -> schemas.LossOut:
    """Sign as well, which ends the person's keys, or refuse."""
    return schemas.LossOut.of(
        desk.decide(loss_id, signed=body.signed, by=who.account_id), who.account_id
    )


@router.post("/passkey-losses/{loss_id}/link")
def hand_over(loss_id: str, desk: Desk, who: Vouching) -> LinkOut:
    """The link for a new key, shown once to who vouched."""
    link = desk.hand_over(loss_id, by=who.account_id)
    return LinkOut(link=f"/passkey-links/{link.token}", expires_at=link.expires_at)


@router.get("/passkey-links/{token}", dependencies=[public("the one-time link is the proof")])
def look_at_link(token: str, desk: Desk) -> LinkOwnerOut:
    """Whose link this is; looking does not use it up."""
    account, until = desk.owner(token)
    return LinkOwnerOut(username=account.username, role=account.role, expires_at=until)


@router.post(
    "/passkey-links/{token}/registration", dependencies=[public("the one-time link is the proof")]
)
def link_registration(token: str, request: Request, desk: Desk, here: Here) -> schemas.QuestionOut:
    """Ask a device to make the new key."""
    _knock(request)
    return schemas.QuestionOut(public_key=desk.registration(token, here))


@router.post(
    "/passkey-links/{token}",
    status_code=201,
    dependencies=[public("the one-time link is the proof")],
)
def link_register(
    token: str, body: schemas.NewKeyIn, request: Request, desk: Desk, here: Here
) -> schemas.PasskeyOut:
    """Keep the new key and use the link up."""
    _knock(request)
    return schemas.PasskeyOut.of(desk.register(token, body.plain(), body.label, here))
