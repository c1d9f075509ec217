"""Use cases of a sign-in: begin, refresh, end, tickets for sockets.

A refresh token works once. If it comes a second time somebody else has a copy, and the
whole sign-in ends; within ten seconds it is taken for the second tab of one browser.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlmodel import col, delete, select

from foundation.auth.errors import NotSignedIn, TicketUnknown
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.auth.store import AccountRow, SignInRow
from foundation.auth.tokens import Tokens, Use, new_token_id
from foundation.clock import Clock
from foundation.db import Database, ReadSession, WriteSession
from foundation.ids import AccountId, ExpertId, new_id

ACCESS_LIFE: Final = timedelta(minutes=10)
REFRESH_LIFE: Final = timedelta(hours=12)
TICKET_LIFE: Final = timedelta(seconds=30)
SECOND_TAB: Final = timedelta(seconds=10)
MAX_TICKETS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens of one sign-in. `refresh` is None where the tokens may not be renewed."""

    sign_in_id: str
    access: str
    refresh: str | None


@dataclass(frozen=True, slots=True)
class _Ticket:
    who: Principal
    purpose: str
    expires_at: datetime


class SignIns:
    """Who is here now, and until when."""

    def __init__(self, database: Database, tokens: Tokens, clock: Clock) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._tickets: dict[str, _Ticket] = {}
        self._ticket_lock = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []

    def begin_browser(self, account_id: AccountId, role: Role) -> Issued:
        """A sign-in of a whole browser: short access token, refresh token that rotates."""
        row = self._begin(account_id, role, None)
        return self._pair(row.account_id, row.id, row.refresh_id)

    def begin_tab(self, account_id: AccountId, role: Role) -> Issued:
        """A sign-in of one tab of a demonstration: a bearer token for twelve hours."""
        row = self._begin(account_id, role, None)
        token = self._tokens.issue(Use.ACCESS, account_id, row.id, REFRESH_LIFE)
        return Issued(row.id, token, None)

    def begin_party(self, account_id: AccountId, role: Role, party: str) -> Issued:
        """A sign-in of a share holder: a bearer token for ten minutes, renewed by its key alone."""
        row = self._begin(account_id, role, party)
        token = self._tokens.issue(Use.ACCESS, account_id, row.id, ACCESS_LIFE)
        return Issued(row.id, token, None)

    def principal(self, token: str) -> Principal:
        """Who holds an access token of a live sign-in.

        Raises:
            NotSignedIn: not ours, over, or revoked.
        """
        claims = self._tokens.read(Use.ACCESS, token)
        with self._database.read() as db:
            who = _live(db, claims.sign_in_id, self._clock.now())
        if who is None or who.account_id != claims.account_id:
            raise NotSignedIn
        return who

    def is_live(self, who: Principal) -> bool:
        """Whether a principal met earlier is still signed in, with the same role."""
        with self._database.read() as db:
            return _live(db, who.sign_in_id, self._clock.now()) == who

    def refresh(self, token: str) -> Issued:
        """A new pair for a refresh token; the old one is used up.

        Raises:
            NotSignedIn: over, revoked, or used before (then the sign-in ends here).
        """
        claims = self._tokens.read(Use.REFRESH, token)
        now = self._clock.now()
        with self._database.write() as db:
            if _live(db, claims.sign_in_id, now) is None:
                raise NotSignedIn
            row = db.get_one(SignInRow, claims.sign_in_id)
            if claims.token_id == row.refresh_id:
                self._rotate(db, row, now)
            elif claims.token_id != row.former_refresh_id or now > row.refreshed_at + SECOND_TAB:
                row.ended_at = now
                db.add(row)
            ended, next_id = row.ended_at is not None, row.refresh_id
        if ended:
            self._tell([claims.sign_in_id])
            raise NotSignedIn
        return self._pair(claims.account_id, claims.sign_in_id, next_id)

    def end(self, sign_in_id: str) -> None:
        """End one sign-in; ending twice changes nothing."""
        self._end(SignInRow.id == sign_in_id)

    def end_all(self, account_id: AccountId) -> None:
        """End every sign-in of an account."""
        self._end(SignInRow.account_id == account_id)

    def end_party(self, party: str) -> None:
        """End every sign-in of a share holder, as when its key changes."""
        self._end(SignInRow.party == party)

    def on_revoked(self, listener: Callable[[str], None]) -> None:
        """Have `listener(sign_in_id)` called when a sign-in ends early; be quick."""
        self._listeners.append(listener)

    def ticket(self, who: Principal, purpose: str) -> tuple[str, datetime]:
        """A ticket that stands for `who` once, within 30 seconds, for one purpose."""
        now = self._clock.now()
        ticket, expires_at = secrets.token_urlsafe(24), now + TICKET_LIFE
        with self._ticket_lock:
            self._tickets = {k: t for k, t in self._tickets.items() if t.expires_at > now}
            if len(self._tickets) >= MAX_TICKETS:
                self._tickets.pop(next(iter(self._tickets)))
            self._tickets[_hashed(ticket)] = _Ticket(who, purpose, expires_at)
        return ticket, expires_at

    def redeem(self, ticket: str, purpose: str) -> Principal:
        """Who a ticket stands for; the ticket is used up, whatever the answer.

        Raises:
            TicketUnknown: unknown, used, late, for another purpose, or the sign-in ended.
        """
        with self._ticket_lock:
            found = self._tickets.pop(_hashed(ticket), None)
        if found is None or found.expires_at <= self._clock.now() or found.purpose != purpose:
            raise TicketUnknown
        if not self.is_live(found.who):
            raise TicketUnknown
        return found.who

    def _begin(self, account_id: AccountId, role: Role, party: str | None) -> SignInRow:
        now = self._clock.now()
        row = SignInRow(
            id=new_id("si", now),
            account_id=account_id,
            role=role,
            party=party,
            expires_at=now + (REFRESH_LIFE if party is None else ACCESS_LIFE),
            refresh_id=new_token_id(),
            refreshed_at=now,
        )
        with self._database.write() as db:
            if party is not None:
                # a holder at work signs in every few minutes, for years
                over = col(SignInRow.expires_at) <= now
                db.exec(delete(SignInRow).where(col(SignInRow.party) == party, over))
            db.add(row)
        return row

    def _rotate(self, db: WriteSession, row: SignInRow, now: datetime) -> None:
        row.former_refresh_id, row.refresh_id = row.refresh_id, new_token_id()
        row.refreshed_at = now
        row.expires_at = now + REFRESH_LIFE
        db.add(row)

    def _pair(self, account_id: str, sign_in_id: str, refresh_id: str) -> Issued:
        access = self._tokens.issue(Use.ACCESS, account_id, sign_in_id, ACCESS_LIFE)
        refresh = self._tokens.issue(Use.REFRESH, account_id, sign_in_id, REFRESH_LIFE, refresh_id)
        return Issued(sign_in_id, access, refresh)

    def _end(self, which: object) -> None:
        now = self._clock.now()
        with self._database.write() as db:
            rows = db.exec(
                select(SignInRow).where(which, col(SignInRow.ended_at).is_(None))  # type: ignore[arg-type] # a bool to mypy, a clause to SQLAlchemy
            ).all()
            for row in rows:
                row.ended_at = now
                db.add(row)
            ended = [row.id for row in rows]
        self._tell(ended)

    def _tell(self, ended: list[str]) -> None:
        for sign_in_id in ended:
            for listener in self._listeners:
                listener(sign_in_id)


def _live(db: ReadSession | WriteSession, sign_in_id: str, now: datetime) -> Principal | None:
    """The principal of a sign-in that is neither over nor ended, of an account that may act."""
    row = db.get(SignInRow, sign_in_id)
    if row is None or row.ended_at is not None or row.expires_at <= now:
        return None
    account_id = AccountId(row.account_id)
    if row.party is not None:
        return Principal(account_id, Role(row.role), None, row.id, row.party)
    account = db.get(AccountRow, row.account_id)
    # a role changed since is another role: who signed in for the old one signs in again
    if account is None or account.disabled_at is not None or account.role != row.role:
        return None
    expert_id = None if account.expert_id is None else ExpertId(account.expert_id)
    return Principal(account_id, Role(row.role), expert_id, row.id)


def _hashed(ticket: str) -> str:
    return sha256(ticket.encode()).hexdigest()
