"""Use cases of a case file: report, answer, decide, confirm, appeal; and its documents.

No step is taken by the person who took the one before it; the expert hears of each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from blacklist import case_store, store
from blacklist.core import errors
from blacklist.core.case import (
    Case,
    CaseAct,
    CaseStatus,
    Document,
    Link,
    Statement,
    fold,
)
from blacklist.core.facts import Outcome, china_day
from blacklist.core.grounds import GROUNDS, ExitKind
from blacklist.core.terms import MOST_CHARACTERS, Terms, check_words
from blacklist.service import StandingService
from foundation.files import SealedFiles
from foundation.ids import AccountId, ExpertId, new_id
from foundation.ledger.book import Book, Books, ReadBook
from foundation.rulebook.overlay import Overlay
from foundation.working_days import Calendar, calendar

PREFIX: Final = "case:"
MOST_STATEMENT: Final = 4000
MOST_DOCUMENTS: Final = 20
MOST_BYTES: Final = 20 * 2**20
MEDIA_TYPES: Final[Mapping[bytes, str]] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
DISSENTS: Final = frozenset({"room.report_dissented"})
"""Entries that can never be held against a member (R-EVAL-12): to dissent is a duty."""

SERVICE: Final = AccountId("service")
"""Who reports what was computed: an account of points, a followed list. Never who decides."""


class Ruling(StrEnum):
    """What a decision says."""

    NONE = "none"
    MEASURE = "measure"
    REMOVAL = "removal"


@dataclass(frozen=True, slots=True)
class Report:
    """What a case begins with.

    Attributes:
        links: facts by their place in the log. documents: evidence that was handed in.
        urgent: the terms of a suspension that acts at once, where there is serious risk.
    """

    expert_id: ExpertId
    ground: str
    text: str
    links: Sequence[Link] = ()
    documents: Sequence[Document] = ()
    origin: str = ""
    urgent: Terms | None = None


class CaseService:
    """Every case file.

    Args:
        days: the calendar of working days. files: where documents lie, sealed.
    """

    def __init__(
        self,
        books: Books,
        standing: StandingService,
        overlay: Overlay,
        files: SealedFiles,
        *,
        same_person: Callable[[AccountId, AccountId], bool] = lambda a, b: a == b,
        days: Calendar | None = None,
    ) -> None:
        self._books = books
        self._standing = standing
        self._overlay = overlay
        self._files = files
        self._same = same_person
        self._days = days or calendar()
        self.restored: list[Callable[[Book, Case], None]] = []
        """Called inside the transaction in which an appeal overturns a case."""

    def report(self, report: Report, by: AccountId) -> Case:
        """Open a case; the expert is told the facts and has the overlay's days to answer.

        Raises:
            UnknownExpert, UnknownGround, WordsMissing, UnknownLink, DissentIsNoGround.
            DocumentUnfit; with an urgent suspension also as `StandingService.propose`.
        """
        with self._books.write() as book:
            return self.report_in(book, report, by)

    def report_in(self, book: Book, report: Report, by: AccountId) -> Case:
        """`report` inside the transaction of another use case."""
        if report.ground not in GROUNDS:
            raise errors.UnknownGround(ground="-", measure="case")
        _check_statement(report.text)
        self._standing.require_known(report.expert_id)
        for link in report.links:
            type_ = book.type_at(link.stream, link.seq)
            if type_ is None:
                raise errors.UnknownLink(stream=link.stream, seq=link.seq)
            if type_ in DISSENTS:
                raise errors.DissentIsNoGround
        id_ = new_id("ca", book.now)
        urgent = ""
        if report.urgent is not None:
            origin = f"{PREFIX}{id_}"
            urgent = self._standing.propose_urgent_in(
                book, report.expert_id, report.urgent, by, origin
            ).id
        answer_by = self._days.after(china_day(book.now), self._overlay.answer_days)
        body = {
            "id": id_,
            "expert_id": report.expert_id,
            "ground": report.ground,
            "text": report.text.strip(),
            "links": [one.body() for one in report.links],
            "documents": self._documents(book, report.documents),
            "origin": report.origin,
            "urgent": urgent,
            "answer_by": answer_by.isoformat(),
        }
        case = self._append(book, id_, "case.reported", body, by)
        book.tell(case.expert_id, "case.reported", {"case": id_, "until": answer_by.isoformat()})
        return case

    def answer(
        self, case_id: str, expert_id: ExpertId, statement: Statement, by: AccountId
    ) -> Case:
        """The expert's statement (陈述申辩); it may be added to while there is time.

        Raises:
            UnknownCase: or another expert's. CaseNotThere, TooLate, WordsMissing, DocumentUnfit.
        """
        return self._own_act(CaseAct.ANSWER, case_id, expert_id, statement, by)

    def appeal(
        self, case_id: str, expert_id: ExpertId, statement: Statement, by: AccountId
    ) -> Case:
        """Ask another person to look again; refusals as `answer`."""
        return self._own_act(CaseAct.APPEAL, case_id, expert_id, statement, by)

    def decide(
        self, case_id: str, ruling: Ruling, terms: Terms | None, text: str, by: AccountId
    ) -> Case:
        """Decide after the answer, or once the time to answer is over; not by who reported.

        Args:
            terms: of the measure, or of the removal (ground, basis, deciding body count).

        Raises:
            UnknownCase, CaseNotThere, AnswerFirst, CaseSamePerson, and as a measure's terms.
        """
        _check_statement(text)
        body: dict[str, Any] = {"text": text.strip(), "ruling": ruling.value, "terms": {}}
        if (ruling is Ruling.NONE) != (terms is None):
            raise errors.UnknownGround(ground="-", measure=ruling)
        if terms is not None and ruling is Ruling.MEASURE:
            body["terms"] = terms.body()
        elif terms is not None:
            check_words(terms.basis, terms.deciding_body)
            if terms.ground not in GROUNDS:
                raise errors.UnknownGround(ground="-", measure="exit")
            body["terms"] = {
                "kind": ExitKind.REMOVED.value,
                "ground": terms.ground,
                "basis": terms.basis.strip(),
                "deciding_body": terms.deciding_body.strip(),
            }
        with self._books.write() as book:
            case = self._at(book, case_id, CaseAct.DECIDE)
            self._require_another(by, case.reported_by)
            return self._append(book, case_id, "case.decided", body, by)

    def confirm(self, case_id: str, by: AccountId) -> Case:
        """Make the decision true, as a person who neither reported nor decided (R-SOD-2).

        Raises:
            UnknownCase, CaseNotThere, CaseSamePerson.
        """
        with self._books.write() as book:
            case = self._at(book, case_id, CaseAct.CONFIRM)
            self._require_another(by, case.reported_by, case.decided_by)
            body = {"measure": "", "departure": "", "appeal_by": ""}
            whole = {
                **case.terms,
                "id": new_id("bl", book.now),
                "expert_id": case.expert_id,
                "proposed_by": case.decided_by,
                "origin": f"{PREFIX}{case.id}",
            }
            replaces = self._end_urgent(book, case, by)
            if case.terms:
                until = self._days.after(china_day(book.now), self._overlay.appeal_days)
                body["appeal_by"] = until.isoformat()
                if case.terms["kind"] == ExitKind.REMOVED:
                    body["departure"] = self._standing.exit_in(book, whole, by).id
                else:
                    whole["replaces"] = replaces
                    body["measure"] = self._standing.record_in(book, whole, by).id
            elif replaces:
                words = {"ground": "overturned", "basis": case.id, "proposed_by": case.decided_by}
                self._standing.lift_in(book, replaces, words, by)
            after = self._append(book, case_id, "case.confirmed", body, by)
            facts = {"case": case.id, "status": after.status.value, "until": body["appeal_by"]}
            book.tell(case.expert_id, "case.confirmed", facts)
            return after

    def send_back(self, case_id: str, text: str, by: AccountId) -> Case:
        """Return a decision to whoever decides, with a reason; refusals as `confirm`."""
        _check_statement(text)
        with self._books.write() as book:
            case = self._at(book, case_id, CaseAct.RETURN)
            self._require_another(by, case.reported_by, case.decided_by)
            return self._append(book, case_id, "case.returned", {"text": text.strip()}, by)

    def decide_appeal(self, case_id: str, *, overturned: bool, text: str, by: AccountId) -> Case:
        """Uphold, or overturn and restore: the measure is lifted, lists and points are corrected.

        Raises:
            UnknownCase, CaseNotThere, WordsMissing.
            CaseSamePerson: `by` has decided or confirmed, or reported it.
        """
        _check_statement(text)
        with self._books.write() as book:
            case = self._at(book, case_id, CaseAct.DECIDE_APPEAL)
            self._require_another(by, case.reported_by, case.decided_by, case.confirmed_by)
            if overturned:
                self._restore(book, case, by)
            body = {"text": text.strip(), "overturned": overturned}
            after = self._append(book, case_id, "case.appeal_decided", body, by)
            book.tell(case.expert_id, "case.appeal_decided", {"case": case.id})
            return after

    def hand_in(self, data: bytes, by: AccountId) -> str:
        """Keep a document, sealed; its SHA-256, by which a step may name it.

        Raises:
            DocumentUnfit: no PDF, JPEG or PNG, empty, or larger than 20 MiB.
        """
        media = next((kind for head, kind in MEDIA_TYPES.items() if data.startswith(head)), None)
        if media is None or len(data) > MOST_BYTES:
            raise errors.DocumentUnfit(most=MOST_BYTES // 2**20)
        name = self._files.put(data)
        with self._books.database.write() as db:
            row = case_store.DocumentRow(
                sha256=name, media_type=media, size=len(data), by=by, at=self._books.clock.now()
            )
            case_store.add_document(db, row)
        return name

    def document(self, case: Case, sha256: str) -> tuple[bytes, str]:
        """The bytes and media type of a document of a case.

        Raises:
            DocumentUnfit: the case names no such document.
        """
        named = {one.sha256 for act in case.acts for one in act.documents}
        with self._books.read() as book:
            row = case_store.document(book.db, sha256)
        if sha256 not in named or row is None:
            raise errors.DocumentUnfit(most=MOST_BYTES // 2**20)
        return self._files.get(sha256), row.media_type

    def handed_in(self, sha256: str) -> bool:
        """Whether a document with this hash was handed in."""
        with self._books.read() as book:
            return case_store.document(book.db, sha256) is not None

    def paper(self, sha256: str) -> tuple[bytes, str]:
        """Bytes and media type of a document that something other than a case names.

        Raises:
            DocumentUnfit: nobody handed it in.
        """
        with self._books.read() as book:
            row = case_store.document(book.db, sha256)
        if row is None:
            raise errors.DocumentUnfit(most=MOST_BYTES // 2**20)
        return self._files.get(sha256), row.media_type

    def case(self, case_id: str, expert_id: ExpertId | None = None) -> Case:
        """One case.

        Raises:
            UnknownCase: there is none, or it is not the case of `expert_id`.
        """
        with self._books.read() as book:
            found = _folded(book, case_id)
        if found is None or (expert_id is not None and found.expert_id != expert_id):
            raise errors.UnknownCase
        return found

    def cases(self, expert_id: ExpertId | None = None) -> list[case_store.CaseRow]:
        """Every case, the one due first on top."""
        with self._books.read() as book:
            return case_store.rows(book.db, expert_id)

    def may(self, case: Case, who: AccountId, now: datetime) -> frozenset[CaseAct]:
        """What this person of the office may do to the case now: the table, and who did what."""
        before = {
            CaseAct.DECIDE: (case.reported_by,),
            CaseAct.CONFIRM: (case.reported_by, case.decided_by),
            CaseAct.RETURN: (case.reported_by, case.decided_by),
            CaseAct.DECIDE_APPEAL: (case.reported_by, case.decided_by, case.confirmed_by),
        }
        found = set()
        for act, others in before.items():
            try:
                case.may(act, now)
                self._require_another(who, *others)
            except errors.REFUSED_CASE_STEPS:
                continue
            found.add(act)
        return frozenset(found)

    def tick(self, now: datetime) -> None:
        """Remind the expert the day before the time to answer or to appeal ends; once each."""
        with self._books.read() as book:
            if not _to_remind(book, now):
                return
        with self._books.write() as book:
            for key, row in _to_remind(book, now):
                facts = {"case": row.id, "until": row.due_on.isoformat() if row.due_on else ""}
                book.append(PREFIX + row.id, "case.reminded", {"at": now.isoformat(), "by": ""})
                store.mark_told(book.db, key)
                book.tell(row.expert_id, "case.reminded", facts)

    def _own_act(
        self, act: CaseAct, case_id: str, expert_id: ExpertId, said: Statement, by: AccountId
    ) -> Case:
        _check_statement(said.text)
        type_ = {CaseAct.ANSWER: "case.answered", CaseAct.APPEAL: "case.appealed"}[act]
        with self._books.write() as book:
            case = self._at(book, case_id, act)
            if case.expert_id != expert_id:
                raise errors.UnknownCase
            body = {"text": said.text.strip(), "documents": self._documents(book, said.documents)}
            return self._append(book, case_id, type_, body, by)

    def _at(self, book: Book, case_id: str, act: CaseAct) -> Case:
        case = _folded(book, case_id)
        if case is None:
            raise errors.UnknownCase
        case.may(act, book.now)
        return case

    def _require_another(self, by: AccountId, *before: str) -> None:
        if any(self._same(AccountId(one), by) for one in before if one):
            raise errors.CaseSamePerson

    def _end_urgent(self, book: Book, case: Case, by: AccountId) -> str:
        """End the urgent suspension of the case; the id of its measure, where one is in force."""
        proposal = store.proposal(book.db, case.urgent) if case.urgent else None
        if proposal is None:
            return ""
        if proposal.outcome is Outcome.OPEN:
            self._standing.return_in(book, proposal, case.id, by)
            return ""
        measure = store.measure(book.db, case.urgent)
        return measure.id if measure is not None and measure.lifted_at is None else ""

    def _restore(self, book: Book, case: Case, by: AccountId) -> None:
        words = {"ground": "overturned", "basis": case.id, "proposed_by": case.decided_by}
        if case.departure:
            self._standing.restore_in(book, case.departure, case.id, by, case.decided_by)
        measure = store.measure(book.db, case.measure) if case.measure else None
        if measure is not None and measure.lifted_at is None:
            self._standing.lift_in(book, case.measure, words, by)
        for restored in self.restored:
            restored(book, case)

    def _documents(self, book: Book, documents: Sequence[Document]) -> list[dict[str, Any]]:
        if len(documents) > MOST_DOCUMENTS:
            raise errors.DocumentUnfit(most=MOST_BYTES // 2**20)
        for one in documents:
            if len(one.title) > MOST_CHARACTERS or case_store.document(book.db, one.sha256) is None:
                raise errors.DocumentUnfit(most=MOST_BYTES // 2**20)
        return [one.body() for one in documents]

    def _append(
        self, book: Book, case_id: str, type_: str, body: dict[str, Any], by: AccountId
    ) -> Case:
        stream = PREFIX + case_id
        book.append(stream, type_, body | {"by": by, "at": book.now.isoformat()})
        case = _folded(book, case_id)
        if case is None:
            raise errors.UnknownCase
        case_store.put(book.db, case)
        return case


def _folded(book: Book | ReadBook, case_id: str) -> Case | None:
    return fold((one.type, one.body) for one in book.entries(PREFIX + case_id))


def _to_remind(book: Book | ReadBook, now: datetime) -> list[tuple[str, case_store.CaseRow]]:
    tomorrow: date = china_day(now + timedelta(days=1))
    waiting = {CaseStatus.NOTIFIED, CaseStatus.IN_FORCE}
    found = [
        (f"{row.id}/{row.status}", row)
        for row in case_store.rows(book.db)
        if row.status in waiting and row.due_on and china_day(now) <= row.due_on <= tomorrow
    ]
    return [(key, row) for key, row in found if not store.was_told(book.db, key)]


def _check_statement(text: str) -> None:
    if not 0 < len(text.strip()) <= MOST_STATEMENT:
        raise errors.WordsMissing(most=MOST_STATEMENT)
