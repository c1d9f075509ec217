"""Every fact of a room, past tense, as the ledger holds it (stream `evaluation/<id>`).

Bodies carry seats, never accounts, expert ids or names of people.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from evaluation_room.core.values import (
    Bidder,
    Criteria,
    Document,
    Envelope,
    Flag,
    Hex,
    Hex32,
    Key,
    Note,
    OpenedSheet,
    PauseGround,
    Phase,
    Project,
    RecusalAnswer,
    Results,
    ReturnGround,
    Score,
    SeatId,
    SeatKind,
    SeatPlan,
    SheetFault,
    Tally,
    Text,
    Title,
    Value,
    VoidGround,
)

By = Literal["clerk", "supervisor", "leader", "seat", "system"]


class Planned(Value):
    """An evaluation was planned for a draw."""

    type: Literal["room.planned"] = "room.planned"
    evaluation_id: str
    draw_id: str
    title: Title
    project: Project
    starts_at: datetime
    place: str


class BiddersListed(Value):
    """The bidders with their opened prices; a later list replaces an earlier one."""

    type: Literal["room.bidders_listed"] = "room.bidders_listed"
    bidders: tuple[Bidder, ...]


class DocumentFiled(Value):
    """A document was filed under its hash."""

    type: Literal["room.document_filed"] = "room.document_filed"
    document: Document


class CriteriaSigned(Value):
    """The clerk signed the criteria of the tender documents (R-EVAL-1)."""

    type: Literal["room.criteria_signed"] = "room.criteria_signed"
    criteria: Criteria
    sha256: Hex32
    signature: Hex
    key: Hex32


class MadeReady(Value):
    """Everything is hashed; check-in may begin. `opening_key` is X25519, raw."""

    type: Literal["room.made_ready"] = "room.made_ready"
    digest: Hex32
    opening_key: Hex32
    seats: tuple[SeatPlan, ...]


class PhaseEntered(Value):
    """The room went on, or back to scoring because a seat was voided."""

    type: Literal["room.phase_entered"] = "room.phase_entered"
    phase: Phase
    by: By


class CheckedIn(Value):
    """A member is in the seat (签到)."""

    type: Literal["room.checked_in"] = "room.checked_in"
    seat: SeatId


class UndertakingSigned(Value):
    """A member signed the undertaking (承诺书) whose text has this hash."""

    type: Literal["room.undertaking_signed"] = "room.undertaking_signed"
    seat: SeatId
    text_sha256: Hex32
    signature: Hex
    key: Hex32


class RecusalDeclared(Value):
    """A member answered for every bidder, and signed it (R-REC-21b)."""

    type: Literal["room.recusal_declared"] = "room.recusal_declared"
    seat: SeatId
    answers: tuple[RecusalAnswer, ...]
    signature: Hex
    key: Hex32


class SeatVoided(Value):
    """A seat's work is void; it stays sealed and out of the totals (R-REP-2, R-REP-6)."""

    type: Literal["room.seat_voided"] = "room.seat_voided"
    seat: SeatId
    ground: VoidGround
    by: By
    note: Note = ""


class SeatReplaced(Value):
    """The draw took its next step; the new seat starts from check-in."""

    type: Literal["room.seat_replaced"] = "room.seat_replaced"
    seat: SeatId
    replaces: SeatId
    alias: str
    kind: SeatKind
    draw_seat: int | None = None
    may_lead: bool = True


class BallotCast(Value):
    """A secret ballot for leader; the choice is only ever shown to its own seat."""

    type: Literal["room.ballot_cast"] = "room.ballot_cast"
    seat: SeatId
    round: int
    choice: SeatId


class BallotsCounted(Value):
    """A round was counted. `elected` is missing when another round follows."""

    type: Literal["room.ballots_counted"] = "room.ballots_counted"
    round: int
    tally: tuple[Tally, ...]
    elected: SeatId | None = None
    how: Literal["majority", "most_votes", "seat_order", "next_round"]


class SheetSealed(Value):
    """A member submitted: the commitment and the envelope nobody can open yet."""

    type: Literal["room.sheet_sealed"] = "room.sheet_sealed"
    seat: SeatId
    commitment: Hex32
    envelope: Envelope


class AllSheetsSealed(Value):
    """Every live seat has sealed; only from here may the opening key be used."""

    type: Literal["room.all_sheets_sealed"] = "room.all_sheets_sealed"
    seats: tuple[SeatId, ...]


class SheetReturned(Value):
    """An envelope did not hold what its commitment says, or broke the criteria."""

    type: Literal["room.sheet_returned"] = "room.sheet_returned"
    seat: SeatId
    ground: ReturnGround
    faults: tuple[SheetFault, ...] = ()


class SheetsOpened(Value):
    """Sheets, each checked against its commitment."""

    type: Literal["room.sheets_opened"] = "room.sheets_opened"
    sheets: tuple[OpenedSheet, ...]


class FlagsRaised(Value):
    """What the review of the sheets asks the committee; may be empty."""

    type: Literal["room.flags_raised"] = "room.flags_raised"
    flags: tuple[Flag, ...]


class ScoreAmended(Value):
    """A flagged score was changed by its own member, on a ground R-EVAL-13 allows."""

    type: Literal["room.score_amended"] = "room.score_amended"
    seat: SeatId
    bidder: Key
    criterion: Key
    before: Score
    after: Score
    reason: Text
    open_flags: tuple[str, ...]


class ScoreExplained(Value):
    """A flagged score was kept, with a reason."""

    type: Literal["room.score_explained"] = "room.score_explained"
    seat: SeatId
    bidder: Key
    criterion: Key
    reason: Text
    open_flags: tuple[str, ...]


class ResultsComputed(Value):
    """Price scores, totals, ranking; recomputable from the facts before it."""

    type: Literal["room.results_computed"] = "room.results_computed"
    results: Results


class ReportIssued(Value):
    """The evaluation report (评标报告) has these bytes; `size` and `root` name the checkpoint."""

    type: Literal["room.report_issued"] = "room.report_issued"
    sha256: Hex32
    size: int
    root: Hex32


class PasskeyConfirmation(Value):
    """What the member's own device signed under a statement (PROTOCOL.md section 7).

    `passkey` is the mark under which the ledger knows the key (`passkey.registered`).
    """

    passkey: str
    origin: str
    rp_id: str
    public_key: Hex
    client_data: Hex
    authenticator_data: Hex
    signature: Hex


class ReportSigned(Value):
    """A member signed the report over the head of the stream."""

    type: Literal["room.report_signed"] = "room.report_signed"
    seat: SeatId
    report_sha256: Hex32
    head: Hex32
    signature: Hex
    key: Hex32
    passkey: PasskeyConfirmation | None = None


class ReportDissented(Value):
    """A member signed a dissent with reasons (R-EVAL-12)."""

    type: Literal["room.report_dissented"] = "room.report_dissented"
    seat: SeatId
    report_sha256: Hex32
    head: Hex32
    reasons: Text
    signature: Hex
    key: Hex32
    passkey: PasskeyConfirmation | None = None


class SignatureAsked(Value):
    """A silent member was asked to sign or to write reasons."""

    type: Literal["room.signature_asked"] = "room.signature_asked"
    seat: SeatId
    by: By


class ConsentDeemed(Value):
    """Asked, silent, no reasons: deemed consent (R-EVAL-12)."""

    type: Literal["room.consent_deemed"] = "room.consent_deemed"
    seat: SeatId


class ReportCompleted(Value):
    """The final report with all signatures and dissents."""

    type: Literal["room.report_completed"] = "room.report_completed"
    sha256: Hex32
    size: int
    root: Hex32


class Paused(Value):
    """The room stands still."""

    type: Literal["room.paused"] = "room.paused"
    by: By
    ground: PauseGround
    note: Note = ""


class Resumed(Value):
    """The room goes on where it stood."""

    type: Literal["room.resumed"] = "room.resumed"
    by: By
    note: Note = ""


class Stopped(Value):
    """The evaluation ended without a result; everything stays sealed as it is."""

    type: Literal["room.stopped"] = "room.stopped"
    by: By
    ground: PauseGround
    note: Note


class HandedOver(Value):
    """Another clerk runs the room; `key` is the public key of that clerk's account."""

    type: Literal["room.handed_over"] = "room.handed_over"
    by: By
    key: Hex32
    note: Text


class TimeAsked(Value):
    """A member says the time is too short (R-EVAL-3)."""

    type: Literal["room.time_asked"] = "room.time_asked"
    seat: SeatId


class InterferenceReported(Value):
    """A quiet alarm to the supervisor (R-EVAL-19)."""

    type: Literal["room.interference_reported"] = "room.interference_reported"
    seat: SeatId
    text: Text


RoomEvent = Annotated[
    Planned
    | BiddersListed
    | DocumentFiled
    | CriteriaSigned
    | MadeReady
    | PhaseEntered
    | CheckedIn
    | UndertakingSigned
    | RecusalDeclared
    | SeatVoided
    | SeatReplaced
    | BallotCast
    | BallotsCounted
    | SheetSealed
    | AllSheetsSealed
    | SheetReturned
    | SheetsOpened
    | FlagsRaised
    | ScoreAmended
    | ScoreExplained
    | ResultsComputed
    | ReportIssued
    | ReportSigned
    | ReportDissented
    | SignatureAsked
    | ConsentDeemed
    | ReportCompleted
    | Paused
    | Resumed
    | Stopped
    | HandedOver
    | TimeAsked
    | InterferenceReported,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[RoomEvent] = TypeAdapter(RoomEvent)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact with its place: `seq` in the stream from 1, `index` in the log, `at` UTC.

    `leaf` is the hash of the public log leaf, which signatures bind.
    """

    seq: int
    index: int
    at: datetime
    leaf: bytes
    event: RoomEvent
