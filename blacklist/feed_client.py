"""A peer over HTTP: its checkpoint, its leaves, and the bodies that it gives to registered peers.

Nothing that comes back is believed here; `feed_service` checks it against the log.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from blacklist.core.feed_errors import NotAPeer, PeerSilent
from foundation.clock import Clock, seconds
from foundation.digest import tagged
from foundation.ledger.tile_reader import MOST_BYTES, TileReader

PATIENCE: Final = 20.0
"""Seconds for one answer."""
MOST_ANSWER: Final = 64 * 2**20
FRESH_SECONDS: Final = 300
ENTRIES: Final = "/api/feed/entries"
HEADER: Final = "feed-signature"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Payload:
    """What a peer gives of one entry; salt and body are None where it withholds them."""

    index: int
    at: int
    salt: bytes | None
    body: bytes | None


class HttpPeer:
    """One look at a peer.

    Args:
        address: where its pages are, without a path.
        origin, peer_origin: the logs of who asks and who answers; both stand in the signature.
    """

    def __init__(
        self,
        client: httpx2.Client,
        key: Ed25519PrivateKey,
        clock: Clock,
        *,
        address: str,
        origin: str,
        peer_origin: str,
    ) -> None:
        self._client = client
        self._key = key
        self._clock = clock
        self._address = address
        self._origin = origin
        self._peer_origin = peer_origin

    def checkpoint(self) -> str:
        """The newest published checkpoint, as a signed note."""
        try:
            return self._get("/log/checkpoint", MOST_BYTES).decode()
        except UnicodeDecodeError as bad:
            raise PeerSilent(why="checkpoint") from bad

    def leaves(self, start: int, end: int, size: int) -> list[bytes]:
        """Leaves start..end-1 of the log of `size`."""
        reader = TileReader(lambda place: self._get(f"/log/{place}", MOST_BYTES))
        try:
            return reader.entries(start, end, size)
        except ValueError as bad:
            raise PeerSilent(why="tile") from bad

    def payloads(self, since: int, limit: int) -> list[Payload]:
        """Bodies of the feed's entries behind `since`, at most `limit`."""
        path = f"{ENTRIES}?since={since}&limit={limit}"
        headers = {HEADER: signed(self._key, self._origin, self._peer_origin, path, self._clock)}
        try:
            found = json.loads(self._get(path, MOST_ANSWER, headers))["entries"]
            return [_payload(one) for one in found]
        except (ValueError, KeyError, TypeError, RecursionError) as bad:
            raise PeerSilent(why="entries") from bad

    def _get(self, path: str, most: int, headers: Mapping[str, str] | None = None) -> bytes:
        try:
            with self._client.stream(
                "GET", f"{self._address}{path}", headers=dict(headers or {})
            ) as answer:
                if answer.status_code != httpx2.codes.OK:
                    raise PeerSilent(why=str(answer.status_code))
                data = bytearray()
                for some in answer.iter_bytes():
                    data += some
                    if len(data) > most:
                        raise PeerSilent(why="too long")
        except (httpx2.HTTPError, httpx2.InvalidURL) as lost:
            raise PeerSilent(why=type(lost).__name__) from lost
        return bytes(data)


def dialler(key: Ed25519PrivateKey, origin: str, clock: Clock) -> Callable[[str, str], HttpPeer]:
    """Opens a peer by its address and its log's origin; one client keeps the connections."""
    client = httpx2.Client(timeout=PATIENCE, follow_redirects=False)

    def dial(address: str, peer_origin: str) -> HttpPeer:
        return HttpPeer(client, key, clock, address=address, origin=origin, peer_origin=peer_origin)

    return dial


def address_of(text: str) -> str | None:
    """The address of a peer in its one spelling; None where it is none.

    Only the service itself may be reached without encryption: by its own machine.
    """
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    rest = parts.path or parts.query or parts.fragment or parts.username is not None
    good = (parts.scheme == "https" or plain) and parts.hostname and not rest
    return address if good and address.isascii() and len(address) <= 200 else None


def signed(key: Ed25519PrivateKey, origin: str, peer_origin: str, path: str, clock: Clock) -> str:
    """The header that a registered peer shows: who asks, when, and a signature of the request.

    The key is the log's own: a peer registers one key and no second. What is signed is a hash
    of 32 bytes with a tag, which is never the text of a checkpoint.
    """
    at = seconds(clock.now())
    signature = key.sign(_request(origin, peer_origin, path, at))
    return f"{origin} {at} {signature.hex()}"


def asker(header: str, own_origin: str, path: str, now: int, keys: Mapping[str, bytes]) -> str:
    """The origin of the registered peer that signed a request just now.

    Args:
        keys: of the registered peers, by origin.

    Raises:
        NotAPeer: nobody registered, another request, too old, or a false signature.
    """
    origin, _, rest = header.partition(" ")
    told, _, signature = rest.partition(" ")
    if origin not in keys or not (told.isascii() and told.isdigit() and len(told) <= 12):
        raise NotAPeer
    if abs(now - int(told)) > FRESH_SECONDS:
        raise NotAPeer
    try:
        public = Ed25519PublicKey.from_public_bytes(keys[origin])
        public.verify(bytes.fromhex(signature), _request(origin, own_origin, path, int(told)))
    except (InvalidSignature, ValueError) as false:
        raise NotAPeer from false
    return origin


def _request(origin: str, peer_origin: str, path: str, at: int) -> bytes:
    parts = (origin.encode(), peer_origin.encode(), path.encode(), at.to_bytes(8, "big"))
    return tagged("feed/request", *parts)


def _payload(one: Mapping[str, Any]) -> Payload:
    index, at, salt, body = one["index"], one["at"], one["salt"], one["body"]
    if not (type(index) is int and type(at) is int and 0 <= at < 2**40 and index >= 0):
        raise ValueError("payload")
    if (salt is None) != (body is None):
        raise ValueError("payload")
    if salt is None:
        return Payload(index, at, None, None)
    return Payload(index, at, bytes.fromhex(salt), body.encode())
