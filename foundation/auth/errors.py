"""Refusals at the front door. Words: app/locales/*/accounts.json."""

from foundation.errors import Kind, ServiceError


class NotSignedIn(ServiceError):
    """No token, or one that is over, revoked or not ours."""

    code = "accounts.not_signed_in"
    kind = Kind.UNAUTHENTICATED


class NotPermitted(ServiceError):
    """The account's role does not grant what the door asks."""

    code = "accounts.not_permitted"
    kind = Kind.FORBIDDEN


class WrongPassword(ServiceError):
    """Unknown username, wrong password, no password yet or disabled: one answer for all."""

    code = "accounts.wrong_password"
    kind = Kind.UNAUTHENTICATED


class TooManyAttempts(ServiceError):
    """Signing in was tried too often; `wait_seconds` until the next try."""

    code = "accounts.too_many_attempts"
    kind = Kind.TOO_MANY

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(wait_seconds=wait_seconds)


class SignInBusy(ServiceError):
    """More passwords are being checked than this machine can bear."""

    code = "accounts.sign_in_busy"
    kind = Kind.UNAVAILABLE


class LinkUnknown(ServiceError):
    """The one-time link is unknown, used, replaced or older than 48 hours."""

    code = "accounts.link_unknown"
    kind = Kind.GONE


class PasswordTooWeak(ServiceError):
    """Shorter than `least` characters, or nothing but the username."""

    code = "accounts.password_too_weak"
    kind = Kind.INVALID

    def __init__(self, least: int) -> None:
        super().__init__(least=least)


class UsernameTaken(ServiceError):
    """Another account has this username."""

    code = "accounts.username_taken"
    kind = Kind.CONFLICT


class AccountUnknown(ServiceError):
    """No account has this id."""

    code = "accounts.unknown"
    kind = Kind.NOT_FOUND


class AccountDisabled(ServiceError):
    """The account was disabled; it keeps its history and takes no more acts."""

    code = "accounts.disabled"
    kind = Kind.CONFLICT


class RolesIncompatible(ServiceError):
    """One person would hold two posts that must be held by different persons."""

    code = "accounts.roles_incompatible"
    kind = Kind.CONFLICT
    rule = "R-SOD-1"

    def __init__(self, held: str, wanted: str) -> None:
        super().__init__(held=held, wanted=wanted)


class PersonMarkNeeded(ServiceError):
    """A post needs to be said whose it is, or one person could hold two under two accounts."""

    code = "accounts.person_mark_needed"
    kind = Kind.INVALID
    rule = "R-SOD-1"


class PersonMarkUnfit(ServiceError):
    """The person mark is no identity number. It is never repeated here."""

    code = "accounts.person_mark_unfit"
    kind = Kind.INVALID
    rule = "R-SOD-1"


class ExpertNeeded(ServiceError):
    """An expert's account names its expert, and only an expert's account does."""

    code = "accounts.expert_needed"
    kind = Kind.INVALID


class KeyRole(ServiceError):
    """Custodians sign in with their key and have no account here."""

    code = "accounts.key_role"
    kind = Kind.INVALID


class OwnAccount(ServiceError):
    """An administrator may not change the role of, or disable, their own account."""

    code = "accounts.own_account"
    kind = Kind.CONFLICT
    rule = "R-SOD-1"


class TicketUnknown(ServiceError):
    """The ticket is unknown, used, older than 30 seconds or for another purpose."""

    code = "accounts.ticket_unknown"
    kind = Kind.UNAUTHENTICATED


class UsernameUnfit(ServiceError):
    """Usernames are 3 to 64 Latin letters, digits, dots, dashes, underlines or @."""

    code = "accounts.username_unfit"
    kind = Kind.INVALID


class ExpertHasAccount(ServiceError):
    """The expert has an account already."""

    code = "accounts.expert_has_account"
    kind = Kind.CONFLICT
