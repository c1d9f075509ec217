"""What the assessment needs of the floors above it, as plain values: who ended what, who was asked.

The blacklist cannot import the room or the draw; this class knows all three.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError
from sqlmodel import col, select

from blacklist.case_service import SERVICE, CaseService, Report
from blacklist.core.case import Case
from blacklist.core.case import Link as CaseLink
from blacklist.core.points import Point, Reached, Threshold
from blacklist.core.rating import Link
from blacklist.rating_ports import Ended
from blacklist.rating_service import RatingService
from draw_engine.build import DrawRooms
from draw_engine.core.draw_state import Stage
from draw_engine.store import DrawRow
from evaluation_room.core.views import ViewerRole
from evaluation_room.errors import NoPlace
from evaluation_room.service import RoomService
from evaluation_room.store import EvaluationRow, evaluations
from foundation.auth.principal import Principal
from foundation.errors import ServiceError
from foundation.ids import ExpertId
from foundation.keys import FieldKey
from foundation.ledger.book import Book, Books
from foundation.rulebook.overlay import Overlay

logger = logging.getLogger(__name__)

ORIGIN: Final = "points:"


class RatedEvaluations:
    """The port on the rooms and draws of this installation."""

    def __init__(self, books: Books, draw: DrawRooms, rooms: RoomService) -> None:
        self._books = books
        self._draw = draw
        self._rooms = rooms

    def ended(self) -> Sequence[Ended]:
        """See `Evaluations.ended`. The row says so a moment after the log does."""
        with self._books.read() as book:
            rows = evaluations(book.db)
        return [Ended(row.id, row.draw_id) for row in rows if row.over or self._is_over(row.id)]

    def opened_draws(self) -> Sequence[str]:
        """See `Evaluations.opened_draws`."""
        closed = select(DrawRow.id).where(
            col(DrawRow.live).is_(False), DrawRow.stage != Stage.REFUSED
        )
        with self._books.read() as book:
            return list(book.db.exec(closed.order_by(col(DrawRow.filed_at), col(DrawRow.id))))

    def evaluation_of(self, draw_id: str) -> str | None:
        """See `Evaluations.evaluation_of`."""
        wanted = select(EvaluationRow.id).where(EvaluationRow.draw_id == draw_id)
        with self._books.read() as book:
            return book.db.exec(wanted).first()

    def name_of(self, evaluation_id: str, who: Principal) -> str:
        """See `Evaluations.name_of`."""
        viewer = self._rooms.viewer(evaluation_id, who)
        if viewer.role is ViewerRole.CLERK:
            return "clerk"
        if viewer.seat is None:
            raise NoPlace
        return viewer.seat

    def asked(self, draw_id: str) -> Mapping[tuple[int, int], ExpertId]:
        """See `Evaluations.asked`."""
        return self._draw.vault.seats.asked(draw_id)

    def _is_over(self, evaluation_id: str) -> bool:
        try:
            room = self._rooms.hub.room(evaluation_id)
        except (ServiceError, ValidationError):
            # A room whose stream cannot be read must not hold up the others.
            logger.exception("room not read: %s", evaluation_id)
            return False
        return room.stopped is not None or room.completed is not None


def build_ratings(
    books: Books,
    fields: FieldKey,
    overlay: Overlay,
    evaluations: RatedEvaluations,
    cases: CaseService,
) -> RatingService:
    """The assessment on its port; a proposal becomes a case, and an appeal takes points back."""
    ratings = RatingService(books, overlay, fields, evaluations)
    join(ratings, cases)
    return ratings


def join(ratings: RatingService, cases: CaseService) -> None:
    """Have proposals opened as cases, and points taken back where an appeal restores."""

    def open_case(
        book: Book,
        reached: Reached,
        line: Threshold,
        points: Sequence[Point],
        shown: Sequence[tuple[str, Link]],
    ) -> str:
        report = Report(
            expert_id=ExpertId(reached.expert_id),
            ground="points_used_up",
            text=f"{line.source} · {reached.year} · {reached.total}",
            links=[CaseLink(one.stream, one.seq, fact) for fact, one in shown],
            origin=f"{ORIGIN}{reached.id}",
        )
        return cases.report_in(book, report, SERVICE).id

    def restored(book: Book, case: Case) -> None:
        if case.origin.startswith(ORIGIN):
            ratings.accounts.restore_in(book, case.origin.removeprefix(ORIGIN), case.id, SERVICE)

    ratings.accounts.open_case = open_case
    cases.restored.append(restored)
