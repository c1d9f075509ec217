"""What experts may say about their own data: consents, corrections, the wish to be erased.

Source: 个人信息保护法 14 to 16, 44 to 47; RULES R-CONF-7, R-PRIN-6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from draw_engine import own_store
from draw_engine.core import consents, own_requests
from draw_engine.core.consents import TEXTS, Consent, Purpose
from draw_engine.core.own_requests import Asked, Fact, Outcome, OwnRequest
from draw_engine.erasure import Erasure, Ground
from foundation.errors import Kind, ServiceError
from foundation.ids import AccountId, ExpertId, new_id
from foundation.keys import FieldKey
from foundation.ledger.book import Book, Books

CONSENTS: Final = "consents"
REQUESTS: Final = "own-requests"
MOST_WORDS: Final = 2000
MOST_REASON: Final = 500


class ConsentChanged(ServiceError):
    """The wording that was agreed to is not the one in force; read it again."""

    code = "record.consent_changed"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-CONF-7"


class RequestUnfit(ServiceError):
    """A correction says which fact and what should stand; a decision says why."""

    code = "record.request_unfit"
    kind = Kind.INVALID

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class RequestUnknown(ServiceError):
    """There is no such request."""

    code = "record.request_unknown"
    kind = Kind.NOT_FOUND


class RequestWaits(ServiceError):
    """The same was asked for already and waits for its answer."""

    code = "record.request_waits"
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class Told:
    """A request and its words; empty words were forgotten with the person."""

    request: OwnRequest
    text: str


ConsentSaid = Callable[[Book, ExpertId, Purpose, bool], None]
"""Called inside the transaction of a word: whose, on what, and whether it allows."""


class Consents:
    """Who has allowed what."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.beside: list[ConsentSaid] = []

    def given(self, expert_id: ExpertId, purpose: str) -> bool:
        """Whether a consent to the wording in force stands now."""
        with self._books.read() as book:
            found = own_store.consents(book.db, expert_id).get(Purpose(purpose))
        return found is not None and found.counts

    def givers(self, purpose: str) -> list[ExpertId]:
        """Everybody whose consent stands now, by ascending id."""
        with self._books.read() as book:
            spoke = own_store.givers(book.db, Purpose(purpose))
        return [expert_id for expert_id, one in spoke if one.counts]

    def of(self, expert_id: ExpertId) -> dict[Purpose, Consent]:
        """The newest word of an expert on each purpose that was spoken of."""
        with self._books.read() as book:
            return own_store.consents(book.db, expert_id)

    def history(self, expert_id: ExpertId) -> list[Consent]:
        """Every word of an expert, oldest first."""
        with self._books.read() as book:
            every = consents.fold((one.type, one.body) for one in book.entries(CONSENTS))
        return every.get(expert_id, [])

    def give(self, expert_id: ExpertId, purpose: Purpose, version: str, by: AccountId) -> Consent:
        """Agree to the wording in force.

        Raises:
            ConsentChanged: another wording was read.
        """
        if version != TEXTS[purpose].version:
            raise ConsentChanged
        return self._say(expert_id, purpose, by, given=True)

    def withdraw(self, expert_id: ExpertId, purpose: Purpose, by: AccountId) -> Consent:
        """Take a consent back; as easily as it was given, and from this moment on."""
        return self._say(expert_id, purpose, by, given=False)

    def _say(self, expert_id: ExpertId, purpose: Purpose, by: AccountId, *, given: bool) -> Consent:
        text = TEXTS[purpose]
        with self._books.write() as book:
            before = own_store.consents(book.db, expert_id).get(purpose)
            stands = before is not None and before.counts
            if before is not None and stands is given:
                return before
            body = {
                "expert_id": expert_id,
                "purpose": purpose.value,
                "version": text.version,
                "text": text.hash,
                "by": by,
                "at": book.now.isoformat(),
            }
            book.append(CONSENTS, "consent.given" if given else "consent.withdrawn", body)
            now = Consent(purpose, text.version, given, book.now)
            own_store.put_consent(book.db, expert_id, now)
            for beside in self.beside:
                beside(book, expert_id, purpose, given)
        return now


class OwnRequests:
    """Corrections and erasures: the expert asks, somebody of the pool answers with a reason.

    Args:
        handed_in: whether a document of this SHA-256 was handed in.
    """

    def __init__(
        self,
        books: Books,
        field_key: FieldKey,
        erasure: Erasure,
        handed_in: Callable[[str], bool],
    ) -> None:
        self._books = books
        self._key = field_key
        self._erasure = erasure
        self._handed_in = handed_in

    def correct(
        self, expert_id: ExpertId, fact: Fact, text: str, document: str, by: AccountId
    ) -> Told:
        """Ask that a fact be set right.

        Raises:
            RequestUnfit: no fact, no words, too many, or a document that nobody handed in.
            RequestWaits: a correction of this fact waits already.
        """
        words = text.strip()
        if fact is Fact.NONE or not 0 < len(words) <= MOST_WORDS:
            raise RequestUnfit(most=MOST_WORDS)
        if document and not self._handed_in(document):
            raise RequestUnfit(most=MOST_WORDS)
        return self._ask(
            expert_id, by, asked=Asked.CORRECTION, fact=fact, text=words, document=document
        )

    def ask_erasure(self, expert_id: ExpertId, by: AccountId) -> Told:
        """Ask to be erased, once the law lets it.

        Raises:
            ErasureNeedsExit, ErasureTooSoon: not yet. RequestWaits: asked already.
        """
        self._erasure.check(expert_id)
        return self._ask(expert_id, by, asked=Asked.ERASURE, fact=Fact.NONE, text="", document="")

    def decide(self, id_: str, outcome: Outcome, reason: str, by: AccountId) -> Told:
        """Answer a request; granting an erasure erases.

        A granted correction is the word that the fact is wrong: the fact itself is changed by who
        keeps it, with the next list of the registry or the confirmed profile.

        Raises:
            RequestUnknown, RequestDecided, RequestUnfit.
            ErasureNeedsExit, ErasureTooSoon: no longer possible.
        """
        words = reason.strip()
        if outcome is Outcome.OPEN or not 0 < len(words) <= MOST_REASON:
            raise RequestUnfit(most=MOST_REASON)
        with self._books.read() as book:
            row = own_store.request(book.db, id_)
        if row is None:
            raise RequestUnknown
        before = own_store.request_of(row)
        own_requests.decided(
            before, _decision(id_, outcome, words, by, before.asked_at.isoformat())
        )
        if before.asked is Asked.ERASURE and outcome is Outcome.GRANTED:
            # A crash behind this line leaves an open request about nobody; deciding again ends it.
            self._erasure.erase_once(before.expert_id, Ground.ASKED, by)
        with self._books.write() as book:
            return self._decided(book, id_, outcome, words, by)

    def of(self, expert_id: ExpertId) -> list[Told]:
        """Every request of one expert, the open ones first."""
        return self._told(expert_id)

    def all(self) -> list[Told]:
        """Every request, the open ones first."""
        return self._told(None)

    def document(self, id_: str) -> str:
        """The SHA-256 of the document of a request.

        Raises:
            RequestUnknown: no such request, or it has none.
        """
        with self._books.read() as book:
            row = own_store.request(book.db, id_)
        if row is None or not row.document:
            raise RequestUnknown
        return row.document

    def folded(self) -> dict[str, OwnRequest]:
        """The state that the entries add up to; the rows are a projection of it."""
        with self._books.read() as book:
            return own_requests.fold((one.type, one.body) for one in book.entries(REQUESTS))

    def _ask(
        self,
        expert_id: ExpertId,
        by: AccountId,
        *,
        asked: Asked,
        fact: Fact,
        text: str,
        document: str,
    ) -> Told:
        with self._books.write() as book:
            open_ = (r for r in own_store.requests(book.db, expert_id) if r.outcome == Outcome.OPEN)
            if any((row.asked, row.fact) == (asked, fact) for row in open_):
                raise RequestWaits
            id_ = new_id("rq", book.now)
            body = {
                "id": id_,
                "expert_id": expert_id,
                "asked": asked.value,
                "fact": fact.value,
                # keyed: a telephone number could be guessed from a plain hash
                "words": self._key.blind(f"{id_}/{text}").hex(),
                "document": document,
                "by": by,
                "at": book.now.isoformat(),
            }
            book.append(REQUESTS, "own_request.asked", body)
            one = own_requests.asked_of(body)
            own_store.add_request(book.db, one, self._key.seal(text, context=f"request/{id_}"))
        return Told(one, text)

    def _decided(self, book: Book, id_: str, outcome: Outcome, reason: str, by: AccountId) -> Told:
        row = own_store.request(book.db, id_)
        if row is None:
            raise RequestUnknown
        body = _decision(id_, outcome, reason, by, book.now.isoformat())
        after = own_requests.decided(own_store.request_of(row), body)
        book.append(REQUESTS, "own_request.decided", body)
        own_store.put_answer(book.db, after)
        gone = after.asked is Asked.ERASURE and outcome is Outcome.GRANTED
        if gone:
            own_store.forget_words(book.db, after.expert_id)
        else:
            facts = {"outcome": outcome.value, "asked": after.asked.value}
            book.tell(after.expert_id, "own_request.decided", facts)
        return Told(after, "" if gone else self._text(row))

    def _told(self, expert_id: ExpertId | None) -> list[Told]:
        with self._books.read() as book:
            rows: Sequence[own_store.OwnRequestRow] = own_store.requests(book.db, expert_id)
            return [Told(own_store.request_of(row), self._text(row)) for row in rows]

    def _text(self, row: own_store.OwnRequestRow) -> str:
        return self._key.open(row.sealed, context=f"request/{row.id}") if row.sealed else ""


def _decision(id_: str, outcome: Outcome, reason: str, by: str, at: str) -> dict[str, str]:
    return {"id": id_, "outcome": outcome.value, "reason": reason, "by": by, "at": at}
