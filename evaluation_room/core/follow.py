"""What follows by itself, and what is due by the clock; each decided purely.

The service asks `follow_up` again after every fact it appends, in the same transaction,
until nothing follows: a cause and its consequence are never split by a crash.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from evaluation_room.core import events as facts
from evaluation_room.core import scoring
from evaluation_room.core.decide import Events, Limits, late_after
from evaluation_room.core.phases import STEPS
from evaluation_room.core.room import Room
from evaluation_room.core.values import (
    ORDER,
    OpenedSheet,
    Phase,
    ReturnGround,
    SeatId,
    SheetFault,
    Tally,
    VoidGround,
)

LAST_FREE_ROUND: Final = 2
"""After this many rounds without a majority the most votes win."""


def follow_up(room: Room) -> Events:
    """The next facts that follow from the room as it is, or none."""
    if room.stopped is not None or room.paused is not None:
        return ()
    return _back_to_scoring(room) or _ballots(room) or _sealed(room) or _on(room) or _summary(room)


def _back_to_scoring(room: Room) -> Events:
    """A seat voided after opening: the newcomer scores from the start, the rest stays (R-REP-2)."""
    late = ORDER.index(room.phase) > ORDER.index(Phase.SCORING) and room.phase is not Phase.CLOSED
    if late and STEPS[Phase.SCORING].rule(room) > 0:
        return (facts.PhaseEntered(phase=Phase.SCORING, by="system"),)
    return ()


def _ballots(room: Room) -> Events:
    voting = room.leader is None and ORDER.index(room.phase) >= ORDER.index(Phase.LEADER)
    everyone = bool(room.seats) and all(seat.id in room.ballots for seat in room.seats)
    if not voting or room.vacant or not everyone or room.phase is Phase.CLOSED:
        return ()
    return (count(room),)


def count(room: Room) -> facts.BallotsCounted:
    """A full round: majority; after two rounds most votes, then the earliest seat among the tied.

    Seats stand in the order of the committee (drawn experts as drawn, then newcomers),
    which no voter can choose.
    """
    votes = Counter(room.ballots.values())
    places = {seat.id: place for place, seat in enumerate(room.all_seats)}
    ranked = sorted(votes, key=lambda seat: (-votes[seat], places[seat]))
    tally = tuple(Tally(seat=seat, votes=votes[seat]) for seat in ranked)
    first = ranked[0]
    if votes[first] * 2 > len(room.seats):
        return facts.BallotsCounted(round=room.round, tally=tally, elected=first, how="majority")
    if room.round - room.first_round + 1 < LAST_FREE_ROUND:
        return facts.BallotsCounted(round=room.round, tally=tally, how="next_round")
    tied = len(ranked) > 1 and votes[ranked[1]] == votes[first]
    how = "seat_order" if tied else "most_votes"
    return facts.BallotsCounted.model_validate(
        {"round": room.round, "tally": tally, "elected": first, "how": how}
    )


def _sealed(room: Room) -> Events:
    if room.phase is not Phase.SCORING or room.all_sealed or room.vacant or room.leader is None:
        return ()
    if not room.seats or any(seat.sealed is None for seat in room.seats):
        return ()
    return (facts.AllSheetsSealed(seats=tuple(seat.id for seat in room.seats)),)


def _on(room: Room) -> Events:
    step = STEPS.get(room.phase)
    if step is None or step.led_by is not None or not room.seats or step.rule(room) > 0:
        return ()
    return (facts.PhaseEntered(phase=step.to, by="system"),)


def _summary(room: Room) -> Events:
    if room.phase is not Phase.SUMMARY:
        return ()
    if not room.reviewed:
        return (facts.FlagsRaised(flags=scoring.flags(room)),)
    if not room.open_flags and room.results is None:
        return (facts.ResultsComputed(results=scoring.results(room)),)
    return ()


def opening(room: Room, readings: Mapping[SeatId, OpenedSheet | ReturnGround]) -> Events:
    """What the opened envelopes make true: all sheets shown, or the bad ones returned.

    One bad sheet keeps every sheet closed, so that whoever must submit again has seen
    nobody else's scores (R-EVAL-11).
    """
    returned: list[facts.SheetReturned] = []
    sheets: list[OpenedSheet] = []
    for seat in room.seats:
        reading = readings.get(seat.id)
        if isinstance(reading, ReturnGround):
            returned.append(facts.SheetReturned(seat=seat.id, ground=reading))
        elif reading is not None:
            faults: tuple[SheetFault, ...] = scoring.sheet_faults(room, seat, reading.sheet)
            if faults:
                ground = ReturnGround.INVALID
                returned.append(facts.SheetReturned(seat=seat.id, ground=ground, faults=faults))
            sheets.append(reading)
    return tuple(returned) or (facts.SheetsOpened(sheets=tuple(sheets)),)


def due(room: Room, at: datetime, limits: Limits) -> Events:
    """What the clock makes true: absence, the notice to a silent member, deemed consent."""
    if room.stopped is not None or room.paused is not None:
        return ()
    if room.phase is Phase.CHECK_IN:
        return _absent(room, at, limits)
    if room.phase is Phase.REPORT and room.report_at is not None:
        return _silent(room, room.report_at, at, limits)
    return ()


def _absent(room: Room, at: datetime, limits: Limits) -> Events:
    """First holders only; when a replacement is late, the clerk decides."""
    return tuple(
        facts.SeatVoided(seat=seat.id, ground=VoidGround.ABSENT, by="system")
        for seat in room.seats
        if seat.checked_in_at is None
        and seat.replaces is None
        and at >= late_after(room, seat, limits)
    )


def _silent(room: Room, issued: datetime, at: datetime, limits: Limits) -> Events:
    """Silence is consent only after a notice and the full time (R-EVAL-12).

    The time of a pause, or before this process listened, is no time to answer in.
    """
    wait = timedelta(seconds=limits.deemed_consent_seconds)
    asked_after = room.after(max(issued, limits.awake_since), wait)
    events: list[facts.RoomEvent] = []
    for seat in room.seats:
        if seat.signature is not None or at < asked_after:
            continue
        if seat.asked_at is None:
            events.append(facts.SignatureAsked(seat=seat.id, by="system"))
        elif at >= room.after(max(seat.asked_at, limits.awake_since), wait):
            events.append(facts.ConsentDeemed(seat=seat.id))
    return tuple(events)
