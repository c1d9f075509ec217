"""The refusals of the draw's core. Words: app/locales/*/draw_core.json."""

from foundation.errors import Kind, ServiceError


class DuplicateTag(ServiceError):
    """The same pseudonym twice in one tree: one expert was put in twice."""

    code = "draw.duplicate_tag"
    kind = Kind.CONFLICT


class HatTooSmall(ServiceError):
    """Fewer than `hat_min` experts per seat; carries what is needed, never what is there."""

    code = "draw.hat_too_small"
    kind = Kind.CONFLICT
    rule = "R-POOL-3"

    def __init__(self, slot: int | str, needed: int) -> None:
        super().__init__(slot=slot, needed=needed)


class NotAdmitted(ServiceError):
    """Too few dry attempts were feasible; names the rule whose removal would help most."""

    code = "draw.not_admitted"
    kind = Kind.CONFLICT

    def __init__(self, tightest: str) -> None:
        super().__init__(tightest=tightest)


class NoFeasibleCommittee(ServiceError):
    """No attempt below `a_max` was feasible; the draw is aborted with `no_feasible`."""

    code = "draw.no_feasible"
    kind = Kind.CONFLICT

    def __init__(self, attempts: int) -> None:
        super().__init__(attempts=attempts)


class HatExhausted(ServiceError):
    """A supplementary step found nobody who fits; the draw is aborted with `hat_exhausted`."""

    code = "draw.hat_exhausted"
    kind = Kind.CONFLICT


class KeepChanged(ServiceError):
    """Who keeps a seat is not who kept one when the redraw was filed: somebody has left since, or
    is no longer in the pool. The open seats are others now; the request is to be filed anew."""

    code = "draw.keep_changed"
    kind = Kind.CONFLICT


class WrongShare(ServiceError):
    """A revealed value does not hash to the one before it or to the tip."""

    code = "draw.wrong_share"
    kind = Kind.INVALID


class Misshapen(ServiceError):
    """An object of the protocol lacks a member, has one too many, or one of another kind."""

    code = "draw.misshapen"
    kind = Kind.INVALID

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted=wanted)


class RequestDecided(ServiceError):
    """The request was answered before; an answer is given once."""

    code = "record.request_decided"
    kind = Kind.CONFLICT
