"""Wire shapes of outside lists; a name or number is in none but `LookedOut`."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints

from blacklist.core.grounds import GROUNDS, Kind
from blacklist.core.list_check import Problem
from blacklist.core.list_matching import Compared, Looked
from blacklist.core.outside_list import Check, OutsideList
from blacklist.list_desk import Ended, Running
from blacklist.list_service import Reported
from blacklist.list_store import Counts, Intake
from foundation.errors import Fact

Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ListReasonIn(_In):
    """Why somebody does what they do."""

    reason: Reason


class MatchDecisionIn(_In):
    """What a person says of a near match."""

    decision: Literal["same_person", "other_person"]
    reason: Reason


class ListProblemOut(BaseModel):
    """One cell that could not be taken; `value_hint` is form and length, such as `text:17`."""

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


class ListErrorOut(BaseModel):
    """Why an intake took nothing; `facts` fill the words of `code`."""

    code: str
    facts: dict[str, Fact]


class IntakeOut(BaseModel):
    """One intake: how far it is while it runs, how it ended afterwards."""

    id: str
    source: str
    issuing_body: str
    state: str
    phase: str
    done: int
    total: int
    began_at: datetime | None
    ended_at: datetime | None
    imported: int
    skipped: int
    problem_count: int
    problems: list[ListProblemOut]
    error: ListErrorOut | None

    @classmethod
    def of_running(cls, one: Running) -> Self:
        """While it runs."""
        return cls(
            id=one.id,
            source="",
            issuing_body="",
            state="running",
            phase=one.phase,
            done=one.done,
            total=one.total,
            began_at=None,
            ended_at=None,
            imported=0,
            skipped=0,
            problem_count=0,
            problems=[],
            error=None,
        )

    @classmethod
    def of(cls, one: Intake, ended: Ended) -> Self:
        """From its record, with what else is known."""
        error = None
        if one.refusal:
            told = ended.refusal.facts if ended.refusal else {}
            counted: dict[str, Fact] = {"rows": one.skipped, "problems": one.problems}
            error = ListErrorOut(code=one.refusal, facts=counted | dict(told))
        return cls(
            id=one.id,
            source=one.source,
            issuing_body=one.issuing_body,
            state=one.stage,
            phase="",
            done=0,
            total=0,
            began_at=one.began_at,
            ended_at=one.ended_at,
            imported=one.rows,
            skipped=one.skipped,
            problem_count=one.problems,
            problems=[ListProblemOut.of(problem) for problem in ended.problems],
            error=error,
        )


class OutsideListOut(BaseModel):
    """One list that was taken. `document` is the SHA-256 of its file."""

    id: str
    source: str
    issuing_body: str
    dated_on: date
    document: str
    rows: int
    skipped: int
    taken_at: datetime
    withdrawn_at: datetime | None
    reason: str

    @classmethod
    def of(cls, one: OutsideList) -> Self:
        """The wire form."""
        return cls(
            id=one.id,
            source=one.source,
            issuing_body=one.issuing_body,
            dated_on=one.dated_on,
            document=one.document,
            rows=one.rows,
            skipped=one.skipped,
            taken_at=one.taken_at,
            withdrawn_at=one.withdrawn_at,
            reason=one.reason,
        )


class OutsideListsOut(BaseModel):
    """Every list, newest first, and the intakes that took nothing."""

    lists: list[OutsideListOut]
    failed: list[IntakeOut]
    running: IntakeOut | None


class CheckOut(BaseModel):
    """One cross-check; `by_itself` says that nobody asked for it."""

    id: str
    day: date
    at: datetime
    lists: int
    rows: int
    experts: int
    exact: int
    near: int
    common: int
    by_itself: bool

    @classmethod
    def of(cls, one: Check) -> Self:
        """The wire form."""
        return cls(
            id=one.id,
            day=one.day,
            at=one.at,
            lists=len(one.lists),
            rows=one.rows,
            experts=one.experts,
            exact=one.exact,
            near=one.near,
            common=one.common,
            by_itself=not one.by,
        )


class MatchCountsOut(BaseModel):
    """How many matches wait for what."""

    near_open: int
    waiting: int
    proposed: int
    other_person: int

    @classmethod
    def of(cls, one: Counts) -> Self:
        """The wire form."""
        return cls(
            near_open=one.near_open,
            waiting=one.exact_waiting + one.same_waiting,
            proposed=one.proposed,
            other_person=one.other_person,
        )


class WorkOut(BaseModel):
    """How far a cross-check is; `running` is false where none runs."""

    running: bool
    phase: str
    done: int
    total: int

    @classmethod
    def of(cls, one: Running | None) -> Self:
        """The wire form."""
        if one is None:
            return cls(running=False, phase="", done=0, total=0)
        return cls(running=True, phase=one.phase, done=one.done, total=one.total)


class CrossCheckOut(BaseModel):
    """Where the cross-check stands: the last ones, what waits, and how far a running one is."""

    checks: list[CheckOut]
    counts: MatchCountsOut
    lists_in_force: int
    work: WorkOut


class ComparedOut(BaseModel):
    """In what both numbers agree: `yes`, `no`, or "" where the list does not show it."""

    place: str
    born: str
    sex: str
    shown: int
    agreeing: int

    @classmethod
    def of(cls, one: Compared) -> Self:
        """The wire form."""
        return cls(
            place=one.place,
            born=one.born,
            sex=one.sex,
            shown=one.shown,
            agreeing=one.agreeing,
        )


class ListMatchOut(BaseModel):
    """One match: who (by id), why, since when, drawn when since, and what was done.

    `drawn_at` counts draws that are unsealed only: before that nobody learns who was drawn.
    """

    id: str
    expert_id: str
    how: str
    list_id: str
    source: str
    issuing_body: str
    dated_on: date
    row: int
    kind: Kind
    ground: str
    article: str
    document: str
    starts_on: date
    ends_on: date | None
    found_at: datetime
    drawn_at: list[datetime]
    decision: str
    reason: str
    decided_at: datetime | None
    proposal: str
    proposed_at: datetime | None
    in_force: bool
    compared: ComparedOut | None

    @classmethod
    def of(cls, one: Reported, compared: Compared | None) -> Self:
        """The wire form."""
        match, entry, source = one.match, one.entry, one.source
        return cls(
            id=match.id,
            expert_id=match.expert_id,
            how=match.how,
            list_id=match.list_id,
            source=source.source,
            issuing_body=source.issuing_body,
            dated_on=source.dated_on,
            row=entry.row,
            kind=entry.kind,
            ground=entry.ground,
            article=GROUNDS[entry.ground].article,
            document=entry.document,
            starts_on=entry.starts_on,
            ends_on=entry.ends_on,
            found_at=match.found_at,
            drawn_at=list(one.drawn_at),
            decision=match.decision or "",
            reason=match.reason,
            decided_at=match.decided_at,
            proposal=match.proposal,
            proposed_at=match.proposed_at,
            in_force=source.in_force,
            compared=None if compared is None else ComparedOut.of(compared),
        )


class ListMatchesOut(BaseModel):
    """One page of matches; `next` is given back as `after`, "" on the last page."""

    matches: list[ListMatchOut]
    next: str


class LookedOut(BaseModel):
    """Name and number on the list and in the pool, for the one supervisor who looked."""

    listed_name: str
    listed_number: str
    name: str
    number: str

    @classmethod
    def of(cls, one: Looked) -> Self:
        """The wire form."""
        return cls(
            listed_name=one.listed_name,
            listed_number=one.listed_number,
            name=one.name,
            number=one.number,
        )
