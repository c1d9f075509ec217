"""Whether what a passkey device answered is good: for this site, by its owner, to this question.

Pure: bytes in, facts out. The library checks the form and the signature (W3C Web
Authentication level 2, sections 7.1 and 7.2); what a person can be told is told apart here.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_attestation_object,
    parse_authenticator_data,
    parse_client_data_json,
)
from webauthn.helpers.structs import AuthenticatorData, CollectedClientData, CredentialDeviceType

from foundation.auth.passkey_errors import PersonNotVerified, Unreadable, WrongSite
from foundation.auth.passkey_site import Site


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a device says when it has made a key; every field base64url."""

    id: str
    client_data: str
    attestation: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a device says when its owner has agreed; every field base64url."""

    id: str
    client_data: str
    authenticator_data: str
    signature: str
    user_handle: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a device has made: `public_key` is COSE; `synced`: it may be on more devices."""

    id: str
    public_key: bytes
    sign_count: int
    synced: bool


def challenge_of(answer: NewKey | Assertion) -> bytes:
    """The question that the device says it answers.

    Raises:
        Unreadable: not what a device says.
    """
    return _client_data(answer).challenge


def check_new_key(answer: NewKey, challenge: bytes, site: Site) -> Key:
    """The key, if it is made for this site by its verified owner.

    Raises:
        WrongSite, PersonNotVerified, Unreadable: it is not.
    """
    try:
        attestation = parse_attestation_object(base64url_to_bytes(answer.attestation))
    except Exception as bad:  # whatever a parser meets in a stranger's bytes
        raise Unreadable from bad
    _same_site(_client_data(answer), attestation.auth_data, site)
    response = {"clientDataJSON": answer.client_data, "attestationObject": answer.attestation}
    try:
        made = verify_registration_response(
            credential=_credential(answer.id, response),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as bad:
        raise Unreadable from bad
    return Key(
        id=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def check_assertion(answer: Assertion, challenge: bytes, site: Site, public_key: bytes) -> int:
    """The device's count of uses, if its verified owner agreed on this site.

    The caller compares the count with the one before.

    Raises:
        WrongSite, PersonNotVerified, Unreadable: the answer is not good.
    """
    try:
        said = parse_authenticator_data(base64url_to_bytes(answer.authenticator_data))
    except Exception as bad:  # as above
        raise Unreadable from bad
    _same_site(_client_data(answer), said, site)
    response = {
        "clientDataJSON": answer.client_data,
        "authenticatorData": answer.authenticator_data,
        "signature": answer.signature,
    }
    try:
        verified = verify_authentication_response(
            credential=_credential(answer.id, response),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as bad:
        raise Unreadable from bad
    return verified.new_sign_count


def count_of(answer: Assertion) -> int:
    """The count that a checked answer tells."""
    return parse_authenticator_data(base64url_to_bytes(answer.authenticator_data)).sign_count


def went_back(before: int, now: int) -> bool:
    """Whether a count of uses fell or stood still; devices that do not count say 0 for ever."""
    return (before, now) != (0, 0) and now <= before


def _client_data(answer: NewKey | Assertion) -> CollectedClientData:
    try:
        return parse_client_data_json(base64url_to_bytes(answer.client_data))
    except Exception as bad:
        raise Unreadable from bad


def _same_site(said: CollectedClientData, device: AuthenticatorData, site: Site) -> None:
    here = sha256(site.rp_id.encode()).digest()
    if said.origin != site.origin or said.cross_origin:
        raise WrongSite
    if not hmac.compare_digest(device.rp_id_hash, here):
        raise WrongSite
    if not device.flags.uv:
        raise PersonNotVerified


def _credential(key_id: str, response: dict[str, str]) -> dict[str, Any]:
    return {"id": key_id, "rawId": key_id, "type": "public-key", "response": response}
