"""Wire shapes for the invited expert: time, place, contact, and nothing of the project."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from draw_engine.own_hats import OwnDraw
from draw_engine.schemas import In, Instant, Out
from draw_engine.vault_seats import Invitation


class InvitationOut(Out):
    """An invitation. It has no member for a project fact (R-CONF-3)."""

    id: str
    state: str
    starts_at: Instant
    place: str
    contact: str
    reply_by: Instant
    invited_at: Instant
    evaluation_id: str | None

    @classmethod
    def of(cls, one: Invitation, evaluation_id: str | None) -> Self:
        """The wire form."""
        return cls(
            id=one.id,
            state=one.status,
            starts_at=one.starts_at,
            place=one.place,
            contact=one.contact,
            reply_by=one.reply_by,
            invited_at=one.invited_at,
            evaluation_id=evaluation_id,
        )


class InboxOut(Out):
    """An expert's invitations, newest first."""

    invitations: list[InvitationOut]


class AnswerIn(In):
    """Whether the expert comes; a decline carries a coded reason."""

    answer: Literal["accept", "decline"]
    reason: Literal["illness", "duty", "conflict", "travel", "other"] | None = None


class DisputeIn(In):
    """What an expert says against an entry in their own name."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]


class RecordEntryOut(Out):
    """One thing that was recorded in an expert's own name."""

    id: str
    at: Instant
    kind: str
    facts: dict[str, Any]
    dispute: str | None

    @classmethod
    def of(cls, one: Invitation) -> Self:
        """What became of an invitation, as the record keeps it."""
        return cls(
            id=one.id,
            at=one.answered_at or one.invited_at,
            kind=one.status,
            facts={"reason": one.reason} if one.reason else {},
            dispute=one.disputed or None,
        )


class OwnDrawOut(Out):
    """One draw and what the expert was in it; `answer` has one size for everybody."""

    draw_id: str
    M: str
    index: int
    frozen_at: Instant
    aborted: bool
    manifest: dict[str, Any]
    answer: dict[str, Any]

    @classmethod
    def of(cls, one: OwnDraw) -> Self:
        """The wire form."""
        return cls(
            draw_id=one.draw_id,
            M=one.M,
            index=one.index,
            frozen_at=one.frozen_at,
            aborted=one.aborted,
            manifest=one.manifest,
            answer=one.answer,
        )


class OwnHatsOut(Out):
    """Days worth asking for, and the draws of the day that was asked for."""

    days: list[date]
    day: date | None
    draws: list[OwnDrawOut]
