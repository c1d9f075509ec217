"""Use cases of standing: two persons enter, correct and lift; leave and the way out; the answer.

Every change is one entry in the stream `standing`; the expert stands in its private body.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from blacklist import store
from blacklist.core import errors, facts
from blacklist.core.changes import Change, changes
from blacklist.core.facts import (
    Act,
    Decision,
    Departure,
    ExitRequest,
    Fact,
    Measure,
    Outcome,
    Proposal,
    china_day,
    step,
)
from blacklist.core.grounds import (
    DEPARTURES,
    EXIT_GROUNDS,
    GROUNDS,
    LEAVE_GROUNDS,
    LIFT_GROUNDS,
    ExitKind,
    Kind,
    Term,
)
from blacklist.core.mask import StandingColumns
from blacklist.core.standing import Standing, Why, may_serve
from blacklist.core.terms import MOST_CHARACTERS, Terms, check_words
from foundation.clock import Clock
from foundation.ids import AccountId, ExpertId, new_id
from foundation.ledger.book import Book, Books
from foundation.rulebook.overlay import Overlay
from foundation.working_days import Calendar, calendar

STREAM: Final = "standing"

Beside = Callable[[Book, str, Mapping[str, Any]], None]
"""Called inside the transaction of an entry of the stream, with its type and body."""


class StandingService:
    """What is on record against drawing an expert, and what follows from it.

    Args:
        overlay: how many days there are to confirm, and to decide on a request to leave.
        knows: whether the pool has an expert; without it every id is believed.
        same_person: whether two accounts are one person's; accounts alone without it.
        faults: what other rooms say against an expert at an instant, such as a profile that was
            not confirmed in time.
    """

    def __init__(
        self,
        books: Books,
        clock: Clock,
        overlay: Overlay,
        *,
        knows: Callable[[ExpertId], bool] = lambda _: True,
        same_person: Callable[[AccountId, AccountId], bool] = lambda a, b: a == b,
        days: Calendar | None = None,
    ) -> None:
        self._books = books
        self._clock = clock
        self._overlay = overlay
        self._knows = knows
        self._same = same_person
        self._days = days or calendar()
        self.beside: list[Beside] = []
        self._kept: tuple[object, list[ExpertId], StandingColumns] | None = None
        self.faults: Callable[[ExpertId, datetime], Iterable[Why]] = lambda _expert, _at: ()

    # What two persons do.

    def propose(
        self,
        expert_id: ExpertId,
        terms: Terms,
        by: AccountId,
        *,
        urgent: bool = False,
        origin: str = "",
    ) -> Proposal:
        """Put a measure forward; another person confirms it.

        Args:
            urgent: it stops draws at once, and lapses where nobody confirms it in time.
            origin: where it comes from: `list:<id>`, `feed:<origin>`, `case:<id>`, empty by hand.

        Raises:
            UnknownExpert, UnknownGround, TermUnfit, WordsMissing, BasisUnfit, UrgentUnfit.
        """
        if urgent and terms.kind is not Kind.SUSPENDED:
            raise errors.UrgentUnfit
        body = terms.body()
        with self._books.write() as book:
            self.require_known(expert_id)
            return self._propose(book, Act.ENTER, expert_id, body, by, urgent=urgent, origin=origin)

    def propose_correction(
        self, measure_id: str, terms: Terms, by: AccountId, *, origin: str = ""
    ) -> Proposal:
        """Put forward what should stand in the place of a measure, which stays on record.

        Raises:
            UnknownMeasure, AlreadyLifted, AlreadyProposed, and as `propose`.
        """
        body = terms.body()
        with self._books.write() as book:
            before = _standing_measure(book, measure_id)
            return self._propose(
                book, Act.CORRECT, before.expert_id, body, by, target=before.id, origin=origin
            )

    def propose_lift(
        self, measure_id: str, ground: str, basis: str, by: AccountId, origin: str = ""
    ) -> Proposal:
        """Put forward that a measure ends before its day.

        Raises:
            UnknownMeasure, AlreadyLifted, AlreadyProposed, UnknownGround, WordsMissing.
        """
        if ground not in LIFT_GROUNDS:
            raise errors.UnknownGround(ground="-", measure="lift")
        check_words(basis)
        terms = {"ground": ground, "basis": basis.strip()}
        with self._books.write() as book:
            before = _standing_measure(book, measure_id)
            return self._propose(
                book, Act.LIFT, before.expert_id, terms, by, target=before.id, origin=origin
            )

    def propose_exit(
        self,
        expert_id: ExpertId,
        *,
        kind: ExitKind,
        ground: str,
        basis: str,
        deciding_body: str,
        by: AccountId,
        origin: str = "",
    ) -> Proposal:
        """Put forward that somebody is out of the pool: conditions lost (R-EXIT-2), removed, dead.

        Raises:
            UnknownExpert, UnknownGround, WordsMissing, AlreadyProposed.
            WrongStatus: the expert has left already.
        """
        if kind not in DEPARTURES or (ground not in GROUNDS and ground not in EXIT_GROUNDS):
            raise errors.UnknownGround(ground="-", measure="exit")
        check_words(basis, deciding_body)
        terms = {
            "kind": kind.value,
            "ground": ground,
            "basis": basis.strip(),
            "deciding_body": deciding_body.strip(),
        }
        with self._books.write() as book:
            self.require_known(expert_id)
            _require_in_pool(book, expert_id)
            if any(one.act is Act.EXIT for one in store.open_proposals(book.db, expert_id)):
                raise errors.AlreadyProposed
            return self._propose(book, Act.EXIT, expert_id, terms, by, origin=origin)

    def confirm(self, proposal_id: str, by: AccountId) -> Proposal:
        """Make a proposal true, as another person than the one who put it forward.

        Raises:
            UnknownProposal, ProposalEnded, SamePerson; AlreadyLifted: its measure has ended.
        """
        with self._books.write() as book:
            before = self._open_proposal(book, proposal_id, by)
            beside = {"proposed_by": before.proposed_by, "origin": before.origin}
            match before.act:
                case Act.ENTER | Act.CORRECT:
                    self.record_in(
                        book,
                        {
                            **before.terms,
                            **beside,
                            "id": before.id,
                            "expert_id": before.expert_id,
                            "replaces": before.target,
                            "urgent": before.urgent,
                            "proposed_at": before.proposed_at.isoformat(),
                        },
                        by,
                    )
                case Act.LIFT:
                    self.lift_in(book, before.target, {**before.terms, **beside}, by, before.id)
                case Act.EXIT:
                    self.exit_in(
                        book,
                        {**before.terms, **beside, "id": before.id, "expert_id": before.expert_id},
                        by,
                    )
            return self._end(book, before, Outcome.CONFIRMED, "", by)

    def send_back(self, proposal_id: str, reason: str, by: AccountId) -> Proposal:
        """Return a proposal with a reason; an urgent suspension ends with it.

        Raises:
            UnknownProposal, ProposalEnded, SamePerson, WordsMissing.
        """
        check_words(reason)
        with self._books.write() as book:
            before = self._open_proposal(book, proposal_id, by)
            return self.return_in(book, before, reason.strip(), by)

    def withdraw(self, proposal_id: str, by: AccountId) -> Proposal:
        """Take the own proposal back before anybody has acted on it.

        Raises:
            UnknownProposal, ProposalEnded; NotTheirs: it is another person's.
        """
        with self._books.write() as book:
            before = self._open_proposal(book, proposal_id, None)
            if not self._same(AccountId(before.proposed_by), by):
                raise errors.NotTheirs
            self._append(book, "blacklist.withdrawn", {"id": before.id}, by)
            return self._end(book, before, Outcome.WITHDRAWN, "", by)

    def require_known(self, expert_id: ExpertId) -> None:
        """Refuse somebody whom the pool does not have.

        Raises:
            UnknownExpert.
        """
        if not self._knows(expert_id):
            raise errors.UnknownExpert

    def may_act(self, proposal: Proposal, who: AccountId) -> bool:
        """Whether `who` is another person than the one who put the proposal forward."""
        return not self._same(AccountId(proposal.proposed_by), who)

    # What happens inside the transaction of another use case (a case, an appeal).

    def propose_urgent_in(
        self, book: Book, expert_id: ExpertId, terms: Terms, by: AccountId, origin: str
    ) -> Proposal:
        """An urgent suspension that a case begins with.

        Raises:
            UrgentUnfit, and as a measure's terms.
        """
        if terms.kind is not Kind.SUSPENDED:
            raise errors.UrgentUnfit
        body = terms.body()
        return self._propose(book, Act.ENTER, expert_id, body, by, urgent=True, origin=origin)

    def return_in(self, book: Book, before: Proposal, reason: str, by: AccountId) -> Proposal:
        """Send a proposal back; an urgent suspension ends with it."""
        body = {"id": before.id, "expert_id": before.expert_id, "reason": reason}
        self._append(book, "blacklist.returned", body, by)
        if before.urgent:
            book.tell(before.expert_id, "blacklist.returned", {"id": before.id})
        return self._end(book, before, Outcome.RETURNED, reason, by)

    def record_in(self, book: Book, body: Mapping[str, Any], by: AccountId) -> Measure:
        """Put a measure on record; `body` holds its members and who proposed it."""
        whole = self._append(book, "blacklist.recorded", dict(body), by)
        measure = facts.measure_of(whole)
        store.put(book.db, measure)
        before = store.measure(book.db, measure.replaces) if measure.replaces else None
        if before is not None:
            if before.lifted_at is not None:
                raise errors.AlreadyLifted
            store.put(book.db, facts.replaced(before, measure))
        told = {"kind": measure.kind.value, "ground": measure.ground}
        book.tell(measure.expert_id, "blacklist.recorded", told)
        return measure

    def lift_in(
        self, book: Book, id_: str, body: Mapping[str, Any], by: AccountId, proposal: str = ""
    ) -> Measure:
        """End a measure; `body` holds ground, basis and who proposed it."""
        before = _standing_measure(book, id_)
        whole = {**body, "id": id_, "expert_id": before.expert_id, "proposal": proposal}
        after = facts.lifted(before, self._append(book, "blacklist.lifted", whole, by))
        store.put(book.db, after)
        book.tell(before.expert_id, "blacklist.lifted", {"kind": before.kind.value})
        return after

    def exit_in(self, book: Book, body: Mapping[str, Any], by: AccountId) -> Departure:
        """Put a departure on record."""
        _require_in_pool(book, ExpertId(body["expert_id"]))
        departure = facts.departure_of(self._append(book, "blacklist.exited", dict(body), by))
        store.put(book.db, departure)
        book.tell(departure.expert_id, "blacklist.exited", {"kind": departure.kind.value})
        return departure

    def restore_in(
        self, book: Book, id_: str, basis: str, by: AccountId, proposed_by: str
    ) -> Departure:
        """Undo a departure: the expert is in the pool again, and the exit stays on record."""
        before = store.departure(book.db, id_)
        if before is None or before.undone_at is not None:
            raise errors.UnknownExit
        body = {"id": id_, "expert_id": before.expert_id, "basis": basis, "proposal": ""}
        body["proposed_by"] = proposed_by
        after = facts.undone(before, self._append(book, "blacklist.restored", body, by))
        store.put(book.db, after)
        book.tell(before.expert_id, "blacklist.restored", {"kind": before.kind.value})
        return after

    # The expert's own acts.

    def take_leave(
        self, expert_id: ExpertId, ground: str, starts_on: date, ends_on: date, by: AccountId
    ) -> Measure:
        """Be on leave (请假) from a day to a day; no draw for those days reaches the expert.

        Raises:
            UnknownGround, TermUnfit: it ends before it begins, or has ended.
        """
        if ground not in LEAVE_GROUNDS:
            raise errors.UnknownGround(ground="-", measure=Kind.LEAVE)
        if not max(starts_on, china_day(self._clock.now())) <= ends_on:
            raise errors.TermUnfit(Kind.LEAVE, Term.MUST)
        with self._books.write() as book:
            body = {
                "id": new_id("bl", book.now),
                "expert_id": expert_id,
                "ground": ground,
                "starts_on": starts_on.isoformat(),
                "ends_on": ends_on.isoformat(),
            }
            leave = facts.leave_of(self._append(book, "blacklist.leave_taken", body, by))
            store.put(book.db, leave)
        return leave

    def end_leave(self, expert_id: ExpertId, leave_id: str, by: AccountId) -> Measure:
        """Come back from the own leave early.

        Raises:
            NotTheirs, AlreadyLifted.
        """
        with self._books.write() as book:
            before = store.measure(book.db, leave_id)
            own = before is not None and before.kind is Kind.LEAVE and not before.proposed_by
            if before is None or not own or before.expert_id != expert_id:
                raise errors.NotTheirs
            if before.lifted_at is not None:
                raise errors.AlreadyLifted
            body = {"id": leave_id, "expert_id": expert_id, "ground": "ended_early", "basis": ""}
            after = facts.lifted(before, self._append(book, "blacklist.leave_ended", body, by))
            store.put(book.db, after)
        return after

    def exit_request(
        self, expert_id: ExpertId, ground: str, text: str, by: AccountId
    ) -> ExitRequest:
        """Ask to leave the pool: draws stop at once, and the time to decide begins (R-EXIT-3).

        Raises:
            UnknownGround, WordsMissing; WrongStatus: asked already, or left.
        """
        if ground not in EXIT_GROUNDS:
            raise errors.UnknownGround(ground="-", measure="exit")
        if len(text) > MOST_CHARACTERS:
            raise errors.WordsMissing(most=MOST_CHARACTERS)
        with self._books.write() as book:
            _require_in_pool(book, expert_id)
            for one in store.exits(book.db, expert_id):
                step(one.status(book.now), Decision.ASK)
            release = china_day(book.now) + timedelta(days=self._overlay.exit_release_days)
            body = {
                "id": new_id("xr", book.now),
                "expert_id": expert_id,
                "ground": ground,
                "text": text.strip(),
                "release_on": release.isoformat(),
            }
            request = facts.exit_of(self._append(book, "blacklist.exit_asked", body, by))
            store.put(book.db, request)
        return request

    def exit_decide(self, id_: str, decision: Decision, reason: str, by: AccountId) -> ExitRequest:
        """Grant or refuse a request to leave, as another person than the one who asked.

        Raises:
            UnknownExit, WrongStatus, WordsMissing, SamePerson.
        """
        check_words(reason)
        with self._books.write() as book:
            before = store.exit_request(book.db, id_)
            if before is None:
                raise errors.UnknownExit
            self._another(before.asked_by, by)
            step(before.status(book.now), decision)
            body = {"id": id_, "decision": decision.value, "reason": reason.strip()}
            body["expert_id"] = before.expert_id
            after = facts.decided(before, self._append(book, "blacklist.exit_decided", body, by))
            store.put(book.db, after)
            book.tell(before.expert_id, "blacklist.exit_decided", {"decision": decision.value})
        return after

    # The answer.

    def standing(
        self, expert_id: ExpertId, at: datetime | None = None, day: date | None = None
    ) -> Standing:
        """May this expert serve at an instant (now) and on a day, and everything that says no."""
        instant = at or self._clock.now()
        with self._books.read() as book:
            on_record = store.facts_of(book.db, expert_id)
        return may_serve(on_record, instant, day, self.faults(expert_id, instant))

    def standings(
        self, at: datetime | None = None, day: date | None = None
    ) -> dict[ExpertId, Standing]:
        """Standing of every expert who may not serve by what is on record; nobody else.

        What other rooms say of an expert (`faults`) is theirs to add: a draw does it by columns.
        """
        on_record: defaultdict[ExpertId, list[Fact]] = defaultdict(list)
        with self._books.read() as book:
            for fact in store.facts_of(book.db):
                on_record[fact.expert_id].append(fact)
        instant = at or self._clock.now()
        every = {one: may_serve(known, instant, day) for one, known in on_record.items()}
        return {one: found for one, found in every.items() if not found.may_serve}

    def reasons(self, at: datetime | None = None, day: date | None = None) -> dict[ExpertId, int]:
        """`standings` as the draw's screening takes them: the protocol's reason numbers."""
        experts, columns = self._columns()
        found = columns.reasons(at or self._clock.now(), day)
        return {experts[place]: int(found[place]) for place in found.nonzero()[0].tolist()}

    def _columns(self) -> tuple[list[ExpertId], StandingColumns]:
        """Everything on record as columns, and whose place is whose; kept until it changes."""
        with self._books.read() as book:
            # The rows are counted too: one that vanishes behind our back must show.
            state = (book.head(STREAM), *store.counts(book.db))
            if self._kept is None or self._kept[0] != state:
                known = store.facts_of(book.db)
                experts = sorted({one.expert_id for one in known})
                order = {expert: place for place, expert in enumerate(experts)}
                self._kept = state, experts, StandingColumns.of(known, order)
            _, experts, columns = self._kept
        return experts, columns

    def changes(self, since: datetime, until: datetime) -> tuple[Change, ...]:
        """Every act that stopped or freed somebody from one instant to another, oldest first."""
        with self._books.read() as book:
            on_record = store.facts_of(book.db)
        return changes(on_record, since, until)

    def measures(self, expert_id: ExpertId | None = None) -> list[Measure]:
        """The list, newest first."""
        with self._books.read() as book:
            return store.measures(book.db, expert_id)

    @property
    def public_kinds(self) -> list[Kind]:
        """Kinds of measures that the overlay makes public."""
        return sorted(Kind(one) for one in self._overlay.publish_kinds)

    def published(self) -> list[Measure]:
        """Measures that the public may read by the overlay, ended and lifted ones included."""
        return [one for one in self.measures() if one.kind in self.public_kinds]

    def proposals(self, expert_id: ExpertId | None = None) -> list[Proposal]:
        """What was put forward, newest first."""
        with self._books.read() as book:
            return store.proposals(book.db, expert_id)

    def proposal(self, id_: str) -> Proposal:
        """One proposal.

        Raises:
            UnknownProposal.
        """
        with self._books.read() as book:
            found = store.proposal(book.db, id_)
        if found is None:
            raise errors.UnknownProposal
        return found

    def exits(self, expert_id: ExpertId | None = None) -> list[ExitRequest]:
        """The requests to leave, newest first."""
        with self._books.read() as book:
            return store.exits(book.db, expert_id)

    def departures(self, expert_id: ExpertId | None = None) -> list[Departure]:
        """Exits that were not the own wish, newest first."""
        with self._books.read() as book:
            return store.departures(book.db, expert_id)

    def tick(self, now: datetime) -> None:
        """Tell what has happened by itself: lapsed suspensions, releases; once each."""
        with self._books.read() as book:
            if not _untold(book.db, now):
                return
        with self._books.write() as book:
            for one in _untold(book.db, now):
                self._tell(book, one)

    def _tell(self, book: Book, one: Proposal | ExitRequest) -> None:
        lapsed = isinstance(one, Proposal)
        type_ = "blacklist.lapsed" if lapsed else "blacklist.exit_released"
        body = {"id": one.id, "expert_id": one.expert_id, "at": book.now.isoformat()}
        book.append(STREAM, type_, body)
        store.mark_told(book.db, one.id)
        book.tell(one.expert_id, type_, {"id": one.id})
        for beside in self.beside:
            beside(book, type_, body)

    def _propose(
        self,
        book: Book,
        act: Act,
        expert_id: ExpertId,
        terms: Mapping[str, Any],
        by: AccountId,
        *,
        target: str = "",
        urgent: bool = False,
        origin: str = "",
    ) -> Proposal:
        if target and store.open_on(book.db, target):
            raise errors.AlreadyProposed
        lapses = self._days.after(china_day(book.now), self._overlay.confirm_days)
        body = {
            "id": new_id("bl", book.now),
            "act": act.value,
            "expert_id": expert_id,
            "terms": dict(terms),
            "target": target,
            "urgent": urgent,
            "lapses_on": lapses.isoformat() if urgent else "",
            "origin": origin,
        }
        proposal = facts.proposal_of(self._append(book, "blacklist.proposed", body, by))
        store.put(book.db, proposal)
        if urgent:
            book.tell(expert_id, "blacklist.urgent", {"until": lapses.isoformat()})
        return proposal

    def _open_proposal(self, book: Book, id_: str, by: AccountId | None) -> Proposal:
        found = store.proposal(book.db, id_)
        if found is None:
            raise errors.UnknownProposal
        if not found.is_open(book.now):
            raise errors.ProposalEnded
        if by is not None:
            self._another(found.proposed_by, by)
        return found

    def _another(self, before: str, by: AccountId) -> None:
        """The one place where two persons are asked for (R-SOD-2)."""
        if self._same(AccountId(before), by):
            raise errors.SamePerson

    def _end(
        self, book: Book, before: Proposal, outcome: Outcome, reason: str, by: AccountId
    ) -> Proposal:
        body = {"at": book.now.isoformat(), "by": by, "reason": reason}
        after = facts.ended(before, outcome, body)
        store.put(book.db, after)
        return after

    def _append(self, book: Book, type_: str, body: dict[str, Any], by: str) -> dict[str, Any]:
        """Record a fact; who and when travel in the body, so that the fold needs nothing else."""
        whole = body | {"by": by, "at": book.now.isoformat()}
        book.append(STREAM, type_, whole)
        for beside in self.beside:
            beside(book, type_, whole)
        return whole


def _untold(db: Session, now: datetime) -> list[Proposal | ExitRequest]:
    """What has ended by itself and nobody was told of."""
    ended: list[Proposal | ExitRequest] = []
    ended += [one for one in store.open_proposals(db) if one.lapsed(now)]
    ended += [one for one in store.exits(db) if one.released(now)]
    return [one for one in ended if not store.was_told(db, one.id)]


def _standing_measure(book: Book, id_: str) -> Measure:
    """The measure, if it has not ended by a lift."""
    found = store.measure(book.db, id_)
    if found is None:
        raise errors.UnknownMeasure
    if found.lifted_at is not None:
        raise errors.AlreadyLifted
    return found


def _require_in_pool(book: Book, expert_id: ExpertId) -> None:
    """Refuse for somebody who has left, in whatever way."""
    left = (one.in_force(book.now) for one in store.departures(book.db, expert_id))
    if any(left):
        raise errors.WrongStatus(status="exited")
