"""One track as the event loop meets it: packets are put in a queue, and nothing else is done.

Once a second, and while a keyframe is waited for, it looks up: is too much waiting to be
written, is it time for a keyframe to end the segment with.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from evaluation_room.archive.segment import Packet
from evaluation_room.core.media_rules import Kind
from evaluation_room.media.engine import Publication
from evaluation_room.media.rtp import payload_start
from evaluation_room.media.vp8 import begins_keyframe

SECOND: Final = 1_000_000
SEGMENT_US: Final = 30 * SECOND
LONGEST_US: Final = 32 * SECOND
"""A segment of a picture waits so long for its keyframe."""
ASK_BEFORE_US: Final = SECOND // 20
ASK_EVERY_US: Final = SECOND // 2

Keyframe = Callable[[], None]


class TrackQueue:
    """The `Recorder` of one publication.

    In the queue an empty packet stands for what was thrown away; its times are in `gaps`.
    `began_us` is when the present segment began, as the writer has it.

    Args:
        is_full: whether more is waiting in the whole archive than may.
        ended: called once, on the event loop, when no packet follows.
    """

    def __init__(
        self,
        publication: Publication,
        keyframe: Keyframe,
        is_full: Callable[[], bool],
        ended: Callable[[], None],
    ) -> None:
        self.publication = publication
        self.queue: deque[Packet] = deque()
        self.gaps: deque[tuple[int, int]] = deque()
        self.taken = 0
        self.is_over = False
        self._keyframe = keyframe
        self._is_full = is_full
        self._ended = ended
        self._is_video = publication.kind is Kind.VIDEO
        self._put = self.queue.append
        self._look_at = 0
        self._second = 0
        self.began_us = 0
        self._ask_at = 0
        self._lost_since: int | None = None
        self._lost_until = 0

    def packet(self, packet: bytes, at_us: int) -> None:
        """Take one packet. Runs for every packet of every track."""
        if at_us >= self._look_at and not self._look(packet, at_us):
            return
        self.taken += len(packet)
        self._put((at_us, packet))

    def end(self) -> None:
        """No packet follows; a second call is nothing."""
        if not self.is_over:
            self._resume()
            self.is_over = True
            self._ended()

    def _look(self, packet: bytes, at_us: int) -> bool:
        """What is not done for every packet; whether this one is taken."""
        if at_us >= self._second:
            self._second = at_us + SECOND
            if self._is_full():
                self._lost_since = self._lost_since or at_us
            elif self._lost_since is not None:
                self._resume()
                self._keyframe()
        if self._lost_since is not None:
            self._lost_until, self._look_at = at_us, 0
            return False
        if self._is_video:
            self._wait_for_keyframe(packet, at_us)
        else:
            self._look_at = self._second
        return True

    def _wait_for_keyframe(self, packet: bytes, at_us: int) -> None:
        """Ask for a keyframe when a segment is old enough, until one has come or it is too old.

        The writer ends segments by the same rule and by the same packets.
        """
        if ends_segment(packet, self.began_us, at_us):
            self.began_us = at_us
            self._ask_at = at_us + SEGMENT_US - ASK_BEFORE_US
        waiting = at_us >= self._ask_at
        if waiting:
            self._ask_at = at_us + ASK_EVERY_US
            self._keyframe()
        near = at_us >= self.began_us + SEGMENT_US - ASK_BEFORE_US
        self._look_at = 0 if near else min(self._second, self._ask_at)

    def _resume(self) -> None:
        if self._lost_since is not None:
            self.gaps.append((self._lost_since, self._lost_until))
            self._put((self._lost_until, b""))
            self._lost_since = None


def ends_segment(packet: bytes, began_us: int, at_us: int) -> bool:
    """Whether a picture's segment that began then ends before this packet."""
    age = at_us - began_us
    return age >= LONGEST_US or (age >= SEGMENT_US and _begins_keyframe(packet))


def _begins_keyframe(packet: bytes) -> bool:
    start = payload_start(packet)
    return start is not None and begins_keyframe(packet[start : start + 8])
