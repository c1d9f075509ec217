"""The vault: the only holder of pseudonym keys, names and telephone numbers, in its own
database file under its own keys. It freezes, draws, notifies, takes answers and unseals.

It is one of the share holders too: it computes a draw only after the same checks that
every holder makes, and it keeps its chain values to itself until unsealing. Everything
may be asked twice; the second answer is the first.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import col, select

from draw_engine.core.chain_end import chain_end
from draw_engine.core.columns import ExpertFacts
from draw_engine.core.draw_state import VAULT
from draw_engine.core.entries import (
    admission_entry,
    alarm_entry,
    result_body,
    result_digest,
    step_body,
)
from draw_engine.core.exclusions import Reason
from draw_engine.core.holder_checks import Claim, Expected, ReleaseRefused, check_release
from draw_engine.core.manifest import Manifest, Where, handle, handle_salt
from draw_engine.core.selection import Seating, committee, slot_of
from draw_engine.core.shares import (
    InputKind,
    InputValue,
    chain,
    check_link,
    extended,
    material,
    primary_key,
    sign_tip,
    step_key,
    tip_of,
)
from draw_engine.persons import Person, Persons, UnknownPerson
from draw_engine.vault_freeze import FreezeOrder, Freezer, Frozen
from draw_engine.vault_openings import SupervisorTable, identities, own_opening
from draw_engine.vault_seats import Asked, Place, Seats
from draw_engine.vault_snapshots import Box, NoSnapshot, Snapshots, Taken
from draw_engine.vault_store import ReleaseRow, ResultRow
from foundation.clock import Clock
from foundation.db import Database
from foundation.digest import canon
from foundation.ids import ExpertId
from foundation.keys import KeyRing

SALT_BYTES: Final = 16

Reveals = Mapping[tuple[str, int], bytes]
"""Chain values in the log, by party and step; 32 bytes each."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What unsealing shows of the results: never a name. `results` are salt and body."""

    results: list[tuple[bytes, dict[str, Any]]]
    ys: list[bytes]


class Vault:
    """In the process of the service at first, behind this interface.

    Args:
        database: the vault's own file.
        keys: the vault's own folder of keys.
    """

    def __init__(self, database: Database, keys: KeyRing, persons: Persons, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._persons = persons
        self._clock = clock
        self._key: Ed25519PrivateKey = keys.signing("holder")
        self._box = Box(keys.secret("blobs"))
        self.snapshots = Snapshots(database, keys, self._box)
        self.seats = Seats(database, keys.fields("invitations"), self._key, clock)
        self._freezer = Freezer(database, self.snapshots, self._box)

    @cached_property
    def public_key(self) -> bytes:
        """Ed25519 key of the party `vault` in the policy; 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    @cached_property
    def authority_key(self) -> bytes:
        """Ed25519 key under which the registry's snapshots are signed; 32 bytes."""
        return self._keys.signing("authority").public_key().public_bytes_raw()

    def snapshot(self, batches: Iterable[Sequence[ExpertFacts]]) -> Taken:
        """Mask the pool as it is now and keep it for later draws.

        Args:
            batches: every expert by ascending id, some thousand at a time.

        Raises:
            UnknownPerson: somebody in the pool has no name here.
        """
        named = ((facts, self._identities(facts)) for facts in batches)
        authority = self._keys.signing("authority")
        return self.snapshots.take(named, self._clock.now(), authority)

    def _identities(self, facts: Sequence[ExpertFacts]) -> dict[str, dict[str, object]]:
        people = self._persons.between(facts[0].expert_id, facts[-1].expert_id)
        found = {str(one.expert_id): one.identity() for one in people}
        if any(one.expert_id not in found for one in facts):
            raise UnknownPerson
        return found

    def tip(self, draw_id: str, draw: Mapping[str, Any], length: int) -> tuple[bytes, bytes]:
        """The vault's own tip (32 bytes) and signature (64) for a draw of `length` steps."""
        tip = tip_of(self._chain(draw_id, draw, length))
        return tip, sign_tip(draw, VAULT, tip, self._key)

    def freeze(self, order: FreezeOrder) -> Frozen:
        """Hats and exclusions of a draw; whoever sits elsewhere is taken out here.

        Raises:
            KeepChanged: who keeps a seat is not who kept one when the redraw was filed.
        """
        busy = self.seats.busy(order.starts_at, order.lasts, order.cooldown, order.before)
        kept = self.seats.keeping(order.before[-1], order.kept) if order.kept else []
        own = dict.fromkeys(busy, int(Reason.COOLED_DOWN))
        for id_ in self.seats.drawn_in(order.before) if order.before else ():
            own.setdefault(id_, int(Reason.KEPT_OR_DRAWN))
        salt = handle_salt(
            self._keys.secret("handles"), order.draw["project"], order.draw["section"]
        )
        return self._freezer.freeze(order, own, kept, salt)

    def frozen(self, draw_id: str) -> Frozen:
        """What was frozen for a draw.

        Raises:
            NoSnapshot: nothing was.
        """
        if (found := self._freezer.find(draw_id)) is None:
            raise NoSnapshot(draw=draw_id)
        return found

    def table(self, draw_id: str, epoch: int, draw: Mapping[str, Any]) -> SupervisorTable:
        """What the supervisor rebuilds a frozen draw from.

        Raises:
            NoSnapshot: it is not frozen.
        """
        return SupervisorTable(self.snapshots, self.frozen(draw_id), epoch, draw)

    def identities(self, draw_id: str, m: bytes) -> Mapping[str, Any]:
        """IDENTITIES.json of who holds a seat after the newest step.

        Args:
            m: hash of the draw's manifest, 32 bytes.
        """
        return identities(self.snapshots, self.frozen(draw_id), self.final_places(draw_id), m)

    def own_opening(
        self, draw_id: str, wheres: Sequence[Where], expert_id: ExpertId
    ) -> dict[str, Any] | None:
        """What one expert may see of a draw that is over, and of no other expert; see
        `vault_openings.own_opening`. Adds what is recorded against the own name in it.

        Raises:
            NoSnapshot: it was not frozen here.
        """
        found = own_opening(self.snapshots, self.frozen(draw_id), wheres, expert_id)
        if found is not None:
            found["declines"] = self.seats.own_declines(expert_id, draw_id)
        return found

    def handle_of(self, frozen: Frozen) -> bytes:
        """The handle of a frozen draw's section; 32 bytes."""
        draw = frozen.draw
        return handle(frozen.handle_salt, draw["project"], draw["section"])

    def sign_admission(self, m: bytes, accepted: int) -> dict[str, Any]:
        """The operator's admission entry."""
        return admission_entry(m, accepted, VAULT, self._key)

    def sign_alarm(self, m: bytes, party: str, code: str) -> dict[str, Any]:
        """An alarm entry: a check named `code` fails."""
        return alarm_entry(m, party, code, self._key)

    def release(self, draw_id: str, claim: Claim) -> bytes:
        """The vault's own y_j of an unsealed draw; once, for one manifest, as any holder does.

        Raises:
            ReleaseRefused: a holder's check fails, the manifest is sealed, or the value was let
                go for another one.
        """
        manifest = self._checked(draw_id, claim)
        if manifest.seal_party == VAULT:
            raise ReleaseRefused("release.sealed")
        with self._database.write() as db:
            known = db.get(ReleaseRow, (draw_id, claim.j))
            if known is None:
                db.add(ReleaseRow(draw_id=draw_id, step=claim.j, M=claim.m))
            elif claim.m != known.M:
                raise ReleaseRefused("release.other_manifest")
        # After this line a crash is safe: asked again for this manifest, the value is the same.
        return self._chain(draw_id, manifest.draw.as_object(), manifest.max_steps)[claim.j]

    def run(self, draw_id: str, claim: Claim, reveals: Reveals) -> bytes:
        """Compute the primary draw and commit to it; returns the digest (32 bytes).

        Raises:
            ReleaseRefused: a holder's check fails; nothing is computed.
            WrongShare: a revealed value does not belong to its tip.
            NoFeasibleCommittee: the draw has no result.
        """
        if (known := self._result(draw_id, 0)) is not None:
            return known.digest
        manifest = self._checked(draw_id, claim)
        seating, attempt = self._first(draw_id, manifest, reveals)
        rows: list[list[int]] = [[] for _ in manifest.slots]
        for slot, position in seating.places:
            rows[slot].append(position)
        positions = tuple(tuple(row) for row in rows)
        return self._commit(draw_id, 0, result_body(manifest.m, attempt, positions))

    def take_step(
        self, draw_id: str, claim: Claim, declined: Sequence[int], reveals: Reveals
    ) -> bytes:
        """Fill the seat of the newest decline; returns the digest of the step's result.

        Args:
            declined: the seats of declines 1, 2, …, the newest last.

        Raises:
            HatExhausted: nobody fits. Others as `run`.
        """
        step = len(declined)
        if (known := self._result(draw_id, step)) is not None:
            return known.digest
        manifest = self._checked(draw_id, claim)
        seating, _ = self._first(draw_id, manifest, reveals)
        found = self._replay(draw_id, manifest, seating, declined, reveals)
        return self._commit(draw_id, step, step_body(manifest.m, step, declined[-1], found))

    def invite(self, draw_id: str, step: int, asked: Asked, reply: timedelta) -> list[int]:
        """Invite who was drawn in a step; returns the seats, ascending."""
        frozen = self.frozen(draw_id)
        _, body = self._opened(draw_id, step)
        if step == 0:
            flat = [(s, at) for s, row in enumerate(body["positions"]) for at in row]
            places = [(seat, slot, at) for seat, (slot, at) in enumerate(flat)]
        else:
            counts = [len(row) for row in self._opened(draw_id, 0)[1]["positions"]]
            places = [(body["seat"], slot_of(body["seat"], counts), body["position"])]
        self.seats.invite(
            draw_id,
            [Place(seat, step, slot, at, frozen.expert_at(slot, at)) for seat, slot, at in places],
            asked,
            reply,
        )
        return [seat for seat, _, _ in places]

    def seat_of(self, draw_id: str, expert_id: ExpertId) -> int | None:
        """The seat that an expert holds in a draw now, or None."""
        members = self.seats.members(draw_id)
        return next((seat for seat, who in members.items() if who == expert_id), None)

    def names(self, draw_id: str) -> dict[int, Person]:
        """Seat -> person, of the members who hold a seat now."""
        members = self.seats.members(draw_id)
        people = self._persons.get_many([ExpertId(who) for who in members.values()])
        return {seat: people[ExpertId(who)] for seat, who in members.items()}

    def demo_expert(self, n: int) -> ExpertId | None:
        """The n-th (from 0) generated expert who holds an invitation now; for demonstrations."""
        invited = [ExpertId(one) for one in self.seats.invited_now()]
        people = self._persons.get_many(invited)
        generated = [one for one in invited if people[one].generated]
        return generated[n] if 0 <= n < len(generated) else None

    def mark(self, id_number: str) -> bytes:
        """By what one person's accounts are known as theirs, 32 bytes (R-SOD-1)."""
        return self._persons.mark(id_number)

    def mark_of(self, expert_id: ExpertId) -> bytes | None:
        """The same mark of an expert; None for one who is unknown here, or erased."""
        try:
            return self.mark(self._persons.get(expert_id).id_number)
        except UnknownPerson:
            return None

    def phone_of(self, expert_id: str) -> str:
        """Where a notice goes."""
        return self._persons.get(ExpertId(expert_id)).phone

    def open(self, draw_id: str, draw: Mapping[str, Any], length: int, step: int) -> Opened:
        """For unsealing: own y_0 … y_J and all results; J is the newest step."""
        ys = self._chain(draw_id, draw, length)[: step + 1]
        with self._database.read() as db:
            steps = db.exec(
                select(ResultRow.step)
                .where(ResultRow.draw_id == draw_id)
                .order_by(col(ResultRow.step))
            ).all()
        return Opened([self._opened(draw_id, one) for one in steps if one <= step], ys)

    def final_places(self, draw_id: str) -> list[tuple[int, int]]:
        """(slot, position) of every seat after the newest step."""
        with self._database.read() as db:
            steps = db.exec(select(ResultRow.step).where(ResultRow.draw_id == draw_id)).all()
        first = self._opened(draw_id, 0)[1]["positions"]
        places = [(slot, at) for slot, row in enumerate(first) for at in row]
        for step in sorted(steps)[1:]:
            _, body = self._opened(draw_id, step)
            places[body["seat"]] = (places[body["seat"]][0], body["position"])
        return places

    def drawn(self, draw_id: str) -> list[tuple[int, str]]:
        """Every seat and whom a result put there, as the sealed results tell, step after step."""
        with self._database.read() as db:
            steps = db.exec(select(ResultRow.step).where(ResultRow.draw_id == draw_id)).all()
        if not steps:
            return []
        frozen = self.frozen(draw_id)
        first = self._opened(draw_id, 0)[1]["positions"]
        slots = [slot for slot, row in enumerate(first) for _ in row]
        found = list(enumerate(at for row in first for at in row))
        for step in sorted(steps)[1:]:
            body = self._opened(draw_id, step)[1]
            found.append((body["seat"], body["position"]))
        return [(seat, frozen.expert_at(slots[seat], at)) for seat, at in found]

    def _chain(self, draw_id: str, draw: Mapping[str, Any], length: int) -> list[bytes]:
        return chain(chain_end(self._keys.secret("chains"), draw_id, draw), length)

    def _checked(self, draw_id: str, claim: Claim) -> Manifest:
        frozen = self.frozen(draw_id)
        manifest = Manifest.read(claim.manifest)
        tip, _ = self.tip(draw_id, frozen.draw, manifest.max_steps)
        check_release(claim, Expected(VAULT, tip, frozen.draw))
        return manifest

    def _first(self, draw_id: str, manifest: Manifest, reveals: Reveals) -> tuple[Seating, int]:
        frozen = self.frozen(draw_id)
        hats = frozen.selectable([slot.seats for slot in manifest.slots])
        key = primary_key(self._material(draw_id, manifest, reveals, 0), manifest.m)
        found = committee(key, hats, manifest.rules, frozen.keep)
        seating = Seating.first(hats, manifest.rules, found.positions, frozen.keep)
        return seating, found.attempt

    def _replay(
        self,
        draw_id: str,
        manifest: Manifest,
        seating: Seating,
        declined: Sequence[int],
        reveals: Reveals,
    ) -> int:
        position = -1
        for step, seat in enumerate(declined, 1):
            ikm = self._material(draw_id, manifest, reveals, step)
            key = step_key(ikm, manifest.m, seating.places[seat][0], step)
            position = seating.replace(seat, key).position
        return position

    def _material(self, draw_id: str, manifest: Manifest, reveals: Reveals, step: int) -> bytes:
        own = self._chain(draw_id, manifest.draw.as_object(), manifest.max_steps)
        before = {one.party: one.tip for one in manifest.chains}
        ikm = b""
        for j in range(step + 1):
            values = []
            for one in manifest.chains:
                y = own[j] if one.party == VAULT else reveals[one.party, j]
                check_link(y, before[one.party])
                before[one.party] = y
                values.append(y)
            if j == 0:
                ikm = material(InputValue(InputKind.CHAIN, y) for y in values)
            else:
                ikm = extended(ikm, values)
        return ikm

    def _commit(self, draw_id: str, step: int, body: Mapping[str, Any]) -> bytes:
        salt = secrets.token_bytes(SALT_BYTES)
        digest = result_digest(salt, body)
        sealed = self._box.seal(canon(body), f"result {draw_id} {step}")
        row = ResultRow(draw_id=draw_id, step=step, salt=salt, digest=digest, sealed=sealed)
        with self._database.write() as db:
            db.add(row)
        return digest

    def _result(self, draw_id: str, step: int) -> ResultRow | None:
        with self._database.read() as db:
            return db.get(ResultRow, (draw_id, step))

    def _opened(self, draw_id: str, step: int) -> tuple[bytes, dict[str, Any]]:
        row = self._result(draw_id, step)
        if row is None:
            raise NoSnapshot(draw=draw_id, step=step)
        body: dict[str, Any] = json.loads(self._box.open(row.sealed, f"result {draw_id} {step}"))
        return row.salt, body
