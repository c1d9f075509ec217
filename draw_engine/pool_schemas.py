"""Wire shapes of the pool: no name, telephone or identity number in any of them."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from draw_engine.pool_check import Problem
from draw_engine.pool_desk import Ended, Running
from draw_engine.pool_list import Listing
from draw_engine.pool_records import ImportRecord, State
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


class ImportErrorOut(BaseModel):
    """Why an import took nothing; `facts` fill the words of `code`."""

    code: str
    facts: dict[str, Fact]


class ListedOut(BaseModel):
    """A row whose person was enrolled and stands on an outside list."""

    sheet: str
    row: int


class ImportOut(BaseModel):
    """One import: how far it is while it runs, how it ended afterwards.

    `phase`, `done` and `total` (rows) tell of a running one. `problems` are known until the
    service restarts; `problem_count` counts them all. `listed` are enrolled and wait for somebody
    who deals with their entry on an outside list.
    """

    id: str
    file: str
    state: str
    phase: str
    done: int
    total: int
    began_at: datetime | None
    ended_at: datetime | None
    imported: int
    skipped: int
    problem_count: int
    problems: list[ProblemOut]
    listed: list[ListedOut]
    error: ImportErrorOut | None

    @classmethod
    def of_running(cls, one: Running) -> Self:
        """While it runs."""
        return cls(
            id=one.id,
            file=one.file,
            state=State.RUNNING,
            phase=one.phase,
            done=one.done,
            total=one.total,
            began_at=None,
            ended_at=None,
            imported=0,
            skipped=0,
            problem_count=0,
            problems=[],
            listed=[],
            error=None,
        )

    @classmethod
    def of(cls, one: ImportRecord, ended: Ended | None = None) -> Self:
        """From its record, with what else is known."""
        error = None
        if one.refusal:
            told = ended.refusal.facts if ended and ended.refusal else {}
            error = ImportErrorOut(code=one.refusal, facts=one.facts() | dict(told))
        return cls(
            id=one.id,
            file=one.file,
            state=one.state,
            phase="",
            done=0,
            total=0,
            began_at=one.began_at,
            ended_at=one.ended_at,
            imported=one.imported,
            skipped=one.skipped,
            problem_count=one.problems,
            problems=[ProblemOut.of(problem) for problem in (ended.problems if ended else ())],
            listed=[ListedOut(sheet=sheet, row=row) for sheet, row in ended.listed]
            if ended
            else [],
            error=error,
        )


class ImportsOut(BaseModel):
    """The last imports, newest first; the running one, if any, is the first."""

    imports: list[ImportOut]


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
    """One page of the list. `total` match in all, or more where `at_least`."""

    total: int
    at_least: bool
    has_earlier: bool
    has_later: bool
    experts: list[ExpertOut]
