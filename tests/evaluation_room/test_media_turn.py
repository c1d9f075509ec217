"""Credentials for the TURN server, checked by a real coturn on loopback."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint

from evaluation_room.media_messages import IceServer
from evaluation_room.media_turn import LIFETIME, turn_secret, turn_servers
from tests.apart import apart

KEY = bytes(range(32))
NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
URLS = ("turn:turn.example:3478?transport=udp", "turns:turn.example:443?transport=tcp")
TURNSERVER = shutil.which(os.environ.get("EXPERT_DRAW_TURNSERVER") or "turnserver")
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
class Coturn:
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
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    folder = tmp_path_factory.mktemp("coturn")
    port = free_port()
    (folder / "turnserver.conf").write_text(
        f"listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nlistening-port={port}\n"
        f"use-auth-secret\nstatic-auth-secret={turn_secret(KEY)}\nrealm=turn.example\n"
        "allow-loopback-peers\nno-tls\nno-dtls\nno-cli\nlog-file=stdout\nsimple-log\n"
        f"pidfile={folder}/turn.pid\nuserdb={folder}/turn.db\n"
    )
    assert TURNSERVER is not None
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [TURNSERVER, "-c", str(folder / "turnserver.conf")],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    try:
        wait_for(port, process, folder / "out")
        yield Coturn(port)
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def wait_for(port: int, process: "subprocess.Popen[bytes]", out: Path) -> None:
    for _ in range(100):
        assert process.poll() is None, out.read_text("utf-8", "replace")
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(out.read_text("utf-8", "replace"))


@needs_turnserver
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_real_turn_server_relays_for_our_credentials(coturn: Coturn, transport: str) -> None:
    (server,) = turn_servers(URLS, KEY, datetime.now(UTC), "c0ffee")
    assert coturn.relay(server, transport) == b"heard hello"


@needs_turnserver
def test_a_real_turn_server_refuses_what_has_ended_or_was_made_up(coturn: Coturn) -> None:
    now = datetime.now(UTC)
    over = turn_servers(URLS, KEY, now - LIFETIME - timedelta(minutes=1), "c0ffee")
    other = turn_servers(URLS, bytes(32), now, "c0ffee")
    longer = over[0].model_copy(update={"username": f"{int(now.timestamp()) + 9999}:c0ffee"})
    for server in (*over, *other, longer):
        with pytest.raises(TransactionFailed):
            coturn.relay(server, "udp")
