"""Use cases of an expert's profile (个人信息): confirm, change, declare, remind.

What only takes the expert out of draws (an employer left, a specialty given up) counts at once;
what lets the expert into more (a specialty, a title, a region) is an application with evidence
(`AppointmentDesk.ask_more`). Entries hold hashes of what was before and after.

A telephone is the vault's: it is changed there first. A crash in between leaves the new number
without its entry; the next confirmation holds the hash of what then stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final

import numpy as np

from classification.service import ClassificationService
from draw_engine import appointment_store as store
from draw_engine.core import appointment_errors as errors
from draw_engine.core.columns import ExpertFacts
from draw_engine.core.profile import Due, due
from draw_engine.core.texts import Ints
from draw_engine.expert_pool import ExpertPool, Organisation, UnknownExpert
from draw_engine.persons import Persons
from draw_engine.pool_cells import EMPTY, text_cell
from draw_engine.pool_columns import COLUMNS, Unfit
from draw_engine.profile_marks import ProfileMarks
from foundation.digest import canon
from foundation.ids import AccountId, ExpertId
from foundation.instants import CHINA_STANDARD_TIME
from foundation.ledger.book import Book, Books
from foundation.rulebook.overlay import Overlay

STREAM: Final = "profiles"
MOST_FORMER: Final = 20
REMINDED_AT_ONCE: Final = 500
DAYS: Final = {
    "profile.confirmed": store.CONFIRMED,
    "profile.training_recorded": store.TRAINED,
}
READ: Final = {column.field: column for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer as it is typed: name, credit code, the group's code or nothing."""

    name: str
    unified_credit_code: str
    group_credit_code: str = ""


@dataclass(frozen=True, slots=True)
class FormerEmployer:
    """An employer of the past; `from_on` where it is known."""

    name: str
    unified_credit_code: str
    group: str
    from_on: date | None
    to_on: date


@dataclass(frozen=True, slots=True)
class Profile:
    """What an expert confirms. `phone` shows the last four digits alone."""

    facts: ExpertFacts
    employer_name: str
    phone: str
    former: tuple[FormerEmployer, ...]
    trained_on: date | None
    due: Due
    fault: tuple[str, date] | None
    bases: tuple[str, ...] | None


class ProfileDesk:
    """The profiles of everybody in the pool."""

    def __init__(
        self,
        books: Books,
        *,
        pool: ExpertPool,
        persons: Persons,
        classification: ClassificationService,
        overlay: Overlay,
        marks: ProfileMarks,
    ) -> None:
        self._books = books
        self._pool = pool
        self._persons = persons
        self._classification = classification
        self._overlay = overlay
        self._marks = marks

    # --- reading

    def show(self, expert_id: ExpertId) -> Profile:
        """The profile of one expert.

        Raises:
            NotAnExpert: the pool does not know the expert.
        """
        try:
            (facts,) = self._pool.facts([expert_id])
        except UnknownExpert as unknown:
            raise errors.NotAnExpert from unknown
        organisation = self._pool.organisation(facts.employer)
        phone = self._persons.get(expert_id).phone
        with self._books.read() as book:
            former = store.former_employers(book.db, expert_id)
            days = store.newest_days(book.db, expert_id)
            appointed = book.db.get(store.AppointedRow, expert_id)
        until = due(_day(facts.admitted_at), days, self._overlay)
        return Profile(
            facts=facts,
            employer_name=organisation.name if organisation else "",
            phone=phone[-4:],
            former=tuple(
                FormerEmployer(
                    one.name, one.unified_credit_code, one.grouped, one.from_on, one.to_on
                )
                for one in former
            ),
            trained_on=days.get(store.TRAINED),
            due=until,
            fault=until.fault(_day(self._books.clock.now())),
            bases=tuple(appointed.bases.split()) if appointed else None,
        )

    def fault(self, expert_id: ExpertId, at: datetime) -> tuple[str, date] | None:
        """The rule that keeps an expert out at an instant, and since when: as a draw sees it."""
        try:
            (facts,) = self._pool.facts([expert_id])
        except UnknownExpert:
            return None
        with self._books.read() as book:
            days = store.newest_days(book.db, expert_id, at)
        return due(_day(facts.admitted_at), days, self._overlay).fault(_day(at))

    # --- what the expert does

    def confirm(self, expert_id: ExpertId, by: AccountId) -> Profile:
        """Confirm that the profile is right as it stands; it holds for the overlay's days."""
        digest = self._digest(self.show(expert_id))
        with self._books.write() as book:
            body = {"hash": digest, "on": _day(book.now).isoformat()}
            self._day_entered(book, "profile.confirmed", expert_id, body, by)
        return self.show(expert_id)

    def change_employer(
        self, expert_id: ExpertId, now: Employer, since: date, by: AccountId
    ) -> Profile:
        """Another employer, at once; the one before goes on recusing for three years.

        Raises:
            FieldUnfit, DaysUnfit, NotAnExpert.
        """
        new = self._organisation(now)
        if since > _day(self._books.clock.now()):
            raise errors.DaysUnfit
        with self._books.write() as book:
            before = self._own(book, expert_id)
            if before.employer == new.unified_credit_code:
                return self.show(expert_id)
            old = self._pool.organisation(before.employer)
            after = replace(before, employer=new.unified_credit_code, group=new.group)
            self._entry(
                book,
                "profile.changed",
                expert_id,
                _change("employer", before.employer, after.employer),
                by,
            )
            self._pool.change_in(book, after, [new], by)
            left = FormerEmployer(
                old.name if old else "", before.employer, before.group, None, since
            )
            self._declared(book, expert_id, [left], by)
        return self.show(expert_id)

    def change_phone(self, expert_id: ExpertId, phone: str, by: AccountId) -> Profile:
        """Another telephone.

        Raises:
            FieldUnfit: no mobile number, or another expert's.
        """
        number = self._field("phone", phone)
        own = self._persons.get(expert_id)
        if own.phone != number:
            if self._persons.known_phones([number]):
                raise errors.FieldUnfit(field="phone", reason="pool.phone_in_pool")
            before = self._persons.change_phone(expert_id, number)
            try:
                with self._books.write() as book:
                    old, new = (self._persons.blind_phone(one).hex() for one in (before, number))
                    self._entry(
                        book,
                        "profile.changed",
                        expert_id,
                        {"field": "phone", "old": old, "new": new},
                        by,
                    )
            except BaseException:
                self._persons.change_phone(expert_id, before)
                raise
        return self.show(expert_id)

    def declare_former(
        self,
        expert_id: ExpertId,
        former: Sequence[tuple[Employer, date | None, date]],
        by: AccountId,
    ) -> Profile:
        """Employers of the last years: facts for recusal (R-REC-1), and never taken back.

        Raises:
            FieldUnfit, DaysUnfit, NotAnExpert.
        """
        today = _day(self._books.clock.now())
        found = []
        for employer, from_on, to_on in former[:MOST_FORMER]:
            if to_on > today or (from_on is not None and from_on > to_on):
                raise errors.DaysUnfit
            one = self._organisation(employer)
            found.append(
                FormerEmployer(one.name, one.unified_credit_code, one.group, from_on, to_on)
            )
        if not found:
            raise errors.FieldUnfit(field="employer", reason="pool.value_missing")
        with self._books.write() as book:
            self._own(book, expert_id)
            self._declared(book, expert_id, found, by)
        return self.show(expert_id)

    def give_up(self, expert_id: ExpertId, code: str, by: AccountId) -> Profile:
        """Hold one specialty less, at once.

        Raises:
            SpecialtyNotHeld, LastSpecialty, NotAnExpert.
        """
        bare = code.rpartition(":")[2]
        with self._books.write() as book:
            before = self._own(book, expert_id)
            if bare not in before.codes:
                raise errors.SpecialtyNotHeld
            if len(before.codes) == 1:
                raise errors.LastSpecialty
            left = tuple(one for one in before.codes if one != bare)
            self._entry(
                book,
                "profile.changed",
                expert_id,
                _change("codes", list(before.codes), list(left)),
                by,
            )
            self._pool.change_in(book, replace(before, codes=left), (), by)
        return self.show(expert_id)

    # --- what the pool's manager does, and the timer

    def record_training(
        self, expert_id: ExpertId, on: date, certificate: str, by: AccountId
    ) -> Profile:
        """A training that the expert attended, by the SHA-256 of its certificate.

        Raises:
            DaysUnfit: a day to come. NotAnExpert.
        """
        if on > _day(self._books.clock.now()):
            raise errors.DaysUnfit
        with self._books.write() as book:
            self._own(book, expert_id)
            body = {"certificate": certificate, "on": on.isoformat()}
            self._day_entered(book, "profile.training_recorded", expert_id, body, by)
            book.tell(expert_id, "profile.training_recorded", {"on": on.isoformat()})
        return self.show(expert_id)

    def remind(self, now: datetime) -> datetime | None:
        """Tell each expert once, some days before the profile is due; answers when to look again.

        A crash here is safe: who was told stands in the transaction of the notice.
        """
        today, ahead = _day(now), self._overlay.profile_remind_days
        last = today.toordinal() + ahead
        columns = self._pool.columns()
        again = _midnight(today + timedelta(days=1))
        if not ahead or not len(columns):
            return again
        most = self._overlay.profile_days
        if not (columns.admitted + most <= last).any():
            return again
        days = self._marks.days(columns, now)[store.CONFIRMED]
        until = [
            (ExpertId(columns.ids[row]), date.fromordinal(ordinal))
            for row, ordinal in _soon(columns.admitted, days, most, today.toordinal(), last)
        ]
        with self._books.read() as book:
            told = store.reminded(book.db, (who for who, _ in until))
        waiting = [one for one in until if one not in told]
        for who, on in waiting[:REMINDED_AT_ONCE]:
            with self._books.write() as book:
                self._entry(book, "profile.reminded", who, {"due_on": on.isoformat()}, "timer")
                book.db.add(store.ReminderRow(expert_id=who, due_on=on))
                book.tell(who, "profile.due_soon", {"due_on": on.isoformat()})
        return now if len(waiting) > REMINDED_AT_ONCE else again

    # --- what all of it stands on

    def _own(self, book: Book, expert_id: ExpertId) -> ExpertFacts:
        try:
            return self._pool.facts_in(book, expert_id)
        except UnknownExpert as unknown:
            raise errors.NotAnExpert from unknown

    def _entry(
        self, book: Book, type_: str, expert_id: ExpertId, body: Mapping[str, Any], by: str
    ) -> int:
        whole = {"expert_id": expert_id, **body, "by": by, "at": book.now.isoformat()}
        return book.append(STREAM, type_, whole).seq

    def _day_entered(
        self, book: Book, type_: str, expert_id: ExpertId, body: Mapping[str, Any], by: str
    ) -> None:
        """An entry that a profile was confirmed, or a training attended, on a day."""
        seq = self._entry(book, type_, expert_id, body, by)
        on, kind = date.fromisoformat(body["on"]), DAYS[type_]
        book.db.add(
            store.ProfileDayRow(seq=seq, expert_id=expert_id, kind=kind, on=on, at=book.now)
        )

    def _declared(
        self, book: Book, expert_id: ExpertId, former: Sequence[FormerEmployer], by: str
    ) -> None:
        body = {
            "employers": [
                {
                    "code": one.unified_credit_code,
                    "group": one.group,
                    "name": one.name,
                    "from_on": one.from_on.isoformat() if one.from_on else "",
                    "to_on": one.to_on.isoformat(),
                }
                for one in former
            ]
        }
        seq = self._entry(book, "profile.former_declared", expert_id, body, by)
        for n, one in enumerate(former):
            book.db.add(
                store.FormerEmployerRow(
                    seq=seq,
                    n=n,
                    expert_id=expert_id,
                    unified_credit_code=one.unified_credit_code,
                    grouped=one.group,
                    name=one.name,
                    from_on=one.from_on,
                    to_on=one.to_on,
                    at=book.now,
                )
            )

    def _organisation(self, typed: Employer) -> Organisation:
        """The employer as the pool has it, or as it was typed where it is new.

        Raises:
            FieldUnfit: a field cannot be read, or the pool knows it in another group.
        """
        name = self._field("employer", typed.name)
        code = self._field("unified_credit_code", typed.unified_credit_code)
        group = self._field("group_credit_code", typed.group_credit_code)
        known = self._pool.organisation(code)
        if known is None:
            return Organisation(code, name, group or code)
        if group and known.group != group:
            raise errors.FieldUnfit(field="group_credit_code", reason="pool.group_differs")
        return known

    def _field(self, name: str, text: str) -> str:
        column, cell = READ[name], text_cell(text)
        try:
            if cell == EMPTY and column.required:
                raise Unfit("pool.value_missing")
            return str(column.read(cell, self._classification))
        except Unfit as unfit:
            raise errors.FieldUnfit(field=name, reason=unfit.reason) from unfit

    def _digest(self, profile: Profile) -> str:
        """Hash of all that is confirmed; the telephone by its keyed index."""
        facts = profile.facts
        phone = self._persons.get(facts.expert_id).phone
        return _hash(
            "whole",
            {
                "employer": facts.employer,
                "group": facts.group,
                "region": facts.region,
                "qualification": facts.qualification(),
                "phone": self._persons.blind_phone(phone).hex(),
                "former": [
                    [one.unified_credit_code, one.to_on.isoformat()] for one in profile.former
                ],
            },
        )


def _soon(
    admitted: Ints, confirmed: Ints, most: int, today: int, last: int
) -> Iterator[tuple[int, int]]:
    """(row, ordinal of the last day) of those whose profile is due from today to `last`."""
    until = np.maximum(admitted, confirmed) + most
    for row in np.flatnonzero((until >= today) & (until <= last)):
        yield int(row), int(until[row])


def _change(field: str, old: object, new: object) -> dict[str, str]:
    """What an entry says of a change: the field, and hashes of what was and what is."""
    return {"field": field, "old": _hash(field, old), "new": _hash(field, new)}


def _hash(field: str, value: object) -> str:
    """SHA-256 (hex) of what a field says, under the field's own tag."""
    return sha256(f"profile/{field}\0".encode() + canon(value)).hexdigest()


def _day(at: datetime) -> date:
    """The day in China Standard Time."""
    return at.astimezone(CHINA_STANDARD_TIME).date()


def _midnight(day: date) -> datetime:
    """The first instant of a day in China Standard Time."""
    return datetime.combine(day, time(), CHINA_STANDARD_TIME)
