"""Words of a room that facts, commands and views share."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

SeatId = Annotated[str, StringConstraints(pattern=r"^[eo][1-9][0-9]{0,2}$")]
"""A seat of the room: e1, e2, … drawn experts; o1, … owner's representatives."""
Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})+$", max_length=2 * 2**20)]
Score = Annotated[
    str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,3})(\.[0-9]{0,3}[1-9])?$", max_length=9)
]
"""An exact decimal in its only spelling: no sign, no leading or trailing zeros."""
Figure = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}\.[0-9]{2}$")]
"""A computed figure, rounded half-up once, always two digits."""
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
"""An id of a bidder, a criterion, a document, a command."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Phase(StrEnum):
    """The phases (环节) of a room, in order."""

    PREPARING = "preparing"
    CHECK_IN = "check_in"
    UNDERTAKING = "undertaking"
    RECUSAL = "recusal"
    LEADER = "leader"
    SCORING = "scoring"
    SUMMARY = "summary"
    REPORT = "report"
    CLOSED = "closed"


ORDER: tuple[Phase, ...] = tuple(Phase)


class SeatKind(StrEnum):
    """How a member came to the committee."""

    EXPERT = "expert"
    OWNER_REPRESENTATIVE = "owner_representative"


class VacancyClass(StrEnum):
    """Why a seat is vacated, in the draw's closed list (BDP/1 decline class)."""

    CONFLICT = "conflict"
    ABSENT = "absent"
    UNFIT = "unfit"


class VoidGround(StrEnum):
    """Why a seat's work is void (R-REP-2)."""

    DECLARED_CONFLICT = "declared_conflict"
    FOUND_CONFLICT = "found_conflict"
    ABSENT = "absent"
    LEFT = "left"
    HEALTH = "health"
    MISCONDUCT = "misconduct"


VACANCY: dict[VoidGround, VacancyClass] = {
    VoidGround.DECLARED_CONFLICT: VacancyClass.CONFLICT,
    VoidGround.FOUND_CONFLICT: VacancyClass.CONFLICT,
    VoidGround.ABSENT: VacancyClass.ABSENT,
    VoidGround.LEFT: VacancyClass.ABSENT,
    VoidGround.HEALTH: VacancyClass.UNFIT,
    VoidGround.MISCONDUCT: VacancyClass.UNFIT,
}


class PauseGround(StrEnum):
    """Why the room is paused or stopped; every use is in the report (R-SUP-2)."""

    TECHNICAL_FAULT = "technical_fault"
    SUPERVISION_ORDER = "supervision_order"
    INTERFERENCE = "interference"
    DISCIPLINE = "discipline"
    EMERGENCY = "emergency"
    OVERNIGHT = "overnight"
    DOCUMENT_DEFECT = "document_defect"
    OTHER = "other"


class CriterionKind(StrEnum):
    """Objective: members must agree. Subjective: each judges alone."""

    SUBJECTIVE = "subjective"
    OBJECTIVE = "objective"


class Criterion(Value):
    """One line of the score sheet (分项). `max` and `step` are exact decimals."""

    id: Key
    title: Title
    max: Score
    step: Score
    kind: CriterionKind
    guide: Note = ""


class Purchase(StrEnum):
    """What government procurement buys (采购类别); the least price weight hangs on it."""

    GOODS = "goods"
    SERVICES = "services"


class Criteria(Value):
    """The signed criteria (评分标准): criterion maxima and price weight add up to 100.

    `purchase` matters in government procurement only; unsaid it counts as goods (R-EVAL-7).
    """

    price_weight: Score
    criteria: tuple[Criterion, ...]
    purchase: Purchase | None = None


class Bidder(Value):
    """A bidder (投标人) with its opened price."""

    id: Key
    name: Title
    unified_credit_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
    price_fen: int


class BidderName(Value):
    """A bidder as shown for recusal: no price, no code."""

    id: Key
    name: Title


class DocumentKind(StrEnum):
    """Tender documents are everybody's; a bid belongs to one bidder."""

    TENDER = "tender"
    BID = "bid"


class Document(Value):
    """A filed PDF; the bytes are the file whose SHA-256 is `sha256`."""

    document_id: Key
    kind: DocumentKind
    bidder_id: Key | None = None
    title: Title
    sha256: Hex32
    pages: int
    bytes: int


class Project(Value):
    """What is bought, as the draw knows it."""

    project_code: str
    project_name: str
    section: str
    regime: str


class SeatPlan(Value):
    """A seat as it is set up; `draw_seat` is the draw's number, absent for representatives."""

    seat: SeatId
    alias: str
    kind: SeatKind
    draw_seat: int | None = None
    may_lead: bool = True


class Anchor(Value):
    """A place in a document that a reason points to."""

    document_id: Key
    page: int


class Mark(Value):
    """One cell: a bidder, a criterion, the score and why."""

    bidder: Key
    criterion: Key
    score: Score
    reason: Note = ""
    pages: tuple[Anchor, ...] = ()


class Sheet(Value):
    """A score sheet (评分表). Marks stand in bidder order, then criterion order."""

    v: int = 1
    evaluation_id: str
    seat: SeatId
    criteria_sha256: Hex32
    marks: tuple[Mark, ...]


class Envelope(Value):
    """A sealed sheet: PROTOCOL.md, section 6."""

    v: int = 1
    eph: Hex32
    wrapped: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{96}$")]
    iv: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
    ct: Hex


class RecusalAnswer(Value):
    """Whether a member has an interest in one bidder, and which."""

    bidder: Key
    conflict: bool
    ground: Note = ""


class OpenedSheet(Value):
    """A sheet after opening: `index` is the log index of its sealing."""

    seat: SeatId
    index: int
    commitment: Hex32
    salt: Hex32
    sheet: Sheet


class FlagKind(StrEnum):
    """What the review of opened sheets asks about (R-EVAL-13, R-EVAL-15)."""

    OBJECTIVE_MISMATCH = "objective_mismatch"
    OUTLIER = "outlier"


class Flag(Value):
    """A question to the committee; never a verdict, never an average.

    An objective mismatch names every value and is answered when all agree; an outlier
    names one seat and is answered by that seat's amendment or reason.
    """

    id: str
    kind: FlagKind
    bidder: Key
    criterion: Key
    seat: SeatId | None = None
    values: tuple["SeatValue", ...]


class SeatValue(Value):
    """One member's score in one cell."""

    seat: SeatId
    score: Score


class PriceScore(Value):
    """`score` = base / bid x weight, two digits (87号令 art. 55)."""

    bidder: Key
    price_fen: int
    score: Figure


class MemberSum(Value):
    """What one member gave one bidder over all criteria (exact)."""

    seat: SeatId
    sum: Score


class Total(Value):
    """A bidder's result. `total` is rounded once, from exact mean plus exact price score."""

    bidder: Key
    members: tuple[MemberSum, ...]
    mean: Figure
    price: Figure
    total: Figure


class Rank(Value):
    """A place in the ranking; bidders with the same place are tied."""

    bidder: Key
    rank: int
    tied: bool


class Results(Value):
    """Price scores, totals and ranking, each a function of sheets, bids and criteria."""

    base_fen: int
    prices: tuple[PriceScore, ...]
    totals: tuple[Total, ...]
    ranking: tuple[Rank, ...]


class Tally(Value):
    """Votes one candidate got in one round."""

    seat: SeatId
    votes: int


class SheetFault(Value):
    """Why one cell, or the sheet as a whole, was not accepted. `code` is the refusal's code."""

    code: str
    bidder: Key | None = None
    criterion: Key | None = None


class ReturnGround(StrEnum):
    """Why an opened envelope went back to its seat."""

    UNREADABLE = "unreadable"
    DOES_NOT_MATCH = "does_not_match"
    INVALID = "invalid"


Flag.model_rebuild()
