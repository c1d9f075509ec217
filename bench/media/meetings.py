"""Whole meetings, engine by engine, in turns: what a room costs."""

import statistics
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench.media import lineup
from bench.media.engines import Engine
from bench.media.room import SETTLE, Room, Usage
from bench.row import Row

ROUNDS: Final = 3
SECONDS: Final = 20.0
RELAY_ROUNDS: Final = 2
RELAY_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Cost:
    """A line of the second table: medians over the rounds of one engine."""

    engine: str
    people: int
    cpu_per_room_minute: float
    us_per_packet: float
    fps: float
    fps_sent: float
    concealed: float
    memory_mb: float

    def as_object(self) -> dict[str, object]:
        """As `media-latest.json` holds it."""
        return asdict(self)


async def five(room: Room) -> tuple[list[Row], list[Cost]]:
    """Five people: ours with and without recording, and Janus in both ways, recording."""
    with tempfile.TemporaryDirectory() as folder:
        recording, plain, tuned, default = await _in_turns(
            room,
            5,
            ROUNDS,
            SECONDS,
            [
                lambda: lineup.ours(Path(folder)),
                lambda: lineup.ours(None),
                lineup.janus_tuned,
                lineup.janus_default,
            ],
        )
    rows = [
        _ratio("media.vs_janus_tuned", recording, tuned, "<= 1.25"),
        _ratio("media.vs_janus_default", recording, default, "<= 0.75"),
        _ratio("media.recording_cost", recording, plain, "<= 1.12"),
    ]
    return rows, [recording, plain, tuned, default]


async def three(room: Room) -> tuple[list[Row], list[Cost]]:
    """Three people, as many as MediaRelay can carry: ours and MediaRelay, neither recording."""
    plain, relay = await _in_turns(
        room, 3, RELAY_ROUNDS, RELAY_SECONDS, [lambda: lineup.ours(None), lineup.relay]
    )
    return [_ratio("media.vs_relay", relay, plain, ">= 18")], [plain, relay]


async def _in_turns(
    room: Room, people: int, rounds: int, seconds: float, engines: list[Callable[[], Engine]]
) -> list[Cost]:
    found: list[list[Usage]] = [[] for _ in engines]
    names = [""] * len(engines)
    for _ in range(rounds):
        for place, make in enumerate(engines):
            engine = make()
            names[place] = engine.name
            found[place].append(await meeting(room, engine, people, seconds))
    return [_cost(name, people, one) for name, one in zip(names, found, strict=True)]


async def meeting(
    room: Room, engine: Engine, people: int, seconds: float, settle: float = SETTLE
) -> Usage:
    """One meeting on an engine that is started for it and ended after it."""
    await engine.start()
    async with AsyncExitStack() as last:
        last.push_async_callback(engine.stop)
        last.push_async_callback(room.run, "leave")
        await room.meet(engine, people)
        return await room.measured(engine, seconds, settle)


def _cost(engine: str, people: int, found: list[Usage]) -> Cost:
    def median(what: Callable[[Usage], float]) -> float:
        return round(statistics.median(what(one) for one in found), 2)

    return Cost(
        engine,
        people,
        median(lambda one: one.cpu_per_room_minute),
        median(lambda one: one.us_per_packet),
        median(lambda one: one.fps),
        median(lambda one: one.fps_sent),
        median(lambda one: one.concealed),
        median(lambda one: one.memory_mb),
    )


def _ratio(name: str, one: Cost, other: Cost, goal: str) -> Row:
    value = round(one.cpu_per_room_minute / other.cpu_per_room_minute, 2)
    note = f"{one.cpu_per_room_minute} against {other.cpu_per_room_minute} CPU-s a room-minute"
    return Row(name, value, "x", goal, note)
