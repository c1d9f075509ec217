"""Refusals of a room. Words: app/locales/*/evaluation.json."""

from foundation.errors import Kind, ServiceError


class NotPermitted(ServiceError):
    """Another role does this; `needed` names it."""

    code = "room.not_permitted"
    kind = Kind.FORBIDDEN


class WrongPhase(ServiceError):
    """Not in this phase."""

    code = "room.wrong_phase"
    kind = Kind.CONFLICT


class IsPaused(ServiceError):
    """The room stands still."""

    code = "room.is_paused"
    kind = Kind.CONFLICT


class NotPaused(ServiceError):
    """Nothing to resume."""

    code = "room.not_paused"
    kind = Kind.CONFLICT


class IsStopped(ServiceError):
    """The evaluation was ended."""

    code = "room.is_stopped"
    kind = Kind.CONFLICT


class NotSeen(ServiceError):
    """Sound and picture of the member have been missing for longer than allowed (R-AV-3)."""

    code = "room.not_seen"
    kind = Kind.CONFLICT
    rule = "R-AV-3"


class SeatIsVoid(ServiceError):
    """The seat was vacated; its work is void (R-REP-2)."""

    code = "room.seat_is_void"
    kind = Kind.FORBIDDEN
    rule = "R-REP-2"


class StepMissing(ServiceError):
    """An earlier step of this seat is not done; `step` names it."""

    code = "room.step_missing"
    kind = Kind.CONFLICT


class DeclarationMissing(StepMissing):
    """Nobody votes or scores before declaring on every bidder (R-REC-21b)."""

    rule = "R-REC-21b"

    def __init__(self) -> None:
        super().__init__(step="recusal")


class AlreadyDone(ServiceError):
    """The seat has done this; a fact is not made twice."""

    code = "room.already_done"
    kind = Kind.CONFLICT


class PhaseMoved(ServiceError):
    """The room has left the phase that the person saw."""

    code = "room.phase_moved"
    kind = Kind.CONFLICT


class PhaseUnfinished(ServiceError):
    """`open` seats or questions still keep the room in `phase`."""

    code = "room.phase_unfinished"
    kind = Kind.CONFLICT


class SignaturesOpen(PhaseUnfinished):
    """Every member signs, dissents with reasons, or is asked and silent (R-EVAL-12)."""

    rule = "R-EVAL-12"


class OutliersOpen(PhaseUnfinished):
    """A member has still to amend or to give reasons (R-EVAL-13)."""

    rule = "R-EVAL-13"


class MismatchesOpen(PhaseUnfinished):
    """Members still differ on an objective criterion (R-EVAL-15)."""

    rule = "R-EVAL-15"


class SeatsAreReplaced(ServiceError):
    """A seat is void and its replacement not here yet; the phase waits (R-REP-1)."""

    code = "room.seats_are_replaced"
    kind = Kind.CONFLICT
    rule = "R-REP-1"


class WrongText(ServiceError):
    """The hash is not that of the undertaking shown."""

    code = "room.wrong_text"
    kind = Kind.INVALID


class AnswersIncomplete(ServiceError):
    """Not exactly one answer for every bidder (R-REC-21b)."""

    code = "room.answers_incomplete"
    kind = Kind.INVALID
    rule = "R-REC-21b"


class GroundMissing(ServiceError):
    """A conflict needs its ground."""

    code = "room.ground_missing"
    kind = Kind.INVALID
    rule = "R-REC-21b"


class UnknownSeat(ServiceError):
    """No such live seat."""

    code = "room.unknown_seat"
    kind = Kind.NOT_FOUND


class UnknownBidder(ServiceError):
    """No such bidder."""

    code = "room.unknown_bidder"
    kind = Kind.NOT_FOUND


class NotElectable(ServiceError):
    """This seat may not lead (R-SIZE-11)."""

    code = "room.not_electable"
    kind = Kind.CONFLICT
    rule = "R-SIZE-11"


class RoundMoved(ServiceError):
    """Another round of the election is on, or none."""

    code = "room.round_moved"
    kind = Kind.CONFLICT


class NotFlagged(ServiceError):
    """Only a flagged score of one's own may change after opening (R-EVAL-13)."""

    code = "room.not_flagged"
    kind = Kind.CONFLICT
    rule = "R-EVAL-13"


class ScoreOutOfRange(ServiceError):
    """Above the full mark `max`."""

    code = "room.score_out_of_range"
    kind = Kind.INVALID
    rule = "R-EVAL-1"


class ScoreOffStep(ServiceError):
    """Not a multiple of the criterion's `step`."""

    code = "room.score_off_step"
    kind = Kind.INVALID
    rule = "R-EVAL-1"


class WrongReport(ServiceError):
    """Another report is issued by now."""

    code = "room.wrong_report"
    kind = Kind.CONFLICT


class ReportNotIssued(ServiceError):
    """The report is still being made."""

    code = "room.report_not_issued"
    kind = Kind.CONFLICT


class NotLateYet(ServiceError):
    """The time to wait ends `after` this instant (R-REP-4)."""

    code = "room.not_late_yet"
    kind = Kind.CONFLICT
    rule = "R-REP-4"


class IsPresent(ServiceError):
    """The member has checked in."""

    code = "room.is_present"
    kind = Kind.CONFLICT


class DraftIsNewer(ServiceError):
    """A newer draft is saved."""

    code = "room.draft_is_newer"
    kind = Kind.CONFLICT


class TextNotRead(ServiceError):
    """The undertaking was shown too short a time ago to have been read."""

    code = "room.text_not_read"
    kind = Kind.CONFLICT


class NotPreparing(ServiceError):
    """The evaluation is ready; what it is made of no longer changes."""

    code = "room.not_preparing"
    kind = Kind.CONFLICT


class NotComplete(ServiceError):
    """`missing` (bidders, criteria, tender, bid) is not filed yet."""

    code = "room.not_complete"
    kind = Kind.CONFLICT


class TooFewBidders(ServiceError):
    """Fewer than three bidders are not evaluated (R-EVAL-10)."""

    code = "room.too_few_bidders"
    kind = Kind.CONFLICT
    rule = "R-EVAL-10"


class BiddersUnfit(ServiceError):
    """Two bidders share an id or code, a code fails its check, or a price is not positive."""

    code = "room.bidders_unfit"
    kind = Kind.INVALID


class CriteriaUnfit(ServiceError):
    """The criteria cannot make a score sheet; `why` says which rule fails."""

    code = "room.criteria_unfit"
    kind = Kind.INVALID
    rule = "R-EVAL-1"


class PriceWeightTooLow(ServiceError):
    """In government procurement price weighs at least `least`: goods 30, services 10 (R-EVAL-7)."""

    code = "room.price_weight_too_low"
    kind = Kind.INVALID
    rule = "R-EVAL-7"
