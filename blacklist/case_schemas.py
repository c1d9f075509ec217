"""Wire shapes of a case file."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from blacklist.case_service import Report, Ruling
from blacklist.case_store import CaseRow
from blacklist.core.case import Act, Case, CaseAct, CaseStatus, Document, Link, Statement
from blacklist.core.grounds import GROUNDS
from blacklist.schemas import Code, Id, In, TermsIn, days_left
from foundation.ids import ExpertId

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(min_length=1, max_length=4000)]


class LinkIn(In):
    """A fact by its place in the log."""

    stream: Annotated[str, Field(min_length=1, max_length=120)]
    seq: Annotated[int, Field(ge=1)]
    word: Code


class DocumentIn(In):
    """A document that was handed in, by the SHA-256 of its bytes."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    sha256: Hash

    def value(self) -> Document:
        """The document."""
        return Document(self.title, self.sha256)


class ReportIn(In):
    """A case to open; with `urgent` a suspension acts at once."""

    expert_id: Id
    ground: Code
    text: Text
    links: Annotated[tuple[LinkIn, ...], Field(max_length=50)] = ()
    documents: Annotated[tuple[DocumentIn, ...], Field(max_length=20)] = ()
    urgent: TermsIn | None = None

    def report(self) -> Report:
        """The report, not yet checked."""
        return Report(
            expert_id=ExpertId(self.expert_id),
            ground=self.ground,
            text=self.text,
            links=[Link(one.stream, one.seq, one.word) for one in self.links],
            documents=[one.value() for one in self.documents],
            urgent=self.urgent.terms() if self.urgent else None,
        )


class StatementIn(In):
    """What the expert says, with documents."""

    text: Text
    documents: Annotated[tuple[DocumentIn, ...], Field(max_length=20)] = ()

    def statement(self) -> Statement:
        """The statement."""
        return Statement(self.text, tuple(one.value() for one in self.documents))


class RulingIn(In):
    """What is decided, and why."""

    ruling: Ruling
    terms: TermsIn | None = None
    text: Text


class AppealRulingIn(In):
    """What is decided on an appeal, and why."""

    overturned: bool
    text: Text


class TextIn(In):
    """A reason."""

    text: Text


class HandedInOut(BaseModel):
    """The hash by which a step may name a document."""

    sha256: str


class CaseLineOut(BaseModel):
    """One case in the list; `days_left` counts working days, below zero once it is over."""

    id: str
    expert_id: ExpertId
    ground: str
    origin: str
    status: CaseStatus
    due_on: date | None
    days_left: int | None
    urgent: bool
    reported_at: datetime

    @classmethod
    def of(cls, row: CaseRow, at: datetime) -> Self:
        """Built from the row."""
        return cls(
            id=row.id,
            expert_id=ExpertId(row.expert_id),
            ground=row.ground,
            origin=row.origin,
            status=CaseStatus(row.status),
            due_on=row.due_on,
            days_left=days_left(row.due_on, at),
            urgent=bool(row.urgent),
            reported_at=row.reported_at,
        )


class CasesOut(BaseModel):
    """Every case, the one due first on top."""

    cases: list[CaseLineOut]


class LinkOut(BaseModel):
    """A fact by its place in the log."""

    stream: str
    seq: int
    word: str


class DocumentOut(BaseModel):
    """A document of the case."""

    title: str
    sha256: str

    @classmethod
    def of(cls, one: Document) -> Self:
        """Built from the document."""
        return cls(title=one.title, sha256=one.sha256)


class ActOut(BaseModel):
    """One step in the time line; `own` says that the asker took it."""

    type: str
    at: datetime
    own: bool
    text: str
    documents: list[DocumentOut]

    @classmethod
    def of(cls, one: Act, who: str) -> Self:
        """Built from the act; `who` is the account that asks."""
        return cls(
            type=one.type,
            at=one.at,
            own=one.by == who,
            text=one.text,
            documents=[DocumentOut.of(each) for each in one.documents],
        )


class CaseOut(CaseLineOut):
    """A case on one page; `may` says what the asker may do to it now."""

    article: str
    answer_by: date
    appeal_by: date | None
    terms: dict[str, str]
    measure: str
    departure: str
    urgent_id: str
    links: list[LinkOut]
    acts: list[ActOut]
    may: list[CaseAct]

    @classmethod
    def whole(cls, one: Case, who: str, may: frozenset[CaseAct], at: datetime) -> Self:
        """Built from the case for the account `who`."""
        return cls(
            id=one.id,
            expert_id=one.expert_id,
            ground=one.ground,
            article=GROUNDS[one.ground].article,
            origin=one.origin,
            status=one.status,
            due_on=one.due(),
            days_left=days_left(one.due(), at),
            urgent=bool(one.urgent),
            urgent_id=one.urgent,
            reported_at=one.reported_at,
            answer_by=one.answer_by,
            appeal_by=one.appeal_by,
            terms={key: str(value) for key, value in one.terms.items()},
            measure=one.measure,
            departure=one.departure,
            links=[LinkOut(**link.body()) for link in one.links],
            acts=[ActOut.of(act, who) for act in one.acts],
            may=sorted(may),
        )
