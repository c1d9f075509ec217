"""A whole draw on one machine without a server: request and pool in, bundle out.

The same service, vault and holders as on line, in a folder that is gone afterwards, with
a clock that is moved from one due time to the next. One box gives every input here, so
the policy says purpose `test` and assurance `none`, and the verifier says so too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any, Final

from blacklist.core.standing import ACTIVE
from classification.service import ClassificationService
from draw_engine.build import DrawRooms, build_draw_engine
from draw_engine.core.draw_state import SUPERVISOR, Draw, Ending, Stage
from draw_engine.core.request import DrawRequest
from draw_engine.expert_pool import ExpertPool
from draw_engine.holder_duties import HolderDuties
from draw_engine.holder_file import HolderFile
from draw_engine.holder_work import Person, ShareHolder
from draw_engine.parties import CENTRE, Parties, Registered
from draw_engine.persons import Persons
from draw_engine.pool_import import PoolImport
from draw_engine.vault import Vault
from draw_engine.vault_store import VAULT_METADATA
from foundation.clock import FixedClock, seconds
from foundation.db import Database
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from foundation.rulebook.overlay import load_overlay

ORIGIN: Final = "offline.expert-draw.example/log"
WITNESS: Final = "offline.expert-draw.example/supervisor"
ONE_BOX: Final = "one machine, off line"
WHO: Final = "offline"
ROUNDS: Final = 20


class OfflineStopped(ServiceError):
    """The draw did not come to a committee; `reason` is what the draw itself says."""

    code = "draw.offline_stopped"
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class DirectDesk:
    """The service as a holder in the same process reaches it."""

    holders: HolderDuties
    parties: Parties
    party: str

    def policy(self) -> dict[str, Any]:
        """The policy in force."""
        return self.parties.policy().as_object()

    def duties(self, witnessed: int | None) -> dict[str, Any]:
        """What is asked now."""
        return self.holders.duties(self.party, witnessed)

    def hat(self, draw_id: str, slot: int) -> bytes:
        """The rows of one hat."""
        return b"".join(self.holders.hat(self.party, draw_id, slot))

    def give_tip(self, draw_id: str, tip: bytes, sig: bytes) -> None:
        """Give a tip."""
        self.holders.give_tip(self.party, draw_id, tip, sig)

    def give_admission(self, draw_id: str, m: bytes, accepted: int, sig: bytes) -> None:
        """Give the repeated admission test."""
        self.holders.give_admission(self.party, draw_id, m, accepted, sig)

    def reveal(self, draw_id: str, j: int, y: bytes) -> None:
        """Give a chain value."""
        self.holders.reveal(self.party, draw_id, j, y)

    def cosign(self, size: int, line: str) -> None:
        """Give a cosignature."""
        self.holders.cosign(self.party, size, line)

    def abort(self, draw_id: str, reason: str, fault: str, sig: bytes) -> None:
        """Sign an abort."""
        self.holders.abort(self.party, draw_id, reason, fault, sig)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came out: canonical bytes of the bundle and of the identities, and M in hex."""

    bundle: bytes
    identities: bytes
    M: str


@dataclass(frozen=True, slots=True)
class _Box:
    rooms: DrawRooms
    importer: PoolImport
    clock: FixedClock
    holders: dict[str, ShareHolder]

    def settle(self) -> None:
        """Timer and holders take turns until nobody has anything to do."""
        for _ in range(ROUNDS):
            self.rooms.draws.take_snapshot(self.clock.now())
            self.rooms.draws.tick(self.clock.now())
            done = sum(
                holder.round(DirectDesk(self.rooms.holders, self.rooms.parties, party))
                for party, holder in self.holders.items()
            )
            if not done:
                return


def draw_offline(request: DrawRequest, pool: bytes, classification: ClassificationService) -> Drawn:
    """Draw a committee for `request` from the experts in a workbook or CSV file.

    Everybody who is drawn accepts: who would decline can't be asked here.

    Raises:
        ImportRefused: a row of the pool is bad. OfflineStopped: the draw was refused or
            aborted. Refusals of the rule book as `DrawService.file`.
    """
    with (
        TemporaryDirectory(prefix="expert-draw-") as folder,
        _box(Path(folder), request, classification) as box,
    ):
        box.importer.run(pool, skip_bad=False, by=WHO)
        box.settle()
        draw = box.rooms.draws.file(request)
        box.settle()
        box.clock.at = request.draw_at + timedelta(seconds=1)
        box.settle()
        _accept(box)
        box.clock.at = request.unseal_after + timedelta(seconds=1)
        for _ in range(ROUNDS):
            box.settle()
            done = box.rooms.draws.draw(draw.id)
            if done.ended is not None or done.stage is Stage.UNSEALED:
                break
            box.clock.advance(timedelta(seconds=3))
        box.settle()
        return _published(box, box.rooms.draws.draw(draw.id))


def _published(box: _Box, draw: Draw) -> Drawn:
    if draw.stage is not Stage.UNSEALED:
        raise OfflineStopped(reason=_why(draw.ended) if draw.ended else draw.stage.value)
    publisher = box.rooms.publisher
    return Drawn(publisher.bundle(draw.id), publisher.identities(draw.id), draw.M)


def _why(ended: Ending) -> str:
    """The reason, and what the refusal of a request says of it, e.g. the tightest rule."""
    return ", ".join([ended.reason, *(f"{name} {value}" for name, value in ended.facts.items())])


def _accept(box: _Box) -> None:
    draws = box.rooms.draws
    for who in box.rooms.vault.seats.invited_now():
        for invitation, _ in draws.inbox(ExpertId(who)):
            draws.answer(
                ExpertId(who), invitation.id, accept=True, reason="", sign=lambda said: said.hex()
            )
    box.settle()


@contextmanager
def _box(home: Path, request: DrawRequest, classification: ClassificationService) -> Iterator[_Box]:
    clock = FixedClock(request.draw_at - timedelta(minutes=10))
    overlay = load_overlay("demonstration")
    keys, vault_keys = KeyRing(home / "keys"), KeyRing(home / "keys" / "vault")
    main, apart = Database(home / "main.db"), Database(home / "vault.db", VAULT_METADATA)
    main.create_tables()
    apart.create_tables()
    signer = LogSigner(ORIGIN, keys.signing("log"))
    books = Books(main, clock, signer)
    pool, persons = ExpertPool(books), Persons(apart, vault_keys.fields("persons"))
    rooms = build_draw_engine(
        books=books,
        signer=signer,
        overlay=overlay,
        operator=ONE_BOX,
        pool=pool,
        classification=classification,
        vault=Vault(apart, vault_keys, persons, clock),
        standings=_nobody_out,
        standing=lambda _expert, _at, _day: ACTIVE,
        changes=lambda _since, _until: (),
    )
    importer = PoolImport(pool, persons, classification, clock)
    try:
        yield _Box(rooms, importer, clock, _holders(home, rooms, clock))
    finally:
        main.close()
        apart.close()


def _nobody_out(_at: datetime, _day: date) -> dict[ExpertId, int]:
    """Off line there is no blacklist to ask; a pool file holds who may serve."""
    return {}


def _holders(home: Path, rooms: DrawRooms, clock: FixedClock) -> dict[str, ShareHolder]:
    holders = {}
    person = Person(approves=lambda _what, _shown: True, is_told=lambda _text: None)
    for party in (CENTRE, SUPERVISOR):
        file = HolderFile.make(home / f"{party}.holder", party, token_hex(16))
        witness = WITNESS if party == SUPERVISOR else ""
        rooms.parties.register(Registered(party, ONE_BOX, "own", file.public_key, witness), WHO)
        holders[party] = ShareHolder(file, person, lambda: seconds(clock.now()), witness)
    return holders
