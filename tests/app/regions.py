"""Two regions as two real services: two ports, two databases, the same people in both pools."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from blacklist.core.facts import Measure
from blacklist.core.grounds import Kind
from blacklist.core.terms import Terms
from classification.service import ClassificationService
from draw_engine.parties import Registered
from draw_engine.pool_generate import generate
from foundation.ids import AccountId, ExpertId
from foundation.ledger.note import CheckpointText, cosign
from tests.app.bench import Bench, a_bench
from tests.app.serving import served

PEOPLE = 40
FIRST, SECOND = AccountId("acc_first"), AccountId("acc_second")


@dataclass
class Region:
    """One service, its address, and the witness without whom nothing is published."""

    name: str
    bench: Bench
    address: str
    witness: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def cosigner(self) -> str:
        return f"{self.name}.example/w"

    def register_holders(self) -> None:
        """A policy with one witness, as every service has before its first draw."""
        centre = Ed25519PrivateKey.generate()
        holders = (("centre", centre, ""), ("supervisor", self.witness, self.cosigner))
        for party, key, name in holders:
            raw = key.public_key().public_bytes_raw()
            one = Registered(party, f"Body of {party}", "own", raw, name)
            self.bench.house.draw.parties.register(one, "acc_admin")

    def publish(self) -> None:
        """Have the newest checkpoint cosigned: from now on strangers see it."""
        newest = self.bench.house.books.checkpoint()
        text = CheckpointText(newest.note.partition("\n")[0], newest.size, newest.root)
        at = int(self.bench.clock.now().timestamp())
        line = cosign(text, self.cosigner, self.witness, at)
        self.bench.house.draw.holders.cosign("supervisor", newest.size, line)

    def expert(self, number: int) -> ExpertId:
        """The expert who has the `number`-th identity number of the generated people."""
        people = self.bench.house.pool.persons
        by_number = {one.id_number: one.expert_id for one in people.get_many(people.ids()).values()}
        return by_number[sorted(by_number)[number]]

    def bar(self, expert_id: ExpertId, **changes: Any) -> Measure:
        """Two persons put somebody on the list."""
        today = self.bench.clock.now().date()
        words: dict[str, Any] = {
            "kind": Kind.BARRED,
            "ground": "not_recused",
            "basis": "决定书 1 号",
            "deciding_body": "监督部门",
            "starts_on": today,
            "ends_on": today + timedelta(days=365),
        }
        standing = self.bench.house.blacklist
        proposal = standing.propose(expert_id, Terms(**(words | changes)), FIRST)
        standing.confirm(proposal.id, SECOND)
        return next(one for one in standing.measures() if one.id == proposal.id)

    def correct(self, measure: Measure, days: int = 730) -> Measure:
        """Two persons put another term in the place of a measure."""
        standing = self.bench.house.blacklist
        terms = Terms(
            kind=measure.kind,
            ground=measure.ground,
            basis="更正决定书 2 号",
            deciding_body=measure.deciding_body,
            starts_on=measure.starts_on,
            ends_on=measure.starts_on + timedelta(days=days),
        )
        proposal = standing.propose_correction(measure.id, terms, FIRST)
        standing.confirm(proposal.id, SECOND)
        return next(one for one in standing.measures() if one.id == proposal.id)

    def look(self) -> None:
        """What the timer does."""
        feeds = self.bench.house.feeds
        feeds.publisher.backfill()
        feeds.feeds.follow_all()
        feeds.matches.find()

    def follows(self, other: "Region") -> str:
        """Register another region at its real address."""
        feeds, line = self.bench.house.feeds.feeds, other.bench.house.feeds.feeds.own.line
        return feeds.register(other.name, line, other.address, FIRST).id


@contextmanager
def a_region(home: Path, name: str) -> Iterator[Region]:
    """A demonstration of its own log, with generated people, served on a port of its own."""
    origin = f"{name}.example/log"
    with a_bench(home / name, demonstration=True, log_origin=origin) as bench:
        people = generate(ClassificationService.load(), PEOPLE, 1, date(2026, 11, 23))
        bench.house.pool.importer.enrol(list(people), "act_pool")
        with served(bench.app) as address:
            region = Region(name, bench, address)
            region.register_holders()
            region.publish()
            yield region


@contextmanager
def two_regions(home: Path) -> Iterator[tuple[Region, Region]]:
    """Two of them that follow each other."""
    with a_region(home, "north") as north, a_region(home, "south") as south:
        north.follows(south)
        south.follows(north)
        yield north, south
