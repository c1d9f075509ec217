"""What the facts of sound and picture add up to: who is here, what is kept, what is missing.

A log that grows: `add` takes in one fact, `fold` all of them. It may hold fifty thousand
segments, so that unlike a room it is not copied for each fact. Total: nothing here refuses.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

from evaluation_room.core import media_events as facts
from evaluation_room.core.media_events import RecordedMedia, SegmentRecorded
from evaluation_room.core.media_rules import Track


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody's connection, from join to leave; `ground` "" while it lasts."""

    who: str
    session: str
    joined_at: datetime
    left_at: datetime | None = None
    ground: str = ""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """A track that arrives, or arrived; `ground` "" while it does."""

    who: str
    track: Track
    publication: str
    begun_at: datetime
    ended_at: datetime | None = None
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time of one person; `end` None while it lasts."""

    who: str
    begin: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """Trouble of the recorder, of one kind; `end` None while it lasts."""

    kind: str
    begin: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A presence check. Neither `after_seconds` nor `missed` while the answer is open."""

    seat: str
    ask: str
    at: datetime
    after_seconds: int | None = None
    picture: bool = False
    missed: bool = False

    @property
    def is_over(self) -> bool:
        """Answered or missed."""
        return self.missed or self.after_seconds is not None


@dataclass(frozen=True, slots=True)
class Opening:
    """A case for which a recording is opened (R-AV-5); `until` None before the second yes."""

    opening: str
    proposed_by: str
    case: str
    reason: str
    proposed_at: datetime
    confirmed_by: str | None = None
    until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it may be watched now."""
        return self.until is not None and now < self.until


@dataclass
class MediaLog:
    """Everything the stream says after `seq` facts."""

    seq: int = 0
    stays: dict[str, Stay] = field(default_factory=dict)
    """Session -> stay, in order of joining."""
    sendings: dict[str, Sending] = field(default_factory=dict)
    """Publication -> the track it is."""
    muted: set[tuple[str, Track]] = field(default_factory=set)
    darkness: list[Stretch] = field(default_factory=list)
    floods: list[tuple[str, datetime, int]] = field(default_factory=list)
    """Who, when, kbit/s."""
    segments: list[SegmentRecorded] = field(default_factory=list)
    gaps: list[facts.Gap] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)
    """Ask -> presence check."""
    pages: list[facts.PagesRead] = field(default_factory=list)
    openings: dict[str, Opening] = field(default_factory=dict)
    watched: list[tuple[datetime, facts.Watched]] = field(default_factory=list)
    exported: list[tuple[datetime, facts.Exported]] = field(default_factory=list)

    def copy(self) -> Self:
        """Another log of the same facts; growing one leaves the other alone."""
        twin = copy(self)
        for name, value in vars(self).items():
            setattr(twin, name, copy(value))
        return twin

    def add(self, fact: RecordedMedia) -> None:
        """Take in the next fact."""
        self.seq = fact.seq
        _TAKE_IN[type(fact.event)](self, fact.event, fact.at)

    def connected(self) -> Mapping[str, Stay]:
        """Who is connected now -> the stay."""
        return {one.who: one for one in self.stays.values() if one.left_at is None}

    def publishing(self, who: str) -> tuple[Track, ...]:
        """Tracks of somebody that arrive now, in the order of their kinds."""
        now = {s.track for s in self.sendings.values() if s.who == who and s.ended_at is None}
        return tuple(track for track in Track if track in now)

    def dark(self) -> Mapping[str, datetime]:
        """Who is neither seen nor heard now -> since when."""
        return {one.who: one.begin for one in self.darkness if one.end is None}

    def troubles(self) -> tuple[str, ...]:
        """Kinds of the recorder's alarms that last."""
        return tuple(one.kind for one in self.alarms if one.end is None)

    def missed(self, seat: str) -> int:
        """Presence checks that a seat did not answer."""
        return sum(one.missed for one in self.checks.values() if one.seat == seat)

    def away(self) -> tuple[str, ...]:
        """Seats that did not answer their newest presence check (R-AV-4)."""
        newest = {one.seat: one for one in self.checks.values() if one.is_over}
        return tuple(sorted(seat for seat, one in newest.items() if one.missed))

    def open_now(self, now: datetime) -> tuple[Opening, ...]:
        """Openings that let somebody watch now."""
        return tuple(one for one in self.openings.values() if one.is_open(now))


def _joined(log: MediaLog, told: facts.Joined, at: datetime) -> None:
    log.stays[told.session] = Stay(told.who, told.session, at, key=told.key)


def _left(log: MediaLog, told: facts.Left, at: datetime) -> None:
    if (stay := log.stays.get(told.session)) is not None:
        log.stays[told.session] = replace(stay, left_at=at, ground=told.ground)


def _published(log: MediaLog, told: facts.Published, at: datetime) -> None:
    log.sendings[told.publication] = Sending(told.who, told.track, told.publication, at)
    log.muted.discard((told.who, told.track))  # whatever the last one was, a new one is not


def _unpublished(log: MediaLog, told: facts.Unpublished, at: datetime) -> None:
    if (sending := log.sendings.get(told.publication)) is not None:
        log.sendings[told.publication] = replace(sending, ended_at=at, ground=told.ground)


def _came_back(log: MediaLog, told: facts.CameBack, at: datetime) -> None:
    log.darkness = [
        replace(one, end=at) if one.who == told.who and one.end is None else one
        for one in log.darkness
    ]


def _calmed(log: MediaLog, told: facts.RecorderCalmed, at: datetime) -> None:
    log.alarms = [
        replace(one, end=at) if one.kind == told.kind and one.end is None else one
        for one in log.alarms
    ]


def _shown(log: MediaLog, told: facts.PresenceShown, _at: datetime) -> None:
    if (check := log.checks.get(told.ask)) is not None:
        log.checks[told.ask] = replace(check, after_seconds=told.seconds, picture=told.picture)


def _missed(log: MediaLog, told: facts.PresenceMissed, _at: datetime) -> None:
    if (check := log.checks.get(told.ask)) is not None:
        log.checks[told.ask] = replace(check, missed=True)


def _proposed(log: MediaLog, told: facts.OpeningProposed, at: datetime) -> None:
    one = Opening(told.opening, told.by, told.case, told.reason, at)
    log.openings[told.opening] = one


def _confirmed(log: MediaLog, told: facts.OpeningConfirmed, _at: datetime) -> None:
    if (one := log.openings.get(told.opening)) is not None:
        log.openings[told.opening] = replace(one, confirmed_by=told.by, until=told.until)


_TAKE_IN: Final[Mapping[type[Any], Callable[[MediaLog, Any, datetime], None]]] = {
    facts.Joined: _joined,
    facts.Left: _left,
    facts.Published: _published,
    facts.Unpublished: _unpublished,
    facts.Muted: lambda log, told, _: log.muted.add((told.who, told.track)),
    facts.Unmuted: lambda log, told, _: log.muted.discard((told.who, told.track)),
    facts.WentDark: lambda log, told, _: log.darkness.append(Stretch(told.who, told.since)),
    facts.CameBack: _came_back,
    facts.Flooded: lambda log, told, at: log.floods.append((told.who, at, told.kbps)),
    facts.SegmentRecorded: lambda log, told, _: log.segments.append(told),
    facts.Gap: lambda log, told, _: log.gaps.append(told),
    facts.RecorderAlarmed: lambda log, told, at: log.alarms.append(Alarm(told.kind, at)),
    facts.RecorderCalmed: _calmed,
    facts.PresenceAsked: lambda log, told, at: log.checks.update(
        {told.ask: Check(told.seat, told.ask, at)}
    ),
    facts.PresenceShown: _shown,
    facts.PresenceMissed: _missed,
    facts.PagesRead: lambda log, told, _: log.pages.append(told),
    facts.OpeningProposed: _proposed,
    facts.OpeningConfirmed: _confirmed,
    facts.Watched: lambda log, told, at: log.watched.append((at, told)),
    facts.Exported: lambda log, told, at: log.exported.append((at, told)),
}


def fold(recorded: Iterable[RecordedMedia]) -> MediaLog:
    """The log after all these facts."""
    log = MediaLog()
    for fact in recorded:
        log.add(fact)
    return log
