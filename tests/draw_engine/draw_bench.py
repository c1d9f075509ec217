"""A whole installation in one process: pool, vault, service, two holders, a clock by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from blacklist.core.changes import Change
from blacklist.core.grounds import Status
from blacklist.core.standing import ACTIVE, Standing, Why
from blacklist.service import StandingService
from classification.service import ClassificationService
from draw_engine.build import DrawRooms, build_draw_engine
from draw_engine.core.columns import ExpertFacts
from draw_engine.core.draw_state import Draw, Stage
from draw_engine.core.request import DrawRequest, Party, SlotRequest
from draw_engine.expert_pool import ExpertPool, Organisation
from draw_engine.holder_file import HolderFile
from draw_engine.holder_work import Person as Approver
from draw_engine.holder_work import ShareHolder
from draw_engine.offline import DirectDesk
from draw_engine.parties import CENTRE, Registered
from draw_engine.persons import Person, Persons
from draw_engine.vault import Vault
from draw_engine.vault_store import VAULT_METADATA
from foundation.clock import FixedClock, seconds
from foundation.db import Database
from foundation.ids import ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from foundation.rulebook.overlay import Overlay, load_overlay
from tests.stores.places import Stores, in_files

CLASSIFICATION = ClassificationService.load()
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WITNESS = "supervisor.example/w"
PASSPHRASE = "a long enough passphrase"
ENTITY = "91110000GEN00001X1"


@dataclass
class DrawBench:
    """Play a step, then look: every helper moves the world as its people would."""

    home: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))
    overlay: Overlay = field(default_factory=lambda: load_overlay("demonstration"))
    told: list[str] = field(default_factory=list)
    standings: dict[ExpertId, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    asked: StandingService | None = None
    silent: set[str] = field(default_factory=set)
    stores: Stores | None = None

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Open everything from the files, as after a restart."""
        there = self.stores or in_files(self.home)
        self.database = Database(there.main)
        self.database.create_tables()
        self.vault_database = Database(there.vault, VAULT_METADATA)
        self.vault_database.create_tables()
        keys = KeyRing(self.home / "keys")
        vault_keys = KeyRing(self.home / "keys" / "vault")
        signer = LogSigner("demo.draw.example/log", keys.signing("log"))
        self.books = Books(self.database, self.clock, signer)
        self.pool = ExpertPool(self.books)
        self.persons = Persons(self.vault_database, vault_keys.fields("persons"))
        self.vault = Vault(self.vault_database, vault_keys, self.persons, self.clock)
        self.rooms: DrawRooms = build_draw_engine(
            books=self.books,
            signer=signer,
            overlay=self.overlay,
            operator="Trading centre of Example City",
            pool=self.pool,
            classification=CLASSIFICATION,
            vault=self.vault,
            standings=self._reasons,
            standing=self._standing,
            changes=lambda _since, _until: self.changes,
        )
        self.draws = self.rooms.draws
        self.holders = {party: self._holder(party) for party in (CENTRE, "supervisor")}

    def ask(self, register: StandingService) -> None:
        """From now on a real register of standings is asked, and `standings` no more."""
        self.asked = register

    def _reasons(self, at: datetime, day: date) -> Mapping[ExpertId, int]:
        return self.asked.reasons(at, day) if self.asked else self.standings

    def _standing(self, expert_id: ExpertId, at: datetime, day: date) -> Standing:
        if self.asked:
            return self.asked.standing(expert_id, at, day)
        reason = self.standings.get(expert_id)
        return Standing((Why(Status.SUSPENDED, "R-ELIG-5", reason),)) if reason else ACTIVE

    def stop(self) -> None:
        """Give the files back, as a killed process would."""
        self.database.close()
        self.vault_database.close()

    def restart(self) -> None:
        """Stop and start on the same files."""
        self.stop()
        self.start()

    def register(self) -> None:
        """Register both holders' public keys."""
        for party, holder in self.files.items():
            witness = WITNESS if party == "supervisor" else ""
            body = f"Body of the {party}"
            self.rooms.parties.register(
                Registered(party, body, "own", holder.public_key, witness), "act_admin"
            )

    def enrol(self, count: int = 60, *, employers: int = 30) -> list[ExpertId]:
        """Put generated experts into the pool, all of specialty A080205."""
        ids = [ExpertId(f"ex_{number:05d}") for number in range(count)]
        facts = [
            ExpertFacts(
                expert_id=id_,
                version=1,
                region=(110000, 310000, 500000)[number % 3],
                employer=f"91110000GEN{number % employers:05d}X",
                group=f"91110000GEN{number % employers:05d}X",
                classification="2018",
                codes=("A080205", "B0101") if number % 4 == 0 else ("A080205",),
                title="高级工程师",
                valid_to=date(2030, 1, 1),
                admitted_at=START - timedelta(days=100),
                generated=True,
            )
            for number, id_ in enumerate(ids)
        ]
        people = [
            Person(id_, f"生成{number:05d}号", f"GEN{number:015d}", f"19900000{number:03d}", True)
            for number, id_ in enumerate(ids)
        ]
        self.persons.add_many(people)
        codes = {one.employer for one in facts}
        organisations = [Organisation(code, f"Employer {code}", code) for code in sorted(codes)]
        self.pool.enrol(facts, organisations, "act_pool")
        return ids

    def request(self, **changes: Any) -> DrawRequest:
        """A lawful request for five members, four of them drawn."""
        now = self.clock.now()
        plain = DrawRequest(
            request_key=f"key-{now.timestamp()}-{changes.get('section', '1')}",
            filed_by="act_applicant",
            project_code="EX-2026-001",
            project_name="Example road, second section",
            section="1",
            regime="ZB",
            purpose="EVALUATE",
            slots=(SlotRequest(("2018:A0802",), 4),),
            committee_size=5,
            owner_representatives=("act_owner",),
            parties=(
                Party("procuring_entity", ENTITY, "Example entity"),
                Party("bidder", "91110000GEN00002X2", "Example bidder"),
            ),
            draw_at=now + timedelta(minutes=5),
            latest_draw_at=now + timedelta(minutes=30),
            starts_at=now + timedelta(hours=2),
            unseal_after=now + timedelta(hours=3),
            place="Room 1, Example City",
            contact="Desk 1",
        )
        return replace(plain, **changes)

    def pass_time(self, **by: float) -> None:
        """Move the clock and let the timer look."""
        self.clock.advance(timedelta(**by))
        self.tick()

    def tick(self) -> None:
        """What the timers do on news."""
        self.draws.take_snapshot(self.clock.now())
        self.draws.tick(self.clock.now())

    def settle(self, rounds: int = 12) -> None:
        """Timer and holders take turns until nobody has anything to do."""
        for _ in range(rounds):
            self.tick()
            done = 0
            for party, holder in self.holders.items():
                if party not in self.silent:
                    desk = self.desk(party)
                    done += holder.round(desk)
            self.tick()
            if not done:
                return

    def drawn(self, **changes: Any) -> Draw:
        """A request, filed and drawn, its members invited."""
        draw = self.draws.file(self.request(**changes))
        self.settle()
        self.clock.advance(timedelta(minutes=6))
        self.settle()
        return self.draws.draw(draw.id)

    def members(self, draw_id: str) -> Mapping[int, ExpertId]:
        """Who was asked to which seat last; only the vault can say."""
        found: dict[int, ExpertId] = {}
        for id_ in sorted(self.pool.ids()):
            for one in self.vault.seats.inbox(id_):
                if one.draw_id == draw_id and one.status in {"invited", "accepted"}:
                    found[self._seat(one.id)] = id_
        return found

    def answer(self, draw_id: str, seat: int, *, accept: bool, reason: str = "illness") -> None:
        """The one who was asked to a seat answers."""
        id_ = self.members(draw_id)[seat]
        (invitation,) = (
            one
            for one in self.vault.seats.inbox(id_)
            if one.draw_id == draw_id and self._seat(one.id) == seat
        )
        self.draws.answer(
            id_, invitation.id, accept=accept, reason=reason, sign=lambda data: data.hex()[:64]
        )

    def accept_all(self, draw_id: str) -> None:
        """Everybody who was asked comes."""
        for seat, state in self.draws.seats(draw_id).items():
            if state.state == "invited":
                self.answer(draw_id, seat, accept=True)

    def unseal(self, draw_id: str) -> Draw:
        """Move on until the draw is open."""
        draw = self.draws.draw(draw_id)
        wait = draw.request.unseal_after - self.clock.now()
        self.clock.advance(max(wait, timedelta(0)) + timedelta(seconds=1))
        for _ in range(4):
            self.settle()
            if (found := self.draws.draw(draw_id)).stage is Stage.UNSEALED:
                self.settle()
                return found
            self.clock.advance(timedelta(seconds=3))
        return self.draws.draw(draw_id)

    def _seat(self, invitation_id: str) -> int:
        from draw_engine.vault_store import InvitationRow

        with self.vault_database.read() as db:
            return db.get_one(InvitationRow, invitation_id).seat

    def desk(self, party: str) -> DirectDesk:
        """The service as a holder reaches it."""
        return DirectDesk(self.rooms.holders, self.rooms.parties, party)

    @property
    def files(self) -> dict[str, HolderFile]:
        """The holders' files, made once."""
        return {party: self._file(party) for party in (CENTRE, "supervisor")}

    def _file(self, party: str) -> HolderFile:
        path = self.home / f"{party}.holder"
        known = _OPENED.get(path)
        if known is None:
            known = _OPENED[path] = HolderFile.make(path, party, PASSPHRASE)
        return known

    def _holder(self, party: str) -> ShareHolder:
        person = Approver(lambda _what, _shown: True, self.told.append)
        witness = WITNESS if party == "supervisor" else ""
        return ShareHolder(self._file(party), person, lambda: seconds(self.clock.now()), witness)


_OPENED: dict[Path, HolderFile] = {}
"""Opening a file stretches the passphrase, which is slow on purpose."""


@contextmanager
def a_bench(home: Path, **changes: Any) -> Iterator[DrawBench]:
    """A bench with a pool, registered holders and a snapshot."""
    bench = DrawBench(home, **changes)
    bench.register()
    bench.enrol()
    bench.settle()
    try:
        yield bench
    finally:
        bench.stop()
