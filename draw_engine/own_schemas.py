"""Wire shapes of what experts may say about their own data."""

from typing import Annotated, Literal, Self

from pydantic import Field

from draw_engine.core.consents import TEXTS, Consent, Purpose
from draw_engine.core.own_requests import Asked, Fact, Outcome
from draw_engine.own_rights import MOST_REASON, MOST_WORDS, Told
from draw_engine.schemas import In, Instant, Out


class ConsentOut(Out):
    """One purpose, what is agreed to word for word, and where the expert stands."""

    purpose: Purpose
    version: str
    text_sha256: str
    basis: str
    zh: str
    en: str
    given: bool
    since: Instant | None

    @classmethod
    def of(cls, purpose: Purpose, said: Consent | None) -> Self:
        """The wire form."""
        text = TEXTS[purpose]
        return cls(
            purpose=purpose,
            version=text.version,
            text_sha256=text.hash,
            basis=text.basis,
            zh=text.zh,
            en=text.en,
            given=said is not None and said.counts,
            since=said.at if said else None,
        )


class SaidOut(Out):
    """A consent given or withdrawn."""

    purpose: Purpose
    version: str
    given: bool
    at: Instant

    @classmethod
    def of(cls, one: Consent) -> Self:
        """The wire form."""
        return cls(purpose=one.purpose, version=one.version, given=one.given, at=one.at)


class ConsentsOut(Out):
    """The closed list, and every word of the expert, newest first."""

    consents: list[ConsentOut]
    history: list[SaidOut]


class ConsentIn(In):
    """What the expert says; `version` is the wording that was read."""

    given: bool
    version: Annotated[str, Field(min_length=1, max_length=40)]


class CorrectionIn(In):
    """Which fact is wrong, and what should stand."""

    fact: Literal[
        "name",
        "id_number",
        "phone",
        "specialty",
        "title",
        "employer",
        "region",
        "term",
        "standing",
        "other",
    ]
    text: Annotated[str, Field(min_length=1, max_length=MOST_WORDS)]
    document: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class OwnRequestOut(Out):
    """A request and its answer; `expert_id` for those who answer."""

    id: str
    expert_id: str
    asked: Asked
    fact: Fact
    text: str
    document: str
    asked_at: Instant
    outcome: Outcome
    reason: str
    decided_at: Instant | None

    @classmethod
    def of(cls, told: Told) -> Self:
        """The wire form."""
        one = told.request
        return cls(
            id=one.id,
            expert_id=one.expert_id,
            asked=one.asked,
            fact=one.fact,
            text=told.text,
            document=one.document,
            asked_at=one.asked_at,
            outcome=one.outcome,
            reason=one.reason,
            decided_at=one.decided_at,
        )


class OwnRequestsOut(Out):
    """Requests, the open ones first."""

    requests: list[OwnRequestOut]


class OwnRequestDecisionIn(In):
    """The answer, with a reason."""

    outcome: Literal["granted", "refused"]
    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON)]


class ErasureOut(Out):
    """Whether the expert may be erased now; if not, why, by which rule, and until which day."""

    possible: bool
    code: str
    rule: str
    until: str
    waits: bool
