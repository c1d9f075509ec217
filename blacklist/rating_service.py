"""Use cases of a rating round (一标一评): open, rate, lock; and what the reviewer sees of it.

A round is a stream `rating/<evaluation>` that knows seats and no experts. Ratings lie sealed in it
until the deadline has passed or everybody has rated; then one entry opens all of them.
What was stated of experts goes on from there to their accounts (rating_accounts.py).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from blacklist import rating_store as store
from blacklist.core import log_facts, retaliation
from blacklist.core import rating_errors as errors
from blacklist.core.facts import china_day
from blacklist.core.log_facts import instant
from blacklist.core.rating import Fact, Logged, Party, Said, Someone, check, shown_to
from blacklist.rating_accounts import PointAccounts
from blacklist.rating_ports import Ended, Evaluations, room_log, said_in, stream_of
from foundation.auth.principal import Principal
from foundation.errors import ServiceError
from foundation.instants import CHINA_STANDARD_TIME
from foundation.keys import FieldKey
from foundation.ledger.book import Book, Books
from foundation.ledger.entry import Entry
from foundation.rulebook.overlay import Overlay
from foundation.working_days import calendar

NEWS: Final = frozenset({"room.report_completed", "room.stopped", "unseal", "abort", "draw.lapsed"})
"""Entries after which a round may open, or a draw's facts may be put on accounts."""


@dataclass(frozen=True, slots=True)
class Round:
    """A rating round, as far as it may be known; `missing` is empty until it is locked."""

    evaluation_id: str
    title: str
    starts_at: datetime
    place: str
    due_on: date
    raters: tuple[str, ...]
    given: int
    locked_at: datetime | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What one rater needs: whom to rate, by which facts, and which entries can show them."""

    round: Round
    rater: Someone
    people: tuple[Someone, ...]
    facts: tuple[Fact, ...]
    entries: tuple[Logged, ...]
    has_rated: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """What was said in a locked round, without accounts: the seat or clerk who said it."""

    rater: Someone
    said: tuple[Said, ...]


class RatingService:
    """Rating rounds, and the accounts that come of them.

    Args:
        fields: seals ratings until the lock, and what links an expert and an evaluation.

    Raises:
        TableUnusable: the table that the overlay names is missing or malformed.
    """

    def __init__(
        self, books: Books, overlay: Overlay, fields: FieldKey, evaluations: Evaluations
    ) -> None:
        self._books = books
        self._days = overlay.rating_days
        self._fields = fields
        self._evaluations = evaluations
        self.accounts = PointAccounts(books, overlay, fields, evaluations)
        self.facts = store.load_facts()
        self._news = True
        books.subscribe(self._heard)

    # What happens by itself.

    def tick(self, now: datetime) -> datetime | None:
        """Open, lock and book what is due; when to look again."""
        if self._news:
            self._news = False
            self._open_rounds()
            self.accounts.book_draws()
        self._lock_due(now)
        self.accounts.book_rounds()
        self.accounts.judge_past_year(now)
        self.accounts.open_cases()
        return _midnight(now)

    def _heard(self, entries: Sequence[Entry]) -> None:
        self._news = self._news or any(one.type in NEWS for one in entries)

    def _open_rounds(self) -> None:
        with self._books.read() as book:
            known = store.round_ids(book.db)
        for ended in self._evaluations.ended():
            if ended.evaluation_id not in known:
                self._open_round(ended)

    def _open_round(self, ended: Ended) -> None:
        with self._books.write() as book:
            log = room_log(book, ended.evaluation_id)
            raters = [one.name for one in log_facts.people_of(log) if not one.void]
            planned = next((one for one in log if one.type == "room.planned"), None)
            if planned is None or len(raters) < 2:
                return  # it was stopped before there was a committee: nobody to rate
            due = calendar().after(china_day(book.now), self._days)
            body = {
                "evaluation_id": ended.evaluation_id,
                "draw_id": ended.draw_id,
                "due_on": due.isoformat(),
                "raters": raters,
                "at": book.now.isoformat(),
            }
            book.append(stream_of(ended.evaluation_id), "rating.opened", body, after=0)
            book.db.add(
                store.RoundRow(
                    evaluation_id=ended.evaluation_id,
                    draw_id=ended.draw_id,
                    title=planned.facts["title"],
                    starts_at=instant(planned.facts["starts_at"]),
                    place=planned.facts["place"],
                    opened_at=book.now,
                    due_on=due,
                    raters=json.dumps(raters),
                )
            )

    def _lock_due(self, now: datetime) -> None:
        with self._books.read() as book:
            due = [
                one.evaluation_id
                for one in store.rounds(book.db, still_open=True)
                if one.due_on < china_day(now)
            ]
        for evaluation_id in due:
            with self._books.write() as book:
                row = store.round_of(book.db, evaluation_id)
                if row is not None and row.locked_at is None:
                    self._lock(book, row)

    def _lock(self, book: Book, row: store.RoundRow) -> None:
        """Open every sealed rating in one entry; from here on nothing changes."""
        given = [
            {"rater": one.body["rater"], "said": self._unsealed(one.body["sealed"], row)}
            for one in book.entries(stream_of(row.evaluation_id))
            if one.type == "rating.given" and one.body is not None
        ]
        missing = sorted(set(row.list_of("raters")) - {one["rater"] for one in given})
        book.append(
            stream_of(row.evaluation_id),
            "rating.locked",
            {"given": given, "missing": missing, "at": book.now.isoformat()},
        )
        row.missing, row.locked_at = json.dumps(missing), book.now
        row.weighed = json.dumps(self._weighed(book, row, given))
        book.db.add(row)

    def _unsealed(self, sealed: str, row: store.RoundRow) -> Any:
        opened = self._fields.open(bytes.fromhex(sealed), context=f"rating/{row.evaluation_id}")
        return json.loads(opened)

    def _weighed(
        self, book: Book, row: store.RoundRow, given: Iterable[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Each rater and each other expert: had they dissented, were they marked down."""
        log = room_log(book, row.evaluation_id)
        people = {one.name: one for one in log_facts.people_of(log)}
        dissented = log_facts.dissenters(log)
        raters = {one["rater"]: one["by"] for one in row.list_of("given")}
        return [
            {
                "rater": raters[one["rater"]],
                "party": people[one["rater"]].party.value,
                "dissented": of.name in dissented,
                "deducted": any(said["of"] == of.name for said in one["said"]),
            }
            for one in given
            for of in people.values()
            if of.party is Party.EXPERT and of.name != one["rater"]
        ]

    # What people do in a round.

    def mine(self, who: Principal) -> list[tuple[Round, bool]]:
        """Open rounds in which an account rates, and whether it has."""
        with self._books.read() as book:
            rows = store.rounds(book.db, still_open=True)
        found = []
        for row in rows:
            try:
                name = self._name_in(row, who)
            except ServiceError:
                continue
            found.append((_round(row), name in {one["rater"] for one in row.list_of("given")}))
        return found

    def form(self, evaluation_id: str, who: Principal) -> Form:
        """What a rater sees, of nobody's rating.

        Raises:
            RatingUnknown, NotARater.
        """
        with self._books.read() as book:
            row = _known(store.round_of(book.db, evaluation_id))
            log = room_log(book, evaluation_id)
        people = log_facts.people_of(log)
        name = self._name_in(row, who)
        rater = next(one for one in people if one.name == name)
        facts = tuple(one for one in self.facts.values() if rater.party in one.by)
        parties = {party for one in facts for party in one.of}
        return Form(
            round=_round(row),
            rater=rater,
            people=tuple(one for one in people if one.party in parties and one.name != name),
            facts=facts,
            entries=tuple(shown_to(rater, self.facts, log)),
            has_rated=name in {one["rater"] for one in row.list_of("given")},
        )

    def give(self, evaluation_id: str, who: Principal, said: Sequence[Said]) -> Round:
        """Take a rating, once; nothing said is "nothing to remark". The last one locks the round.

        Raises:
            RatingUnknown, NotARater, RatingLocked, AlreadyRated, and those of `rating.check`.
        """
        with self._books.read() as book:
            name = self._name_in(_known(store.round_of(book.db, evaluation_id)), who)
        with self._books.write() as book:
            row = _known(store.round_of(book.db, evaluation_id))
            if row.locked_at is not None or row.due_on < china_day(book.now):
                raise errors.RatingLocked
            given = row.list_of("given")
            if name in {one["rater"] for one in given}:
                raise errors.AlreadyRated
            log = room_log(book, evaluation_id)
            people = log_facts.people_of(log)
            rater = next(one for one in people if one.name == name)
            check(said, rater, people, self.facts, log)
            plain = json.dumps([asdict(one) for one in said], ensure_ascii=False)
            sealed = self._fields.seal(plain, context=f"rating/{evaluation_id}")
            by = self._fields.blind(who.account_id).hex()
            body = {"rater": name, "sealed": sealed.hex(), "by": by, "at": book.now.isoformat()}
            book.append(stream_of(evaluation_id), "rating.given", body)
            given.append({"rater": name, "by": by})
            row.given = json.dumps(given)
            book.db.add(row)
            if len(given) == len(row.list_of("raters")):
                self._lock(book, row)
            return _round(row)

    def _name_in(self, row: store.RoundRow, who: Principal) -> str:
        try:
            name = self._evaluations.name_of(row.evaluation_id, who)
        except ServiceError as stranger:
            raise errors.NotARater from stranger
        if name not in row.list_of("raters"):
            raise errors.NotARater
        return name

    # What the reviewer sees.

    def rounds(self) -> list[Round]:
        """Every round; before the lock nobody learns who has rated and who has not."""
        with self._books.read() as book:
            return [_round(row) for row in store.rounds(book.db)]

    def opened(self, evaluation_id: str) -> list[Opened]:
        """What was said in a locked round.

        Raises:
            RatingUnknown: there is none, or it is not locked.
        """
        with self._books.read() as book:
            row = _known(store.round_of(book.db, evaluation_id))
            if row.locked_at is None:
                raise errors.RatingUnknown
            people = log_facts.people_of(room_log(book, evaluation_id))
            given = said_in(book, evaluation_id)
        known = {one.name: one for one in people}
        return [Opened(known[rater], said) for rater, said in given]

    def watch(self) -> tuple[list[retaliation.Pattern], retaliation.Base]:
        """Deductions after dissent, per rater, beside the base rate (ABUSE D13)."""
        with self._books.read() as book:
            every = [
                retaliation.Weighed(**one)
                for row in store.rounds(book.db)
                for one in row.list_of("weighed")
            ]
        return retaliation.patterns(every), retaliation.base(every)


def _known(row: store.RoundRow | None) -> store.RoundRow:
    if row is None:
        raise errors.RatingUnknown
    return row


def _round(row: store.RoundRow) -> Round:
    return Round(
        evaluation_id=row.evaluation_id,
        title=row.title,
        starts_at=row.starts_at,
        place=row.place,
        due_on=row.due_on,
        raters=tuple(row.list_of("raters")),
        given=len(row.list_of("given")),
        locked_at=row.locked_at,
        missing=tuple(row.list_of("missing")),
    )


def _midnight(now: datetime) -> datetime:
    """The next beginning of a day in China: days are what deadlines count."""
    local = now.astimezone(CHINA_STANDARD_TIME)
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
