"""Use cases of a draw. Every method is one fact: load, decide, record, tell.

No method takes an expert as an input of a draw (R-PRIN-1), and none of those that an
applicant can reach gives a name, a telephone number or a count.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from draw_engine import store
from draw_engine.core.coarse import coarse
from draw_engine.core.composition import RuleOutcome, admissible, check_composition
from draw_engine.core.demands import COMMITTEE_REGIONS, UNSEALED, require_drawable
from draw_engine.core.draw_state import (
    OVER,
    SUPERVISOR,
    SUPERVISOR_SILENT,
    VAULT,
    Draw,
    Seat,
    Stage,
    fold,
)
from draw_engine.core.eligibility import Band, PoolTooSmall, bands
from draw_engine.core.forms import CLASSES
from draw_engine.core.policy import Policy
from draw_engine.core.redraw import Redraw, redraw_of, require_same
from draw_engine.core.region_rules import RegionRulesTooNarrow
from draw_engine.core.request import DrawRequest, check_form
from draw_engine.core.tally import Tally
from draw_engine.freezing import SnapshotKeeper
from draw_engine.parties import Parties
from draw_engine.persons import Person
from draw_engine.record import Pen, Record, project, stream_of
from draw_engine.refusals import (
    NamesNotYet,
    NothingToSetAside,
    NotYours,
    RepresentativeUnknown,
    RequestKeyTaken,
    SeatUnknown,
    SectionAlreadyDrawn,
    TooLate,
    UnitsTooFew,
    WindowWrong,
    refuse_failed,
)
from draw_engine.screening import Screening
from draw_engine.timeline import AFTER_TROUBLE, Timeline
from draw_engine.vault import Vault
from draw_engine.vault_seats import Invitation, Sign
from foundation.errors import ServiceError
from foundation.ids import DrawId, ExpertId, new_id
from foundation.ledger.book import Book, ReadBook
from foundation.rulebook.overlay import Overlay

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DrawCheck:
    """What an applicant may know of a request before filing it."""

    admissible: bool
    slots: list[tuple[Band, PoolTooSmall | None]]
    rules: list[RuleOutcome]


class DrawService:
    """Everything that rooms above and routes may do with draws."""

    def __init__(
        self,
        *,
        record: Record,
        vault: Vault,
        parties: Parties,
        screening: Screening,
        timeline: Timeline,
        overlay: Overlay,
        snapshots: SnapshotKeeper,
    ) -> None:
        self.record = record
        self.vault = vault
        self.parties = parties
        self.screening = screening
        self.timeline = timeline
        self.overlay = overlay
        self.snapshots = snapshots
        self._ticking = threading.Lock()
        self.evaluation_of: Callable[[str], str | None] = lambda _: None
        """Which evaluation uses a draw; the floor above says so (app/wiring)."""
        self.is_representative: Callable[[str], bool] = lambda _: True
        """Whether an account may sit for the procuring entity; said there as well."""

    def tick(self, now: datetime) -> datetime | None:
        """Do what is due for every draw; answers when to be woken next."""
        with self._ticking:
            return self.timeline.tick(now)

    def take_snapshot(self, now: datetime) -> datetime:
        """Take the day's snapshot if it is missing; a job of its own, which holds up no draw."""
        try:
            return self.snapshots.tick(now)
        except ServiceError as trouble:
            # Draws go on with the newest snapshot there is.
            log.error("snapshot_not_taken", extra={"code": trouble.code})
            return now + AFTER_TROUBLE

    def check(self, request: DrawRequest) -> DrawCheck:
        """What the rule book says of a request, as far as bands tell (R-NARROW-2).

        Raises:
            RequestUnreadable, RegionRulesClash, TimesOutOfOrder: the request makes no sense.
            NotSupported, RuleNotSupported, DemandNotStated, UnsealedNotAllowed: request or rule
                book demand what is not drawn here, or what the request does not say.
            RepresentativeUnknown: a named owner representative is none.
            AskedTooOften: this hour's checks are used up.
        """
        with self.record.books.read() as book:
            last = self._last(book, request)
        # Another applicant learns nothing of who is kept.
        mine = last if last is not None and last.request.filed_by == request.filed_by else None
        kept = _kept_by(redraw_of(mine) if mine else None)
        self._check_form(request, kept)
        self._tally(request, lambda one: one.checked(self._now))
        funnel = self.screening.funnel(request, self._now)
        banded = bands(funnel, request.slots, self.overlay)
        rules = check_composition(request, funnel, banded, self.overlay, kept)
        shown, told = coarse(request, funnel, banded, rules, self.overlay, kept=kept)
        return DrawCheck(admissible(told), shown, told)

    def _check_form(self, request: DrawRequest, kept: int) -> None:
        check_form(request, kept)
        stated = {COMMITTEE_REGIONS} if request.region_rules else set()
        require_drawable(
            self._demands(request), stated, unsealed_allowed=self.overlay.unsealed_allowed
        )
        self._check_representatives(request)

    def _demands(self, request: DrawRequest) -> list[str]:
        return [*request.demands, *self.overlay.demands]

    def _require_lawful(self, request: DrawRequest, kept: int) -> None:
        """Judge exactly; who is refused for a number is counted, since the refusal tells one."""
        self._check_form(request, kept)
        with self.record.books.read() as book:
            store.tally(book.db, request.filed_by).require_filing(self._now)
        funnel = self.screening.funnel(request, self._now)
        banded = bands(funnel, request.slots, self.overlay)
        try:
            for _, refusal in banded:
                if refusal is not None:
                    raise refusal
            refuse_failed(check_composition(request, funnel, banded, self.overlay, kept))
        except (PoolTooSmall, UnitsTooFew, RegionRulesTooNarrow):
            self._tally(request, lambda one: one.refused_once(self._now))
            raise

    def _tally(self, request: DrawRequest, counted: Callable[[Tally], Tally]) -> None:
        by, lot = request.filed_by, (request.project_code, request.section)
        with self.record.books.write() as book:
            for about in {lot, ("", "")}:
                store.keep_tally(book.db, by, about, counted(store.tally(book.db, by, about)))

    def _check_representatives(self, request: DrawRequest) -> None:
        named = request.owner_representatives
        if len(set(named)) < len(named) or not all(map(self.is_representative, named)):
            raise RepresentativeUnknown

    def file(self, request: DrawRequest) -> Draw:
        """File a request (抽取申请); a timer runs it. The same request key files it once.

        After an abort with seated members it draws the open seats; who is kept follows from the
        draw before.

        Raises:
            RequestKeyTaken, SectionAlreadyDrawn, MembersNotAnswered, RedrawDiffers, WindowWrong,
            HoldersMissing, PoolTooSmall, AskedTooOften and the refusals of the rule book.
        """
        if (known := self._by_key(request)) is not None:
            return known
        with self.record.books.read() as book:
            redraw = self._redraw(book, request)
        self._require_lawful(request, _kept_by(redraw))
        self._check_window(request)
        policy = self.parties.policy()
        draw_id = DrawId(new_id("drw", self._now))
        with self.record.books.write() as book:
            redraw = self._redraw(book, request)
            name = self._name(book, request)
            steps = self.overlay.max_steps(request.seats)
            tip, signature = self.vault.tip(draw_id, name, steps)
            body = {
                "draw_id": draw_id,
                "request": request.to_body(),
                "draw": name,
                "max_steps": steps,
                "seal": "" if UNSEALED in self._demands(request) else VAULT,
                "policy": policy.as_object(),
                "rulebook": {"version": self.overlay.version, "hash": self.overlay.hash},
            }
            if redraw is not None:
                body["kept"] = [one.to_body() for one in redraw.kept]
            entry = book.append(stream_of(draw_id), "draw.requested", body, after=0)
            pen = Pen(book, fold([entry]))
            pen.fact("draw.tip_given", {"party": VAULT, "tip": tip.hex(), "sig": signature.hex()})
            project(book, pen.draw)
        return pen.draw

    def withdraw(self, draw_id: str, by: str, reason: str) -> Draw:
        """Take a request back; after the freeze this needs the supervisor's signature.

        Raises:
            NotYours: filed by somebody else. TooLate: seats were drawn, or the draw is over.
        """
        draw = self.record.load(draw_id)
        if draw.request.filed_by != by:
            raise NotYours
        if draw.stage in OVER or draw.called is not None or draw.results:
            raise TooLate
        if draw.logged is None:
            with self.record.write(draw, "abort") as pen:
                pen.fact("draw.lapsed", {"reason": "withdrawn", "party": "", "why": reason})
        else:
            self.timeline.call_abort(draw, "withdrawn")
        return self.record.load(draw_id)

    def draw(self, draw_id: str) -> Draw:
        """The state of a draw; DrawUnknown if there is none."""
        return self.record.load(draw_id)

    def require_reader(self, draw_id: str, filed_by: str | None) -> None:
        """Refuse an applicant who asks for somebody else's draw; None may read all.

        Raises:
            DrawUnknown, NotYours.
        """
        draw = self.record.load(draw_id)
        if filed_by is not None and draw.request.filed_by != filed_by:
            raise NotYours

    def draws(self, filed_by: str | None = None) -> list[Draw]:
        """All draws, newest first; of one applicant where one is given."""
        with self.record.books.read() as book:
            ids = [row.id for row in store.all_rows(book.db, filed_by)]
        return [self.record.load(id_) for id_ in ids]

    def inbox(self, expert_id: ExpertId) -> list[tuple[Invitation, str | None]]:
        """An expert's invitations, and for each the evaluation it leads to."""
        found = self.vault.seats.inbox(expert_id)
        return [(one, self.evaluation_of(one.draw_id)) for one in found]

    def answer(
        self, expert_id: ExpertId, invitation_id: str, accept: bool, reason: str, sign: Sign
    ) -> None:
        """Take an expert's answer, signed by the account; a decline opens a step (R-REP-1)."""
        draw_id = self.vault.seats.answer(expert_id, invitation_id, accept, reason, sign)
        self._advance(draw_id)

    def dispute(self, expert_id: ExpertId, invitation_id: str, text: str) -> None:
        """Record that an expert disputes an entry in their own name; the words stay sealed."""
        self.vault.seats.dispute(expert_id, invitation_id, text)
        with self.record.books.write() as book:
            stream = f"record/{invitation_id}"
            if book.head(stream) == 0:
                book.append(stream, "record.disputed", {"record": invitation_id})

    # What the evaluation room above needs.

    def facts(self, draw_id: str) -> DrawRequest:
        """What was asked for: project, times, place, parties; no persons."""
        return self.record.load(draw_id).request

    def seats(self, draw_id: str) -> Mapping[int, Seat]:
        """Seat -> state and step; no persons."""
        return self.record.load(draw_id).seats

    def seat_numbers(self, draw_id: str) -> tuple[int, ...]:
        """Every seat of a draw's committee, ascending: the drawn ones, then the kept ones."""
        return self.record.load(draw_id).seat_numbers

    def redraw(self, draw_id: str, by: str) -> DrawRequest:
        """The request that draws the open seats of an ended draw, all else as it was filed.

        Raises:
            NotYours: filed by somebody else.
            SectionAlreadyDrawn: the draw goes on, keeps nobody, or was drawn again.
        """
        draw = self.record.load(draw_id)
        if draw.request.filed_by != by:
            raise NotYours
        if (left := self.left_by(draw)) is None:
            raise SectionAlreadyDrawn
        return replace(draw.request, slots=left.slots)

    def left_by(self, draw: Draw) -> Redraw | None:
        """What a redraw after this draw would keep; None where none may follow, or one has."""
        left = redraw_of(draw)
        return None if left is None or self._is_followed(draw) else left

    def seat_of(self, draw_id: str, expert_id: ExpertId) -> int | None:
        """The seat an expert has accepted in this draw, or None."""
        return self.vault.seat_of(draw_id, expert_id)

    def is_over(self, draw_id: str) -> bool:
        """Whether a draw has ended: unsealed, aborted or refused."""
        return self.record.load(draw_id).stage in OVER

    def hold(self, draw_id: str, by: str = "evaluation") -> None:
        """Keep a draw sealed while an evaluation `by` is open: its steps belong into the bundle.

        Raises:
            TooLate: the draw is over.
        """
        draw = self.record.load(draw_id)
        if by in draw.holds:
            return
        if draw.stage in OVER:
            raise TooLate
        with self.record.write(draw) as pen:
            pen.fact("draw.held", {"by": by})

    def release(self, draw_id: str, by: str = "evaluation") -> None:
        """The evaluation `by` has ended; the draw may be unsealed."""
        draw = self.record.load(draw_id)
        if by in draw.holds:
            with self.record.write(draw) as pen:
                pen.fact("draw.released", {"by": by})

    def vacate(self, draw_id: str, seat: int, cause: str, evidence: bytes) -> None:
        """Void a seat for a cause found on the day, e.g. absence; a step fills it (R-REP-1).

        Args:
            cause: one of the decline classes of the protocol.
            evidence: what shows it; only its salted hash is published.

        Raises:
            SeatUnknown: no such seat, nobody sits there, or no such class.
            TooLate: the draw is over.
        """
        draw = self.record.load(draw_id)
        if draw.stage in OVER:
            raise TooLate
        if cause not in CLASSES or seat not in draw.seats or draw.seats[seat].state == "vacant":
            raise SeatUnknown
        self.vault.seats.vacate(draw_id, seat, cause, evidence)
        self._advance(draw_id)

    def names(self, draw_id: str, by: str, reason: str) -> dict[int, Person]:
        """Seat -> person; an entry says who asked and why, before anything is shown.

        Raises:
            NamesNotYet: not every seat is taken.
        """
        draw = self.record.load(draw_id)
        if draw.stage not in {Stage.SEALED, Stage.UNSEALED}:
            raise NamesNotYet
        with self.record.write(draw) as pen:
            pen.fact("draw.names_opened", {"by": by, "reason": reason})
        return self.vault.names(draw_id)

    @property
    def _now(self) -> datetime:
        return self.record.books.clock.now()

    def _advance(self, draw_id: str) -> None:
        with self._ticking:
            self.timeline.advance_quietly(draw_id, self._now)

    def _by_key(self, request: DrawRequest) -> Draw | None:
        with self.record.books.read() as book:
            row = store.by_request_key(book.db, request.request_key)
        if row is None:
            return None
        if row.filed_by != request.filed_by:
            raise RequestKeyTaken
        return self.record.load(row.id)

    def _name(self, book: Book, request: DrawRequest) -> dict[str, Any]:
        """The manifest's `draw`: a redraw is the next of its section, never another one."""
        if store.by_request_key(book.db, request.request_key) is not None:
            raise RequestKeyTaken
        rows = store.of_section(book.db, request.project_code, request.section)
        logged = [row.M for row in rows if row.M]
        return {
            "project": request.project_code,
            "section": request.section,
            "seq": len(logged) + 1,
            "prev": logged[-1] if logged else "",
        }

    def _last(self, book: Book | ReadBook, request: DrawRequest) -> Draw | None:
        """The last draw of the request's section that has a manifest."""
        rows = store.of_section(book.db, request.project_code, request.section)
        logged = [row.id for row in rows if row.M]
        return fold(book.entries(stream_of(logged[-1]))) if logged else None

    def _redraw(self, book: Book | ReadBook, request: DrawRequest) -> Redraw | None:
        """What a redraw keeps of the last draw, whose end must be in the log."""
        rows = store.of_section(book.db, request.project_code, request.section)
        if any(row.stage not in {Stage.ABORTED, Stage.REFUSED} for row in rows):
            raise SectionAlreadyDrawn
        if (last := self._last(book, request)) is None:
            return None
        unsigned = last.ended is not None and last.ended.reason == SUPERVISOR_SILENT
        if unsigned and last.unsealed is None:
            # Without an abort only `unseal` ends it for a verifier (draw.sequence).
            raise SectionAlreadyDrawn
        if (left := redraw_of(last)) is not None:
            require_same(request, last.request, left)
        return left

    def _is_followed(self, draw: Draw) -> bool:
        """Whether a later draw of the section goes on, or has a manifest."""
        name = (draw.request.project_code, draw.request.section)
        with self.record.books.read() as book:
            rows = store.of_section(book.db, *name)
        later = rows[[row.id for row in rows].index(draw.id) + 1 :]
        return any(row.M or row.stage not in {Stage.ABORTED, Stage.REFUSED} for row in later)

    def why_set_aside(self, draw: Draw) -> str | None:
        """Why a draw may be set aside now: `members_seated`, `supervisor_silent`, or it may not."""
        if draw.set_aside is not None or (draw.unsealed is not None and draw.ended is None):
            return None
        if draw.ended is not None:
            seated = draw.members_still_seated and not self._is_followed(draw)
            return "members_seated" if seated else None
        key = Policy.read(draw.policy).holder(SUPERVISOR)
        now = self.parties.all().get(SUPERVISOR)
        replaced = key is not None and now is not None and key.key != now.key
        return SUPERVISOR_SILENT if replaced and self.abort_overdue(draw) else None

    def abort_overdue(self, draw: Draw) -> bool:
        """Whether the supervisor has not signed a called abort within the time of a share."""
        if draw.called is None or draw.ended is not None:
            return False
        t_rev = timedelta(seconds=draw.policy["times"]["t_rev"])
        return self._now > draw.called.mark.at + t_rev

    def silent(self) -> list[Draw]:
        """Draws whose abort waits too long for the supervisor's signature."""
        with self.record.books.read() as book:
            ids = store.live_ids(book.db)
        return [draw for id_ in ids if self.abort_overdue(draw := self.record.load(id_))]

    def set_aside(self, draw_id: str, by: str, reason: str) -> Draw:
        """Let the members of an ended draw go, or end one that nobody signs; its section may then
        be drawn again, as the next of its sequence.

        The entry is the supervisor's account's. Where the supervisor's key is the silent party,
        another person, who registers keys, must have replaced it before.

        Raises:
            NothingToSetAside.
        """
        draw = self.record.load(draw_id)
        why = self.why_set_aside(draw)
        if why is None:
            raise NothingToSetAside
        with self.record.write(draw, "set_aside") as pen:
            pen.fact("draw.set_aside", {"by": by, "why": why, "reason": reason})
        self._advance(draw_id)
        return self.record.load(draw_id)

    def _check_window(self, request: DrawRequest) -> None:
        least = timedelta(seconds=self.overlay.window_least_seconds)
        most = timedelta(seconds=self.overlay.window_most_seconds)
        if not least <= request.starts_at - request.draw_at <= most:
            raise WindowWrong(
                least=self.overlay.window_least_seconds, most=self.overlay.window_most_seconds
            )
        if request.latest_draw_at <= self._now:
            raise WindowWrong(
                least=self.overlay.window_least_seconds, most=self.overlay.window_most_seconds
            )


def _kept_by(redraw: Redraw | None) -> int:
    return len(redraw.kept) if redraw else 0
