"""Refusals about sound and picture. None of them ends the room."""

from foundation.errors import Kind, ServiceError


class NoMedia(ServiceError):
    """This installation carries no sound and picture."""

    code = "media.not_here"
    kind = Kind.UNAVAILABLE


class NotOpen(ServiceError):
    """Before check-in and after the close there is nothing to see or hear."""

    code = "media.not_open"
    kind = Kind.CONFLICT


class OpenedElsewhere(ServiceError):
    """The same person joined in another tab or browser; that one counts."""

    code = "media.opened_elsewhere"
    kind = Kind.CONFLICT


class ConnectionLost(ServiceError):
    """Packets no longer come through; the page joins anew by itself."""

    code = "media.connection_lost"
    kind = Kind.UNAVAILABLE


class NoPort(ServiceError):
    """Every media port is taken."""

    code = "media.no_port"
    kind = Kind.UNAVAILABLE
