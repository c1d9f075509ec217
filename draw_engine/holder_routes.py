"""HTTP of the share holders: sign-in by key, duties, and what they give."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from draw_engine.desk import AtDesk, Desk
from draw_engine.parties import HolderUnknown, Registered
from draw_engine.schemas import Hex32, Hex64, In, Instant, Out, Text
from foundation.auth.guards import Principal, public, requires
from foundation.auth.roles import Permission
from foundation.auth.sign_ins import ACCESS_LIFE

router = APIRouter(prefix="/api/holders", tags=["holders"])

Holder = Annotated[Principal, requires(Permission.HOLDER_ACT)]
Onlooker = Annotated[Principal, requires(Permission.HOLDER_READ)]
Registrar = Annotated[Principal, requires(Permission.HOLDER_REGISTER)]
DrawIdText = Annotated[str, Field(min_length=1, max_length=60)]


class ChallengeIn(In):
    """The public key that wants to sign in."""

    key: Hex32


class ChallengeOut(Out):
    """32 bytes to sign, once, within a minute."""

    challenge: str


class SignInIn(In):
    """The challenge, signed."""

    key: Hex32
    challenge: Hex32
    signature: Hex64


class WitnessOut(Out):
    """Under which name and key a holder cosigns."""

    name: str
    key: str


class SignInOut(Out):
    """A bearer token good for `seconds`, and who the service takes the holder for."""

    token: str
    seconds: int
    party: str
    witness: WitnessOut | None


class TipIn(In):
    """A tip and its signature."""

    draw_id: DrawIdText
    tip: Hex32
    sig: Hex64


class AdmissionIn(In):
    """The supervisor's own count and the signature of its entry."""

    draw_id: DrawIdText
    M: Hex32
    accepted: Annotated[int, Field(ge=0, le=16384)]
    sig: Hex64


class RevealIn(In):
    """A chain value."""

    draw_id: DrawIdText
    j: Annotated[int, Field(ge=0, le=100_000)]
    y: Hex32


class CosignatureIn(In):
    """A witness's line under a checkpoint."""

    size: Annotated[int, Field(ge=0, le=2**40)]
    line: Annotated[str, Field(min_length=1, max_length=500)]


class AbortIn(In):
    """The supervisor's signature under an abort."""

    draw_id: DrawIdText
    reason: Annotated[str, Field(max_length=40)]
    party: Annotated[str, Field(max_length=60)]
    sig: Hex64


class HolderIn(In):
    """A public key to register. Secrets never come here."""

    party: Literal["centre", "supervisor"]
    body: Text
    home: Literal["own", "page"]
    key: Hex32
    seal: Literal[""] = ""
    witness_name: Annotated[str, Field(max_length=100, pattern=r"^[^\s+]*$")] = ""


class HolderOut(Out):
    """A registered holder."""

    party: str
    body: str
    home: str
    key: str | None
    witness: str | None

    @classmethod
    def of_holder(cls, one: Registered) -> "HolderOut":
        """The wire form."""
        return cls(
            party=one.party,
            body=one.body,
            home=one.home,
            key=one.key.hex(),
            witness=one.witness or None,
        )


class SilenceOut(Out):
    """A draw whose abort waits too long for the supervisor's signature, and since when."""

    draw_id: str
    since: Instant


class HoldersOut(Out):
    """All parties in the order of the inputs, and where the supervisor's own key is silent."""

    parties: list[HolderOut]
    silent: list[SilenceOut]


class Taken(Out):
    """It was taken, now or before."""

    taken: bool = True


_OPEN = public("a share holder has no account; it signs in with its key")


@router.post("/challenge", dependencies=[_OPEN])
def challenge(body: ChallengeIn, desk: AtDesk) -> ChallengeOut:
    """A challenge for a registered key."""
    return ChallengeOut(challenge=desk.holders.challenge(bytes.fromhex(body.key)).hex())


@router.post("/sign-in", dependencies=[_OPEN])
def sign_in(body: SignInIn, desk: AtDesk) -> SignInOut:
    """Sign in by key."""
    holder = desk.holders.sign_in(
        bytes.fromhex(body.key), bytes.fromhex(body.challenge), bytes.fromhex(body.signature)
    )
    issued = desk.accounts.issue_custodian_token(holder.party, body.key)
    witness = WitnessOut(name=holder.witness, key=holder.key.hex()) if holder.witness else None
    return SignInOut(
        token=issued.access,
        seconds=int(ACCESS_LIFE.total_seconds()),
        party=holder.party,
        witness=witness,
    )


@router.get("/policy")
def policy(_: Holder, desk: AtDesk) -> dict[str, Any]:
    """The policy in force."""
    return desk.parties.policy().as_object()


@router.get("/duties")
def duties(
    who: Holder, desk: AtDesk, witnessed: Annotated[int | None, Query(ge=0, le=2**40)] = None
) -> dict[str, Any]:
    """What is asked of this holder now, with the proofs for its own checks."""
    return desk.holders.duties(_party(who), witnessed)


@router.get("/hats/{draw_id}/{slot}", response_class=StreamingResponse)
def hat(
    draw_id: DrawIdText, slot: Annotated[int, Path(ge=0, le=1000)], who: Holder, desk: AtDesk
) -> StreamingResponse:
    """The rows of one hat for the supervisor's admission test: 116 bytes each, no name."""
    rows = desk.holders.hat(_party(who), draw_id, slot)
    return StreamingResponse(rows, media_type="application/octet-stream")


@router.post("/tips")
def give_tip(body: TipIn, who: Holder, desk: AtDesk) -> Taken:
    """Give the tip of a chain made for one draw."""
    tip, sig = bytes.fromhex(body.tip), bytes.fromhex(body.sig)
    desk.holders.give_tip(_party(who), body.draw_id, tip, sig)
    return Taken()


@router.post("/admissions")
def give_admission(body: AdmissionIn, who: Holder, desk: AtDesk) -> Taken:
    """Give the supervisor's repeated admission test."""
    m, sig = bytes.fromhex(body.M), bytes.fromhex(body.sig)
    desk.holders.give_admission(_party(who), body.draw_id, m, body.accepted, sig)
    return Taken()


@router.post("/reveals")
def reveal(body: RevealIn, who: Holder, desk: AtDesk) -> Taken:
    """Give a chain value in its turn."""
    desk.holders.reveal(_party(who), body.draw_id, body.j, bytes.fromhex(body.y))
    return Taken()


@router.post("/cosignatures")
def cosign(body: CosignatureIn, who: Holder, desk: AtDesk) -> Taken:
    """Give a witness's line under a checkpoint."""
    desk.holders.cosign(_party(who), body.size, body.line)
    return Taken()


@router.post("/aborts")
def abort(body: AbortIn, who: Holder, desk: AtDesk) -> Taken:
    """Sign the end of a draw."""
    sig = bytes.fromhex(body.sig)
    desk.holders.abort(_party(who), body.draw_id, body.reason, body.party, sig)
    return Taken()


@router.get("")
def holders(_: Onlooker, desk: AtDesk) -> HoldersOut:
    """Who holds shares here."""
    return _all(desk)


@router.post("", status_code=201)
def register(body: HolderIn, who: Registrar, desk: AtDesk) -> HoldersOut:
    """Register a public key: a new version of the policy."""
    holder = Registered(
        body.party, body.body, body.home, bytes.fromhex(body.key), body.witness_name
    )
    desk.parties.register(holder, who.account_id)
    # whoever works with the former key signs in with it no more
    desk.accounts.sign_ins.end_party(holder.party)
    return _all(desk)


def _all(desk: Desk) -> HoldersOut:
    return HoldersOut(
        parties=[HolderOut.of_holder(one) for one in desk.parties.all().values()],
        silent=[
            SilenceOut(draw_id=draw.id, since=draw.called.mark.at)
            for draw in desk.draws.silent()
            if draw.called is not None
        ],
    )


def _party(who: Principal) -> str:
    if who.party is None:
        raise HolderUnknown
    return who.party
