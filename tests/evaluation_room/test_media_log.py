"""What the media facts add up to."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from evaluation_room.core import media_events as facts
from evaluation_room.core.events import Recorded, Stopped
from evaluation_room.core.media_coverage import UNDER_WAY, coverage, seats_covered
from evaluation_room.core.media_events import MediaEvent, RecordedMedia
from evaluation_room.core.media_log import _TAKE_IN, MediaLog, fold
from evaluation_room.core.media_rules import Kind, Track
from evaluation_room.core.room import Room, Seat
from evaluation_room.core.values import PauseGround, Phase, SeatKind
from tests.evaluation_room.bench import START

KEY = "a" * 64
SESSION, OTHER = "0" * 16, "1" * 16


def told(*events: MediaEvent) -> MediaLog:
    """The log of these facts, a second apart from START."""
    return fold(RecordedMedia(n, n, after(n - 1), event) for n, event in enumerate(events, start=1))


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def segment(begin: float, end: float, track: Track = Track.FACE) -> facts.SegmentRecorded:
    return facts.SegmentRecorded(
        who="e1",
        track=track,
        publication=SESSION,
        number=1,
        sha256="0" * 64,
        size=1,
        started_at=after(begin),
        ended_at=after(end),
        packets=1,
        ending="rolled",
    )


def gap(begin: float, end: float) -> facts.Gap:
    return facts.Gap(
        who="e1",
        track=Track.FACE,
        publication=SESSION,
        from_at=after(begin),
        to_at=after(end),
        ground="network",
    )


def test_every_fact_is_taken_in() -> None:
    union = get_args(get_args(MediaEvent)[0])
    assert set(_TAKE_IN) == set(union)


def test_who_is_connected_and_what_they_send() -> None:
    log = told(
        facts.Joined(who="e1", session=SESSION),
        facts.Published(who="e1", track=Track.MIC, publication=SESSION),
        facts.Published(who="e1", track=Track.FACE, publication=OTHER),
        facts.Unpublished(who="e1", track=Track.FACE, publication=OTHER, ground="stopped"),
        facts.Joined(who="supervisor", session=OTHER, key=KEY),
        facts.Left(who="supervisor", session=OTHER, ground="left"),
    )
    assert list(log.connected()) == ["e1"]
    assert log.publishing("e1") == (Track.MIC,)
    assert log.stays[OTHER].key == KEY
    assert (log.stays[OTHER].left_at, log.stays[OTHER].ground) == (after(5), "left")


def test_a_newer_session_is_not_ended_by_the_leaving_of_the_older_one() -> None:
    log = told(
        facts.Joined(who="e1", session=SESSION),
        facts.Joined(who="e1", session=OTHER),
        facts.Left(who="e1", session=SESSION, ground="opened_elsewhere"),
    )
    assert log.connected()["e1"].session == OTHER


def test_muting_ends_with_the_publication() -> None:
    log = told(
        facts.Muted(who="e1", track=Track.MIC),
        facts.Muted(who="e2", track=Track.MIC),
        facts.Published(who="e1", track=Track.MIC, publication=SESSION),
        facts.Unmuted(who="e2", track=Track.MIC),
        facts.Muted(who="e3", track=Track.MIC),
    )
    assert log.muted == {("e3", Track.MIC)}


def test_darkness_lasts_from_its_beginning_until_somebody_is_back() -> None:
    log = told(
        facts.WentDark(who="e1", since=after(-5)),
        facts.WentDark(who="e2", since=after(-3)),
        facts.CameBack(who="e1", seconds=7),
    )
    assert log.dark() == {"e2": after(-3)}
    assert [(one.who, one.begin, one.end) for one in log.darkness] == [
        ("e1", after(-5), after(2)),
        ("e2", after(-3), None),
    ]


def test_alarms_of_the_recorder_last_until_they_are_over() -> None:
    alarm = facts.RecorderAlarmed(kind="slow", free_mb=9000, waiting_ms=2500)
    full = facts.RecorderAlarmed(kind="full", free_mb=0, waiting_ms=0)
    log = told(alarm, full, facts.RecorderCalmed(kind="slow"))
    assert log.troubles() == ("full",)
    assert [one.end for one in log.alarms] == [after(2), None]


def test_presence_checks_are_open_answered_or_missed() -> None:
    log = told(
        facts.PresenceAsked(seat="e1", ask="a"),
        facts.PresenceAsked(seat="e1", ask="b"),
        facts.PresenceAsked(seat="e1", ask="c"),
        facts.PresenceShown(seat="e1", ask="a", seconds=4, picture=True),
        facts.PresenceMissed(seat="e1", ask="b"),
    )
    assert (log.missed("e1"), log.missed("e2")) == (1, 0)
    assert (log.checks["a"].after_seconds, log.checks["a"].picture) == (4, True)
    assert (log.checks["c"].after_seconds, log.checks["c"].missed) == (None, False)


def test_an_opening_is_open_from_the_second_persons_word_until_its_end() -> None:
    """R-AV-5."""
    log = told(
        facts.OpeningProposed(opening="o1", by=KEY, case="监〔2026〕7号", reason="投诉复核"),
        facts.OpeningProposed(opening="o2", by=KEY, case="", reason="复核"),
        facts.OpeningConfirmed(opening="o1", by="b" * 64, until=after(3600)),
    )
    assert [one.opening for one in log.open_now(after(3))] == ["o1"]
    assert log.open_now(after(3600)) == ()
    assert log.openings["o2"].confirmed_by is None


def test_a_copy_goes_its_own_way() -> None:
    log = told(facts.Joined(who="e1", session=SESSION))
    twin = log.copy()
    twin.add(RecordedMedia(2, 2, START, facts.Left(who="e1", session=SESSION, ground="left")))
    twin.add(RecordedMedia(3, 3, START, segment(0, 30)))
    assert (log.seq, len(log.segments), list(log.connected())) == (1, 0, ["e1"])
    assert (twin.seq, len(twin.segments), list(twin.connected())) == (3, 1, [])


def test_each_seat_is_covered_from_its_check_in_to_the_end() -> None:
    """R-AV-1: who checked in late misses nothing before; masked where nothing raw was sent."""
    log = told(
        segment(100, 130, Track.MIC),
        segment(130.5, 160, Track.MIC),
        segment(100, 160, Track.VOICE),
        segment(90, 140, Track.MASKED),
        gap(110, 120),
    )
    room = Room(all_seats=(seat("e1", 100), seat("e2", None)), phase=Phase.SCORING)
    sound, picture = seats_covered(room, log, after(160) + UNDER_WAY)
    assert (sound.seat, sound.kind, sound.coverage.seconds) == ("e1", Kind.AUDIO, 60)
    assert sound.coverage.longest_gap is None
    assert (picture.kind, picture.coverage.seconds) == (Kind.VIDEO, 40)
    assert picture.coverage.longest_gap == (after(140), after(160))
    closed = replace(room, phase=Phase.CLOSED, phase_at=after(140))
    assert seats_covered(closed, log, after(9999))[1].coverage.longest_gap is None
    stop = Stopped(by="supervisor", ground=PauseGround.SUPERVISION_ORDER, note="")
    stopped = replace(room, stopped=stop, interventions=(Recorded(1, 1, after(140), b"", stop),))
    assert seats_covered(stopped, log, after(9999))[1].coverage.longest_gap is None


def seat(name: str, at: float | None) -> Seat:
    return Seat(
        id=name,
        alias="1",
        kind=SeatKind.EXPERT,
        draw_seat=1,
        may_lead=False,
        since=START,
        checked_in_at=None if at is None else after(at),
    )


def test_how_much_is_covered_and_the_longest_hole() -> None:
    """R-AV-1: recorded throughout means that what is missing can be named."""
    found = coverage([segment(60, 90), segment(0, 30), segment(20, 50)], after(-10), after(100))
    assert (found.seconds, found.of_seconds) == (80, 110)
    assert found.longest_gap == (after(-10), after(0))
    nothing = coverage([], after(0), after(60))
    assert (nothing.seconds, nothing.longest_gap) == (0, (after(0), after(60)))
    cut = coverage([segment(0, 60)], after(0), after(60), [gap(10, 20), gap(15, 25), gap(50, 99)])
    assert (cut.seconds, cut.longest_gap) == (35, (after(10), after(25)))
    whole = coverage([segment(-5, 200)], after(0), after(100))
    assert (whole.seconds, whole.longest_gap) == (100, None)


@given(
    st.lists(st.tuples(st.integers(-20, 120), st.integers(0, 40)), max_size=12),
    st.integers(0, 100),
)
def test_coverage_counts_each_second_once(spans: list[tuple[int, int]], length: int) -> None:
    segments = [segment(begin, begin + width) for begin, width in spans]
    found = coverage(segments, after(0), after(length))
    seconds = [any(b <= n < b + w for b, w in spans) for n in range(length)]
    assert found.seconds == sum(seconds)
    longest = max((len(run) for run in _runs(seconds)), default=0)
    hole: Any = found.longest_gap
    assert (0 if hole is None else (hole[1] - hole[0]).total_seconds()) == longest


def _runs(seconds: list[bool]) -> list[str]:
    return "".join("x" if one else "." for one in seconds).replace("x", " ").split()
