"""A case (案件): from the first report to the published end, as a table (SPEC.md section 3).

A decision without an answer waits until the time to answer is over. An appeal is heard once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from blacklist.core import errors
from blacklist.core.facts import china_day
from foundation.ids import ExpertId


class CaseStatus(StrEnum):
    """Where a case stands."""

    NOTIFIED = "notified"
    ANSWERED = "answered"
    DECIDED = "decided"
    DISMISSED = "dismissed"
    IN_FORCE = "in_force"
    APPEALED = "appealed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class CaseAct(StrEnum):
    """What may be done to a case."""

    ANSWER = "answer"
    DECIDE = "decide"
    CONFIRM = "confirm"
    RETURN = "return"
    APPEAL = "appeal"
    DECIDE_APPEAL = "decide_appeal"


S, A = CaseStatus, CaseAct

MOVES: Final[Mapping[CaseStatus, frozenset[CaseAct]]] = MappingProxyType(
    {
        S.NOTIFIED: frozenset({A.ANSWER, A.DECIDE}),
        S.ANSWERED: frozenset({A.ANSWER, A.DECIDE}),
        S.DECIDED: frozenset({A.CONFIRM, A.RETURN}),
        S.IN_FORCE: frozenset({A.APPEAL}),
        S.APPEALED: frozenset({A.DECIDE_APPEAL}),
        S.DISMISSED: frozenset(),
        S.UPHELD: frozenset(),
        S.OVERTURNED: frozenset(),
    }
)
"""The table; what is not in it is refused."""

OPEN: Final = frozenset({S.NOTIFIED, S.ANSWERED, S.DECIDED, S.APPEALED})
"""A case in one of these waits for somebody."""


@dataclass(frozen=True, slots=True)
class Link:
    """A fact by its place in the log: stream and seq; `word` is a code that says what it shows."""

    stream: str
    seq: int
    word: str

    def body(self) -> dict[str, Any]:
        """The link as it stands in an entry."""
        return {"stream": self.stream, "seq": self.seq, "word": self.word}


@dataclass(frozen=True, slots=True)
class Document:
    """A file by its SHA-256 (hex); the bytes are kept sealed. `title` is the submitter's."""

    title: str
    sha256: str

    def body(self) -> dict[str, Any]:
        """The document as it stands in an entry."""
        return {"title": self.title, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class Statement:
    """What an expert says, with documents that were handed in."""

    text: str
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """One step of a case, as its time line tells it; `by` is an account, empty for the service."""

    type: str
    at: datetime
    by: str
    text: str = ""
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One case file.

    Attributes:
        terms: the measure that was decided, as the body of an entry; empty for none.
        measure: id of the measure on record once confirmed.
        answer_by, appeal_by: last day of the time to answer and to appeal.
        urgent: id of the urgent suspension that the case began with, or empty.
    """

    id: str
    expert_id: ExpertId
    ground: str
    origin: str
    reported_by: str
    reported_at: datetime
    answer_by: date
    links: tuple[Link, ...]
    urgent: str = ""
    status: CaseStatus = S.NOTIFIED
    terms: Mapping[str, Any] = field(default_factory=dict)
    decided_by: str = ""
    confirmed_by: str = ""
    measure: str = ""
    departure: str = ""
    appeal_by: date | None = None
    acts: tuple[Act, ...] = ()

    def due(self) -> date | None:
        """The day by which somebody must act; None where nobody must."""
        if self.status in (S.NOTIFIED, S.ANSWERED):
            return self.answer_by
        return self.appeal_by if self.status is S.IN_FORCE else None

    def may(self, act: CaseAct, at: datetime) -> None:
        """Whether the case takes `act` now.

        Raises:
            CaseNotThere: the table has no such move from here.
            AnswerFirst: the expert may still answer and has not.
            TooLate: the time to answer or to appeal is over.
        """
        if act not in MOVES[self.status]:
            raise errors.CaseNotThere(status=self.status.value)
        today = china_day(at)
        if act is A.DECIDE and self.status is S.NOTIFIED and today <= self.answer_by:
            raise errors.AnswerFirst(until=self.answer_by.isoformat())
        late = {A.ANSWER: self.answer_by, A.APPEAL: self.appeal_by}.get(act)
        if late is not None and today > late:
            raise errors.TooLate(until=late.isoformat())


Body = Mapping[str, Any]


def fold(entries: Iterable[tuple[str, Body | None]]) -> Case | None:
    """The case that the entries (type, body) of its stream add up to; None where they are erased.

    Raises:
        ValueError: an entry of a type that a case does not have.
    """
    case: Case | None = None
    for type_, body in entries:
        if type_ not in STEPS:
            raise ValueError(f"a case has no entry of type {type_}")
        if body is None:
            continue
        if type_ == "case.reported":
            case = reported(body)
        elif case is not None:
            case = told(STEPS[type_](case, body), type_, body)
    return case


def reported(body: Body) -> Case:
    """The case in the body of `case.reported`."""
    case = Case(
        id=body["id"],
        expert_id=ExpertId(body["expert_id"]),
        ground=body["ground"],
        origin=body["origin"],
        reported_by=body["by"],
        reported_at=datetime.fromisoformat(body["at"]),
        answer_by=date.fromisoformat(body["answer_by"]),
        links=tuple(Link(**one) for one in body["links"]),
        urgent=body["urgent"],
    )
    return told(case, "case.reported", body)


def told(case: Case, type_: str, body: Body) -> Case:
    """The case with one more act in its time line."""
    act = Act(
        type=type_,
        at=datetime.fromisoformat(body["at"]),
        by=body["by"],
        text=body.get("text", ""),
        documents=tuple(Document(**one) for one in body.get("documents", ())),
    )
    return replace(case, acts=(*case.acts, act))


def _answered(case: Case, _body: Body) -> Case:
    return replace(case, status=S.ANSWERED)


def _decided(case: Case, body: Body) -> Case:
    return replace(case, status=S.DECIDED, terms=body["terms"], decided_by=body["by"])


def _confirmed(case: Case, body: Body) -> Case:
    status = S.IN_FORCE if case.terms else S.DISMISSED
    appeal_by = date.fromisoformat(body["appeal_by"]) if case.terms else None
    return replace(
        case,
        status=status,
        confirmed_by=body["by"],
        measure=body["measure"],
        departure=body["departure"],
        appeal_by=appeal_by,
    )


def _returned(case: Case, _body: Body) -> Case:
    answered = any(act.type == "case.answered" for act in case.acts)
    return replace(case, status=S.ANSWERED if answered else S.NOTIFIED, terms={})


def _appealed(case: Case, _body: Body) -> Case:
    return replace(case, status=S.APPEALED)


def _appeal_decided(case: Case, body: Body) -> Case:
    return replace(case, status=S.OVERTURNED if body["overturned"] else S.UPHELD)


STEPS: Final[Mapping[str, Callable[[Case, Body], Case]]] = MappingProxyType(
    {
        "case.reported": lambda case, _body: case,
        "case.answered": _answered,
        "case.decided": _decided,
        "case.confirmed": _confirmed,
        "case.returned": _returned,
        "case.appealed": _appealed,
        "case.appeal_decided": _appeal_decided,
        "case.reminded": lambda case, _body: case,
    }
)
"""Every type of entry of a case, and what it changes."""
