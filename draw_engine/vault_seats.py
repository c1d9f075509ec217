"""Invitations: who was asked to which seat, what they answered, what they were told.

Rows link an expert to a draw only through a sealed field and a blind index. A notice
says when, where and whom to call; the project is never named (R-CONF-3).
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session, col, select

from draw_engine.core.entries import evidence_digest
from draw_engine.core.errors import KeepChanged
from draw_engine.core.invitation import (
    CLASS_OF_REASON,
    SEATED,
    Act,
    DeclineReason,
    InvitationClosed,
    Status,
    moved,
)
from draw_engine.vault_store import InvitationRow, NoticeRow
from foundation.clock import Clock, seconds
from foundation.db import Database, WriteSession
from foundation.digest import canon
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId, new_id
from foundation.keys import FieldKey
from foundation.notify.outbox import Channel, Notice

NOTICES: Final = 3
"""Notices to one invited expert, evenly spread over the time to answer."""

SALT_BYTES: Final = 16

Sign = Callable[[bytes], str]


class InvitationUnknown(ServiceError):
    """The expert has no such invitation."""

    code = "draw.invitation_unknown"
    kind = Kind.NOT_FOUND


class InboxAlone:
    """The channel of an installation without a gateway: the inbox itself is the notice."""

    def deliver(self, notice: Notice) -> str:
        """Nothing leaves the house."""
        return "inbox"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an invitation tells: times are UTC; no member can hold a project fact."""

    starts_at: datetime
    place: str
    contact: str
    lasts: timedelta
    """How long the seat keeps its expert from another one, unless it is released before."""


@dataclass(frozen=True, slots=True)
class Place:
    """A seat and who was drawn for it in a step."""

    seat: int
    step: int
    slot: int
    position: int
    expert_id: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as its expert sees it."""

    id: str
    draw_id: str
    status: Status
    starts_at: datetime
    place: str
    contact: str
    reply_by: datetime
    invited_at: datetime
    answered_at: datetime | None
    reason: str
    disputed: str


@dataclass(frozen=True, slots=True)
class Held:
    """A seat that somebody was asked to or has accepted, of an evaluation that is to come."""

    draw_id: str
    seat: int
    step: int
    expert_id: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A seat whose newest invitee will not sit; `digest` commits to the evidence."""

    seat: int
    step: int
    cause: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """A notice to a seat without its person; `sent_at` is None until it was handed over."""

    seat: int
    step: int
    attempt: int
    sent_at: datetime | None
    outcome: str


class Seats:
    """The invitations of all draws; part of the vault."""

    def __init__(
        self, database: Database, fields: FieldKey, key: Ed25519PrivateKey, clock: Clock
    ) -> None:
        self._database = database
        self._fields = fields
        self._key = key
        self._clock = clock

    def invite(self, draw_id: str, places: Iterable[Place], asked: Asked, reply: timedelta) -> None:
        """Invite to seats; who was invited to them in this step stays so.

        Somebody with a seat elsewhere at that time declines by rule (R-ELIG-8): two draws
        frozen side by side can both find the same person.
        """
        now = self._clock.now()
        with self._database.write() as db:
            for place in places:
                if _newest(db, draw_id, place.seat, at_least=place.step) is not None:
                    continue
                row = self._row(draw_id, place, asked, now, now + reply)
                clash = self._clashes(db, row, asked.lasts)
                if clash:
                    self._decline(row, "conflict", {"record": "seat_elsewhere"}, now)
                db.add(row)
                if not clash:
                    for attempt in range(NOTICES):
                        due = now + reply * attempt / NOTICES
                        db.add(NoticeRow(invitation_id=row.id, attempt=attempt, due_at=due))

    def keeping(self, draw_id: str, seats: Sequence[int]) -> list[str]:
        """Expert ids of those who keep these seats of an ended draw.

        Raises:
            KeepChanged: somebody else has accepted a seat there, one of them has left it, or
                somebody has not answered.
        """
        with self._database.read() as db:
            taken = {row.seat: row for row in _newest_rows(db, draw_id) if row.status in SEATED}
        unsure = any(row.status == Status.INVITED for row in taken.values())
        if unsure or taken.keys() != set(seats):
            raise KeepChanged
        return [self._expert(taken[seat]) for seat in seats]

    def carry(self, before: str, draw_id: str, seats: Mapping[int, int]) -> None:
        """Let seats of an ended draw go on in the next, as they were answered; nobody is asked
        again, and the expert's own list shows one invitation.

        Args:
            seats: number in the draw before -> number in the next one.
        """
        now = self._clock.now()
        with self._database.write() as db:
            for was, seat in seats.items():
                old = _newest(db, before, was)
                if old is None or _newest(db, draw_id, seat) is not None:
                    continue
                id_ = new_id("inv", now)
                same = {**old.model_dump(), "id": id_, "draw_id": draw_id, "seat": seat, "step": 0}
                said = self._disputed(old)
                same["expert"] = self._fields.seal(self._expert(old), context=f"invitation/{id_}")
                same["dispute"] = self._fields.seal(said, context=f"dispute/{id_}") if said else b""
                db.add(InvitationRow(**same))
                old.status, old.cause = moved(Status(old.status), Act.CARRY), ""
                db.add(old)

    def inbox(self, expert_id: ExpertId) -> list[Invitation]:
        """An expert's invitations, newest first; a seat that was carried on stands there once."""
        with self._database.read() as db:
            rows = db.exec(
                select(InvitationRow)
                .where(
                    InvitationRow.who == self._fields.blind(expert_id),
                    InvitationRow.status != Status.KEPT,
                )
                .order_by(col(InvitationRow.invited_at).desc(), col(InvitationRow.id))
            ).all()
            return [self._shown(row) for row in rows]

    def answer(
        self, expert_id: ExpertId, invitation_id: str, accept: bool, reason: str, sign: Sign
    ) -> str:
        """Take an expert's answer; returns the draw's id.

        Args:
            reason: of `DeclineReason`, for a decline.
            sign: the account's signature over the answer's bytes, hex; it is the evidence.

        Raises:
            InvitationUnknown: not this expert's.
            InvitationClosed: it no longer takes the answer, or the time to answer is over.
        """
        now = self._clock.now()
        why = "" if accept else DeclineReason(reason).value
        said = {
            "invitation": invitation_id,
            "answer": "accept" if accept else "decline",
            "reason": why,
            "at": seconds(now),
        }
        evidence = {"said": said, "signature": sign(b"BDP1-service/answer\0" + canon(said))}
        with self._database.write() as db:
            row = self._own(db, expert_id, invitation_id)
            if accept and row.status == Status.ACCEPTED:
                return row.draw_id
            if row.status == Status.INVITED and now > row.reply_by:
                raise InvitationClosed(status=Status.UNANSWERED.value)
            if accept:
                row.status = moved(Status(row.status), Act.ACCEPT)
                row.answered_at = now
                _keep_evidence(row, canon(evidence))
            else:
                row.reason = why
                cause = CLASS_OF_REASON.get(row.reason, "refused")
                self._decline(row, cause, evidence, now)
            db.add(row)
            return row.draw_id

    def vacate(self, draw_id: str, seat: int, cause: str, evidence: bytes) -> None:
        """Take a member out of a seat for a cause found elsewhere, e.g. absence (R-REP-1).

        The same evidence again changes nothing: it must not cost the newcomer the seat.
        """
        with self._database.write() as db:
            before = select(InvitationRow.evidence).where(
                InvitationRow.draw_id == draw_id, InvitationRow.seat == seat
            )
            if evidence in db.exec(before).all():
                return
            row = _newest(db, draw_id, seat)
            if row is None:
                raise InvitationUnknown
            if row.cause:
                return
            row.status = moved(Status(row.status), Act.REPLACE)
            row.cause = cause
            _keep_evidence(row, evidence)
            db.add(row)

    def overdue(self, draw_id: str) -> None:
        """Mark who has not answered in time, once every notice was handed over."""
        now = self._clock.now()
        with self._database.write() as db:
            for row in _newest_rows(db, draw_id):
                if row.status != Status.INVITED or row.reply_by > now:
                    continue
                notices = db.exec(select(NoticeRow).where(NoticeRow.invitation_id == row.id)).all()
                if any(notice.sent_at is None for notice in notices):
                    continue
                told = [
                    {"attempt": n.attempt, "at": seconds(n.sent_at), "outcome": n.outcome}
                    for n in notices
                    if n.sent_at is not None
                ]
                row.status = moved(Status(row.status), Act.OVERDUE)
                row.cause = "unreachable"
                _keep_evidence(row, self._signed({"invitation": row.id, "notices": told}))
                db.add(row)

    def told(self, draw_id: str) -> list[Told]:
        """Every notice of a draw by seat, step and attempt; no name and no number."""
        statement = (
            select(InvitationRow, NoticeRow)
            .join(NoticeRow, col(NoticeRow.invitation_id) == col(InvitationRow.id))
            .where(InvitationRow.draw_id == draw_id)
            .order_by(col(InvitationRow.seat), col(InvitationRow.step), col(NoticeRow.attempt))
        )
        with self._database.read() as db:
            return [
                Told(row.seat, row.step, notice.attempt, notice.sent_at, notice.outcome)
                for row, notice in db.exec(statement)
            ]

    def vacancies(self, draw_id: str) -> list[Vacancy]:
        """Seats whose newest invitee will not sit, by ascending seat."""
        with self._database.read() as db:
            return [
                Vacancy(r.seat, r.step, r.cause, evidence_digest(r.evidence_salt, r.evidence))
                for r in _newest_rows(db, draw_id)
                if r.cause
            ]

    def own_declines(self, expert_id: ExpertId, draw_id: str) -> list[dict[str, Any]]:
        """Seats of a draw that became vacant by this expert, with salt and evidence in hex: what
        opens the commitment of the entry `decline`."""
        with self._database.read() as db:
            rows = db.exec(
                select(InvitationRow)
                .where(
                    InvitationRow.draw_id == draw_id,
                    InvitationRow.who == self._fields.blind(expert_id),
                    InvitationRow.cause != "",
                )
                .order_by(col(InvitationRow.seat), col(InvitationRow.step))
            )
            return [
                {
                    "seat": row.seat,
                    "class": row.cause,
                    "salt": row.evidence_salt.hex(),
                    "evidence": row.evidence.hex(),
                }
                for row in rows
            ]

    def accepted(self, draw_id: str) -> dict[int, int]:
        """Seat -> step, of seats whose newest invitee has accepted."""
        with self._database.read() as db:
            rows = _newest_rows(db, draw_id)
            return {row.seat: row.step for row in rows if row.status == Status.ACCEPTED}

    def members(self, draw_id: str) -> dict[int, str]:
        """Seat -> expert id, of those who hold a seat now."""
        with self._database.read() as db:
            return {
                row.seat: self._expert(row)
                for row in _newest_rows(db, draw_id)
                if not row.cause and row.answered_at is not None
            }

    def asked(self, draw_id: str) -> dict[tuple[int, int], ExpertId]:
        """(seat, step) -> expert, of everybody whom a draw asked, whatever they answered."""
        with self._database.read() as db:
            rows = db.exec(select(InvitationRow).where(InvitationRow.draw_id == draw_id))
            return {(row.seat, row.step): ExpertId(self._expert(row)) for row in rows}

    def invited_now(self) -> list[str]:
        """Expert ids of all who hold an invitation or a seat now, newest draw first."""
        with self._database.read() as db:
            rows = db.exec(
                select(InvitationRow)
                .where(col(InvitationRow.status).in_([one.value for one in SEATED]))
                .order_by(col(InvitationRow.starts_at).desc(), col(InvitationRow.seat))
            ).all()
            return [self._expert(row) for row in rows]

    def held_after(self, at: datetime) -> list[Held]:
        """Every seat that is held for an evaluation after an instant, the soonest first."""
        with self._database.read() as db:
            rows = db.exec(
                select(InvitationRow)
                .where(
                    col(InvitationRow.status).in_([one.value for one in SEATED]),
                    col(InvitationRow.starts_at) > at,
                )
                .order_by(col(InvitationRow.starts_at), col(InvitationRow.id))
            ).all()
            return [
                Held(row.draw_id, row.seat, row.step, self._expert(row), row.starts_at)
                for row in rows
            ]

    def next_reply_by(self, draw_id: str) -> datetime | None:
        """The earliest end of somebody's time to answer."""
        with self._database.read() as db:
            open_ = (r.reply_by for r in _newest_rows(db, draw_id) if r.status == Status.INVITED)
            return min(open_, default=None)

    def release(self, draw_id: str) -> None:
        """Let everybody of a draw go; their time is free again."""
        with self._database.write() as db:
            for row in _newest_rows(db, draw_id):
                if row.status in SEATED:
                    row.status = moved(Status(row.status), Act.RELEASE)
                    db.add(row)

    def busy(
        self,
        starts_at: datetime,
        lasts: timedelta,
        cooldown: timedelta,
        apart: Sequence[str] = (),
    ) -> set[str]:
        """Who has a seat nearer than an evaluation lasts, or the cool-down after it (R-ELIG-8).

        Args:
            apart: draws that do not count: a seat in the same section is none elsewhere.
        """
        reach = lasts + cooldown
        with self._database.read() as db:
            rows = db.exec(
                select(InvitationRow).where(
                    col(InvitationRow.starts_at) > starts_at - reach,
                    col(InvitationRow.starts_at) < starts_at + reach,
                    col(InvitationRow.draw_id).not_in(apart),
                )
            ).all()
        return {
            self._expert(row)
            for row in rows
            if row.status in SEATED
            or (cooldown and row.status == Status.RELEASED and row.starts_at <= starts_at)
        }

    def drawn_in(self, draw_ids: Sequence[str]) -> set[str]:
        """Who was drawn in one of these draws, whatever they answered."""
        with self._database.read() as db:
            rows = db.exec(
                select(InvitationRow).where(col(InvitationRow.draw_id).in_(draw_ids))
            ).all()
        return {self._expert(row) for row in rows}

    def drawn_since(self, expert_id: ExpertId, since: datetime) -> list[tuple[str, datetime]]:
        """Draw and instant of each time an expert was drawn since; a carried seat counts once.

        The draws are told to nobody before they are unsealed: that is the caller's to see to.
        """
        with self._database.read() as db:
            rows = db.exec(
                select(InvitationRow.draw_id, InvitationRow.invited_at)
                .where(
                    InvitationRow.who == self._fields.blind(expert_id),
                    InvitationRow.status != Status.KEPT,
                    InvitationRow.invited_at >= since,
                )
                .order_by(col(InvitationRow.invited_at))
            )
            return list(rows.all())

    def dispute(self, expert_id: ExpertId, invitation_id: str, text: str) -> None:
        """Keep what an expert says against a record in their name; the first word stays."""
        with self._database.write() as db:
            row = self._own(db, expert_id, invitation_id)
            if not row.dispute:
                row.dispute = self._fields.seal(text, context=f"dispute/{row.id}")
                db.add(row)

    def deliver(self, channel: Channel, phone_of: Callable[[str], str]) -> int:
        """Hand over the notices that are due; a crash in between sends one again."""
        now = self._clock.now()
        put_off: set[str] = set()
        with self._database.read() as db:
            due = db.exec(
                select(NoticeRow, InvitationRow)
                .join(InvitationRow, col(InvitationRow.id) == col(NoticeRow.invitation_id))
                .where(col(NoticeRow.sent_at).is_(None), NoticeRow.due_at <= now)
                .order_by(col(NoticeRow.id))
            ).all()
        for notice, row in due:
            if row.id in put_off:
                continue
            try:
                outcome = self._hand_over(notice, row, channel, phone_of)
            except OSError:
                # Not now: it stays due, and until it is handed over nobody is unreachable.
                continue
            with self._database.write() as db:
                kept = db.get_one(NoticeRow, notice.id)
                kept.sent_at, kept.outcome = now, outcome
                db.add(kept)
                if notice.attempt == 0 and now > notice.due_at:
                    _put_off(db, notice.invitation_id, now - notice.due_at)
                    put_off.add(row.id)
        return len(due)

    def _hand_over(
        self,
        notice: NoticeRow,
        row: InvitationRow,
        channel: Channel,
        phone_of: Callable[[str], str],
    ) -> str:
        if row.status != Status.INVITED:
            return "not_needed"
        try:
            phone = phone_of(self._expert(row))
        except ServiceError:
            return "undeliverable"
        return channel.deliver(_said(notice, row, phone))

    def _row(
        self, draw_id: str, place: Place, asked: Asked, now: datetime, reply_by: datetime
    ) -> InvitationRow:
        id_ = new_id("inv", now)
        return InvitationRow(
            id=id_,
            draw_id=draw_id,
            seat=place.seat,
            step=place.step,
            slot=place.slot,
            position=place.position,
            who=self._fields.blind(place.expert_id),
            expert=self._fields.seal(place.expert_id, context=f"invitation/{id_}"),
            status=Status.INVITED,
            place=asked.place,
            contact=asked.contact,
            starts_at=asked.starts_at,
            invited_at=now,
            reply_by=min(reply_by, asked.starts_at) if asked.starts_at > now else reply_by,
        )

    def _clashes(self, db: WriteSession, row: InvitationRow, lasts: timedelta) -> bool:
        others = db.exec(
            select(InvitationRow.status).where(
                InvitationRow.who == row.who,
                InvitationRow.draw_id != row.draw_id,
                col(InvitationRow.starts_at) > row.starts_at - lasts,
                col(InvitationRow.starts_at) < row.starts_at + lasts,
            )
        )
        return any(status in SEATED for status in others)

    def _decline(
        self, row: InvitationRow, cause: str, evidence: Mapping[str, Any], now: datetime
    ) -> None:
        row.status = moved(Status(row.status), Act.DECLINE)
        row.cause, row.answered_at = cause, now
        _keep_evidence(row, canon(evidence) if "said" in evidence else self._signed(evidence))

    def _signed(self, record: Mapping[str, Any]) -> bytes:
        signature = self._key.sign(b"BDP1-service/record\0" + canon(record))
        return canon({"record": record, "signature": signature.hex()})

    def _own(self, db: Session, expert_id: ExpertId, invitation_id: str) -> InvitationRow:
        row = db.get(InvitationRow, invitation_id)
        if row is None or row.who != self._fields.blind(expert_id):
            raise InvitationUnknown
        return row

    def _expert(self, row: InvitationRow) -> str:
        return self._fields.open(row.expert, context=f"invitation/{row.id}")

    def _disputed(self, row: InvitationRow) -> str:
        return self._fields.open(row.dispute, context=f"dispute/{row.id}") if row.dispute else ""

    def _shown(self, row: InvitationRow) -> Invitation:
        return Invitation(
            id=row.id,
            draw_id=row.draw_id,
            status=Status(row.status),
            starts_at=row.starts_at,
            place=row.place,
            contact=row.contact,
            reply_by=row.reply_by,
            invited_at=row.invited_at,
            answered_at=row.answered_at,
            reason=row.reason,
            disputed=self._disputed(row),
        )


def _said(notice: NoticeRow, row: InvitationRow, phone: str) -> Notice:
    """Time, place, contact: a notice has no member for anything else (R-CONF-3)."""
    facts = {"starts_at": seconds(row.starts_at), "place": row.place, "contact": row.contact}
    return Notice(notice.id or 0, phone, "draw.invitation", facts)


def _put_off(db: Session, invitation_id: str, late: timedelta) -> None:
    """The time to answer begins with the first notice, however late it went out."""
    row = db.get_one(InvitationRow, invitation_id)
    row.reply_by += late
    db.add(row)
    later = select(NoticeRow).where(
        NoticeRow.invitation_id == invitation_id, col(NoticeRow.sent_at).is_(None)
    )
    for notice in db.exec(later):
        notice.due_at += late
        db.add(notice)


def _keep_evidence(row: InvitationRow, evidence: bytes) -> None:
    row.evidence_salt, row.evidence = secrets.token_bytes(SALT_BYTES), evidence


def _newest_rows(db: Session, draw_id: str) -> list[InvitationRow]:
    statement = (
        select(InvitationRow)
        .where(InvitationRow.draw_id == draw_id)
        .order_by(col(InvitationRow.seat), col(InvitationRow.step))
    )
    return list({row.seat: row for row in db.exec(statement)}.values())


def _newest(db: Session, draw_id: str, seat: int, at_least: int = 0) -> InvitationRow | None:
    statement = select(InvitationRow).where(
        InvitationRow.draw_id == draw_id,
        InvitationRow.seat == seat,
        col(InvitationRow.step) >= at_least,
    )
    return db.exec(statement.order_by(col(InvitationRow.step).desc())).first()
