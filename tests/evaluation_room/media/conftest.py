"""An engine on loopback, and people who are gone when the test is."""

from collections.abc import AsyncIterator

import pytest_asyncio

from evaluation_room.media.forwarder import Forwarder
from tests.evaluation_room.media.peer import LOOPBACK, Peer


class Hall:
    """A forwarder and everybody who came."""

    def __init__(self) -> None:
        self.engine = Forwarder(LOOPBACK)
        self.peers: list[Peer] = []

    def peer(self, who: str, room: str = "r") -> Peer:
        peer = Peer(self.engine, who, room)
        self.peers.append(peer)
        return peer


@pytest_asyncio.fixture
async def hall() -> AsyncIterator[Hall]:
    here = Hall()
    yield here
    await here.engine.drain()
    for peer in here.peers:
        await peer.close()
