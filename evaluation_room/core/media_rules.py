"""Who may send which track, how much of it, and who sees and hears whom, phase by phase.

media/SPEC.md section 1 is this module in words. The server asks it for every leg.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from evaluation_room.core.values import Phase
from evaluation_room.core.views import Viewer, ViewerRole


class Track(StrEnum):
    """What is sent: a picture or a sound, raw or masked, in one of two layers."""

    FACE = "face"
    FACE_LOW = "face_low"
    MASKED = "masked"
    MASKED_LOW = "masked_low"
    MIC = "mic"
    VOICE = "voice"
    DESK = "desk"
    SCREEN = "screen"


class Kind(StrEnum):
    """Sound or picture."""

    AUDIO = "audio"
    VIDEO = "video"


class Mask(StrEnum):
    """What members see of each other's faces (overlay, R-AV-2)."""

    NONE = "none"
    PIXELATED = "pixelated"
    SILHOUETTE = "silhouette"


class Picture(StrEnum):
    """What a viewer asks for; which track that is depends on the mode."""

    FACE = "face"
    DESK = "desk"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a track is to be sent: the cap in kbit/s, and for video size and rate at most."""

    track: Track
    max_kbps: int
    width: int = 0
    height: int = 0
    fps: int = 0

    @property
    def kind(self) -> Kind:
        """Sound or picture."""
        return kind_of(self.track)


AUDIO: Final = frozenset({Track.MIC, Track.VOICE})
RAW: Final = frozenset({Track.FACE, Track.FACE_LOW, Track.MIC})
MASKED: Final = frozenset({Track.MASKED, Track.MASKED_LOW, Track.VOICE})
LOW: Final[Mapping[Track, Track]] = MappingProxyType(
    {Track.FACE: Track.FACE_LOW, Track.MASKED: Track.MASKED_LOW}
)
"""Track -> its low layer."""

UP_MAX_KBPS: Final = 800
"""What one person sends at most, all tracks together."""

_OPEN: Final = (
    Terms(Track.FACE, 280, 640, 360, 15),
    Terms(Track.FACE_LOW, 80, 320, 180, 15),
    Terms(Track.MIC, 40),
    Terms(Track.DESK, 120, 640, 360, 8),
    Terms(Track.SCREEN, 260, 1280, 720, 5),
)
_MASKED: Final = (
    Terms(Track.FACE, 180, 640, 360, 15),
    Terms(Track.MASKED, 180, 640, 360, 15),
    Terms(Track.MASKED_LOW, 60, 320, 180, 15),
    Terms(Track.MIC, 32),
    Terms(Track.VOICE, 32),
    Terms(Track.DESK, 90, 640, 360, 8),
    Terms(Track.SCREEN, 200, 1280, 720, 5),
)
_CLERK: Final = tuple(one for one in _OPEN if one.track not in {Track.DESK, Track.SCREEN})

PROCEDURE: Final = frozenset({Phase.CHECK_IN, Phase.UNDERTAKING, Phase.RECUSAL, Phase.REPORT})
"""Phases in which the clerk talks with the members."""
OPEN_PHASES: Final = PROCEDURE | {Phase.LEADER, Phase.SCORING, Phase.SUMMARY}
"""Phases in which there is media at all."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that visibility depends on beside the two people."""

    phase: Phase
    paused: bool
    stopped: bool
    mask: Mask

    @property
    def is_on(self) -> bool:
        """Whether there is media at all."""
        return self.phase in OPEN_PHASES and not self.stopped

    @property
    def clerk_talks(self) -> bool:
        """Whether clerk and members hear each other."""
        return self.paused or self.phase in PROCEDURE


def kind_of(track: Track) -> Kind:
    """Sound or picture."""
    return Kind.AUDIO if track in AUDIO else Kind.VIDEO


def may_send(role: ViewerRole, mask: Mask) -> tuple[Terms, ...]:
    """What somebody may publish, and the terms."""
    match role:
        case ViewerRole.SEAT:
            return _OPEN if mask is Mask.NONE else _MASKED
        case ViewerRole.CLERK:
            return _CLERK
        case ViewerRole.SUPERVISOR:
            return ()


def is_archive_only(role: ViewerRole, track: Track, mask: Mask) -> bool:
    """Whether a track goes to the archive and to nobody else."""
    return role is ViewerRole.SEAT and mask is not Mask.NONE and track in RAW


def may_receive(viewer: Viewer, sender: Viewer, track: Track, scene: Scene) -> bool:
    """Whether `viewer` is sent `track` of `sender` in this scene."""
    if not scene.is_on or viewer == sender:
        return False
    if track not in {one.track for one in may_send(sender.role, scene.mask)}:
        return False
    if is_archive_only(sender.role, track, scene.mask):
        return False
    if viewer.role is ViewerRole.SUPERVISOR:
        return True
    if ViewerRole.CLERK in {viewer.role, sender.role}:
        return _with_clerk(viewer, track, scene)
    return not (scene.paused and track in AUDIO)


def _with_clerk(viewer: Viewer, track: Track, scene: Scene) -> bool:
    """Between clerk and member: the clerk sees always, all else belongs to the procedure."""
    if viewer.role is ViewerRole.CLERK and track not in AUDIO and track is not Track.SCREEN:
        return True
    return scene.clerk_talks


def shown_track(picture: Picture, low: bool, sender: ViewerRole, mask: Mask) -> Track:
    """The track behind a picture that a viewer asks for."""
    match picture:
        case Picture.DESK:
            return Track.DESK
        case Picture.SCREEN:
            return Track.SCREEN
        case Picture.FACE:
            masked = sender is ViewerRole.SEAT and mask is not Mask.NONE
            high = Track.MASKED if masked else Track.FACE
            return LOW[high] if low else high
