"""Use cases of a passkey: register, sign in, list, remove, and "only with a passkey".

A passkey is a key pair in a person's device. The device asks for PIN, finger or face each
time, and answers only to the site that the key was made for. Every act is a fact of the
stream "accounts"; a reader sees a mark of the key, never whose device it is.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from webauthn import generate_authentication_options, generate_registration_options
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from foundation.auth import passkey_errors as errors
from foundation.auth.accounts import STREAM, Account, Accounts
from foundation.auth.challenges import Challenges, Purpose
from foundation.auth.errors import AccountDisabled
from foundation.auth.passkey_checks import (
    Assertion,
    Key,
    NewKey,
    challenge_of,
    check_assertion,
    check_new_key,
    count_of,
    went_back,
)
from foundation.auth.passkey_site import Site
from foundation.auth.passkey_store import PasskeyOnlyRow, PasskeyRow, live_passkeys
from foundation.auth.store import able_row
from foundation.ids import AccountId
from foundation.keys import KeyRing
from foundation.ledger.book import Book, Books

MOST: Final = 10
SERVICE_NAME: Final = "expert-draw"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it; `label` is the owner's own word for the device."""

    id: str
    label: str
    rp_id: str
    synced: bool
    created_at: datetime
    used_at: datetime | None


class Passkeys:
    """Every passkey of this service."""

    def __init__(self, books: Books, keys: KeyRing, accounts: Accounts) -> None:
        self._books = books
        self._fields = keys.fields("accounts")
        self._accounts = accounts
        self.challenges = Challenges(books.clock)

    def registration(self, account_id: AccountId, site: Site) -> dict[str, Any]:
        """What the browser hands to a device so that it makes a key for this account.

        Raises:
            TooManyPasskeys: the account has as many as it may.
        """
        account = self._accounts.get(account_id)
        with self._books.read() as book:
            known = live_passkeys(book.db, account_id)
        _refuse_many(known)
        options = generate_registration_options(
            rp_id=site.rp_id,
            rp_name=SERVICE_NAME,
            user_id=account_id.encode(),
            user_name=account.username,
            user_display_name=account.display,
            challenge=self.challenges.ask(Purpose.REGISTER, account_id),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id)) for one in known
            ],
        )
        return dict(options_to_json_dict(options))

    def register(self, account_id: AccountId, answer: NewKey, label: str, site: Site) -> Passkey:
        """Keep the key that a device has made for a person who is signed in.

        Raises:
            ChallengeUnknown: not asked of this person, or answered before.
            WrongSite, PersonNotVerified, Unreadable: see `passkey_checks`.
            PasskeyTaken, TooManyPasskeys: it is here already, or one too many.
        """
        key = self.checked(account_id, answer, site)
        with self._books.write() as book:
            able_row(book.db, account_id)
            return self.keep(book, account_id, key, label, site)

    def checked(self, account_id: AccountId, answer: NewKey, site: Site) -> Key:
        """The key of an answer to this account's question; the question is used up."""
        challenge = challenge_of(answer)
        self.challenges.spend(challenge, Purpose.REGISTER, account_id)
        return check_new_key(answer, challenge, site)

    def keep(self, book: Book, account_id: AccountId, key: Key, label: str, site: Site) -> Passkey:
        """Record a checked key in a transaction of the caller's."""
        if book.db.get(PasskeyRow, key.id) is not None:
            raise errors.PasskeyTaken
        _refuse_many(live_passkeys(book.db, account_id))
        row = PasskeyRow(
            id=key.id,
            account_id=account_id,
            rp_id=site.rp_id,
            public_key=key.public_key,
            sign_count=key.sign_count,
            label=self._fields.seal(label.strip(), context=f"passkey/{key.id}/label"),
            synced=key.synced,
            created_at=book.now,
        )
        book.db.add(row)
        record(book, "passkey.registered", account_id, account_id, passkey=mark(key.id))
        return self._passkey(row)

    def question(self, site: Site) -> dict[str, Any]:
        """What the browser hands to a device that is to say whose it is."""
        options = generate_authentication_options(
            rp_id=site.rp_id,
            challenge=self.challenges.ask(Purpose.SIGN_IN, None),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return dict(options_to_json_dict(options))

    def sign_in(self, answer: Assertion, site: Site) -> Account:
        """Whose device this is.

        Raises:
            ChallengeUnknown: not asked, answered before, or late.
            PasskeyUnknown: no such key, revoked, of another site, or the account is closed.
            WrongSite, PersonNotVerified, Unreadable: see `passkey_checks`.
            CounterWentBack: there may be a copy of the device; the ledger says so.
        """
        challenge = challenge_of(answer)
        self.challenges.spend(challenge, Purpose.SIGN_IN, None)
        with self._books.read() as book:
            row = _known(book.db.get(PasskeyRow, answer.id), site)
        if answer.user_handle not in (None, "", _handle(row.account_id)):
            raise errors.PasskeyUnknown
        count = check_assertion(answer, challenge, site, row.public_key)
        account_id = AccountId(row.account_id)
        with self._books.write() as book:
            # read again: it may have been revoked, or used elsewhere, since
            row = _known(book.db.get(PasskeyRow, answer.id), site)
            try:
                able_row(book.db, account_id)
            except AccountDisabled as closed:
                raise errors.PasskeyUnknown from closed
            copied = went_back(row.sign_count, count)
            if copied:
                fact = "passkey.counter_went_back"
            else:
                row.sign_count, row.used_at, fact = count, book.now, "passkey.signed_in"
                book.db.add(row)
            record(book, fact, account_id, account_id, passkey=mark(row.id))
        if copied:
            raise errors.CounterWentBack
        return self._accounts.get(account_id)

    def statement_question(
        self, account_id: AccountId, statement: bytes, site: Site
    ) -> dict[str, Any]:
        """What the browser hands to one's own device so that it signs a statement.

        The question is the statement's SHA-256: no answer fits any other words.

        Raises:
            NoPasskeyYet: no device of this account to ask.
        """
        with self._books.read() as book:
            own = [one for one in live_passkeys(book.db, account_id) if one.rp_id == site.rp_id]
        if not own:
            raise errors.NoPasskeyYet
        options = generate_authentication_options(
            rp_id=site.rp_id,
            challenge=sha256(statement).digest(),
            allow_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id)) for one in own
            ],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return dict(options_to_json_dict(options))

    def confirmed(
        self, account_id: AccountId, answer: Assertion, statement: bytes, site: Site
    ) -> bytes:
        """The public key (COSE) of one's own device that signed this very statement.

        Only reads: it is asked inside the transaction that records the statement.

        Raises:
            StatementMoved: the device signed other words.
            PasskeyUnknown, WrongSite, PersonNotVerified, Unreadable, CounterWentBack.
        """
        challenge = sha256(statement).digest()
        if challenge_of(answer) != challenge:
            raise errors.StatementMoved
        with self._books.read() as book:
            row = _known(book.db.get(PasskeyRow, answer.id), site)
        if row.account_id != account_id:
            raise errors.PasskeyUnknown
        count = check_assertion(answer, challenge, site, row.public_key)
        if went_back(row.sign_count, count):
            raise errors.CounterWentBack
        return row.public_key

    def used(self, answer: Assertion) -> None:
        """Remember the device's count after `confirmed`."""
        count = count_of(answer)
        with self._books.write() as book:
            row = book.db.get(PasskeyRow, answer.id)
            if row is not None and row.revoked_at is None:
                row.sign_count, row.used_at = max(row.sign_count, count), book.now
                book.db.add(row)

    def of(self, account_id: AccountId) -> list[Passkey]:
        """The passkeys that open an account, oldest first."""
        with self._books.read() as book:
            return [self._passkey(row) for row in live_passkeys(book.db, account_id)]

    def only(self, account_id: AccountId) -> bool:
        """Whether a password alone opens nothing here."""
        with self._books.read() as book:
            return book.db.get(PasskeyOnlyRow, account_id) is not None

    def refuse_password(self, account_id: AccountId) -> None:
        """Raise PasskeyRequired where the owner said that a password alone opens nothing."""
        if self.only(account_id):
            raise errors.PasskeyRequired

    def require(self, account_id: AccountId, *, only: bool) -> None:
        """Say whether this account opens with a passkey only, or with a password as well.

        Raises:
            NoPasskeyYet: there is none to open it with.
        """
        with self._books.write() as book:
            row = book.db.get(PasskeyOnlyRow, account_id)
            if only == (row is not None):
                return
            if only and not live_passkeys(book.db, account_id):
                raise errors.NoPasskeyYet
            if row is None:
                book.db.add(PasskeyOnlyRow(account_id=account_id, since=book.now))
            else:
                book.db.delete(row)
            fact = "passkey.required" if only else "passkey.not_required"
            record(book, fact, account_id, account_id)

    def remove(self, account_id: AccountId, passkey_id: str) -> None:
        """Take away one's own passkey.

        Raises:
            PasskeyUnknown: not one of this account.
            LastPasskey: without it the account could not be opened at all.
        """
        with self._books.write() as book:
            live = live_passkeys(book.db, account_id)
            row = next((one for one in live if one.id == passkey_id), None)
            if row is None:
                raise errors.PasskeyUnknown
            if len(live) == 1 and book.db.get(PasskeyOnlyRow, account_id) is not None:
                raise errors.LastPasskey
            row.revoked_at = book.now
            book.db.add(row)
            record(book, "passkey.removed", account_id, account_id, passkey=mark(row.id))

    def _passkey(self, row: PasskeyRow) -> Passkey:
        return Passkey(
            id=row.id,
            label=self._fields.open(row.label, context=f"passkey/{row.id}/label"),
            rp_id=row.rp_id,
            synced=row.synced,
            created_at=row.created_at,
            used_at=row.used_at,
        )


def record(book: Book, type_: str, account_id: str, by: str, **facts: str) -> None:
    """A fact about an account's passkeys: marks and ids, nothing of a person."""
    book.append(STREAM, type_, {"account_id": account_id, "by": by, **facts})


def mark(passkey_id: str) -> str:
    """What the ledger calls a passkey."""
    return sha256(passkey_id.encode()).hexdigest()[:16]


def _known(row: PasskeyRow | None, site: Site) -> PasskeyRow:
    if row is None or row.revoked_at is not None or row.rp_id != site.rp_id:
        raise errors.PasskeyUnknown
    return row


def _handle(account_id: str) -> str:
    return bytes_to_base64url(account_id.encode())


def _refuse_many(known: list[PasskeyRow]) -> None:
    if len(known) >= MOST:
        raise errors.TooManyPasskeys(MOST)
