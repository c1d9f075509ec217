"""Wires appointment: applicants in the vault, papers sealed on disk, profiles for the draw."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.wiring_pool import PoolParts
from blacklist.core.grounds import Status
from blacklist.core.standing import FROZEN_REASON, Why
from blacklist.feed_matches import Matches
from blacklist.list_service import ListService
from classification.service import ClassificationService
from draw_engine.applicants import Applicants
from draw_engine.appointment_desk import AppointmentDesk, Outside
from draw_engine.core.eligibility import PROFILE
from draw_engine.evidence import Evidence
from draw_engine.profile_desk import ProfileDesk
from draw_engine.profile_marks import ProfileMarks
from foundation.files import SealedFiles
from foundation.ids import AccountId, ExpertId
from foundation.ledger.book import Books
from foundation.rulebook.overlay import Overlay
from foundation.settings import Settings


@dataclass(frozen=True, slots=True)
class AppointmentParts:
    """The desks, and what a draw reads of the profiles."""

    desk: AppointmentDesk
    profiles: ProfileDesk
    marks: ProfileMarks

    def faults(self, expert_id: ExpertId, at: datetime) -> Iterable[Why]:
        """What a profile says against an expert at an instant, as the register says it."""
        fault = self.profiles.fault(expert_id, at)
        if fault is not None:
            ground = "facts_stale" if fault[0] == PROFILE else "training_overdue"
            yield Why(Status.FROZEN, fault[0], FROZEN_REASON, ground=ground)


def build_appointment(
    settings: Settings,
    *,
    pool: PoolParts,
    books: Books,
    classification: ClassificationService,
    overlay: Overlay,
    status_of: Callable[[ExpertId], str],
    same_person: Callable[[AccountId, AccountId], bool],
) -> AppointmentParts:
    """Both desks; persons whom a crash left without an application are forgotten here."""
    keys = pool.vault_keys
    marks = ProfileMarks(books, overlay)
    desk = AppointmentDesk(
        books,
        pool=pool.pool,
        persons=pool.persons,
        applicants=Applicants(pool.vault_database, keys.fields("persons")),
        evidence=Evidence(SealedFiles(settings.files / "evidence", keys.secret("evidence"))),
        classification=classification,
        overlay=overlay,
        importing=pool.importer.one_at_a_time,
        status_of=status_of,
        same_person=lambda one, other: same_person(AccountId(one), AccountId(other)),
    )
    desk.clean()
    profiles = ProfileDesk(
        books,
        pool=pool.pool,
        persons=pool.persons,
        classification=classification,
        overlay=overlay,
        marks=marks,
    )
    return AppointmentParts(desk, profiles, marks)


def outside_of(lists: ListService, regions: Matches) -> Outside:
    """Asks the outside lists in force, and the regions that are followed, whom they name.

    Both are asked by the whole identity number.
    """

    def named(id_numbers: Sequence[str]) -> dict[str, list[str]] | None:
        shared = regions.listed(id_numbers)
        if shared is None and not any(one.in_force for one in lists.lists()):
            return None
        found: dict[str, list[str]] = {n: [*kinds] for n, kinds in (shared or {}).items()}
        for number, hits in lists.crosscheck.hits(id_numbers).items():
            found.setdefault(number, []).extend(hit.entry.kind for hit in hits)
        return found

    return named
