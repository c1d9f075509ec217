"""Use cases of the blacklist: record, lift, ask to leave, decide; and who may serve.

Every change is one entry in the stream `standing`; the expert stands in its private body.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from blacklist import store
from blacklist.core import errors
from blacklist.core.grounds import EXIT_GROUNDS, GROUNDS, KINDS, LIFT_GROUNDS, Kind, Term
from blacklist.core.standing import (
    Act,
    ExitRequest,
    Measure,
    Standing,
    decided,
    exit_of,
    lifted,
    may_serve,
    measure_of,
    step,
)
from foundation.clock import Clock
from foundation.ids import AccountId, ExpertId, new_id
from foundation.ledger.book import Book, Books

STREAM: Final = "standing"
MOST_CHARACTERS: Final = 500


class BlacklistService:
    """What is on record against drawing an expert, and what follows from it.

    Args:
        knows: whether the pool has an expert; without it every id is believed.
    """

    def __init__(
        self, books: Books, clock: Clock, knows: Callable[[ExpertId], bool] | None = None
    ) -> None:
        self._books = books
        self._clock = clock
        self._knows = knows or (lambda _: True)

    def record(
        self,
        expert_id: ExpertId,
        *,
        kind: Kind,
        ground: str,
        basis: str,
        deciding_body: str,
        starts_on: date,
        ends_on: date | None,
        by: AccountId,
    ) -> Measure:
        """Put a measure on record; it counts from the next freeze and ends on its last day.

        Raises:
            UnknownExpert, UnknownGround, TermUnfit, WordsMissing.
        """
        if not self._knows(expert_id):
            raise errors.UnknownExpert
        if ground not in GROUNDS or kind not in GROUNDS[ground].kinds:
            raise errors.UnknownGround(ground=ground if ground in GROUNDS else "-", measure=kind)
        _check_term(kind, starts_on, ends_on)
        _check_words(basis, deciding_body)
        with self._books.write() as book:
            body = {
                "id": new_id("bl", book.now),
                "expert_id": expert_id,
                "kind": kind.value,
                "ground": ground,
                "basis": basis.strip(),
                "deciding_body": deciding_body.strip(),
                "starts_on": starts_on.isoformat(),
                "ends_on": ends_on.isoformat() if ends_on else "",
            }
            measure = measure_of(_append(book, "blacklist.recorded", body, by))
            store.put(book.db, measure)
            book.tell(expert_id, "blacklist.recorded", {"kind": kind.value, "ground": ground})
        return measure

    def lift(self, id_: str, ground: str, basis: str, by: AccountId) -> Measure:
        """End a measure before its day, by another person than the one who entered it.

        Raises:
            UnknownMeasure, AlreadyLifted, UnknownGround, WordsMissing, SamePerson.
        """
        if ground not in LIFT_GROUNDS:
            raise errors.UnknownGround(ground="-", measure="lift")
        _check_words(basis)
        with self._books.write() as book:
            before = store.measure(book.db, id_)
            if before is None:
                raise errors.UnknownMeasure
            if before.lifted_at is not None:
                raise errors.AlreadyLifted
            if before.recorded_by == by:
                raise errors.SamePerson
            body = {"id": id_, "ground": ground, "basis": basis.strip()}
            after = lifted(before, _append(book, "blacklist.lifted", body, by))
            store.put(book.db, after)
            book.tell(before.expert_id, "blacklist.lifted", {"kind": before.kind.value})
        return after

    def exit_request(
        self, expert_id: ExpertId, ground: str, text: str, by: AccountId
    ) -> ExitRequest:
        """An expert asks to leave the pool; from this moment no draw can reach them.

        Raises:
            UnknownGround: not one of the closed list.
            WordsMissing: more than 500 characters.
            WrongStatus: asked before and not refused.
        """
        if ground not in EXIT_GROUNDS:
            raise errors.UnknownGround(ground="-", measure="exit")
        if len(text) > MOST_CHARACTERS:
            raise errors.WordsMissing(most=MOST_CHARACTERS)
        with self._books.write() as book:
            for one in store.exits(book.db, expert_id):
                step(one.status(book.now), Act.ASK)
            body = {
                "id": new_id("xr", book.now),
                "expert_id": expert_id,
                "ground": ground,
                "text": text.strip(),
            }
            asked = exit_of(_append(book, "blacklist.exit_asked", body, by))
            store.put(book.db, asked)
        return asked

    def exit_decide(self, id_: str, decision: Act, reason: str, by: AccountId) -> ExitRequest:
        """Grant or refuse, by another person than the one who asked.

        Raises:
            UnknownExit, WordsMissing, SamePerson.
            WrongStatus: decided before.
        """
        _check_words(reason)
        with self._books.write() as book:
            before = store.exit_request(book.db, id_)
            if before is None:
                raise errors.UnknownExit
            if before.asked_by == by:
                raise errors.SamePerson
            step(before.status(book.now), decision)
            body = {"id": id_, "decision": decision.value, "reason": reason.strip()}
            after = decided(before, _append(book, "blacklist.exit_decided", body, by))
            store.put(book.db, after)
            book.tell(before.expert_id, "blacklist.exit_decided", {"decision": decision.value})
        return after

    def standing(self, expert_id: ExpertId, at: datetime | None = None) -> Standing:
        """May this expert serve, and why not; now, where no instant is given."""
        with self._books.read() as book:
            on_record = store.measures(book.db, expert_id)
            exits = store.exits(book.db, expert_id)
        return may_serve(on_record, exits, at or self._clock.now())

    def standings(
        self, at: datetime | None = None, day: date | None = None
    ) -> dict[ExpertId, Standing]:
        """Standing of every expert who is not active at `at` or on `day`; nobody else."""
        on_record: defaultdict[ExpertId, list[Measure]] = defaultdict(list)
        exits: defaultdict[ExpertId, list[ExitRequest]] = defaultdict(list)
        with self._books.read() as book:
            for one in store.measures(book.db):
                on_record[one.expert_id].append(one)
            for request in store.exits(book.db):
                exits[request.expert_id].append(request)
        instant = at or self._clock.now()
        every = {
            expert: may_serve(on_record[expert], exits[expert], instant, day)
            for expert in on_record.keys() | exits.keys()
        }
        return {expert: one for expert, one in every.items() if not one.may_serve}

    def reasons(self, at: datetime | None = None, day: date | None = None) -> dict[ExpertId, int]:
        """`standings` as the draw's screening takes them: the protocol's reason numbers."""
        return {expert: one.reason for expert, one in self.standings(at, day).items()}

    def measures(self, expert_id: ExpertId | None = None) -> list[Measure]:
        """The list, newest first."""
        with self._books.read() as book:
            return store.measures(book.db, expert_id)

    def exits(self, expert_id: ExpertId | None = None) -> list[ExitRequest]:
        """The requests to leave, newest first."""
        with self._books.read() as book:
            return store.exits(book.db, expert_id)


def _append(book: Book, type_: str, body: dict[str, Any], by: AccountId) -> dict[str, Any]:
    """Record a fact; who and when travel in the body, so that the fold needs nothing else."""
    whole = body | {"by": by, "at": book.now.isoformat()}
    book.append(STREAM, type_, whole)
    return whole


def _check_term(kind: Kind, starts_on: date, ends_on: date | None) -> None:
    term = KINDS[kind].term
    wrong = {
        Term.MUST: ends_on is None,
        Term.NEVER: ends_on is not None,
        Term.MAY: False,
    }
    if wrong[term] or (ends_on is not None and ends_on < starts_on):
        raise errors.TermUnfit(kind, term)


def _check_words(*texts: str) -> None:
    if not all(0 < len(text.strip()) <= MOST_CHARACTERS for text in texts):
        raise errors.WordsMissing(most=MOST_CHARACTERS)
