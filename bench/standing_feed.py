"""`standing.feed`: 100,000 shared entries of a region are followed over HTTP, each one checked.

Two whole services: the one publishes behind a socket of this machine, the other reads its
checkpoint, its leaves and the bodies, grows the tree to the signed root, checks each body against
its leaf, writes what it took, and looks for its own people in it.
"""

import socket
import tempfile
import threading
import time
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.main import create_app
from app.wiring import House, build_house
from bench.row import Row, say, timed
from blacklist.core.feed import LIST_ENTRY, STREAM, FeedAct, ListEntry
from blacklist.core.grounds import GROUNDS, Kind
from draw_engine.parties import Registered
from foundation.clock import FixedClock
from foundation.ids import AccountId
from foundation.ledger.note import CheckpointText, cosign
from foundation.settings import Settings

ENTRIES = 100_000
A_COMMIT = 1_000
WITNESS = "north.example/w"
ADMIN = AccountId("acc_admin")
LIMIT_SECONDS = 30


def bench() -> list[Row]:
    """Seconds to follow a new peer from its first entry to its last."""
    with tempfile.TemporaryDirectory(dir=_disk()) as folder:
        clock = FixedClock(datetime(2026, 11, 23, 1, tzinfo=UTC))
        north, south = (_house(Path(folder), name, clock) for name in ("north", "south"))
        _fill(north)
        _publish(north)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            server = uvicorn.Server(
                uvicorn.Config(create_app(north), lifespan="off", log_config=None, ws="none")
            )
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            while not server.started:
                time.sleep(0.01)
            north.feeds.feeds.register(
                "south", south.feeds.feeds.own.line, "https://south.example", ADMIN
            )
            peer = south.feeds.feeds.register("north", north.feeds.feeds.own.line, address, ADMIN)
            taken = timed(lambda: south.feeds.feeds.follow(peer.id))
            looked = timed(south.feeds.matches.find)
            state = south.feeds.feeds.state(peer.id)
            server.should_exit = True
            thread.join()
        assert (state.taken, state.trouble) == (ENTRIES, ""), state
        for house in (north, south):
            house.close()
    note = f"{ENTRIES} over HTTP, then {looked:.1f} s to look for own people in them"
    goal = f"<= {LIMIT_SECONDS}"
    return [Row("standing.feed", round(taken + looked, 1), "s", goal, note)]


def _house(folder: Path, name: str, clock: FixedClock) -> House:
    settings = Settings(home=folder / name, log_origin=f"{name}.example/log")
    return build_house(settings, demonstration=True, clock=clock)


def _fill(house: House) -> None:
    """Entries as a real list has them; written as the feed's own, for a list is no part of this."""
    first = date(2026, 1, 1)
    ground = "not_recused"
    for start in range(0, ENTRIES, A_COMMIT):
        with house.books.write() as book:
            bodies = [
                ListEntry(
                    id=f"bl_{number:022d}",
                    act=FeedAct.RECORDED,
                    person_token=sha256(b"%d" % number).hexdigest(),
                    key_id=house.feeds.publisher.federation,
                    kind=Kind.BARRED,
                    ground=ground,
                    article=GROUNDS[ground].article,
                    basis=f"决定书 {number} 号",
                    deciding_body="监督部门",
                    starts_on=first,
                    ends_on=first + timedelta(days=365 + number % 365),
                ).to_body()
                for number in range(start, start + A_COMMIT)
            ]
            book.append_many(STREAM, LIST_ENTRY, bodies)


def _publish(house: House) -> None:
    witness = Ed25519PrivateKey.generate()
    centre = Ed25519PrivateKey.generate()
    for party, key, name in (("centre", centre, ""), ("supervisor", witness, WITNESS)):
        raw = key.public_key().public_bytes_raw()
        house.draw.parties.register(Registered(party, f"Body of {party}", "own", raw, name), ADMIN)
    newest = house.books.checkpoint()
    text = CheckpointText(newest.note.partition("\n")[0], newest.size, newest.root)
    line = cosign(text, WITNESS, witness, int(house.clock.now().timestamp()))
    house.draw.holders.cosign("supervisor", newest.size, line)


def _disk() -> Path:
    folder = Path("var/bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    say(bench())
