"""Signing the report with one's own passkey: the question, and the signature it confirms."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from evaluation_room.confirmations import confirmer
from evaluation_room.core.commands import DissentReport, SignReport
from evaluation_room.routes import Guest, Rooms
from foundation.auth.passkey_routes import Here
from foundation.auth.passkey_schemas import AssertionIn, QuestionOut
from foundation.auth.passkey_site import Site
from foundation.auth.passkeys import Passkeys
from foundation.auth.schemas import In

router = APIRouter(prefix="/api", tags=["evaluations"])


@dataclass(frozen=True, slots=True)
class Devices:
    """The passkeys, and the site that a device must answer for."""

    passkeys: Passkeys
    site: Site


def _devices(request: Request, here: Here) -> Devices:
    return Devices(cast(Passkeys, request.app.state.passkeys), here)


Device = Annotated[Devices, Depends(_devices)]


class ReportAnswerIn(In):
    """What the member wishes: to sign the report, or to sign a dissent with reasons."""

    wish: Annotated[SignReport | DissentReport, Field(discriminator="type")]


class ReportSignatureIn(ReportAnswerIn):
    """The same, with what one's own device signed; a repeated `id` is done once."""

    id: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,40}$")]
    passkey: AssertionIn


class SignedOut(BaseModel):
    """The room's seq after the signature."""

    seq: int


@router.post("/evaluations/{evaluation_id}/report/question")
def question(
    evaluation_id: str, body: ReportAnswerIn, who: Guest, rooms: Rooms, device: Device
) -> QuestionOut:
    """Ask one's own device to sign the report's statement as it stands now."""
    statement = rooms.statement(evaluation_id, who, body.wish)
    asked = device.passkeys.statement_question(who.account_id, statement, device.site)
    return QuestionOut(public_key=asked)


@router.post("/evaluations/{evaluation_id}/report/signature")
def sign(
    evaluation_id: str, body: ReportSignatureIn, who: Guest, rooms: Rooms, device: Device
) -> SignedOut:
    """Sign the report, or a dissent, confirmed by one's own device."""
    answer = body.passkey.plain()
    confirm = confirmer(device.passkeys, who.account_id, answer, device.site)
    seq = rooms.handle(evaluation_id, who, body.wish, body.id, confirm=confirm)
    device.passkeys.used(answer)
    return SignedOut(seq=seq)
