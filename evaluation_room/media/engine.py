"""The media engine as the room sees it. One implementation today (`forwarder.py`).

An engine knows rooms, people and tracks as words; it knows no law: whoever calls `subscribe`
has asked `core/media_rules.py`. All methods belong to the event loop that made the engine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from evaluation_room.core.media_events import EndGround
from evaluation_room.core.media_rules import Kind, Terms, Track


@dataclass(frozen=True, slots=True)
class Publication:
    """A track that arrives. `id` is new for each time somebody publishes it (16 hex).

    `level_id` is the id of the audio level in its packets' header extensions (RFC 6464), 0: none.
    """

    id: str
    room: str
    who: str
    track: Track
    codec: str
    clock_rate: int
    level_id: int = 0

    @property
    def kind(self) -> Kind:
        """Sound or picture."""
        return Kind.AUDIO if self.codec == "opus" else Kind.VIDEO


@dataclass(frozen=True, slots=True)
class Want:
    """A track of another person that somebody is to be sent."""

    who: str
    track: Track


@dataclass(frozen=True, slots=True)
class Slot:
    """An m-line of the down connection and what it carries; `who` "" while it is empty."""

    mid: str
    who: str
    track: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A down offer to bring to the browser; its answer comes back with `number`."""

    number: int
    sdp: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The up answer, and tracks that were not taken with their refusal's code."""

    sdp: str
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TrackStats:
    """Figures of an arriving track since it began; `quiet_seconds` since its last packet.

    `jitter_ms` and `loss` (0 to 1) are of the last report interval.
    """

    publication: Publication
    packets: int
    octets: int
    lost: int
    recovered: int
    loss: float
    jitter_ms: float
    kbps: float
    quiet_seconds: float


@dataclass(frozen=True, slots=True)
class PersonStats:
    """Figures of one person: what arrives from them, how they receive (`down_loss` 0 to 1)."""

    who: str
    up: tuple[TrackStats, ...]
    down_loss: float
    rtt_ms: float | None
    quality: int | None
    dropped: int


class Recorder(Protocol):
    """Takes the packets of one publication. Called on the event loop, so it only queues."""

    def packet(self, packet: bytes, at_us: int) -> None:
        """One RTP packet in the clear, RTX undone, at so many microseconds since 1970."""

    def end(self) -> None:
        """No packet follows."""


class Archive(Protocol):
    """Where recorders come from."""

    def begin(self, publication: Publication, keyframe: Callable[[], None]) -> Recorder:
        """A recorder for a new publication; `keyframe()` asks its sender for one."""


class PersonEvents(Protocol):
    """What an engine tells about one person, on the event loop."""

    def offer(self, offer: Offer) -> None:
        """Bring this offer to the browser."""

    def published(self, publication: Publication) -> None:
        """The first packet of a track has arrived."""

    def unpublished(self, publication: Publication, ground: EndGround) -> None:
        """The track will not come any more."""

    def wanted(self, tracks: frozenset[Track]) -> None:
        """The low layers of this person that somebody wants."""

    def failed(self) -> None:
        """A connection was lost for good; the person has to join again."""

    def flooded(self, kbps: int) -> None:
        """Far more arrives than allowed; the rest is dropped."""


class MediaEngine(Protocol):
    """Carries packets between the people of rooms."""

    async def join(self, room: str, who: str, terms: Sequence[Terms], events: PersonEvents) -> None:
        """Make room for a person; a former stay of the same person ends."""

    async def publish(self, room: str, who: str, sdp: str, tracks: Mapping[str, Track]) -> Answer:
        """Answer an up offer; `tracks` names its sending m-lines by mid.

        Raises:
            BadOffer: not an offer this engine can answer.
        """

    async def answered(self, room: str, who: str, number: int, sdp: str) -> None:
        """The browser's answer to a down offer; one of another number is ignored.

        Raises:
            BadOffer: not an answer to it.
        """

    def subscribe(self, room: str, who: str, wants: Sequence[Want]) -> None:
        """From now on the person is sent exactly these, as far as they are published; nothing
        happens to somebody who is not there.
        """

    def keyframe(self, room: str, who: str, track: Track) -> None:
        """Ask a sender for a keyframe."""

    def record(self, archive: Archive) -> None:
        """Where recorders of publications come from, from now on."""

    def stats(self, room: str) -> Mapping[str, PersonStats]:
        """Figures of everybody in a room."""

    async def leave(self, room: str, who: str) -> None:
        """End a person's stay; nothing happens if there is none."""

    async def drain(self) -> None:
        """End every stay, for a stop of the server."""
