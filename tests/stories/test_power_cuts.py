"""The server is killed before and after each of the story's first sixty appends.

Each time it is started again, and the story goes on to its end: a sealed draw with one
decline and its step, an evaluation by five members, a signed report, a published bundle
that verifies, a ledger without a gap. Nothing acknowledged is lost; no step runs twice.
"""

import asyncio
import json
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest
from websockets.asyncio.client import ClientConnection

from app.demo.play import Play, Players, Sitting
from evaluation_room.core import commands
from evaluation_room.core.values import Phase
from tests.stories.acknowledged import Acknowledged, Ear, Fact, broken, doubled, log_of, set_of
from tests.stories.holders import holders_run, register_holders
from tests.stories.office import Person, prepare, request_body, until
from tests.stories.server import Server, command

APPENDS = 60
WINDOW_SECONDS = (150, 400)
"""The draw must be over before it closes, and forty starts fall into it: how long each of them
takes, on a machine with other work too, the first start tells."""
END_SECONDS = 500


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("first", range(0, APPENDS, 20))
def test_the_story_ends_well_although_the_server_is_killed(tmp_path: Path, first: int) -> None:
    with story(tmp_path, first, first + 19) as server:
        lived = live_through(server, f"cut-{first}")
        accepted, sealed = seated_and_sealed(server, lived.evaluation_id)
        bundle = server.home.parent / "BUNDLE.json"
        bundle.write_bytes(published(server, lived.draw_id))
        server.stop()

    assert "passed" in command("verify", "--test", str(bundle), "--lang", "en")
    command("ledger", "verify", home=server.home)
    assert accepted == 5
    assert len(sealed) == 5
    nothing_ran_twice(server.home / "main.db")
    nothing_said_is_lost(server.home / "main.db", lived)
    cuts = (tmp_path / "cuts").read_text().split()
    base = int((tmp_path / "base").read_text())
    wanted = {
        f"{side}-{base + n}" for side in ("before", "after") for n in range(first, first + 20)
    }
    assert set(cuts) == wanted


@contextmanager
def story(folder: Path, first: int, last: int) -> Iterator[Server]:
    """A demonstration with two holder programs, whose appends first..last are cut."""
    server = Server(folder / "home")
    with server:
        administrator = Person(server.url, "administrator").sign_in()
        register_holders(administrator, folder)
        base = administrator.get("/api/meta")["checkpoint"]["size"]
    (folder / "base").write_text(str(base))
    cuts = (str(base + first), str(base + last), str(folder / "cuts"))
    server.program = (sys.executable, "-m", "tests.stories.crashing", *cuts)
    server.start()
    try:
        with holders_run(server, folder):
            yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class Lived:
    """A story that has ended, and every command that was answered with `done` in it."""

    draw_id: str
    evaluation_id: str
    heard: list[Acknowledged]


def live_through(server: Server, key: str) -> Lived:
    """Everything that people do, from the request to the closed room."""
    ear = Ear()
    applicant = Person(server.url, "applicant").sign_in()
    clerk = Person(server.url, "clerk").sign_in()
    least, most = WINDOW_SECONDS
    body = request_body(key, draw_in=2, closes_in=max(least, min(most, 40 * server.took)))
    draw_id = applicant.post("/api/draws", body)["id"]

    def state(*wanted: str) -> bool:
        return applicant.get(f"/api/draws/{draw_id}")["state"] in wanted

    until(lambda: state("inviting", "sealed"), END_SECONDS, "invitations")
    decline_one(server)
    stop = threading.Event()
    players = threading.Thread(target=play_experts, args=(server, stop, ear), daemon=True)
    players.start()
    until(lambda: state("sealed"), END_SECONDS, "every seat taken")
    evaluation_id = prepare(clerk, draw_id)

    def phase(*wanted: str) -> bool:
        return clerk.get(f"/api/evaluations/{evaluation_id}")["phase"] in wanted

    def leave(leaving: Phase) -> bool:
        clerk.say(evaluation_id, commands.Advance(leaving=leaving), f"leave-{leaving}")
        return not phase(leaving)

    until(lambda: phase("check_in"), END_SECONDS, "check-in")
    until(lambda: leave(Phase.CHECK_IN), END_SECONDS, "all checked in", pause=1)
    until(lambda: phase("report"), END_SECONDS, "report", pause=1)
    until(lambda: leave(Phase.REPORT), END_SECONDS, "closed", pause=1)
    until(lambda: state("unsealed"), END_SECONDS, "unsealing", pause=1)
    stop.set()
    players.join(30)
    return Lived(draw_id, evaluation_id, [*ear.heard, *clerk.heard])


def decline_one(server: Server) -> None:
    """The first invited expert declines, once."""
    expert = Person(server.url, "expert").sign_in()

    def declined() -> bool:
        [one] = expert.get("/api/inbox")["invitations"]
        if one["state"] == "declined":
            return True
        answer = {"answer": "decline", "reason": "illness"}
        expert.call("POST", f"/api/inbox/{one['id']}/answer", json=answer)
        return False

    until(declined, END_SECONDS, "the decline")


def play_experts(server: Server, stop: threading.Event, ear: Ear) -> None:
    """The other members play themselves; when the server is away they try again."""

    async def forever() -> None:
        play = Play(server.url, leave=0, pace=0.05)
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
            players = OverheardPlayers(play, http, ear)
            while not stop.is_set():
                with suppress(httpx.TransportError, httpx.HTTPStatusError):
                    await players.round()
                await asyncio.sleep(0.5)

    asyncio.run(forever())


class OverheardPlayers(Players):
    """Players whose commands and acknowledgements are noted."""

    def __init__(self, play: Play, http: httpx.AsyncClient, ear: Ear) -> None:
        super().__init__(play, http)
        self._ear = ear

    def sitting(self, socket: ClientConnection) -> Sitting:
        return Sitting(self._ear.at(socket), self._play.pace)


def seated_and_sealed(server: Server, evaluation_id: str) -> tuple[int, set[str]]:
    """How many seats are taken, and the commitments of the sheets that were sealed."""
    supervisor = Person(server.url, "supervisor").sign_in()
    entries = supervisor.get(f"/api/evaluations/{evaluation_id}/log")["entries"]
    checked_in = sum(entry["type"] == "room.checked_in" for entry in entries)
    sealed = {
        json.dumps(entry["facts"], sort_keys=True)
        for entry in entries
        if entry["type"] == "room.sheet_sealed"
    }
    return checked_in, sealed


def published(server: Server, draw_id: str) -> bytes:
    """The bundle that everybody may fetch."""
    anyone, path = Person(server.url, ""), f"/api/public/draws/{draw_id}/bundle"

    def cosigned() -> bytes | None:
        answer = anyone.call("GET", path)
        return bytes(answer.content) if answer.status_code == 200 else None

    return until(cosigned, END_SECONDS, "the bundle, once its last checkpoint is cosigned")


def nothing_ran_twice(database: Path) -> None:
    """Each reveal, result, decline and invitation of a draw stands once, and so does its hold."""
    with sqlite3.connect(database) as raw:
        leaves = [
            json.loads(leaf)
            for (leaf,) in raw.execute("SELECT leaf FROM ledger_leaf ORDER BY number")
        ]
    types = [leaf["type"] for leaf in leaves]
    assert types.count("draw.held") == types.count("draw.released") == 1
    assert types.index("room.planned") < types.index("draw.held")
    assert types.index("draw.held") < types.index("draw.released") < types.index("unseal")
    protocol = [leaf for leaf in leaves if "v" not in leaf]
    members = ("type", "party", "j", "step")
    acts = Counter(
        tuple(leaf.get(member) for member in members)
        for leaf in protocol
        if leaf["type"] != "snapshot"
    )
    assert [act for act, times in acts.items() if times > 1] == []
    assert acts["result", None, None, 1] == 1


def nothing_said_is_lost(database: Path, lived: Lived) -> None:
    """What was answered with `done` is in the log once, and no act of the room is there twice."""
    facts, rows = log_of(database, lived.evaluation_id)
    said = Counter(one.command.type for one in set_of(lived.heard))
    # both ends of the room were heard, so that "nothing is broken" says something
    assert said["room.submit_sheet"] + said["room.sign_report"] > 0
    assert said["room.advance"] > 0
    assert broken(lived.heard, facts, rows) == []
    assert doubled(facts) == []


def test_a_lost_or_doubled_command_is_found() -> None:
    """The two searches of this file, against logs that are wrong in one way each."""
    vote = commands.Vote(round=1, choice="e2")
    heard = [Acknowledged("a", "e1", commands.CheckIn()), Acknowledged("b", "e1", vote)]
    here = Fact(2, "room.checked_in", {"seat": "e1"})
    ballot = Fact(4, "room.ballot_cast", {"seat": "e1", "round": 1, "choice": "e2"})
    other = Fact(3, "room.checked_in", {"seat": "e2"})
    rows = {("e1", "a"): 2, ("e2", "c"): 3, ("e1", "b"): 5}

    def found(facts: list[Fact], rows: dict[tuple[str, str], int]) -> tuple[int, int]:
        return len(broken(heard, facts, rows)), len(doubled(facts))

    again = Fact(6, "room.checked_in", {"seat": "e1"})
    assert found([here, other, ballot], rows) == (0, 0)
    assert found([here, other], rows) == (1, 0)  # the entry is gone
    assert found([here, other, ballot], {("e1", "a"): 2, ("e2", "c"): 3}) == (1, 0)  # its id is
    assert found([here, other, ballot], rows | {("e1", "x"): 4}) == (1, 0)  # another id made it
    assert found([here, other, ballot, again], rows) == (1, 1)  # made twice
    twice = Fact(7, "room.checked_in", {"seat": "e2"})
    assert found([here, other, ballot, twice], rows) == (0, 1)  # nobody was told, and yet twice
    second = Fact(8, "room.ballot_cast", {"seat": "e1", "round": 2, "choice": "e2"})
    assert found([here, other, ballot, second], rows) == (0, 0)  # another round is another act
