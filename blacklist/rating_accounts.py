"""Accounts of demerit points (记分): what comes onto them, what an expert says, what they ask for.

An account is a fold of the stream `points`, which knows experts and names an evaluation only
under a key. It is written to only after the draw itself has been opened (ABUSE B9).
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from blacklist import rating_store as store
from blacklist.core import log_facts, points
from blacklist.core import rating_errors as errors
from blacklist.core.facts import china_day
from blacklist.core.log_facts import COUNTED, Outcome, Place, Told
from blacklist.core.points import Act, Hit, On, Point, Reached, Turn
from blacklist.core.rating import MOST_CHARACTERS, Link, Said
from blacklist.rating_ports import Evaluations, OpenCase, log_of, room_log, said_in
from foundation.errors import ServiceError
from foundation.ids import AccountId, ExpertId, new_id
from foundation.keys import FieldKey
from foundation.ledger.book import Book, Books
from foundation.rulebook.overlay import Overlay

logger = logging.getLogger(__name__)

STREAM: Final = "points"
LATE_MINUTES: Final = 15
"""From when a check-in is late where no table says so (R-REP-4)."""

_Of = TypeVar("_Of", Point, Turn, Reached)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What `sealed` of a point or a turn holds; times are UTC."""

    evaluation_id: str
    draw_id: str
    starts_at: str
    place: str
    seat: str
    dissented: bool
    links: tuple[Link, ...]
    reasons: tuple[str, ...]
    stated_by: int


@dataclass(frozen=True, slots=True)
class Account:
    """An expert's account of one year."""

    expert_id: ExpertId
    year: int
    total: str
    nearness: float
    points: tuple[Point, ...]
    reached: tuple[Reached, ...]
    attended: int
    drawn: int
    times: Mapping[str, int]


class PointAccounts:
    """Every expert's account.

    Args:
        fields: seals what links an expert and an evaluation.
    """

    def __init__(
        self, books: Books, overlay: Overlay, fields: FieldKey, evaluations: Evaluations
    ) -> None:
        self._books = books
        self._fields = fields
        self._evaluations = evaluations
        self.open_case: OpenCase | None = None
        """What a proposal becomes; without it the entry and the notice are all (app/wiring)."""
        self.scheme = store.load_scheme(overlay.rating_scheme)
        if self.scheme is not None and self.scheme.demonstration and not overlay.demonstration:
            raise errors.TableUnusable(self.scheme.id, "demonstration")

    # What people see, say and decide.

    def account(self, expert_id: ExpertId, year: int | None = None) -> Account:
        """An expert's account of a year; of this one where none is given."""
        with self._books.read() as book:
            wanted = year or china_day(self._books.clock.now()).year
            return self._account(
                expert_id,
                wanted,
                store.points(book.db, expert_id),
                store.turns(book.db, expert_id),
                store.reached(book.db, expert_id),
            )

    def accounts(self) -> tuple[list[Account], tuple[int, int]]:
        """Accounts of this year with anything on them, the nearest to a threshold first; and the
        base rate: turns attended and times drawn of everybody."""
        year = china_day(self._books.clock.now()).year
        with self._books.read() as book:
            all_points = _by_expert(store.points(book.db, year=year))
            all_turns = _by_expert(store.turns(book.db, year=year))
            all_reached = _by_expert(one for one in store.reached(book.db) if one.year == year)
            ended = store.outcomes(book.db, year)
        found = [
            self._account(
                ExpertId(expert),
                year,
                all_points.get(expert, []),
                all_turns.get(expert, []),
                all_reached.get(expert, []),
            )
            for expert in all_points.keys() | all_turns.keys() | all_reached.keys()
        ]
        base = (ended.get(Outcome.ATTENDED, 0), sum(ended.get(one, 0) for one in COUNTED))
        return sorted(found, key=lambda one: (-one.nearness, one.expert_id)), base

    def _account(
        self,
        expert_id: ExpertId,
        year: int,
        of_expert: Sequence[Point],
        turns: Sequence[Turn],
        reached: Sequence[Reached],
    ) -> Account:
        attended, drawn = points.share(turns, year)
        scheme = self.scheme
        return Account(
            expert_id=expert_id,
            year=year,
            total=points.plain(points.total(scheme, of_expert, year)) if scheme else "0",
            nearness=float(points.nearness(scheme, of_expert, year)) if scheme else 0.0,
            points=tuple(of_expert),
            reached=tuple(reached),
            attended=attended,
            drawn=drawn,
            times={
                fact: points.times(turns, fact, year)
                for fact in ("late", "absent", "declined", "unanswered")
            },
        )

    def occasion(self, value: Point | Turn) -> Occasion:
        """What is sealed in a point or a turn."""
        opened = self._fields.open(bytes.fromhex(value.sealed), context=f"points/{value.id}")
        plain: dict[str, Any] = json.loads(opened)
        links = tuple(Link(**one) for one in plain["links"])
        return Occasion(**(plain | {"links": links, "reasons": tuple(plain["reasons"])}))

    def dispute(self, expert_id: ExpertId, point_id: str, text: str, by: AccountId) -> Point:
        """Keep what an expert says against a point of the own account; it goes to the reviewer.

        Raises:
            PointUnknown: not on this account. ReasonMissing. PointSettled: said before.
        """
        words = _words(text)
        with self._books.write() as book:
            before = store.point(book.db, point_id)
            if before is None or before.expert_id != expert_id:
                raise errors.PointUnknown
            if before.disputed_at is not None or before.taken_back_at is not None:
                raise errors.PointSettled
            return self._change(book, before, "rating.points_disputed", by, text=words)

    def disputes(self) -> list[Point]:
        """Disputed points, the undecided first."""
        with self._books.read() as book:
            return store.disputed(book.db)

    def decide(self, point_id: str, *, keep: bool, reason: str, by: AccountId) -> Point:
        """Decide a dispute: the point stays, or is taken back (R-APPEAL-1). A supervisor does;
        no supervisor sits in a room, so whoever decides has not rated.

        Raises:
            PointUnknown: no such point, or nobody disputes it. ReasonMissing. PointSettled.
        """
        words = _words(reason)
        with self._books.write() as book:
            before = store.point(book.db, point_id)
            if before is None or before.disputed_at is None:
                raise errors.PointUnknown
            if before.decided_at is not None:
                raise errors.PointSettled
            decision = "kept" if keep else "taken_back"
            after = self._change(
                book, before, "rating.dispute_decided", by, decision=decision, reason=words
            )
            if not keep and after.taken_back_at is None:
                after = self._change(book, after, "rating.points_taken_back", by, reason=words)
                self._weigh(book, ExpertId(after.expert_id))
            facts = {"fact": after.fact, "decision": decision}
            book.tell(after.expert_id, "rating.dispute_decided", facts)
            return after

    def take_back(self, point_ids: Iterable[str], reason: str, by: AccountId) -> None:
        """Take points back; those taken back before stay so.

        Raises:
            PointUnknown. ReasonMissing.
        """
        with self._books.write() as book:
            self.take_back_in(book, point_ids, reason, by)

    def take_back_in(
        self, book: Book, point_ids: Iterable[str], reason: str, by: AccountId
    ) -> None:
        """`take_back` inside the transaction of another use case."""
        words = _words(reason)
        experts = set()
        for point_id in point_ids:
            before = store.point(book.db, point_id)
            if before is None:
                raise errors.PointUnknown
            if before.taken_back_at is None:
                self._change(book, before, "rating.points_taken_back", by, reason=words)
                book.tell(before.expert_id, "rating.points_taken_back", {"fact": before.fact})
                experts.add(before.expert_id)
        for expert in sorted(experts):
            self._weigh(book, ExpertId(expert))

    def _change(self, book: Book, before: Point, type_: str, by: AccountId, **words: str) -> Point:
        body = {"id": before.id, "by": by, "at": book.now.isoformat(), **words}
        book.append(STREAM, type_, body)
        after = points.after(before, type_, body)
        store.put(book.db, after)
        return after

    # How facts come onto accounts.

    def book_draws(self) -> None:
        with self._books.read() as book:
            done = store.booked(book.db)
        over = {one.evaluation_id for one in self._evaluations.ended()}
        for draw_id in self._evaluations.opened_draws():
            evaluation = self._evaluations.evaluation_of(draw_id)
            waits = evaluation is not None and evaluation not in over
            if f"draw/{draw_id}" not in done and not waits:
                self._book_draw(draw_id, evaluation or "")

    def _book_draw(self, draw_id: str, evaluation_id: str) -> None:
        """Every turn of a draw, and what the log itself says of it."""
        experts = self._evaluations.asked(draw_id)
        with self._books.write() as book:
            if not _claim(book, f"draw/{draw_id}"):
                return
            told = self._told(book, draw_id, evaluation_id)
            frame = self._frame(book, draw_id, evaluation_id)
            noted: dict[Place, list[log_facts.Noted]] = {}
            for one in told.noted:
                noted.setdefault(one.place, []).append(one)
            for place, outcome in sorted(told.turns.items()):
                expert = experts.get((place.seat, place.step))
                if expert is None:
                    continue
                mine = noted.get(place, [])
                late = any(one.fact == log_facts.LATE for one in mine)
                self._append_turn(book, expert, outcome, late=late, frame=frame)
                for one in mine:
                    self._append_point(book, expert, one.fact, {**frame, "links": one.links})
            for expert in sorted(set(experts.values())):
                self._weigh(book, expert)

    def book_rounds(self) -> None:
        with self._books.read() as book:
            rows = store.unbooked(book.db)
        for row in rows:
            self._book_round(row)

    def _book_round(self, row: store.RoundRow) -> None:
        """What raters stated of experts: once for each fact, however many stated it."""
        experts = self._evaluations.asked(row.draw_id)
        with self._books.write() as book:
            if not _claim(book, f"round/{row.evaluation_id}"):
                return
            told = self._told(book, row.draw_id, row.evaluation_id)
            frame = self._frame(book, row.draw_id, row.evaluation_id)
            dissented = log_facts.dissenters(room_log(book, row.evaluation_id))
            stated: dict[tuple[str, str], list[Said]] = {}
            for _, every in said_in(book, row.evaluation_id):
                for said in every:
                    stated.setdefault((said.of, said.fact), []).append(said)
            touched = set()
            for (seat, fact), ones in sorted(stated.items()):
                place = told.place_of.get(seat)
                expert = experts.get((place.seat, place.step)) if place else None
                if expert is None:
                    continue  # the clerk or a representative: no account of points
                about = {
                    **frame,
                    "seat": seat,
                    "dissented": seat in dissented,
                    "links": tuple(dict.fromkeys(link for one in ones for link in one.links)),
                    "reasons": tuple(one.reason for one in ones),
                    "stated_by": len(ones),
                }
                self._append_point(book, expert, fact, about)
                touched.add(expert)
            for expert in sorted(touched):
                self._weigh(book, expert)

    def _told(self, book: Book, draw_id: str, evaluation_id: str) -> Told:
        draw = [one for one in log_of(book, f"draw/{draw_id}") if one.type.startswith("draw.")]
        room = room_log(book, evaluation_id)
        late = self.scheme.late_minutes if self.scheme else LATE_MINUTES
        return log_facts.read(draw, room, late)

    def _frame(self, book: Book, draw_id: str, evaluation_id: str) -> dict[str, Any]:
        """What every point and turn of a draw has in common."""
        filed = next(
            one for one in log_of(book, f"draw/{draw_id}") if one.type == "draw.requested"
        ).facts["request"]
        return {
            "evaluation_id": evaluation_id,
            "draw_id": draw_id,
            "starts_at": datetime.fromtimestamp(filed["starts_at"], UTC).isoformat(),
            "place": filed["place"],
            "seat": "",
            "dissented": False,
            "links": (),
            "reasons": (),
            "stated_by": 0,
        }

    def _append_turn(
        self, book: Book, expert: ExpertId, outcome: str, *, late: bool, frame: Mapping[str, Any]
    ) -> None:
        id_ = new_id("rt", book.now)
        body = self._body(book, id_, expert, frame) | {"outcome": str(outcome), "late": late}
        book.append(STREAM, "rating.turn_recorded", body)
        store.put(book.db, points.turn_of(body))

    def _append_point(
        self, book: Book, expert: ExpertId, fact: str, about: Mapping[str, Any]
    ) -> None:
        id_ = new_id("rp", book.now)
        row = self.scheme.row(fact) if self.scheme else None
        body = self._body(book, id_, expert, about) | {
            "fact": fact,
            "points": points.plain(row.points) if row else "0",
            "scheme": self.scheme.version if self.scheme else "",
        }
        book.append(STREAM, "rating.points_given", body)
        store.put(book.db, points.point_of(body))
        book.tell(expert, "rating.points_given", {"fact": fact, "points": body["points"]})

    def _body(
        self, book: Book, id_: str, expert: ExpertId, about: Mapping[str, Any]
    ) -> dict[str, Any]:
        plain = dict(about) | {"links": [asdict(one) for one in about["links"]]}
        text = json.dumps(plain, ensure_ascii=False)
        happened = datetime.fromisoformat(about["starts_at"])
        return {
            "id": id_,
            "expert_id": expert,
            "happened_on": china_day(happened).isoformat(),
            "occasion": self._fields.blind(about["evaluation_id"] or about["draw_id"]).hex(),
            "sealed": self._fields.seal(text, context=f"points/{id_}").hex(),
            "at": book.now.isoformat(),
        }

    # Thresholds: an entry, a notice, a case for people; never a punishment (PIPL 24).

    def _weigh(self, book: Book, expert: ExpertId) -> None:
        """Put on record which thresholds an account reaches now, and which no longer."""
        if (scheme := self.scheme) is None:
            return
        book.db.flush()
        of_expert = store.points(book.db, expert)
        turns, known = store.turns(book.db, expert), store.reached(book.db, expert)
        this_year = china_day(book.now).year
        for year in sorted(points.years_of(of_expert, turns)):
            found = points.hits(scheme, of_expert, turns, year, is_over=year < this_year)
            fresh, gone = points.news(found, known, year)
            for hit in fresh:
                self._append_reached(book, expert, hit)
            for one in gone:
                body = {"id": one.id, "at": book.now.isoformat()}
                book.append(STREAM, "rating.threshold_left", body)
                store.put(book.db, points.left(one, body))

    def _append_reached(self, book: Book, expert: ExpertId, hit: Hit) -> None:
        body = {
            "id": new_id("rr", book.now),
            "expert_id": expert,
            "threshold": hit.threshold.id,
            "year": hit.year,
            "period": hit.period,
            "act": hit.threshold.act.value,
            "months": hit.threshold.months,
            "total": hit.total,
            "at": book.now.isoformat(),
        }
        book.append(STREAM, "rating.threshold_reached", body)
        store.put(book.db, points.reached_of(body))
        told = {"act": hit.threshold.act.value, "total": hit.total}
        book.tell(expert, "rating.threshold_reached", told)

    def judge_past_year(self, now: datetime) -> None:
        """What can be said only of a whole year, once it is over (R-EXIT-4)."""
        year = china_day(now).year - 1
        if self.scheme is None or all(one.on is not On.SHARE for one in self.scheme.thresholds):
            return
        with self._books.read() as book:
            if store.is_booked(book.db, f"year/{year}"):
                return
            experts = sorted({one.expert_id for one in store.turns(book.db, year=year)})
        for expert in experts:
            with self._books.write() as book:
                self._weigh(book, ExpertId(expert))
        with self._books.write() as book:
            _claim(book, f"year/{year}")

    def open_cases(self) -> None:
        """Open a case on each proposal that has none; a warning asks nothing of people."""
        if self.open_case is None or self.scheme is None:
            return
        with self._books.read() as book:
            waiting = store.asking(book.db)
        for one in waiting:
            try:
                with self._books.write() as book:
                    self._open_case(book, one, self.open_case)
            except ServiceError as refused:
                logger.warning("case not opened: %s", refused.code)

    def _open_case(self, book: Book, id_: str, open_case: OpenCase) -> None:
        reached = store.reached_of(book.db, id_)
        thresholds = self.scheme.thresholds if self.scheme else ()
        line = next((one for one in thresholds if reached and one.id == reached.threshold), None)
        if reached is None or line is None or not _asks(reached):
            return
        behind = self._behind(book, reached)
        shown = [(one.fact, link) for one in behind for link in self.occasion(one).links]
        case_id = open_case(book, reached, line, behind, tuple(dict.fromkeys(shown)))
        body = {"id": reached.id, "case_id": case_id, "at": book.now.isoformat()}
        book.append(STREAM, "rating.case_opened", body)
        store.put(book.db, points.with_case(reached, body))

    def _behind(self, book: Book, reached: Reached) -> list[Point]:
        """The points that weigh in what was reached."""
        return [
            one
            for one in store.points(book.db, reached.expert_id, reached.year)
            if one.counts and reached.period in {str(reached.year), one.occasion}
        ]

    def restore_in(self, book: Book, reached_id: str, reason: str, by: AccountId) -> None:
        """Take back the points behind a case that an appeal overturned, in its transaction."""
        if (reached := store.reached_of(book.db, reached_id)) is not None:
            ids = [one.id for one in self._behind(book, reached)]
            self.take_back_in(book, ids, reason, by)


def _asks(one: Reached) -> bool:
    """Whether something reached waits for a case."""
    return one.act != Act.WARN and not one.case_id and one.left_at is None


def _claim(book: Book, what: str) -> bool:
    """Whether it was not done before; from the commit on it was."""
    if store.is_booked(book.db, what):
        return False
    book.db.add(store.BookedRow(what=what, at=book.now))
    return True


def _by_expert(values: Iterable[_Of]) -> dict[str, list[_Of]]:
    found: dict[str, list[_Of]] = {}
    for one in values:
        found.setdefault(one.expert_id, []).append(one)
    return found


def _words(text: str) -> str:
    words = text.strip()
    if not 0 < len(words) <= MOST_CHARACTERS:
        raise errors.ReasonMissing(most=MOST_CHARACTERS)
    return words
