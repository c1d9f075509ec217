"""Random days in a room: whatever happens, the fold, the views and the secrets hold."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation_room import envelope
from evaluation_room.core import commands as wishes
from evaluation_room.core import events as facts
from evaluation_room.core import view_fold
from evaluation_room.core.commands import Who
from evaluation_room.core.decide import Actor, Limits, decide
from evaluation_room.core.events import Recorded, RoomEvent
from evaluation_room.core.follow import due, follow_up, opening
from evaluation_room.core.room import Room, Seat, apply, fold
from evaluation_room.core.undertaking import SHA256
from evaluation_room.core.values import (
    FlagKind,
    Mark,
    OpenedSheet,
    PauseGround,
    Phase,
    Project,
    RecusalAnswer,
    SeatKind,
    SeatPlan,
    Sheet,
    VoidGround,
)
from evaluation_room.core.views import CLERK, SUPERVISOR, Viewer, ViewerRole, view_stream
from evaluation_room.effects import newcomer
from evaluation_room.stream import body_of
from foundation.digest import canon
from foundation.errors import ServiceError
from tests.evaluation_room.bench import START, bidders, criteria

LIMITS = Limits(absent_seconds=60, deemed_consent_seconds=60, reading_seconds=0, awake_since=START)
SECRET = "机密理由"


class Day:
    """One evaluation without a database: the same core, facts kept in a list."""

    def __init__(self) -> None:
        self.facts: list[Recorded] = []
        self.room = Room()
        self.at = START
        expert, owner = SeatKind.EXPERT, SeatKind.OWNER_REPRESENTATIVE
        seats = tuple(
            SeatPlan(seat=f"e{n}", alias=f"专家{n}", kind=expert, draw_seat=n) for n in range(1, 4)
        )
        self.record(
            facts.Planned(
                evaluation_id="ev_1",
                draw_id="dr_1",
                title="演示",
                project=Project(project_code="P", project_name="N", section="1", regime="GP-T"),
                starts_at=START,
                place="一号室",
            ),
            facts.BiddersListed(bidders=bidders()),
            facts.CriteriaSigned(
                criteria=criteria(), sha256="11" * 32, signature="22" * 64, key="33" * 32
            ),
            facts.MadeReady(
                digest="44" * 32,
                opening_key=envelope.public_of(bytes(range(32))).hex(),
                seats=(*seats, SeatPlan(seat="o1", alias="代表1", kind=owner, may_lead=False)),
            ),
            facts.PhaseEntered(phase=Phase.CHECK_IN, by="clerk"),
        )

    def record(self, *events: RoomEvent) -> None:
        """Append, let follow what follows, open what is sealed, seat who is drawn."""
        pending = list(events)
        while pending:
            for event in pending:
                seq = len(self.facts) + 1
                fact = Recorded(seq, seq + 100, self.at, seq.to_bytes(32, "big"), event)
                self.room = apply(self.room, fact)
                self.facts.append(fact)
            pending = list(follow_up(self.room)) or self._effects()

    def _effects(self) -> list[RoomEvent]:
        room = self.room
        if room.stopped is not None or room.paused is not None or room.phase is Phase.CLOSED:
            return []
        if room.vacant:
            return [newcomer(room, room.vacant[0])]
        if room.all_sealed and any(seat.opened is None for seat in room.seats):
            readings = {s.id: self.reading(s) for s in room.seats if s.opened is None}
            return list(opening(room, readings))
        if room.phase is Phase.REPORT and room.report is None:
            return [facts.ReportIssued(sha256="55" * 32, size=9, root="66" * 32)]
        return []

    def reading(self, seat: Seat) -> OpenedSheet:
        assert seat.sealed is not None
        bound = bytes.fromhex(seat.sealed.commitment)
        salt, body = envelope.unseal(seat.sealed.envelope, bound, bytes(range(32)))
        assert envelope.commitment(salt, body) == bound
        return OpenedSheet(
            seat=seat.id,
            index=seat.sealed.index,
            commitment=seat.sealed.commitment,
            salt=salt.hex(),
            sheet=envelope.read(body),
        )

    def sheet(self, seat: str, low: int) -> Sheet:
        marks: list[Mark] = []
        for bidder in self.room.bidders:
            for item in self.room.criteria.criteria if self.room.criteria else ():
                score = {0: "0", 1: "5", 2: item.max}[(low + len(marks)) % 3]
                reason = f"{SECRET}{seat}"
                marks.append(Mark(bidder=bidder.id, criterion=item.id, score=score, reason=reason))
        return Sheet(evaluation_id="ev_1", seat=seat, criteria_sha256="11" * 32, marks=tuple(marks))

    def choose(self, number: int) -> None:
        """Somebody does something that makes sense, or something that does not."""
        options = self.options(number)
        who, seat, command = options[number % len(options)]
        self.at += timedelta(seconds=number % 40)
        actor = Actor(who, seat, "77" * 32, lambda _: "88" * 64)
        try:
            events = decide(self.room, command, actor, self.at, LIMITS)
        except ServiceError:
            return
        self.record(*events)
        if number % 11 == 0:
            self.record(*due(self.room, self.at, LIMITS))

    def options(self, number: int) -> list[tuple[Who, str | None, wishes.Command]]:
        found: list[tuple[Who, str | None, wishes.Command]] = []
        for seat in self.room.seats:
            found += [(Who.SEAT, seat.id, one) for one in self.steps(seat, number)] * 4
        found += [(Who.CLERK, None, wishes.Advance(leaving=self.room.phase))] * 4
        if number % 6 and not self.room.paused:
            return found
        found.append((Who.CLERK, None, wishes.MarkAbsent(seat="e1")))
        found.append((Who.CLERK, None, wishes.Pause(ground=PauseGround.OTHER)))
        found += [(Who.CLERK, None, wishes.Resume())] * (4 if self.room.paused else 1)
        found.append((Who.SEAT, "e2", wishes.ReportInterference(text="有人打招呼")))
        seat_id = self.room.seats[number % len(self.room.seats)].id
        void = wishes.VoidSeat(seat=seat_id, ground=VoidGround.LEFT, note="离开")
        found.append((Who.SUPERVISOR, None, void))
        found.append((Who.CLERK, None, void))
        return found

    def steps(self, seat: Seat, number: int) -> list[wishes.Command]:
        """What this seat may sensibly want now."""
        room = self.room
        if seat.checked_in_at is None:
            return [wishes.CheckIn()]
        if not seat.undertaken:
            return [wishes.SignUndertaking(text_sha256=SHA256)]
        if not seat.declared:
            conflict = number % 31 == 0
            return [
                wishes.DeclareRecusal(
                    answers=tuple(
                        RecusalAnswer(bidder=b.id, conflict=conflict, ground="有" * conflict)
                        for b in room.bidders
                    )
                )
            ]
        if room.leader is None:
            choice = room.seats[number % len(room.seats)].id
            return [wishes.Vote(round=room.round, choice=choice)]
        if seat.sealed is None:
            key = bytes.fromhex(room.opening_key)
            bound, sealed = envelope.seal(self.sheet(seat.id, number % 2), key)
            return [wishes.SubmitSheet(commitment=bound, envelope=sealed)]
        return self.late_steps(seat)

    def late_steps(self, seat: Seat) -> list[wishes.Command]:
        room, found = self.room, list[wishes.Command]()
        for flag in room.flags:
            if flag.id not in room.open_flags:
                continue
            cell = {"bidder": flag.bidder, "criterion": flag.criterion, "reason": "复核"}
            if flag.kind is FlagKind.OUTLIER:
                found.append(wishes.ExplainScore(**cell))
            else:
                found.append(wishes.AmendScore(**cell, score="5"))
        if room.phase is Phase.SUMMARY and seat.id == room.leader:
            found.append(wishes.Advance(leaving=Phase.SUMMARY))
        if room.report is not None:
            found.append(wishes.SignReport(report_sha256=room.report.sha256))
        return found

    def viewers(self) -> list[Viewer]:
        seats = [Viewer(ViewerRole.SEAT, seat.id) for seat in self.room.all_seats]
        return [CLERK, SUPERVISOR, *seats]


def played(numbers: Sequence[int]) -> Day:
    day = Day()
    for number in numbers:
        day.choose(number)
    return day


days = st.lists(st.integers(0, 10_000), min_size=30, max_size=140).map(played)
cuts = st.integers(0, 400)


@settings(max_examples=40, deadline=None)
@given(days, cuts)
def test_a_room_is_the_sum_of_its_facts(day: Day, cut: int) -> None:
    assert fold(day.facts) == day.room
    assert fold(day.facts[cut:], onto=fold(day.facts[:cut])) == day.room


@settings(max_examples=40, deadline=None)
@given(days, cuts)
def test_who_joins_late_sees_the_same_room_and_numbers_have_no_gap(day: Day, cut: int) -> None:
    for viewer in day.viewers():
        stream = view_stream(day.facts, viewer)
        assert [one.seq for one in stream] == list(range(1, len(stream) + 1))
        early = view_stream(day.facts[:cut], viewer)
        assert stream[: len(early)] == early
        snapshot = view_fold.fold(early)
        later = view_fold.fold(stream[len(early) :], onto=snapshot)
        assert later == view_fold.fold(stream)


@settings(max_examples=40, deadline=None)
@given(days)
def test_no_score_is_shown_before_all_sheets_are_open_and_never_to_who_has_not_scored(
    day: Day,
) -> None:
    for viewer in day.viewers():
        shown = view_stream(day.facts, viewer)
        text = [one.model_dump_json() for one in shown]
        telling = [one for one, words in zip(shown, text, strict=True) if SECRET in words]
        assert all(one.event.type == "room.sheets_opened" for one in telling)
        assert all("envelope" not in words for words in text)
        seat = day.room.seat(viewer.seat) if viewer.seat else None
        if seat is not None and seat.opened is None:
            assert telling == []
        if viewer.seat is not None and not any(
            one.event.type == "room.sheets_opened" for one in shown
        ):
            assert all("price_fen" not in words for words in text)


@settings(max_examples=40, deadline=None)
@given(days)
def test_a_ballot_is_known_to_its_own_seat_only(day: Day) -> None:
    for viewer in day.viewers():
        for one in view_stream(day.facts, viewer):
            if one.event.type == "room.ballot_cast":
                assert (one.event.choice is not None) == (one.event.seat == viewer.seat)


@settings(max_examples=40, deadline=None)
@given(days)
def test_void_seats_never_count(day: Day) -> None:
    if day.room.results is None:
        return
    live = {seat.id for seat in day.room.seats}
    for total in day.room.results.totals:
        assert {member.seat for member in total.members} == live
        assert len({member.seat for member in total.members}) == len(total.members)


@settings(max_examples=40, deadline=None)
@given(days)
def test_every_fact_has_canonical_bytes_and_comes_back_the_same(day: Day) -> None:
    for fact in day.facts:
        body = body_of(fact.event)
        assert canon(body)
        assert facts.EVENT.validate_python({"type": fact.event.type, **body}) == fact.event


def test_the_days_reach_the_end_often_enough_to_mean_something() -> None:
    reached = {played(range(start, start + 7 * 200, 7)).room.phase for start in range(12)}
    assert Phase.REPORT in reached or Phase.CLOSED in reached
    assert any(
        played(range(start, start + 7 * 200, 7)).room.results is not None for start in range(12)
    )
