"""One websocket: hello, resume, a reading and a writing loop. PROTOCOL.md, section 1.

The gateway only translates. Whatever it does not understand changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, cast

from anyio import create_task_group, fail_after
from anyio.to_thread import run_sync
from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocketDisconnect, WebSocketState

from evaluation_room import errors
from evaluation_room import messages as wire
from evaluation_room.core import view_fold
from evaluation_room.core.errors import SeatIsVoid
from evaluation_room.core.shown import Shown
from evaluation_room.core.views import Viewer, ViewerRole
from evaluation_room.hub import Listener, News, Signal
from evaluation_room.media_desk import MediaDesk
from evaluation_room.media_errors import NoMedia
from evaluation_room.media_errors import OpenedElsewhere as MediaElsewhere
from evaluation_room.media_messages import ClientMediaFrame, MediaJoin, ServerMediaFrame
from evaluation_room.media_stays import Stay
from evaluation_room.service import RoomService
from foundation.auth.accounts import Accounts
from foundation.auth.errors import TicketUnknown
from foundation.auth.guards import public
from foundation.auth.principal import Principal
from foundation.auth.roles import Permission
from foundation.errors import ServiceError

HELLO_SECONDS: Final = 5.0
HEARTBEAT_SECONDS: Final = 20
SILENCE_SECONDS: Final = 3 * HEARTBEAT_SECONDS
LIVENESS_SECONDS: Final = 2.0
MAX_FRAME_CHARACTERS: Final = 4 * 2**20

CLOSE: Final = {
    "room.no_hello": 4400,
    "room.ticket_refused": 4401,
    "room.sign_in_ended": 4401,
    "room.no_place": 4403,
    "room.not_permitted": 4403,
    "room.not_your_room": 4403,
    "room.seat_is_void": 4403,
    "room.unknown_evaluation": 4404,
    "room.silent": 4408,
    "room.too_slow": 4429,
}

OVER: Final = frozenset({4401, 4403})
"""Ends after which nobody may be heard for another moment either."""

Loop = Callable[[], Awaitable[None]]

router = APIRouter()


@router.websocket(
    "/ws/room", dependencies=[public("the first frame carries a one-use ticket of a sign-in")]
)
async def room_socket(socket: WebSocket) -> None:
    """The room's one socket."""
    await socket.accept()
    conversation = Conversation(socket)
    try:
        await conversation.run()
    except ServiceError as refusal:
        await conversation.bye(refusal)
    except (WebSocketDisconnect, RuntimeError):
        # The other side is gone; what it asked for is a fact or is not.
        return


class Conversation:
    """One socket from hello to bye."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._rooms = cast(RoomService, socket.app.state.rooms)
        self._accounts = cast(Accounts, socket.app.state.accounts)
        self._media = cast(MediaDesk | None, getattr(socket.app.state, "media", None))
        self._stay: Stay | None = None
        self._sending = asyncio.Lock()
        self._viewer = Viewer(ViewerRole.CLERK)
        self._who: Principal
        self._hello: wire.Hello
        self._listener: Listener
        self._held = 0

    async def run(self) -> None:
        """Hello, then read and write until one of the two ends."""
        self._hello = await self._read_hello()
        self._who = await self._redeem(self._hello.ticket)
        if not self._who.may(Permission.ROOM_ENTER):
            raise errors.NoPlace
        evaluation_id = self._hello.evaluation_id
        self._viewer = await run_sync(self._rooms.viewer, evaluation_id, self._who)
        self._listener = Listener(
            evaluation_id, self._viewer, self._who.sign_in_id, asyncio.get_running_loop()
        )
        stream = await run_sync(self._rooms.hub.attach, self._listener)
        try:
            await self._welcome(stream)
            await self._converse()
        except ServiceError as end:
            if self._media is not None and self._stay is not None and CLOSE.get(end.code) in OVER:
                await self._media.leave(self._stay, "sign_in_ended")
            raise
        finally:
            # No await may be lost to a cancelled task here: the seat must not stay "online".
            self._rooms.hub.detach(self._listener)
            if self._media is not None and self._stay is not None:
                self._media.cut(self._stay)

    async def bye(self, refusal: ServiceError) -> None:
        """Say why, then close."""
        if self._socket.application_state is WebSocketState.CONNECTED:
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._send(wire.Bye(error=fault(refusal)))
                await self._socket.close(CLOSE.get(refusal.code, 4403))

    async def _converse(self) -> None:
        """Read, write and watch side by side; the first to end ends all."""
        ends: list[Exception] = []

        async def to_its_end(loop: Loop) -> None:
            try:
                await loop()
            except (ServiceError, WebSocketDisconnect, RuntimeError) as end:
                ends.append(end)
                group.cancel_scope.cancel()

        async with create_task_group() as group:
            for loop in (self._read, self._write, self._stay_live, self._not_too_slow):
                group.start_soon(to_its_end, loop)
        raise ends[0]

    async def _read_hello(self) -> wire.Hello:
        try:
            with fail_after(HELLO_SECONDS):
                frame = wire.CLIENT.validate_json(await self._receive())
        except (TimeoutError, ValidationError) as bad:
            raise errors.NoHello from bad
        if not isinstance(frame, wire.Hello):
            raise errors.NoHello
        return frame

    async def _redeem(self, ticket: str) -> Principal:
        try:
            return await run_sync(self._accounts.redeem_ticket, ticket, "room")
        except TicketUnknown as refused:
            raise errors.TicketRefused from refused

    async def _welcome(self, stream: list[Shown]) -> None:
        name = self._viewer.stream(self._hello.evaluation_id)
        since = self._hello.since
        resumed = since is not None and since.stream == name and since.seq <= len(stream)
        await self._send(
            wire.Welcome(
                viewer=wire.Viewer(role=self._viewer.role.value, seat=self._viewer.seat),
                stream=name,
                now=self._now(),
                heartbeat_seconds=HEARTBEAT_SECONDS,
                resumed=resumed,
            )
        )
        if since is not None and resumed:
            for event in stream[since.seq :]:
                await self._tell(event)
        else:
            await self._send(wire.Snapshot(seq=len(stream), view=view_fold.fold(stream)))
        self._held = len(stream)
        await self._send_draft()
        await run_sync(self._rooms.load_progress, self._hello.evaluation_id)
        await self._send_presence()

    async def _read(self) -> None:
        """Frames from the client, one after another; a bad one changes nothing."""
        while True:
            try:
                with fail_after(SILENCE_SECONDS):
                    text = await self._receive()
            except TimeoutError as quiet:
                raise errors.Silent from quiet
            try:
                frame = wire.CLIENT.validate_json(text)
            except ValidationError:
                trouble = wire.Trouble(id=command_id(text), error=fault(errors.BadMessage()))
                await self._send(trouble)
                continue
            match frame:
                case wire.Ping():
                    await self._send(wire.Pong(now=self._now()))
                case wire.Do():
                    await self._do(frame)
                case wire.Hello():
                    await self._send(wire.Trouble(error=fault(errors.BadMessage())))
                case _:
                    await self._do_media(frame)

    async def _do_media(self, frame: ClientMediaFrame) -> None:
        """A frame about sound and picture; a refusal changes nothing and ends nothing."""
        try:
            if self._media is None:
                raise NoMedia
            if not self._listener.speaks:
                raise MediaElsewhere
            if isinstance(frame, MediaJoin):
                await self._join_media(self._media)
            elif self._stay is not None:
                await self._media.take(self._stay, frame)
        except ServiceError as refusal:
            await self._send(wire.Trouble(error=fault(refusal)))

    async def _join_media(self, media: MediaDesk) -> None:
        if not await run_sync(self._accounts.is_live, self._who):
            raise errors.SignInEnded
        account = self._who.account_id
        key = (await run_sync(self._accounts.get, account)).public_key
        self._stay = await media.join(
            self._hello.evaluation_id, self._viewer, str(account), key, self._tell_media
        )

    def _tell_media(self, frame: ServerMediaFrame | ServiceError) -> None:
        """From the desk, on this loop: out with the other news, in order."""
        if isinstance(frame, ServiceError):
            self._listener.tell(wire.Trouble(error=fault(frame)))
        else:
            self._listener.tell(frame)

    async def _do(self, frame: wire.Do) -> None:
        """Every command asks again whether the sign-in lives and this tab speaks."""
        if not await run_sync(self._accounts.is_live, self._who):
            raise errors.SignInEnded
        if not self._listener.speaks:
            await self._send(wire.Refused(id=frame.id, error=fault(errors.OpenedElsewhere())))
            return
        try:
            await run_sync(
                self._rooms.handle,
                self._hello.evaluation_id,
                self._who,
                frame.command,
                frame.id,
            )
        except ServiceError as refusal:
            await self._send(wire.Refused(id=frame.id, error=fault(refusal)))
            return
        # The hub has handed over the command's events already: they go out before `done`.
        await self._drain()
        if frame.command.type == "room.save_draft":
            await self._send_draft()
        await self._send(wire.Done(id=frame.id, seq=self._held))

    async def _write(self) -> None:
        while True:
            news = await self._listener.queue.get()
            async with self._sending:
                await self._pass_on(news)

    async def _drain(self) -> None:
        await asyncio.sleep(0)
        async with self._sending:
            while not self._listener.queue.empty():
                await self._pass_on(self._listener.queue.get_nowait())

    async def _pass_on(self, news: News) -> None:
        """One piece of news; called with the sending lock held."""
        match news:
            case Shown():
                self._held = news.seq
                await self._put(wire.Event(**_fields(news)))
            case Signal.PRESENCE:
                await self._put(self._presence())
            case Signal.ELSEWHERE:
                await self._put(wire.Trouble(error=fault(errors.OpenedElsewhere())))
            case Signal.SIGN_IN_ENDED:
                raise errors.SignInEnded
            case Signal.SEAT_IS_VOID:
                raise SeatIsVoid
            case Signal.HANDED_OVER:
                raise errors.NotYourRoom
            case BaseModel():
                await self._put(news)

    async def _stay_live(self) -> None:
        """Closes within seconds even when nobody told us that the sign-in ended."""
        while True:
            await asyncio.sleep(LIVENESS_SECONDS)
            if not await run_sync(self._accounts.is_live, self._who):
                raise errors.SignInEnded

    async def _not_too_slow(self) -> None:
        await self._listener.too_slow.wait()
        raise errors.TooSlow

    async def _receive(self) -> str:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1006)
        text: str = message.get("text") or ""  # a binary frame is no message of ours
        if len(text) > MAX_FRAME_CHARACTERS:
            raise errors.BadMessage
        return text

    async def _tell(self, event: Shown) -> None:
        await self._send(wire.Event(**_fields(event)))

    async def _send_draft(self) -> None:
        seat_id = self._viewer.seat
        seat = self._rooms.hub.room(self._hello.evaluation_id).seat(seat_id) if seat_id else None
        if seat_id is None or (seat is not None and seat.sealed is not None):
            return
        revision, text, at = await run_sync(self._rooms.draft, self._hello.evaluation_id, seat_id)
        await self._send(wire.Draft(revision=revision, draft=text, saved_at=at))

    async def _send_presence(self) -> None:
        await self._send(self._presence())

    def _presence(self) -> wire.Presence:
        hub, evaluation_id = self._rooms.hub, self._hello.evaluation_id
        known = hub.progress(evaluation_id, self._viewer)
        return wire.Presence(
            online=hub.online(evaluation_id),
            progress=tuple(
                wire.Progress(seat=seat, done=done, of=of)
                for seat, (done, of) in sorted(known.items())
            ),
        )

    async def _send(self, frame: BaseModel) -> None:
        async with self._sending:
            await self._put(frame)

    async def _put(self, frame: BaseModel) -> None:
        await self._socket.send_text(frame.model_dump_json())

    def _now(self) -> datetime:
        return self._rooms.books.clock.now()


def command_id(text: str) -> str | None:
    """The id of a command whose frame is not of the protocol otherwise, or None."""
    try:
        return wire.Named.model_validate_json(text).id
    except ValidationError:
        return None


def fault(refusal: ServiceError) -> wire.Fault:
    """A refusal on the wire."""
    return wire.Fault(code=refusal.code, rule=refusal.rule, facts=refusal.facts)


def _fields(event: Shown) -> dict[str, Any]:
    return {"seq": event.seq, "at": event.at, "index": event.index, "event": event.event}
