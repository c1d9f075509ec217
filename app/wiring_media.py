"""Sound and picture: which engine, on which addresses, under which overlay."""

import ipaddress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from evaluation_room.archive.disk import DiskArchive
from evaluation_room.core.media_rules import Mask
from evaluation_room.media.engine import MediaEngine
from evaluation_room.media_book import MediaBook
from evaluation_room.media_desk import MediaDesk, Policy
from evaluation_room.presence import PresenceChecks
from evaluation_room.service import RoomService
from foundation.clock import Clock
from foundation.rulebook.overlay import Overlay
from foundation.settings import Settings

if TYPE_CHECKING:
    from evaluation_room.media.link import Net


def build_media(
    settings: Settings,
    overlay: Overlay,
    book: MediaBook,
    rooms: RoomService,
    clock: Clock,
    *,
    archive: DiskArchive,
) -> MediaDesk | None:
    """The desk of sound and picture; None where the extra `media` is not installed.

    The engine's libraries are loaded when the first person joins, not before.
    """
    if find_spec("aiortc") is None:
        return None

    def engine() -> MediaEngine:
        from evaluation_room.media.forwarder import Forwarder  # noqa: PLC0415 # heavy

        forwarder = Forwarder(net_of(settings))
        forwarder.record(archive)
        return forwarder

    policy = Policy(Mask(overlay.media_mask), overlay.watching_shown, overlay.dark_seconds)
    desk = MediaDesk(engine, book, rooms.hub, clock, policy, recording=archive.state)
    rooms.unseen = desk.unseen
    desk.checks = PresenceChecks(
        book, rooms.hub, overlay, connected=desk.connected, ask=desk.ask_present
    )
    return desk


def net_of(settings: Settings) -> "Net":
    """Where packets come in: loopback when the service itself listens there alone."""
    from aioice.ice import get_host_addresses  # noqa: PLC0415 # heavy

    from evaluation_room.media.link import Net  # noqa: PLC0415

    if _is_loopback(settings.host):
        return Net([settings.host if settings.host != "localhost" else "127.0.0.1"])
    return Net(get_host_addresses(use_ipv4=True, use_ipv6=True))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
