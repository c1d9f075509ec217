"""What the assessment needs of the floors above it, as plain values: who ended what, who was asked.

The blacklist cannot import the room or the draw; this class knows all three.
"""

import logging
from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from sqlmodel import col, select

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
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.rulebook.overlay import Overlay

logger = logging.getLogger(__name__)


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
    books: Books, keys: KeyRing, overlay: Overlay, draw: DrawRooms, rooms: RoomService
) -> RatingService:
    """The assessment on its port."""
    port = RatedEvaluations(books, draw, rooms)
    return RatingService(books, overlay, keys.fields("ratings"), port)
