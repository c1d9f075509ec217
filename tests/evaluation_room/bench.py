"""A room on a bench: real books, real accounts, a draw that does as it is told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from draw_engine.refusals import TooLate
from evaluation_room import envelope
from evaluation_room.committee import CommitteeFacts
from evaluation_room.core import commands as wishes
from evaluation_room.core import undertaking
from evaluation_room.core.room import Room
from evaluation_room.core.values import (
    Bidder,
    Criteria,
    Criterion,
    CriterionKind,
    DocumentKind,
    Mark,
    Phase,
    RecusalAnswer,
    Sheet,
)
from evaluation_room.service import RoomService
from foundation.auth.accounts import Accounts
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.files import Files
from foundation.ids import AccountId, DrawId, ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from foundation.rulebook.overlay import load_overlay
from tests.stores.places import Stores, in_files

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type /Catalog /Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type /Pages /Kids [3 0 R] /Count 1>>endobj\n"
    b"3 0 obj<</Type /Page /Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
CODES = ("91110108551385082Q", "91310000MA1FL1LA8J", "914403001922038216")


@dataclass
class FakeCommittee:
    """A draw whose seats are held by whom the test says."""

    regime: str = "GP-T"
    experts: list[ExpertId] = field(default_factory=list)
    owners: tuple[AccountId, ...] = ()
    steps: list[int] = field(default_factory=list)
    vacated: list[tuple[int, str]] = field(default_factory=list)
    holds: set[str] = field(default_factory=set)
    sealed: bool = True
    over: bool = False

    def facts(self, draw_id: DrawId) -> CommitteeFacts:
        return CommitteeFacts(
            draw_id=draw_id,
            project_code="ZC-2026-001",
            project_name="城东片区排水管网改造",
            section="01",
            regime=self.regime,
            starts_at=START,
            place="第三评标室",
            seats=tuple(range(len(self.experts))),
            owner_representatives=self.owners,
            sealed=self.sealed,
            over=self.over,
        )

    def seat_of(self, draw_id: DrawId, expert_id: ExpertId) -> int | None:
        return self.experts.index(expert_id) if expert_id in self.experts else None

    def step_of(self, draw_id: DrawId, seat: int) -> int | None:
        return self.steps[seat]

    def vacate(self, draw_id: DrawId, seat: int, class_: str, evidence: bytes) -> None:
        self.vacated.append((seat, class_))
        self.steps[seat] += 1
        self.experts[seat] = ExpertId(f"nobody-yet-{len(self.vacated)}")

    def hold(self, draw_id: DrawId, by: str) -> None:
        if self.over:
            raise TooLate
        self.holds.add(by)

    def release(self, draw_id: DrawId, by: str) -> None:
        self.holds.discard(by)


def criteria(*, objective: bool = True) -> Criteria:
    """70 points in three lines, one of them objective; price 30."""
    kind = CriterionKind.OBJECTIVE if objective else CriterionKind.SUBJECTIVE
    subjective = CriterionKind.SUBJECTIVE
    return Criteria(
        price_weight="30",
        criteria=(
            Criterion(id="c1", title="施工组织", max="40", step="0.5", kind=subjective),
            Criterion(id="c2", title="质量保证", max="20", step="0.5", kind=subjective),
            Criterion(id="c3", title="业绩", max="10", step="5", kind=kind),
        ),
    )


def bidders(*prices: int) -> tuple[Bidder, ...]:
    """Three bidders; names hold rare characters."""
    names = ("𠮷祥建设（演示）", "䶮达工程（演示）", "正道市政（演示）")
    given = prices or (100_000_000, 120_000_000, 90_000_000)
    return tuple(
        Bidder(id=f"b{n}", name=names[n - 1], unified_credit_code=CODES[n - 1], price_fen=price)
        for n, price in enumerate(given, start=1)
    )


class RoomBench:
    """One evaluation with its people; steps read as sentences."""

    draw_id = "dr_1"

    def __init__(
        self,
        folder: Path,
        *,
        experts: int = 3,
        owners: int = 0,
        regime: str = "GP-T",
        stores: Stores | None = None,
    ) -> None:
        self.folder = folder
        self.clock = FixedClock(START - timedelta(hours=1))
        self.database = Database((stores or in_files(folder)).main)
        self.database.create_tables()
        self.keys = KeyRing(folder / "keys")
        signer = LogSigner("test.example/log", self.keys.signing("log"))
        self.books = Books(self.database, self.clock, signer)
        self.accounts = Accounts(self.books, self.keys)
        self.overlay = load_overlay("demonstration")
        self.people: dict[str, Principal] = {}
        self.committee = FakeCommittee(regime)
        for number in range(1, experts + 1):
            self.committee.experts.append(self.add_expert(f"x{number}"))
            self.committee.steps.append(0)
        self.committee.owners = tuple(
            self.person(f"w{n}", Role.OWNER_REPRESENTATIVE).account_id for n in range(1, owners + 1)
        )
        self.clerk = self.person("clerk", Role.CLERK)
        self.supervisor = self.person("supervisor", Role.SUPERVISOR)
        self.rooms = self.service()
        self.id = ""
        self._commands = 0

    def service(self, *, demonstration: bool = False) -> RoomService:
        """The service as after a start."""
        return RoomService(
            self.books,
            keys=self.keys,
            accounts=self.accounts,
            committee=self.committee,
            overlay=self.overlay,
            files=Files(self.folder / "files"),
            demonstration=demonstration,
        )

    def person(self, name: str, role: Role, expert_id: ExpertId | None = None) -> Principal:
        account = self.accounts.create(f"{name}-t", role, name, by=None, expert_id=expert_id)
        issued = self.accounts.sign_ins.begin_tab(account.id, role)
        who = Principal(account.id, role, expert_id, issued.sign_in_id)
        self.people[name] = who
        return who

    def add_expert(self, name: str) -> ExpertId:
        expert_id = ExpertId(f"ex_{name}")
        self.person(name, Role.EXPERT, expert_id)
        return expert_id

    def prepare(self, *prices: int, objective: bool = True, at: datetime = START) -> None:
        """Everything until check-in, at the instant `at`."""
        prepare = self.rooms.preparation
        self.id = prepare.plan(
            DrawId(self.draw_id), "排水管网改造评标（演示）", self.clerk.account_id
        )
        prepare.list_bidders(self.id, bidders(*prices))
        prepare.file_document(self.id, PDF, DocumentKind.TENDER, "招标文件", None)
        for bidder in self.room.bidders:
            prepare.file_document(self.id, PDF, DocumentKind.BID, "投标文件", bidder.id)
        prepare.sign_criteria(self.id, criteria(objective=objective), self.clerk.account_id)
        prepare.make_ready(self.id)
        self.clock.at = at

    @property
    def room(self) -> Room:
        return self.rooms.hub.room(self.id)

    def phase(self) -> Phase:
        return self.room.phase

    def act(self, who: Principal, command: wishes.Command, command_id: str | None = None) -> int:
        self._commands += 1
        return self.rooms.handle(self.id, who, command, command_id or f"k{self._commands}")

    def seated(self) -> dict[str, Principal]:
        """Live seat -> who may enter it now."""
        found = {}
        for who in self.people.values():
            if who.role in (Role.EXPERT, Role.OWNER_REPRESENTATIVE):
                for room, _ in self.rooms.mine(who):
                    if room.evaluation_id == self.id:
                        viewer = self.rooms.viewer(self.id, who)
                        found[str(viewer.seat)] = who
        return dict(sorted(found.items()))

    def enter(self, who: Principal) -> None:
        """Check in and read the undertaking."""
        self.act(who, wishes.CheckIn())
        self.clock.advance(timedelta(seconds=self.overlay.undertaking_reading_seconds))

    def promise(self, who: Principal) -> None:
        self.act(who, wishes.SignUndertaking(text_sha256=undertaking.SHA256))

    def join(self, who: Principal) -> None:
        """What a newcomer does before scoring."""
        self.enter(who)
        self.promise(who)
        self.declare(who)

    def declare(self, who: Principal, conflict_with: str = "") -> None:
        answers = tuple(
            RecusalAnswer(
                bidder=one.id,
                conflict=one.id == conflict_with,
                ground="曾任职" if one.id == conflict_with else "",
            )
            for one in self.room.bidders
        )
        self.act(who, wishes.DeclareRecusal(answers=answers))

    def open(self) -> dict[str, Principal]:
        """From check-in until everybody scores; e1 leads."""
        seats = self.seated()
        for who in seats.values():
            self.enter(who)
        self.act(self.clerk, wishes.Advance(leaving=self.room.phase))
        for who in seats.values():
            self.promise(who)
        for who in seats.values():
            self.declare(who)
        for who in seats.values():
            self.act(who, wishes.Vote(round=1, choice="e1"))
        return seats

    def sheet(self, seat: str, *, scores: dict[tuple[str, str], str] | None = None) -> Sheet:
        """A sheet of one member; each member's differs from the others'."""
        shift = int(seat[1:]) / 2
        default = {"c1": f"{30 + shift:g}", "c2": f"{15 + shift:g}", "c3": "10"}
        marks = []
        for bidder in self.room.bidders:
            for item in self.room.criteria.criteria if self.room.criteria else ():
                score = (scores or {}).get((bidder.id, item.id), default[item.id])
                reason = "" if score == item.max else f"第{seat}席对{bidder.id}{item.id}扣分"
                marks.append(Mark(bidder=bidder.id, criterion=item.id, score=score, reason=reason))
        return Sheet(
            evaluation_id=self.id,
            seat=seat,
            criteria_sha256=self.room.criteria_sha256,
            marks=tuple(marks),
        )

    def submit(self, seat: str, who: Principal, sheet: Sheet | None = None) -> None:
        key = bytes.fromhex(self.room.opening_key)
        commitment, sealed = envelope.seal(sheet or self.sheet(seat), key)
        self.act(who, wishes.SubmitSheet(commitment=commitment, envelope=sealed))

    def score(self, seats: dict[str, Principal]) -> None:
        for seat, who in seats.items():
            self.submit(seat, who)

    def finish(self, seats: dict[str, Principal]) -> None:
        """From scored sheets to the closed evaluation."""
        self.act(seats["e1"], wishes.Advance(leaving=self.room.phase))
        assert self.room.report is not None
        for who in seats.values():
            self.act(who, wishes.SignReport(report_sha256=self.room.report.sha256))
        self.act(self.clerk, wishes.Advance(leaving=self.room.phase))
