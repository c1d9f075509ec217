"""Use cases of the clerk before check-in: plan, bidders, documents, criteria, ready.

Each is one fact in the evaluation's stream. `room.made_ready` hashes all of them, and
from there nothing of it changes any more.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlmodel import select
from stdnum.cn import uscc

from evaluation_room import effects, errors
from evaluation_room.committee import CommitteeFacts
from evaluation_room.core import events as facts
from evaluation_room.core import scoring, statements
from evaluation_room.core.errors import (
    BiddersUnfit,
    NotComplete,
    NotPreparing,
    TooFewBidders,
    UnknownBidder,
    UnknownSeat,
)
from evaluation_room.core.room import Room
from evaluation_room.core.values import (
    Bidder,
    Criteria,
    Document,
    DocumentKind,
    Phase,
    Project,
    SeatKind,
    SeatPlan,
)
from evaluation_room.desk import Desk
from evaluation_room.recording import record
from evaluation_room.store import EvaluationRow, OpeningKeyRow
from foundation.digest import canon
from foundation.ids import AccountId, DrawId, EvaluationId, new_id
from foundation.ledger.book import Book
from foundation.rulebook.regimes import REGIMES

MAX_PDF_BYTES: Final = 50 * 2**20
LEAST_BIDDERS: Final = 3


class Preparation:
    """What the clerk does before the room opens."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def plan(self, draw_id: DrawId, title: str, by: AccountId) -> EvaluationId:
        """Plan the evaluation of a draw; asked again by the clerk, the same evaluation.

        Raises:
            AlreadyPlanned: another clerk planned it. DrawIsOver: nobody is left to meet.
        """
        desk = self._desk
        told = desk.committee.facts(draw_id)
        with desk.books.write() as book:
            statement = select(EvaluationRow).where(EvaluationRow.draw_id == draw_id)
            if (known := book.db.exec(statement).first()) is not None:
                if known.created_by != by:
                    raise errors.AlreadyPlanned
                evaluation_id, over = EvaluationId(known.id), known.over
            elif told.over:
                raise errors.DrawIsOver
            else:
                evaluation_id, over = EvaluationId(new_id("ev", book.now)), False
                row = EvaluationRow(
                    id=evaluation_id, draw_id=draw_id, created_by=by, created_at=book.now
                )
                book.db.add(row)
                record(book, Room(), (_planned(evaluation_id, title, told),))
        desk.hub.catch_up(evaluation_id)
        # A crash before this line is made good by the next tick, or by asking again.
        if not over:
            effects.hold_draw(desk, evaluation_id)
        return evaluation_id

    def list_bidders(self, evaluation_id: str, bidders: Sequence[Bidder]) -> Room:
        """List the bidders with their opened prices; the same list again changes nothing.

        Raises:
            BiddersUnfit: ids or codes repeat, a code fails its check digit, a price is
                not positive. NotPreparing.
        """
        _check_bidders(bidders)
        room = self._desk.hub.catch_up(evaluation_id)
        if _preparing(room) and room.bidders == tuple(bidders):
            return room
        return self._add(evaluation_id, facts.BiddersListed(bidders=tuple(bidders)))

    def file_document(
        self, evaluation_id: str, data: bytes, kind: DocumentKind, title: str, bidder: str | None
    ) -> Document:
        """File a PDF; the same one for the same purpose again is the one that is there.

        Raises:
            FileTooLarge, NotAPdf, NotPreparing, UnknownBidder.
        """
        if len(data) > MAX_PDF_BYTES:
            raise errors.FileTooLarge(megabytes=MAX_PDF_BYTES // 2**20)
        pages = count_pages(data)
        if pages < 1:
            raise errors.NotAPdf
        room = self._desk.hub.catch_up(evaluation_id)
        known = {one.id for one in room.bidders}
        if (kind is DocumentKind.BID) != (bidder is not None) or (bidder and bidder not in known):
            raise UnknownBidder
        digest = self._desk.files.put(data)
        for one in room.documents if _preparing(room) else ():
            if (one.kind, one.bidder_id, one.sha256) == (kind, bidder, digest):
                return one
        document = Document(
            document_id=new_id("dc", self._desk.books.clock.now()),
            kind=kind,
            bidder_id=bidder,
            title=title,
            sha256=digest,
            pages=pages,
            bytes=len(data),
        )
        self._add(evaluation_id, facts.DocumentFiled(document=document))
        return document

    def sign_criteria(
        self, evaluation_id: str, criteria: Criteria, by: AccountId
    ) -> facts.CriteriaSigned:
        """Sign the criteria of the tender documents with the clerk's account key (R-EVAL-1).

        The same criteria under the same key again change nothing.

        Raises:
            CriteriaUnfit, PriceWeightTooLow, NotPreparing.
        """
        room = self._desk.hub.catch_up(evaluation_id)
        scoring.check_criteria(criteria, room.project.regime if room.project else "")
        digest = sha256(canon(criteria.model_dump(mode="json", exclude_none=True))).hexdigest()
        signed = facts.CriteriaSigned(
            criteria=criteria,
            sha256=digest,
            signature=self._desk.accounts.sign(by, statements.criteria(evaluation_id, digest)),
            key=self._desk.accounts.public_key(by),
        )
        same = (room.criteria_sha256, room.criteria_key) == (digest, signed.key)
        if not (_preparing(room) and same):
            self._add(evaluation_id, signed)
        return signed

    def make_ready(self, evaluation_id: str) -> Room:
        """Hash everything, set the seats, make the opening key; check-in may begin.

        Raises:
            DrawIsOver, CommitteeNotSealed, NotComplete, TooFewBidders, NotPreparing.
        """
        desk = self._desk
        told = desk.committee.facts(DrawId(desk.row(evaluation_id).draw_id))
        if told.over:
            raise errors.DrawIsOver
        if not told.sealed:
            raise errors.CommitteeNotSealed
        effects.hold_draw(desk, evaluation_id)
        seats = plan_seats(told)
        private = X25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw().hex()
        sealed = desk.fields.seal(
            private.private_bytes_raw().hex(), context=f"opening/{evaluation_id}"
        )

        def ready(book: Book, room: Room) -> Room:
            _check_complete(room)
            event = facts.MadeReady(digest=digest_of(room), opening_key=public, seats=seats)
            book.db.add(
                OpeningKeyRow(evaluation_id=evaluation_id, public_key=public, sealed=sealed)
            )
            row = book.db.get_one(EvaluationRow, evaluation_id)
            ids = [seat.seat for seat in seats if seat.kind is SeatKind.OWNER_REPRESENTATIVE]
            row.seat(dict(zip(ids, told.owner_representatives, strict=True)))
            book.db.add(row)
            return record(book, room, (event, facts.PhaseEntered(phase=Phase.CHECK_IN, by="clerk")))

        return desk.write(evaluation_id, ready)

    def appoint(self, evaluation_id: str, seat: str, account_id: AccountId) -> Room:
        """Give the vacated seat of an owner's representative to another authorised one.

        Raises:
            UnknownSeat, NotRepresentable.
        """
        desk = self._desk

        def seat_newcomer(book: Book, room: Room) -> Room:
            gone = room.seat(seat)
            if gone is None:
                raise UnknownSeat
            row = book.db.get_one(EvaluationRow, evaluation_id)
            taken = account_id in row.seat_accounts().values()
            vacant = gone in room.vacant and gone.kind is SeatKind.OWNER_REPRESENTATIVE
            if not vacant or taken or not desk.accounts.is_representative(account_id):
                raise errors.NotRepresentable
            event = effects.newcomer(room, gone)
            row.seat({**row.seat_accounts(), event.seat: account_id})
            book.db.add(row)
            return record(book, room, (event,))

        return desk.write(evaluation_id, seat_newcomer)

    def _add(self, evaluation_id: str, event: facts.RoomEvent) -> Room:
        def add(book: Book, room: Room) -> Room:
            if room.phase is not Phase.PREPARING:
                raise NotPreparing
            return record(book, room, (event,))

        self._desk.row(evaluation_id)
        return self._desk.write(evaluation_id, add)


def _planned(evaluation_id: EvaluationId, title: str, told: CommitteeFacts) -> facts.Planned:
    return facts.Planned(
        evaluation_id=evaluation_id,
        draw_id=told.draw_id,
        title=title,
        project=Project(
            project_code=told.project_code,
            project_name=told.project_name,
            section=told.section,
            regime=told.regime,
        ),
        starts_at=told.starts_at,
        place=told.place,
    )


def owner_may_lead(regime_id: str) -> bool:
    """Whether the owner's representative may lead (R-SIZE-11); not where the kind is unknown."""
    known = REGIMES.get(regime_id)
    return known is not None and known.owner_may_lead


def plan_seats(told: CommitteeFacts) -> tuple[SeatPlan, ...]:
    """Seats of a room: drawn experts by seat number, then the owner's representatives."""
    expert, owner = SeatKind.EXPERT, SeatKind.OWNER_REPRESENTATIVE
    experts = (
        SeatPlan(
            seat=effects.seat_name(expert, place),
            alias=effects.alias(expert, place),
            kind=expert,
            draw_seat=number,
        )
        for place, number in enumerate(told.seats, start=1)
    )
    owners = (
        SeatPlan(
            seat=effects.seat_name(owner, place),
            alias=effects.alias(owner, place),
            kind=owner,
            may_lead=owner_may_lead(told.regime),
        )
        for place in range(1, len(told.owner_representatives) + 1)
    )
    return (*experts, *owners)


def digest_of(room: Room) -> str:
    """SHA-256 (hex) over bidders, documents and criteria, as `room.made_ready` fixes them."""
    whole = {
        "bidders": [bidder.model_dump(mode="json") for bidder in room.bidders],
        "criteria_sha256": room.criteria_sha256,
        "documents": [one.model_dump(mode="json", exclude_none=True) for one in room.documents],
        "evaluation_id": room.evaluation_id,
    }
    return sha256(canon(whole)).hexdigest()


def _check_complete(room: Room) -> None:
    if room.phase is not Phase.PREPARING:
        raise NotPreparing
    if len(room.bidders) < LEAST_BIDDERS:
        raise TooFewBidders(least=LEAST_BIDDERS)
    if room.criteria is None:
        raise NotComplete(missing="criteria")
    if not any(one.kind is DocumentKind.TENDER for one in room.documents):
        raise NotComplete(missing="tender")
    filed = {one.bidder_id for one in room.documents}
    if any(bidder.id not in filed for bidder in room.bidders):
        raise NotComplete(missing="bid")


def _preparing(room: Room) -> bool:
    return room.phase is Phase.PREPARING


def _check_bidders(bidders: Sequence[Bidder]) -> None:
    for key in ("id", "unified_credit_code"):
        values = [getattr(bidder, key) for bidder in bidders]
        if len(set(values)) != len(values):
            raise BiddersUnfit(why=f"{key}_repeats")
    for bidder in bidders:
        if bidder.price_fen <= 0 or bidder.price_fen >= 2**53:
            raise BiddersUnfit(why="price", bidder=bidder.id)
        if not uscc.is_valid(bidder.unified_credit_code):
            raise BiddersUnfit(why="unified_credit_code", bidder=bidder.id)


def count_pages(data: bytes) -> int:
    """Pages of a PDF; 0 when it is none, or encrypted and so unreadable to the committee.

    Counts page objects in the file and in its compressed object streams, each number once.
    """
    if not data.startswith(b"%PDF-") or re.search(rb"/Encrypt\b", data):
        return 0
    return sum(len(re.findall(rb"/Type\s*/Page(?![A-Za-z])", part)) for part in _objects(data))


def _objects(data: bytes) -> Iterator[bytes]:
    yield re.sub(rb"(?s)\bstream\r?\n.*?endstream", b"", data)
    for match in re.finditer(rb"(?s)/ObjStm\b.{0,400}?\bstream\r?\n(.*?)endstream", data):
        try:
            yield zlib.decompressobj().decompress(match[1], MAX_PDF_BYTES)
        except zlib.error:
            continue
