"""Recordings over HTTP: what is taken in and given out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from evaluation_room.core.media_coverage import SeatCoverage
from evaluation_room.core.media_events import AlarmKind, Gap, GapGround, SegmentRecorded
from evaluation_room.core.media_log import Alarm, MediaLog, Opening
from evaluation_room.core.media_rules import Kind, Track
from evaluation_room.core.openings import State, state


class OpeningIn(BaseModel):
    """Why a recording is to be opened."""

    case: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class SegmentOut(BaseModel):
    """A stretch of one track; `levels` as in the fact: a byte a second, hex, -dBov."""

    who: str
    track: Track
    publication: str
    number: int
    started_at: datetime
    ended_at: datetime
    size: int
    packets: int
    lost: int
    ending: Literal["rolled", "ended", "cut"]
    levels: str

    @classmethod
    def of(cls, one: SegmentRecorded) -> "SegmentOut":
        """A segment on the wire."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class GapOut(BaseModel):
    """A stretch of a track that is missing, and why."""

    who: str
    track: Track
    from_at: datetime
    to_at: datetime
    ground: GapGround

    @classmethod
    def of(cls, one: Gap) -> "GapOut":
        """A gap on the wire."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class CoverageOut(BaseModel):
    """How much of a seat's sound (`audio`) or picture (`video`) is recorded, and the longest hole.

    Seconds from the seat's check-in to the end of the room, or until 40 s ago.
    """

    seat: str
    kind: Kind
    seconds: int
    of_seconds: int
    hole_from_at: datetime | None
    hole_to_at: datetime | None

    @classmethod
    def of(cls, one: SeatCoverage) -> "CoverageOut":
        """A seat's coverage on the wire."""
        hole = one.coverage.longest_gap
        return cls(
            seat=one.seat,
            kind=one.kind,
            seconds=round(one.coverage.seconds),
            of_seconds=round(one.coverage.of_seconds),
            hole_from_at=hole and hole[0],
            hole_to_at=hole and hole[1],
        )


class RecorderAlarmOut(BaseModel):
    """Trouble of the recorder; `ended_at` null while it lasts."""

    kind: AlarmKind
    began_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, one: Alarm) -> "RecorderAlarmOut":
        """An alarm on the wire."""
        return cls.model_validate({"kind": one.kind, "began_at": one.begin, "ended_at": one.end})


class DarkOut(BaseModel):
    """A stretch in which somebody was neither seen nor heard; `to_at` null while it lasts."""

    who: str
    from_at: datetime
    to_at: datetime | None


class PresenceOut(BaseModel):
    """A presence check; neither answered nor missed while it is open."""

    seat: str
    at: datetime
    after_seconds: int | None
    missed: bool


class PageViewOut(BaseModel):
    """A page that was on a member's screen."""

    seat: str
    document: str
    page: int
    from_at: datetime
    seconds: int


class OpeningOut(BaseModel):
    """An opening of the recording, and whether the reader may confirm it."""

    opening: str
    state: State
    case: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None
    until: datetime | None
    may_confirm: bool

    @classmethod
    def of(
        cls, one: Opening, now: datetime, names: dict[str, str], *, may_confirm: bool
    ) -> "OpeningOut":
        """An opening on the wire; `names` are what accounts are called, by key."""
        stands = state(one, now)
        by = one.confirmed_by
        return cls(
            opening=one.opening,
            state=stands,
            case=one.case,
            reason=one.reason,
            proposed_by=names.get(one.proposed_by, one.proposed_by[:8]),
            proposed_at=one.proposed_at,
            confirmed_by=None if by is None else names.get(by, by[:8]),
            until=one.until,
            may_confirm=may_confirm and stands is State.PROPOSED,
        )


class RecordingOut(BaseModel):
    """What was recorded of an evaluation; nothing of it is decrypted for this."""

    evaluation_id: str
    segments: list[SegmentOut]
    gaps: list[GapOut]
    alarms: list[RecorderAlarmOut]
    dark: list[DarkOut]
    presence: list[PresenceOut]
    pages: list[PageViewOut]
    coverage: list[CoverageOut]
    openings: list[OpeningOut]

    @classmethod
    def of(
        cls,
        evaluation_id: str,
        log: MediaLog,
        openings: list[OpeningOut],
        coverage: Iterable[SeatCoverage] = (),
        *,
        with_pages: bool = False,
    ) -> "RecordingOut":
        """A recording on the wire; `with_pages`: members' sheets are open."""
        return cls(
            evaluation_id=evaluation_id,
            segments=[SegmentOut.of(one) for one in log.segments],
            gaps=[GapOut.of(one) for one in log.gaps],
            alarms=[RecorderAlarmOut.of(one) for one in log.alarms],
            dark=[DarkOut(who=one.who, from_at=one.begin, to_at=one.end) for one in log.darkness],
            presence=[
                PresenceOut(
                    seat=one.seat, at=one.at, after_seconds=one.after_seconds, missed=one.missed
                )
                for one in log.checks.values()
            ],
            pages=[
                PageViewOut(
                    seat=told.seat,
                    document=one.document,
                    page=one.page,
                    from_at=one.from_at,
                    seconds=one.seconds,
                )
                for told in log.pages
                for one in told.views
                if with_pages
            ],
            coverage=[CoverageOut.of(one) for one in coverage],
            openings=openings,
        )
