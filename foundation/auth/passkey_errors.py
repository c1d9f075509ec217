"""Refusals around passkeys. Words: app/locales/*/passkeys.json."""

from foundation.errors import Kind, ServiceError


class NoSite(ServiceError):
    """Reached without a name or without TLS: a browser binds passkeys to a safe name only."""

    code = "passkeys.no_site"
    kind = Kind.INVALID


class WrongSite(ServiceError):
    """Made for the page of another site; what a look-alike page collects ends here."""

    code = "passkeys.wrong_site"
    kind = Kind.FORBIDDEN


class PersonNotVerified(ServiceError):
    """The device did not check its owner (PIN, finger or face)."""

    code = "passkeys.person_not_verified"
    kind = Kind.FORBIDDEN


class ChallengeUnknown(ServiceError):
    """The question is unknown, answered before, late, another person's or for another act."""

    code = "passkeys.challenge_unknown"
    kind = Kind.GONE


class TooManyChallenges(ServiceError):
    """More questions are open than are kept."""

    code = "passkeys.busy"
    kind = Kind.UNAVAILABLE


class PasskeyUnknown(ServiceError):
    """No account has this passkey, or no longer, or the account is closed."""

    code = "passkeys.unknown"
    kind = Kind.UNAUTHENTICATED


class CounterWentBack(ServiceError):
    """The device counts fewer uses than before: there may be a copy of it."""

    code = "passkeys.counter_went_back"
    kind = Kind.FORBIDDEN


class Unreadable(ServiceError):
    """Not an answer of a passkey device, or its signature does not fit."""

    code = "passkeys.unreadable"
    kind = Kind.INVALID


class StatementMoved(ServiceError):
    """The device signed other words than the ones that stand now."""

    code = "passkeys.statement_moved"
    kind = Kind.CONFLICT


class PasskeyTaken(ServiceError):
    """This very passkey is registered already."""

    code = "passkeys.taken"
    kind = Kind.CONFLICT


class TooManyPasskeys(ServiceError):
    """An account has `most` passkeys at once."""

    code = "passkeys.too_many"
    kind = Kind.CONFLICT

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class PasskeyRequired(ServiceError):
    """The owner of this account said that a password alone opens nothing."""

    code = "passkeys.required"
    kind = Kind.FORBIDDEN


class NoPasskeyYet(ServiceError):
    """Who has no passkey cannot ask for one at each sign-in."""

    code = "passkeys.none_yet"
    kind = Kind.CONFLICT


class LastPasskey(ServiceError):
    """The only way into an account that takes no password is not thrown away."""

    code = "passkeys.last_one"
    kind = Kind.CONFLICT


class LossUnknown(ServiceError):
    """No request for new keys has this id."""

    code = "passkeys.loss_unknown"
    kind = Kind.NOT_FOUND


class LossOpen(ServiceError):
    """A request for new keys of this person is waiting already."""

    code = "passkeys.loss_open"
    kind = Kind.CONFLICT


class LossSettled(ServiceError):
    """The request is decided, or its link was handed over already."""

    code = "passkeys.loss_settled"
    kind = Kind.CONFLICT


class LossNotSigned(ServiceError):
    """There is no link before the supervisor has signed as well."""

    code = "passkeys.loss_not_signed"
    kind = Kind.CONFLICT


class OwnLoss(ServiceError):
    """Nobody vouches for themselves, and nobody gives both signatures."""

    code = "passkeys.own_loss"
    kind = Kind.FORBIDDEN
    rule = "R-SOD-1"


class PasskeyLinkUnknown(ServiceError):
    """The link for a new passkey is unknown, used, replaced or late."""

    code = "passkeys.link_unknown"
    kind = Kind.GONE
