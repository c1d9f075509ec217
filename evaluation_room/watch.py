"""The supervisor's watch board: reads draws and rooms, counts, writes nothing.

Ended draws are read once and remembered; a board that is asked every few seconds reads the
living ones only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from draw_engine import store
from draw_engine.core.draw_state import OVER, Draw, Stage
from draw_engine.record import Record
from evaluation_room.core.media_log import MediaLog
from evaluation_room.core.room import Room
from evaluation_room.core.values import Phase
from evaluation_room.core.views import SUPERVISOR
from evaluation_room.core.watching import Board, Filings, Seen, board
from evaluation_room.media_book import MediaBook
from evaluation_room.service import RoomService
from foundation.auth.accounts import Accounts
from foundation.errors import ServiceError
from foundation.ids import AccountId

WINDOW: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Running:
    """A project that is under way; `percent` is how far the phase is, None while sealed.

    `next_at` is when the next thing happens by itself; `marks` are facts to know of:
    alarm, not_sealed, late, stopped, paused, time_short, no_clerk, not_seen, not_present,
    recorder.
    """

    draw_id: str
    evaluation_id: str | None
    project_name: str
    project_code: str
    section: str
    stage: Stage
    phase: Phase | None
    percent: int | None
    next_at: datetime | None
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """The board with the words it needs: requester -> how the account is called."""

    since: datetime
    running: list[Running]
    board: Board
    names: dict[str, str]


class Watch:
    """Counts what stands in the ledger and the rows beside it."""

    def __init__(
        self, record: Record, rooms: RoomService, accounts: Accounts, media: MediaBook
    ) -> None:
        self._record = record
        self._rooms = rooms
        self._accounts = accounts
        self._media = media
        self._ended: dict[str, Seen] = {}

    @property
    def days(self) -> int:
        """How far back the board looks."""
        return WINDOW.days

    def look(self) -> Watched:
        """Everything on the board, as it is now."""
        now = self._record.books.clock.now()
        since = now - WINDOW
        with self._record.books.read() as book:
            rows = [row for row in store.all_rows(book.db) if row.filed_at >= since]
            refused = {
                who: store.tally(book.db, who).refused for who in {row.filed_by for row in rows}
            }
        admitted = Counter(row.filed_by for row in rows)
        filings = {who: Filings(admitted[who], n) for who, n in refused.items()}
        living = {row.id: self._record.load(row.id) for row in rows if row.id not in self._ended}
        seen = [self._seen(row.id, living) for row in rows]
        found = board(seen, filings)
        whose = {odd.requester for odd in found.odd} | {one.requester for one in found.points}
        names = {who: self._called(who) for who in sorted(whose)}
        return Watched(since, self._running(list(living.values()), now), found, names)

    def _seen(self, draw_id: str, living: dict[str, Draw]) -> Seen:
        if (known := self._ended.get(draw_id)) is not None:
            return known
        one = seen_of(draw := living[draw_id])
        if draw.stage in OVER:
            self._ended[draw_id] = one
        return one

    def _running(self, draws: Sequence[Draw], now: datetime) -> list[Running]:
        rooms = {row.draw_id: room for row, room in self._rooms.reading.all()}
        without_clerk = self._rooms.hand_over.without_clerk()
        found = []
        for draw in draws:
            room = rooms.get(draw.id)
            if draw.stage in OVER or (room is not None and room.phase is Phase.CLOSED):
                continue
            alone = room is not None and room.evaluation_id in without_clerk
            found.append(self._one(draw, room, now, alone=alone))
        return sorted(found, key=lambda one: (-len(one.marks), one.next_at or now, one.draw_id))

    def _one(self, draw: Draw, room: Room | None, now: datetime, *, alone: bool) -> Running:
        request = draw.request
        entered = room is not None and room.phase is not Phase.PREPARING
        return Running(
            draw_id=draw.id,
            evaluation_id=room.evaluation_id if room else None,
            project_name=request.project_name,
            project_code=request.project_code,
            section=request.section,
            stage=draw.stage,
            phase=room.phase if room and entered else None,
            percent=self._percent(room) if room and entered else None,
            next_at=None if entered else next_at(draw),
            marks=(
                *marks_of(draw, room, now),
                *(("no_clerk",) if alone else ()),
                *(media_marks(room, self._media.log(room.evaluation_id)) if room else ()),
            ),
        )

    def _percent(self, room: Room) -> int | None:
        """How much of the phase is done, over all seats; never what anybody wrote."""
        if not room.seats:
            return None
        if room.phase is Phase.SCORING:
            self._rooms.load_progress(room.evaluation_id)
            known = self._rooms.hub.progress(room.evaluation_id, SUPERVISOR)
            cells = [known.get(seat.id, (0, 0)) for seat in room.seats]
            of = max((n for _, n in cells), default=0) * len(room.seats)
            return 100 * sum(done for done, _ in cells) // of if of else 0
        done = sum(is_done(room, seat.id) for seat in room.seats)
        return 100 * done // len(room.seats)

    def _called(self, requester: str) -> str:
        try:
            return self._accounts.get(AccountId(requester)).display
        except ServiceError:
            return requester


def seen_of(draw: Draw) -> Seen:
    """What the board counts of a draw."""
    supplementary = sum(step > 0 for step in draw.invited)
    return Seen(
        draw_id=draw.id,
        requester=draw.request.filed_by,
        invited=draw.request.seats + supplementary if draw.invited else 0,
        causes=Counter(decline.cause for decline in draw.declines),
        over=draw.stage in OVER,
        fruitless=draw.stage in {Stage.ABORTED, Stage.REFUSED},
    )


def next_at(draw: Draw) -> datetime:
    """When the next thing of a draw happens by itself."""
    return draw.request.starts_at if draw.results else draw.request.draw_at


def marks_of(draw: Draw, room: Room | None, now: datetime) -> tuple[str, ...]:
    """Facts that a supervisor should know of, each a word of the page."""
    found = {
        "alarm": bool(draw.alarms),
        "not_sealed": not draw.seal,
        "late": not draw.results and now > draw.request.latest_draw_at,
        "stopped": room is not None and room.stopped is not None,
        "paused": room is not None and room.paused is not None and room.stopped is None,
        "time_short": room is not None and room.phase is Phase.SCORING and room.time_is_short,
    }
    return tuple(name for name, holds in found.items() if holds)


def media_marks(room: Room, log: MediaLog) -> tuple[str, ...]:
    """What a supervisor should know of sound and picture, each a word of the page."""
    sitting = {seat.id for seat in room.seats}
    found = {
        "not_seen": not sitting.isdisjoint(log.dark()),
        "not_present": not sitting.isdisjoint(log.away()),
        "recorder": bool(log.troubles()),
    }
    return tuple(name for name, holds in found.items() if holds)


def is_done(room: Room, seat_id: str) -> bool:
    """Whether a seat has done what its phase asks."""
    seat = next(one for one in room.seats if one.id == seat_id)
    return {
        Phase.CHECK_IN: seat.checked_in_at is not None,
        Phase.UNDERTAKING: seat.undertaken,
        Phase.RECUSAL: seat.declared,
        Phase.LEADER: seat.id in room.ballots or room.leader is not None,
        Phase.SUMMARY: not room.open_flags,
        Phase.REPORT: seat.signature is not None,
    }.get(room.phase, False)
