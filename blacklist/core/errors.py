"""Refusals of the blacklist."""

from foundation.errors import Kind, ServiceError


class UnknownGround(ServiceError):
    """The ground is not on the closed list, or does not carry this kind of measure."""

    code = "blacklist.unknown_ground"
    kind = Kind.INVALID
    rule = "R-ELIG-6"


class TermUnfit(ServiceError):
    """The kind of measure must, or must not, name a last day; or it ends before it starts."""

    code = "blacklist.term_unfit"
    kind = Kind.INVALID

    def __init__(self, measure: str, term: str) -> None:
        super().__init__(measure=measure, term=term)


class WordsMissing(ServiceError):
    """Basis, deciding body or reason is empty or longer than 500 characters."""

    code = "blacklist.words_missing"
    kind = Kind.INVALID


class UnknownExpert(ServiceError):
    """The pool has nobody with this id."""

    code = "blacklist.unknown_expert"
    kind = Kind.NOT_FOUND


class UnknownMeasure(ServiceError):
    """There is no such entry on the list."""

    code = "blacklist.unknown_measure"
    kind = Kind.NOT_FOUND


class AlreadyLifted(ServiceError):
    """The entry was lifted before; it stays on record."""

    code = "blacklist.already_lifted"
    kind = Kind.CONFLICT


class UnknownExit(ServiceError):
    """There is no such request to leave."""

    code = "blacklist.unknown_exit"
    kind = Kind.NOT_FOUND


class WrongStatus(ServiceError):
    """The standing does not allow this step, such as asking to leave twice."""

    code = "blacklist.wrong_status"
    kind = Kind.CONFLICT

    def __init__(self, status: str) -> None:
        super().__init__(status=status)


class SamePerson(ServiceError):
    """Who put something forward may not be the one who confirms, returns or decides it."""

    code = "blacklist.same_person"
    kind = Kind.FORBIDDEN
    rule = "R-SOD-2"


class UnknownProposal(ServiceError):
    """There is no such proposal."""

    code = "blacklist.unknown_proposal"
    kind = Kind.NOT_FOUND


class ProposalEnded(ServiceError):
    """The proposal was confirmed, returned or withdrawn before, or has lapsed."""

    code = "blacklist.proposal_ended"
    kind = Kind.CONFLICT


class AlreadyProposed(ServiceError):
    """The same act on the same entry waits for a second person already."""

    code = "blacklist.already_proposed"
    kind = Kind.CONFLICT


class UrgentUnfit(ServiceError):
    """Only a suspension can act before a second person has confirmed it (R-APPEAL-1)."""

    code = "blacklist.urgent_unfit"
    kind = Kind.INVALID
    rule = "R-APPEAL-1"


class NotTheirs(ServiceError):
    """The leave is another expert's, or no leave of the own act."""

    code = "blacklist.not_theirs"
    kind = Kind.NOT_FOUND


class BasisUnfit(ServiceError):
    """The document's hash is not 64 hexadecimal characters."""

    code = "blacklist.basis_unfit"
    kind = Kind.INVALID


class UnknownCase(ServiceError):
    """There is no such case, or it is another expert's."""

    code = "case.unknown"
    kind = Kind.NOT_FOUND


class CaseNotThere(ServiceError):
    """The case does not take this step where it stands; perhaps somebody else was first."""

    code = "case.not_there"
    kind = Kind.CONFLICT

    def __init__(self, status: str) -> None:
        super().__init__(status=status)


class AnswerFirst(ServiceError):
    """Nobody decides while the expert may still answer and has not (R-APPEAL-1)."""

    code = "case.answer_first"
    kind = Kind.CONFLICT
    rule = "R-APPEAL-1"


class TooLate(ServiceError):
    """The time to answer or to appeal is over."""

    code = "case.too_late"
    kind = Kind.CONFLICT
    rule = "R-APPEAL-1"


class CaseSamePerson(ServiceError):
    """Who reported, decided or confirmed is not the one who takes the next step."""

    code = "case.same_person"
    kind = Kind.FORBIDDEN
    rule = "R-APPEAL-1"


class DissentIsNoGround(ServiceError):
    """A member's dissent is linked as a fact against the member; it can never be one."""

    code = "case.dissent_is_no_ground"
    kind = Kind.INVALID
    rule = "R-EVAL-12"


class UnknownLink(ServiceError):
    """The log has no entry at this place."""

    code = "case.unknown_link"
    kind = Kind.INVALID


class DocumentUnfit(ServiceError):
    """A document is no PDF, JPEG or PNG, is empty or too large, or was never handed in."""

    code = "case.document_unfit"
    kind = Kind.INVALID


REFUSED_CASE_STEPS = (CaseNotThere, AnswerFirst, TooLate, CaseSamePerson)
"""Why somebody may not take a step of a case."""
