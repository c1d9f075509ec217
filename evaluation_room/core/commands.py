"""What may be asked of a room, by whom, in which phases: one table.

`TABLE` is printed into PROTOCOL.md; a test keeps the two equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from evaluation_room.core.values import (
    Envelope,
    Hex32,
    Key,
    Note,
    PauseGround,
    Phase,
    RecusalAnswer,
    Score,
    SeatId,
    Text,
    Value,
    VoidGround,
)


class Who(StrEnum):
    """In what capacity somebody speaks in a room."""

    SEAT = "seat"
    LEADER = "leader"
    CLERK = "clerk"
    SUPERVISOR = "supervisor"


class CheckIn(Value):
    """I am in my seat."""

    type: Literal["room.check_in"] = "room.check_in"


class SignUndertaking(Value):
    """I sign the undertaking with this text."""

    type: Literal["room.sign_undertaking"] = "room.sign_undertaking"
    text_sha256: Hex32


class DeclareRecusal(Value):
    """My answers for every bidder; one conflict vacates my seat."""

    type: Literal["room.declare_recusal"] = "room.declare_recusal"
    answers: Annotated[tuple[RecusalAnswer, ...], Field(max_length=200)]


class Recuse(Value):
    """I notice a conflict after my declaration."""

    type: Literal["room.recuse"] = "room.recuse"
    bidder: Key
    ground: Text


class Vote(Value):
    """My secret ballot for leader (评标组长)."""

    type: Literal["room.vote"] = "room.vote"
    round: int
    choice: SeatId


class SubmitSheet(Value):
    """My sheet, committed and sealed, in one message."""

    type: Literal["room.submit_sheet"] = "room.submit_sheet"
    commitment: Hex32
    envelope: Envelope


class AmendScore(Value):
    """I change a flagged score of mine, with a reason."""

    type: Literal["room.amend_score"] = "room.amend_score"
    bidder: Key
    criterion: Key
    score: Score
    reason: Text


class ExplainScore(Value):
    """I keep a flagged score of mine, with a reason."""

    type: Literal["room.explain_score"] = "room.explain_score"
    bidder: Key
    criterion: Key
    reason: Text


class Advance(Value):
    """Leave phase `leaving`; naming it makes a second press harmless."""

    type: Literal["room.advance"] = "room.advance"
    leaving: Phase


class SignReport(Value):
    """I sign the report with this hash."""

    type: Literal["room.sign_report"] = "room.sign_report"
    report_sha256: Hex32


class DissentReport(Value):
    """I sign my dissent from the report, with reasons."""

    type: Literal["room.dissent_report"] = "room.dissent_report"
    report_sha256: Hex32
    reasons: Text


class AskSignature(Value):
    """Ask a silent member to sign or to write reasons."""

    type: Literal["room.ask_signature"] = "room.ask_signature"
    seat: SeatId


class MarkAbsent(Value):
    """A member has not checked in within the time of the rule book."""

    type: Literal["room.mark_absent"] = "room.mark_absent"
    seat: SeatId


class VoidSeat(Value):
    """A member must be replaced, on a ground of the closed list."""

    type: Literal["room.void_seat"] = "room.void_seat"
    seat: SeatId
    ground: VoidGround
    note: Text


class Pause(Value):
    """Stand still."""

    type: Literal["room.pause"] = "room.pause"
    ground: PauseGround
    note: Note = ""


class Resume(Value):
    """Go on."""

    type: Literal["room.resume"] = "room.resume"
    note: Note = ""


class Stop(Value):
    """End without a result."""

    type: Literal["room.stop"] = "room.stop"
    ground: PauseGround
    note: Text


class AskTime(Value):
    """The time is too short."""

    type: Literal["room.ask_time"] = "room.ask_time"


class ReportInterference(Value):
    """Somebody tries to influence me; only the supervisor sees this."""

    type: Literal["room.report_interference"] = "room.report_interference"
    text: Text


class SaveDraft(Value):
    """Keep my unfinished sheet, sealed to my seat; not a fact, not in the ledger.

    `done` counts filled cells; it is all that clerk and supervisor learn.
    """

    type: Literal["room.save_draft"] = "room.save_draft"
    revision: Annotated[int, Field(ge=0, lt=2**31)]
    done: Annotated[int, Field(ge=0, le=100_000)]
    draft: Annotated[str, Field(max_length=2**20)]


Command = Annotated[
    CheckIn
    | SignUndertaking
    | DeclareRecusal
    | Recuse
    | Vote
    | SaveDraft
    | SubmitSheet
    | AmendScore
    | ExplainScore
    | Advance
    | SignReport
    | DissentReport
    | AskSignature
    | MarkAbsent
    | VoidSeat
    | Pause
    | Resume
    | Stop
    | AskTime
    | ReportInterference,
    Field(discriminator="type"),
]

COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


@dataclass(frozen=True, slots=True)
class May:
    """One row: who may ask it, in which phases, and whether while the room is paused."""

    who: frozenset[Who]
    phases: tuple[Phase, ...]
    paused: bool = False


def _from(first: Phase, last: Phase = Phase.CLOSED) -> tuple[Phase, ...]:
    order = tuple(Phase)
    return order[order.index(first) : order.index(last) + 1]


_SEAT = frozenset({Who.SEAT, Who.LEADER})
_OFFICE = frozenset({Who.CLERK, Who.SUPERVISOR})
_CLERK = frozenset({Who.CLERK})
_OPEN = _from(Phase.CHECK_IN, Phase.REPORT)

# A replacement starts from check-in while the room already scores (R-REP-2), so personal
# steps stay open to a seat until the report; what the seat has done decides, not the phase.
TABLE: Final[Mapping[str, May]] = {
    "room.check_in": May(_SEAT, _OPEN),
    "room.sign_undertaking": May(_SEAT, _from(Phase.UNDERTAKING, Phase.REPORT)),
    "room.declare_recusal": May(_SEAT, _from(Phase.RECUSAL, Phase.REPORT)),
    "room.recuse": May(_SEAT, _from(Phase.RECUSAL, Phase.REPORT), paused=True),
    "room.vote": May(_SEAT, _from(Phase.LEADER, Phase.REPORT)),
    "room.save_draft": May(_SEAT, (Phase.SCORING,), paused=True),
    "room.submit_sheet": May(_SEAT, (Phase.SCORING,)),
    "room.amend_score": May(_SEAT, (Phase.SUMMARY,)),
    "room.explain_score": May(_SEAT, (Phase.SUMMARY,)),
    "room.advance": May(
        frozenset({Who.CLERK, Who.LEADER}), (Phase.CHECK_IN, Phase.SUMMARY, Phase.REPORT)
    ),
    "room.sign_report": May(_SEAT, (Phase.REPORT,)),
    "room.dissent_report": May(_SEAT, (Phase.REPORT,)),
    "room.ask_signature": May(_CLERK | {Who.LEADER}, (Phase.REPORT,)),
    "room.mark_absent": May(_CLERK, _OPEN),
    "room.void_seat": May(frozenset({Who.SUPERVISOR}), _OPEN, paused=True),
    "room.pause": May(_OFFICE, _OPEN),
    "room.resume": May(_OFFICE, _OPEN, paused=True),
    "room.stop": May(frozenset({Who.SUPERVISOR}), _OPEN, paused=True),
    "room.ask_time": May(_SEAT, (Phase.SCORING,)),
    "room.report_interference": May(_SEAT, _OPEN, paused=True),
}


def printed() -> str:
    """The table as Markdown, as PROTOCOL.md holds it."""
    lines = ["| command | who | phases | while paused |", "|---|---|---|---|"]
    for name, row in TABLE.items():
        who = "seat" if row.who >= _SEAT else ", ".join(sorted(row.who))
        span = [phase.value for phase in row.phases]
        phases = ", ".join(span) if len(span) < 4 else f"{span[0]} … {span[-1]}"
        lines.append(f"| `{name}` | {who} | {phases} | {'yes' if row.paused else 'no'} |")
    return "\n".join(lines) + "\n"
