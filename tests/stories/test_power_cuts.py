"""The server is killed before and after each of the story's first sixty appends.

Each time it is started again, and the story goes on to its end: a sealed draw with one
decline and its step, an evaluation by five members, a signed report, a published bundle
that verifies, a ledger without a gap. Nothing acknowledged is lost; no step runs twice.
"""

import asyncio
import json
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2 as httpx
import pytest

from app.demo.play import Play, Players
from evaluation_room.core import commands
from evaluation_room.core.values import Phase
from tests.stories.office import Person, prepare, request_body, until
from tests.stories.server import ROOT, Server, command

APPENDS = 60
WINDOW_SECONDS = 150
END_SECONDS = 500
PASSPHRASE = "a passphrase of the story"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("first", range(0, APPENDS, 20))
def test_the_story_ends_well_although_the_server_is_killed(tmp_path: Path, first: int) -> None:
    with story(tmp_path, first, first + 19) as server:
        draw_id, evaluation_id = live_through(server, f"cut-{first}")
        accepted, sealed = acknowledged(server, evaluation_id)
        bundle = server.home.parent / "BUNDLE.json"
        bundle.write_bytes(published(server, draw_id))
        server.stop()

    assert "passed" in command("verify", "--test", str(bundle), "--lang", "en")
    command("ledger", "verify", home=server.home)
    assert accepted == 5
    assert len(sealed) == 5
    nothing_ran_twice(server.home / "main.db")
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
    holders: list[subprocess.Popen[bytes]] = []
    with server:
        administrator = Person(server.url, "administrator").sign_in()
        for party, witness in (("centre", ""), ("supervisor", "story.example/w")):
            register(administrator, folder, party, witness)
        base = administrator.get("/api/meta")["checkpoint"]["size"]
    (folder / "base").write_text(str(base))
    cuts = (str(base + first), str(base + last), str(folder / "cuts"))
    server.program = (sys.executable, "-m", "tests.stories.crashing", *cuts)
    server.start()
    try:
        for party in ("centre", "supervisor"):
            holders.append(run_holder(server, folder, party))
        yield server
    finally:
        for holder in holders:
            holder.terminate()
            holder.wait(20)
        server.stop()


def register(administrator: Person, folder: Path, party: str, witness: str) -> None:
    """Make a holder's file and register its key."""
    secret = folder / "passphrase"
    secret.write_text(PASSPHRASE)
    printed = command(
        "holder", "init", "--party", party, "--home", str(folder), "--passphrase-file", str(secret)
    )
    key = next(word for word in printed.split() if len(word) == 64)
    body = {"party": party, "body": f"{party} (story)", "home": "own", "key": key}
    administrator.post("/api/holders", body | ({"witness_name": witness} if witness else {}))


def run_holder(server: Server, folder: Path, party: str) -> subprocess.Popen[bytes]:
    """The holder's program, unattended."""
    with (folder / f"{party}.log").open("ab") as log:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "app.cli", "holder", "run", "--server", server.url),
                *("--file", str(folder / f"{party}.holder")),
                *("--passphrase-file", str(folder / "passphrase"), "--approve", "auto"),
            ],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def live_through(server: Server, key: str) -> tuple[str, str]:
    """Everything that people do, from the request to the closed room."""
    applicant = Person(server.url, "applicant").sign_in()
    clerk = Person(server.url, "clerk").sign_in()
    body = request_body(key, draw_in=2, closes_in=WINDOW_SECONDS)
    draw_id = applicant.post("/api/draws", body)["id"]

    def state(*wanted: str) -> bool:
        return applicant.get(f"/api/draws/{draw_id}")["state"] in wanted

    until(lambda: state("inviting", "sealed"), END_SECONDS, "invitations")
    decline_one(server)
    stop = threading.Event()
    players = threading.Thread(target=play_experts, args=(server, stop), daemon=True)
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
    return draw_id, evaluation_id


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


def play_experts(server: Server, stop: threading.Event) -> None:
    """The other members play themselves; when the server is away they try again."""

    async def forever() -> None:
        play = Play(server.url, leave=0, pace=0.05)
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
            players = Players(play, http)
            while not stop.is_set():
                with suppress(httpx.TransportError, httpx.HTTPStatusError):
                    await players.round()
                await asyncio.sleep(0.5)

    asyncio.run(forever())


def acknowledged(server: Server, evaluation_id: str) -> tuple[int, set[str]]:
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
