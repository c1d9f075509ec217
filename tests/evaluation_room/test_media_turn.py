"""Credentials for the TURN server, checked by a real coturn on loopback."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint

from evaluation_room.media_messages import IceServer
from evaluation_room.media_turn import LIFETIME, turn_secret, turn_servers
from tests.apart import apart
from tests.stories.coturn import TURNSERVER, coturn
from tests.stories.server import free_port

KEY = bytes(range(32))
NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
URLS = ("turn:turn.example:3478?transport=udp", "turns:turn.example:443?transport=tcp")
needs_turnserver = pytest.mark.skipif(
    TURNSERVER is None, reason="coturn is not installed (tools/turnserver.sh installs it)"
)


def test_credentials_name_their_end_and_nobody() -> None:
    (server,) = turn_servers(URLS, KEY, NOON, "c0ffee")
    ends, _, chance = server.username.partition(":")
    assert (server.urls, chance) == (URLS, "c0ffee")
    assert datetime.fromtimestamp(int(ends), UTC) == NOON + LIFETIME
    # what OpenSSL makes of them:
    # printf 1795780800:c0ffee | openssl dgst -sha1 -hmac 000102…1f -binary | base64
    assert server.username == "1795780800:c0ffee"
    assert server.credential == "xY2c+iC6QxFmxFai3MMzxcKzpwU="


def test_no_server_is_named_where_there_is_none() -> None:
    assert turn_servers((), KEY, NOON, "c0ffee") == ()


@dataclass(frozen=True, slots=True)
class Turn:
    """A TURN server on loopback."""

    port: int

    def relay(self, given: IceServer, transport: str) -> bytes:
        """What comes back when a datagram goes out through the relay and is answered."""
        return apart(self._relay(given, transport))

    async def _relay(self, given: IceServer, transport: str) -> bytes:
        got: asyncio.Queue[bytes] = asyncio.Queue()

        class Inside(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, _addr: tuple[str, int]) -> None:
                got.put_nowait(data)

        class Echo(asyncio.DatagramProtocol):
            def connection_made(self, transport: Any) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                self.transport.sendto(b"heard " + data, addr)

        loop = asyncio.get_running_loop()
        opened: list[asyncio.BaseTransport] = []
        make = loop.create_datagram_endpoint

        async def noted(*args: Any, **wanted: Any) -> Any:
            pair = await make(*args, **wanted)
            opened.append(pair[0])
            return pair

        # aioice leaves its socket open when the server refuses
        loop.create_datagram_endpoint = noted  # type: ignore[method-assign]
        try:
            echo, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
            relayed, _ = await create_turn_endpoint(
                Inside,
                server_addr=("127.0.0.1", self.port),
                username=given.username,
                password=given.credential,
                transport=transport,
            )
            relayed.sendto(b"hello", echo.get_extra_info("sockname"))
            heard = await asyncio.wait_for(got.get(), 10)
            relayed.close()
            await asyncio.sleep(0.2)
            return heard
        finally:
            for one in opened:
                one.close()
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    port = free_port()
    with coturn(tmp_path_factory.mktemp("coturn"), turn_secret(KEY), port):
        yield Turn(port)


@needs_turnserver
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_real_turn_server_relays_for_our_credentials(turn: Turn, transport: str) -> None:
    (server,) = turn_servers(URLS, KEY, datetime.now(UTC), "c0ffee")
    assert turn.relay(server, transport) == b"heard hello"


@needs_turnserver
def test_a_real_turn_server_refuses_what_has_ended_or_was_made_up(turn: Turn) -> None:
    now = datetime.now(UTC)
    over = turn_servers(URLS, KEY, now - LIFETIME - timedelta(minutes=1), "c0ffee")
    other = turn_servers(URLS, bytes(32), now, "c0ffee")
    longer = over[0].model_copy(update={"username": f"{int(now.timestamp()) + 9999}:c0ffee"})
    for server in (*over, *other, longer):
        with pytest.raises(TransactionFailed):
            turn.relay(server, "udp")
