"""Use cases of versions and crosswalks: propose, adopt, refuse, decide a row.

Every act is one transaction: the entry and the lines it is about, or nothing. The service
follows after the commit; at the next start it reads the same from the ledger.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from classification import store
from classification.core import editions as fold
from classification.core import errors
from classification.core.catalogue import Catalogue, Specialty
from classification.core.code import SpecialtyCode
from classification.core.corrected import Checked, check
from classification.core.crosswalk import Crosswalk, Decision, Outcome
from classification.core.difference import Difference, counted, crosswalk_rows, differences
from classification.core.editions import Edition, Editions
from classification.list_file import read_rows
from classification.service import ClassificationService
from foundation.ledger.book import Book, Books, ReadBook

STREAM: Final = "classification"
MOST_FILE_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Proposal:
    """A checked list beside the version in force; nothing of it is written yet."""

    catalogue: Catalogue
    crosswalk: Crosswalk
    differences: Sequence[Difference]
    reused: tuple[str, ...]
    sha256: str

    @property
    def counts(self) -> dict[str, int]:
        """How many lines of each kind of change."""
        return counted(self.differences)


class EditionDesk:
    """Brings versions in and crosswalks forward."""

    def __init__(self, books: Books, classification: ClassificationService) -> None:
        self._books = books
        self._classification = classification
        with books.read() as book:
            take_in(book, classification)

    def look(self, data: bytes, version: str) -> Proposal:
        """Check a list and compare it with the version in force.

        Raises:
            ListTooLarge, ListUnreadable, ListWithFormulas: the file as a whole is unfit.
            VersionUnfit, VersionTaken, ProposalWaits: it cannot come in under this name.
            ListRefused: rows that cannot be taken, every one of them named.
            NothingChanged: it says what is in force already.
        """
        held = self._classification
        base = held.catalogue
        fold.require_proposable(held.editions, version, base.version, held.versions)
        found = check(read_rows(data), version, self._known_names())
        if found.problems:
            raise errors.ListRefused(found.problems)
        catalogue = Catalogue(version, _lines(found, version))
        rows = crosswalk_rows(base, catalogue, found.reused)
        changed = differences(base, catalogue, found.reused)
        if not changed:
            raise errors.NothingChanged(current=base.version)
        return Proposal(
            catalogue,
            Crosswalk(base.version, version, rows),
            changed,
            found.reused,
            sha256(data).hexdigest(),
        )

    def propose(self, data: bytes, version: str, file: str, by: str) -> Edition:
        """Bring a list in as a version that waits for its second person; raises as `look`."""
        proposal = self.look(data, version)
        with self._books.write() as book:
            state = read_state(book)
            in_force = self._classification.catalogue.version
            # decided again under the lock: another list may have come in since the look
            fold.require_proposable(
                state, version, in_force, (*self._classification.versions, *state.editions)
            )
            store.put(book.db, proposal.catalogue, proposal.crosswalk)
            body = {
                "version": version,
                "based_on": proposal.crosswalk.old,
                "file": file[:MOST_FILE_NAME],
                "sha256": proposal.sha256,
                "lines": len(proposal.catalogue),
                "reused": list(proposal.reused),
                "counts": proposal.counts,
            }
            append(book, fold.PROPOSED, body, by)
            state = read_state(book)
        self._classification.hold(proposal.catalogue, proposal.crosswalk)
        self._classification.follow(state)
        return state.editions[version]

    def refuse(self, version: str, reason: str, by: str) -> Edition:
        """Turn a proposal down; it stays on record.

        Raises:
            UnknownProposal, SamePerson, ReasonMissing.
        """
        with self._books.write() as book:
            fold.require_decidable(read_state(book), version, by, reason)
            append(book, fold.REFUSED, {"version": version, "reason": reason.strip()}, by)
            state = read_state(book)
        self._classification.follow(state)
        return state.editions[version]

    def difference(self, version: str) -> Proposal:
        """An imported version beside the one it was based on, as `look` showed it.

        Raises:
            UnknownProposal: nothing of this name was imported.
        """
        edition = self._classification.editions.editions.get(version)
        if edition is None:
            raise errors.UnknownProposal
        held = self._classification
        base, new = held.tree(edition.based_on), held.tree(version)
        return Proposal(
            new,
            held.crosswalk(edition.based_on, version),
            differences(base, new, edition.reused),
            edition.reused,
            edition.sha256,
        )

    def decide(
        self,
        pair: tuple[str, str],
        code: str,
        outcome: Outcome,
        heirs: Iterable[str],
        *,
        reason: str,
        seen: int,
        by: str,
    ) -> Decision:
        """Say what a code became, that it was given up, or that it is open again.

        Raises:
            NoCrosswalk, UnknownRow, HeirsUnfit, NothingToUndo, DecidedMeanwhile, ReasonMissing.
            UnknownCode: an heir is not in the newer version.
        """
        crosswalk = self._classification.crosswalk(*pair)
        new = self._classification.tree(crosswalk.new)
        found = [new.get(SpecialtyCode(new.version, heir)).code.code for heir in heirs]
        with self._books.write() as book:
            state = read_state(book)
            body = fold.mapped(crosswalk, state, code, outcome, found, reason=reason, seen=seen)
            append(book, fold.MAPPED, body, by)
            state = read_state(book)
        self._classification.follow(state)
        return state.of(crosswalk)[code]

    def history(self, pair: tuple[str, str], code: str) -> list[tuple[Decision, int]]:
        """Every decision on a row with the index of its entry in the log, oldest first."""
        with self._books.read() as book:
            entries = book.entries(STREAM)
        found = []
        for entry in entries:
            body = entry.body or {}
            if entry.type == fold.MAPPED and (body["old"], body["new"], body["code"]) == (
                *pair,
                code,
            ):
                one = fold.fold(Editions(), [(entry.seq, entry.type, body)])
                found.append((one.decisions[pair][code], entry.index))
        return found

    def _known_names(self) -> Mapping[str, str]:
        """Bare code -> last name, over every version that was ever in force."""
        held = self._classification
        current = held.catalogue
        found: dict[str, str] = {}
        for version in held.versions:
            with suppress(errors.NoCrosswalk):
                held.way(version, current.version)
                found |= {line.code.code: line.name for line in held.tree(version)}
        return found | {line.code.code: line.name for line in current}


def take_in(book: ReadBook, classification: ClassificationService) -> None:
    """Have a fresh service hold and follow everything that the ledger says."""
    state = read_state(book)
    for one in state.editions.values():
        classification.hold(
            store.catalogue(book.db, one.version),
            store.crosswalk(book.db, one.based_on, one.version),
        )
    classification.follow(state)


def read_state(book: Book | ReadBook) -> Editions:
    """The fold of the stream as the transaction sees it."""
    entries = book.entries(STREAM)
    return fold.fold(Editions(), [(x.seq, x.type, x.body) for x in entries if x.body is not None])


def append(book: Book, type_: str, body: Mapping[str, Any], by: str) -> None:
    """Record a fact; who and when travel in the body, so that the fold needs nothing else."""
    book.append(STREAM, type_, {**body, "by": by, "at": book.now.isoformat()})


def _lines(found: Checked, version: str) -> list[Specialty]:
    # Loads the dictionary of readings, which only an import needs.
    from classification.pinyin import pinyin_of  # noqa: PLC0415

    return [
        Specialty(
            *(SpecialtyCode(version, one.code), one.name, found.status),
            *(one.note, pinyin_of(one.name)),
        )
        for one in found.lines
    ]
