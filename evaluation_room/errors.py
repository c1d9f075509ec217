"""Refusals at the room's doors; those of its decisions are in core/errors.py."""

from foundation.errors import Kind, ServiceError


class UnknownEvaluation(ServiceError):
    """No such evaluation."""

    code = "room.unknown_evaluation"
    kind = Kind.NOT_FOUND


class NoPlace(ServiceError):
    """This account has no place in this room now."""

    code = "room.no_place"
    kind = Kind.FORBIDDEN


class NotYourRoom(ServiceError):
    """Only the clerk who planned an evaluation acts for it: one answers for it (R-SOD-1)."""

    code = "room.not_your_room"
    kind = Kind.FORBIDDEN
    rule = "R-SOD-1"


class Busy(ServiceError):
    """Too many people acted in the same moment; nothing has changed."""

    code = "room.busy"
    kind = Kind.CONFLICT


class BadMessage(ServiceError):
    """A frame that is not of the protocol."""

    code = "room.bad_message"
    kind = Kind.INVALID


class NoHello(ServiceError):
    """The first frame was not hello, or came too late."""

    code = "room.no_hello"
    kind = Kind.INVALID


class TicketRefused(ServiceError):
    """The ticket is unknown, used or old."""

    code = "room.ticket_refused"
    kind = Kind.UNAUTHENTICATED


class SignInEnded(ServiceError):
    """The sign-in behind the socket is over."""

    code = "room.sign_in_ended"
    kind = Kind.UNAUTHENTICATED


class OpenedElsewhere(ServiceError):
    """A newer tab of the same seat speaks now; this one only reads."""

    code = "room.seat_opened_elsewhere"
    kind = Kind.CONFLICT


class Silent(ServiceError):
    """Nothing was heard for too long."""

    code = "room.silent"
    kind = Kind.UNAVAILABLE


class TooSlow(ServiceError):
    """The client reads more slowly than the room speaks; it resumes."""

    code = "room.too_slow"
    kind = Kind.UNAVAILABLE


class AlreadyPlanned(ServiceError):
    """This draw has its evaluation."""

    code = "room.already_planned"
    kind = Kind.CONFLICT


class DrawIsOver(ServiceError):
    """The draw was opened, aborted or refused: no seat of it can be filled any more (R-REP-1)."""

    code = "room.draw_is_over"
    kind = Kind.CONFLICT
    rule = "R-REP-1"


class CommitteeNotSealed(ServiceError):
    """The draw has not filled every seat yet."""

    code = "room.committee_not_sealed"
    kind = Kind.CONFLICT


class NotAPdf(ServiceError):
    """The file is no PDF that can be read, or it is encrypted."""

    code = "room.not_a_pdf"
    kind = Kind.INVALID


class FileTooLarge(ServiceError):
    """The file is larger than `megabytes`."""

    code = "room.file_too_large"
    kind = Kind.TOO_LARGE


class UnknownDocument(ServiceError):
    """No such document, or not for this viewer now."""

    code = "room.unknown_document"
    kind = Kind.NOT_FOUND


class CheckInNotOpen(ServiceError):
    """Check-in opens `at` this instant."""

    code = "room.check_in_not_open"
    kind = Kind.CONFLICT


class MayNotServe(ServiceError):
    """The expert's standing does not allow to take the seat; the seat is filled anew (R-ELIG-5)."""

    code = "room.may_not_serve"
    kind = Kind.FORBIDDEN
    rule = "R-ELIG-5"


class NotAClerk(ServiceError):
    """A room is handed over to another clerk whose account is open (R-SOD-1)."""

    code = "room.not_a_clerk"
    kind = Kind.CONFLICT
    rule = "R-SOD-1"


class NotRepresentable(ServiceError):
    """Only a vacated seat of an owner's representative can be given to another."""

    code = "room.not_representable"
    kind = Kind.CONFLICT
    rule = "R-SIZE-11"
