"""A whole toy draw, played by the rules, for tests: pool, freeze, reveals, steps, unsealing.

Everything follows from labels, so every run gives the same bytes. The log is a plain list; a
checkpoint is cosigned by two witnesses, the second one second later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from draw_engine.core import entries as log
from draw_engine.core import shares
from draw_engine.core.bundle import (
    DrawRecord,
    FinalMember,
    PublishedCheckpoint,
    PublishedEntry,
    PublishedResult,
    build_bundle,
    build_identities,
)
from draw_engine.core.manifest import (
    ChainInput,
    DiceInput,
    DrawName,
    Input,
    Manifest,
    Slot,
    TreeHead,
    Where,
    handle,
    handle_salt,
)
from draw_engine.core.policy import Holder, Policy, Times, Witness
from draw_engine.core.selection import CommitteeRules, Hat, Member, RegionRule, Seating, committee
from draw_engine.core.snapshot import PooledExpert, PoolKeys, Pseudonym, masked, tree_of
from draw_engine.core.w256 import Tree
from foundation.digest import canon, sha256
from foundation.ledger import tree as merkle
from foundation.ledger.note import CheckpointText, cosign, sign_log, write_note

ORIGIN = "toy.example/log"
SUPERVISOR_WITNESS = "supervisor.example/w"
NOTARY = "notary.example/w"
NORTH, SOUTH = 110000, 450000
NOON = 1_760_000_000
UNSEAL_AFTER = NOON + 20_000


def signing(label: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(b"toy ", label.encode()))


def public(label: str) -> bytes:
    return signing(label).public_key().public_bytes_raw()


def toy_policy(**changes: Any) -> Policy:
    """Four holders of four bodies; both witnesses are of other bodies than the operator."""
    bodies = {"operator": "platform", "supervisor": "bureau", "centre": "centre", "vault": "vault"}
    policy = Policy(
        purpose="production",
        assurance="basic",
        origin=ORIGIN,
        log_key=public("log"),
        operator="platform",
        witnesses=(
            Witness(SUPERVISOR_WITNESS, public(SUPERVISOR_WITNESS), True, "bureau"),
            Witness(NOTARY, public(NOTARY), False, "notary"),
        ),
        quorum=1,
        holders=tuple(
            Holder(party, public(party), b"", body, "own") for party, body in bodies.items()
        ),
        times=Times(cool=60, margin=15, t_rev=600, t_beacon=7200, deadline=86_400, publish=604_800),
        hat_min=3,
    )
    return replace(policy, **changes)


@dataclass
class ToyLog:
    """Entries and checkpoints; every checkpoint is ten minutes later unless told otherwise."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    noted: list[tuple[int, str]] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    at: int = NOON

    def append(self, *bodies: dict[str, Any]) -> None:
        for body in bodies:
            log.leaf_data(body)
            self.bodies.append(body)

    def leaves(self) -> list[bytes]:
        return [merkle.leaf_hash(canon(body)) for body in self.bodies]

    def checkpoint(self, at: int | None = None) -> None:
        self.at = self.at + 600 if at is None else at
        text = CheckpointText(ORIGIN, len(self.bodies), merkle.root(self.leaves()))
        lines = [
            cosign(text, name, signing(name), self.at + later)
            for later, name in enumerate((SUPERVISOR_WITNESS, NOTARY))
        ]
        self.marks.append((text.size, self.at))
        self.noted.append((text.size, write_note(text, sign_log(text, signing("log")), *lines)))

    def published(self) -> tuple[list[PublishedCheckpoint], list[PublishedEntry]]:
        leaves, sizes = self.leaves(), [size for size, _ in self.noted]
        proofs: list[list[bytes]] = [
            [],
            *(merkle.consistency_proof(leaves, a, b) for a, b in pairwise(sizes)),
        ]
        checkpoints = [
            PublishedCheckpoint(note, proof)
            for (_, note), proof in zip(self.noted, proofs, strict=True)
        ]
        shown = leaves[: sizes[-1]]
        return checkpoints, [
            PublishedEntry(index, body, merkle.inclusion_proof(shown, index))
            for index, body in enumerate(self.bodies[: sizes[-1]])
        ]


@dataclass
class Toy:
    """A draw to be played; change a field before `play`.

    `declines` lists the seats of each checkpoint's declines, one tuple for each checkpoint.
    """

    policy: Policy = field(default_factory=toy_policy)
    experts: int = 600
    rules: CommitteeRules = field(
        default_factory=lambda: CommitteeRules(1, (RegionRule(frozenset({NORTH}), 2, 3),))
    )
    mode: str = "step"
    sealed: bool = False
    dice: bool = False
    parties: tuple[str, ...] = ("operator", "supervisor", "centre")
    declines: tuple[tuple[int, ...], ...] = ((0, 3), (0,))
    max_steps: int = 8
    section: str = "01"
    kept: int = 0
    after_abort: bool = False
    twins: bool = False
    """A forger's hats: everybody stands in them a second time, under another pseudonym."""

    def play(self) -> "Played":
        """Play the draw to its unsealing."""
        return _Table(self).play()


@dataclass
class Played:
    """What is left of a played draw."""

    record: DrawRecord
    manifest: Manifest
    snapshot: Tree
    members: list[FinalMember]
    seating: Seating
    log: ToyLog

    def relogged(
        self, bodies: Sequence[dict[str, Any]], marks: Sequence[tuple[int, int]], **changes: Any
    ) -> dict[str, Any]:
        """The bundle as log and witnesses would sign it over other entries, or at other times.

        Args:
            marks: (size, time) of each checkpoint.
        """
        rewritten = ToyLog()
        for size, at in marks:
            rewritten.append(*bodies[len(rewritten.bodies) : size])
            rewritten.checkpoint(at)
        checkpoints, entries = rewritten.published()
        changed = replace(self.record, checkpoints=checkpoints, entries=entries, **changes)
        return build_bundle(changed)

    @property
    def bundle(self) -> dict[str, Any]:
        return build_bundle(self.record)

    @property
    def file(self) -> bytes:
        return canon(self.bundle)

    @property
    def identities(self) -> bytes:
        return canon(build_identities(self.manifest.m, self.members, self.snapshot))


def identity(number: int) -> dict[str, Any]:
    return {"id": f"E{number:04}", "name": f"生成专家{number}"}


def qualification(number: int) -> dict[str, Any]:
    codes = [["A0801"], ["C01"], ["A0801", "C01"]][number % 3]
    return {"codes": codes, "title": "senior", "valid_to": "2030-01-01"}


class _Table:
    def __init__(self, toy: Toy) -> None:
        self.toy = toy
        self.log = ToyLog()
        self.epoch = PoolKeys(*(sha256(b"toy epoch", label) for label in (b"tag", b"org", b"salt")))
        self.people = [
            PooledExpert(
                f"E{n:04}",
                f"ORG{n % 37}",
                canon(identity(n)),
                canon(qualification(n)),
                NORTH if n % 2 else SOUTH,
                1,
            )
            for n in range(toy.experts)
        ]
        self.parties = (*toy.parties, "vault") if toy.sealed else toy.parties
        self.salt = handle_salt(sha256(b"toy handle"), "TOY", toy.section)

    def play(self) -> Played:
        toy = self.toy
        pool = masked(self.people, self.epoch)
        self.snapshot = tree_of(pool)
        head = TreeHead(self.snapshot.size, self.snapshot.root)
        self.log.append(log.snapshot_entry(head.n, head.root, 1, bytes(64)))
        self.log.checkpoint()
        before = [self._aborted(head)] if toy.after_abort else []
        name = DrawName("TOY", toy.section, 1 + len(before), before[-1].m if before else b"")
        self._deal(name, head)
        self._freeze()
        self._reveals()
        self._primary()
        for seats in toy.declines:
            self._declined(seats)
        self._unseal()
        return self._played(before, pool)

    def _deal(self, name: DrawName, head: TreeHead) -> None:
        """Hats, chains and manifest of the draw called `name`."""
        toy, m = self.toy, name.as_object()
        self.keys = self.epoch.for_draw(m)
        numbers = {person.expert_id: n for n, person in enumerate(self.people)}
        rows = {n: masked([p], self.keys)[0] for n, p in enumerate(self.people)}
        self.person_of = {row.tag: self.people[n] for n, row in rows.items()}
        twins = {n: self._twin(person) for n, person in enumerate(self.people) if toy.twins}
        self.person_of |= {row.tag: self.people[n] for n, row in twins.items()}
        kept = [rows[n] for n in range(self.toy.kept)]
        wheres = (Where(("A08",)), Where(("C01",), titles=("senior",)))
        self.hats: list[list[Pseudonym]] = []
        for where in wheres:
            fits = [
                table[n]
                for table in (rows, twins)
                for n in numbers.values()
                if n in table
                and n >= toy.kept
                and where.holds(qualification(n)["codes"], self.people[n].region, "senior")
            ]
            self.hats.append(sorted(fits))
        self.chains = {
            party: shares.chain(
                sha256(b"toy chain", party.encode(), bytes([name.seq])), toy.max_steps
            )
            for party in self.parties
        }
        inputs: list[Input] = [ChainInput(p, shares.tip_of(c)) for p, c in self.chains.items()]
        if toy.dice:
            inputs.append(DiceInput())
        slots = tuple(
            Slot(f"S{at}", seats, len(hat), tree_of(hat).root, where)
            for at, (seats, hat, where) in enumerate(zip((2, 3), self.hats, wheres, strict=True))
        )
        self.manifest = Manifest(
            draw=name,
            day="2025-10-09",
            book_version="1",
            book_hash=sha256(b"toy book"),
            classification="2018",
            regime="ZB",
            purpose="EVALUATE",
            snapshot=head,
            exclusions=TreeHead(0, Tree([]).root),
            slots=slots,
            rules=toy.rules,
            inputs=tuple(inputs),
            max_steps=toy.max_steps,
            unseal_after=UNSEAL_AFTER,
            policy=toy.policy.digest,
            keep=tuple(sorted(Member(row.tag, row.org, row.region) for row in kept)),
            mode=toy.mode,
            seal_party="vault" if toy.sealed else "",
        )
        self.m = self.manifest.m

    def _twin(self, person: PooledExpert) -> Pseudonym:
        other = person._replace(expert_id=person.expert_id + "x", org_group=person.org_group + "x")
        return masked([other], self.keys)[0]

    def _freeze(self) -> None:
        self.log.append(
            log.manifest_entry(self.m, handle(self.salt, "TOY", self.toy.section)),
            log.admission_entry(self.m, 1000, "operator", signing("operator")),
            log.admission_entry(self.m, 1000, "supervisor", signing("supervisor")),
        )
        self.log.checkpoint()

    def _aborted(self, head: TreeHead) -> Manifest:
        self._deal(DrawName("TOY", self.toy.section, 1), head)
        self._freeze()
        self.log.append(log.abort_entry(self.m, "withdrawn", "", signing("supervisor")))
        self.log.checkpoint()
        return self.manifest

    def _revealing(self) -> list[str]:
        return [party for party in self.parties if party != self.manifest.seal_party]

    def _reveals(self) -> None:
        values = [shares.InputValue(shares.InputKind.CHAIN, c[0]) for c in self.chains.values()]
        if self.toy.dice:
            digits = "31415926535897932384626433832795028841971"
            self.log.append({"type": "dice", "M": self.m.hex(), "digits": digits})
            values.append(shares.InputValue(shares.InputKind.DICE, digits.encode()))
        self.ikm = self.first = shares.material(values)
        for party in self._revealing():
            self.log.append(log.reveal_entry(self.m, party, 0, self.chains[party][0]))
        self.log.checkpoint()

    def _primary(self) -> None:
        members = [[Member(r.tag, r.org, r.region) for r in hat] for hat in self.hats]
        hats = [
            Hat(rows, slot.seats) for rows, slot in zip(members, self.manifest.slots, strict=True)
        ]
        keep, rules = self.manifest.keep, self.manifest.rules
        drawn = committee(shares.primary_key(self.ikm, self.m), hats, rules, keep)
        self.seating = Seating.first(hats, rules, drawn.positions, keep)
        self.results: list[PublishedResult] = []
        self._result(log.result_body(self.m, drawn.attempt, drawn.positions))
        self.log.checkpoint()

    def _result(self, body: dict[str, Any]) -> None:
        step = len(self.results)
        salt = sha256(b"toy salt", bytes([step]))[:16]
        self.results.append(PublishedResult(salt, body))
        self.log.append(log.result_entry(self.m, step, log.result_digest(salt, body)))

    def _declined(self, seats: Sequence[int]) -> None:
        first = len(self.results)
        evidence = log.evidence_digest(bytes(16), b"by telephone")
        for later, seat in enumerate(seats):
            self.log.append(log.decline_entry(self.m, seat, first + later, "refused", evidence))
        self.log.checkpoint()
        for step, seat in enumerate(seats, start=first):
            slot = self.seating.places[seat][0]
            if self.toy.mode == "step":
                for party in self._revealing():
                    self.log.append(log.reveal_entry(self.m, party, step, self.chains[party][step]))
                self.ikm = shares.extended(self.ikm, [c[step] for c in self.chains.values()])
                key = shares.step_key(self.ikm, self.m, slot, step)
            else:
                key = shares.list_key(self.first, self.m, slot)
            found = self.seating.replace(seat, key)
            self._result(log.step_body(self.m, step, seat, found.position))
        self.log.checkpoint()

    def _unseal(self) -> None:
        if self.toy.sealed:
            for j in range(len(self.results) if self.toy.mode == "step" else 1):
                self.log.append(log.reveal_entry(self.m, "vault", j, self.chains["vault"][j]))
        self.log.append(log.unseal_entry(self.m))
        self.log.checkpoint(UNSEAL_AFTER)

    def _played(self, before: list[Manifest], pool: list[Pseudonym]) -> Played:
        checkpoints, entries = self.log.published()
        draw = self.manifest.draw.as_object()
        record = DrawRecord(
            policy=self.toy.policy.as_object(),
            manifest=self.manifest.as_object(),
            handle_salt=self.salt,
            draws_before=[manifest.as_object() for manifest in before],
            tips=[
                (c.party, shares.sign_tip(draw, c.party, c.tip, signing(c.party)))
                for c in self.manifest.chains
            ],
            checkpoints=checkpoints,
            entries=entries,
            hats=self.hats,
            results=self.results,
        )
        return Played(
            record, self.manifest, self.snapshot, self._members(pool), self.seating, self.log
        )

    def _members(self, pool: list[Pseudonym]) -> list[FinalMember]:
        index_of = {row.tag: at for at, row in enumerate(pool)}
        found = []
        for slot, position in self.seating.places:
            sealed = self.hats[slot][position]
            person = self.person_of[sealed.tag]
            number = int(person.expert_id[1:])
            pooled = masked([person], self.epoch)[0]
            found.append(
                FinalMember(
                    slot,
                    position,
                    sealed,
                    identity(number),
                    qualification(number),
                    index_of[pooled.tag],
                    pooled,
                )
            )
        return found
