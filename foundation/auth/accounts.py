"""Use cases of an account: create, link, password, role, reset, disable, sign.

Every change is one fact in the ledger stream "accounts", without names: a reader of the
ledger sees that a role changed and who changed it, never what a person is called.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import col, select

from foundation.auth import errors
from foundation.auth.person_mark import PersonMarks, number_of
from foundation.auth.principal import Principal
from foundation.auth.roles import Role, clash
from foundation.auth.sign_ins import Issued, SignIns
from foundation.auth.store import (
    AccountRow,
    LinkRow,
    able_row,
    account_row,
    close_links,
    hashed,
    named,
    of_expert,
    open_link,
)
from foundation.auth.tokens import Tokens
from foundation.db import WriteSession
from foundation.ids import AccountId, ExpertId, new_id
from foundation.keys import KeyRing
from foundation.ledger.book import Book, Books

STREAM: Final = "accounts"
LINK_LIFE: Final = timedelta(hours=48)
LEAST_PASSWORD: Final = 10
MOST_PASSWORD: Final = 200
USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{2,63}")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as other rooms and the page see it. `person` only groups accounts."""

    id: AccountId
    username: str
    display: str
    role: Role
    expert_id: ExpertId | None
    person: str | None
    has_password: bool
    public_key: str
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link: `token` is shown once and stored only as a hash."""

    token: str
    expires_at: datetime


class Accounts:
    """Every account of this service, and the sign-ins behind them.

    Args:
        marks: makes the marks by which a real service knows one person's accounts; None: a
            demonstration, where a mark is any text and nobody needs one.
    """

    def __init__(
        self,
        books: Books,
        keys: KeyRing,
        hasher: PasswordHash | None = None,
        marks: PersonMarks | None = None,
    ) -> None:
        self._books = books
        self._marks = marks
        self._fields = keys.fields("accounts")
        self._hasher = hasher or PasswordHash((Argon2Hasher(),))
        # verified when a username is unknown, so that both answers take the same time
        self._decoy = self._hasher.hash(secrets.token_urlsafe(16))
        tokens = Tokens(keys.signing("tokens"), books.clock)
        self.sign_ins = SignIns(books.database, tokens, books.clock)
        self.principal = self.sign_ins.principal
        self.is_live = self.sign_ins.is_live
        self.on_revoked: Callable[[Callable[[str], None]], None] = self.sign_ins.on_revoked

    def create(
        self,
        username: str,
        role: Role,
        display: str,
        *,
        by: AccountId | None,
        expert_id: ExpertId | None = None,
        person_ref: str | None = None,
    ) -> Account:
        """Open an account without a password; `by` is None for the command line.

        Args:
            person_ref: whose account this is: the identity number, or any text in a
                demonstration; kept as a blind index only. An expert's is the vault's to say.

        Raises:
            UsernameTaken, ExpertNeeded, KeyRole: the account would make no sense.
            PersonMarkNeeded, PersonMarkUnfit: nobody knows whose the account would be.
            RolesIncompatible: the person holds a post that excludes this one (R-SOD-1).
        """
        if role is Role.CUSTODIAN:
            raise errors.KeyRole
        if (role is Role.EXPERT) != (expert_id is not None):
            raise errors.ExpertNeeded
        username = _plain(username)
        person = self._mark(expert_id, person_ref)
        with self._books.write() as book:
            _refuse_taken(book.db, username, expert_id)
            _refuse_clash(book.db, person, role)
            row = self._row(book.now, username, role, display, expert_id=expert_id, person=person)
            book.db.add(row)
            _record(book, "account.created", row.id, by, role=role.value)
        return self._account(row)

    def ensure_expert(self, expert_id: ExpertId) -> Account:
        """The account of an expert, opened now if there is none."""
        with self._books.read() as book:
            row = of_expert(book.db, expert_id)
        if row is not None:
            return self._account(row)
        words = f"专家 {expert_id[-6:]}"
        return self.create(str(expert_id), Role.EXPERT, words, by=None, expert_id=expert_id)

    def get(self, account_id: AccountId) -> Account:
        """One account.

        Raises:
            AccountUnknown: no such account.
        """
        with self._books.read() as book:
            return self._account(account_row(book.db, account_id))

    def by_username(self, username: str) -> Account | None:
        """The account with this username, if any."""
        with self._books.read() as book:
            row = named(book.db, username.strip().lower())
        return None if row is None else self._account(row)

    def all(self, role: Role | None = None) -> list[Account]:
        """Accounts by username; of one role where given."""
        statement = select(AccountRow).order_by(col(AccountRow.username))
        if role is not None:
            statement = statement.where(AccountRow.role == role.value)
        with self._books.read() as book:
            return [self._account(row) for row in book.db.exec(statement)]

    def is_representative(self, account_id: str) -> bool:
        """Whether the account may sit for a procuring entity (业主代表) and is not disabled."""
        found = self.all(Role.OWNER_REPRESENTATIVE)
        return any(one.id == account_id and one.disabled_at is None for one in found)

    def same_person(self, one: AccountId, other: AccountId) -> bool:
        """Whether two accounts are one person's: the same account, or the same mark (R-SOD-1)."""
        if one == other:
            return True
        with self._books.read() as book:
            rows = (book.db.get(AccountRow, id_) for id_ in (one, other))
            marks = [row.person for row in rows if row is not None and row.person is not None]
        return len(marks) == 2 and marks[0] == marks[1]

    def issue_link(self, account_id: AccountId, *, by: AccountId | None) -> Link:
        """A link for setting a password, good once within 48 hours; older ones close.

        Raises:
            AccountUnknown, AccountDisabled: nobody to give it to.
        """
        token = secrets.token_urlsafe(24)
        with self._books.write() as book:
            row = able_row(book.db, account_id)
            close_links(book.db, row.id, book.now)
            expires_at = book.now + LINK_LIFE
            book.db.add(LinkRow(digest=hashed(token), account_id=row.id, expires_at=expires_at))
            _record(book, "account.link_issued", row.id, by)
        return Link(token, expires_at)

    def look_at_link(self, token: str) -> tuple[Account, datetime]:
        """Whose link this is and until when.

        Raises:
            LinkUnknown: unknown, used, replaced or late.
        """
        with self._books.read() as book:
            link = open_link(book.db, token, self._books.clock.now())
            return self._account(able_row(book.db, AccountId(link.account_id))), link.expires_at

    def set_password(self, token: str, password: str) -> Account:
        """Use up a link and set the password; every sign-in of the account ends.

        Raises:
            LinkUnknown: unknown, used, replaced or late.
            PasswordTooWeak: shorter than ten characters, or the username.
        """
        account, _ = self.look_at_link(token)
        secret = unicodedata.normalize("NFKC", password)
        if not LEAST_PASSWORD <= len(secret) <= MOST_PASSWORD or secret.lower() == account.username:
            raise errors.PasswordTooWeak(LEAST_PASSWORD)
        password_hash = self._hasher.hash(secret)
        with self._books.write() as book:
            link = open_link(book.db, token, book.now)
            row = able_row(book.db, AccountId(link.account_id))
            close_links(book.db, row.id, book.now)
            row.password_hash = password_hash
            book.db.add(row)
            _record(book, "account.password_set", row.id, AccountId(row.id))
        self.sign_ins.end_all(account.id)
        return account

    def reset(self, account_id: AccountId, *, by: AccountId | None) -> Link:
        """Take the password away, end every sign-in and give a new link."""
        with self._books.write() as book:
            row = able_row(book.db, account_id)
            row.password_hash = None
            book.db.add(row)
            _record(book, "account.reset", row.id, by)
        self.sign_ins.end_all(account_id)
        return self.issue_link(account_id, by=by)

    def change_role(self, account_id: AccountId, role: Role, *, by: AccountId) -> Account:
        """Give the account another post; every sign-in ends.

        Raises:
            OwnAccount: administrators don't change their own post.
            ExpertNeeded, KeyRole: experts' accounts keep their role, keys have none.
            RolesIncompatible: the person holds a post that excludes it (R-SOD-1).
            PersonMarkNeeded: an older version opened the account for nobody in particular.
        """
        if account_id == by:
            raise errors.OwnAccount
        if role is Role.CUSTODIAN:
            raise errors.KeyRole
        with self._books.write() as book:
            row = able_row(book.db, account_id)
            if Role.EXPERT in (role, Role(row.role)) and role.value != row.role:
                raise errors.ExpertNeeded
            if self._marks is not None and row.person is None and role is not Role.EXPERT:
                raise errors.PersonMarkNeeded
            _refuse_clash(book.db, row.person, role, besides=row.id)
            _record(book, "account.role_changed", row.id, by, was=row.role, role=role.value)
            row.role = role.value
            book.db.add(row)
        self.sign_ins.end_all(account_id)
        return self._account(row)

    def disable(self, account_id: AccountId, reason: str, *, by: AccountId) -> Account:
        """Close the account for good; its history stays, its sign-ins end."""
        if account_id == by:
            raise errors.OwnAccount
        with self._books.write() as book:
            row = able_row(book.db, account_id)
            row.disabled_at = book.now
            close_links(book.db, row.id, book.now)
            book.db.add(row)
            _record(book, "account.disabled", row.id, by, reason=reason)
        self.sign_ins.end_all(account_id)
        return self._account(row)

    def check_password(self, username: str, password: str) -> Account:
        """Whose username and password these are. Takes about 0.15 s and 64 MiB.

        Raises:
            WrongPassword: for every cause alike, in the same time.
        """
        with self._books.read() as book:
            row = named(book.db, username.strip().lower())
        usable = row is not None and row.disabled_at is None and row.password_hash is not None
        known = row.password_hash if row is not None and usable else None
        secret = unicodedata.normalize("NFKC", password[: MOST_PASSWORD + 1])
        right = self._hasher.verify(secret, known or self._decoy)
        if row is None or known is None or not right:
            raise errors.WrongPassword
        return self._account(row)

    def issue_custodian_token(self, party: str, key: str) -> Issued:
        """A bearer token for a share holder that has just proved it holds `key` (hex).

        The caller has checked the proof. The token is good for ten minutes, or until the
        party's key is replaced (`sign_ins.end_party`); who has the key asks for another.
        """
        account_id = AccountId(f"key_{key[:16]}")
        return self.sign_ins.begin_party(account_id, Role.CUSTODIAN, party)

    def redeem_ticket(self, ticket: str, purpose: str = "room") -> Principal:
        """Who a socket's first frame speaks for; works once, within 30 seconds.

        Raises:
            TicketUnknown: unknown, used, late, for another purpose, or signed out since.
        """
        return self.sign_ins.redeem(ticket, purpose)

    def sign(self, account_id: AccountId, message: bytes) -> str:
        """Ed25519 signature (128 hex digits) by the account's own key over `message`.

        The caller puts a tag in front of what is signed, so that no signature serves twice.

        Raises:
            AccountUnknown, AccountDisabled: nobody to sign.
        """
        with self._books.read() as book:
            row = able_row(book.db, account_id)
        secret = self._fields.open(row.signing_key, context=f"account/{row.id}/key")
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
        return key.sign(message).hex()

    def public_key(self, account_id: AccountId) -> str:
        """Public half of the account's key, 64 hex digits."""
        with self._books.read() as book:
            return account_row(book.db, account_id).public_key

    def mark_experts(self) -> int:
        """Mark the experts' accounts that an older version left unmarked; answers how many."""
        if self._marks is None:
            return 0
        unmarked = select(AccountRow.id, AccountRow.expert_id).where(
            AccountRow.role == Role.EXPERT.value, col(AccountRow.person).is_(None)
        )
        with self._books.read() as book:
            found = list(book.db.exec(unmarked))
        marks = {id_: self._marks.mark_of(ExpertId(expert or "")) for id_, expert in found}
        known = {id_: mark for id_, mark in marks.items() if mark is not None}
        if known:
            with self._books.database.write() as db:
                for id_, mark in known.items():
                    row = account_row(db, AccountId(id_))
                    row.person = mark
                    db.add(row)
        return len(known)

    def forget_person(self, expert_id: ExpertId) -> None:
        """Take the mark off an erased expert's account; the account keeps its history."""
        with self._books.database.write() as db:
            if (row := of_expert(db, expert_id)) is not None:
                row.person = None
                db.add(row)

    def _mark(self, expert_id: ExpertId | None, person_ref: str | None) -> bytes | None:
        """By what the accounts of this person are known as theirs."""
        if self._marks is None:
            return self._fields.blind(person_ref) if person_ref else None
        if expert_id is not None:
            return self._marks.mark_of(expert_id)
        if not person_ref:
            raise errors.PersonMarkNeeded
        return self._marks.mark(number_of(person_ref))

    def _row(
        self,
        now: datetime,
        username: str,
        role: Role,
        display: str,
        *,
        expert_id: ExpertId | None,
        person: bytes | None,
    ) -> AccountRow:
        account_id = new_id("ac", now)
        key = Ed25519PrivateKey.generate()
        secret = key.private_bytes_raw().hex()
        return AccountRow(
            id=account_id,
            username=username,
            display=self._fields.seal(display, context=f"account/{account_id}/display"),
            role=role.value,
            expert_id=expert_id,
            person=person,
            signing_key=self._fields.seal(secret, context=f"account/{account_id}/key"),
            public_key=key.public_key().public_bytes_raw().hex(),
            created_at=now,
        )

    def _account(self, row: AccountRow) -> Account:
        return Account(
            id=AccountId(row.id),
            username=row.username,
            display=self._fields.open(row.display, context=f"account/{row.id}/display"),
            role=Role(row.role),
            expert_id=None if row.expert_id is None else ExpertId(row.expert_id),
            person=None if row.person is None else row.person.hex()[:12],
            has_password=row.password_hash is not None,
            public_key=row.public_key,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
        )


def _plain(username: str) -> str:
    plain = username.strip().lower()
    if not USERNAME.fullmatch(plain):
        raise errors.UsernameUnfit
    return plain


def _record(book: Book, type_: str, account_id: str, by: AccountId | None, **facts: str) -> None:
    actor = "command-line" if by is None else by
    book.append(STREAM, type_, {"account_id": account_id, "by": actor, **facts})


def _refuse_taken(db: WriteSession, username: str, expert_id: ExpertId | None) -> None:
    if named(db, username) is not None:
        raise errors.UsernameTaken
    if expert_id is not None and of_expert(db, expert_id) is not None:
        raise errors.ExpertHasAccount


def _refuse_clash(
    db: WriteSession, person: bytes | None, role: Role, besides: str | None = None
) -> None:
    """R-SOD-1 over every account that is said to be this person's."""
    if person is None:
        return
    others = select(AccountRow).where(
        AccountRow.person == person, col(AccountRow.disabled_at).is_(None)
    )
    for other in db.exec(others):
        if other.id != besides and clash(Role(other.role), role):
            raise errors.RolesIncompatible(other.role, role.value)
