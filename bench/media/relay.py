"""aiortc as it comes: a connection up, a connection down, and `MediaRelay` between them.

Each picture is decoded once and encoded anew for each viewer; that is what the row
`media.vs_relay` compares with.
"""

import argparse
from dataclasses import dataclass, field
from typing import Any

import aioice.ice
import uvloop
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaRelay

from bench.media.wire import Call, Push, answer_calls


@dataclass
class _Person:
    up: RTCPeerConnection | None = None
    down: RTCPeerConnection | None = None
    number: int = 0
    tracks: list[MediaStreamTrack] = field(default_factory=list)


class Relay:
    """Rooms of people; the calls of wire.py."""

    def __init__(self, push: Push) -> None:
        self._push = push
        self._relay = MediaRelay()
        self._people: dict[tuple[str, str], _Person] = {}

    def calls(self) -> dict[str, Call]:
        """What may be asked."""
        return {
            "publish": self.publish,
            "watch": self.watch,
            "answered": self.answered,
            "leave": self.leave,
        }

    async def publish(self, room: str, who: str, sdp: str, tracks: dict[str, str]) -> str:
        """Answer an offer; what arrives is kept for the others."""
        person = self._people.setdefault((room, who), _Person())
        person.up = _connection()
        person.up.on("track", person.tracks.append)
        await person.up.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        assert len(person.tracks) == len(tracks)
        await person.up.setLocalDescription(await person.up.createAnswer())
        return str(person.up.localDescription.sdp)

    async def watch(self, room: str, who: str, people: list[str]) -> None:
        """Offer the tracks of these people."""
        person = self._people.setdefault((room, who), _Person())
        person.down = _connection()
        for other in people:
            for track in self._people[room, other].tracks:
                person.down.addTrack(self._relay.subscribe(track))
        await person.down.setLocalDescription(await person.down.createOffer())
        person.number += 1
        offer = {"room": room, "who": who, "number": person.number}
        self._push(offer | {"sdp": person.down.localDescription.sdp})

    async def answered(self, room: str, who: str, number: int, sdp: str) -> None:
        """Take the answer."""
        down = self._people[room, who].down
        assert down is not None
        assert number == self._people[room, who].number
        await down.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def leave(self, room: str, who: str) -> None:
        """Close both connections."""
        person = self._people.pop((room, who), _Person())
        for one in (person.up, person.down):
            if one is not None:
                await one.close()


def _connection() -> RTCPeerConnection:
    # As it comes, the library leaves the second picture of an offer on a transport of its own that
    # nobody ever connects.
    return RTCPeerConnection(RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


def main() -> None:
    """Serve at one address."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    address: str = parser.parse_args().address

    def addresses(*_: Any, **__: Any) -> list[str]:
        return [address]

    setattr(aioice.ice, "get_host_addresses", addresses)  # noqa: B010 - it leaves 127.0.0.1 out
    uvloop.run(answer_calls(address, lambda push: Relay(push).calls()))


if __name__ == "__main__":
    main()
