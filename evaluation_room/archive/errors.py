"""Refusals about recordings. Words: app/locales/*/recording.json."""

from foundation.errors import Kind, ServiceError


class NothingRecorded(ServiceError):
    """There is no recording of this evaluation."""

    code = "recording.nothing_recorded"
    kind = Kind.NOT_FOUND


class UnknownOpening(ServiceError):
    """No such opening of this recording."""

    code = "recording.unknown_opening"
    kind = Kind.NOT_FOUND


class AlreadyAsked(ServiceError):
    """The case has an opening that waits for the second person, or is in force."""

    code = "recording.already_asked"
    kind = Kind.CONFLICT


class SecondPersonNeeded(ServiceError):
    """Who asks for an opening does not confirm it, in whatever account (R-SOD-2)."""

    code = "recording.second_person_needed"
    kind = Kind.FORBIDDEN
    rule = "R-SOD-2"


class AlreadyConfirmed(ServiceError):
    """The opening was confirmed before."""

    code = "recording.already_confirmed"
    kind = Kind.CONFLICT


class OpeningLapsed(ServiceError):
    """Nobody confirmed it in time; it is asked for anew."""

    code = "recording.opening_lapsed"
    kind = Kind.CONFLICT


class NotOpen(ServiceError):
    """No opening is in force: nothing is decrypted."""

    code = "recording.not_open"
    kind = Kind.FORBIDDEN


class UnknownSegment(ServiceError):
    """The log knows no such segment."""

    code = "recording.unknown_segment"
    kind = Kind.NOT_FOUND


class SegmentMissing(ServiceError):
    """The log knows the segment and its file is not there."""

    code = "recording.segment_missing"
    kind = Kind.GONE


class SegmentChanged(ServiceError):
    """The file is not the one that the log names."""

    code = "recording.segment_changed"
    kind = Kind.UNAVAILABLE


class NothingToShow(ServiceError):
    """No whole picture and no sound is in this stretch."""

    code = "recording.nothing_to_show"
    kind = Kind.NOT_FOUND


class KeyGone(ServiceError):
    """The key of the recording is not beside it; nothing of it opens any more."""

    code = "recording.key_gone"
    kind = Kind.UNAVAILABLE


class FolderNotEmpty(ServiceError):
    """An export is written to a folder of its own."""

    code = "recording.folder_not_empty"
    kind = Kind.CONFLICT


class LogUnsound(ServiceError):
    """The export of the log is not sound itself: `why` as the ledger's verifier says it."""

    code = "recording.log_unsound"
    kind = Kind.INVALID
