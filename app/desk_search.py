"""The supervisor's search: draws, evaluations, cases and experts by one line of text.

It spans the rooms and writes nothing. A draw is never found by an expert, nor an expert by a
draw; a case is found by a draw that it names only once that draw is unsealed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from blacklist.case_schemas import CaseLineOut
from blacklist.case_service import CaseService
from blacklist.case_store import CaseRow
from blacklist.service import StandingService
from draw_engine import store
from draw_engine.core.draw_state import Draw
from draw_engine.expert_pool import ExpertPool
from draw_engine.record import Record, stream_of
from evaluation_room import stream
from evaluation_room.service import RoomService
from foundation.auth.accounts import Accounts
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission
from foundation.clock import Clock
from foundation.errors import ServiceError
from foundation.ids import AccountId, ExpertId

MOST: Final = 50
"""Of each group; who finds more asks more narrowly."""

PARTIES: Final = frozenset({"procuring_entity", "agency"})
"""Whose names are searched; who bids is not, for a bidder's name leads to a committee."""


def said(query: str, *texts: str) -> bool:
    """Whether one of the texts holds the query, whatever its letters' size."""
    wanted = query.strip().casefold()
    return bool(wanted) and any(wanted in text.casefold() for text in texts)


@dataclass(frozen=True, slots=True)
class FoundDraw:
    """A draw and by what it was found: project, applicant, agency, procuring_entity."""

    draw: Draw
    filed_at: datetime
    by: tuple[str, ...]
    applicant: str
    evaluation_id: str | None
    phase: str
    unsealed: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What one line of text leads to; `more` says that a group was cut."""

    draws: list[FoundDraw]
    cases: list[CaseRow]
    experts: list[tuple[ExpertId, str]]
    more: bool


@dataclass(frozen=True, slots=True)
class DeskSearch:
    """Finds by project, applicant, agency, procuring entity, or an expert's number.

    Attributes:
        called: how an account is called.
    """

    record: Record
    rooms: RoomService
    cases: CaseService
    blacklist: StandingService
    pool: ExpertPool
    called: Callable[[str], str]

    def find(self, query: str) -> Found:
        """Everything of the house that the query leads to, newest first."""
        draws = list(self._draws(query))
        cases = self._case_rows(query, [one for one in draws if one.unsealed])
        experts = self._experts(query, cases)
        more = max(len(draws), len(cases), len(experts)) > MOST
        return Found(draws[:MOST], cases[:MOST], experts[:MOST], more)

    def _draws(self, query: str) -> Iterable[FoundDraw]:
        with self.record.books.read() as book:
            rows = store.all_rows(book.db)
        rooms = {row.draw_id: (row.id, room.phase.value) for row, room in self.rooms.reading.all()}
        for row in rows:
            draw, applicant = self.record.load(row.id), self.called(row.filed_by)
            evaluation_id, phase = rooms.get(row.id, (None, ""))
            by = tuple(_ways(query, draw, applicant, evaluation_id or ""))
            if by:
                unsealed = row.unsealed_at is not None
                yield FoundDraw(draw, row.filed_at, by, applicant, evaluation_id, phase, unsealed)

    def _case_rows(self, query: str, open_draws: list[FoundDraw]) -> list[CaseRow]:
        streams = {stream_of(one.draw.id) for one in open_draws}
        streams |= {stream.stream_of(one.evaluation_id) for one in open_draws if one.evaluation_id}
        found = []
        for row in self.cases.cases():
            if said(query, row.id, row.expert_id) or (
                streams and streams & {link.stream for link in self.cases.case(row.id).links}
            ):
                found.append(row)
        return found

    def _experts(self, query: str, cases: list[CaseRow]) -> list[tuple[ExpertId, str]]:
        """By number: the whole of it from the pool, a part of it where something is on record."""
        on_record = {one.expert_id for one in self.blacklist.measures()}
        on_record |= {one.expert_id for one in self.blacklist.proposals()}
        on_record |= {ExpertId(one.expert_id) for one in cases}
        found = {one for one in on_record if said(query, one)}
        found |= self.pool.among([query.strip()])
        shown = sorted(found)[: MOST + 1]
        return [(one, self.blacklist.standing(one).status) for one in shown]


def _ways(query: str, draw: Draw, applicant: str, evaluation_id: str) -> Iterable[str]:
    asked = draw.request
    if said(query, asked.project_code, asked.project_name, draw.id, evaluation_id):
        yield "project"
    if said(query, applicant):
        yield "applicant"
    for kind in sorted(PARTIES):
        named = [one for one in asked.parties if one.kind == kind]
        if any(said(query, one.name, one.unified_credit_code) for one in named):
            yield kind


class FoundDrawOut(BaseModel):
    """A draw that was found, with its evaluation where there is one."""

    draw_id: str
    project_code: str
    project_name: str
    section: str
    state: str
    filed_at: datetime
    by: list[str]
    applicant: str
    evaluation_id: str | None
    phase: str


class FoundExpertOut(BaseModel):
    """An expert by number, and the standing now."""

    expert_id: str
    status: str


class FoundOut(BaseModel):
    """What one line of text leads to; `more`: a group was cut, so ask more narrowly."""

    draws: list[FoundDrawOut]
    cases: list[CaseLineOut]
    experts: list[FoundExpertOut]
    more: bool


router = APIRouter(prefix="/api", tags=["desk"])

Supervisor = Annotated[Principal, requires(Permission.DRAW_SUPERVISE)]


def search_of(request: Request) -> DeskSearch:
    """The search over what `House.move_in` hung up."""
    state = request.app.state
    accounts = cast(Accounts, state.accounts)

    def called(account_id: str) -> str:
        try:
            return accounts.get(AccountId(account_id)).display
        except ServiceError:
            return account_id

    return DeskSearch(
        state.draws.record, state.rooms, state.cases, state.blacklist, state.pool, called
    )


@router.get("/desk/search")
def search(
    _: Supervisor,
    request: Request,
    found: Annotated[DeskSearch, Depends(search_of)],
    q: Annotated[str, Query(min_length=2, max_length=100)],
) -> FoundOut:
    """Draws, evaluations, cases and experts by project, applicant, agency, procuring entity or
    the number of an expert; a draw and an expert are never found by one another."""
    hit = found.find(q)
    now = cast(Clock, request.app.state.clock).now()
    return FoundOut(
        draws=[_draw_out(one) for one in hit.draws],
        cases=[CaseLineOut.of(row, now) for row in hit.cases],
        experts=[FoundExpertOut(expert_id=one, status=status) for one, status in hit.experts],
        more=hit.more,
    )


def _draw_out(one: FoundDraw) -> FoundDrawOut:
    request = one.draw.request
    return FoundDrawOut(
        draw_id=one.draw.id,
        project_code=request.project_code,
        project_name=request.project_name,
        section=request.section,
        state=one.draw.stage.value,
        filed_at=one.filed_at,
        by=list(one.by),
        applicant=one.applicant,
        evaluation_id=one.evaluation_id,
        phase=one.phase,
    )
