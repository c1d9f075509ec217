"""What each share holder is asked for, and taking what it gives.

Everything given is checked here too, but a holder does not rely on that: a duty carries
the proofs with which it makes its own checks.
"""

import hmac
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from draw_engine import store
from draw_engine.core.admission import ACCEPTED_MIN
from draw_engine.core.draw_state import SUPERVISOR, VAULT, Draw
from draw_engine.core.entries import entry_signed, reveal_entry
from draw_engine.core.hat_rows import packed
from draw_engine.core.policy import Policy
from draw_engine.core.shares import earlier, signed, tip_signed
from draw_engine.parties import HolderUnknown, Registered
from draw_engine.refusals import ShareRefused
from draw_engine.service import DrawService
from foundation.ledger.signer import Checkpoint, Witness

SIGN_IN: Final = b"BDP1-service/sign-in\0"
CHALLENGE_SECONDS: Final = 60
MAX_CHALLENGES: Final = 1000
ROWS_A_PIECE: Final = 4096


class Challenges:
    """One-use challenges for signing in by key; they live a minute and only in memory."""

    def __init__(self) -> None:
        self._open: dict[bytes, tuple[bytes, datetime]] = {}
        self._lock = threading.Lock()

    def issue(self, key: bytes, now: datetime) -> bytes:
        """A fresh challenge of 32 bytes for a key."""
        challenge = secrets.token_bytes(32)
        with self._lock:
            for old in [c for c, (_, ends) in self._open.items() if ends < now]:
                del self._open[old]
            while len(self._open) >= MAX_CHALLENGES:
                del self._open[next(iter(self._open))]
            self._open[challenge] = (key, now + timedelta(seconds=CHALLENGE_SECONDS))
        return challenge

    def redeem(self, key: bytes, challenge: bytes, signature: bytes, now: datetime) -> None:
        """Use up a challenge.

        Raises:
            ShareRefused: unknown, late, of another key, or not signed by it.
        """
        with self._lock:
            wanted, ends = self._open.pop(challenge, (b"", now))
        right = hmac.compare_digest(wanted, key) and now <= ends
        if not right or not signed(key, signature, SIGN_IN + challenge):
            raise ShareRefused(why="sign_in")


class HolderDuties:
    """The service's side of the holders' work."""

    def __init__(self, draws: DrawService) -> None:
        self._draws = draws
        self._record = draws.record
        self._books = draws.record.books
        self.challenges = Challenges()

    def challenge(self, key: bytes) -> bytes:
        """A challenge for whoever claims a registered key; HolderUnknown for others."""
        self._draws.parties.by_key(key)
        return self.challenges.issue(key, self._books.clock.now())

    def sign_in(self, key: bytes, challenge: bytes, signature: bytes) -> Registered:
        """The holder who signed the challenge; ShareRefused or HolderUnknown."""
        holder = self._draws.parties.by_key(key)
        self.challenges.redeem(key, challenge, signature, self._books.clock.now())
        return holder

    def duties(self, party: str, witnessed: int | None = None) -> dict[str, Any]:
        """Everything that is asked of a party now, with the proofs.

        Args:
            witnessed: size of the last checkpoint the party has cosigned.

        Returns:
            What is asked, by kind; `aborts` besides for the supervisor. The hats of an
            admission are fetched apart (`hat`): a duty is looked at every other second.
        """
        with self._books.read() as book:
            ids = store.live_ids(book.db)
        draws = [self._record.load(draw_id) for draw_id in ids]
        asked = [draw for draw in draws if party in draw.parties]
        watching = party == SUPERVISOR
        return {
            "now": _wire(self._books.clock.now()),
            "tips": [_tip_duty(d) for d in asked if _tip_wanted(d, party)],
            "admissions": [self._admission_duty(d) for d in asked if watching and _admits(d)],
            "reveals": [duty for d in asked if (duty := self._reveal_duty(d, party))],
            "aborts": [_abort_duty(d) for d in asked if watching and _aborts(d)],
            "checkpoint": self._checkpoint_duty(party, witnessed),
        }

    def hat(self, party: str, draw_id: str, slot: int) -> Iterator[bytes]:
        """The rows of one hat for the admission test, in pieces (`core.hat_rows`).

        Raises:
            ShareRefused: not the supervisor, no admission is asked, or no such slot.
        """
        draw = self._record.load(draw_id)
        if party != SUPERVISOR or not _admits(draw):
            raise ShareRefused(why="not_asked")
        hats = self._draws.vault.frozen(draw.id).hats
        if slot >= len(hats):
            raise ShareRefused(why="not_asked")
        hat = hats[slot]
        pieces = range(0, len(hat), ROWS_A_PIECE)
        return (b"".join(packed(hat[at : at + ROWS_A_PIECE])) for at in pieces)

    def give_tip(self, party: str, draw_id: str, tip: bytes, signature: bytes) -> None:
        """Take a holder's signed tip; the same tip again changes nothing.

        Raises:
            ShareRefused: not this party's draw, too late, another tip, or a bad signature.
        """
        draw = self._record.load(draw_id)
        holder = _holder(draw, party)
        if party in draw.tips:
            if draw.tips[party].tip != tip.hex():
                raise ShareRefused(why="other_tip")
            return
        if draw.logged is not None or draw.ended is not None or party == VAULT:
            raise ShareRefused(why="too_late")
        if not tip_signed(draw.draw, party, tip, signature, holder):
            raise ShareRefused(why="signature")
        if any(one.tip == tip.hex() for one in draw.tips.values()):
            raise ShareRefused(why="other_party")
        with self._record.write(draw) as pen:
            body = {"party": party, "tip": tip.hex(), "sig": signature.hex()}
            pen.fact("draw.tip_given", body)

    def give_admission(
        self, party: str, draw_id: str, m: bytes, accepted: int, signature: bytes
    ) -> None:
        """Take the supervisor's repeated admission test.

        Raises:
            ShareRefused: not the supervisor, another M or count, or a bad signature.
        """
        draw = self._record.load(draw_id)
        if SUPERVISOR in draw.admissions and m.hex() == draw.M:
            return
        if party != SUPERVISOR or m.hex() != draw.M or not _admits(draw):
            raise ShareRefused(why="not_asked")
        if accepted != draw.accepted or accepted < ACCEPTED_MIN:
            raise ShareRefused(why="accepted")
        entry = {
            "type": "admission",
            "M": draw.M,
            "accepted": accepted,
            "party": party,
            "sig": signature.hex(),
        }
        if not entry_signed(entry, _holder(draw, party)):
            raise ShareRefused(why="signature")
        with self._record.write(draw, "admission") as pen:
            pen.protocol(entry)

    def reveal(self, party: str, draw_id: str, j: int, y: bytes) -> None:
        """Take y_j when it is the party's turn; the first valid one counts.

        Raises:
            ShareRefused: not its turn, or a value that does not hash to the one before.
        """
        draw = self._record.load(draw_id)
        if (party, j) in draw.reveals:
            if draw.value(party, j) != y:
                raise ShareRefused(why="other_value")
            return
        turn = self._draws.timeline.turn(draw)
        if turn is None or (turn.party, turn.j) != (party, j):
            raise ShareRefused(why="not_your_turn")
        if self._books.clock.now() < turn.since:
            raise ShareRefused(why="too_early")
        before = draw.value(party, j - 1) if j else bytes.fromhex(draw.tips[party].tip)
        if earlier(y) != before:
            raise ShareRefused(why="wrong_value")
        with self._record.write(draw, f"reveal/{j}/{party}") as pen:
            pen.protocol(reveal_entry(bytes.fromhex(draw.M), party, j, y))

    def cosign(self, party: str, size: int, line: str) -> Checkpoint:
        """Store a witness's line under a checkpoint; HolderUnknown if the party is none."""
        holder = self._draws.parties.get(party)
        if not holder.witness:
            raise HolderUnknown(party=party)
        return self._books.cosign(size, line, Witness(holder.witness, holder.key))

    def abort(self, party: str, draw_id: str, reason: str, fault: str, signature: bytes) -> None:
        """Take the supervisor's signature under an abort that was called.

        Raises:
            ShareRefused: nothing was called, another reason or party, or a bad signature.
        """
        draw = self._record.load(draw_id)
        if draw.ended is not None:
            return
        called = draw.called
        if (
            party != SUPERVISOR
            or called is None
            or (reason, fault) != (called.reason, called.party)
        ):
            raise ShareRefused(why="not_asked")
        entry = {
            "type": "abort",
            "M": draw.M,
            "reason": reason,
            "party": fault,
            "sig": signature.hex(),
        }
        if not entry_signed(entry, _holder(draw, party)):
            raise ShareRefused(why="signature")
        with self._record.write(draw, "aborted") as pen:
            pen.protocol(entry)

    @staticmethod
    def _admission_duty(draw: Draw) -> dict[str, Any]:
        return {
            "draw_id": draw.id,
            "M": draw.M,
            "policy": draw.policy,
            "manifest": draw.manifest,
            "accepted": draw.accepted,
        }

    def _reveal_duty(self, draw: Draw, party: str) -> dict[str, Any] | None:
        if party not in draw.revealers or draw.called is not None or draw.ended is not None:
            return None
        j = draw.step
        turn = self._draws.timeline.turn(draw)
        if (party, j) in draw.reveals or turn is None:
            return None
        claim = self._draws.timeline.claim_of(draw, j)
        if claim is None:
            return None
        now = self._books.clock.now()
        return {
            "draw_id": draw.id,
            "j": j,
            "M": draw.M,
            "policy": draw.policy,
            "manifest": draw.manifest,
            "tip": draw.tips[party].tip,
            "turn": turn.party == party and now >= turn.since,
            "sealed_until": _wire(turn.since),
            "freeze": claim.freeze.to_wire(),
            "decline": claim.decline.to_wire() if claim.decline else None,
            "previous_result": claim.previous_result.to_wire() if claim.previous_result else None,
        }

    def _checkpoint_duty(self, party: str, witnessed: int | None) -> dict[str, Any] | None:
        holder = self._draws.parties.all().get(party)
        if holder is None or not holder.witness or self._books.size() == 0:
            return None
        newest = self._books.checkpoint()
        if holder.witness in newest.cosigned:
            return None
        old = witnessed if witnessed and witnessed <= newest.size else 0
        proof: Sequence[bytes] = self._books.consistency(old, newest.size)
        return {
            "size": newest.size,
            "note": newest.note,
            "consistency": [node.hex() for node in proof],
            "from": old,
        }


def _wire(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _holder(draw: Draw, party: str) -> bytes:
    holder = Policy.read(draw.policy).holder(party)
    if holder is None:
        raise ShareRefused(why="not_your_draw")
    return holder.key


def _tip_wanted(draw: Draw, party: str) -> bool:
    return party not in draw.tips and draw.logged is None and draw.ended is None


def _admits(draw: Draw) -> bool:
    waiting = draw.logged is not None and SUPERVISOR not in draw.admissions
    return waiting and draw.called is None and draw.ended is None


def _aborts(draw: Draw) -> bool:
    return draw.called is not None and draw.ended is None


def _tip_duty(draw: Draw) -> Mapping[str, Any]:
    return {"draw_id": draw.id, "draw": dict(draw.draw), "length": draw.max_steps}


def _abort_duty(draw: Draw) -> Mapping[str, Any]:
    called = draw.called
    return {
        "draw_id": draw.id,
        "M": draw.M,
        "reason": called.reason if called else "",
        "party": called.party if called else "",
    }
