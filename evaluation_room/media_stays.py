"""One person's stay in a room's media, and what it adds up to: what they may send, what they
are sent, whom they are shown. Values in, frames and wants out; the desk does the rest.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

from evaluation_room import media_messages as wire
from evaluation_room.core.media_rules import (
    AUDIO,
    Mask,
    Picture,
    Scene,
    Track,
    may_receive,
    may_send,
    shown_track,
)
from evaluation_room.core.room import Room
from evaluation_room.core.views import Viewer, ViewerRole
from evaluation_room.media.engine import PersonStats, Publication, Want
from foundation.errors import ServiceError

Recording = Literal["on", "trouble", "off"]
Send = Callable[[wire.ServerMediaFrame | ServiceError], None]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the overlay says of media, and how a connection is helped through firewalls."""

    mask: Mask
    watching_shown: bool
    dark_seconds: int
    turn: Callable[[], tuple[wire.IceServer, ...]] = tuple


@dataclass(eq=False)
class Stay:
    """One person from join to leave. `id` is how the engine calls them."""

    evaluation_id: str
    viewer: Viewer
    id: str
    epoch: int
    send: Send
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    tiles: tuple[wire.Tile, ...] = ()
    tracks: dict[Track, Publication] = field(default_factory=dict)
    muted: set[Track] = field(default_factory=set)
    told: wire.MediaPeople | None = None
    ending: asyncio.TimerHandle | None = None

    @property
    def who(self) -> str:
        """How facts and frames call them."""
        return who_of(self.viewer)


@dataclass
class Here:
    """Who is in one room. `seen_at`: when packets of a person last came; `dark`: for too long;
    `away`: did not answer the last presence check.
    """

    stays: dict[str, Stay] = field(default_factory=dict)
    seen_at: dict[str, datetime] = field(default_factory=dict)
    dark: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    looks: int = 0


def who_of(viewer: Viewer) -> str:
    """A seat, or the role of staff."""
    return viewer.seat or viewer.role.value


def id_of(viewer: Viewer, account: str) -> str:
    """Seats and the clerk are one; several supervisors may watch."""
    if viewer.role is ViewerRole.SUPERVISOR:
        return f"supervisor:{sha256(account.encode()).hexdigest()[:12]}"
    return who_of(viewer)


def has_place(room: Room, viewer: Viewer) -> bool:
    """Whether a viewer belongs to the media of a room: a void seat does not."""
    if viewer.role is not ViewerRole.SEAT:
        return True
    return any(one.id == viewer.seat for one in room.seats)


def ready(stay: Stay, policy: Policy) -> wire.MediaReady:
    """What the page is told when it joins."""
    mask = policy.mask
    return wire.MediaReady(
        epoch=stay.epoch,
        ice_servers=policy.turn(),
        mode="open" if mask is Mask.NONE else "masked",
        mask=mask,
        publish=tuple(
            wire.TrackTerms(
                track=one.track,
                kind=one.kind,
                max_kbps=one.max_kbps,
                width=one.width,
                height=one.height,
                fps=one.fps,
            )
            for one in may_send(stay.viewer.role, mask)
        ),
        watching_shown=policy.watching_shown,
        dark_seconds=policy.dark_seconds if stay.viewer.seat else 0,
    )


def wants(stay: Stay, stays: Iterable[Stay], scene: Scene) -> list[Want]:
    """What somebody is sent: all sound that is theirs to hear, and the pictures on their screen."""
    tiles = {(tile.who, tile.picture): tile.layer == "low" for tile in stay.tiles}
    found: list[Want] = []
    for other in stays:
        if other is stay:
            continue
        role = other.viewer.role
        tracks = [one.track for one in may_send(role, scene.mask) if one.track in AUDIO]
        for (who, picture), low in tiles.items():
            if who == other.who:
                tracks.append(shown_track(Picture(picture), low, role, scene.mask))
        found += [
            Want(other.id, track)
            for track in tracks
            if may_receive(stay.viewer, other.viewer, track, scene)
        ]
    return found


def people(
    stay: Stay, here: Here, scene: Scene, figures: Mapping[str, PersonStats]
) -> tuple[wire.Person, ...]:
    """Who can be seen and heard, as far as it is this person's to know."""
    return tuple(
        _person(stay, other, here, scene, figures.get(other.id))
        for other in here.stays.values()
        if other.viewer.role is not ViewerRole.SUPERVISOR
    )


def is_watched(stays: Iterable[Stay]) -> bool:
    """Whether a supervisor is there."""
    return any(one.viewer.role is ViewerRole.SUPERVISOR for one in stays)


def _person(
    stay: Stay, other: Stay, here: Here, scene: Scene, figure: PersonStats | None
) -> wire.Person:
    def visible(track: Track) -> bool:
        return other is stay or may_receive(stay.viewer, other.viewer, track, scene)

    return wire.Person(
        who=other.who,
        tracks=tuple(sorted(track for track in other.tracks if visible(track))),
        muted=tuple(sorted(track for track in other.muted if visible(track))),
        dark=other.who in here.dark,
        # for staff, not for members: R-AV-4
        away=stay.viewer.role is not ViewerRole.SEAT and other.who in here.away,
        quality=figure.quality if figure is not None else None,
    )
