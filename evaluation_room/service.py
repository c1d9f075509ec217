"""Use cases of an evaluation room: enter, command, draft, what the clock brings.

Every command is one transaction: decide on the room as it is, append with `after=seq`,
and what follows by itself with it. Two people pressing at once: the second append finds a
newer seq and the wish is decided again on the room as it now is.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from pydantic import ValidationError
from sqlmodel import select

from evaluation_room import effects
from evaluation_room.core import commands as wishes
from evaluation_room.core.commands import Who
from evaluation_room.core.decide import Actor, decide, report_statement
from evaluation_room.core.errors import DraftIsNewer
from evaluation_room.core.events import PasskeyConfirmation
from evaluation_room.core.follow import due
from evaluation_room.core.room import Room
from evaluation_room.core.seen import require_seen
from evaluation_room.core.served import Served, served
from evaluation_room.core.values import Phase, SeatId
from evaluation_room.core.views import CLERK, SUPERVISOR, Viewer, ViewerRole
from evaluation_room.desk import Desk
from evaluation_room.errors import CheckInNotOpen, MayNotServe, NoPlace
from evaluation_room.hand_over import HandOver
from evaluation_room.preparing import Preparation
from evaluation_room.reading import Reading
from evaluation_room.recording import record
from evaluation_room.store import (
    CommandRow,
    DraftRow,
    EvaluationRow,
    HolderRow,
    drafts,
    evaluations,
)
from evaluation_room.stream import stream_of
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.errors import ServiceError
from foundation.ids import DrawId
from foundation.ledger.book import Book
from foundation.ledger.entry import StreamMoved

logger = logging.getLogger(__name__)

LOOK_AGAIN: Final = timedelta(seconds=5)


class RoomService(Desk):
    """Everything that happens in evaluation rooms; the clerk's part is `preparation`."""

    @cached_property
    def preparation(self) -> Preparation:
        """What the clerk does before check-in."""
        return Preparation(self)

    @cached_property
    def hand_over(self) -> HandOver:
        """How a room gets another clerk."""
        return HandOver(self)

    @cached_property
    def reading(self) -> Reading:
        """What only looks."""
        return Reading(self)

    def mine(self, who: Principal) -> list[tuple[Room, bool]]:
        """Open rooms in which an account has a seat, and whether it may enter now."""
        with self.books.read() as book:
            rows = [row for row in evaluations(book.db) if not row.over]
        found: list[tuple[Room, bool]] = []
        for row in rows:
            try:
                self._seat_of(row, who)
                room = self.hub.room(row.id)
            except NoPlace:
                continue
            except (ServiceError, ValidationError):
                # A room whose stream cannot be read must not hide a member's other rooms.
                logger.exception("room not read: %s", row.id)
                continue
            found.append((room, self._is_open(room)))
        return found

    def times(self, who: Principal) -> list[Served]:
        """How long an expert worked in each room that is over, newest first (R-PAY-4)."""
        with self.books.read() as book:
            rows = [row for row in evaluations(book.db) if row.over]
        found: list[Served | None] = []
        for row in rows:
            try:
                seat = self._seat_of(row, who)
                found.append(served(self.hub.room(row.id), self.hub.facts(row.id), seat))
            except NoPlace:
                continue
            except (ServiceError, ValidationError):
                # A room whose stream cannot be read must not hide a member's other rooms.
                logger.exception("room not read: %s", row.id)
        known = [one for one in found if one is not None]
        return sorted(known, key=lambda one: one.checked_in_at, reverse=True)

    def viewer(self, evaluation_id: str, who: Principal) -> Viewer:
        """In what capacity an account is in the room.

        Raises:
            UnknownEvaluation, NoPlace. NotYourRoom: another clerk planned it.
        """
        row = self.row(evaluation_id)
        match who.role:
            case Role.CLERK:
                self.clerks(evaluation_id, who.account_id)
                return CLERK
            case Role.SUPERVISOR:
                return SUPERVISOR
            case _:
                return Viewer(ViewerRole.SEAT, self._seat_of(row, who))

    def statement(
        self, evaluation_id: str, who: Principal, wish: wishes.SignReport | wishes.DissentReport
    ) -> bytes:
        """What a member would sign now: what their passkey is asked to sign as well.

        Raises:
            NoPlace: no member of this room.
        """
        seat = self.viewer(evaluation_id, who).seat
        if seat is None:
            raise NoPlace
        return report_statement(self.hub.catch_up(evaluation_id), seat, wish)

    def handle(
        self,
        evaluation_id: str,
        who: Principal,
        command: wishes.Command,
        command_id: str,
        *,
        confirm: Callable[[bytes], PasskeyConfirmation] | None = None,
    ) -> int:
        """Decide one command, make its events true, then let them be seen.

        Args:
            confirm: checks what the person's device signed over the statement, if they showed one.

        Returns:
            The room's seq after it; for a repeated `command_id` the one of the first time.

        Raises:
            ServiceError: refused; nothing has changed.
        """
        viewer = self.viewer(evaluation_id, who)
        actor = replace(self._actor(viewer, who), confirm=confirm)
        name = viewer.seat or who.account_id
        if isinstance(command, wishes.SaveDraft):
            return self._save_draft(evaluation_id, actor, command)

        first: list[int] = []

        def decided(book: Book, room: Room) -> Room:
            if (known := book.db.get(CommandRow, (evaluation_id, name, command_id))) is not None:
                first.append(known.seq)
                return room
            if viewer.seat:
                unseen = self.unseen(evaluation_id, viewer.seat)
                require_seen(command, unseen, self.overlay.dark_seconds)
            if isinstance(command, wishes.CheckIn):
                self._may_check_in(room, book.now, who)
            room = record(book, room, decide(room, command, actor, book.now, self.limits))
            if isinstance(command, wishes.CheckIn) and viewer.seat:
                blind = self.fields.blind(who.account_id)
                book.db.add(HolderRow(evaluation_id=evaluation_id, seat=viewer.seat, holder=blind))
            book.db.add(
                CommandRow(
                    evaluation_id=evaluation_id, actor=name, command_id=command_id, seq=room.seq
                )
            )
            return room

        room = self.write(evaluation_id, decided)
        if first:
            return first[0]
        if isinstance(command, wishes.SubmitSheet) and viewer.seat:
            self.hub.progressed(evaluation_id, viewer.seat, cells(room), cells(room))
        # After this line a crash is safe: tick() does whatever the facts still ask for.
        effects.settle(self, evaluation_id)
        return room.seq

    def has_checked_in(self, draw_id: str, number: int) -> bool:
        """Whether somebody has checked in on the seat `number` of a draw."""
        with self.books.read() as book:
            wanted = select(EvaluationRow.id).where(EvaluationRow.draw_id == draw_id)
            evaluation_id = book.db.exec(wanted).first()
            if evaluation_id is None:
                return False
            seat = self.hub.room(evaluation_id).of_draw_seat(number)
            held = seat and book.db.get(HolderRow, (evaluation_id, seat.id))
            return held is not None

    def draft(self, evaluation_id: str, seat: SeatId) -> tuple[int, str | None, datetime | None]:
        """Revision, text and time of a seat's saved draft; (0, None, None) without one."""
        with self.books.read() as book:
            row = book.db.get(DraftRow, (evaluation_id, seat))
        if row is None:
            return 0, None, None
        text = self.fields.open(row.sealed, context=_draft_context(evaluation_id, seat))
        return row.revision, text, row.saved_at

    def load_progress(self, evaluation_id: str) -> None:
        """Tell the hub how far drafts and sealed sheets are, as after a start."""
        room = self.hub.room(evaluation_id)
        of = cells(room)
        known = [(seat.id, of) for seat in room.seats if seat.sealed is not None]
        with self.books.read() as book:
            known += [(row.seat, row.done) for row in drafts(book.db, evaluation_id)]
        for seat, done in known:
            self.hub.progressed(evaluation_id, seat, done, of)

    def tick(self, now: datetime) -> datetime | None:
        """What the clock makes true in every open room; when to be asked again."""
        with self.books.read() as book:
            statement = select(EvaluationRow.id).where(EvaluationRow.over == False)  # noqa: E712 # SQL
            open_rooms = list(book.db.exec(statement))
        busy = [self._advance_quietly(evaluation_id, now) for evaluation_id in open_rooms]
        return now + LOOK_AGAIN if any(busy) else None

    def _advance_quietly(self, evaluation_id: str, now: datetime) -> bool:
        """Do what is due in one room; whether the clock has more to say there soon."""
        try:
            room = self.hub.catch_up(evaluation_id)
            if due(room, now, self.limits):
                self.write(
                    evaluation_id,
                    lambda book, room: record(book, room, due(room, now, self.limits)),
                )
            effects.settle(self, evaluation_id)
            return self.hub.room(evaluation_id).phase in (Phase.CHECK_IN, Phase.REPORT)
        except Exception:
            # One broken room must not hold up the others; it is looked at again.
            logger.exception("room not advanced: %s", evaluation_id)
            return True

    def _seat_of(self, row: EvaluationRow, who: Principal) -> SeatId:
        room = self.hub.room(row.id)
        seat_id: SeatId | None = None
        if who.role is Role.EXPERT and who.expert_id is not None:
            number = self.committee.seat_of(DrawId(row.draw_id), who.expert_id)
            seat = None if number is None else room.of_draw_seat(number)
            seat_id = seat.id if seat else None
        elif who.role is Role.OWNER_REPRESENTATIVE:
            mine = [s for s, account in row.seat_accounts().items() if account == who.account_id]
            live = {seat.id for seat in room.seats}
            seat_id = next((seat for seat in mine if seat in live), None)
        if seat_id is None or not self._is_holder(row.id, seat_id, who):
            raise NoPlace
        return seat_id

    def _is_holder(self, evaluation_id: str, seat: SeatId, who: Principal) -> bool:
        """Nobody checked in there yet, or this very account did."""
        with self.books.read() as book:
            held = book.db.get(HolderRow, (evaluation_id, seat))
        return held is None or held.holder == self.fields.blind(who.account_id)

    def _actor(self, viewer: Viewer, who: Principal) -> Actor:
        return Actor(
            who=Who(viewer.role.value),
            seat=viewer.seat,
            key=self.accounts.public_key(who.account_id),
            sign=lambda message: self.accounts.sign(who.account_id, message),
        )

    def _opens_at(self, room: Room) -> datetime | None:
        lead = timedelta(seconds=self.overlay.check_in_lead_seconds)
        return None if room.starts_at is None else room.starts_at - lead

    def _is_open(self, room: Room) -> bool:
        opens = self._opens_at(room)
        waiting = room.phase is Phase.PREPARING or opens is None
        return not waiting and opens is not None and self.books.clock.now() >= opens

    def _may_check_in(self, room: Room, now: datetime, who: Principal) -> None:
        opens = self._opens_at(room)
        if opens is not None and now < opens:
            raise CheckInNotOpen(at=opens.isoformat().replace("+00:00", "Z"))
        # Who is barred while sitting is the supervisor's to replace, not ours.
        if who.expert_id is not None and not self.may_serve(who.expert_id):
            raise MayNotServe

    def _save_draft(self, evaluation_id: str, actor: Actor, wish: wishes.SaveDraft) -> int:
        seat = actor.seat or ""
        sealed = self.fields.seal(wish.draft, context=_draft_context(evaluation_id, seat))

        def keep(book: Book, room: Room) -> Room:
            head = book.head(stream_of(evaluation_id))
            if head != room.seq:
                # The seat may have been sealed in between: no draft may outlive that.
                raise StreamMoved(head=head, after=room.seq)
            decide(room, wish, actor, book.now, self.limits)
            keep_draft(book, (evaluation_id, seat), wish, sealed)
            return room

        room = self.write(evaluation_id, keep)
        self.hub.progressed(evaluation_id, seat, wish.done, cells(room))
        return room.seq


def keep_draft(book: Book, key: tuple[str, SeatId], wish: wishes.SaveDraft, sealed: bytes) -> None:
    """Replace the draft of (evaluation, seat) by a newer one.

    Raises:
        DraftIsNewer: a newer one is there, from another tab or browser.
    """
    row = book.db.get(DraftRow, key)
    if row is None:
        row = DraftRow(
            evaluation_id=key[0], seat=key[1], revision=0, done=0, sealed=b"", saved_at=book.now
        )
    elif wish.revision < row.revision:
        raise DraftIsNewer(revision=row.revision)
    row.revision, row.done, row.sealed, row.saved_at = wish.revision, wish.done, sealed, book.now
    book.db.add(row)


def cells(room: Room) -> int:
    """Cells of one sheet."""
    return len(room.bidders) * len(room.criteria.criteria if room.criteria else ())


def _draft_context(evaluation_id: str, seat: SeatId) -> str:
    return f"draft/{evaluation_id}/{seat}"
