"""Media frames of the room's socket (media/SPEC.md section 2). Not facts, never logged."""

from typing import Annotated, Literal

from pydantic import Field

from evaluation_room.core.media_events import Who
from evaluation_room.core.media_rules import Kind, Mask, Picture, Track
from evaluation_room.core.values import Key, Value

Sdp = Annotated[str, Field(max_length=64 * 1024)]
Epoch = Annotated[int, Field(ge=0, lt=2**31)]
Mid = Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[A-Za-z0-9_-]+$")]


class MediaJoin(Value):
    """I want to see and hear; answered by `media.ready`. Ends my older session."""

    type: Literal["media.join"] = "media.join"


class SentTrack(Value):
    """A sending m-line of the up offer and the track it carries."""

    mid: Mid
    track: Track


class MediaPublish(Value):
    """The up offer, first or renegotiated."""

    type: Literal["media.publish"] = "media.publish"
    epoch: Epoch
    sdp: Sdp
    tracks: Annotated[tuple[SentTrack, ...], Field(max_length=16)]


class MediaAnswer(Value):
    """The browser's answer to down offer number `offer`."""

    type: Literal["media.answer"] = "media.answer"
    epoch: Epoch
    offer: int
    sdp: Sdp


class Tile(Value):
    """A picture that is on the screen now."""

    who: Who
    picture: Picture
    layer: Literal["high", "low"]


class MediaView(Value):
    """The pictures wanted from now on; sound comes by itself."""

    type: Literal["media.view"] = "media.view"
    epoch: Epoch
    tiles: Annotated[tuple[Tile, ...], Field(max_length=32)]


class MediaMute(Value):
    """I mute, or unmute, my own track."""

    type: Literal["media.mute"] = "media.mute"
    epoch: Epoch
    track: Track
    muted: bool


class MediaPresent(Value):
    """I am here: the answer to a presence check."""

    type: Literal["media.present"] = "media.present"
    ask: Key


class MediaLeave(Value):
    """I neither see nor hear nor send any more."""

    type: Literal["media.leave"] = "media.leave"
    epoch: Epoch


ClientMediaFrame = (
    MediaJoin | MediaPublish | MediaAnswer | MediaView | MediaMute | MediaPresent | MediaLeave
)


class IceServer(Value):
    """A TURN server of this installation, with credentials that end soon."""

    urls: tuple[str, ...]
    username: str
    credential: str


class TrackTerms(Value):
    """What may be sent, and how; sizes are of video."""

    track: Track
    kind: Kind
    max_kbps: int
    width: int
    height: int
    fps: int


class MediaReady(Value):
    """You may connect. `dark_seconds` 0: nothing is blocked when you can't be seen and heard."""

    type: Literal["media.ready"] = "media.ready"
    epoch: Epoch
    ice_servers: tuple[IceServer, ...]
    mode: Literal["open", "masked"]
    mask: Mask
    publish: tuple[TrackTerms, ...]
    watching_shown: bool
    dark_seconds: int


class RefusedTrack(Value):
    """A track that is not taken, and why."""

    track: str
    code: str


class MediaPublished(Value):
    """The up answer."""

    type: Literal["media.published"] = "media.published"
    epoch: Epoch
    sdp: str
    refused: tuple[RefusedTrack, ...]


class MediaSlot(Value):
    """An m-line of the down offer; `who` and `track` "" while it is empty."""

    mid: str
    who: str
    track: str


class MediaOffer(Value):
    """A down offer; the next comes only after its answer."""

    type: Literal["media.offer"] = "media.offer"
    epoch: Epoch
    offer: int
    sdp: str
    slots: tuple[MediaSlot, ...]


class Person(Value):
    """Somebody with sound or picture. `quality` 0 (nothing) to 4 (good), null unknown.

    `away`: did not answer the last presence check; told to clerk and supervisors alone.
    """

    who: Who
    tracks: tuple[Track, ...]
    muted: tuple[Track, ...]
    dark: bool
    away: bool
    quality: int | None


class MediaPeople(Value):
    """Who can be seen and heard; `watched`: a supervisor is watching, where that is shown."""

    type: Literal["media.people"] = "media.people"
    people: tuple[Person, ...]
    watched: bool
    recording: Literal["on", "trouble", "off"]


class MediaWanted(Value):
    """Your low layers that somebody asks for; others need not be encoded."""

    type: Literal["media.wanted"] = "media.wanted"
    epoch: Epoch
    tracks: tuple[Track, ...]


class MediaAskPresent(Value):
    """A presence check: answer within so many seconds."""

    type: Literal["media.ask_present"] = "media.ask_present"
    ask: Key
    seconds: int


ServerMediaFrame = (
    MediaReady | MediaPublished | MediaOffer | MediaPeople | MediaWanted | MediaAskPresent
)
