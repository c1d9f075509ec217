"""What a member's own device signed under the report, and whether it still holds in an export."""

import json
from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from evaluation_room.core import statements
from evaluation_room.core.events import PasskeyConfirmation
from foundation.auth.passkey_checks import Assertion, challenge_of, check_assertion
from foundation.auth.passkey_site import Site
from foundation.auth.passkeys import Passkeys, mark
from foundation.digest import parse_canon, sha256
from foundation.errors import ServiceError
from foundation.ids import AccountId

ACTS: Final = {"room.report_signed": "sign", "room.report_dissented": "dissent"}


def confirmer(
    passkeys: Passkeys, account_id: AccountId, answer: Assertion, site: Site
) -> Callable[[bytes], PasskeyConfirmation]:
    """What the core asks for when a person has shown a passkey: checks it, then tells it whole."""

    def confirm(statement: bytes) -> PasskeyConfirmation:
        public_key = passkeys.confirmed(account_id, answer, statement, site)
        return PasskeyConfirmation(
            passkey=mark(answer.id),
            origin=site.origin,
            rp_id=site.rp_id,
            public_key=public_key.hex(),
            client_data=base64url_to_bytes(answer.client_data).hex(),
            authenticator_data=base64url_to_bytes(answer.authenticator_data).hex(),
            signature=base64url_to_bytes(answer.signature).hex(),
        )

    return confirm


def holds(confirmation: PasskeyConfirmation, statement: bytes) -> bool:
    """Whether the device of this public key signed this statement, its owner verified."""
    answer = Assertion(
        id=bytes_to_base64url(b"export"),
        client_data=_b64(confirmation.client_data),
        authenticator_data=_b64(confirmation.authenticator_data),
        signature=_b64(confirmation.signature),
    )
    site, public_key = Site(confirmation.origin, confirmation.rp_id), confirmation.public_key
    challenge = sha256(statement)
    try:
        if challenge_of(answer) != challenge:
            return False
        check_assertion(answer, challenge, site, bytes.fromhex(public_key))
    except ServiceError:
        return False
    return True


def first_unconfirmed(data: bytes) -> int | None:
    """Log index of the first report signature of an export whose passkey does not hold.

    The export itself has been rechecked before. Signatures without a passkey are not meant.
    """
    export: Any = json.loads(data)
    for entry in export["entries"]:
        header: Any = parse_canon(bytes.fromhex(entry["leaf"]))
        act = ACTS.get(header.get("type", ""))
        if act is None or entry["body"] is None:
            continue
        body: Any = parse_canon(bytes.fromhex(entry["body"]))
        if "passkey" in body and not _entry_holds(act, str(export["evaluation_id"]), body):
            return int(entry["index"])
    return None


def _entry_holds(act: str, evaluation_id: str, body: Any) -> bool:
    statement = statements.report(
        act,
        evaluation_id,
        body["seat"],
        report_sha256=body["report_sha256"],
        head=body["head"],
        reasons=body.get("reasons", ""),
    )
    try:
        return holds(PasskeyConfirmation.model_validate(body["passkey"]), statement)
    except ValidationError:
        return False


def _b64(text: str) -> str:
    return bytes_to_base64url(bytes.fromhex(text))
