"""What HTTP takes (`In`) and gives (`Out`) of evaluations."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from evaluation_room.core.events import CriteriaSigned
from evaluation_room.core.room import Room, Seat
from evaluation_room.core.served import Served
from evaluation_room.core.values import (
    Bidder,
    Criteria,
    Document,
    Phase,
    Project,
    SeatId,
    SeatKind,
    Text,
    Title,
    VoidGround,
)
from evaluation_room.hand_over import Clerks
from evaluation_room.reading import LogLine
from evaluation_room.store import EvaluationRow
from foundation.auth.accounts import Account
from foundation.ids import new_id

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EvaluationIn(_In):
    """Plan the evaluation of a draw."""

    draw_id: Identifier
    title: Title


class BidderIn(_In):
    """A bidder; without an id it gets one."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")] | None = None
    name: Title
    unified_credit_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
    price_fen: Annotated[int, Field(gt=0, lt=2**53)]

    def to_bidder(self, now: datetime) -> Bidder:
        """The value of the room."""
        return Bidder(
            id=self.id or new_id("bd", now),
            name=self.name,
            unified_credit_code=self.unified_credit_code,
            price_fen=self.price_fen,
        )


class BiddersIn(_In):
    """All bidders, in the order of the sheet."""

    bidders: Annotated[list[BidderIn], Field(min_length=1, max_length=200)]


class CriteriaIn(_In):
    """The criteria of the tender documents."""

    criteria: Criteria


class RepresentativeIn(_In):
    """Who takes the vacated seat of an owner's representative."""

    seat: SeatId
    account_id: Identifier


class HandOverIn(_In):
    """Which clerk takes the room over, and why."""

    account_id: Identifier
    note: Text


class ClerkOut(BaseModel):
    """A clerk, as the supervisor picks one."""

    id: str
    display: str

    @classmethod
    def of(cls, account: Account) -> "ClerkOut":
        """An account on the wire."""
        return cls(id=account.id, display=account.display)


class ClerksOut(BaseModel):
    """Who runs a room, whether that account may still act, and who could take it over."""

    present: ClerkOut
    able: bool
    others: list[ClerkOut]

    @classmethod
    def of(cls, clerks: Clerks) -> "ClerksOut":
        """What the supervisor chooses from."""
        return cls(
            present=ClerkOut.of(clerks.present),
            able=clerks.able,
            others=[ClerkOut.of(one) for one in clerks.others],
        )


class SeatOut(BaseModel):
    """A seat as the clerk sees it."""

    seat: SeatId
    alias: str
    kind: SeatKind
    checked_in_at: datetime | None
    void: VoidGround | None
    replaces: SeatId | None

    @classmethod
    def of(cls, seat: Seat) -> "SeatOut":
        """A seat on the wire."""
        return cls(
            seat=seat.id,
            alias=seat.alias,
            kind=seat.kind,
            checked_in_at=seat.checked_in_at,
            void=seat.void,
            replaces=seat.replaces,
        )


class EvaluationOut(BaseModel):
    """An evaluation as clerk and supervisor see it."""

    id: str
    draw_id: str
    title: str
    project: Project | None
    starts_at: datetime | None
    place: str
    phase: Phase
    phase_at: datetime | None
    paused: bool
    stopped: bool
    created_at: datetime
    bidders: list[Bidder]
    documents: list[Document]
    criteria: Criteria | None
    criteria_sha256: str | None
    digest: str | None
    seats: list[SeatOut]
    report_sha256: str | None
    final_report_sha256: str | None

    @classmethod
    def of(cls, row: EvaluationRow, room: Room) -> "EvaluationOut":
        """A row and its room on the wire."""
        return cls(
            id=row.id,
            draw_id=row.draw_id,
            title=room.title,
            project=room.project,
            starts_at=room.starts_at,
            place=room.place,
            phase=room.phase,
            phase_at=room.phase_at,
            paused=room.paused is not None,
            stopped=room.stopped is not None,
            created_at=row.created_at,
            bidders=list(room.bidders),
            documents=list(room.documents),
            criteria=room.criteria,
            criteria_sha256=room.criteria_sha256 or None,
            digest=room.digest or None,
            seats=[SeatOut.of(seat) for seat in room.all_seats],
            report_sha256=room.report.sha256 if room.report else None,
            final_report_sha256=room.completed.sha256 if room.completed else None,
        )


class EvaluationsOut(BaseModel):
    """All evaluations, newest first."""

    evaluations: list[EvaluationOut]


class DocumentOut(BaseModel):
    """A filed document."""

    document_id: str
    sha256: str
    pages: int

    @classmethod
    def of(cls, document: Document) -> "DocumentOut":
        """A document on the wire."""
        return cls(document_id=document.document_id, sha256=document.sha256, pages=document.pages)


class CriteriaOut(BaseModel):
    """Signed criteria."""

    sha256: str
    signature: str
    key: str

    @classmethod
    def of(cls, signed: CriteriaSigned) -> "CriteriaOut":
        """A signature on the wire."""
        return cls(sha256=signed.sha256, signature=signed.signature, key=signed.key)


class MyEvaluationOut(BaseModel):
    """An evaluation in which an account has a seat: time and place only (R-CONF-6)."""

    evaluation_id: str
    starts_at: datetime | None
    place: str
    phase: Phase
    can_enter: bool

    @classmethod
    def of(cls, room: Room, can_enter: bool) -> "MyEvaluationOut":
        """A room on the wire, without a project fact."""
        return cls(
            evaluation_id=room.evaluation_id,
            starts_at=room.starts_at,
            place=room.place,
            phase=room.phase,
            can_enter=can_enter,
        )


class MyTimeOut(BaseModel):
    """How long a member worked in one evaluation; minutes are whole ones, rounded up."""

    evaluation_id: str
    place: str
    checked_in_at: datetime
    answered_at: datetime
    paused_minutes: int
    worked_minutes: int

    @classmethod
    def of(cls, one: Served) -> "MyTimeOut":
        """On the wire."""
        return cls(
            evaluation_id=one.evaluation_id,
            place=one.place,
            checked_in_at=one.checked_in_at,
            answered_at=one.answered_at,
            paused_minutes=-(-int(one.paused.total_seconds()) // 60),
            worked_minutes=-(-int(one.worked.total_seconds()) // 60),
        )


class MyTimesOut(BaseModel):
    """Every evaluation that was served to its end, newest first."""

    times: list[MyTimeOut]


class MyEvaluationsOut(BaseModel):
    """Where I am expected."""

    evaluations: list[MyEvaluationOut]


class LogLineOut(BaseModel):
    """One entry."""

    index: int
    seq: int
    type: str
    at: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, line: LogLine) -> "LogLineOut":
        """An entry on the wire."""
        return cls(index=line.index, seq=line.seq, type=line.type, at=line.at, facts=line.facts)


class LogOut(BaseModel):
    """The log of an evaluation."""

    entries: list[LogLineOut]
