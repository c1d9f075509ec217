"""Refusals of the application itself. Words: app/locales/*/app.json."""

from foundation.errors import Kind, ServiceError


class BadRequest(ServiceError):
    """The request has no shape this door knows; `fields` says where, never what."""

    code = "app.bad_request"
    kind = Kind.INVALID


class NoSuchDoor(ServiceError):
    """No door at this address."""

    code = "app.not_found"
    kind = Kind.NOT_FOUND


class WrongMethod(ServiceError):
    """The door exists and does not open this way."""

    code = "app.method_not_allowed"
    kind = Kind.INVALID


class BodyTooLarge(ServiceError):
    """The body is longer than this door takes."""

    code = "app.body_too_large"
    kind = Kind.TOO_LARGE


class FromElsewhere(ServiceError):
    """A page of another site tried to act in this browser's name."""

    code = "app.from_elsewhere"
    kind = Kind.FORBIDDEN


class Unforeseen(ServiceError):
    """Something failed that nobody foresaw; the log has the place, under the request id."""

    code = "app.internal"
    kind = Kind.UNAVAILABLE


class PageNotBuilt(ServiceError):
    """The browser page is not built into this installation."""

    code = "app.page_not_built"
    kind = Kind.UNAVAILABLE


class StampDiffers(ServiceError):
    """The folder was made for the other kind of service: demonstration or real."""

    code = "app.stamp_differs"
    kind = Kind.CONFLICT


class OriginDiffers(ServiceError):
    """The settings name another log origin than the one the log began with."""

    code = "app.origin_differs"
    kind = Kind.CONFLICT


class OriginNeeded(ServiceError):
    """A real service names its log before the first entry."""

    code = "app.origin_needed"
    kind = Kind.INVALID


class OverlayIsForDemonstration(ServiceError):
    """The demonstration's short windows have no place in a real service."""

    code = "app.overlay_is_for_demonstration"
    kind = Kind.CONFLICT


class NobodyInvited(ServiceError):
    """No generated expert holds the invitation that the page asked to sit in for."""

    code = "app.nobody_invited"
    kind = Kind.NOT_FOUND


class OnlyInDemonstration(ServiceError):
    """One-click sign-in exists only where the database carries the demonstration's stamp."""

    code = "app.only_in_demonstration"
    kind = Kind.NOT_FOUND


class DemoAccountUnknown(ServiceError):
    """The demonstration has no such account."""

    code = "app.demo_account_unknown"
    kind = Kind.NOT_FOUND


class FileUnusable(ServiceError):
    """A file or folder that the command line names cannot be read or written."""

    code = "app.file_unusable"
    kind = Kind.INVALID


class SettingsUnfit(ServiceError):
    """A setting has a value that it can't have; `settings` names them."""

    code = "app.settings_unfit"
    kind = Kind.INVALID


class SchemaBehind(ServiceError):
    """The database has the tables of an older program; a person decides when it goes on."""

    code = "app.schema_behind"
    kind = Kind.CONFLICT


class SchemaAhead(ServiceError):
    """A newer program has changed the database; this one would not understand it."""

    code = "app.schema_ahead"
    kind = Kind.CONFLICT


class SchemaForeign(ServiceError):
    """The database holds tables that are none of ours, or those of the other database."""

    code = "app.schema_foreign"
    kind = Kind.CONFLICT


class SchemaDiffers(ServiceError):
    """Tables with our names that no program of ours has made; nothing was changed."""

    code = "app.schema_differs"
    kind = Kind.CONFLICT


class NotReady(ServiceError):
    """The service that a program of ours wants to talk to does not answer."""

    code = "app.not_ready"
    kind = Kind.UNAVAILABLE


class DoorWithoutGuard(RuntimeError):
    """The application was about to start with a door that nobody guards."""


class TurnWithoutKey(ServiceError):
    """A TURN server is named, and no key is shared with it."""

    code = "app.turn_without_key"
    kind = Kind.UNAVAILABLE


class PortsUnfit(ServiceError):
    """The range of media ports is empty or goes beyond 65535."""

    code = "app.ports_unfit"
    kind = Kind.INVALID
