"""Why a request is not taken, one class for each rule that a request can break."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from draw_engine.core.composition import RuleOutcome, Verdict
from draw_engine.core.region_rules import RegionRulesTooNarrow
from foundation.errors import Kind, ServiceError


class _RuleBroken(ServiceError):
    kind = Kind.CONFLICT


class CommitteeSizeUnlawful(_RuleBroken):
    """Members even, too few, experts below two thirds, or not all accounted for (R-SIZE-1)."""

    code = "draw.committee_size_unlawful"
    rule: ClassVar[str | None] = "R-SIZE-1"


class EntityNotNamed(_RuleBroken):
    """Without the procuring entity its own people can't be kept out (R-REC-10)."""

    code = "draw.entity_not_named"
    rule: ClassVar[str | None] = "R-REC-10"


class PartyCodeWrong(ServiceError):
    """A party's unified credit code has a wrong check digit: it would recuse nobody, or the
    people of another unit (R-REC-1, R-REC-10)."""

    code = "draw.party_code_wrong"
    kind = Kind.INVALID
    rule: ClassVar[str | None] = "R-REC-1"


class UnitsTooFew(_RuleBroken):
    """Too few different units for a committee under the cap (R-UNIT-1)."""

    code = "draw.units_too_few"
    rule: ClassVar[str | None] = "R-UNIT-1"


class ConditionsTooNarrow(_RuleBroken):
    """A condition that could point at a person: a split slot, or less than a province."""

    code = "draw.conditions_too_narrow"
    rule: ClassVar[str | None] = "R-NARROW-1"


class RequestInadmissible(_RuleBroken):
    """Another rule of the rule book stands against the request; the facts name it."""

    code = "draw.request_inadmissible"


class RepresentativeUnknown(ServiceError):
    """A named owner representative has no account as one, or is named twice; a seat that
    nobody can take would make the committee look larger than it is (R-SIZE-1)."""

    code = "draw.representative_unknown"
    kind = Kind.INVALID
    rule: ClassVar[str | None] = "R-SIZE-1"


class SectionAlreadyDrawn(ServiceError):
    """The section has a draw that has not ended in an abort: drawing again until the
    committee pleases would be designation (R-PRIN-1)."""

    code = "draw.section_already_drawn"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-PRIN-1"


class NothingToSetAside(ServiceError):
    """A draw is set aside where it ended with members seated, or where its abort has waited too
    long for a supervisor's key that was replaced since; this one is neither."""

    code = "draw.nothing_to_set_aside"
    kind = Kind.CONFLICT


class RequestKeyTaken(ServiceError):
    """The request key was used before, by somebody else or for another request."""

    code = "draw.request_key_taken"
    kind = Kind.CONFLICT


class WindowWrong(ServiceError):
    """The draw is too early or too late before the evaluation, or already over (R-TIME-4)."""

    code = "draw.window_wrong"
    kind = Kind.INVALID
    rule: ClassVar[str | None] = "R-TIME-4"


class TooLate(ServiceError):
    """The draw has gone beyond the point where this can be done."""

    code = "draw.too_late"
    kind = Kind.CONFLICT


class NotYours(ServiceError):
    """The draw was filed by somebody else."""

    code = "draw.not_yours"
    kind = Kind.FORBIDDEN


class NamesNotYet(ServiceError):
    """Names open only when every seat is taken."""

    code = "draw.names_not_yet"
    kind = Kind.CONFLICT


class NotPublished(ServiceError):
    """The bundle is not public yet: it comes with unsealing."""

    code = "draw.not_published"
    kind = Kind.NOT_FOUND


class SeatUnknown(ServiceError):
    """The draw has no such seat, or nobody sits in it now."""

    code = "draw.seat_unknown"
    kind = Kind.NOT_FOUND


class ShareRefused(ServiceError):
    """A holder's tip, value, admission or signature does not fit; `why` says how."""

    code = "draw.share_refused"
    kind = Kind.CONFLICT


_BY_RULE: Final[Mapping[str, type[ServiceError]]] = MappingProxyType(
    {
        "R-SIZE-1": CommitteeSizeUnlawful,
        "R-REC-10": EntityNotNamed,
        "R-UNIT-1": UnitsTooFew,
        "R-NARROW-1": ConditionsTooNarrow,
        # A slot with too few has its own refusal, which comes before (`bands`).
        "R-POOL-3": RegionRulesTooNarrow,
    }
)


def refuse_failed(outcomes: Iterable[RuleOutcome]) -> None:
    """Raise the refusal of the first rule that fails."""
    for one in outcomes:
        if one.outcome is Verdict.FAIL:
            refusal = _BY_RULE.get(one.rule)
            raise refusal(**one.facts) if refusal else RequestInadmissible(failed=one.rule)
