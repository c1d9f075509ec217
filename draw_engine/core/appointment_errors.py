"""The refusals of an appointment and of a profile. Words: app/locales/*/appointment.json."""

from typing import ClassVar

from foundation.errors import Kind, ServiceError


class UnknownApplication(ServiceError):
    """No application by this id."""

    code = "appointment.unknown"
    kind = Kind.NOT_FOUND


class WrongState(ServiceError):
    """The state of the application does not allow the act."""

    code = "appointment.wrong_state"
    kind = Kind.CONFLICT


class UnknownItem(ServiceError):
    """The application makes no such claim, or one that nobody can make."""

    code = "appointment.unknown_item"
    kind = Kind.INVALID


class ItemTwice(ServiceError):
    """The same claim twice, or one that the expert has already."""

    code = "appointment.item_twice"
    kind = Kind.INVALID


class EvidenceMissing(ServiceError):
    """An item has no document, so there is nothing to review."""

    code = "appointment.evidence_missing"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-PRIN-2"


class DocumentUnknown(ServiceError):
    """No uploaded document has this hash, or it has changed on disk."""

    code = "appointment.document_unknown"
    kind = Kind.INVALID


class DocumentUnfit(ServiceError):
    """Neither PDF, JPEG nor PNG."""

    code = "appointment.document_unfit"
    kind = Kind.INVALID


class DocumentTooLarge(ServiceError):
    """More bytes than a document may have."""

    code = "appointment.document_too_large"
    kind = Kind.TOO_LARGE


class UnknownReason(ServiceError):
    """Not a reason of the closed list for this act."""

    code = "appointment.unknown_reason"
    kind = Kind.INVALID


class FieldUnfit(ServiceError):
    """A field cannot be taken; `field` and `reason` name it, the value is never repeated."""

    code = "appointment.field_unfit"
    kind = Kind.INVALID


class AlreadyFiled(ServiceError):
    """An application of this person is open."""

    code = "appointment.already_filed"
    kind = Kind.CONFLICT


class InPool(ServiceError):
    """This person is in the pool already."""

    code = "appointment.in_pool"
    kind = Kind.CONFLICT


class FormerExpert(ServiceError):
    """This person was an expert here under another number; `standing` says how that ended."""

    code = "appointment.former_expert"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-ELIG-6"


class OnAList(ServiceError):
    """An outside list names this person."""

    code = "appointment.on_a_list"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-ELIG-6"


class NotReviewed(ServiceError):
    """An item has no verdict yet."""

    code = "appointment.not_reviewed"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-PRIN-2"


class NothingAccepted(ServiceError):
    """No item was accepted."""

    code = "appointment.nothing_accepted"
    kind = Kind.CONFLICT


class ReviewerApproves(ServiceError):
    """Who reviewed an item may not approve."""

    code = "appointment.reviewer_approves"
    kind = Kind.FORBIDDEN
    rule: ClassVar[str | None] = "R-SOD-1"


class ConditionsUnmet(ServiceError):
    """The conditions of no trade are met; `rule_unmet` is the first that stands against it."""

    code = "appointment.conditions_unmet"
    kind = Kind.CONFLICT


class LastSpecialty(ServiceError):
    """The last specialty can't be given up; who wants to serve no more leaves the pool."""

    code = "profile.last_specialty"
    kind = Kind.CONFLICT


class SpecialtyNotHeld(ServiceError):
    """The expert does not hold this specialty."""

    code = "profile.specialty_not_held"
    kind = Kind.INVALID


class DaysUnfit(ServiceError):
    """A last day before the first, or a day in the future."""

    code = "profile.days_unfit"
    kind = Kind.INVALID


class NotAnExpert(ServiceError):
    """The account is no expert's, or the pool does not know the expert."""

    code = "profile.not_an_expert"
    kind = Kind.NOT_FOUND
