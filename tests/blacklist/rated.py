"""A real draw, a real room and the assessment of both, on one clock."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from app.wiring_rating import RatedEvaluations, join
from blacklist.case_service import CaseService
from blacklist.core.points import Point, Register, fold
from blacklist.core.rating import Link, Said
from blacklist.rating_accounts import STREAM
from blacklist.rating_service import RatingService
from blacklist.service import StandingService
from evaluation_room.core import commands as wishes
from foundation.auth.principal import Principal
from foundation.files import SealedFiles
from foundation.ids import ExpertId
from foundation.ledger.entry import Entry
from foundation.ledger.store import OutboxRow
from tests.evaluation_room.bench import RoomBench
from tests.evaluation_room.test_real_draw import JoinedBench


class RatedSteps(RoomBench):
    """Steps of an evaluation that is rated afterwards; they read as sentences."""

    ratings: RatingService

    def tick(self) -> None:
        """What the timer does."""
        self.ratings.tick(self.clock.now())

    def held(self, *, late: str = "", minutes: int = 6) -> dict[str, Principal]:
        """A whole evaluation; one seat checks in late. Rounds are open behind it."""
        seats = self.seated()
        for seat, who in seats.items():
            if seat != late:
                self.act(who, wishes.CheckIn())
        self.clock.advance(timedelta(minutes=minutes))
        if late:
            self.act(seats[late], wishes.CheckIn())
            self.clock.advance(timedelta(minutes=1))
        self.act(self.clerk, wishes.Advance(leaving=self.room.phase))
        for who in seats.values():
            self.promise(who)
        for who in seats.values():
            self.declare(who)
        for who in seats.values():
            self.act(who, wishes.Vote(round=1, choice="e1"))
        self.score(seats)
        return seats

    def closed(
        self, *, late: str = "", dissents: tuple[str, ...] = (), silent: str = ""
    ) -> dict[str, Principal]:
        """An evaluation that is over, and its round open."""
        seats = self.held(late=late)
        self.act(seats["e1"], wishes.Advance(leaving=self.room.phase))
        assert self.room.report is not None
        sha256 = self.room.report.sha256
        for seat, who in seats.items():
            if seat in dissents:
                wish = wishes.DissentReport(report_sha256=sha256, reasons="评分标准适用不当")
                self.act(who, wish)
            elif seat != silent:
                self.act(who, wishes.SignReport(report_sha256=sha256))
        if silent:
            for _ in range(2):
                self.clock.advance(timedelta(seconds=self.overlay.deemed_consent_seconds + 1))
                self.rooms.tick(self.clock.now())
        self.act(self.clerk, wishes.Advance(leaving=self.room.phase))
        self.tick()
        return seats

    def link(self, type_: str, seat: str = "") -> Link:
        """The first entry of a type in the room's log, of a seat where one is given."""
        stream = f"evaluation/{self.id}"
        return next(
            Link(stream, one.seq)
            for one in self.entries(stream)
            if one.type == type_ and (not seat or (one.body or {}).get("seat") == seat)
        )

    def says(self, of: str, fact: str, type_: str = "room.phase_entered") -> Said:
        """A fact of a seat, shown by an entry."""
        return Said(of, fact, (self.link(type_),), "第二次催促后仍未开始评分。")

    def give(self, who: Principal, *said: Said) -> None:
        self.ratings.give(self.id, who, said)

    def everybody_rates(self, seats: dict[str, Principal], *clerk: Said) -> None:
        """The clerk states facts, everybody else has nothing to remark."""
        self.give(self.clerk, *clerk)
        for who in seats.values():
            self.give(who)
        self.tick()

    def entries(self, stream: str) -> list[Entry]:
        with self.books.read() as book:
            return book.entries(stream)

    def folded(self) -> Register:
        return fold((one.type, one.body) for one in self.entries(STREAM))

    def points(self, expert_id: ExpertId) -> list[Point]:
        return list(self.ratings.accounts.account(expert_id).points)

    def notices(self, kind: str) -> list[str]:
        """Who was told something of a kind."""
        with self.books.read() as book:
            return [one.recipient for one in book.db.exec(select(OutboxRow)) if one.kind == kind]


class RatedBench(RatedSteps, JoinedBench):
    """Four drawn members and a representative, on a real draw."""

    def __init__(self, folder: Path, *, scheme: str = "demonstration") -> None:
        super().__init__(folder)
        self.overlay = replace(self.overlay, rating_scheme=scheme)
        for number in range(4):
            self.take_seat(number)
        self.prepare(at=self.draw.draws.draw(self.draw_id).request.starts_at)
        self.begin()

    def begin(self) -> None:
        """The assessment as after a start."""
        self.port = RatedEvaluations(self.books, self.draw.rooms, self.rooms)
        fields = self.keys.fields("ratings")
        self.ratings = RatingService(self.books, self.overlay, fields, self.port)
        standing = StandingService(self.books, self.clock, self.overlay)
        files = SealedFiles(self.folder / "cases", self.keys.secret("case-documents"))
        self.cases = CaseService(self.books, standing, self.overlay, files)
        join(self.ratings, self.cases)

    def unsealed(self) -> None:
        """The draw is opened, as its time has come."""
        self.clock.advance(timedelta(hours=9))
        self.draw.unseal(self.draw_id)
        self.tick()
