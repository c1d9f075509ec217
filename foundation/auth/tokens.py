"""JSON Web Tokens: signed Ed25519, one issuer, one audience, a type for each use.

A token only says which sign-in it belongs to. Role, permissions and whether the sign-in is
still live are read from the database at each use, so a revocation needs no waiting.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from foundation.auth.errors import NotSignedIn
from foundation.clock import Clock

ISSUER: Final = "expert-draw"
AUDIENCE: Final = "expert-draw/api"
ALGORITHM: Final = "EdDSA"


class Use(StrEnum):
    """The `typ` of a token; one use is never taken for another."""

    ACCESS = "at+jwt"
    REFRESH = "rt+jwt"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says."""

    account_id: str
    sign_in_id: str
    token_id: str


class Tokens:
    """Makes and reads tokens with one key."""

    def __init__(self, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._key = key
        self._public = key.public_key()
        raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._key_id = sha256(raw).hexdigest()[:16]
        self._clock = clock

    def issue(
        self,
        use: Use,
        account_id: str,
        sign_in_id: str,
        life: timedelta,
        token_id: str | None = None,
    ) -> str:
        """A signed token that is good for `life` from now."""
        now = self._clock.now()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": account_id,
            "sid": sign_in_id,
            "jti": token_id or new_token_id(),
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
        }
        headers = {"kid": self._key_id, "typ": use.value}
        return jwt.encode(claims, self._key, ALGORITHM, headers)

    def read(self, use: Use, token: str) -> Claims:
        """What `token` says.

        Raises:
            NotSignedIn: not ours, for another use, changed, or over.
        """
        try:
            header = jwt.get_unverified_header(token)
            claims = self._verified(token)
        except jwt.PyJWTError as bad:
            raise NotSignedIn from bad
        if header.get("typ") != use.value or header.get("kid") != self._key_id:
            raise NotSignedIn
        if datetime.fromtimestamp(claims["exp"], UTC) <= self._clock.now():
            raise NotSignedIn
        return Claims(claims["sub"], claims["sid"], claims["jti"])

    def _verified(self, token: str) -> dict[str, Any]:
        return jwt.decode(
            token,
            self._public,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # the end is checked against the service's clock, not the library's
            options={
                "require": ["exp", "iat", "jti", "sub", "sid", "aud", "iss"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )


def new_token_id() -> str:
    """128 bits of chance, text."""
    return token_urlsafe(16)
