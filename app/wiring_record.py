"""Wires what an expert may do about the own data, over every room that knows something of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from app.wiring_pool import PoolParts
from app.words import Language, catalogue
from blacklist.case_schemas import CaseOut
from blacklist.case_service import CaseService
from blacklist.core.facts import china_day
from blacklist.schemas import DepartureOut, ExitOut, MeasureOut, StandingOut
from blacklist.service import StandingService
from draw_engine.build import DrawRooms
from draw_engine.erasure import Erasure
from draw_engine.letters import Letters
from draw_engine.own_data import OwnData, Part
from draw_engine.own_rights import Consents, OwnRequests
from draw_engine.own_schemas import OwnRequestOut, SaidOut
from foundation.ids import ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books


@dataclass(frozen=True, slots=True)
class RecordParts:
    """The services of an expert's own data."""

    consents: Consents
    requests: OwnRequests
    data: OwnData
    letters: Letters

    def move_in(self, app: FastAPI) -> None:
        """Hang them where the routes look for them."""
        app.state.consents, app.state.own_requests = self.consents, self.requests
        app.state.own_data, app.state.letters = self.data, self.letters


def build_record(
    *,
    books: Books,
    keys: KeyRing,
    pool: PoolParts,
    standing: StandingService,
    cases: CaseService,
    draw: DrawRooms,
    erasure: Erasure,
    sender: str,
    demonstration: bool,
) -> RecordParts:
    """Join them.

    Args:
        sender: the body in whose name letters go out.
    """
    consents = Consents(books)
    requests = OwnRequests(books, keys.fields("own-requests"), erasure, cases.handed_in)
    letters = Letters(
        books,
        standing,
        cases,
        pool.persons,
        lambda section, code: str(catalogue(Language.CHINESE, section).get(code, code)),
        sender=sender,
        demonstration=demonstration,
    )
    parts = _parts(books, standing, cases) | _said(draw, consents, requests)
    return RecordParts(
        consents, requests, OwnData(books, pool.pool, pool.persons, draw.hats, parts), letters
    )


def _parts(books: Books, standing: StandingService, cases: CaseService) -> dict[str, Part]:
    """What the register and the case files know."""

    def history(expert: ExpertId) -> dict[str, Any]:
        now = books.clock.now()
        found: dict[str, Sequence[BaseModel]] = {
            "entries": [
                MeasureOut.of(one, now, china_day(now)) for one in standing.measures(expert)
            ],
            "exits": [ExitOut.of(one, now) for one in standing.exits(expert)],
            "departures": [DepartureOut.of(one) for one in standing.departures(expert)],
        }
        return {name: [one.model_dump(mode="json") for one in some] for name, some in found.items()}

    def own_cases(expert: ExpertId) -> list[dict[str, Any]]:
        every = (cases.case(row.id, expert) for row in cases.cases(expert))
        shown = (CaseOut.whole(one, "", frozenset(), books.clock.now()) for one in every)
        return [one.model_dump(mode="json", exclude={"may"}) for one in shown]

    return {
        "standing": lambda one: StandingOut.of(standing.standing(one)).model_dump(mode="json"),
        "history": history,
        "cases": own_cases,
    }


def _said(draw: DrawRooms, consents: Consents, requests: OwnRequests) -> dict[str, Part]:
    """What the expert has said."""

    def answers(expert: ExpertId) -> list[dict[str, Any]]:
        return [
            {
                "at": (one.answered_at or one.invited_at).isoformat(),
                "status": one.status.value,
                "reason": one.reason,
                "starts_at": one.starts_at.isoformat(),
                "place": one.place,
                "disputed": one.disputed,
            }
            for one, _ in draw.draws.inbox(expert)
        ]

    def said(expert: ExpertId) -> list[dict[str, Any]]:
        return [SaidOut.of(one).model_dump(mode="json") for one in consents.history(expert)]

    def asked(expert: ExpertId) -> list[dict[str, Any]]:
        return [OwnRequestOut.of(one).model_dump(mode="json") for one in requests.of(expert)]

    return {"answers": answers, "consents": said, "requests": asked}
