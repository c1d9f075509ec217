"""Refusals of the assessment (一标一评)."""

from foundation.errors import Kind, ServiceError


class TableUnusable(ServiceError):
    """A table of facts or of demerit points is missing or malformed; the service does not start."""

    code = "blacklist.table_unusable"
    kind = Kind.UNAVAILABLE

    def __init__(self, table: str, why: str) -> None:
        super().__init__(table=table, why=why)


class RatingUnknown(ServiceError):
    """There is no rating round of this evaluation."""

    code = "blacklist.rating_unknown"
    kind = Kind.NOT_FOUND


class NotARater(ServiceError):
    """Whoever asks had no part in this evaluation and has nothing to say about it."""

    code = "blacklist.not_a_rater"
    kind = Kind.FORBIDDEN
    rule = "R-ASM-2"


class RatingLocked(ServiceError):
    """The time to rate is over, or everybody has rated; nothing is changed any more."""

    code = "blacklist.rating_locked"
    kind = Kind.CONFLICT
    rule = "R-ASM-1"


class AlreadyRated(ServiceError):
    """A rating is given once, so that nobody changes it after a word with somebody."""

    code = "blacklist.already_rated"
    kind = Kind.CONFLICT
    rule = "R-ASM-3"


class FactUnfit(ServiceError):
    """The fact is not on the closed list, or this rater may not state it of this person."""

    code = "blacklist.fact_unfit"
    kind = Kind.INVALID
    rule = "R-ASM-2"

    def __init__(self, fact: str) -> None:
        super().__init__(fact=fact)


class FactOfTheLog(ServiceError):
    """Lateness, absence and the like come from the log; nobody types them."""

    code = "blacklist.fact_of_the_log"
    kind = Kind.INVALID
    rule = "R-ASM-2"

    def __init__(self, fact: str) -> None:
        super().__init__(fact=fact)


class LinkUnfit(ServiceError):
    """No entry of this evaluation's log shows the fact: none is named, it is of another
    evaluation or another seat, or entries of its type do not show this fact."""

    code = "blacklist.link_unfit"
    kind = Kind.INVALID
    rule = "R-ASM-2"

    def __init__(self, fact: str) -> None:
        super().__init__(fact=fact)


class RightIsNoGround(ServiceError):
    """A signed dissent, a ballot, a wish for more time or a quiet alarm is a right; no deduction
    rests on it."""

    code = "blacklist.right_is_no_ground"
    kind = Kind.INVALID
    rule = "R-EVAL-12"


class ReasonMissing(ServiceError):
    """A deduction, a dispute and a decision need words, at most 500 characters."""

    code = "blacklist.reason_missing"
    kind = Kind.INVALID
    rule = "R-ASM-3"

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class PointUnknown(ServiceError):
    """This account has no such point."""

    code = "blacklist.point_unknown"
    kind = Kind.NOT_FOUND


class PointSettled(ServiceError):
    """The point was disputed, decided or taken back before; what was said stays."""

    code = "blacklist.point_settled"
    kind = Kind.CONFLICT
    rule = "R-APPEAL-1"
