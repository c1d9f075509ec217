"""Who is in a room's media, what each is sent, and which facts that makes.

The desk stands between the room's socket and the engine: it asks `core/media_rules.py` what
may be, tells the engine, and notes what happened. It belongs to the event loop; the two
methods that other threads call say so.
"""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Final

from evaluation_room import media_messages as wire
from evaluation_room.core import media_events as facts
from evaluation_room.core.media_rules import Kind, Scene, Track, may_send
from evaluation_room.core.room import Room
from evaluation_room.core.seen import unseen_seconds
from evaluation_room.core.views import Viewer, ViewerRole
from evaluation_room.hub import Hub
from evaluation_room.media.engine import MediaEngine, Offer, PersonStats, Publication
from evaluation_room.media_book import MediaBook
from evaluation_room.media_errors import ConnectionLost, NoPort, NotOpen, OpenedElsewhere
from evaluation_room.media_stays import (
    Here,
    Policy,
    Recording,
    Send,
    Stay,
    has_place,
    id_of,
    is_watched,
    people,
    ready,
    wants,
)
from foundation.clock import Clock

DARK_NOTICE: Final = timedelta(seconds=5)
"""Neither sound nor picture for so long is a fact."""
GRACE_SECONDS: Final = 10.0
"""A socket that is cut does not end sound and picture at once: it mostly comes back."""
LONGEST_GRACE_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 1.0
TELL_EVERY: Final = 2
"""Looks between two tellings of figures that moved."""


class MediaDesk:
    """Every room's media, for one process.

    Args:
        engine: makes the engine; called once, when the first person joins.
        recording: "on", "trouble" or "off" for a room, as the recorder knows it.
        present: told of an answer to a presence check: evaluation, seat, ask, picture there.
        open_ask: the presence check that a seat has open, and seconds left: shown again on join.
    """

    def __init__(
        self,
        engine: Callable[[], MediaEngine],
        book: MediaBook,
        hub: Hub,
        clock: Clock,
        policy: Policy,
        *,
        recording: Callable[[str], Recording] = lambda _evaluation_id: "off",
        present: Callable[[str, str, str, bool], None] = lambda *_: None,
        open_ask: Callable[[str, str], tuple[str, int] | None] = lambda *_: None,
    ) -> None:
        self._make_engine, self._book, self._hub, self._clock = engine, book, hub, clock
        self._policy = policy
        self._recording, self._present, self._open_ask = recording, present, open_ask
        self._rooms: dict[str, Here] = {}
        self._epochs = itertools.count(secrets.randbelow(1 << 20))
        self._started_at = clock.now()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        hub.on_shown(self.room_moved)

    @cached_property
    def _engine(self) -> MediaEngine:
        return self._make_engine()

    async def join(
        self, evaluation_id: str, viewer: Viewer, account: str, key: str | None, send: Send
    ) -> Stay:
        """Somebody wants to see and hear.

        Args:
            account: whose it is; a later stay of the same account ends this one.
            key: public key of the account, noted of a supervisor who watches.

        Raises:
            NotOpen: no media in this phase. NoPort.
        """
        self._wake()
        room = self._hub.room(evaluation_id)
        scene = self._scene(room)
        if not scene.is_on or not has_place(room, viewer):
            raise NotOpen
        here = self._rooms.setdefault(evaluation_id, Here())
        stay = Stay(evaluation_id, viewer, id_of(viewer, account), next(self._epochs), send)
        joined = facts.Joined(
            who=stay.who,
            session=stay.session,
            key=key if viewer.role is ViewerRole.SUPERVISOR else None,
        )
        told = self._book.note(evaluation_id, joined)
        if viewer.role is ViewerRole.SUPERVISOR:
            await asyncio.wrap_future(told)  # nobody watches before the ledger says so
        await self._engine.join(
            evaluation_id, stay.id, may_send(viewer.role, self._policy.mask), _Ear(self, stay)
        )
        self._take_over(here, stay)
        stay.send(ready(stay, self._policy))
        if viewer.seat and (asked := self._open_ask(evaluation_id, viewer.seat)) is not None:
            stay.send(wire.MediaAskPresent(ask=asked[0], seconds=asked[1]))
        self._refresh(evaluation_id)
        return stay

    def _take_over(self, here: Here, stay: Stay) -> None:
        """From now on this is the person's stay; two that join at once are told apart here."""
        older = here.stays.get(stay.id)
        if older is not None:
            if older.send is not stay.send:
                older.send(OpenedElsewhere())
            self._note_left(older, "opened_elsewhere")
        here.stays[stay.id] = stay

    async def take(self, stay: Stay, frame: wire.ClientMediaFrame) -> None:
        """A frame of somebody who has joined; one of another epoch is passed over.

        Raises:
            BadOffer, NoPort: the frame changed nothing.
        """
        if isinstance(frame, wire.MediaPresent):
            self._answer_presence(stay, frame.ask)
            return
        if isinstance(frame, wire.MediaJoin) or frame.epoch != stay.epoch or self._is_over(stay):
            return
        match frame:
            case wire.MediaPublish():
                await self._publish(stay, frame)
            case wire.MediaAnswer():
                await self._engine.answered(stay.evaluation_id, stay.id, frame.offer, frame.sdp)
            case wire.MediaView():
                stay.tiles = frame.tiles
                self._subscribe(stay)
            case wire.MediaMute():
                self._mute(stay, frame)
            case wire.MediaLeave():
                await self.leave(stay, "left")

    def cut(self, stay: Stay) -> None:
        """The socket is gone: give it a moment to come back, and longer while packets come.

        Not for ever: without a socket nobody asks whether the sign-in still lives.
        """
        if not self._is_over(stay) and stay.ending is None:
            loop = asyncio.get_running_loop()
            stay.ending = loop.call_later(
                GRACE_SECONDS, self._after_grace, stay, loop, loop.time() + LONGEST_GRACE_SECONDS
            )

    async def leave(self, stay: Stay, ground: facts.LeftGround) -> None:
        """End a stay; twice is once."""
        if self._is_over(stay):
            return
        del self._rooms[stay.evaluation_id].stays[stay.id]
        await self._engine.leave(stay.evaluation_id, stay.id)
        self._note_left(stay, ground)
        self._refresh(stay.evaluation_id)

    def ask_present(self, evaluation_id: str, seat: str, ask: str, seconds: int) -> None:
        """Show a presence check on a seat's page. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ask_present, evaluation_id, seat, ask, seconds)

    def mark_away(self, evaluation_id: str, seat: str, away: bool) -> None:
        """A seat did not answer a presence check, or has answered the next. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._mark_away, evaluation_id, seat, away)

    def _mark_away(self, evaluation_id: str, seat: str, away: bool) -> None:
        if (here := self._rooms.get(evaluation_id)) is not None:
            (here.away.add if away else here.away.discard)(seat)

    def connected_seats(self) -> dict[str, list[str]]:
        """Evaluation -> its seats that are connected now. From any thread."""
        return {
            evaluation_id: [one.viewer.seat for one in list(here.stays.values()) if one.viewer.seat]
            for evaluation_id, here in list(self._rooms.items())
        }

    def unseen(self, evaluation_id: str, seat: str) -> float:
        """Seconds in which nobody could see or hear a member. From any thread."""
        member = self._hub.room(evaluation_id).seat(seat)
        here = self._rooms.get(evaluation_id)
        return unseen_seconds(
            self._clock.now(),
            member.checked_in_at if member is not None else None,
            here.seen_at.get(seat) if here is not None else None,
            self._started_at,
        )

    def room_moved(self, evaluation_id: str) -> None:
        """The room's facts went on; who sees whom may have changed. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._moved, evaluation_id)

    async def close(self) -> None:
        """End every stay, because the server stops."""
        if self._looking is not None:
            self._looking.cancel()
        for here in list(self._rooms.values()):
            for stay in list(here.stays.values()):
                await self.leave(stay, "server_stopped")
        if "_engine" in self.__dict__:
            await self._engine.drain()

    # what the engine tells

    def published(self, stay: Stay, publication: Publication) -> None:
        """A track's first packet has come."""
        if self._is_over(stay):
            return
        stay.tracks[publication.track] = publication
        self._book.note(
            stay.evaluation_id,
            facts.Published(who=stay.who, track=publication.track, publication=publication.id),
        )
        self._tell_people(stay.evaluation_id)

    def unpublished(self, stay: Stay, publication: Publication, ground: facts.EndGround) -> None:
        """A track ended."""
        track = publication.track
        if stay.tracks.get(track) is publication:
            del stay.tracks[track]
        ended = facts.Unpublished(
            who=stay.who, track=track, publication=publication.id, ground=ground
        )
        self._book.note(stay.evaluation_id, ended)
        self._tell_people(stay.evaluation_id)

    def failed(self, stay: Stay) -> None:
        """The engine lost a connection."""
        if not self._is_over(stay):
            stay.send(ConnectionLost())
            self._end(stay, "connection_lost")

    def flooded(self, stay: Stay, kbps: int) -> None:
        """More came than allowed."""
        self._book.note(stay.evaluation_id, facts.Flooded(who=stay.who, kbps=kbps))

    # inside

    def _wake(self) -> None:
        if self._loop is None or self._looking is None:
            self._loop = asyncio.get_running_loop()
            self._look_later(self._loop)

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looking = loop.call_later(LOOK_SECONDS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Once a second: who can be seen and heard; every other second the figures are told."""
        self._look_later(loop)
        for evaluation_id, here in list(self._rooms.items()):
            if not here.stays and not here.dark and not here.seen_at:
                continue
            stats = self._engine.stats(evaluation_id)
            self._note_dark(evaluation_id, here, stats)
            here.looks += 1
            if here.looks % TELL_EVERY == 0:
                self._tell_people(evaluation_id, stats)

    def _note_dark(self, evaluation_id: str, here: Here, stats: Mapping[str, PersonStats]) -> None:
        now = self._clock.now()
        if not self._scene(self._hub.room(evaluation_id)).is_on:
            here.seen_at.clear()
            here.dark.clear()
            return
        for who, one in stats.items():
            muted = here.stays[who].muted if who in here.stays else set[Track]()
            if any(
                track.quiet_seconds < LOOK_SECONDS * 2 and track.publication.track not in muted
                for track in one.up
            ):
                last = here.seen_at.get(who)
                here.seen_at[who] = now
                if who in here.dark and last is not None:
                    here.dark.discard(who)
                    gone = int((now - last).total_seconds())
                    self._book.note(evaluation_id, facts.CameBack(who=who, seconds=gone))
        for who, last in here.seen_at.items():
            if who not in here.dark and now - last > DARK_NOTICE:
                here.dark.add(who)
                self._book.note(evaluation_id, facts.WentDark(who=who, since=last))

    def _scene(self, room: Room) -> Scene:
        return Scene(
            room.phase, room.paused is not None, room.stopped is not None, self._policy.mask
        )

    def _is_over(self, stay: Stay) -> bool:
        here = self._rooms.get(stay.evaluation_id)
        return here is None or here.stays.get(stay.id) is not stay

    def _end(self, stay: Stay, ground: facts.LeftGround) -> None:
        task = asyncio.ensure_future(self.leave(stay, ground))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _after_grace(self, stay: Stay, loop: asyncio.AbstractEventLoop, until: float) -> None:
        figure = self._engine.stats(stay.evaluation_id).get(stay.id)
        if loop.time() < until and figure is not None and _arrives(figure):
            stay.ending = loop.call_later(LOOK_SECONDS, self._after_grace, stay, loop, until)
        else:
            self._end(stay, "connection_lost")

    def _moved(self, evaluation_id: str) -> None:
        here = self._rooms.get(evaluation_id)
        if here is None:
            return
        room = self._hub.room(evaluation_id)
        is_on = self._scene(room).is_on
        for stay in list(here.stays.values()):
            if not is_on or not has_place(room, stay.viewer):
                stay.send(NotOpen())
                self._end(stay, "room_over")
        self._refresh(evaluation_id)

    def _refresh(self, evaluation_id: str) -> None:
        for stay in self._rooms[evaluation_id].stays.values():
            self._subscribe(stay)
        self._tell_people(evaluation_id)

    async def _publish(self, stay: Stay, frame: wire.MediaPublish) -> None:
        tracks = {one.mid: one.track for one in frame.tracks}
        try:
            answer = await self._engine.publish(stay.evaluation_id, stay.id, frame.sdp, tracks)
        except OSError as full:
            raise NoPort from full
        stay.send(
            wire.MediaPublished(
                epoch=stay.epoch,
                sdp=answer.sdp,
                refused=tuple(
                    wire.RefusedTrack(track=track, code=code)
                    for track, code in answer.refused.items()
                ),
            )
        )

    def _mute(self, stay: Stay, frame: wire.MediaMute) -> None:
        may = {one.track for one in may_send(stay.viewer.role, self._policy.mask)}
        if frame.muted == (frame.track in stay.muted) or frame.track not in may:
            return
        (stay.muted.add if frame.muted else stay.muted.discard)(frame.track)
        made = facts.Muted if frame.muted else facts.Unmuted
        self._book.note(stay.evaluation_id, made(who=stay.who, track=frame.track))
        self._tell_people(stay.evaluation_id)

    def _answer_presence(self, stay: Stay, ask: str) -> None:
        if stay.viewer.seat is None:
            return
        stats = self._engine.stats(stay.evaluation_id).get(stay.id)
        picture = stats is not None and any(
            one.publication.kind is Kind.VIDEO and one.quiet_seconds < LOOK_SECONDS * 2
            for one in stats.up
        )
        self._present(stay.evaluation_id, stay.viewer.seat, ask, picture)

    def _ask_present(self, evaluation_id: str, seat: str, ask: str, seconds: int) -> None:
        here = self._rooms.get(evaluation_id)
        for stay in here.stays.values() if here is not None else ():
            if stay.viewer.seat == seat:
                stay.send(wire.MediaAskPresent(ask=ask, seconds=seconds))

    def _subscribe(self, stay: Stay) -> None:
        if not self._is_over(stay):
            here = self._rooms[stay.evaluation_id]
            scene = self._scene(self._hub.room(stay.evaluation_id))
            wanted = wants(stay, here.stays.values(), scene)
            self._engine.subscribe(stay.evaluation_id, stay.id, wanted)

    def _tell_people(
        self, evaluation_id: str, stats: Mapping[str, PersonStats] | None = None
    ) -> None:
        """Who can be seen and heard, to each as far as it is theirs to know; changes only."""
        here = self._rooms[evaluation_id]
        figures = self._engine.stats(evaluation_id) if stats is None else stats
        scene = self._scene(self._hub.room(evaluation_id))
        for stay in here.stays.values():
            frame = wire.MediaPeople(
                people=people(stay, here, scene, figures),
                watched=self._policy.watching_shown and is_watched(here.stays.values()),
                recording=self._recording(evaluation_id),
            )
            if frame != stay.told:
                stay.told = frame
                stay.send(frame)

    def _note_left(self, stay: Stay, ground: facts.LeftGround) -> None:
        if stay.ending is not None:
            stay.ending.cancel()
        self._book.note(
            stay.evaluation_id, facts.Left(who=stay.who, session=stay.session, ground=ground)
        )


class _Ear:
    """Brings what the engine tells of one stay to the desk and to the page."""

    def __init__(self, desk: MediaDesk, stay: Stay) -> None:
        self._desk, self._stay = desk, stay

    def offer(self, offer: Offer) -> None:
        stay = self._stay
        stay.send(
            wire.MediaOffer(
                epoch=stay.epoch,
                offer=offer.number,
                sdp=offer.sdp,
                slots=tuple(
                    wire.MediaSlot(mid=one.mid, who=one.who.partition(":")[0], track=one.track)
                    for one in offer.slots
                ),
            )
        )

    def published(self, publication: Publication) -> None:
        self._desk.published(self._stay, publication)

    def unpublished(self, publication: Publication, ground: facts.EndGround) -> None:
        self._desk.unpublished(self._stay, publication, ground)

    def wanted(self, tracks: frozenset[Track]) -> None:
        self._stay.send(wire.MediaWanted(epoch=self._stay.epoch, tracks=tuple(sorted(tracks))))

    def failed(self) -> None:
        self._desk.failed(self._stay)

    def flooded(self, kbps: int) -> None:
        self._desk.flooded(self._stay, kbps)


def _arrives(figure: PersonStats) -> bool:
    """Whether packets of a person come just now."""
    return any(one.quiet_seconds < 2 * LOOK_SECONDS for one in figure.up)
