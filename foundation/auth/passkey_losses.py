"""A lost device: one person vouches, another signs, then the first hands over a link.

The clerk (评标室工作人员) confirms who stands there and says why; a supervisor (监督人员)
signs as well, which ends every key and every sign-in of that person; the clerk then gets a
link, shown once, with which the person makes a new key. Neither of the two can do it alone,
nobody does it for themselves (R-SOD-1), and each step is an entry.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from foundation.auth import passkey_errors as errors
from foundation.auth.accounts import Account, Accounts, Link
from foundation.auth.errors import AccountDisabled, AccountUnknown
from foundation.auth.passkey_checks import NewKey
from foundation.auth.passkey_site import Site
from foundation.auth.passkey_store import (
    PasskeyLossRow,
    live_passkeys,
    loss_of_link,
    losses,
    open_losses,
)
from foundation.auth.passkeys import Passkey, Passkeys, mark, record
from foundation.auth.store import able_row, account_row
from foundation.db import ReadSession, WriteSession
from foundation.ids import AccountId, new_id
from foundation.ledger.book import Books

LINK_LIFE: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Loss:
    """A request for new keys and how far it is."""

    id: str
    account: Account
    ground: str
    identity: str
    opened_by: Account
    opened_at: datetime
    decision: str
    decided_by: Account | None
    decided_at: datetime | None
    handed_over: bool
    used_at: datetime | None


class Losses:
    """Every request for new keys."""

    def __init__(self, books: Books, accounts: Accounts, passkeys: Passkeys) -> None:
        self._books = books
        self._accounts = accounts
        self._passkeys = passkeys

    def open(self, username: str, ground: str, identity: str, *, by: AccountId) -> Loss:
        """Vouch for a person whose device is gone.

        Args:
            identity: the kind of document that was compared with the person.

        Raises:
            AccountUnknown, AccountDisabled: nobody to vouch for.
            OwnLoss: it is one's own account, or another one of one's own.
            LossOpen: a request of this person is waiting.
        """
        account = self._accounts.by_username(username)
        if account is None:
            raise AccountUnknown
        with self._books.write() as book:
            able_row(book.db, account.id)
            _refuse_own(book.db, account.id, by)
            if open_losses(book.db, account.id):
                raise errors.LossOpen
            row = PasskeyLossRow(
                id=new_id("pl", book.now),
                account_id=account.id,
                ground=ground,
                identity=identity,
                opened_by=by,
                opened_at=book.now,
            )
            book.db.add(row)
            facts = {"loss": row.id, "ground": ground, "identity": identity}
            record(book, "passkey.loss_opened", account.id, by, **facts)
        return self._loss(row)

    def decide(self, loss_id: str, *, signed: bool, by: AccountId) -> Loss:
        """Sign as well, which ends the person's keys and sign-ins, or refuse.

        Raises:
            LossUnknown, LossSettled: nothing to decide.
            OwnLoss: who signs vouched for the person, or is that person.
        """
        with self._books.write() as book:
            row = _row(book.db, loss_id)
            if row.decision:
                raise errors.LossSettled
            _refuse_own(book.db, row.account_id, by)
            _refuse_own(book.db, row.opened_by, by)
            row.decision = "signed" if signed else "refused"
            row.decided_by, row.decided_at = by, book.now
            book.db.add(row)
            record(book, f"passkey.loss_{row.decision}", row.account_id, by, loss=row.id)
            for key in live_passkeys(book.db, row.account_id) if signed else ():
                key.revoked_at = book.now
                book.db.add(key)
                record(book, "passkey.revoked", row.account_id, by, passkey=mark(key.id))
        if signed:
            self._accounts.sign_ins.end_all(AccountId(row.account_id))
        return self._loss(row)

    def hand_over(self, loss_id: str, *, by: AccountId) -> Link:
        """The link for a new key, shown once to who vouched, good for two hours.

        Raises:
            LossUnknown, LossNotSigned, LossSettled: there is none to hand over.
            OwnLoss: somebody else vouched for the person.
        """
        token = secrets.token_urlsafe(24)
        with self._books.write() as book:
            row = _row(book.db, loss_id)
            if row.opened_by != by:
                raise errors.OwnLoss
            if row.decision != "signed":
                raise errors.LossNotSigned if not row.decision else errors.LossSettled
            if row.link is not None:
                raise errors.LossSettled
            able_row(book.db, AccountId(row.account_id))
            expires_at = book.now + LINK_LIFE
            row.link, row.link_expires_at = sha256(token.encode()).hexdigest(), expires_at
            book.db.add(row)
            record(book, "passkey.link_handed_over", row.account_id, by, loss=row.id)
        return Link(token, expires_at)

    def owner(self, token: str) -> tuple[Account, datetime]:
        """Whose link this is and until when.

        Raises:
            PasskeyLinkUnknown: unknown, used, late, or its account is closed.
        """
        with self._books.read() as book:
            row, until = _usable(book.db, token, self._books.clock.now())
        return self._accounts.get(AccountId(row.account_id)), until

    def registration(self, token: str, site: Site) -> dict[str, Any]:
        """As `Passkeys.registration`, for who holds the link."""
        account, _ = self.owner(token)
        return self._passkeys.registration(account.id, site)

    def register(self, token: str, answer: NewKey, label: str, site: Site) -> Passkey:
        """Keep the new key and use the link up."""
        account, _ = self.owner(token)
        key = self._passkeys.checked(account.id, answer, site)
        with self._books.write() as book:
            row, _ = _usable(book.db, token, book.now)
            row.link_used_at = book.now
            book.db.add(row)
            made = self._passkeys.keep(book, account.id, key, label, site)
            facts = {"loss": row.id, "passkey": mark(key.id)}
            record(book, "passkey.reissued", account.id, account.id, **facts)
        return made

    def all(self) -> list[Loss]:
        """Every request, newest first."""
        with self._books.read() as book:
            found = losses(book.db)
        return [self._loss(row) for row in found]

    def _loss(self, row: PasskeyLossRow) -> Loss:
        return Loss(
            id=row.id,
            account=self._person(row.account_id),
            ground=row.ground,
            identity=row.identity,
            opened_by=self._person(row.opened_by),
            opened_at=row.opened_at,
            decision=row.decision,
            decided_by=self._person(row.decided_by) if row.decided_by else None,
            decided_at=row.decided_at,
            handed_over=row.link is not None,
            used_at=row.link_used_at,
        )

    def _person(self, account_id: str) -> Account:
        return self._accounts.get(AccountId(account_id))


def _row(db: WriteSession, loss_id: str) -> PasskeyLossRow:
    row = db.get(PasskeyLossRow, loss_id)
    if row is None:
        raise errors.LossUnknown
    return row


def _usable(
    db: ReadSession | WriteSession, token: str, now: datetime
) -> tuple[PasskeyLossRow, datetime]:
    row = loss_of_link(db, token)
    if row is None or row.link_used_at is not None or row.link_expires_at is None:
        raise errors.PasskeyLinkUnknown
    if row.link_expires_at <= now:
        raise errors.PasskeyLinkUnknown
    try:
        able_row(db, AccountId(row.account_id))
    except AccountDisabled as closed:
        raise errors.PasskeyLinkUnknown from closed
    return row, row.link_expires_at


def _refuse_own(db: WriteSession, account_id: str, by: AccountId) -> None:
    """R-SOD-1: two accounts that are said to be one person's count as one."""
    person = account_row(db, AccountId(account_id)).person
    if account_id == by or (person is not None and person == account_row(db, by).person):
        raise errors.OwnLoss
