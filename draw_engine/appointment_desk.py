"""Use cases of an application for appointment: file, review, return, refuse, approve.

The person goes to the vault first and is forgotten when the application is decided; every other
fact is an entry. Two databases can't commit as one: a crash in between leaves a person whom no
application knows, and `clean` at the next start forgets it.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Protocol

from sqlalchemy.exc import IntegrityError

from classification.core.code import SpecialtyCode
from classification.service import ClassificationService
from draw_engine import appointment_store as store
from draw_engine.applicants import Applicant, Applicants, age_on
from draw_engine.core import appointment as core
from draw_engine.core import appointment_errors as errors
from draw_engine.core.appointment import Application, Check, Verdict
from draw_engine.core.columns import ExpertFacts
from draw_engine.evidence import Evidence, Paper
from draw_engine.expert_pool import ExpertPool, Organisation
from draw_engine.persons import Person, Persons
from draw_engine.pool_cells import EMPTY, text_cell
from draw_engine.pool_columns import COLUMNS, Unfit
from draw_engine.pool_generate import MARK
from draw_engine.pool_records import ImportRunning
from foundation.ids import AccountId, ExpertId, new_id
from foundation.instants import CHINA_STANDARD_TIME
from foundation.ledger.book import Book, Books
from foundation.rulebook.overlay import Overlay

READ: Final = {column.field: column for column in COLUMNS}
MOST_YEARS: Final = 70
MOST_ITEMS: Final = 60

StatusOf = Callable[[ExpertId], str]
"""The status of an expert in the register of standing."""


class Outside(Protocol):
    """The outside lists: of some identity numbers those that a list names, with the lists."""

    def __call__(self, id_numbers: Sequence[str]) -> Mapping[str, Sequence[str]] | None:
        """Number -> kinds of the entries that name the person; None where no list is kept."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """An item as it is filed: what is claimed, and the papers by hash."""

    claim: str
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class Papers:
    """What the applicant's papers say, but who it is; texts as they were typed."""

    employer: str
    unified_credit_code: str
    group_credit_code: str
    region: str
    title: str
    years: int
    unit: str
    declared: tuple[str, ...]
    valid_to: str
    items: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """The person behind an application, on the way to the vault."""

    name: str
    id_number: str
    phone: str

    def __repr__(self) -> str:
        return "Who(…)"


@dataclass(frozen=True, slots=True)
class Shown:
    """An application with what the rules say of it now.

    Args:
        outside: whether outside lists were asked; kinds of those that name the person.
    """

    application: Application
    checks: tuple[Check, ...]
    outside: tuple[str, ...] | None


class AppointmentDesk:
    """Applications from filing to decision.

    Args:
        importing: held while an import runs; an appointment waits for nobody and refuses.
        outside: asks the lists of others; None where none are kept.
        status_of: the own register, for somebody who was an expert here before.
    """

    def __init__(
        self,
        books: Books,
        *,
        pool: ExpertPool,
        persons: Persons,
        applicants: Applicants,
        evidence: Evidence,
        classification: ClassificationService,
        overlay: Overlay,
        importing: threading.Lock,
        status_of: StatusOf,
        same_person: core.SamePerson,
        outside: Outside | None = None,
    ) -> None:
        self._books = books
        self._pool = pool
        self._persons = persons
        self._applicants = applicants
        self.evidence = evidence
        self._classification = classification
        self._overlay = overlay
        self._importing = importing
        self._status_of = status_of
        self._same_person = same_person
        self.outside = outside
        self._deciding = threading.Lock()

    # --- filing

    def file(self, who: Who, papers: Papers, by: AccountId) -> Application:
        """Take an application from its papers.

        Raises:
            FieldUnfit, UnknownItem, ItemTwice, DocumentUnknown: something in it cannot be taken.
            AlreadyFiled, InPool, FormerExpert: this person is known here.
        """
        person = self._read_person(who)
        facts = self._read(papers)
        items = self._items(papers.items, held=())
        if not items:
            raise errors.FieldUnfit(field="items", reason="pool.value_missing")
        self._refuse_known(person)
        application_id = new_id("ap", self._books.clock.now())
        try:
            self._applicants.add(
                Applicant(application_id, person.name, person.id_number, person.phone)
            )
        except IntegrityError as known:
            raise errors.AlreadyFiled from known
        try:
            with self._books.write() as book:
                body = {
                    "id": application_id,
                    "extends": False,
                    "expert_id": "",
                    "generated": person.name.endswith(MARK),
                    "items": items,
                    "within_age": self._within_age(person.id_number),
                    **facts,
                }
                return self._append(book, None, "appointment.filed", body, by)
        except BaseException:
            self._applicants.erase([application_id])
            raise

    def ask_more(self, expert_id: ExpertId, items: tuple[Claim, ...], by: AccountId) -> Application:
        """An expert asks for more: specialties, another title, another region.

        Raises:
            UnknownItem, ItemTwice, DocumentUnknown, EvidenceMissing: an item cannot be taken.
            AlreadyFiled: the expert has asked and waits.
        """
        (own,) = self._pool.facts([expert_id])
        version = self._classification.catalogue.version
        held = [f"{version}:{code}" for code in own.codes]
        wanted = self._items(items, held)
        if not wanted or any(not one["documents"] for one in wanted):
            raise errors.EvidenceMissing
        employer = self._pool.organisation(own.employer)
        id_number = self._persons.get(expert_id).id_number
        with self._books.write() as book:
            if store.applications(book.db, core.OPEN, expert_id):
                raise errors.AlreadyFiled
            application_id = new_id("ap", book.now)
            body = {
                "id": application_id,
                "extends": True,
                "expert_id": expert_id,
                "generated": own.generated,
                "items": wanted,
                "within_age": self._within_age(id_number),
                "region": own.region,
                "employer": own.employer,
                "employer_name": employer.name if employer else "",
                "group": own.group,
                "title": own.title,
                "years": 0,
                "unit": "",
                "declared": [],
                "valid_to": own.valid_to.isoformat(),
            }
            return self._append(book, None, "appointment.filed", body, by)

    def amend(self, application_id: str, papers: Papers, by: AccountId) -> Application:
        """Other papers for an application that is not decided; a verdict on the same ones stays.

        Raises:
            UnknownApplication, WrongState, and what `file` raises of the papers.
        """
        facts = self._read(papers)
        items = self._items(papers.items, held=())
        age = self._within_age(self._applicants.get(application_id).id_number)
        with self._books.write() as book:
            before = store.load(book, application_id)
            core.require_open(before)
            if before.extends or not items:
                raise errors.UnknownItem
            body = {"items": items, "within_age": age, **facts}
            return self._append(book, before, "appointment.amended", body, by)

    def add_evidence(
        self, application_id: str, claim: str, papers: tuple[Paper, ...], by: AccountId
    ) -> Application:
        """More papers for an item, which then waits for a review again.

        Raises:
            UnknownApplication, WrongState, UnknownItem, EvidenceMissing, DocumentUnknown.
        """
        if not papers:
            raise errors.EvidenceMissing
        self.evidence.require(papers)
        with self._books.write() as book:
            before = store.load(book, application_id)
            core.require_open(before)
            before.item(claim)
            body = {"claim": claim, "documents": [one.as_body() for one in papers]}
            return self._append(book, before, "appointment.evidence_added", body, by)

    # --- deciding

    def review(
        self, application_id: str, claim: str, verdict: Verdict, reason: str, by: AccountId
    ) -> Application:
        """Say what the papers of one item show; an expert never reviews the own claim.

        Raises:
            UnknownApplication, WrongState, UnknownItem, EvidenceMissing, UnknownReason.
        """
        with self._books.write() as book:
            before = store.load(book, application_id)
            core.require_reviewable(before, claim, verdict, reason)
            body = {"claim": claim, "verdict": verdict.value, "reason": reason}
            return self._append(book, before, "appointment.reviewed", body, by)

    def return_(self, application_id: str, reason: str, by: AccountId) -> Application:
        """Give it back for more papers.

        Raises:
            UnknownApplication, WrongState, UnknownReason.
        """
        with self._books.write() as book:
            before = store.load(book, application_id)
            core.require_returnable(before, reason, core.RETURNS)
            after = self._append(book, before, "appointment.returned", {"reason": reason}, by)
            if before.extends:
                book.tell(before.expert_id, "appointment.returned", {"reason": reason})
        return after

    def refuse(self, application_id: str, reason: str, by: AccountId) -> Application:
        """End it; the vault forgets the person, who may apply again.

        Raises:
            UnknownApplication, WrongState, UnknownReason.
        """
        with self._books.write() as book:
            before = store.load(book, application_id)
            core.require_returnable(before, reason, core.REFUSALS)
            after = self._append(book, before, "appointment.refused", {"reason": reason}, by)
            if before.extends:
                book.tell(before.expert_id, "appointment.refused", {"reason": reason})
        # A crash here leaves a person whose application is decided; `clean` forgets it.
        self._applicants.erase([application_id])
        return after

    def approve(self, application_id: str, by: AccountId) -> Application:
        """Appoint the applicant, or give an expert what was accepted; quarantine runs from now.

        Raises:
            UnknownApplication, WrongState, NotReviewed, NothingAccepted.
            ReviewerApproves: the approver has reviewed an item (R-SOD-1).
            ConditionsUnmet, OnAList, InPool, FormerExpert: the applicant may not enter.
            ImportRunning: an import of experts runs.
        """
        with self._deciding:
            with self._books.read() as book:
                found = store.load(book, application_id)
            core.require_approvable(found, by, self._same_person)
            return self._extend(found, by) if found.extends else self._appoint(found, by)

    def _appoint(self, found: Application, by: AccountId) -> Application:
        applicant = self._applicants.get(found.id)
        self._refuse_known(Who(applicant.name, applicant.id_number, applicant.phone), own=found.id)
        if kinds := self._named(applicant.id_number):
            raise errors.OnAList(lists="、".join(kinds))
        # A running import would count the new expert among its own, and take it back with them.
        if not self._importing.acquire(blocking=False):
            raise ImportRunning
        try:
            expert_id = ExpertId(new_id("ex", self._books.clock.now()))
            person = Person(
                expert_id, applicant.name, applicant.id_number, applicant.phone, found.generated
            )
            try:
                self._persons.add_many([person])
            except IntegrityError as known:
                raise errors.InPool from known
            try:
                after = self._enrol(found.id, expert_id, applicant.id_number, by)
            except BaseException:
                self._persons.erase(expert_id)
                raise
        finally:
            self._importing.release()
        self._applicants.erase([found.id])
        return after

    def _enrol(
        self, application_id: str, expert_id: ExpertId, id_number: str, by: AccountId
    ) -> Application:
        """The one commit that makes an applicant an expert."""
        with self._books.write() as book:
            found = store.load(book, application_id)
            core.require_approvable(found, by, self._same_person)
            accepted = tuple(one.claim for one in found.specialties if one.accepted)
            # A version adopted since the filing may give a code another meaning: it is refused.
            codes = tuple(sorted(self._classification.resolve(one).code.code for one in accepted))
            age = self._within_age(id_number)
            may = core.require_conditions(self._checks(found, codes, age))
            facts = ExpertFacts(
                expert_id=expert_id,
                version=1,
                region=found.region,
                employer=found.employer,
                group=found.group,
                classification=self._classification.catalogue.version,
                codes=codes,
                title=found.title,
                valid_to=found.valid_to,
                admitted_at=book.now,
                generated=found.generated,
            )
            self._pool.appoint_in(book, facts, _organisation(found), by)
            body = {
                "expert_id": expert_id,
                "bases": [one.value for one in may],
                "accepted": list(accepted),
                "outside_asked": self._named(id_number) is not None,
            }
            after = self._append(book, found, "appointment.approved", body, by)
            book.db.add(
                store.AppointedRow(
                    expert_id=expert_id,
                    application_id=application_id,
                    bases=" ".join(after.bases),
                    unit=found.unit,
                    appointed_at=book.now,
                )
            )
            book.tell(expert_id, "appointment.approved", {"bases": list(after.bases)})
            return after

    def _extend(self, found: Application, by: AccountId) -> Application:
        expert_id = ExpertId(found.expert_id)
        if kinds := self._named(self._persons.get(expert_id).id_number):
            raise errors.OnAList(lists="、".join(kinds))
        with self._books.write() as book:
            found = store.load(book, found.id)
            core.require_approvable(found, by, self._same_person)
            accepted = [one.claim for one in found.items if one.accepted]
            own = self._pool.facts_in(book, expert_id)
            codes = set(own.codes)
            title, region = own.title, own.region
            for claim in accepted:
                kind, _, value = claim.partition(":")
                if f"{kind}:" == core.TITLE_ITEM:
                    title = value
                elif f"{kind}:" == core.REGION_ITEM:
                    region = int(value)
                else:
                    codes.add(self._classification.resolve(claim).code.code)
            counts = core.classes(codes, self._below)
            few = [
                one for one in core.checks(found, counts, self._overlay) if one.rule == "R-ELIG-9"
            ]
            core.require_conditions(few)
            self._pool.change_in(
                book,
                replace(own, codes=tuple(sorted(codes)), title=title, region=region),
                (),
                by,
            )
            body = {"expert_id": expert_id, "bases": [], "accepted": accepted}
            after = self._append(book, found, "appointment.approved", body, by)
            book.tell(expert_id, "appointment.approved", {"accepted": accepted})
            return after

    # --- reading

    def counts(self) -> dict[str, int]:
        """How many applications wait for whom, or have ended how."""
        with self._books.read() as book:
            return store.state_counts(book.db)

    def newest(self, states: Sequence[str] = (), expert_id: str = "") -> list[Application]:
        """The newest applications."""
        with self._books.read() as book:
            rows = store.applications(book.db, states, expert_id)
            return [store.load(book, row.id) for row in rows]

    def show(self, application_id: str) -> Shown:
        """One application, the rules, and what outside lists say.

        Raises:
            UnknownApplication.
        """
        with self._books.read() as book:
            found = store.load(book, application_id)
        codes = [one.claim.partition(":")[2] for one in found.specialties if _stands(one)]
        if found.extends:
            own = self._pool.facts([ExpertId(found.expert_id)])
            codes += own[0].codes
        checks = self._checks(found, codes, found.within_age)
        if found.extends:
            checks = tuple(one for one in checks if one.rule == "R-ELIG-9")
        return Shown(found, checks, self._lists_say(found))

    def person(self, application_id: str, by: AccountId) -> Applicant:
        """Who applies, for whoever compares the papers; that somebody asked is an entry.

        Raises:
            UnknownApplication.
            UnknownApplicant: it is decided, and the person forgotten.
        """
        with self._books.write() as book:
            store.load(book, application_id)
            found = self._applicants.get(application_id)
            body = {"id": application_id, "by": by, "at": book.now.isoformat()}
            book.append(store.stream_of(application_id), core.SEEN, body)
        return found

    def has_reviewed(self, found: Application, who: AccountId) -> bool:
        """Has this person, under whatever account, given a verdict in an application?"""
        reviews = (one.review for one in found.items)
        return any(one is not None and self._same_person(one.by, who) for one in reviews)

    def paper(self, application_id: str, sha256: str) -> bytes:
        """One document of an application.

        Raises:
            UnknownApplication.
            DocumentUnknown: the application names no such document, or it has changed on disk.
        """
        with self._books.read() as book:
            found = store.load(book, application_id)
        if sha256 not in {paper.sha256 for one in found.items for paper in one.documents}:
            raise errors.DocumentUnknown
        return self.evidence.get(sha256)

    def clean(self) -> int:
        """Forget persons of applications that are decided, or were never written; at start."""
        with self._books.read() as book:
            kept = {
                id_
                for id_ in self._applicants.ids()
                if (row := book.db.get(store.ApplicationRow, id_)) is not None
                and row.state in core.OPEN
            }
        gone = self._applicants.ids() - kept
        self._applicants.erase(gone)
        return len(gone)

    # --- what all of it stands on

    def _append(
        self,
        book: Book,
        before: Application | None,
        type_: str,
        body: Mapping[str, Any],
        by: AccountId,
    ) -> Application:
        """Record a fact; the application after it is what the fold says."""
        whole = {**body, "by": by, "at": book.now.isoformat()}
        after = core.filed(whole) if before is None else core.step(before, type_, whole)
        book.append(store.stream_of(after.id), type_, whole)
        store.put(book.db, after)
        return after

    def _checks(
        self, found: Application, codes: Sequence[str], age: Mapping[str, bool]
    ) -> tuple[Check, ...]:
        counts = core.classes(codes, self._below)
        return core.checks(_aged(found, age), counts, self._overlay)

    def _below(self, code: str) -> list[str]:
        catalogue = self._classification.catalogue
        top = SpecialtyCode(catalogue.version, code)
        if top not in catalogue:
            return []
        return [line.code.code for line in catalogue.subtree(top) if len(line.code.code) == 5]

    def _within_age(self, id_number: str) -> dict[str, bool]:
        now = self._books.clock.now().astimezone(CHINA_STANDARD_TIME)
        age, overlay = age_on(id_number, now.date()), self._overlay
        limits = {core.Base.ZB: overlay.age_most, core.Base.GP: overlay.gp_age_most}
        return {base.value: not most or age <= most for base, most in limits.items()}

    def _named(self, id_number: str) -> tuple[str, ...] | None:
        """The kinds of outside entries that name a person; None where no list is kept."""
        found = None if self.outside is None else self.outside([id_number])
        return None if found is None else tuple(sorted(set(found.get(id_number, ()))))

    def _lists_say(self, found: Application) -> tuple[str, ...] | None:
        if found.state not in core.OPEN:
            return None
        if found.extends:
            return self._named(self._persons.get(ExpertId(found.expert_id)).id_number)
        return self._named(self._applicants.get(found.id).id_number)

    def _refuse_known(self, person: Who, own: str = "") -> None:
        """Nobody enters twice, nor under another number after having been removed."""
        known = self._persons.who_has(person.id_number)
        if known is not None:
            standing = self._status_of(known)
            if standing in {"exited", "barred", "exit_pending"}:
                raise errors.FormerExpert(standing=standing)
            raise errors.InPool
        if self._persons.known_phones([person.phone]):
            raise errors.FieldUnfit(field="phone", reason="pool.phone_in_pool")
        if not own and self._applicants.has(person.id_number):
            raise errors.AlreadyFiled

    def _read_person(self, who: Who) -> Who:
        return Who(
            self._field("name", who.name),
            self._field("id_number", who.id_number),
            self._field("phone", who.phone),
        )

    def _read(self, papers: Papers) -> dict[str, Any]:
        """The facts of the papers, each field read as a cell of the import is."""
        code = self._field("unified_credit_code", papers.unified_credit_code)
        group = self._field("group_credit_code", papers.group_credit_code) or code
        known = self._pool.organisation(code)
        if known is not None and known.group != group:
            raise errors.FieldUnfit(field="group_credit_code", reason="pool.group_differs")
        if papers.title not in core.RANKS:
            raise errors.FieldUnfit(field="title", reason="pool.value_missing")
        if not 0 <= papers.years <= MOST_YEARS:
            raise errors.FieldUnfit(field="years", reason="pool.value_missing")
        valid_to: date = self._field("valid_to", papers.valid_to)
        return {
            "region": int(self._field("region", papers.region)),
            "employer": code,
            "employer_name": self._field("employer", papers.employer),
            "group": group,
            "title": papers.title,
            "years": papers.years,
            "unit": self._field("employer", papers.unit),
            "declared": [one for one in core.DECLARATIONS if one in papers.declared],
            "valid_to": valid_to.isoformat(),
        }

    def _field(self, name: str, text: str) -> Any:
        column = READ[name]
        cell = text_cell(text)
        try:
            if cell == EMPTY and column.required:
                raise Unfit("pool.value_missing")
            return column.read(cell, self._classification)
        except Unfit as unfit:
            raise errors.FieldUnfit(field=name, reason=unfit.reason) from unfit

    def _items(self, claims: Sequence[Claim], held: Sequence[str]) -> list[dict[str, Any]]:
        """The claims as an entry holds them, each checked against the standard.

        Raises:
            UnknownItem, ItemTwice, DocumentUnknown; of a code the classification's own refusals.
        """
        if len(claims) > MOST_ITEMS:
            raise errors.UnknownItem
        seen, items = set(held), list[dict[str, Any]]()
        for one in claims:
            claim = self._claimed(one.claim)
            if claim in seen:
                raise errors.ItemTwice
            seen.add(claim)
            self.evidence.require(one.papers)
            items.append({"claim": claim, "documents": [p.as_body() for p in one.papers]})
        return items

    def _claimed(self, claim: str) -> str:
        kind, _, value = claim.partition(":")
        if f"{kind}:" == core.TITLE_ITEM:
            if value not in core.RANKS:
                raise errors.UnknownItem
            return claim
        if f"{kind}:" == core.REGION_ITEM:
            return f"{core.REGION_ITEM}{self._field('region', value)}"
        return str(self._classification.resolve(claim.upper()).code)


def _organisation(found: Application) -> Organisation:
    return Organisation(found.employer, found.employer_name, found.group)


def _aged(found: Application, age: Mapping[str, bool]) -> Application:
    return replace(found, within_age=dict(age))


def _stands(item: core.Item) -> bool:
    """Whether an item counts for the rules: all but the rejected ones do until the approval."""
    return item.review is None or item.accepted
