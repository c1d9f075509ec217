"""What the service said was done, held against what its log holds afterwards.

`Ear` notes every command that a socket sent and every `done` that came back. `broken` and
`doubled` are pure: they take what was noted and what the log holds, and name what is wrong.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection

from evaluation_room import messages as wire
from evaluation_room.core import commands
from evaluation_room.core.phases import STEPS

Facts = Mapping[str, Any]

MAKES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "room.check_in": ("room.checked_in", ()),
    "room.sign_undertaking": ("room.undertaking_signed", ("text_sha256",)),
    "room.declare_recusal": ("room.recusal_declared", ()),
    "room.vote": ("room.ballot_cast", ("round", "choice")),
    "room.submit_sheet": ("room.sheet_sealed", ("commitment",)),
    "room.amend_score": ("room.score_amended", ("bidder", "criterion")),
    "room.explain_score": ("room.score_explained", ("bidder", "criterion")),
    "room.sign_report": ("room.report_signed", ("report_sha256",)),
    "room.advance": ("room.phase_entered", ()),
}
"""Command -> the fact it makes, and the members of the two that must agree."""

AGAIN: Final = frozenset({"room.results_computed"})
"""Facts that may come again: figures are computed anew after each answer."""


@dataclass(frozen=True)
class Acknowledged:
    """A command that a client was told is done. `seat` is "" for the clerk."""

    id: str
    seat: str
    command: commands.Command

    def made(self, fact: "Fact") -> bool:
        """Whether this is the fact that the command makes."""
        type_, members = MAKES[self.command.type]
        wanted = {name: getattr(self.command, name) for name in members}
        if isinstance(self.command, commands.Advance):
            wanted["phase"] = STEPS[self.command.leaving].to.value
        elif self.seat:
            wanted["seat"] = self.seat
        return fact.type == type_ and all(fact.body.get(k) == v for k, v in wanted.items())


@dataclass(frozen=True)
class Fact:
    """An entry of the room's stream."""

    seq: int
    type: str
    body: Facts

    @property
    def act(self) -> tuple[Any, ...]:
        """What may stand in the log once: the act, whose it is, in which round, of what."""
        of = ("seat", "round", "phase", "bidder", "criterion")
        document = self.body.get("document", {})
        filed = tuple(document.get(name) for name in ("kind", "bidder_id", "sha256"))
        return (self.type, *(self.body.get(name) for name in of), *filed)


@dataclass
class Ear:
    """Every socket's commands and the acknowledgements of them."""

    heard: list[Acknowledged] = field(default_factory=list)

    def at(self, socket: ClientConnection) -> "Overheard":
        """The same socket, overheard."""
        return Overheard(socket, self)


class Overheard:
    """A member's socket that somebody listens to."""

    def __init__(self, socket: ClientConnection, ear: Ear) -> None:
        self._socket = socket
        self._ear = ear
        self._seat = ""
        self._said: dict[str, commands.Command] = {}

    async def send(self, text: str) -> None:
        """Pass a frame on and keep the command in it."""
        frame = wire.CLIENT.validate_json(text)
        if isinstance(frame, wire.Do):
            self._said[frame.id] = frame.command
        await self._socket.send(text)

    async def recv(self) -> str | bytes:
        """Pass a frame on; note what was done."""
        text = await self._socket.recv()
        frame = wire.SERVER.validate_json(text)
        if isinstance(frame, wire.Welcome):
            self._seat = frame.viewer.seat or ""
        if isinstance(frame, wire.Done):
            self._ear.heard.append(Acknowledged(frame.id, self._seat, self._said[frame.id]))
        return text


def log_of(database: Path, evaluation_id: str) -> tuple[list[Fact], dict[tuple[str, str], int]]:
    """The facts of a room, and (seat or "", command id) -> seq, from a stopped server's file."""
    with sqlite3.connect(database) as raw:
        entries = raw.execute(
            "SELECT seq, type, body FROM ledger_leaf JOIN ledger_payload USING (number)"
            " WHERE stream = ? ORDER BY seq",
            (f"evaluation/{evaluation_id}",),
        ).fetchall()
        rows = raw.execute(
            "SELECT actor, command_id, seq FROM evaluation_command WHERE evaluation_id = ?",
            (evaluation_id,),
        ).fetchall()
    facts = [Fact(seq, type_, json.loads(body)) for seq, type_, body in entries]
    # an office is an account, which no client of a test knows by its seat
    seats = {str(fact.body["seat"]) for fact in facts if "seat" in fact.body}
    return facts, {(who if who in seats else "", id_): seq for who, id_, seq in rows}


def broken(
    heard: Iterable[Acknowledged], facts: Sequence[Fact], rows: Mapping[tuple[str, str], int]
) -> list[str]:
    """Acknowledged commands whose fact is not in the log exactly once, under their own id."""
    found = []
    for one in set_of(heard):
        made = [fact.seq for fact in facts if one.made(fact)]
        row = rows.get((one.seat, one.id))
        # the first command at or after the fact is the one that made it
        by = min((seq for seq in rows.values() if made and seq >= made[0]), default=None)
        if len(made) != 1 or row is None or by != row:
            found.append(f"{one.command.type} {one.seat} {one.id}: facts {made}, row {row}")
    return found


def set_of(heard: Iterable[Acknowledged]) -> list[Acknowledged]:
    """Each command once: a retry is acknowledged again."""
    return list({(one.seat, one.id): one for one in heard}.values())


def doubled(facts: Iterable[Fact]) -> list[tuple[Any, ...]]:
    """Acts that stand in the log more than once."""
    times = Counter(fact.act for fact in facts if fact.type not in AGAIN)
    return [act for act, n in times.items() if n > 1]
