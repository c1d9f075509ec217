"""Facts about sound and picture, past tense, as the ledger holds them (stream `media/<id>`).

media/SPEC.md section 4.2. Bodies carry seats and roles, never accounts or names.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from evaluation_room.core.media_rules import Track
from evaluation_room.core.values import Hex32, Key, Note, SeatId, Text, Value

Who = Annotated[str, StringConstraints(pattern=r"^([eo][1-9][0-9]{0,2}|clerk|supervisor)$")]
"""A seat, the clerk or a supervisor."""
Session = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""One stay of one person: from join to leave."""
Levels = Annotated[str, StringConstraints(pattern=r"^([0-7][0-9a-f])*$", max_length=400)]
"""One byte a second, -dBov from 0 (loud) to 127 (silence), hex."""

LeftGround = Literal[
    "left", "connection_lost", "opened_elsewhere", "sign_in_ended", "room_over", "server_stopped"
]
EndGround = Literal["stopped", "left", "replaced"]
GapGround = Literal["network", "sender", "server_stopped", "disk", "flooded", "unknown"]
AlarmKind = Literal["slow", "full_soon", "full"]


class Joined(Value):
    """Somebody is connected. `key` is the public key of a supervisor's account: who watched."""

    type: Literal["media.joined"] = "media.joined"
    who: Who
    session: Session
    key: Hex32 | None = None


class Left(Value):
    """A stay ended."""

    type: Literal["media.left"] = "media.left"
    who: Who
    session: Session
    ground: LeftGround


class Published(Value):
    """A track arrives at the server."""

    type: Literal["media.published"] = "media.published"
    who: Who
    track: Track
    publication: Session


class Unpublished(Value):
    """A track ended."""

    type: Literal["media.unpublished"] = "media.unpublished"
    who: Who
    track: Track
    publication: Session
    ground: EndGround


class Muted(Value):
    """Somebody muted their own track."""

    type: Literal["media.muted"] = "media.muted"
    who: Who
    track: Track


class Unmuted(Value):
    """Somebody took back their own muting."""

    type: Literal["media.unmuted"] = "media.unmuted"
    who: Who
    track: Track


class WentDark(Value):
    """Neither sound nor picture of a seat has arrived since `since`."""

    type: Literal["media.went_dark"] = "media.went_dark"
    who: Who
    since: datetime


class CameBack(Value):
    """A seat can be seen or heard again, after so many seconds."""

    type: Literal["media.came_back"] = "media.came_back"
    who: Who
    seconds: int


class Flooded(Value):
    """Somebody sent far more than allowed; the rest was dropped."""

    type: Literal["media.flooded"] = "media.flooded"
    who: Who
    kbps: int


class SegmentRecorded(Value):
    """A recorded stretch of one track; `sha256` is of the encrypted file as it lies on disk.

    `lost` counts packets that never arrived; `levels` is of audio tracks only.
    """

    type: Literal["media.segment_recorded"] = "media.segment_recorded"
    who: Who
    track: Track
    publication: Session
    number: Annotated[int, Field(ge=1)]
    sha256: Hex32
    size: int
    started_at: datetime
    ended_at: datetime
    packets: int
    lost: int = 0
    ending: Literal["rolled", "ended", "cut"]
    levels: Levels = ""


class Gap(Value):
    """More than five seconds of a track that should be there are missing, and why."""

    type: Literal["media.gap"] = "media.gap"
    who: Who
    track: Track
    publication: Session
    from_at: datetime
    to_at: datetime
    ground: GapGround


class RecorderAlarmed(Value):
    """The recorder is in trouble: before anything is lost (`slow`, `full_soon`) or after."""

    type: Literal["media.recorder_alarmed"] = "media.recorder_alarmed"
    kind: AlarmKind
    free_mb: int
    waiting_ms: int


class RecorderCalmed(Value):
    """The trouble is over."""

    type: Literal["media.recorder_calmed"] = "media.recorder_calmed"
    kind: AlarmKind


class PresenceAsked(Value):
    """A member was asked, at a random moment, to show that they are there."""

    type: Literal["media.presence_asked"] = "media.presence_asked"
    seat: SeatId
    ask: Key


class PresenceShown(Value):
    """The member answered; `picture`: their camera was sending at that moment."""

    type: Literal["media.presence_shown"] = "media.presence_shown"
    seat: SeatId
    ask: Key
    seconds: int
    picture: bool


class PresenceMissed(Value):
    """No answer in time."""

    type: Literal["media.presence_missed"] = "media.presence_missed"
    seat: SeatId
    ask: Key


class PageView(Value):
    """A page of a document that was on a member's screen, from then for so many seconds."""

    document: Key
    page: Annotated[int, Field(ge=1, le=100_000)]
    from_at: datetime
    seconds: Annotated[int, Field(ge=1, le=24 * 3600)]


class PagesRead(Value):
    """What a member had open while scoring, as their page told it, about once a minute."""

    type: Literal["media.pages_read"] = "media.pages_read"
    seat: SeatId
    views: Annotated[tuple[PageView, ...], Field(min_length=1, max_length=200)]


class OpeningProposed(Value):
    """A supervisor asks that the recording be opened, for a case. `by`: the account's key."""

    type: Literal["recording.opening_proposed"] = "recording.opening_proposed"
    opening: Key
    by: Hex32
    case: Note
    reason: Text


class OpeningConfirmed(Value):
    """Another supervisor agreed; it may be watched until then."""

    type: Literal["recording.opening_confirmed"] = "recording.opening_confirmed"
    opening: Key
    by: Hex32
    until: datetime


class Watched(Value):
    """Somebody opened tracks of the recording in the page."""

    type: Literal["recording.watched"] = "recording.watched"
    opening: Key
    by: Hex32
    who: Who
    tracks: tuple[Track, ...]


class Exported(Value):
    """The recording was decrypted to files; each with its SHA-256."""

    type: Literal["recording.exported"] = "recording.exported"
    opening: Key
    files: tuple[Hex32, ...]


MediaEvent = Annotated[
    Joined
    | Left
    | Published
    | Unpublished
    | Muted
    | Unmuted
    | WentDark
    | CameBack
    | Flooded
    | SegmentRecorded
    | Gap
    | RecorderAlarmed
    | RecorderCalmed
    | PresenceAsked
    | PresenceShown
    | PresenceMissed
    | PagesRead
    | OpeningProposed
    | OpeningConfirmed
    | Watched
    | Exported,
    Field(discriminator="type"),
]

MEDIA_EVENT: TypeAdapter[MediaEvent] = TypeAdapter(MediaEvent)

STREAM = "media/"


@dataclass(frozen=True, slots=True)
class RecordedMedia:
    """A fact with its place: `seq` in the stream from 1, `index` in the log, `at` UTC."""

    seq: int
    index: int
    at: datetime
    event: MediaEvent
