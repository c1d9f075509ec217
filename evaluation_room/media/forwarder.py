"""The project's own forwarding unit: rooms of people, each an up and a down connection."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiortc import RTCCertificate

from evaluation_room.core.media_rules import LOW, Kind, Terms, Track
from evaluation_room.media import hooks
from evaluation_room.media.down import Down, wants_of
from evaluation_room.media.engine import Answer, Archive, PersonEvents, PersonStats, Want
from evaluation_room.media.link import Net
from evaluation_room.media.source import Source
from evaluation_room.media.up import Up

REPORT_SECONDS: Final = 1.0
POOR_LOSS: Final = 0.10
POOR_REPORTS: Final = 3
GOOD_REPORTS: Final = 10
QUIET_SECONDS: Final = 3.0
_LOWS: Final = frozenset(LOW.values())


@dataclass(eq=False)
class _Person:
    """One stay. `step` is how far down the ladder a poor line has brought them: 0 as wished,
    1 low layers, 2 sound only.
    """

    room: str
    who: str
    events: PersonEvents
    up: Up
    down: Down
    wants: tuple[Want, ...] = ()
    step: int = 0
    poor: int = 0
    good: int = 0
    wanted: frozenset[Track] = frozenset()
    timer: asyncio.TimerHandle | None = None


@dataclass
class _Room:
    people: dict[str, _Person] = field(default_factory=dict)
    sources: dict[Want, Source] = field(default_factory=dict)


class Forwarder:
    """Implements `MediaEngine` in one event loop.

    Args:
        net: addresses and ports; nothing outside them is ever contacted.

    Raises:
        HooksUnfit: a library is not the one the hooks were written for.
    """

    def __init__(self, net: Net) -> None:
        hooks.install()
        self._net = net
        self._certificate = RTCCertificate.generateCertificate()
        self._rooms: dict[str, _Room] = {}
        self._archive: Archive | None = None
        self._next_port = 0

    async def join(self, room: str, who: str, terms: Sequence[Terms], events: PersonEvents) -> None:
        """See `MediaEngine.join`."""
        while room in self._rooms and who in self._rooms[room].people:
            await self.leave(room, who)  # somebody else may come while we wait
        loop = asyncio.get_running_loop()
        up = Up(
            *(room, who, {one.track: one for one in terms}, events),
            loop=loop,
            archive=self._archive,
            began=self._began,
            ended=self._ended,
        )
        down = Down(events, self._spread(), self._certificate, loop)
        person = _Person(room, who, events, up, down)
        self._rooms.setdefault(room, _Room()).people[who] = person
        self._tick_later(person, loop, secrets.randbelow(1000) / 1000)

    async def publish(self, room: str, who: str, sdp: str, tracks: Mapping[str, Track]) -> Answer:
        """See `MediaEngine.publish`."""
        person = self._person(room, who)
        return await person.up.answer(sdp, tracks, self._spread(), self._certificate)

    async def answered(self, room: str, who: str, number: int, sdp: str) -> None:
        """See `MediaEngine.answered`."""
        await self._person(room, who).down.answered(number, sdp)

    def subscribe(self, room: str, who: str, wants: Sequence[Want]) -> None:
        """See `MediaEngine.subscribe`."""
        here = self._rooms.get(room)
        person = here.people.get(who) if here is not None else None
        if person is not None and person.wants != tuple(wants):
            person.wants = tuple(wants)
            self._feed(person)
            self._tell_wanted(room)

    def keyframe(self, room: str, who: str, track: Track) -> None:
        """See `MediaEngine.keyframe`."""
        source = self._rooms[room].sources.get(Want(who, track)) if room in self._rooms else None
        if source is not None:
            source.want_keyframe(asyncio.get_running_loop().time())

    def record(self, archive: Archive) -> None:
        """See `MediaEngine.record`."""
        self._archive = archive

    def stats(self, room: str) -> Mapping[str, PersonStats]:
        """See `MediaEngine.stats`."""
        now = asyncio.get_running_loop().time()
        people = self._rooms[room].people if room in self._rooms else {}
        return {who: _stats(person, now) for who, person in people.items()}

    async def leave(self, room: str, who: str) -> None:
        """See `MediaEngine.leave`."""
        here = self._rooms.get(room)
        person = here.people.pop(who, None) if here is not None else None
        if here is None or person is None:
            return
        if person.timer is not None:
            person.timer.cancel()
        await person.up.close("left")
        await person.down.close()
        self._tell_wanted(room)
        if not here.people:
            self._rooms.pop(room, None)

    async def drain(self) -> None:
        """See `MediaEngine.drain`."""
        for room, here in list(self._rooms.items()):
            for who in list(here.people):
                await self.leave(room, who)

    def _person(self, room: str, who: str) -> _Person:
        return self._rooms[room].people[who]

    def _spread(self) -> Net:
        """The ports from another place each time, so that a free one is found at once."""
        ports = self._net.ports
        if len(ports) < 2:
            return self._net
        self._next_port = (self._next_port + 1) % len(ports)
        turned = [*ports[self._next_port :], *ports[: self._next_port]]
        return Net(self._net.addresses, turned, self._net.announce)

    def _began(self, source: Source) -> None:
        publication = source.publication
        here = self._rooms.get(publication.room)
        if here is None or publication.who not in here.people:
            return
        here.sources[Want(publication.who, publication.track)] = source
        self._feed_all(here)

    def _ended(self, source: Source) -> None:
        publication = source.publication
        here = self._rooms.get(publication.room)
        if here is None:
            return
        want = Want(publication.who, publication.track)
        if here.sources.get(want) is source:
            del here.sources[want]
        self._feed_all(here)

    def _feed_all(self, here: _Room) -> None:
        for person in here.people.values():
            self._feed(person)

    def _feed(self, person: _Person) -> None:
        wants = person.wants
        if person.step:
            wants = tuple(_lowered(one, person.step) for one in wants if _stays(one, person.step))
        person.down.feed(wants_of(wants, self._rooms[person.room].sources))

    def _tell_wanted(self, room: str) -> None:
        """Low layers are encoded while somebody looks at them."""
        here = self._rooms.get(room)
        if here is None:
            return
        asked: dict[str, set[Track]] = {}
        for person in here.people.values():
            for want in person.wants:
                low = LOW.get(want.track, want.track) if person.step == 1 else want.track
                if low in _LOWS:
                    asked.setdefault(want.who, set()).add(low)
        for person in here.people.values():
            tracks = frozenset(asked.get(person.who, ()))
            if tracks != person.wanted:
                person.wanted = tracks
                person.events.wanted(tracks)

    def _tick_later(self, person: _Person, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        person.timer = loop.call_later(seconds, self._tick, person, loop)

    def _tick(self, person: _Person, loop: asyncio.AbstractEventLoop) -> None:
        """Once a second, each person at another moment: reports, and the ladder of a poor line."""
        now = loop.time()
        self._tick_later(person, loop, REPORT_SECONDS)
        person.up.report(now)
        person.down.report(now)
        for source in person.up.sources:
            source.rtt = person.down.rtt or 0.0
        if person.down.loss > POOR_LOSS:
            person.poor, person.good = person.poor + 1, 0
        else:
            person.poor, person.good = 0, person.good + (person.down.loss < POOR_LOSS / 4)
        step = person.step
        if person.poor >= POOR_REPORTS and step < 2:
            person.step, person.poor = step + 1, 0
        elif person.good >= GOOD_REPORTS and step > 0:
            person.step, person.good = step - 1, 0
        if person.step != step:
            self._feed(person)
            self._tell_wanted(person.room)


def _stays(want: Want, step: int) -> bool:
    """Whether something is still sent on a step of the ladder."""
    return step < 2 or want.track in {Track.MIC, Track.VOICE}


def _lowered(want: Want, step: int) -> Want:
    return Want(want.who, LOW.get(want.track, want.track)) if step else want


def _stats(person: _Person, now: float) -> PersonStats:
    up = tuple(source.stats(now) for source in person.up.sources)
    links = [one.link for one in (person.up, person.down) if one.link is not None]
    rtt = person.down.rtt
    return PersonStats(
        who=person.who,
        up=up,
        down_loss=person.down.loss,
        rtt_ms=None if rtt is None else rtt * 1000,
        quality=_quality(person, now),
        dropped=person.up.dropped + sum(one.dropped for one in links),
    )


def _quality(person: _Person, now: float) -> int | None:
    """0 nothing … 4 good: the worse of what comes and what arrives; None when nothing is sent."""
    up = [source.stats(now) for source in person.up.sources]
    if not up:
        return None
    if all(one.quiet_seconds > QUIET_SECONDS for one in up):
        return 0
    loss = max(person.down.loss, *(one.loss for one in up))
    jitter = max((one.jitter_ms for one in up if one.publication.kind is Kind.AUDIO), default=0.0)
    steps = sum(loss > limit for limit in (0.02, 0.05, 0.12)) + (jitter > 60)
    return max(1, 4 - steps)
