"""Applications and profiles on a folder of their own; nobody in them exists."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from stdnum.cn import ric

from draw_engine.applicants import Applicants
from draw_engine.appointment_desk import AppointmentDesk, Claim, Papers, Who
from draw_engine.core import appointment as core
from draw_engine.core.appointment import Application, Verdict
from draw_engine.evidence import Evidence, Paper
from draw_engine.pool_generate import credit_code
from draw_engine.profile_desk import ProfileDesk
from draw_engine.profile_marks import ProfileMarks
from foundation.files import SealedFiles
from foundation.ids import AccountId, ExpertId
from foundation.rulebook.overlay import Overlay, load_overlay
from tests.draw_engine.pool.bench import PoolBench, open_pool, the_standard
from tests.stores.places import Stores

FILER, REVIEWER, APPROVER = (AccountId(f"ac_{who}") for who in ("filer", "reviewer", "approver"))
PDF = b"%PDF-1.7\n% a paper of nobody\n"
ROAD, BRIDGE, MEDICAL = "2018:A080205", "2018:A080206", "2018:B0101"
NATIONAL = load_overlay("national")


def identity(born: date, serial: int = 996) -> str:
    """An identity number of nobody, born on a day."""
    number = f"110101{born:%Y%m%d}{serial:03d}"
    return number + ric.calc_check_digit(f"{number}0")


def somebody(n: int = 0, born: date = date(1975, 5, 1)) -> Who:
    """The n-th applicant."""
    number = identity(date(born.year, born.month, born.day + n))
    return Who(f"赵明{'甲乙丙丁戊己庚辛壬癸'[n]}（生成）", number, f"1540000{n:04d}")


@dataclass
class AppointmentBench:
    """The desks over a pool."""

    of: PoolBench
    overlay: Overlay = NATIONAL
    standings: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] | None = None
    desk: AppointmentDesk = field(init=False)
    profiles: ProfileDesk = field(init=False)
    marks: ProfileMarks = field(init=False)
    applicants: Applicants = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Make the desks as a start does."""
        of = self.of
        self.applicants = Applicants(of.vault, of.persons._key)
        self.marks = ProfileMarks(of.books, self.overlay)
        self.desk = AppointmentDesk(
            of.books,
            pool=of.pool,
            persons=of.persons,
            applicants=self.applicants,
            evidence=Evidence(SealedFiles(of.home / "evidence", bytes(32))),
            classification=the_standard(),
            overlay=self.overlay,
            importing=of.importer.one_at_a_time,
            status_of=lambda one: self.standings.get(one, "active"),
            same_person=lambda one, other: one.rstrip("2") == other.rstrip("2"),
        )
        if self.lists is not None:
            lists = self.lists
            self.desk.outside = lambda numbers: {n: lists[n] for n in numbers if n in lists}
        self.profiles = ProfileDesk(
            of.books,
            pool=of.pool,
            persons=of.persons,
            classification=the_standard(),
            overlay=self.overlay,
            marks=self.marks,
        )

    def paper(self, data: bytes = PDF) -> Paper:
        """A paper that was uploaded."""
        return Paper(self.desk.evidence.put(data), "title_certificate")

    def papers(self, *claims: str, **changes: Any) -> Papers:
        """What the papers of an applicant say who meets every condition."""
        items = tuple(Claim(one, (self.paper(),)) for one in claims or (ROAD,))
        plain = Papers(
            employer="文明建设有限公司（生成）",
            unified_credit_code=credit_code("110000", 1),
            group_credit_code="",
            region="110000",
            title="高级职称",
            years=12,
            unit="演示推荐单位（生成）",
            declared=core.DECLARATIONS,
            valid_to="2035-12-31",
            items=items,
        )
        return replace(plain, **changes)

    def filed(self, n: int = 0, *claims: str, **changes: Any) -> Application:
        """An application of the n-th applicant."""
        return self.desk.file(somebody(n), self.papers(*claims, **changes), FILER)

    def reviewed(self, n: int = 0, *claims: str, **changes: Any) -> Application:
        """The same, every item accepted by the reviewer."""
        found = self.filed(n, *claims, **changes)
        for one in found.items:
            found = self.desk.review(found.id, one.claim, Verdict.ACCEPTED, "", REVIEWER)
        return found

    def appointed(self, n: int = 0, *claims: str, **changes: Any) -> ExpertId:
        """The same, approved: the expert."""
        found = self.desk.approve(self.reviewed(n, *claims, **changes).id, APPROVER)
        return ExpertId(found.expert_id)

    def nothing_half_done(self) -> None:
        """Persons in the vault are those of the pool, and applicants those of open applications."""
        assert self.of.persons.ids() == self.of.pool.ids()
        open_ids = {one.id for one in self.desk.newest(sorted(core.OPEN))}
        asking = {one.id for one in self.desk.newest(sorted(core.OPEN)) if one.extends}
        assert self.applicants.ids() == open_ids - asking


@contextmanager
def an_appointment(stores: Stores, overlay: Overlay = NATIONAL) -> Iterator[AppointmentBench]:
    """Desks over an empty pool."""
    of = open_pool(stores.home, stores)
    try:
        yield AppointmentBench(of, overlay)
    finally:
        of.close()


def at_once(*acts: Any) -> list[object]:
    """Run acts at the same moment; what each gave or raised."""
    start, out = threading.Barrier(len(acts)), list[object]()

    def run(act: Any) -> None:
        start.wait()
        try:
            out.append(act())
        except Exception as refused:
            out.append(refused)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return out
