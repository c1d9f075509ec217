"""Wire shapes of imported versions and crosswalks; only who works on them sees these."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, Field

from classification.core.crosswalk import (
    Certainty,
    Crosswalk,
    Decision,
    How,
    Kind,
    Outcome,
)
from classification.core.difference import Change, Difference
from classification.core.editions import Edition, State
from classification.edition_desk import Proposal
from classification.schemas import SpecialtyFoundOut

Reason = Annotated[str, Field(max_length=500)]


class DifferenceOut(BaseModel):
    """One line that an imported list changes."""

    change: Change
    code: str
    before: str
    after: str
    to: str
    status: str

    @classmethod
    def of(cls, one: Difference) -> Self:
        """The wire form."""
        return cls(
            change=one.change,
            code=one.code,
            before=one.before,
            after=one.after,
            to=one.to,
            status=one.status,
        )


class ProposalOut(BaseModel):
    """A list beside the version that it would follow; nothing is in force by looking."""

    version: str
    based_on: str
    sha256: str
    lines: int
    counts: dict[Change, int]
    needs_a_person: int
    differences: list[DifferenceOut]

    @classmethod
    def of(cls, one: Proposal) -> Self:
        """The wire form."""
        return cls(
            version=one.catalogue.version,
            based_on=one.crosswalk.old,
            sha256=one.sha256,
            lines=len(one.catalogue),
            counts={Change(change): n for change, n in one.counts.items()},
            needs_a_person=one.crosswalk.progress({}).needed,
            differences=[DifferenceOut.of(line) for line in one.differences],
        )


class EditionOut(BaseModel):
    """An imported version and who answers for it."""

    version: str
    based_on: str
    state: State
    file: str
    sha256: str
    lines: int
    counts: dict[Change, int]
    proposed_by: str
    proposed_at: str
    decided_by: str
    decided_at: str
    reason: str

    @classmethod
    def of(cls, one: Edition) -> Self:
        """The wire form."""
        return cls(
            version=one.version,
            based_on=one.based_on,
            state=one.state,
            file=one.file,
            sha256=one.sha256,
            lines=one.lines,
            counts={Change(change): n for change, n in one.counts.items()},
            proposed_by=one.proposed_by,
            proposed_at=one.proposed_at,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            reason=one.reason,
        )


class ReasonIn(BaseModel):
    """Why."""

    reason: Reason


class CrosswalkOut(BaseModel):
    """A crosswalk and how far persons have come with it."""

    old: str
    new: str
    rows: int
    needed: int
    decided: int
    with_class: int
    open_with_class: int
    sure: int
    kinds: dict[Kind, int]

    @classmethod
    def of(cls, one: Crosswalk, decisions: Mapping[str, Decision]) -> Self:
        """The wire form; `kinds` counts the rows that need a person."""
        progress = one.progress(decisions)
        needed = [
            row.kind for row in one if row.certainty not in {Certainty.SURE, Certainty.WITH_CLASS}
        ]
        return cls(
            old=one.old,
            new=one.new,
            rows=len(one),
            needed=progress.needed,
            decided=progress.decided,
            with_class=progress.with_class,
            open_with_class=progress.open_with_class,
            sure=progress.sure,
            kinds={kind: needed.count(kind) for kind in Kind if kind in needed},
        )


class DecisionOut(BaseModel):
    """A person's word on a row; `index` of its entry in the log."""

    outcome: Outcome
    heirs: list[str]
    reason: str
    by: str
    at: str
    number: int
    index: int

    @classmethod
    def of(cls, one: Decision, index: int) -> Self:
        """The wire form."""
        return cls(
            outcome=one.outcome,
            heirs=list(one.heirs),
            reason=one.reason,
            by=one.by,
            at=one.at,
            number=one.number,
            index=index,
        )


class RowOut(BaseModel):
    """One code of the older version and what became of it. `seen` goes back with a decision."""

    code: str
    name: str
    path: list[str]
    kind: Kind
    certainty: Certainty
    how: How
    heirs: list[SpecialtyFoundOut]
    seen: int
    followers: int


class RowsOut(BaseModel):
    """One page of rows and how many fit in all."""

    total: int
    rows: list[RowOut]


class RowDetailOut(RowOut):
    """A row with the lines that it may have become and everything ever said on it."""

    candidates: list[SpecialtyFoundOut]
    history: list[DecisionOut]


class DecisionIn(BaseModel):
    """What a person decides; `heirs` are bare codes of the newer version."""

    outcome: Outcome
    heirs: list[Annotated[str, Field(max_length=7)]] = Field(default=[], max_length=8)
    reason: Reason
    seen: int = Field(ge=0)
