"""What is due next for each draw, and doing it. A timer calls `tick`; no person clicks
"draw" (R-TIME-4).

The acts stand in one table, asked from the top: the first that applies is done, or says
until when there is nothing to do. Each is one transaction behind the state it looked at;
killed anywhere, the next tick finds the same act due and nothing runs twice.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from draw_engine import store
from draw_engine.core.draw_state import KEPT_LEFT, VAULT, Draw
from draw_engine.core.entries import decline_entry, result_entry, reveal_entry, unseal_entry
from draw_engine.core.errors import HatExhausted, NoFeasibleCommittee
from draw_engine.core.holder_checks import Claim
from draw_engine.core.lateness import CLOCK_JUMP, Reading, alarms_due, jumped
from draw_engine.freezing import Freezing
from draw_engine.record import Record, StepTaken
from draw_engine.vault import Vault
from draw_engine.vault_seats import Asked, Vacancy
from foundation.clock import seconds
from foundation.errors import ServiceError
from foundation.ledger.entry import StreamMoved
from foundation.notify.outbox import Channel
from foundation.rulebook.overlay import Overlay

log = logging.getLogger(__name__)

LOOK_AGAIN: Final = timedelta(seconds=2)
AFTER_TROUBLE: Final = timedelta(seconds=5)
ALARMS: Final = "alarms"


@dataclass(frozen=True, slots=True)
class Done:
    """The act was done; look again at once."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`; None: until there is news."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose value is awaited, for which step, since when."""

    party: str
    j: int
    since: datetime


Outcome = Done | Wait | None
"""None: the act does not apply; ask the next one."""


class Timeline:
    """Moves draws along."""

    def __init__(
        self,
        record: Record,
        vault: Vault,
        freezing: Freezing,
        overlay: Overlay,
        channel: Channel,
    ) -> None:
        self._record = record
        self._vault = vault
        self._freezing = freezing
        self._overlay = overlay
        self._channel = channel
        self._awake_since = record.books.clock.now()
        self._read = self._reading()
        self._jumped_at = self._jump_on_record()
        self._acts: tuple[Callable[[Draw, datetime], Outcome], ...] = (
            self._alarm,
            self._open_aborted,
            self._carry,
            self._await_abort,
            self._lose_kept,
            self._lapse,
            self._freeze,
            self._miss_window,
            self._await_freeze,
            self._seat_accepted,
            self._reveal_own,
            self._await_reveal,
            self._result,
            self._invite,
            self._decline,
            self._unseal,
        )

    def tick(self, now: datetime) -> datetime | None:
        """Do everything that is due; answers when to look again."""
        if self.paused():
            return now + LOOK_AGAIN
        self._vault.seats.deliver(self._channel, self._vault.phone_of)
        with self._record.books.read() as book:
            draws = store.live_ids(book.db)
        wakes = [self.advance_quietly(draw_id, now) for draw_id in draws]
        return min((wake for wake in wakes if wake is not None), default=None)

    def advance(self, draw_id: str, now: datetime) -> datetime | None:
        """Do what is due for one draw; answers when to look again."""
        while True:
            draw = self._record.load(draw_id)
            outcome = next(
                (found for act in self._acts if (found := act(draw, now)) is not None), Wait()
            )
            if isinstance(outcome, Wait):
                waits = [outcome.until, *map(_after, alarms_due(draw).values())]
                return min((at for at in waits if at is not None), default=None)

    def paused(self) -> bool:
        """Whether the clock was set and no witness has cosigned since; an alarm is logged once."""
        before, self._read = self._read, self._reading()
        if jumped(before, self._read):
            with self._record.books.write() as book:
                alarm = self._vault.sign_alarm(b"", VAULT, CLOCK_JUMP)
                self._jumped_at = book.append_protocol(ALARMS, alarm).index
        if self._jumped_at is None:
            return False
        since = self._record.books.checkpoints(since=self._jumped_at)
        if any(checkpoint.cosigned for checkpoint in since):
            self._jumped_at = None
            # While timers rested nobody was there to hear a holder.
            self._awake_since = self._read.wall
        return self._jumped_at is not None

    def turn(self, draw: Draw) -> Turn | None:
        """Who may reveal now, once the checkpoint that opens the step is cosigned."""
        party = draw.next_revealer
        if party is None or draw.called is not None or draw.ended is not None:
            return None
        opened_by = draw.freeze_index if draw.step == 0 else draw.declines[-1].mark.index
        if opened_by is None:
            return None
        cosigned = self._record.cosigned(draw.policy, opened_by)
        if cosigned is None:
            return None
        begun = [datetime.fromtimestamp(cosigned.newest, UTC)]
        begun += [r.mark.at for (_, j), r in draw.reveals.items() if j == draw.step]
        if draw.step == 0:
            begun.append(draw.request.draw_at)
        return Turn(party, draw.step, max(begun))

    def call_abort(self, draw: Draw, reason: str, party: str = "") -> None:
        """Ask for the supervisor's signature; from here on nothing else is accepted."""
        with self._record.write(draw, "abort") as pen:
            pen.fact("draw.abort_called", {"reason": reason, "party": party})

    def claim_of(self, draw: Draw, j: int) -> Claim | None:
        """All that a holder must see before it lets y_j go; None while proofs are missing."""
        if draw.logged is None or draw.manifest is None or draw.freeze_index is None:
            return None
        if self._record.cosigned(draw.policy, draw.freeze_index) is None:
            return None
        freeze = self._record.logged(draw, draw.logged.index)
        decline = previous = None
        if j > 0:
            decline = self._record.logged(draw, draw.declines[j - 1].mark.index)
            previous = self._record.logged(draw, draw.results[j - 1].index)
            if decline is None or previous is None:
                return None
        if freeze is None:
            return None
        m = bytes.fromhex(draw.M)
        return Claim(draw.policy, draw.manifest, m, j, freeze, decline, previous)

    def advance_quietly(self, draw_id: str, now: datetime) -> datetime | None:
        """As `advance`; a draw in trouble is reported and looked at again later."""
        if self.paused():
            return now + LOOK_AGAIN
        try:
            return self.advance(draw_id, now)
        except (StreamMoved, StepTaken):
            return now
        except ServiceError as trouble:
            # One draw in trouble must not hold up the others.
            log.error("draw_not_advanced", extra={"draw": draw_id, "code": trouble.code})
            return now + AFTER_TROUBLE

    def _jump_on_record(self) -> int | None:
        """Index of the newest jump in the log: a process that starts anew must not forget it."""
        with self._record.books.read() as book:
            jumps = [
                one.index
                for one in book.entries(ALARMS)
                if one.protocol is not None and one.protocol["code"] == CLOCK_JUMP
            ]
        return jumps[-1] if jumps else None

    def _reading(self) -> Reading:
        clock = self._record.books.clock
        return Reading(clock.now(), clock.steady())

    def _alarm(self, draw: Draw, now: datetime) -> Outcome:
        late = [code for code, at in alarms_due(draw).items() if now > at]
        if not late:
            return None
        with self._record.write(draw, f"alarm/{late[0]}") as pen:
            pen.protocol(self._vault.sign_alarm(bytes.fromhex(draw.M), VAULT, late[0]))
        return Done()

    def _open_aborted(self, draw: Draw, now: datetime) -> Outcome:
        if draw.ended is None:
            return None
        if not draw.M or draw.unsealed is not None:
            return Wait()
        if draw.set_aside is None and now < draw.request.starts_at:
            # Until then a redraw may keep its members, so their answers still count.
            if (news := self._after_end(draw, now)) is not None:
                return news
        else:
            self._vault.seats.release(draw.id)
        if now < draw.request.unseal_after:
            known = (self._vault.seats.next_reply_by(draw.id), draw.request.starts_at)
            waits = [_after(at) for at in known if at is not None and at >= now]
            return Wait(min([*waits, draw.request.unseal_after]))
        with self._record.write(draw, "unseal") as pen:
            pen.protocol(unseal_entry(bytes.fromhex(draw.M)))
        return Done()

    def _after_end(self, draw: Draw, now: datetime) -> Outcome:
        """Who comes and who has left since an abort; no step fills a seat any more."""
        if (accepted := self._seat_accepted(draw, now)) is not None:
            return accepted
        self._vault.seats.overdue(draw.id)
        if not (vacant := self._vacancies(draw)):
            return None
        with self._record.write(draw) as pen:
            for one in vacant:
                pen.fact("draw.seat_vacated", _left(one, draw.step))
        return Done()

    def _carry(self, draw: Draw, now: datetime) -> Outcome:
        """Kept members sit in this draw from its freeze on, or from its end before that."""
        if not draw.kept or draw.kept[0].seat in draw.seats or draw.logged is None:
            return None
        if draw.freeze_index is None and draw.called is None:
            return None  # both admissions stand directly behind the manifest
        places = {one.was: one.seat for one in draw.kept}
        self._vault.seats.carry(draw.kept[0].before, draw.id, places)
        with self._record.write(draw, "carry") as pen:
            for one in draw.kept:
                pen.fact("draw.kept", {"seat": one.seat, "seq": one.seq})
        return Done()

    def _lose_kept(self, draw: Draw, now: datetime) -> Outcome:
        """A kept seat is none of the manifest's, so no step fills it: the draw is ended, and the
        next one draws that seat too."""
        if not draw.kept or (draw.step in draw.results and draw.step not in draw.invited):
            return None
        kept = {one.seat for one in draw.kept} & draw.seats.keys()
        lost = [one for one in self._vacancies(draw) if one.seat in kept]
        if not lost:
            return None
        with self._record.write(draw, "abort") as pen:
            for one in lost:
                pen.fact("draw.seat_vacated", _left(one, draw.step))
            called = {"reason": "withdrawn", "party": "", "why": KEPT_LEFT}
            pen.fact("draw.abort_called", called)
        return Done()

    def _vacancies(self, draw: Draw) -> list[Vacancy]:
        """Seats whose member has left, as far as the log does not say so yet."""
        return [
            one
            for one in self._vault.seats.vacancies(draw.id)
            if one.seat in draw.seats and draw.seats[one.seat].state != "vacant"
        ]

    def _await_abort(self, draw: Draw, now: datetime) -> Outcome:
        return Wait() if draw.called is not None else None

    def _lapse(self, draw: Draw, now: datetime) -> Outcome:
        if draw.logged is not None or now <= draw.request.latest_draw_at:
            return None
        with self._record.write(draw, "abort") as pen:
            pen.fact("draw.lapsed", {"reason": "missed_window", "party": ""})
        return Done()

    def _freeze(self, draw: Draw, now: datetime) -> Outcome:
        if draw.logged is not None:
            return None
        latest = draw.request.latest_draw_at
        freeze_at = draw.request.draw_at - timedelta(seconds=self._overlay.freeze_lead_seconds)
        if any(party not in draw.tips for party in draw.parties):
            return Wait(_after(latest))
        if now < freeze_at:
            return Wait(freeze_at)
        if self._freezing.freeze(draw, now):
            return Done()
        return Wait(min(_after(latest), now + timedelta(minutes=1)))

    def _miss_window(self, draw: Draw, now: datetime) -> Outcome:
        if draw.reveals or now <= draw.request.latest_draw_at:
            return None
        self.call_abort(draw, "missed_window")
        return Done()

    def _await_freeze(self, draw: Draw, now: datetime) -> Outcome:
        if draw.reveals:
            return None
        frozen = draw.freeze_index
        if frozen is None or self._record.cosigned(draw.policy, frozen) is None:
            return Wait(_after(draw.request.latest_draw_at))
        return None

    def _reveal_own(self, draw: Draw, now: datetime) -> Outcome:
        """In an unsealed draw the vault takes its turn like any holder, with a holder's checks."""
        turn = self.turn(draw) if draw.next_revealer == VAULT else None
        if turn is None:
            return None
        if now < turn.since:
            return Wait(turn.since)
        claim = self.claim_of(draw, turn.j)
        if claim is None:
            return Wait(now + LOOK_AGAIN)
        y = self._vault.release(draw.id, claim)
        with self._record.write(draw, f"reveal/{turn.j}/{VAULT}") as pen:
            pen.protocol(reveal_entry(bytes.fromhex(draw.M), VAULT, turn.j, y))
        return Done()

    def _await_reveal(self, draw: Draw, now: datetime) -> Outcome:
        if draw.next_revealer is None:
            return None
        turn = self.turn(draw)
        if turn is None:
            return Wait()
        # A holder is silent only while somebody was there to hear it.
        heard_since = max(turn.since, self._awake_since)
        ends = heard_since + timedelta(seconds=draw.policy["times"]["t_rev"])
        if now > ends:
            self.call_abort(draw, "holder_silent", turn.party)
            return Done()
        return Wait(_after(min(ends, draw.request.latest_draw_at) if not draw.reveals else ends))

    def _result(self, draw: Draw, now: datetime) -> Outcome:
        step = draw.step
        if step in draw.results:
            return None
        claim = self.claim_of(draw, step)
        if claim is None:
            return Wait(now + LOOK_AGAIN)
        reveals = {key: bytes.fromhex(one.y) for key, one in draw.reveals.items()}
        try:
            if step == 0:
                digest = self._vault.run(draw.id, claim, reveals)
            else:
                declined = [one.seat for one in draw.declines]
                digest = self._vault.take_step(draw.id, claim, declined, reveals)
        except NoFeasibleCommittee:
            self.call_abort(draw, "no_feasible")
            return Done()
        except HatExhausted:
            self.call_abort(draw, "hat_exhausted")
            return Done()
        with self._record.write(draw, f"result/{step}") as pen:
            pen.protocol(result_entry(bytes.fromhex(draw.M), step, digest))
        return Done()

    def _invite(self, draw: Draw, now: datetime) -> Outcome:
        step = draw.step
        if step in draw.invited:
            return None
        if self._record.cosigned(draw.policy, draw.results[step].index) is None:
            return Wait()
        request = draw.request
        lasts = timedelta(seconds=self._overlay.evaluation_seconds)
        asked = Asked(request.starts_at, request.place, request.contact, lasts)
        reply = timedelta(seconds=self._overlay.reply_seconds)
        seats = self._vault.invite(draw.id, step, asked, reply)
        with self._record.write(draw, f"invite/{step}") as pen:
            for seat in seats:
                pen.fact("draw.invited", {"seat": seat, "step": step})
        self._vault.seats.deliver(self._channel, self._vault.phone_of)
        return Done()

    def _seat_accepted(self, draw: Draw, now: datetime) -> Outcome:
        news = [
            (seat, step)
            for seat, step in self._vault.seats.accepted(draw.id).items()
            if seat in draw.seats
            and draw.seats[seat].step == step
            and draw.seats[seat].state == "invited"
        ]
        if not news:
            return None
        with self._record.write(draw) as pen:
            for seat, step in news:
                pen.fact("draw.seat_accepted", {"seat": seat, "step": step})
        return Done()

    def _decline(self, draw: Draw, now: datetime) -> Outcome:
        self._vault.seats.overdue(draw.id)
        vacancies = self._vacancies(draw)
        if not vacancies:
            return None
        step = draw.step + 1
        if step > draw.max_steps:
            self.call_abort(draw, "steps_exhausted")
            return Done()
        # One seat a step, by ascending seat; the next one waits for this one's result.
        first = vacancies[0]
        entry = decline_entry(bytes.fromhex(draw.M), first.seat, step, first.cause, first.digest)
        with self._record.write(draw, f"decline/{step}") as pen:
            pen.protocol(entry)
            pen.fact("draw.seat_vacated", _left(first, step))
        return Done()

    def _unseal(self, draw: Draw, now: datetime) -> Outcome:
        reply_by = self._vault.seats.next_reply_by(draw.id)
        unseal_after = draw.request.unseal_after
        if now < unseal_after or draw.holds:
            waits = [reply_by, unseal_after if now < unseal_after else None]
            return Wait(min((_after(one) for one in waits if one is not None), default=None))
        called = draw.unseal_called
        cosigned = None if called is None else self._record.cosigned(draw.policy, called.index)
        if called is None or (cosigned is not None and cosigned.oldest < seconds(unseal_after)):
            # A witness's clock may be behind ours: its own time decides (order.beacon).
            if called is not None and now < called.at + LOOK_AGAIN:
                return Wait(called.at + LOOK_AGAIN)
            with self._record.write(draw) as pen:
                pen.fact("draw.unseal_called", {})
            return Done()
        if cosigned is None:
            return Wait()
        self._open(draw)
        return Done()

    def _open(self, draw: Draw) -> None:
        # Before the entry: a draw that is open is not looked at again.
        self._vault.seats.release(draw.id)
        m = bytes.fromhex(draw.M)
        opened = self._vault.open(draw.id, draw.draw, draw.max_steps, draw.step)
        with self._record.write(draw, "unseal") as pen:
            for j, y in enumerate(opened.ys):
                if (VAULT, j) not in draw.reveals:
                    pen.protocol(reveal_entry(m, VAULT, j, y))
            pen.protocol(unseal_entry(m))


def _left(one: Vacancy, step: int) -> dict[str, object]:
    return {"seat": one.seat, "step": step, "class": one.cause}


def _after(at: datetime) -> datetime:
    """A moment after `at`: what may happen until `at` is over only then."""
    return at + timedelta(milliseconds=50)
