"""What one viewer is shown: events whole or redacted, and their fold, the `RoomView`.

The browser folds the same events into the same view; tests/vectors/room_view.json holds
streams and the views they give.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from evaluation_room.core import events as facts
from evaluation_room.core.values import (
    BidderName,
    Criteria,
    Document,
    Flag,
    Hex32,
    OpenedSheet,
    PauseGround,
    Phase,
    Project,
    RecusalAnswer,
    Results,
    ReturnGround,
    SeatId,
    SeatKind,
    SheetFault,
    Title,
    Value,
    VoidGround,
)

Signature = Literal["signed", "dissented", "deemed"]


class PlannedShown(Value):
    """`room.planned`; a member sees time and place only (R-CONF-6)."""

    type: Literal["room.planned"] = "room.planned"
    evaluation_id: str
    starts_at: datetime
    place: str
    title: Title | None = None
    project: Project | None = None


class SeatNamed(Value):
    """A seat as everybody may know it."""

    seat: SeatId
    alias: str
    kind: SeatKind
    may_lead: bool


class MadeReadyShown(Value):
    """`room.made_ready`."""

    type: Literal["room.made_ready"] = "room.made_ready"
    digest: Hex32
    opening_key: Hex32
    seats: tuple[SeatNamed, ...]


class BriefShown(Value):
    """To a member at check-in: what is bought, by which criteria, and the undertaking."""

    type: Literal["room.brief_shown"] = "room.brief_shown"
    title: Title
    project: Project
    criteria: Criteria
    criteria_sha256: Hex32
    undertaking: str
    undertaking_sha256: Hex32


class BiddersShown(Value):
    """To a member who signed the undertaking: the bidders to declare on, without prices."""

    type: Literal["room.bidders_shown"] = "room.bidders_shown"
    bidders: tuple[BidderName, ...]


class DocumentsShown(Value):
    """To a member who declared no conflict: tender documents and bids."""

    type: Literal["room.documents_shown"] = "room.documents_shown"
    documents: tuple[Document, ...]


class UndertakingShown(Value):
    """`room.undertaking_signed`."""

    type: Literal["room.undertaking_signed"] = "room.undertaking_signed"
    seat: SeatId


class RecusalShown(Value):
    """`room.recusal_declared`; answers to the seat itself and the supervisor."""

    type: Literal["room.recusal_declared"] = "room.recusal_declared"
    seat: SeatId
    answers: tuple[RecusalAnswer, ...] | None = None


class SeatVoidedShown(Value):
    """`room.seat_voided`; ground and note not to the other members."""

    type: Literal["room.seat_voided"] = "room.seat_voided"
    seat: SeatId
    ground: VoidGround | None = None
    note: str | None = None


class SeatReplacedShown(Value):
    """`room.seat_replaced`."""

    type: Literal["room.seat_replaced"] = "room.seat_replaced"
    seat: SeatId
    replaces: SeatId
    alias: str
    kind: SeatKind
    may_lead: bool


class BallotShown(Value):
    """`room.ballot_cast`; the choice to its own seat only."""

    type: Literal["room.ballot_cast"] = "room.ballot_cast"
    seat: SeatId
    round: int
    choice: SeatId | None = None


class SheetSealedShown(Value):
    """`room.sheet_sealed`; the envelope to nobody."""

    type: Literal["room.sheet_sealed"] = "room.sheet_sealed"
    seat: SeatId
    commitment: Hex32


class SheetReturnedShown(Value):
    """`room.sheet_returned`; faults to the seat itself."""

    type: Literal["room.sheet_returned"] = "room.sheet_returned"
    seat: SeatId
    ground: ReturnGround
    faults: tuple[SheetFault, ...] = ()


class ReportSignedShown(Value):
    """`room.report_signed`."""

    type: Literal["room.report_signed"] = "room.report_signed"
    seat: SeatId


class ReportDissentedShown(Value):
    """`room.report_dissented`."""

    type: Literal["room.report_dissented"] = "room.report_dissented"
    seat: SeatId
    reasons: str


ShownEvent = Annotated[
    PlannedShown
    | facts.BiddersListed
    | facts.DocumentFiled
    | facts.CriteriaSigned
    | MadeReadyShown
    | facts.PhaseEntered
    | facts.CheckedIn
    | BriefShown
    | UndertakingShown
    | BiddersShown
    | RecusalShown
    | DocumentsShown
    | SeatVoidedShown
    | SeatReplacedShown
    | BallotShown
    | facts.BallotsCounted
    | SheetSealedShown
    | facts.AllSheetsSealed
    | SheetReturnedShown
    | facts.SheetsOpened
    | facts.FlagsRaised
    | facts.ScoreAmended
    | facts.ScoreExplained
    | facts.ResultsComputed
    | facts.ReportIssued
    | ReportSignedShown
    | ReportDissentedShown
    | facts.SignatureAsked
    | facts.ConsentDeemed
    | facts.ReportCompleted
    | facts.Paused
    | facts.Resumed
    | facts.Stopped
    | facts.HandedOver
    | facts.TimeAsked
    | facts.InterferenceReported,
    Field(discriminator="type"),
]

SHOWN: TypeAdapter[ShownEvent] = TypeAdapter(ShownEvent)


class Shown(Value):
    """One event of a view stream: `seq` is the viewer's own, gapless from 1.

    `index` is the log index of the fact behind it; two events may share one.
    """

    seq: int
    at: datetime
    index: int
    event: ShownEvent


class SeatView(Value):
    """A seat on the screen."""

    seat: SeatId
    alias: str
    kind: SeatKind
    may_lead: bool
    replaces: SeatId | None = None
    void: bool = False
    void_ground: VoidGround | None = None
    checked_in_at: datetime | None = None
    undertaken: bool = False
    declared: bool = False
    answers: tuple[RecusalAnswer, ...] | None = None
    voted_round: int = 0
    sealed_at: datetime | None = None
    commitment: Hex32 | None = None
    sheet_index: int | None = None
    returned: ReturnGround | None = None
    faults: tuple[SheetFault, ...] = ()
    time_asked: bool = False
    signature: Signature | None = None
    asked_at: datetime | None = None


class BidderView(Value):
    """A bidder; code and price where this viewer may see them."""

    id: str
    name: str
    unified_credit_code: str | None = None
    price_fen: int | None = None


class Hold(Value):
    """Why the room stands still or was ended."""

    by: str
    ground: PauseGround
    note: str
    at: datetime


class ReportView(Value):
    """The report's hash and the checkpoint it names."""

    sha256: Hex32
    size: int
    root: Hex32
    at: datetime
    index: int
    completed_sha256: Hex32 | None = None


class Remark(Value):
    """Words of one seat: a dissent or an alarm."""

    seat: SeatId
    text: str
    at: datetime


class RoomView(Value):
    """Everything one viewer's screen is made of: the fold of its view stream."""

    seq: int = 0
    evaluation_id: str | None = None
    starts_at: datetime | None = None
    place: str | None = None
    title: str | None = None
    project: Project | None = None
    phase: Phase = Phase.PREPARING
    phase_at: datetime | None = None
    paused: Hold | None = None
    stopped: Hold | None = None
    replacing: tuple[SeatId, ...] = ()
    digest: Hex32 | None = None
    opening_key: Hex32 | None = None
    seats: tuple[SeatView, ...] = ()
    leader: SeatId | None = None
    round: int = 1
    counted: tuple[facts.BallotsCounted, ...] = ()
    my_choice: SeatId | None = None
    undertaking: str | None = None
    undertaking_sha256: Hex32 | None = None
    criteria: Criteria | None = None
    criteria_sha256: Hex32 | None = None
    bidders: tuple[BidderView, ...] = ()
    documents: tuple[Document, ...] = ()
    sheets: tuple[OpenedSheet, ...] = ()
    flags: tuple[Flag, ...] = ()
    open_flags: tuple[str, ...] = ()
    amended: tuple[facts.ScoreAmended, ...] = ()
    explained: tuple[facts.ScoreExplained, ...] = ()
    results: Results | None = None
    report: ReportView | None = None
    dissents: tuple[Remark, ...] = ()
    interference: tuple[Remark, ...] = ()
