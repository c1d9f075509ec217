"""Wire shapes of passkeys and lost devices."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from foundation.auth.passkey_checks import Assertion, NewKey
from foundation.auth.passkey_losses import Loss
from foundation.auth.passkeys import Passkey
from foundation.auth.schemas import In, Username

Ground = Literal["lost", "stolen", "broken", "pin_forgotten"]
Identity = Literal["id_card", "passport", "service_card"]


def _base64url(most: int) -> Any:
    return Field(pattern="^[A-Za-z0-9_-]+$", max_length=most)


KeyId = Annotated[str, _base64url(1400)]
Label = Annotated[str, Field(min_length=1, max_length=40, pattern=r"\S")]


class AssertionIn(In):
    """What a device said when its owner agreed."""

    id: KeyId
    client_data: Annotated[str, _base64url(4096)]
    authenticator_data: Annotated[str, _base64url(4096)]
    signature: Annotated[str, _base64url(2048)]
    user_handle: Annotated[str, _base64url(128)] | None = None

    def plain(self) -> Assertion:
        """Without the wire."""
        return Assertion(
            self.id, self.client_data, self.authenticator_data, self.signature, self.user_handle
        )


class NewKeyIn(In):
    """What a device said when it had made a key, and its owner's word for it."""

    id: KeyId
    client_data: Annotated[str, _base64url(4096)]
    attestation: Annotated[str, _base64url(32768)]
    label: Label

    def plain(self) -> NewKey:
        """Without the wire and the label."""
        return NewKey(self.id, self.client_data, self.attestation)


class QuestionOut(BaseModel):
    """`publicKey` of the browser's own call, as JSON (W3C Web Authentication)."""

    public_key: dict[str, Any]


class PasskeyOut(BaseModel):
    """A passkey as its owner sees it."""

    id: str
    label: str
    site: str
    synced: bool
    created_at: datetime
    used_at: datetime | None

    @classmethod
    def of(cls, one: Passkey) -> "PasskeyOut":
        """The wire form."""
        return cls(
            id=one.id,
            label=one.label,
            site=one.rp_id,
            synced=one.synced,
            created_at=one.created_at,
            used_at=one.used_at,
        )


class PasskeysOut(BaseModel):
    """One's own passkeys; `only`: a password alone opens nothing."""

    passkeys: list[PasskeyOut]
    only: bool


class OnlyIn(In):
    """Whether a password alone shall open nothing."""

    only: bool


class LossIn(In):
    """Whose device is gone, how, and which document was compared with the person."""

    username: Username
    ground: Ground
    identity: Identity


class DecisionIn(In):
    """The second signature, or its refusal."""

    signed: bool


class LossOut(BaseModel):
    """A request for new keys; `mine` where the reader vouched for the person."""

    id: str
    username: str
    display: str
    ground: str
    identity: str
    opened_by: str
    opened_at: datetime
    decision: str
    decided_by: str | None
    decided_at: datetime | None
    handed_over: bool
    used_at: datetime | None
    mine: bool

    @classmethod
    def of(cls, one: Loss, reader: str) -> "LossOut":
        """The wire form for a reader."""
        return cls(
            id=one.id,
            username=one.account.username,
            display=one.account.display,
            ground=one.ground,
            identity=one.identity,
            opened_by=one.opened_by.display,
            opened_at=one.opened_at,
            decision=one.decision,
            decided_by=None if one.decided_by is None else one.decided_by.display,
            decided_at=one.decided_at,
            handed_over=one.handed_over,
            used_at=one.used_at,
            mine=one.opened_by.id == reader,
        )


class LossesOut(BaseModel):
    """Requests for new keys, newest first."""

    losses: list[LossOut]
