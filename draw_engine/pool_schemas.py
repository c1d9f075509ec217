"""Wire shapes of the pool: no name, telephone or identity number in any of them."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from draw_engine.expert_pool import Listing
from draw_engine.pool_import import Outcome, Problem
from foundation.errors import Fact


class ProblemOut(BaseModel):
    """One cell that could not be taken; `value_hint` is form and length, such as `text:17`.

    `facts` fill the words of `code`; they hold specialty codes and never personal values.
    """

    sheet: str
    row: int
    column: str
    code: str
    value_hint: str
    facts: dict[str, Fact]

    @classmethod
    def of(cls, one: Problem) -> Self:
        """The wire form."""
        return cls(
            sheet=one.sheet,
            row=one.row,
            column=one.column,
            code=one.code,
            value_hint=one.value_hint,
            facts=one.facts,
        )


class ImportOut(BaseModel):
    """What an import did."""

    imported: int
    skipped: int
    problems: list[ProblemOut]

    @classmethod
    def of(cls, one: Outcome) -> Self:
        """The wire form."""
        problems = [ProblemOut.of(problem) for problem in one.problems]
        return cls(imported=one.imported, skipped=one.skipped, problems=problems)


class RegionCountOut(BaseModel):
    """How many experts live in a province."""

    region: str
    name: str
    n: int


class StandingCountOut(BaseModel):
    """How many experts of the pool have a standing."""

    standing: str
    n: int


class SnapshotOut(BaseModel):
    """A snapshot of the pool in the log: `root` in hex, `index` of its entry."""

    epoch: int
    n: int
    root: str
    at: datetime
    index: int


class SummaryOut(BaseModel):
    """The pool in counts."""

    experts: int
    generated: int
    regions: list[RegionCountOut]
    standings: list[StandingCountOut]
    snapshot: SnapshotOut | None


class ExpertOut(BaseModel):
    """One expert as the pool manager sees it: facts, and an employer's name."""

    expert_id: str
    region: str
    codes: list[str]
    title: str
    employer: str
    unified_credit_code: str
    valid_to: str
    standing: str
    admitted_at: datetime
    generated: bool

    @classmethod
    def of(cls, one: Listing, standing: str) -> Self:
        """Built from a line of the list and the blacklist's word on it."""
        facts = one.facts
        return cls(
            expert_id=facts.expert_id,
            region=str(facts.region),
            codes=[f"{facts.classification}:{code}" for code in facts.codes],
            title=facts.title,
            employer=one.employer,
            unified_credit_code=facts.employer,
            valid_to=facts.valid_to.isoformat(),
            standing=standing,
            admitted_at=facts.admitted_at,
            generated=facts.generated,
        )


class ExpertsOut(BaseModel):
    """One page of the list and how many match in all."""

    total: int
    experts: list[ExpertOut]
