"""The project's forwarder in a process of its own, as the product runs it: uvloop, one loop."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.media.wire import Call, Push, answer_calls
from evaluation_room.archive.disk import DiskArchive
from evaluation_room.archive.places import Places, RoomKeys
from evaluation_room.core.media_events import MediaEvent
from evaluation_room.core.media_rules import Terms, Track
from evaluation_room.media.engine import Answer, Archive, Offer, PersonStats, Publication, Want
from evaluation_room.media.forwarder import Forwarder
from evaluation_room.media.link import Net
from evaluation_room.media_book import MediaBook
from foundation.clock import SystemClock
from foundation.db import Database
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner

TERMS: Final = (Terms(Track.FACE, 280, 640, 360, 15), Terms(Track.MIC, 40))


class _Told:
    """What the forwarder tells of one person; the bench wants the offers."""

    def __init__(self, room: str, who: str, push: Push) -> None:
        self._about = {"room": room, "who": who}
        self._push = push

    def offer(self, offer: Offer) -> None:
        """Bring it to the page."""
        self._push(self._about | {"number": offer.number, "sdp": offer.sdp})

    def published(self, publication: Publication) -> None:
        """Nobody asks."""

    def unpublished(self, publication: Publication, ground: str) -> None:
        """Nobody asks."""

    def wanted(self, tracks: frozenset[Track]) -> None:
        """No low layers here."""

    def failed(self) -> None:
        """The page sees it too."""

    def flooded(self, kbps: int) -> None:
        """The senders keep to the caps."""


class Ours:
    """Rooms of people; the calls of wire.py."""

    def __init__(self, forwarder: Forwarder, push: Push) -> None:
        self._forwarder = forwarder
        self._push = push
        self._here: set[tuple[str, str]] = set()

    def calls(self) -> dict[str, Call]:
        """What may be asked."""
        return {
            "publish": self.publish,
            "watch": self.watch,
            "answered": self._forwarder.answered,
            "leave": self.leave,
            "stats": self.stats,
        }

    async def publish(self, room: str, who: str, sdp: str, tracks: dict[str, str]) -> str:
        """Answer an offer."""
        await self._join(room, who)
        named = {mid: Track(track) for mid, track in tracks.items()}
        answer: Answer = await self._forwarder.publish(room, who, sdp, named)
        assert not answer.refused
        return answer.sdp

    async def watch(self, room: str, who: str, people: list[str]) -> None:
        """Picture and sound of these people."""
        await self._join(room, who)
        wants = [Want(other, track) for other in people for track in (Track.MIC, Track.FACE)]
        self._forwarder.subscribe(room, who, wants)

    async def leave(self, room: str, who: str) -> None:
        """End a stay."""
        self._here.discard((room, who))
        await self._forwarder.leave(room, who)

    async def stats(self, room: str) -> dict[str, Any]:
        """Lost and recovered packets of everybody's tracks."""
        found: Mapping[str, PersonStats] = self._forwarder.stats(room)
        tracks = [track for one in found.values() for track in one.up]
        return {
            "lost": sum(one.lost for one in tracks),
            "recovered": sum(one.recovered for one in tracks),
            "packets": sum(one.packets for one in tracks),
        }

    async def _join(self, room: str, who: str) -> None:
        if (room, who) not in self._here:
            self._here.add((room, who))
            await self._forwarder.join(room, who, TERMS, _Told(room, who, self._push))


def main() -> None:
    """Serve at one address; with `--record` a folder, everything is recorded into it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--record", type=Path)
    asked = parser.parse_args()

    async def run() -> None:
        forwarder = Forwarder(Net([asked.address]))
        if asked.record is not None:
            forwarder.record(archive(asked.record))
        await answer_calls(asked.address, lambda push: Ours(forwarder, push).calls())

    uvloop.run(run())


def archive(folder: Path) -> Archive:
    """A recorder with files, keys and a ledger of its own, in a folder that is there."""
    database = Database(folder / "ledger.db")
    database.create_tables()
    keys = KeyRing(folder / "keys")
    book = MediaBook(
        Books(database, SystemClock(), LogSigner("b.example/log", keys.signing("log")))
    )
    places = Places(folder / "recordings")

    def note(evaluation_id: str, /, *events: MediaEvent) -> None:
        book.note(evaluation_id, *events).result()

    recorder = DiskArchive(places, RoomKeys(places, keys.fields("recordings")), note)
    recorder.start()
    return recorder


if __name__ == "__main__":
    main()
