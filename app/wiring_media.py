"""Sound and picture: which engine, on which addresses, under which overlay."""

import ipaddress
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from app.errors import PortsUnfit, TurnWithoutKey
from evaluation_room.archive.disk import DiskArchive
from evaluation_room.core.media_rules import Mask
from evaluation_room.hub import Hub
from evaluation_room.media.engine import MediaEngine
from evaluation_room.media_book import MediaBook
from evaluation_room.media_desk import MediaDesk
from evaluation_room.media_messages import IceServer
from evaluation_room.media_stays import Policy
from evaluation_room.media_turn import turn_servers
from evaluation_room.presence import PresenceChecks
from foundation.clock import Clock
from foundation.keys import KeyRing
from foundation.rulebook.overlay import Overlay
from foundation.settings import Settings

if TYPE_CHECKING:
    from evaluation_room.media.link import Net


TURN: Final = "turn"
"""Name of the key that is shared with the TURN server."""


@dataclass(frozen=True, slots=True)
class MediaParts:
    """The desk of sound and picture, and who asks members whether they are there."""

    desk: MediaDesk
    checks: PresenceChecks


def build_media(
    settings: Settings,
    overlay: Overlay,
    book: MediaBook,
    hub: Hub,
    clock: Clock,
    *,
    keys: KeyRing,
    archive: DiskArchive,
) -> MediaParts | None:
    """The desk of sound and picture; None where the extra `media` is not installed.

    The engine's libraries are loaded when the first person joins, not before.

    Raises:
        TurnWithoutKey, PortsUnfit: the settings can't be meant so.
    """
    if find_spec("aiortc") is None:
        return None
    ports_of(settings)

    def engine() -> MediaEngine:
        from evaluation_room.media.forwarder import Forwarder  # noqa: PLC0415 # heavy

        forwarder = Forwarder(net_of(settings))
        forwarder.record(archive)
        return forwarder

    def present(evaluation_id: str, seat: str, ask: str, picture: bool) -> None:
        checks.answered(evaluation_id, seat, ask, clock.now(), picture=picture)

    policy = Policy(
        mask=Mask(overlay.media_mask),
        watching_shown=overlay.watching_shown,
        dark_seconds=overlay.dark_seconds,
        turn=turn_of(settings, keys, clock),
    )
    desk = MediaDesk(
        engine,
        book,
        hub,
        clock,
        policy,
        recording=archive.state,
        present=present,
        open_ask=lambda evaluation_id, seat: checks.open_ask(evaluation_id, seat, clock.now()),
    )
    checks = PresenceChecks(
        book,
        hub,
        overlay,
        connected=desk.connected_seats,
        ask=desk.ask_present,
        away=desk.mark_away,
    )
    return MediaParts(desk, checks)


def turn_of(settings: Settings, keys: KeyRing, clock: Clock) -> Callable[[], tuple[IceServer, ...]]:
    """What a page is told of the installation's TURN server, new each time it joins.

    Raises:
        TurnWithoutKey: a server is named that shares no key with us.
    """
    urls = tuple(filter(None, settings.turn_urls.split(",")))
    if not urls:
        return tuple
    key = keys.given(TURN)
    if key is None:
        raise TurnWithoutKey
    return lambda: turn_servers(urls, key, clock.now(), secrets.token_hex(8))


def net_of(settings: Settings) -> "Net":
    """Where packets come in.

    Loopback when the service listens there alone and no proxy stands before it: whoever
    reaches the page reaches it from this machine.
    """
    from aioice.ice import get_host_addresses  # noqa: PLC0415 # heavy

    from evaluation_room.media.link import Net  # noqa: PLC0415

    if settings.media_addresses:
        addresses = settings.media_addresses.split(",")
    elif _is_loopback(settings.host) and not settings.public_origin:
        addresses = [settings.host if settings.host != "localhost" else "127.0.0.1"]
    else:
        addresses = get_host_addresses(use_ipv4=True, use_ipv6=True)
    return Net(addresses, ports_of(settings), settings.media_announce)


def ports_of(settings: Settings) -> Sequence[int]:
    """UDP ports of sound and picture; (0,) is any free one.

    Raises:
        PortsUnfit: no range of ports.
    """
    if not settings.media_ports:
        return (0,)
    first, last = map(int, settings.media_ports.split("-"))
    if not 1024 <= first <= last <= 65535:
        raise PortsUnfit(ports=settings.media_ports)
    return range(first, last + 1)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
